/* tpm_selection.c: PCRs in a configuration's words; see tpm_attester.h. */
#include <string.h>

#include "tpm_attester.h"

static const struct {
    const char *name;
    uint16_t alg;
} banks[] = {{"sha256", TPM_SHA256}, {"sha384", TPM_SHA384}, {"sha512", TPM_SHA512}};

const char *tpm_bank_name(uint16_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(banks); i++)
        if (banks[i].alg == alg)
            return banks[i].name;
    return NULL;
}

/* Takes `sha256:`. */
static const char *take_bank(const char **text, struct tpm_selection *out)
{
    const size_t len = strcspn(*text, ":");

    for (size_t i = 0; i < ARRAY_LEN(banks); i++) {
        if (strlen(banks[i].name) != len || memcmp(*text, banks[i].name, len) != 0 || (*text)[len] != ':')
            continue;
        for (size_t j = 0; j < out->count; j++)
            if (out->banks[j].alg == banks[i].alg)
                return "a bank stands twice";
        out->banks[out->count++] = (struct tpm_bank){.alg = banks[i].alg};
        *text += len + 1;
        return NULL;
    }
    return "not sha256:, sha384: or sha512: and numbers of PCRs";
}

/* Takes a number of one or two digits. */
static const char *take_pcr(const char **text, struct tpm_bank *bank)
{
    unsigned int index = 0, digits = 0;

    for (; **text >= '0' && **text <= '9' && digits < 3; digits++)
        index = index * 10 + (unsigned int)(*(*text)++ - '0');
    if (digits == 0 || digits > 2 || index > TPM_CONTAINER_PCR_LAST)
        return "a PCR is a number from 0 to 23";
    if ((bank->pcrs >> index & 1) != 0)
        return "a PCR stands twice";
    bank->pcrs |= (uint32_t)1 << index;
    return NULL;
}

const char *tpm_selection_parse(const char *text, struct tpm_selection *out)
{
    struct tpm_selection selection = {.count = 0};
    const char *wrong = NULL;
    size_t pcrs = 0;

    do {
        wrong = take_bank(&text, &selection);
        while (wrong == NULL) {
            wrong = take_pcr(&text, &selection.banks[selection.count - 1]);
            pcrs++;
            if (wrong != NULL || *text != ',')
                break;
            text++;
        }
    } while (wrong == NULL && *text == '+' && text++ != NULL);
    if (wrong == NULL && *text != '\0')
        wrong = "numbers of PCRs stand behind commas, banks behind +";
    if (wrong == NULL && pcrs > TPM_CONTAINER_PCRS_MAX)
        wrong = "more than 64 PCRs";
    if (wrong == NULL)
        *out = selection;
    return wrong;
}

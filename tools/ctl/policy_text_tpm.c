/* policy_text_tpm.c: the block of TPM 2.0 evidence in the owner's policy. */
#include <string.h>

#include "policy_kind.h"
#include "policy_values.h"
#include "tpm_container.h"
#include "tpm_terms.h"

#define AK_NAME_MIN 34 /* TPM_ALG_ID and a SHA-256 */
#define ZEROS       "0000000000000000000000000000000000000000000000000000000000000000"

struct tpm_text {
    struct tpm_terms terms;
    int crl; /* place of its word */
};

#define AT(member) .offset = offsetof(struct tpm_text, member)

/* Banks that a policy may name. */
static const struct bank {
    const char *name;
    uint16_t alg;
    size_t size;
} banks[] = {{"sha256", TPM_SHA256, 32}, {"sha384", TPM_SHA384, 48}, {"sha512", TPM_SHA512, 64}};

/* field: struct tpm_terms. */
static enum status take_ak(const struct config_line *line, void *field)
{
    struct policy_part parts[] = {{"name", false, NULL}};
    struct tpm_terms *terms = field;
    struct tpm_ak *ak = &terms->aks[terms->ak_count];
    char *rest = line->value, *word;

    TRY(policy_next(line, &rest, "the name of the AK", &word));
    TRY(policy_parts(line, rest, parts, ARRAY_LEN(parts)));
    TRY(policy_device_name(line, parts[0].value, &ak->name));
    TRY(policy_hex(line, word, AK_NAME_MIN, TPM_NAME_SIZE_MAX, &ak->ak_name));
    for (size_t i = 0; i < ARRAY_LEN(banks); i++) {
        if (ak->ak_name.ptr[0] << 8 != (banks[i].alg & 0xff00) || ak->ak_name.ptr[1] != (banks[i].alg & 0xff) ||
            ak->ak_name.len != 2 + banks[i].size)
            continue;
        terms->ak_count++;
        return STATUS_OK;
    }
    return config_refuse_line(line,
                              "\"%.64s\" is no name of an AK: 000b and a SHA-256, 000c and a SHA-384, "
                              "000d and a SHA-512",
                              word);
}

/* field: struct tpm_terms. */
static enum status take_authority(const struct config_line *line, void *field)
{
    struct tpm_terms *terms = field;

    return policy_public_key(line, line->value, TPM_AUTHORITY_MAX, &terms->authorities[terms->authority_count++]);
}

/* `sha256:7`. */
static enum status find_bank(const struct config_line *line, char *word, const struct bank **bank, uint8_t *index)
{
    char *colon = strchr(word, ':');
    int64_t number;

    if (colon == NULL)
        return config_refuse_line(line, "\"%.64s\" is no PCR; write it as in: %s %s", word, line->key->name,
                                  line->key->sample);
    *colon = '\0';
    TRY(policy_number(line, "the PCR", colon + 1, TPM_CONTAINER_PCR_LAST, &number));
    *index = (uint8_t)number;
    for (size_t i = 0; i < ARRAY_LEN(banks); i++) {
        *bank = &banks[i];
        if (strcmp(banks[i].name, word) == 0)
            return STATUS_OK;
    }
    return config_refuse_line(line, "\"%.64s\" is none of the banks sha256, sha384, sha512", word);
}

/* The values of a PCR that stood before, or of a new one. */
static enum status find_pcr(const struct config_line *line, struct tpm_terms *terms, uint16_t alg, uint8_t index,
                            struct allowed **out)
{
    for (uint32_t i = 0; i < terms->pcr_count; i++) {
        *out = &terms->pcrs[i].values;
        if (terms->pcrs[i].alg == alg && terms->pcrs[i].index == index)
            return STATUS_OK;
    }
    if (terms->pcr_count == TPM_PCR_TERMS_MAX)
        return config_refuse_line(line, "more than %d PCRs", TPM_PCR_TERMS_MAX);
    terms->pcrs[terms->pcr_count] = (struct tpm_pcr_terms){.alg = alg, .index = index};
    *out = &terms->pcrs[terms->pcr_count++].values;
    return STATUS_OK;
}

/* field: struct tpm_terms. */
static enum status take_pcr(const struct config_line *line, void *field)
{
    const struct bank *bank;
    char *rest = line->value, *word;
    struct allowed *values;
    struct view value;
    uint8_t index = 0;

    TRY(policy_next(line, &rest, "the PCR", &word));
    TRY(find_bank(line, word, &bank, &index));
    TRY(find_pcr(line, field, bank->alg, index, &values));
    TRY(policy_next(line, &rest, "a value", &word));
    for (; word != NULL; word = config_word(&rest)) {
        TRY(policy_hex(line, word, bank->size, bank->size, &value));
        TRY(policy_add(line, value, values));
    }
    return STATUS_OK;
}

static const struct config_key keys[] = {
    {.name = "ak",
     .type = CONFIG_LINE,
     .take = take_ak,
     AT(terms),
     .max = TPM_AKS_MAX,
     .doc = "An attestation key that was enrolled: its name as the TPM computes it, name= of the device, or any.\n"
            "May be repeated. ak or authority must stand.",
     .sample = "000b" ZEROS " name=device-1"},
    {.name = "authority",
     .type = CONFIG_LINE,
     .take = take_authority,
     AT(terms),
     .max = TPM_AUTHORITIES_MAX,
     .doc = "Or: a file with the certificate or public key of an authority that certifies attestation keys: any\n"
            "device with such a key is accepted, whatever its name. May be repeated.",
     .sample = "ak-ca.crt"},
    {.name = "crl",
     .type = CONFIG_CHOICE,
     AT(crl),
     .words = policy_crl_words,
     .doc = "Whether each authority's list of revoked certificates must be there: required or optional.\n"
            "Must stand beside authority.",
     .sample = "required"},
    {.name = "pcr",
     .type = CONFIG_LINE,
     .take = take_pcr,
     AT(terms),
     .max = TPM_PCR_TERMS_MAX * ALLOWED_MAX,
     .required = true,
     .doc = "A PCR that must be quoted (bank sha256, sha384 or sha512) and the values that it may have.\n"
            "May be repeated, for further PCRs and further values.",
     .sample = "sha256:7 " ZEROS},
    {0},
};

static enum status make(const struct policy_block *block, struct buf *rules)
{
    const struct tpm_text *text = block->block->target;
    struct tpm_terms terms = text->terms;

    if (!policy_has(block, "ak") && !policy_has(block, "authority"))
        return policy_refuse(block, NULL, "ak or authority is missing; write which attestation keys are accepted");
    if (policy_has(block, "authority") && !policy_has(block, "crl"))
        return policy_refuse(block, "authority", "crl is missing; write crl required, or crl optional");
    if (policy_has(block, "crl") && !policy_has(block, "authority"))
        return policy_refuse(block, "crl", "crl says nothing without authority; leave it out");
    terms.crl_required = text->crl != 0;
    return tpm_terms_encode(&terms, rules);
}

const struct policy_kind policy_tpm = {
    {TPM_KIND, keys, sizeof(struct tpm_text)}, make, policy_show_tpm, policy_warn_tpm};

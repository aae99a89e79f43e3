/* appraise_tpm.c: see appraise_tpm.h. */
#include "appraise_tpm.h"

#include <string.h>

#include "dcap_json.h"

static const struct bank {
    const char *name;
    uint16_t alg;
    size_t size;
} banks[] = {
    {"sha1", TPM_SHA1, 20},         {"sha256", TPM_SHA256, 32},     {"sha384", TPM_SHA384, 48},
    {"sha512", TPM_SHA512, 64},     {"sm3_256", TPM_SM3, 32},       {"sha3_256", TPM_SHA3_256, 32},
    {"sha3_384", TPM_SHA3_384, 48}, {"sha3_512", TPM_SHA3_512, 64},
};

static const struct bank *find_bank(struct view name)
{
    for (size_t i = 0; i < ARRAY_LEN(banks); i++)
        if (view_equal(name, view_of_string(banks[i].name)))
            return &banks[i];
    return NULL;
}

/* One spelling for each index, so that none can stand twice. */
static enum status read_index(struct view text, uint8_t *out)
{
    unsigned int index = 0;

    if (text.len == 0 || text.len > 2 || (text.len == 2 && text.ptr[0] == '0'))
        return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return STATUS_OUT_OF_RANGE;
        index = index * 10 + (unsigned int)(text.ptr[i] - '0');
    }
    if (index > TPM_CONTAINER_PCR_LAST)
        return STATUS_OUT_OF_RANGE;
    *out = (uint8_t)index;
    return STATUS_OK;
}

static enum status add_value(const struct bank *bank, struct view name, struct view value, struct pcrs *to)
{
    struct view digits;
    struct buf bytes;
    uint8_t index;

    if (to->count == TPM_CONTAINER_PCRS_MAX)
        return STATUS_NO_SPACE;
    TRY(read_index(name, &index));
    TRY(json_text(value, &digits));
    bytes = (struct buf){.ptr = to->bytes[to->count], .cap = bank->size};
    if (digits.len != 2 * bank->size || hex_decode(digits, &bytes) != STATUS_OK)
        return STATUS_MALFORMED;
    to->list[to->count++] = (struct tpm_pcr){bank->alg, index, {NULL, bank->size}};
    return STATUS_OK;
}

static enum status add_bank(struct view name, struct view object, struct pcrs *to)
{
    const struct bank *bank = find_bank(name);
    struct view rest, index, value;
    enum status status;

    if (bank == NULL)
        return STATUS_UNSUPPORTED;
    TRY(json_members(object, &rest));
    while ((status = json_next_member(&rest, &index, &value)) == STATUS_OK)
        TRY(add_value(bank, index, value, to));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status pcrs_read(struct view json, struct pcrs *out)
{
    struct view object, rest, name, value;
    struct pcrs found = {.count = 0};
    enum status status;

    TRY(json_check(json, &object));
    TRY(json_members(object, &rest));
    while ((status = json_next_member(&rest, &name, &value)) == STATUS_OK)
        TRY(add_bank(name, value, &found));
    if (status != STATUS_NOT_FOUND)
        return status;
    *out = found;
    for (uint32_t i = 0; i < out->count; i++)
        out->list[i].value.ptr = out->bytes[i];
    return STATUS_OK;
}

static enum status refuse(struct reason *reason, const char *what)
{
    reason_set(reason, "%s", what);
    return STATUS_CONFIG;
}

static bool fits(struct view part, size_t most)
{
    return part.len > 0 && part.len <= most;
}

enum status tpm_parts_join(const struct tpm_parts *parts, struct buf *out, struct reason *reason)
{
    struct tpm_container container = {.attest = parts->attest, .signature = parts->signature, .ak = parts->ak};
    struct pcrs pcrs = {.count = 0};
    enum status status = STATUS_OK;

    if (!fits(parts->attest, TPM_ATTEST_MAX))
        return refuse(reason, "EVIDENCE is no TPMS_ATTEST: empty, or larger than 4096 bytes");
    if (!fits(parts->signature, TPM_SIGNATURE_MAX))
        return refuse(reason, "--signature: empty, or larger than 1024 bytes");
    if (!fits(parts->ak, TPM_PUBLIC_MAX))
        return refuse(reason, "--key: no attestation key: empty, or larger than 1024 bytes");
    if (parts->pcrs_path != NULL)
        status = pcrs_read(parts->pcrs, &pcrs);
    if (status != STATUS_OK) {
        reason_set(reason, "%s: not PCR values as {\"sha256\": {\"0\": \"hexadecimal digits\"}}: %s", parts->pcrs_path,
                   status_text(status));
        return STATUS_CONFIG;
    }
    container.pcr_count = pcrs.count;
    memcpy(container.pcrs, pcrs.list, sizeof pcrs.list);
    return tpm_container_encode(&container, out);
}

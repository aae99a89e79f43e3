/* tpm_marshal.c: the TPM's structures, and the quote among them (see tpm_private.h). */
#include <string.h>

#include "tpm_private.h"

#define MAGIC            0xff544347u /* TPM_GENERATED_VALUE: a restricted key signs nothing from outside that begins so */
#define TYPE_QUOTE       0x8018u
#define SELECT_BYTES_MAX (TPM_PCRS / 8)
#define NONCE_MAX        66 /* TPM2B_DATA */
#define SIGNER_MAX       68 /* TPM2B_NAME */

static const struct {
    uint16_t alg;
    uint8_t size;
} banks[] = {
    {TPM_SHA1, 20}, {TPM_SHA256, 32},   {TPM_SHA384, 48},   {TPM_SHA512, 64},
    {TPM_SM3, 32},  {TPM_SHA3_256, 32}, {TPM_SHA3_384, 48}, {TPM_SHA3_512, 64},
};

struct marshal marshal_of(struct view bytes)
{
    return (struct marshal){bytes, STATUS_OK};
}

void marshal_fail(struct marshal *marshal, enum status why)
{
    if (marshal->status == STATUS_OK)
        marshal->status = why;
}

enum status marshal_end(const struct marshal *marshal)
{
    if (marshal->status == STATUS_OK && marshal->rest.len > 0)
        return STATUS_TRAILING;
    return marshal->status;
}

struct view marshal_bytes(struct marshal *marshal, size_t len)
{
    struct view taken = {NULL, 0};

    if (len > marshal->rest.len)
        marshal_fail(marshal, STATUS_TRUNCATED);
    if (marshal->status != STATUS_OK)
        return taken;
    taken = (struct view){marshal->rest.ptr, len};
    marshal->rest = (struct view){marshal->rest.ptr + len, marshal->rest.len - len};
    return taken;
}

uint64_t marshal_number(struct marshal *marshal, size_t size)
{
    const struct view bytes = marshal_bytes(marshal, size);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.ptr[i];
    return value;
}

uint16_t marshal_u16(struct marshal *marshal)
{
    return (uint16_t)marshal_number(marshal, 2);
}

uint32_t marshal_u32(struct marshal *marshal)
{
    return (uint32_t)marshal_number(marshal, 4);
}

struct view marshal_sized(struct marshal *marshal, size_t max)
{
    const size_t len = marshal_u16(marshal);

    if (len > max)
        marshal_fail(marshal, STATUS_MALFORMED);
    return marshal_bytes(marshal, len);
}

struct view unwrap_sized(struct view bytes)
{
    struct marshal marshal = marshal_of(bytes);
    const struct view inside = marshal_sized(&marshal, UINT16_MAX);

    return marshal_end(&marshal) == STATUS_OK ? inside : bytes;
}

size_t bank_size(uint16_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(banks); i++)
        if (banks[i].alg == alg)
            return banks[i].size;
    return 0;
}

enum status digest_of_alg(uint16_t alg, enum digest_alg *out)
{
    switch (alg) {
    case TPM_SHA256:
        *out = DIGEST_SHA256;
        return STATUS_OK;
    case TPM_SHA384:
        *out = DIGEST_SHA384;
        return STATUS_OK;
    case TPM_SHA512:
        *out = DIGEST_SHA512;
        return STATUS_OK;
    default:
        return STATUS_UNSUPPORTED;
    }
}

/* TPML_PCR_SELECTION. */
static void read_selection(struct marshal *marshal, struct tpm_quote *out)
{
    const uint32_t count = marshal_u32(marshal);

    if (count > TPM_BANKS_MAX)
        marshal_fail(marshal, STATUS_MALFORMED);
    for (uint32_t i = 0; i < count && marshal->status == STATUS_OK; i++) {
        struct tpm_bank *bank = &out->banks[i];
        struct view select;
        size_t size;

        bank->alg = marshal_u16(marshal);
        size = (size_t)marshal_number(marshal, 1);
        if (bank_size(bank->alg) == 0)
            marshal_fail(marshal, STATUS_UNSUPPORTED);
        if (size > SELECT_BYTES_MAX)
            marshal_fail(marshal, STATUS_MALFORMED);
        select = marshal_bytes(marshal, size);
        for (size_t byte = 0; byte < select.len; byte++)
            bank->pcrs |= (uint32_t)select.ptr[byte] << (8 * byte);
        out->bank_count = i + 1;
    }
}

enum status quote_decode(struct view attest, struct tpm_quote *out)
{
    struct marshal marshal = marshal_of(attest);
    struct tpm_quote quote;
    uint64_t safe;

    memset(&quote, 0, sizeof quote);
    if (attest.len > TPM_ATTEST_MAX)
        return STATUS_NO_SPACE;
    if (marshal_u32(&marshal) != MAGIC)
        marshal_fail(&marshal, STATUS_MALFORMED);
    if (marshal_u16(&marshal) != TYPE_QUOTE)
        marshal_fail(&marshal, STATUS_UNSUPPORTED);
    quote.signer = marshal_sized(&marshal, SIGNER_MAX);
    quote.nonce = marshal_sized(&marshal, NONCE_MAX);
    quote.clock_ms = marshal_number(&marshal, 8);
    quote.reset_count = marshal_u32(&marshal);
    quote.restart_count = marshal_u32(&marshal);
    safe = marshal_number(&marshal, 1);
    if (safe > 1)
        marshal_fail(&marshal, STATUS_MALFORMED);
    quote.clock_safe = safe == 1;
    quote.firmware = marshal_number(&marshal, 8);
    read_selection(&marshal, &quote);
    quote.pcr_digest = marshal_sized(&marshal, DIGEST_BYTES_MAX);
    TRY(marshal_end(&marshal));
    *out = quote;
    return STATUS_OK;
}

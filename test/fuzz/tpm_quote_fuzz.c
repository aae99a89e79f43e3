/* quote_decode, and tpm_appraise with any bytes as a quote and its signature. */
#include <stdlib.h>

#include "tpm_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The base point of P-256, whose private half everybody knows: which no input uses. */
static void make_key(struct tpm_public *out)
{
    static const uint8_t x[] = {0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6,
                                0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb,
                                0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96};
    static const uint8_t y[] = {0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb,
                                0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
                                0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

    if (public_key_from_point(PUBLIC_KEY_P256, VIEW_OF(x), VIEW_OF(y), &out->key) != STATUS_OK)
        abort();
    out->bare = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tpm_public ak;
    const struct tpm_rules rules = {.ak = &ak};
    const size_t split = size > 0 && data[0] < size ? data[0] : 0;
    const struct tpm_evidence evidence = {.attest = {data + split, size - split}, .signature = {data, split}};
    struct tpm_result result;
    struct tpm_quote quote;

    if (ak.key.len == 0)
        make_key(&ak);
    if (quote_decode((struct view){data, size}, &quote) == STATUS_OK &&
        (quote.bank_count > TPM_BANKS_MAX || quote.pcr_digest.len > DIGEST_BYTES_MAX))
        abort();
    if (tpm_appraise(&evidence, &rules, &result) == STATUS_OK || result.authentic)
        abort();
    return 0;
}

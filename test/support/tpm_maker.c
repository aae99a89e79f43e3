/* tpm_maker.c: see tpm_maker.h. */
#include "tpm_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "crypto_support.h"
#include "hex.h"
#include "psa_maker.h"
#include "tpm_container.h"

#define PCR       15
#define PCR_VALUE "4444444444444444444444444444444444444444444444444444444444444444"

/* TPMT_PUBLIC: a restricted signing key, ECDSA with SHA-256 over P-256. */
static struct view put_public(struct buf *memory)
{
    const struct p256_key *key = psa_maker_key();
    const size_t start = memory->len;

    (void)hex_view("0023000b00050072000000100018000b000300100020", memory);
    assert_int_equal(buf_append(memory, (struct view){key->point, 32}), STATUS_OK);
    (void)hex_view("0020", memory);
    assert_int_equal(buf_append(memory, (struct view){key->point + 32, 32}), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

/* TPMS_ATTEST: a signer's name that nobody compares, the nonce, clock and firmware, PCR 15 of SHA-256 and its digest. */
static struct view put_attest(struct view nonce, struct buf *memory)
{
    const size_t start = memory->len;
    uint8_t value_bytes[32], digest[SHA256_SIZE];
    struct buf value = BUF_OF(value_bytes);

    assert_int_equal(sha256(hex_view(PCR_VALUE, &value), digest), STATUS_OK);
    (void)hex_view("ff5443478018 0022000b7777777777777777777777777777777777777777777777777777777777777777 0020",
                   memory);
    assert_int_equal(buf_append(memory, nonce), STATUS_OK);
    (void)hex_view("00000000000003e8 00000002 00000003 01 2020031200120003 00000001 000b 03 008000 0020", memory);
    assert_int_equal(buf_append(memory, VIEW_OF(digest)), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

/* TPMT_SIGNATURE: ECDSA, SHA-256, r and s. */
static struct view put_signature(struct view attest, struct buf *memory)
{
    struct counting_random counting = {0};
    const struct random_port random = counting_port(&counting);
    uint8_t digest[SHA256_SIZE], signature[P256_SIG_SIZE];
    const size_t start = memory->len;

    assert_int_equal(sha256(attest, digest), STATUS_OK);
    assert_int_equal(p256_sign(psa_maker_key(), digest, &random, signature), STATUS_OK);
    (void)hex_view("0018000b0020", memory);
    assert_int_equal(buf_append(memory, (struct view){signature, 32}), STATUS_OK);
    (void)hex_view("0020", memory);
    assert_int_equal(buf_append(memory, (struct view){signature + 32, 32}), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

struct view tpm_maker_evidence(const uint8_t report_data[static TPM_NONCE_SIZE], struct buf *memory)
{
    const struct view attest = put_attest((struct view){report_data, TPM_NONCE_SIZE}, memory);
    const struct tpm_container container = {
        .attest = attest,
        .signature = put_signature(attest, memory),
        .ak = put_public(memory),
        .pcr_count = 1,
        .pcrs = {{TPM_SHA256, PCR, hex_view(PCR_VALUE, memory)}},
    };
    const size_t start = memory->len;

    assert_int_equal(tpm_container_encode(&container, memory), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

void tpm_maker_terms(struct tpm_terms *out, struct buf *memory)
{
    struct tpm_public ak;
    const size_t start = memory->len;

    *out = (struct tpm_terms){.ak_count = 1, .pcr_count = 1};
    assert_int_equal(tpm_public_decode(put_public(memory), &ak), STATUS_OK);
    memory->len = start;
    assert_int_equal(buf_append(memory, (struct view){ak.name, ak.name_len}), STATUS_OK);
    out->aks[0].ak_name = (struct view){memory->ptr + start, ak.name_len};
    out->pcrs[0] = (struct tpm_pcr_terms){TPM_SHA256, PCR, {.count = 1, .list = {hex_view(PCR_VALUE, memory)}}};
}

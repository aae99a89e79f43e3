/* psa_maker.c: see psa_maker.h. */
#include "psa_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "crypto_support.h"
#include "hex.h"
#include "verify.h"

struct view psa_maker_secret(void)
{
    static uint8_t secret[32];

    memset(secret, 0xa5, sizeof secret);
    return VIEW_OF(secret);
}

const struct p256_key *psa_maker_key(void)
{
    static struct p256_key key;
    struct counting_random counting = {0};
    const struct random_port random = counting_port(&counting);
    uint8_t scalar[P256_SCALAR_SIZE] = {0};

    scalar[sizeof scalar - 1] = 7;
    assert_int_equal(p256_from_scalar(VIEW_OF(scalar), &random, &key), STATUS_OK);
    return &key;
}

static void add_string(struct buf *out, struct view bytes)
{
    const uint8_t head[] = {0x59, (uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    const uint8_t small[] = {0x58, (uint8_t)bytes.len};
    const uint8_t tiny = (uint8_t)(0x40 | bytes.len);

    if (bytes.len < 24)
        assert_int_equal(buf_append(out, (struct view){&tiny, 1}), STATUS_OK);
    else
        assert_int_equal(buf_append(out, bytes.len < 256 ? VIEW_OF(small) : VIEW_OF(head)), STATUS_OK);
    assert_int_equal(buf_append(out, bytes), STATUS_OK);
}

struct view psa_maker_seal(const char *start, const char *protected_hex, struct view payload, struct buf *memory)
{
    const bool mac = strcmp(protected_hex, PSA_MAKER_HS256) == 0;
    uint8_t bytes[8192], proof[P256_SIG_SIZE];
    struct buf tbs = BUF_OF(bytes);
    const struct view protected_ = hex_view(protected_hex, memory);
    struct counting_random counting = {0};
    const struct random_port random = counting_port(&counting);
    struct digest digest;
    struct view part, token;

    assert_int_equal(buf_append(&tbs, mac ? VIEW_TEXT("\x84\x64MAC0") : VIEW_TEXT("\x84\x6aSignature1")), STATUS_OK);
    add_string(&tbs, protected_);
    add_string(&tbs, (struct view){NULL, 0});
    add_string(&tbs, payload);
    part = buf_view(&tbs);
    if (mac) {
        assert_int_equal(digest_hmac(DIGEST_SHA256, psa_maker_secret(), &part, 1, &digest), STATUS_OK);
        memcpy(proof, digest.bytes, 32);
    } else {
        assert_int_equal(digest_pieces(DIGEST_SHA256, &part, 1, &digest), STATUS_OK);
        assert_int_equal(p256_sign(psa_maker_key(), digest.bytes, &random, proof), STATUS_OK);
    }
    token = hex_view(start, memory);
    add_string(memory, protected_);
    (void)hex_view("a0", memory);
    add_string(memory, payload);
    add_string(memory, (struct view){proof, mac ? 32 : 64});
    return (struct view){token.ptr, (size_t)(memory->ptr + memory->len - token.ptr)};
}

#define INSTANCE       "012222222222222222222222222222222222222222222222222222222222222222"
#define IMPLEMENTATION "4444444444444444444444444444444444444444444444444444444444444444"
#define MEASUREMENT    "3333333333333333333333333333333333333333333333333333333333333333"
#define SIGNER         "5555555555555555555555555555555555555555555555555555555555555555"
#define KEY_HEAD       "3059301306072a8648ce3d020106082a8648ce3d03010703420004" /* of SubjectPublicKeyInfo, P-256 */

struct view psa_maker_token(struct view nonce, struct buf *memory)
{
    const size_t start = memory->len;

    (void)hex_view("a70a", memory);
    add_string(memory, nonce);
    (void)hex_view("1901005821" INSTANCE, memory);
    (void)hex_view("19010978217461673a7073616365727469666965642e6f72672c323032333a7073612374666d",
                   memory);                    /* profile */
    (void)hex_view("19095a01"                  /* client */
                   "19095b193000"              /* lifecycle: secured */
                   "19095c5820" IMPLEMENTATION /* implementation */
                   "19095f81a2025820" MEASUREMENT "055820" SIGNER,
                   memory);
    return psa_maker_seal("d284", PSA_MAKER_ES256, (struct view){memory->ptr + start, memory->len - start}, memory);
}

void psa_maker_terms(struct psatoken_terms *out, struct buf *memory)
{
    const struct view head = hex_view(KEY_HEAD, memory);

    assert_int_equal(buf_append(memory, VIEW_OF(psa_maker_key()->point)), STATUS_OK);
    *out = (struct psatoken_terms){.device_count = 1,
                                   .implementation = {.count = 1, .list = {hex_view(IMPLEMENTATION, memory)}},
                                   .component_count = 1};
    out->devices[0].key = (struct view){head.ptr, head.len + P256_POINT_SIZE};
    out->devices[0].instance = hex_view(INSTANCE, memory);
    out->components[0].measurement = (struct allowed){.count = 1, .list = {hex_view(MEASUREMENT, memory)}};
    out->components[0].signer = (struct allowed){.count = 1, .list = {hex_view(SIGNER, memory)}};
}

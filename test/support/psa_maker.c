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

/* COSE_Sign1: signing, verifying, and every way to be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cose.h"
#include "crypto_support.h"

#define SCALAR  "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721" /* RFC 6979 A.2.5 */
#define BYTES16 "000102030405060708090a0b0c0d0e0f"
#define BYTES64 BYTES16 BYTES16 BYTES16 BYTES16

/* The items of a message that decodes. */
#define PROTECTED   "43a10126"
#define UNPROTECTED "a104423131"
#define PAYLOAD     "43010203"
#define SIGNATURE   "5840" BYTES64
#define WELL_FORMED "d284" PROTECTED UNPROTECTED PAYLOAD SIGNATURE

/* 18([<< {1: -7} >>, {4: '11'}, 'payload', signature]), external_aad 'aad'; made by an independent implementation. */
#define GOLDEN \
    "d28443a10126a104423131477061796c6f6164" \
    "5840c3d977edeb86da86dafbffed0a365cccf92595cc0338af0e6144528e3b88d247" \
    "5e564181e678d545b1e0c3d1cf2a15bbb99ff48115198051a663ae44f913d327"

static struct counting_random counter;
static struct random_port port;
static struct p256_key key;

static int make_key(void **state)
{
    (void)state;
    counter = (struct counting_random){0};
    port = counting_port(&counter);
    return p256_from_scalar(HEX(SCALAR), &port, &key) == STATUS_OK ? 0 : -1;
}

static struct cose_signer signer_of(struct view kid, struct view external_aad)
{
    return (struct cose_signer){.key = &key, .random = &port, .kid = kid, .external_aad = external_aad};
}

static void signs_the_golden_message(void **state)
{
    (void)state;
    const struct cose_signer signer = signer_of(VIEW_TEXT("11"), VIEW_TEXT("aad"));
    uint8_t bytes[256];
    struct buf message = BUF_OF(bytes);
    struct view payload;

    assert_int_equal(cose_sign1_sign(&signer, VIEW_TEXT("payload"), &message), STATUS_OK);
    assert_true(view_equal(buf_view(&message), HEX(GOLDEN)));
    assert_int_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(key.point), VIEW_TEXT("aad"), &payload), STATUS_OK);
    assert_true(view_equal(payload, VIEW_TEXT("payload")));
}

static void takes_a_message_apart(void **state)
{
    (void)state;
    struct cose_sign1 sign1;

    assert_int_equal(cose_sign1_decode(HEX(WELL_FORMED), &sign1), STATUS_OK);
    assert_true(view_equal(sign1.protected_, HEX("a10126")));
    assert_true(view_equal(sign1.kid, VIEW_TEXT("11")));
    assert_true(view_equal(sign1.payload, HEX("010203")));
    assert_true(view_equal(sign1.signature, HEX(BYTES64)));
    assert_int_equal(sign1.alg, COSE_ES256);

    /* ESP256, kid in the protected bucket, no payload bytes */
    assert_int_equal(cose_sign1_decode(HEX("d284"
                                           "47a2012804423131"
                                           "a0"
                                           "40" SIGNATURE),
                                       &sign1),
                     STATUS_OK);
    assert_int_equal(sign1.alg, COSE_ESP256);
    assert_true(view_equal(sign1.kid, VIEW_TEXT("11")));
    assert_int_equal(sign1.payload.len, 0);
}

static void refuses_what_is_not_strict(void **state)
{
    (void)state;
    static const struct {
        const char *why, *message;
        enum status want;
    } cases[] = {
        {"no tag", "84" PROTECTED UNPROTECTED PAYLOAD SIGNATURE, STATUS_MALFORMED},
        {"another tag", "d084" PROTECTED UNPROTECTED PAYLOAD SIGNATURE, STATUS_MALFORMED},
        {"the tag twice", "d2d284" PROTECTED UNPROTECTED PAYLOAD SIGNATURE, STATUS_MALFORMED},
        {"a long tag", "d81284" PROTECTED UNPROTECTED PAYLOAD SIGNATURE, STATUS_NOT_SHORTEST},
        {"three items", "d283" PROTECTED UNPROTECTED PAYLOAD, STATUS_OUT_OF_RANGE},
        {"five items", "d285" PROTECTED UNPROTECTED PAYLOAD SIGNATURE "40", STATUS_OUT_OF_RANGE},
        {"a map", "d2a2" PROTECTED UNPROTECTED PAYLOAD SIGNATURE, STATUS_MALFORMED},
        {"an indefinite array", "d29f" PROTECTED UNPROTECTED PAYLOAD SIGNATURE "ff", STATUS_MALFORMED},
        {"an empty protected bucket",
         "d284"
         "40" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_MALFORMED},
        {"an empty map as protected bucket",
         "d284"
         "41a0" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_MALFORMED},
        {"labels out of order",
         "d284"
         "47a2044231310126"
         "a0" PAYLOAD SIGNATURE,
         STATUS_UNORDERED},
        {"alg unprotected, kid protected",
         "d284"
         "45a104423131"
         "a10126" PAYLOAD SIGNATURE,
         STATUS_MALFORMED},
        {"alg in both buckets", "d284" PROTECTED "a10126" PAYLOAD SIGNATURE, STATUS_DUPLICATE_KEY},
        {"kid in both buckets",
         "d284"
         "47a2012604423131" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_DUPLICATE_KEY},
        {"kid twice in one bucket", "d284" PROTECTED "a2044131044131" PAYLOAD SIGNATURE, STATUS_DUPLICATE_KEY},
        {"alg twice in one bucket",
         "d284"
         "45a201260126" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_DUPLICATE_KEY},
        {"crit",
         "d284"
         "46a20126028104" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_UNSUPPORTED},
        {"crit, unprotected", "d284" PROTECTED "a1028104" PAYLOAD SIGNATURE, STATUS_UNSUPPORTED},
        {"a content type",
         "d284"
         "45a201260300" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_UNSUPPORTED},
        {"an IV", "d284" PROTECTED "a10541ff" PAYLOAD SIGNATURE, STATUS_UNSUPPORTED},
        {"a text label", "d284" PROTECTED "a1616100" PAYLOAD SIGNATURE, STATUS_MALFORMED},
        {"ES384",
         "d284"
         "44a1013822" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_UNSUPPORTED},
        {"EdDSA",
         "d284"
         "43a10127" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_UNSUPPORTED},
        {"alg as text",
         "d284"
         "48a101654553323536" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_MALFORMED},
        {"a protected array",
         "d284"
         "4180" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_MALFORMED},
        {"a protected map outside a string",
         "d284"
         "a10126" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_MALFORMED},
        {"a byte behind the protected map",
         "d284"
         "44a1012600" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_TRAILING},
        {"a protected map that is cut",
         "d284"
         "42a101" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_TRUNCATED},
        {"a kid that is text", "d284" PROTECTED "a104623131" PAYLOAD SIGNATURE, STATUS_MALFORMED},
        {"an empty kid", "d284" PROTECTED "a10440" PAYLOAD SIGNATURE, STATUS_OUT_OF_RANGE},
        {"a kid of 65 bytes", "d284" PROTECTED "a1045841" BYTES64 "00" PAYLOAD SIGNATURE, STATUS_OUT_OF_RANGE},
        {"a protected bucket of 257 bytes",
         "d284"
         "590101" BYTES64 BYTES64 BYTES64 BYTES64 "00" UNPROTECTED PAYLOAD SIGNATURE,
         STATUS_OUT_OF_RANGE},
        {"a detached payload", "d284" PROTECTED UNPROTECTED "f6" SIGNATURE, STATUS_MALFORMED},
        {"a payload that is text", "d284" PROTECTED UNPROTECTED "63616263" SIGNATURE, STATUS_MALFORMED},
        {"a signature of 63 bytes",
         "d284" PROTECTED UNPROTECTED PAYLOAD "583f" BYTES16 BYTES16 BYTES16 "000102030405060708090a0b0c0d0e",
         STATUS_OUT_OF_RANGE},
        {"no signature", "d284" PROTECTED UNPROTECTED PAYLOAD "f6", STATUS_MALFORMED},
        {"a byte behind it", WELL_FORMED "00", STATUS_TRAILING},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cose_sign1 sign1 = {.alg = 7};
        struct view payload = {NULL, 7};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(cose_sign1_decode(HEX(cases[i].message), &sign1), cases[i].want);
        assert_int_equal(sign1.alg, 7);
        assert_int_equal(cose_sign1_verify(HEX(cases[i].message), VIEW_OF(key.point), (struct view){0}, &payload),
                         cases[i].want);
        assert_int_equal(payload.len, 7);
    }
    for (size_t len = 0; len < HEX(WELL_FORMED).len; len++) {
        struct cose_sign1 sign1;

        assert_int_equal(cose_sign1_decode((struct view){HEX(WELL_FORMED).ptr, len}, &sign1), STATUS_TRUNCATED);
    }
}

static void refuses_a_message_with_any_byte_turned(void **state)
{
    (void)state;
    const struct cose_signer signer = signer_of((struct view){0}, VIEW_TEXT("aad"));
    uint8_t bytes[256];
    struct buf message = BUF_OF(bytes);
    struct view payload = {NULL, 7};

    assert_int_equal(cose_sign1_sign(&signer, VIEW_TEXT("payload"), &message), STATUS_OK);
    for (size_t i = 0; i < message.len * 8; i++) {
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_int_not_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(key.point), VIEW_TEXT("aad"), &payload),
                             STATUS_OK);
        assert_int_equal(payload.len, 7);
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    assert_int_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(key.point), VIEW_TEXT("aad"), &payload), STATUS_OK);
}

static void verifies_in_its_own_place_and_by_its_own_key_only(void **state)
{
    (void)state;
    const struct cose_signer signer = signer_of((struct view){0}, VIEW_TEXT("aad"));
    uint8_t bytes[256];
    struct buf message = BUF_OF(bytes);
    struct p256_key other;
    struct view payload;

    assert_int_equal(p256_generate(&port, &other), STATUS_OK);
    assert_int_equal(cose_sign1_sign(&signer, VIEW_TEXT("payload"), &message), STATUS_OK);
    assert_int_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(key.point), VIEW_TEXT("ad"), &payload),
                     STATUS_FORGED);
    assert_int_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(key.point), (struct view){0}, &payload),
                     STATUS_FORGED);
    assert_int_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(other.point), VIEW_TEXT("aad"), &payload),
                     STATUS_FORGED);
    assert_int_equal(cose_sign1_verify(buf_view(&message), HEX(BYTES64), VIEW_TEXT("aad"), &payload), STATUS_BAD_KEY);
}

static void signs_payloads_of_no_bytes_and_of_many(void **state)
{
    (void)state;
    static uint8_t many[100000], bytes[sizeof many + COSE_OVERHEAD_MAX];
    const struct view payloads[] = {{NULL, 0}, VIEW_OF(many)};
    const struct cose_signer signer = signer_of(VIEW_TEXT("kid"), (struct view){0});

    for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
        struct buf message = BUF_OF(bytes);
        struct view payload;

        assert_int_equal(cose_sign1_sign(&signer, payloads[i], &message), STATUS_OK);
        assert_true(message.len <= payloads[i].len + COSE_OVERHEAD_MAX);
        assert_int_equal(cose_sign1_verify(buf_view(&message), VIEW_OF(key.point), (struct view){0}, &payload),
                         STATUS_OK);
        assert_true(view_equal(payload, payloads[i]));
    }
}

static void signs_whole_or_not_at_all(void **state)
{
    (void)state;
    static const uint8_t long_bytes[COSE_AAD_MAX + 1];
    const struct cose_signer signer = signer_of(VIEW_TEXT("11"), (struct view){0});
    const struct cose_signer long_kid = signer_of((struct view){long_bytes, COSE_KID_MAX + 1}, (struct view){0});
    const struct cose_signer long_aad = signer_of((struct view){0}, VIEW_OF(long_bytes));
    uint8_t bytes[256];
    struct buf out = BUF_OF(bytes);
    size_t needed;

    assert_int_equal(cose_sign1_sign(&signer, VIEW_TEXT("payload"), &out), STATUS_OK);
    needed = out.len;
    for (size_t cap = 0; cap < needed; cap++) {
        out = (struct buf){.ptr = bytes, .cap = cap};
        assert_int_equal(cose_sign1_sign(&signer, VIEW_TEXT("payload"), &out), STATUS_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
    out = BUF_OF(bytes);
    assert_int_equal(cose_sign1_sign(&long_kid, VIEW_TEXT("payload"), &out), STATUS_OUT_OF_RANGE);
    assert_int_equal(cose_sign1_sign(&long_aad, VIEW_TEXT("payload"), &out), STATUS_NO_SPACE);
    counter.broken = true;
    assert_int_equal(cose_sign1_sign(&signer, VIEW_TEXT("payload"), &out), STATUS_IO);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signs_the_golden_message, make_key),
        cmocka_unit_test_setup(takes_a_message_apart, make_key),
        cmocka_unit_test_setup(refuses_what_is_not_strict, make_key),
        cmocka_unit_test_setup(refuses_a_message_with_any_byte_turned, make_key),
        cmocka_unit_test_setup(verifies_in_its_own_place_and_by_its_own_key_only, make_key),
        cmocka_unit_test_setup(signs_payloads_of_no_bytes_and_of_many, make_key),
        cmocka_unit_test_setup(signs_whole_or_not_at_all, make_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

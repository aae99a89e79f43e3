/* COSE_Key of a P-256 public key: what is taken, what is refused, what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cose_private.h"
#include "crypto_support.h"

/* The point of the COSE working group's key "11". */
#define X "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"
#define Y "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"

#define KTY   "0102"
#define CRV   "2001"
#define PX    "215820" X
#define PY    "225820" Y
#define PLAIN "a4" KTY CRV PX PY

static void writes_the_75_bytes_and_reads_them_again(void **state)
{
    (void)state;
    uint8_t encoded_bytes[COSE_KEY_P256_SIZE], point[P256_POINT_SIZE];
    struct buf encoded = BUF_OF(encoded_bytes);

    assert_int_equal(cose_key_encode(HEX(X Y), &encoded), STATUS_OK);
    assert_true(view_equal(buf_view(&encoded), HEX(PLAIN)));
    assert_int_equal(cose_key_decode(buf_view(&encoded), point), STATUS_OK);
    assert_true(view_equal(VIEW_OF(point), HEX(X Y)));
}

static void writes_all_or_nothing(void **state)
{
    (void)state;
    uint8_t bytes[COSE_KEY_P256_SIZE];
    struct buf out;

    for (size_t cap = 0; cap < sizeof bytes; cap++) {
        out = (struct buf){.ptr = bytes, .cap = cap};
        assert_int_equal(cose_key_encode(HEX(X Y), &out), STATUS_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
    out = BUF_OF(bytes);
    assert_int_equal(cose_key_encode(HEX(X X), &out), STATUS_BAD_KEY);
    assert_int_equal(out.len, 0);
}

static void takes_the_labels_that_fit(void **state)
{
    (void)state;
    static const struct {
        const char *why, *key;
    } cases[] = {
        {"kid", "a5" KTY "02423131" CRV PX PY},
        {"alg ES256", "a5" KTY "0326" CRV PX PY},
        {"alg ESP256", "a5" KTY "0328" CRV PX PY},
        {"alg ECDH-ES + HKDF-256", "a5" KTY "033818" CRV PX PY},
        {"key_ops verify", "a5" KTY "048102" CRV PX PY},
        {"key_ops derive key, derive bits", "a5" KTY "04820708" CRV PX PY},
        {"all of them", "a7" KTY "02423131"
                        "0326"
                        "048102" CRV PX PY},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t point[P256_POINT_SIZE];

        print_message("  %s\n", cases[i].why);
        assert_int_equal(cose_key_decode(HEX(cases[i].key), point), STATUS_OK);
        assert_true(view_equal(VIEW_OF(point), HEX(X Y)));
    }
}

static void refuses_what_is_no_such_key(void **state)
{
    (void)state;
    static const struct {
        const char *why, *key;
        enum status want;
    } cases[] = {
        {"no bytes", "", STATUS_TRUNCATED},
        {"an empty map", "a0", STATUS_OUT_OF_RANGE},
        {"an array", "84" KTY CRV, STATUS_MALFORMED},
        {"key type OKP",
         "a4"
         "0101" CRV PX PY,
         STATUS_BAD_KEY},
        {"key type as text",
         "a4"
         "01624543" CRV PX PY,
         STATUS_MALFORMED},
        {"curve P-384", "a4" KTY "2002" PX PY, STATUS_BAD_KEY},
        {"no key type", "a3" CRV PX PY, STATUS_MALFORMED},
        {"no curve", "a3" KTY PX PY, STATUS_MALFORMED},
        {"no x", "a3" KTY CRV PY, STATUS_MALFORMED},
        {"no y", "a3" KTY CRV PX, STATUS_MALFORMED},
        {"compressed: y is a sign bit", "a4" KTY CRV PX "22f5", STATUS_MALFORMED},
        {"x without its leading zero",
         "a4" KTY CRV "21581f"
         "00112233445566778899aabbccddeeff00112233445566778899aabbccddee"
         "22"
         "5820" Y,
         STATUS_OUT_OF_RANGE},
        {"off the curve", "a4" KTY CRV PX "225820" X, STATUS_BAD_KEY},
        {"x twice", "a5" KTY CRV PX PX PY, STATUS_DUPLICATE_KEY},
        {"y before x", "a4" KTY CRV PY PX, STATUS_UNORDERED},
        {"a private part", "a5" KTY CRV PX PY "235820" X, STATUS_BAD_KEY},
        {"a base IV", "a5" KTY "054100" CRV PX PY, STATUS_BAD_KEY},
        {"a text label", "a5" KTY CRV PX PY "616100", STATUS_MALFORMED},
        {"alg ES384", "a5" KTY "033822" CRV PX PY, STATUS_BAD_KEY},
        {"key_ops sign, which a public key cannot", "a5" KTY "048101" CRV PX PY, STATUS_BAD_KEY},
        {"key_ops of nothing", "a5" KTY "0480" CRV PX PY, STATUS_OUT_OF_RANGE},
        {"key_ops with four of them", "a5" KTY "048402070802" CRV PX PY, STATUS_OUT_OF_RANGE},
        {"an empty kid", "a5" KTY "0240" CRV PX PY, STATUS_OUT_OF_RANGE},
        {"a head that is not the shortest",
         "a4"
         "011802" CRV PX PY,
         STATUS_NOT_SHORTEST},
        {"an indefinite map", "bf" KTY CRV PX PY "ff", STATUS_MALFORMED},
        {"a byte behind it", PLAIN "00", STATUS_TRAILING},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t point[P256_POINT_SIZE] = {7};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(cose_key_decode(HEX(cases[i].key), point), cases[i].want);
        assert_int_equal(point[0], 7);
    }
    for (size_t len = 0; len < COSE_KEY_P256_SIZE; len++) {
        uint8_t point[P256_POINT_SIZE];

        assert_int_equal(cose_key_decode((struct view){HEX(PLAIN).ptr, len}, point), STATUS_TRUNCATED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_75_bytes_and_reads_them_again),
        cmocka_unit_test(writes_all_or_nothing),
        cmocka_unit_test(takes_the_labels_that_fit),
        cmocka_unit_test(refuses_what_is_no_such_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

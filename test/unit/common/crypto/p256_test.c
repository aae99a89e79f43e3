/* P-256: keys, signatures (RFC 6979 A.2.5) and key agreement (RFC 5903 section 8.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto_support.h"

#define ZERO    "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE     "0000000000000000000000000000000000000000000000000000000000000001"
#define ORDER_L "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550" /* n - 1 */
#define ORDER   "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define FIELD_P "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define BASE_X  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define BASE_Y  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

#define RFC6979_KEY "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define RFC6979_POINT \
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define SAMPLE_R "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define SAMPLE_S "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"

static struct counting_random counter;
static struct random_port port;

static int restart_random(void **state)
{
    (void)state;
    counter = (struct counting_random){0};
    port = counting_port(&counter);
    return 0;
}

static struct p256_key key_of(const char *scalar)
{
    struct p256_key key;

    assert_int_equal(p256_from_scalar(HEX(scalar), &port, &key), STATUS_OK);
    return key;
}

static void signs_as_rfc_6979_does(void **state)
{
    (void)state;
    static const struct {
        const char *message, *signature;
    } cases[] = {
        {"sample", SAMPLE_R SAMPLE_S},
        {"test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                 "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
    };
    const struct p256_key key = key_of(RFC6979_KEY);

    assert_memory_equal(key.point, HEX(RFC6979_POINT).ptr, P256_POINT_SIZE);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t digest[SHA256_SIZE], signature[P256_SIG_SIZE];

        assert_int_equal(sha256(view_of_string(cases[i].message), digest), STATUS_OK);
        assert_int_equal(p256_sign(&key, digest, &port, signature), STATUS_OK);
        assert_memory_equal(signature, HEX(cases[i].signature).ptr, P256_SIG_SIZE);
        assert_int_equal(p256_verify(VIEW_OF(key.point), digest, VIEW_OF(signature)), STATUS_OK);
    }
}

static void refuses_a_signature_with_any_bit_of_a_byte_turned(void **state)
{
    (void)state;
    uint8_t digest[SHA256_SIZE], signature[P256_SIG_SIZE];

    assert_int_equal(sha256(VIEW_TEXT("sample"), digest), STATUS_OK);
    memcpy(signature, HEX(SAMPLE_R SAMPLE_S).ptr, sizeof signature);
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= (uint8_t)(1u << (i % 8));
        assert_int_equal(p256_verify(HEX(RFC6979_POINT), digest, VIEW_OF(signature)), STATUS_FORGED);
        signature[i] ^= (uint8_t)(1u << (i % 8));
    }
    for (size_t i = 0; i < sizeof digest; i++) {
        digest[i] ^= (uint8_t)(1u << (i % 8));
        assert_int_equal(p256_verify(HEX(RFC6979_POINT), digest, VIEW_OF(signature)), STATUS_FORGED);
        digest[i] ^= (uint8_t)(1u << (i % 8));
    }
    assert_int_equal(p256_verify(HEX(RFC6979_POINT), digest, VIEW_OF(signature)), STATUS_OK);
}

static void refuses_signatures_at_the_edges(void **state)
{
    (void)state;
    static const struct {
        const char *why, *point, *signature;
        enum status want;
    } cases[] = {
        {"r is zero", RFC6979_POINT, ZERO SAMPLE_S, STATUS_FORGED},
        {"s is zero", RFC6979_POINT, SAMPLE_R ZERO, STATUS_FORGED},
        {"both are zero", RFC6979_POINT, ZERO ZERO, STATUS_FORGED},
        {"r is the order", RFC6979_POINT, ORDER SAMPLE_S, STATUS_FORGED},
        {"s is the order", RFC6979_POINT, SAMPLE_R ORDER, STATUS_FORGED},
        {"both are the largest there are", RFC6979_POINT, ORDER_L ORDER_L, STATUS_FORGED},
        {"both are one", RFC6979_POINT, ONE ONE, STATUS_FORGED},
        {"r and s have changed places", RFC6979_POINT, SAMPLE_S SAMPLE_R, STATUS_FORGED},
        {"r alone", RFC6979_POINT, SAMPLE_R, STATUS_FORGED},
        {"no bytes", RFC6979_POINT, "", STATUS_FORGED},
        {"one byte more", RFC6979_POINT, SAMPLE_R SAMPLE_S "00", STATUS_FORGED},
        {"by another key", BASE_X BASE_Y, SAMPLE_R SAMPLE_S, STATUS_FORGED},
        {"the key is no point", BASE_X BASE_X, SAMPLE_R SAMPLE_S, STATUS_BAD_KEY},
    };
    uint8_t digest[SHA256_SIZE];

    assert_int_equal(sha256(VIEW_TEXT("sample"), digest), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(p256_verify(HEX(cases[i].point), digest, HEX(cases[i].signature)), cases[i].want);
    }
}

static void agrees_as_rfc_5903_does_on_both_sides(void **state)
{
    (void)state;
    const struct p256_key first = key_of("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
    const struct p256_key second = key_of("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
    const struct view wanted = HEX("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    uint8_t secret[P256_SCALAR_SIZE];

    assert_int_equal(p256_shared(&first, VIEW_OF(second.point), &port, secret), STATUS_OK);
    assert_memory_equal(secret, wanted.ptr, sizeof secret);
    assert_int_equal(p256_shared(&second, VIEW_OF(first.point), &port, secret), STATUS_OK);
    assert_memory_equal(secret, wanted.ptr, sizeof secret);
}

static void refuses_points_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *why, *point;
    } cases[] = {
        {"the point at infinity, as zeros", ZERO ZERO},
        {"off the curve", BASE_X ONE},
        {"x is zero and y one", ZERO ONE},
        {"x is the field's prime, that is zero in disguise", FIELD_P BASE_Y},
        {"y is past the field", BASE_X FIELD_P},
        {"one byte short", BASE_X "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51"},
        {"with SEC 1's leading byte", "04" BASE_X BASE_Y},
        {"compressed", "03" BASE_X},
        {"no bytes", ""},
    };
    const struct p256_key key = key_of(RFC6979_KEY);

    assert_int_equal(p256_check_point(HEX(BASE_X BASE_Y)), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t secret[P256_SCALAR_SIZE] = {7};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(p256_check_point(HEX(cases[i].point)), STATUS_BAD_KEY);
        assert_int_equal(p256_shared(&key, HEX(cases[i].point), &port, secret), STATUS_BAD_KEY);
        assert_int_equal(secret[0], 7);
    }
}

static void takes_scalars_below_the_order_only(void **state)
{
    (void)state;
    static const struct {
        const char *why, *scalar;
        enum status want;
    } cases[] = {
        {"zero", ZERO, STATUS_BAD_KEY},
        {"the order", ORDER, STATUS_BAD_KEY},
        {"past the order", FIELD_P, STATUS_BAD_KEY},
        {"one byte short", "01020304050607080910111213141516171819202122232425262728293031", STATUS_BAD_KEY},
        {"one", ONE, STATUS_OK},
        {"the largest", ORDER_L, STATUS_OK},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct p256_key key = {.scalar = {7}};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(p256_from_scalar(HEX(cases[i].scalar), &port, &key), cases[i].want);
        if (cases[i].want != STATUS_OK)
            assert_int_equal(key.scalar[0], 7);
    }
    assert_memory_equal(key_of(ONE).point, HEX(BASE_X BASE_Y).ptr, P256_POINT_SIZE);
}

static void a_wiped_key_does_no_work(void **state)
{
    (void)state;
    struct p256_key key = key_of(RFC6979_KEY);
    uint8_t digest[SHA256_SIZE] = {1}, out[P256_SIG_SIZE];

    p256_key_wipe(&key);
    assert_true(all_zero((struct view){(const uint8_t *)&key, sizeof key}));
    assert_int_equal(p256_sign(&key, digest, &port, out), STATUS_BAD_KEY);
    assert_int_equal(p256_shared(&key, HEX(BASE_X BASE_Y), &port, out), STATUS_BAD_KEY);
}

static void generates_from_the_random_port_alone(void **state)
{
    (void)state;
    struct p256_key first, second;

    assert_int_equal(p256_generate(&port, &first), STATUS_OK);
    assert_memory_equal(first.scalar, HEX("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20").ptr,
                        P256_SCALAR_SIZE);
    assert_memory_equal(first.point, key_of("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20").point,
                        P256_POINT_SIZE);
    assert_int_equal(p256_generate(&port, &second), STATUS_OK);
    assert_memory_not_equal(first.scalar, second.scalar, P256_SCALAR_SIZE);
}

static enum status fill_with_zeros(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0, len);
    return STATUS_OK;
}

static void fails_without_random_bytes(void **state)
{
    (void)state;
    const struct random_port zeros = {.fill = fill_with_zeros};
    struct p256_key key = key_of(RFC6979_KEY), made = {.scalar = {7}};
    uint8_t digest[SHA256_SIZE] = {1}, out[P256_SIG_SIZE] = {7};

    counter.broken = true;
    assert_int_equal(p256_generate(&port, &made), STATUS_IO);
    assert_int_equal(p256_from_scalar(HEX(ONE), &port, &made), STATUS_IO);
    assert_int_equal(p256_sign(&key, digest, &port, out), STATUS_IO);
    assert_int_equal(p256_shared(&key, HEX(BASE_X BASE_Y), &port, out), STATUS_IO);
    assert_int_equal(p256_generate(&zeros, &made), STATUS_CRYPTO);
    assert_int_equal(made.scalar[0], 7);
    assert_int_equal(out[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signs_as_rfc_6979_does, restart_random),
        cmocka_unit_test_setup(refuses_a_signature_with_any_bit_of_a_byte_turned, restart_random),
        cmocka_unit_test_setup(refuses_signatures_at_the_edges, restart_random),
        cmocka_unit_test_setup(agrees_as_rfc_5903_does_on_both_sides, restart_random),
        cmocka_unit_test_setup(refuses_points_that_are_none, restart_random),
        cmocka_unit_test_setup(takes_scalars_below_the_order_only, restart_random),
        cmocka_unit_test_setup(a_wiped_key_does_no_work, restart_random),
        cmocka_unit_test_setup(generates_from_the_random_port_alone, restart_random),
        cmocka_unit_test_setup(fails_without_random_bytes, restart_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

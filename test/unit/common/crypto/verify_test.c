/* Signatures of other makers. That each kind of key verifies is shown by common/appraise/psa_test and tpm_test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto_support.h"
#include "hex.h"
#include "tpm_vectors.h"
#include "verify.h"

static void digests_pieces_as_one(void **state)
{
    /* FIPS 180-4 examples, "abc". */
    static const struct {
        enum digest_alg alg;
        const char *want;
    } cases[] = {
        {DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DIGEST_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                        "8086072ba1e7cc2358baeca134c825a7"},
        {DIGEST_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    const struct view pieces[] = {VIEW_TEXT("a"), {NULL, 0}, VIEW_TEXT("bc")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct digest digest;

        assert_int_equal(digest_pieces(cases[i].alg, pieces, ARRAY_LEN(pieces), &digest), STATUS_OK);
        assert_hex_equal(digest_view(&digest), cases[i].want);
    }
}

static void makes_the_hmac_of_rfc_4231(void **state)
{
    const struct view pieces[] = {VIEW_TEXT("what do ya want "), VIEW_TEXT("for nothing?")};
    struct digest digest;

    (void)state;
    assert_int_equal(digest_hmac(DIGEST_SHA256, VIEW_TEXT("Jefe"), pieces, ARRAY_LEN(pieces), &digest), STATUS_OK);
    assert_hex_equal(digest_view(&digest), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void refuses_keys_that_are_none(void **state)
{
    uint8_t modulus[513] = {0}, zeros[66] = {0};
    struct public_key out;

    (void)state;
    memset(modulus, 0xff, sizeof modulus);
    assert_int_equal(public_key_from_modulus((struct view){modulus, 256}, 3, &out), STATUS_OK);
    assert_int_equal(public_key_from_modulus((struct view){modulus, 512}, 65537, &out), STATUS_OK);
    assert_int_equal(public_key_from_modulus((struct view){modulus, 255}, 65537, &out), STATUS_BAD_KEY);
    assert_int_equal(public_key_from_modulus((struct view){modulus, 513}, 65537, &out), STATUS_BAD_KEY);
    assert_int_equal(public_key_from_modulus((struct view){modulus, 256}, 1, &out), STATUS_BAD_KEY);
    assert_int_equal(public_key_from_modulus((struct view){modulus, 256}, 65536, &out), STATUS_BAD_KEY);
    modulus[0] = 0x7f;
    assert_int_equal(public_key_from_modulus((struct view){modulus, 256}, 65537, &out), STATUS_BAD_KEY);
    modulus[0] = 0xff;
    modulus[255] = 0xfe;
    assert_int_equal(public_key_from_modulus((struct view){modulus, 256}, 65537, &out), STATUS_BAD_KEY);
    for (enum public_key_kind kind = PUBLIC_KEY_P256; kind <= PUBLIC_KEY_P521; kind++) {
        const size_t size = public_key_coordinate_size(kind);

        assert_int_equal(public_key_from_point(kind, (struct view){zeros, size}, (struct view){zeros, size}, &out),
                         STATUS_BAD_KEY);
        assert_int_equal(public_key_from_point(kind, (struct view){NULL, 0}, (struct view){zeros, size}, &out),
                         STATUS_BAD_KEY);
    }
    assert_int_equal(public_key_from_spki((struct view){NULL, 0}, &out), STATUS_MALFORMED);
    assert_int_equal(public_key_from_spki(VIEW_TEXT("-----BEGIN PUBLIC KEY-----"), &out), STATUS_MALFORMED);
    assert_int_equal(public_key_from_spki(VIEW_TEXT("\x30\x03\x02\x01\x01"), &out), STATUS_MALFORMED);
}

static void refuses_a_signature_over_another_digest_or_of_another_size(void **state)
{
    uint8_t bytes[1024];
    struct buf memory = BUF_OF(bytes);
    const struct view attest = hex_view(rsa2048_attest, &memory), signature = hex_view(rsa2048_sig, &memory);
    const struct view number = {signature.ptr + 6, signature.len - 6};
    struct signature rsa = {.scheme = SIGNATURE_RSA_PKCS1, .value = number};
    struct public_key key;
    struct digest digest;

    (void)state;
    assert_int_equal(public_key_from_spki(view_of_string(rsa2048_pem), &key), STATUS_OK);
    assert_int_equal(digest_pieces(DIGEST_SHA256, &attest, 1, &digest), STATUS_OK);
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_OK);
    rsa.value.len--;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_FORGED);
    rsa.value = signature;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_FORGED);
    rsa.value = number;
    rsa.scheme = SIGNATURE_RSA_PSS;
    rsa.salt_len = 32;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_FORGED);
    rsa.salt_len = UINT32_MAX;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_FORGED);
    rsa.scheme = SIGNATURE_ECDSA;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_BAD_KEY);
    rsa.scheme = SIGNATURE_RSA_PKCS1;
    rsa.salt_len = 0;
    digest.bytes[31] ^= 1;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_FORGED);
    digest.bytes[31] ^= 1;
    digest.alg = DIGEST_SHA384;
    assert_int_equal(public_key_verify(&key, &digest, &rsa), STATUS_FORGED);
}

static void makes_pairs_of_numbers_of_any_length(void **state)
{
    static const struct {
        const char *why, *der;
        enum status want;
    } cases[] = {
        {"small", "3006020101020102", STATUS_OK},
        {"a zero in front", "3008020200ff020200fe", STATUS_OK},
        {"too long for the curve", "302602210100000000000000000000000000000000000000000000000000000000000000000201 01",
         STATUS_FORGED},
        {"zero", "3006020100020102", STATUS_OUT_OF_RANGE},
        {"negative", "3006020180020102", STATUS_OUT_OF_RANGE},
        {"another tag", "3106020101020102", STATUS_MALFORMED},
        {"one number", "3003020101", STATUS_TRUNCATED},
        {"three numbers", "3009020101020102020103", STATUS_TRAILING},
        {"a byte behind", "300602010102010200", STATUS_TRAILING},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[64], pair[ECDSA_PAIR_MAX];
        struct buf memory = BUF_OF(bytes);
        struct view out;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(ecdsa_pair_from_der(PUBLIC_KEY_P256, hex_view(cases[i].der, &memory), pair, &out),
                         cases[i].want);
        if (cases[i].want == STATUS_OK)
            assert_true(out.len == 64 && out.ptr[31] != 0 && out.ptr[63] != 0 && out.ptr[0] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_pieces_as_one),
        cmocka_unit_test(makes_the_hmac_of_rfc_4231),
        cmocka_unit_test(refuses_keys_that_are_none),
        cmocka_unit_test(refuses_a_signature_over_another_digest_or_of_another_size),
        cmocka_unit_test(makes_pairs_of_numbers_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

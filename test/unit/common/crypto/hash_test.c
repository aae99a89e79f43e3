/* SHA-2 and HKDF against the examples of FIPS 180-4 and RFC 5869. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "aead_private.h"
#include "crypto_support.h"

static void hashes_what_the_standard_hashes(void **state)
{
    (void)state;
    uint8_t digest[SHA512_SIZE];

    assert_int_equal(sha256((struct view){0}, digest), STATUS_OK);
    assert_memory_equal(digest, HEX("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855").ptr,
                        SHA256_SIZE);
    assert_int_equal(sha256(VIEW_TEXT("abc"), digest), STATUS_OK);
    assert_memory_equal(digest, HEX("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").ptr,
                        SHA256_SIZE);
    assert_int_equal(sha512(VIEW_TEXT("abc"), digest), STATUS_OK);
    assert_memory_equal(digest,
                        HEX("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
                            .ptr,
                        SHA512_SIZE);
}

static void pieces_hash_like_the_whole(void **state)
{
    (void)state;
    const struct view whole = VIEW_TEXT("a message that is cut into three pieces, some of them empty");
    uint8_t wanted[SHA256_SIZE], digest[SHA256_SIZE];

    assert_int_equal(sha256(whole, wanted), STATUS_OK);
    for (size_t cut = 0; cut <= whole.len; cut++) {
        const struct view pieces[] = {{whole.ptr, cut}, {NULL, 0}, {whole.ptr + cut, whole.len - cut}};

        assert_int_equal(sha256_pieces(pieces, ARRAY_LEN(pieces), digest), STATUS_OK);
        assert_memory_equal(digest, wanted, SHA256_SIZE);
    }
}

static void derives_what_rfc_5869_derives(void **state)
{
    (void)state;
    const struct view secret = HEX("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    uint8_t key[42];
    struct buf out = BUF_OF(key);

    assert_int_equal(hkdf_sha256(HEX("000102030405060708090a0b0c"), secret, HEX("f0f1f2f3f4f5f6f7f8f9"), &out),
                     STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                                               "34007208d5b887185865")));
    out.len = 0;
    assert_int_equal(hkdf_sha256((struct view){0}, secret, (struct view){0}, &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), HEX("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                                               "9d201395faa4b61a96c8")));
}

static void derives_behind_what_out_holds_and_no_more_than_255_blocks(void **state)
{
    (void)state;
    static uint8_t most[255 * SHA256_SIZE + 2];
    uint8_t alone[16], behind[20] = {'h', 'e', 'a', 'd'};
    struct buf first = BUF_OF(alone), second = {behind, 4, sizeof behind}, third = {most, 1, sizeof most - 1};

    assert_int_equal(hkdf_sha256((struct view){0}, VIEW_TEXT("secret"), (struct view){0}, &first), STATUS_OK);
    assert_int_equal(hkdf_sha256((struct view){0}, VIEW_TEXT("secret"), (struct view){0}, &second), STATUS_OK);
    assert_memory_equal(behind, "head", 4);
    assert_memory_equal(behind + 4, alone, sizeof alone);

    assert_int_equal(hkdf_sha256((struct view){0}, VIEW_TEXT("secret"), (struct view){0}, &third), STATUS_OK);
    third = (struct buf){most, 1, sizeof most};
    assert_int_equal(hkdf_sha256((struct view){0}, VIEW_TEXT("secret"), (struct view){0}, &third), STATUS_OUT_OF_RANGE);
    assert_int_equal(third.len, 1);
}

static void both_providers_hash_pieces_of_any_size_alike(void **state)
{
    (void)state;
    static uint8_t bytes[3000];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t len = 0; len <= sizeof bytes; len += len < 140 ? 1 : 97) {
        const size_t cut = len / 3;
        const struct view pieces[] = {{bytes, cut}, {bytes + cut, 0}, {bytes + cut, len - cut}};
        uint8_t whole[SHA256_SIZE], ours[SHA256_SIZE], theirs[SHA256_SIZE];
        assert_int_equal(sha256((struct view){bytes, len}, whole), STATUS_OK);
        assert_int_equal(aead_mbedtls.sha256(pieces, ARRAY_LEN(pieces), ours), STATUS_OK);
        assert_int_equal(aead_libcrypto.sha256(pieces, ARRAY_LEN(pieces), theirs), STATUS_OK);
        assert_memory_equal(ours, whole, sizeof whole);
        assert_memory_equal(theirs, whole, sizeof whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_providers_hash_pieces_of_any_size_alike),
        cmocka_unit_test(hashes_what_the_standard_hashes),
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(derives_what_rfc_5869_derives),
        cmocka_unit_test(derives_behind_what_out_holds_and_no_more_than_255_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

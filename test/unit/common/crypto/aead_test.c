/* AEAD: both providers against the published vectors and against each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aead_private.h"
#include "crypto_support.h"

#define GCM_PLAIN \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" \
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"

static const struct named_provider {
    const char *name;
    const struct aead_provider *provider;
} providers[] = {{"mbedtls", &aead_mbedtls}, {"libcrypto", &aead_libcrypto}};

static const int64_t algs[] = {AEAD_A128GCM, AEAD_A256GCM, AEAD_CHACHA20_POLY1305, AEAD_CCM_16_128_256};

static const uint8_t key_bytes[AEAD_KEY_MAX] = {'k', 'e', 'y'}, nonce_bytes[AEAD_NONCE_MAX] = {'n'};

static struct aead aead_of(int64_t alg, struct view aad)
{
    return (struct aead){
        .alg = alg, .key = {key_bytes, aead_key_size(alg)}, .nonce = {nonce_bytes, aead_nonce_size(alg)}, .aad = aad};
}

/* Bytes 0, 1, 2 ... 255, 0 ... */
static struct view pattern(size_t len)
{
    static uint8_t bytes[UINT16_MAX + 1];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    return (struct view){bytes, len};
}

static void seals_and_opens_the_published_vectors(void **state)
{
    (void)state;
    /* GCM: McGrew and Viega, test cases 1, 4, 13, 16. ChaCha20-Poly1305: RFC 8439 section 2.8.2. CCM: the COSE working
     * group's example AES-CCM-ENC-06. */
    static const struct {
        const char *why;
        int64_t alg;
        const char *key, *nonce, *aad, *plain, *sealed;
    } cases[] = {
        {"A128GCM, nothing in it", AEAD_A128GCM, "00000000000000000000000000000000", "000000000000000000000000", "", "",
         "58e2fccefa7e3061367f1d57a4e7455a"},
        {"A128GCM", AEAD_A128GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", GCM_AAD, GCM_PLAIN,
         "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b39"
         "6a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
        {"A256GCM, nothing in it", AEAD_A256GCM, "0000000000000000000000000000000000000000000000000000000000000000",
         "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {"A256GCM", AEAD_A256GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
         "cafebabefacedbaddecaf888", GCM_AAD, GCM_PLAIN,
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e63"
         "93ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
        {"ChaCha20-Poly1305", AEAD_CHACHA20_POLY1305,
         "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
         "50515253c0c1c2c3c4c5c6c7",
         "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64"
         "206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f"
         "756c642062652069742e",
         "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a"
         "9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9d"
         "e576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
        {"AES-CCM-16-128-256", AEAD_CCM_16_128_256, "0f1e2d3c4b5a69788796a5b4c3d2e1f01f2e3d4c5b6a798897a6b5c4d3e2f100",
         "89f52f65a1c580933b5261a72f", "8368456e63727970743044a101181f40", "546869732069732074686520636f6e74656e742e",
         "28b3bddff844a736c5f0ee0f8c691fd0b7adf917b0cfa0d187c769a4ba100372a585bccc"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t p = 0; p < ARRAY_LEN(providers); p++) {
            const struct aead aead = {cases[i].alg, HEX(cases[i].key), HEX(cases[i].nonce), HEX(cases[i].aad)};
            uint8_t sealed_bytes[256], opened_bytes[256];
            struct buf sealed = BUF_OF(sealed_bytes), opened = BUF_OF(opened_bytes);

            print_message("  %s by %s\n", cases[i].why, providers[p].name);
            assert_int_equal(aead_seal_with(providers[p].provider, &aead, HEX(cases[i].plain), &sealed), STATUS_OK);
            assert_true(view_equal(buf_view(&sealed), HEX(cases[i].sealed)));
            assert_int_equal(aead_open_with(providers[p].provider, &aead, buf_view(&sealed), &opened), STATUS_OK);
            assert_true(view_equal(buf_view(&opened), HEX(cases[i].plain)));
        }
}

static void what_one_provider_seals_the_other_opens(void **state)
{
    (void)state;
    static const size_t plain_lens[] = {0, 1, 15, 16, 17, 31, 32, 33, 255, 4096, UINT16_MAX};
    static const size_t aad_lens[] = {0, 1, 13, 14, 15, 16, 17, 300, AEAD_AAD_MAX};
    static uint8_t first_bytes[UINT16_MAX + AEAD_TAG_SIZE], second_bytes[UINT16_MAX + AEAD_TAG_SIZE];
    static uint8_t opened_bytes[UINT16_MAX];

    for (size_t a = 0; a < ARRAY_LEN(algs); a++)
        for (size_t i = 0; i < ARRAY_LEN(plain_lens) * ARRAY_LEN(aad_lens); i++) {
            const struct aead aead = aead_of(algs[a], pattern(aad_lens[i % ARRAY_LEN(aad_lens)]));
            const struct view plain = pattern(plain_lens[i / ARRAY_LEN(aad_lens)]);
            struct buf first = BUF_OF(first_bytes), second = BUF_OF(second_bytes), opened = BUF_OF(opened_bytes);

            assert_int_equal(aead_seal_with(&aead_mbedtls, &aead, plain, &first), STATUS_OK);
            assert_int_equal(aead_seal_with(&aead_libcrypto, &aead, plain, &second), STATUS_OK);
            assert_true(view_equal(buf_view(&first), buf_view(&second)));
            assert_int_equal(first.len, plain.len + AEAD_TAG_SIZE);
            assert_int_equal(aead_open_with(&aead_libcrypto, &aead, buf_view(&first), &opened), STATUS_OK);
            assert_true(view_equal(buf_view(&opened), plain));
            opened.len = 0;
            assert_int_equal(aead_open_with(&aead_mbedtls, &aead, buf_view(&second), &opened), STATUS_OK);
            assert_true(view_equal(buf_view(&opened), plain));
        }
}

/* Opens into a buffer that holds four bytes and has space behind; whatever the reason, it must be as if nothing was. */
static void assert_refused(const struct aead_provider *provider, const struct aead *aead, struct view sealed,
                           enum status want)
{
    uint8_t bytes[64];
    struct buf out = {bytes, 4, sizeof bytes};

    memset(bytes, 0xee, sizeof bytes);
    assert_int_equal(aead_open_with(provider, aead, sealed, &out), want);
    assert_int_equal(out.len, 4);
    for (size_t i = 0; i < sizeof bytes; i++)
        assert_true(bytes[i] == 0xee || (i >= 4 && bytes[i] == 0));
    if (want == STATUS_FORGED)
        assert_true(all_zero((struct view){bytes + 4, sealed.len - AEAD_TAG_SIZE}));
}

static void refuses_and_wipes_when_any_byte_is_another(void **state)
{
    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(algs) * ARRAY_LEN(providers); n++) {
        const struct aead_provider *provider = providers[n / ARRAY_LEN(algs)].provider;
        uint8_t key[AEAD_KEY_MAX] = {1}, nonce[AEAD_NONCE_MAX] = {2}, aad[5] = {3};
        uint8_t sealed_bytes[20 + AEAD_TAG_SIZE];
        struct buf sealed = BUF_OF(sealed_bytes);
        const int64_t alg = algs[n % ARRAY_LEN(algs)];
        const struct aead aead = {alg, {key, aead_key_size(alg)}, {nonce, aead_nonce_size(alg)}, VIEW_OF(aad)};
        const struct buf parts[] = {{key, aead.key.len, 0},
                                    {nonce, aead.nonce.len, 0},
                                    {aad, sizeof aad, 0},
                                    {sealed_bytes, sizeof sealed_bytes, 0}};
        uint8_t opened_bytes[20];
        struct buf opened = BUF_OF(opened_bytes);

        assert_int_equal(aead_seal_with(provider, &aead, pattern(20), &sealed), STATUS_OK);
        for (size_t p = 0; p < ARRAY_LEN(parts); p++)
            for (size_t i = 0; i < parts[p].len; i++) {
                parts[p].ptr[i] ^= (uint8_t)(1u << (i % 8));
                assert_refused(provider, &aead, buf_view(&sealed), STATUS_FORGED);
                parts[p].ptr[i] ^= (uint8_t)(1u << (i % 8));
            }
        for (size_t len = 0; len < sealed.len; len++)
            assert_refused(provider, &aead, (struct view){sealed.ptr, len},
                           len < AEAD_TAG_SIZE ? STATUS_TRUNCATED : STATUS_FORGED);
        assert_int_equal(aead_open_with(provider, &aead, buf_view(&sealed), &opened), STATUS_OK);
    }
}

static void refuses_a_message_without_text_when_its_tag_is_wrong(void **state)
{
    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(algs) * ARRAY_LEN(providers); n++) {
        const struct aead_provider *provider = providers[n / ARRAY_LEN(algs)].provider;
        const struct aead aead = aead_of(algs[n % ARRAY_LEN(algs)], (struct view){0});
        uint8_t tag[AEAD_TAG_SIZE];
        struct buf sealed = BUF_OF(tag), nothing = {0};

        assert_int_equal(aead_seal_with(provider, &aead, (struct view){0}, &sealed), STATUS_OK);
        assert_int_equal(aead_open_with(provider, &aead, buf_view(&sealed), &nothing), STATUS_OK);
        for (size_t i = 0; i < sizeof tag; i++) {
            tag[i] ^= 0x80;
            assert_refused(provider, &aead, buf_view(&sealed), STATUS_FORGED);
            assert_int_equal(aead_open_with(provider, &aead, buf_view(&sealed), &nothing), STATUS_FORGED);
            tag[i] ^= 0x80;
        }
    }
}

static void refuses_what_no_algorithm_takes(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t alg;
        size_t key_size, nonce_size, aad_len, plain_len;
        enum status want;
    } cases[] = {
        {"an algorithm that is none", 0, 16, 12, 0, 1, STATUS_UNSUPPORTED},
        {"A192GCM", 2, 24, 12, 0, 1, STATUS_UNSUPPORTED},
        {"a negative number", -7, 32, 12, 0, 1, STATUS_UNSUPPORTED},
        {"A256GCM with a key of A128GCM", AEAD_A256GCM, 16, 12, 0, 1, STATUS_BAD_KEY},
        {"A128GCM with a key of A256GCM", AEAD_A128GCM, 32, 12, 0, 1, STATUS_BAD_KEY},
        {"no key", AEAD_A128GCM, 0, 12, 0, 1, STATUS_BAD_KEY},
        {"GCM with the nonce of CCM", AEAD_A128GCM, 16, 13, 0, 1, STATUS_BAD_KEY},
        {"CCM with the nonce of GCM", AEAD_CCM_16_128_256, 32, 12, 0, 1, STATUS_BAD_KEY},
        {"no nonce", AEAD_CHACHA20_POLY1305, 32, 0, 0, 1, STATUS_BAD_KEY},
        {"aad past its limit", AEAD_CCM_16_128_256, 32, 13, AEAD_AAD_MAX + 1, 1, STATUS_OUT_OF_RANGE},
        {"more than CCM counts", AEAD_CCM_16_128_256, 32, 13, 0, UINT16_MAX + 1, STATUS_OUT_OF_RANGE},
    };
    static uint8_t out_bytes[UINT16_MAX + 1 + AEAD_TAG_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct aead aead = {cases[i].alg, pattern(cases[i].key_size), pattern(cases[i].nonce_size),
                                  pattern(cases[i].aad_len)};
        struct buf out = BUF_OF(out_bytes);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(aead_seal(&aead, pattern(cases[i].plain_len), &out), cases[i].want);
        assert_int_equal(out.len, 0);
    }
    assert_int_equal(aead_plain_max(AEAD_CCM_16_128_256), UINT16_MAX);
    assert_true(aead_plain_max(AEAD_A256GCM) > (size_t)1 << 30);
    assert_int_equal(aead_plain_max(2), 0);
    assert_int_equal(aead_key_size(2), 0);
    assert_int_equal(aead_nonce_size(2), 0);
}

static void needs_all_the_space_and_no_more(void **state)
{
    (void)state;
    const struct aead aead = aead_of(AEAD_A256GCM, (struct view){0});
    uint8_t sealed_bytes[5 + AEAD_TAG_SIZE], out_bytes[2 + 5 + AEAD_TAG_SIZE];
    struct buf sealed = BUF_OF(sealed_bytes), out;

    for (size_t cap = 2; cap < sizeof out_bytes; cap++) {
        out = (struct buf){out_bytes, 2, cap};
        assert_int_equal(aead_seal(&aead, pattern(5), &out), STATUS_NO_SPACE);
        assert_int_equal(out.len, 2);
    }
    out = (struct buf){out_bytes, 2, sizeof out_bytes};
    assert_int_equal(aead_seal(&aead, pattern(5), &out), STATUS_OK);
    assert_int_equal(out.len, sizeof out_bytes);

    assert_int_equal(aead_seal(&aead, pattern(5), &sealed), STATUS_OK);
    for (size_t cap = 2; cap < 2 + 5; cap++) {
        out = (struct buf){out_bytes, 2, cap};
        assert_int_equal(aead_open(&aead, buf_view(&sealed), &out), STATUS_NO_SPACE);
        assert_int_equal(out.len, 2);
    }
    out = (struct buf){out_bytes, 2, 2 + 5};
    assert_int_equal(aead_open(&aead, buf_view(&sealed), &out), STATUS_OK);
    assert_memory_equal(out_bytes + 2, pattern(5).ptr, 5);
}

/* Whether sealing 8 bytes at `from` of a buffer to behind its first `len` bytes ends the process. */
static bool sealing_aborts(size_t from, size_t len)
{
    int how;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        uint8_t bytes[64] = {0};
        struct buf out = {bytes, len, sizeof bytes};
        const struct aead aead = aead_of(AEAD_A256GCM, (struct view){0});

        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO);
        _exit(aead_seal(&aead, (struct view){bytes + from, 8}, &out) == STATUS_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    if (WIFSIGNALED(how))
        return WTERMSIG(how) == SIGABRT;
    assert_int_equal(WEXITSTATUS(how), 0);
    return false;
}

static void reads_beside_what_it_writes_but_never_across(void **state)
{
    (void)state;
    assert_false(sealing_aborts(0, 8)); /* writes 8..31 */
    assert_false(sealing_aborts(24, 0));
    assert_true(sealing_aborts(0, 0));
    assert_true(sealing_aborts(0, 7));
    assert_true(sealing_aborts(23, 0));
    assert_true(sealing_aborts(20, 16));
}

static void leaves_the_errors_of_others_in_libcrypto_as_they_were(void **state)
{
    (void)state;
    const struct aead aead = aead_of(AEAD_A256GCM, (struct view){0});
    uint8_t bytes[64];
    struct buf out = BUF_OF(bytes);

    ERR_clear_error();
    assert_int_equal(aead_open_with(&aead_libcrypto, &aead, pattern(40), &out), STATUS_FORGED);
    assert_int_equal(ERR_peek_error(), 0);
    ERR_raise(ERR_LIB_USER, 1);
    assert_int_equal(aead_open_with(&aead_libcrypto, &aead, pattern(40), &out), STATUS_FORGED);
    assert_int_equal(ERR_GET_LIB(ERR_get_error()), ERR_LIB_USER);
    assert_int_equal(ERR_get_error(), 0);
}

static enum status prepared(void)
{
    return STATUS_OK;
}

static enum status seal_nothing(const struct aead *aead, struct view plain, uint8_t *out)
{
    (void)aead;
    memset(out, 0, plain.len + AEAD_TAG_SIZE);
    return STATUS_OK;
}

static enum status open_nothing(const struct aead *aead, struct view sealed, uint8_t *out)
{
    (void)aead;
    memset(out, 0, sealed.len - AEAD_TAG_SIZE);
    return STATUS_OK;
}

static void warms_up_by_doing_the_work(void **state)
{
    (void)state;
    static const struct aead_provider idle = {
        .prepare = prepared, .seal = seal_nothing, .open = open_nothing, .sha256 = sha256_mbedtls};

    for (size_t p = 0; p < ARRAY_LEN(providers); p++)
        assert_int_equal(aead_warm_up_with(providers[p].provider), STATUS_OK);
    assert_int_equal(crypto_warm_up(), STATUS_OK);
    assert_int_equal(aead_warm_up_with(&idle), STATUS_CRYPTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_and_opens_the_published_vectors),
        cmocka_unit_test(what_one_provider_seals_the_other_opens),
        cmocka_unit_test(refuses_and_wipes_when_any_byte_is_another),
        cmocka_unit_test(refuses_a_message_without_text_when_its_tag_is_wrong),
        cmocka_unit_test(refuses_what_no_algorithm_takes),
        cmocka_unit_test(needs_all_the_space_and_no_more),
        cmocka_unit_test(reads_beside_what_it_writes_but_never_across),
        cmocka_unit_test(leaves_the_errors_of_others_in_libcrypto_as_they_were),
        cmocka_unit_test(warms_up_by_doing_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

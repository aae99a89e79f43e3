/* COSE_Encrypt to one P-256 key: sealing, opening, and every way to be refused. */
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

/* The items of the golden message: payload 'payload', external_aad 'aad', of a random port that counts from 1: IV first,
 * then the ephemeral scalar. Made by an independent implementation. */
#define PROTECTED   "43a10103"
#define UNPROTECTED "a1054c0102030405060708090a0b0c"
#define CIPHERTEXT  "57e032017cc00bbd305727f8c77e5a76513939c891dd06ce"
#define AGREEMENT   "44a1013818"
#define KEY_X       "3544211e3a38fc6d0b14cbf8cce38dde4a3624d12662ec000f116ccb3583bbb0"
#define KEY_Y       "94e71c3ae29891d42ccfaf0fb0921eafc227e4ca8c7301c5a2281a2099b6f542"
#define KEY_ITEM \
    "a401022001" \
    "215820" KEY_X "225820" KEY_Y
#define RECIPIENT "83" AGREEMENT "a120" KEY_ITEM "40"
#define START     "d86084" PROTECTED UNPROTECTED CIPHERTEXT
#define GOLDEN    START "81" RECIPIENT

static struct counting_random counter;
static struct random_port port;
static struct p256_key key;

static int make_key(void **state)
{
    enum status status;

    (void)state;
    counter = (struct counting_random){0};
    port = counting_port(&counter);
    status = p256_from_scalar(HEX(SCALAR), &port, &key);
    counter.last = 0;
    return status == STATUS_OK ? 0 : -1;
}

static void seals_and_opens_the_golden_message(void **state)
{
    (void)state;
    uint8_t sealed_bytes[256], opened_bytes[7];
    struct buf sealed = BUF_OF(sealed_bytes), opened = BUF_OF(opened_bytes);

    assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, VIEW_TEXT("aad"), VIEW_TEXT("payload"), &sealed),
                     STATUS_OK);
    assert_true(view_equal(buf_view(&sealed), HEX(GOLDEN)));
    assert_int_equal(cose_encrypt_open(HEX(GOLDEN), &key, &port, VIEW_TEXT("aad"), &opened), STATUS_OK);
    assert_true(view_equal(buf_view(&opened), VIEW_TEXT("payload")));
}

static void seals_payloads_of_no_bytes_and_of_many(void **state)
{
    (void)state;
    static uint8_t many[100000], sealed_bytes[sizeof many + COSE_OVERHEAD_MAX], opened_bytes[sizeof many];
    const struct view payloads[] = {{NULL, 0}, VIEW_OF(many)};

    for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
        struct buf sealed = BUF_OF(sealed_bytes), opened = BUF_OF(opened_bytes);

        assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, (struct view){0}, payloads[i], &sealed),
                         STATUS_OK);
        assert_true(sealed.len <= payloads[i].len + COSE_OVERHEAD_MAX);
        assert_int_equal(cose_encrypt_open(buf_view(&sealed), &key, &port, (struct view){0}, &opened), STATUS_OK);
        assert_true(view_equal(buf_view(&opened), payloads[i]));
    }
}

static void no_two_messages_share_key_or_iv(void **state)
{
    (void)state;
    uint8_t first_bytes[256], second_bytes[256];
    struct buf first = BUF_OF(first_bytes), second = BUF_OF(second_bytes);
    const size_t iv_at = 10, x_at = HEX(START).len + 15;

    assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, (struct view){0}, VIEW_TEXT("payload"), &first),
                     STATUS_OK);
    assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, (struct view){0}, VIEW_TEXT("payload"), &second),
                     STATUS_OK);
    assert_memory_not_equal(first.ptr + iv_at, second.ptr + iv_at, 12);
    assert_memory_not_equal(first.ptr + x_at, second.ptr + x_at, P256_SCALAR_SIZE);
}

static void refuses_what_is_not_strict(void **state)
{
    (void)state;
    static const struct {
        const char *why, *message;
        enum status want;
    } cases[] = {
        {"no tag", "84" PROTECTED UNPROTECTED CIPHERTEXT "81" RECIPIENT, STATUS_MALFORMED},
        {"the tag of Encrypt0", "d084" PROTECTED UNPROTECTED CIPHERTEXT "81" RECIPIENT, STATUS_MALFORMED},
        {"no recipients' item", "d86083" PROTECTED UNPROTECTED CIPHERTEXT, STATUS_OUT_OF_RANGE},
        {"an empty protected bucket",
         "d86084"
         "40" UNPROTECTED CIPHERTEXT "81" RECIPIENT,
         STATUS_MALFORMED},
        {"A192GCM",
         "d86084"
         "43a10102" UNPROTECTED CIPHERTEXT "81" RECIPIENT,
         STATUS_UNSUPPORTED},
        {"a kid for the content",
         "d86084"
         "46a201030441ff" UNPROTECTED CIPHERTEXT "81" RECIPIENT,
         STATUS_UNSUPPORTED},
        {"no IV", "d86084" PROTECTED "a0" CIPHERTEXT "81" RECIPIENT, STATUS_MALFORMED},
        {"a detached ciphertext",
         "d86084" PROTECTED UNPROTECTED "f6"
         "81" RECIPIENT,
         STATUS_MALFORMED},
        {"a ciphertext shorter than a tag",
         "d86084" PROTECTED UNPROTECTED "41ff"
         "81" RECIPIENT,
         STATUS_TRUNCATED},
        {"no recipient", START "80", STATUS_OUT_OF_RANGE},
        {"two recipients", START "82" RECIPIENT RECIPIENT, STATUS_OUT_OF_RANGE},
        {"a recipient of a recipient",
         START "81"
               "84" AGREEMENT "a120" KEY_ITEM "40"
               "80",
         STATUS_OUT_OF_RANGE},
        {"ECDH-ES with HKDF-512",
         START "81"
               "83"
               "44a1013819"
               "a120" KEY_ITEM "40",
         STATUS_UNSUPPORTED},
        {"ECDH-SS",
         START "81"
               "83"
               "44a101381a"
               "a120" KEY_ITEM "40",
         STATUS_UNSUPPORTED},
        {"a direct key",
         START "81"
               "83"
               "40"
               "a10125"
               "40",
         STATUS_MALFORMED},
        {"a salt",
         START "81"
               "83" AGREEMENT "a220" KEY_ITEM "3341ff"
               "40",
         STATUS_UNSUPPORTED},
        {"no ephemeral key",
         START "81"
               "83" AGREEMENT "a0"
               "40",
         STATUS_MALFORMED},
        {"an ephemeral key in the protected bucket",
         START "81"
               "83"
               "46a20138182000"
               "a0"
               "40",
         STATUS_MALFORMED},
        {"a static key",
         START "81"
               "83" AGREEMENT "a121" KEY_ITEM "40",
         STATUS_UNSUPPORTED},
        {"labels out of order",
         START "81"
               "83" AGREEMENT "a220" KEY_ITEM "0441ff"
               "40",
         STATUS_UNORDERED},
        {"a compressed ephemeral key",
         START "81"
               "83" AGREEMENT "a120"
               "a401022001"
               "215820" KEY_X "22f5"
               "40",
         STATUS_MALFORMED},
        {"an ephemeral key off the curve",
         START "81"
               "83" AGREEMENT "a120"
               "a401022001"
               "215820" KEY_X "225820" KEY_X "40",
         STATUS_BAD_KEY},
        {"another point",
         START "81"
               "83" AGREEMENT "a120"
               "a401022001"
               "215820"
               "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
               "225820"
               "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
               "40",
         STATUS_FORGED},
        {"a wrapped key",
         START "81"
               "83" AGREEMENT "a120" KEY_ITEM "41ff",
         STATUS_OUT_OF_RANGE},
        {"nil where the wrapped key is",
         START "81"
               "83" AGREEMENT "a120" KEY_ITEM "f6",
         STATUS_MALFORMED},
        {"a byte behind it", GOLDEN "00", STATUS_TRAILING},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t opened_bytes[64] = {0};
        struct buf opened = BUF_OF(opened_bytes);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(cose_encrypt_open(HEX(cases[i].message), &key, &port, VIEW_TEXT("aad"), &opened),
                         cases[i].want);
        assert_int_equal(opened.len, 0);
        assert_true(all_zero(VIEW_OF(opened_bytes)));
    }
    for (size_t len = 0; len < HEX(GOLDEN).len; len++) {
        uint8_t opened_bytes[64];
        struct buf opened = BUF_OF(opened_bytes);

        assert_int_equal(cose_encrypt_open((struct view){HEX(GOLDEN).ptr, len}, &key, &port, VIEW_TEXT("aad"), &opened),
                         STATUS_TRUNCATED);
    }
}

static void takes_a_recipient_with_a_kid(void **state)
{
    (void)state;
    uint8_t opened_bytes[7];
    struct buf opened = BUF_OF(opened_bytes);

    assert_int_equal(cose_encrypt_open(HEX(START "8183" AGREEMENT "a20441ff20" KEY_ITEM "40"), &key, &port,
                                       VIEW_TEXT("aad"), &opened),
                     STATUS_OK);
    assert_true(view_equal(buf_view(&opened), VIEW_TEXT("payload")));
}

static void refuses_a_message_with_any_byte_turned_and_wipes(void **state)
{
    (void)state;
    uint8_t bytes[256], opened_bytes[16];
    const struct view sealed = hex_bytes(GOLDEN, BUF_OF(bytes));

    for (size_t i = 0; i < sealed.len; i++) {
        struct buf opened = {opened_bytes, 4, sizeof opened_bytes};
        enum status status;

        memset(opened_bytes, 0xee, sizeof opened_bytes);
        bytes[i] ^= (uint8_t)(1u << (i % 8));
        status = cose_encrypt_open(sealed, &key, &port, VIEW_TEXT("aad"), &opened);
        assert_int_not_equal(status, STATUS_OK);
        assert_int_equal(opened.len, 4);
        assert_true(status != STATUS_FORGED || all_zero((struct view){opened_bytes + 4, 7}));
        bytes[i] ^= (uint8_t)(1u << (i % 8));
    }
}

static void opens_in_its_own_place_and_with_its_own_key_only(void **state)
{
    (void)state;
    struct p256_key other;
    uint8_t opened_bytes[7];
    struct buf opened = BUF_OF(opened_bytes);

    assert_int_equal(p256_generate(&port, &other), STATUS_OK);
    assert_int_equal(cose_encrypt_open(HEX(GOLDEN), &other, &port, VIEW_TEXT("aad"), &opened), STATUS_FORGED);
    assert_int_equal(cose_encrypt_open(HEX(GOLDEN), &key, &port, VIEW_TEXT("a"), &opened), STATUS_FORGED);
    for (opened.cap = 0; opened.cap < sizeof opened_bytes; opened.cap++)
        assert_int_equal(cose_encrypt_open(HEX(GOLDEN), &key, &port, VIEW_TEXT("aad"), &opened), STATUS_NO_SPACE);
    counter.broken = true;
    assert_int_equal(cose_encrypt_open(HEX(GOLDEN), &key, &port, VIEW_TEXT("aad"), &opened), STATUS_IO);
    assert_int_equal(opened.len, 0);
}

static void seals_whole_or_not_at_all(void **state)
{
    (void)state;
    static const uint8_t long_aad[COSE_AAD_MAX + 1];
    uint8_t bytes[256];
    struct buf out = {bytes, 1, sizeof bytes};

    assert_int_equal(cose_encrypt_seal(HEX(KEY_X KEY_X), &port, (struct view){0}, HEX(BYTES16), &out), STATUS_BAD_KEY);
    assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, VIEW_OF(long_aad), HEX(BYTES16), &out),
                     STATUS_NO_SPACE);
    assert_int_equal(out.len, 1);
    for (size_t cap = 0; cap < HEX(GOLDEN).len; cap++) {
        out = (struct buf){.ptr = bytes, .cap = cap};
        assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, (struct view){0}, VIEW_TEXT("payload"), &out),
                         STATUS_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
    counter.broken = true;
    out = BUF_OF(bytes);
    assert_int_equal(cose_encrypt_seal(VIEW_OF(key.point), &port, (struct view){0}, HEX(BYTES16), &out), STATUS_IO);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(seals_and_opens_the_golden_message, make_key),
        cmocka_unit_test_setup(seals_payloads_of_no_bytes_and_of_many, make_key),
        cmocka_unit_test_setup(no_two_messages_share_key_or_iv, make_key),
        cmocka_unit_test_setup(refuses_what_is_not_strict, make_key),
        cmocka_unit_test_setup(takes_a_recipient_with_a_kid, make_key),
        cmocka_unit_test_setup(refuses_a_message_with_any_byte_turned_and_wipes, make_key),
        cmocka_unit_test_setup(opens_in_its_own_place_and_with_its_own_key_only, make_key),
        cmocka_unit_test_setup(seals_whole_or_not_at_all, make_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

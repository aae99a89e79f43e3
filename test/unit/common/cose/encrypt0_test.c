/* COSE_Encrypt0 and its chunk header: sealing, opening, and every way to be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cose.h"
#include "crypto_support.h"

#define BYTES16 "000102030405060708090a0b0c0d0e0f"
#define BYTES64 BYTES16 BYTES16 BYTES16 BYTES16
#define KEY     BYTES16 "101112131415161718191a1b1c1d1e1f"
#define IV      "000102030405060708090a0b"

/* {1: 3, 4: h'00..0f', -65537: [h'0001020304050607', 1, 3, 300], -65538: [h'00..0f', 1, 1800000000]} */
#define CHUNK_LABEL  "3a00010000"
#define SENDER_LABEL "3a00010001"
#define SENDER       "8350" BYTES16 "011a6b49d200"
#define FULL_HEADER \
    "a4" \
    "0103" \
    "0450" BYTES16 CHUNK_LABEL "84" \
    "480001020304050607" \
    "01" \
    "03" \
    "19012c" SENDER_LABEL SENDER

/* Payload 'a piece of an update', external_aad 'aad'; made by an independent implementation, as the next one, which has no
 * payload and no external_aad. */
#define GOLDEN \
    "d083" \
    "5846" FULL_HEADER "a1054c" IV "58242622a672a086a73be227b7eadfc90d1de7b7f351fedf7414152bffa2ba214a31f31eb4c9"
#define GOLDEN_EMPTY \
    "d083" \
    "43a10103" \
    "a1054c" IV "50ee71f97233a591ab08960a318cb4ea52"

/* The items of a message that decodes. */
#define PROTECTED   "43a10103"
#define UNPROTECTED "a1054c" IV
#define CIPHERTEXT  "50" BYTES16

static struct cose_encrypt0 full_head(void)
{
    static const uint8_t bytes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const uint8_t sender[] = {0x83, 0x50, 0,  1,  2,  3,  4, 5,    6,    7,    8,    9,
                                     10,   11,   12, 13, 14, 15, 1, 0x1a, 0x6b, 0x49, 0xd2, 0};

    return (struct cose_encrypt0){.alg = AEAD_A256GCM,
                                  .iv = {bytes, 12},
                                  .kid = VIEW_OF(bytes),
                                  .sender = VIEW_OF(sender),
                                  .chunk = {.transfer = {bytes, 8}, .index = 1, .count = 3, .total = 300}};
}

static void seals_and_opens_the_golden_message(void **state)
{
    (void)state;
    const struct cose_encrypt0 head = full_head();
    struct cose_encrypt0 message;
    uint8_t sealed_bytes[256], opened_bytes[64];
    struct buf sealed = BUF_OF(sealed_bytes), opened = BUF_OF(opened_bytes);

    assert_int_equal(cose_encrypt0_seal(&head, HEX(KEY), VIEW_TEXT("aad"), VIEW_TEXT("a piece of an update"), &sealed),
                     STATUS_OK);
    assert_true(view_equal(buf_view(&sealed), HEX(GOLDEN)));

    assert_int_equal(cose_encrypt0_decode(buf_view(&sealed), &message), STATUS_OK);
    assert_true(view_equal(message.protected_, HEX(FULL_HEADER)));
    assert_true(view_equal(message.iv, head.iv));
    assert_true(view_equal(message.kid, head.kid));
    assert_true(view_equal(message.sender, head.sender));
    assert_true(view_equal(message.chunk.transfer, head.chunk.transfer));
    assert_true(message.chunk.index == 1 && message.chunk.count == 3 && message.chunk.total == 300);
    assert_int_equal(message.alg, AEAD_A256GCM);

    assert_int_equal(cose_encrypt0_open(&message, HEX(KEY), VIEW_TEXT("aad"), &opened), STATUS_OK);
    assert_true(view_equal(buf_view(&opened), VIEW_TEXT("a piece of an update")));
}

static void seals_and_opens_the_golden_message_of_nothing(void **state)
{
    (void)state;
    const struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .iv = HEX(IV)};
    struct cose_encrypt0 message;
    uint8_t bytes[64];
    struct buf sealed = BUF_OF(bytes), opened = {0};

    assert_int_equal(cose_encrypt0_seal(&head, HEX(KEY), (struct view){0}, (struct view){0}, &sealed), STATUS_OK);
    assert_true(view_equal(buf_view(&sealed), HEX(GOLDEN_EMPTY)));
    assert_int_equal(cose_encrypt0_decode(buf_view(&sealed), &message), STATUS_OK);
    assert_int_equal(message.kid.len + message.sender.len + message.chunk.transfer.len, 0);
    assert_int_equal(cose_encrypt0_open(&message, HEX(KEY), (struct view){0}, &opened), STATUS_OK);
}

static void works_with_each_algorithm_and_each_choice_of_headers(void **state)
{
    (void)state;
    static const int64_t algs[] = {AEAD_A128GCM, AEAD_A256GCM, AEAD_CHACHA20_POLY1305, AEAD_CCM_16_128_256};
    static uint8_t payload[1000], bytes[sizeof payload + COSE_OVERHEAD_MAX], opened_bytes[sizeof payload];

    for (unsigned int n = 0; n < ARRAY_LEN(algs) * 8; n++) {
        const int64_t alg = algs[n / 8];
        const struct view key = {HEX(KEY).ptr, aead_key_size(alg)}, iv = {HEX(KEY).ptr, aead_nonce_size(alg)};
        struct cose_encrypt0 head = full_head(), message;
        struct buf sealed = BUF_OF(bytes), opened = BUF_OF(opened_bytes);

        head.alg = alg;
        head.iv = iv;
        head.kid.len = n & 1 ? head.kid.len : 0;
        head.sender.len = n & 2 ? head.sender.len : 0;
        head.chunk.transfer.len = n & 4 ? head.chunk.transfer.len : 0;
        assert_int_equal(cose_encrypt0_seal(&head, key, VIEW_TEXT("aad"), VIEW_OF(payload), &sealed), STATUS_OK);
        assert_int_equal(cose_encrypt0_decode(buf_view(&sealed), &message), STATUS_OK);
        assert_int_equal(message.alg, alg);
        assert_true(view_equal(message.kid, head.kid) && view_equal(message.sender, head.sender));
        assert_true(view_equal(message.chunk.transfer, head.chunk.transfer));
        assert_int_equal(cose_encrypt0_open(&message, key, VIEW_TEXT("aad"), &opened), STATUS_OK);
        assert_true(view_equal(buf_view(&opened), VIEW_OF(payload)));
    }
}

static void refuses_what_is_not_strict(void **state)
{
    (void)state;
    static const struct {
        const char *why, *message;
        enum status want;
    } cases[] = {
        {"no tag", "83" PROTECTED UNPROTECTED CIPHERTEXT, STATUS_MALFORMED},
        {"the tag of Sign1", "d283" PROTECTED UNPROTECTED CIPHERTEXT, STATUS_MALFORMED},
        {"two items", "d082" PROTECTED UNPROTECTED, STATUS_OUT_OF_RANGE},
        {"four items", "d084" PROTECTED UNPROTECTED CIPHERTEXT "80", STATUS_OUT_OF_RANGE},
        {"an empty protected bucket",
         "d083"
         "40" UNPROTECTED CIPHERTEXT,
         STATUS_MALFORMED},
        {"an empty map as protected bucket",
         "d083"
         "41a0" UNPROTECTED CIPHERTEXT,
         STATUS_MALFORMED},
        {"alg in both buckets", "d083" PROTECTED "a20103054c" IV CIPHERTEXT, STATUS_DUPLICATE_KEY},
        {"A192GCM",
         "d083"
         "43a10102" UNPROTECTED CIPHERTEXT,
         STATUS_UNSUPPORTED},
        {"CCM with a short tag",
         "d083"
         "43a1010b" UNPROTECTED CIPHERTEXT,
         STATUS_UNSUPPORTED},
        {"alg as text",
         "d083"
         "4aa10167756e6b6e6f776e" UNPROTECTED CIPHERTEXT,
         STATUS_MALFORMED},
        {"crit",
         "d083"
         "46a20103028105" UNPROTECTED CIPHERTEXT,
         STATUS_UNSUPPORTED},
        {"no IV", "d083" PROTECTED "a0" CIPHERTEXT, STATUS_MALFORMED},
        {"a partial IV", "d083" PROTECTED "a10641ff" CIPHERTEXT, STATUS_UNSUPPORTED},
        {"an IV and a partial IV", "d083" PROTECTED "a2054c" IV "0641ff" CIPHERTEXT, STATUS_UNSUPPORTED},
        {"an IV in the protected bucket",
         "d083"
         "52a20103054c" IV UNPROTECTED CIPHERTEXT,
         STATUS_MALFORMED},
        {"an IV of 11 bytes",
         "d083" PROTECTED "a1054b"
         "000102030405060708090a" CIPHERTEXT,
         STATUS_OUT_OF_RANGE},
        {"an IV of 13 bytes for GCM", "d083" PROTECTED "a1054d" IV "0c" CIPHERTEXT, STATUS_OUT_OF_RANGE},
        {"an IV of 12 bytes for CCM",
         "d083"
         "44a101181f" UNPROTECTED CIPHERTEXT,
         STATUS_OUT_OF_RANGE},
        {"kid in the unprotected bucket", "d083" PROTECTED "a20441ff054c" IV CIPHERTEXT, STATUS_MALFORMED},
        {"kid in both buckets",
         "d083"
         "46a201030441ff"
         "a20441ff054c" IV CIPHERTEXT,
         STATUS_DUPLICATE_KEY},
        {"chunk in the unprotected bucket", "d083" PROTECTED "a2054c" IV CHUNK_LABEL "00" CIPHERTEXT, STATUS_MALFORMED},
        {"a private label that is not ours",
         "d083"
         "49a20103"
         "3a0001000200" UNPROTECTED CIPHERTEXT,
         STATUS_UNSUPPORTED},
        {"a transfer of 7 bytes",
         "d083"
         "54a20103" CHUNK_LABEL "84"
         "4700010203040506"
         "000100" UNPROTECTED CIPHERTEXT,
         STATUS_OUT_OF_RANGE},
        {"a chunk that is its own count",
         "d083"
         "55a20103" CHUNK_LABEL "84"
         "480001020304050607"
         "030300" UNPROTECTED CIPHERTEXT,
         STATUS_OUT_OF_RANGE},
        {"a transfer of no chunks",
         "d083"
         "55a20103" CHUNK_LABEL "84"
         "480001020304050607"
         "000000" UNPROTECTED CIPHERTEXT,
         STATUS_OUT_OF_RANGE},
        {"a chunk header of three items",
         "d083"
         "54a20103" CHUNK_LABEL "83"
         "480001020304050607"
         "0001" UNPROTECTED CIPHERTEXT,
         STATUS_OUT_OF_RANGE},
        {"a sender that is no CBOR",
         "d083"
         "49a20103" SENDER_LABEL "1c" UNPROTECTED CIPHERTEXT,
         STATUS_MALFORMED},
        {"a detached ciphertext", "d083" PROTECTED UNPROTECTED "f6", STATUS_MALFORMED},
        {"a ciphertext shorter than a tag",
         "d083" PROTECTED UNPROTECTED "4f"
         "000102030405060708090a0b0c0d0e",
         STATUS_TRUNCATED},
        {"no ciphertext", "d083" PROTECTED UNPROTECTED "40", STATUS_TRUNCATED},
        {"a byte behind it", "d083" PROTECTED UNPROTECTED CIPHERTEXT "00", STATUS_TRAILING},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cose_encrypt0 message = {.alg = 77};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(cose_encrypt0_decode(HEX(cases[i].message), &message), cases[i].want);
        assert_int_equal(message.alg, 77);
    }
    for (size_t len = 0; len < HEX(GOLDEN).len; len++) {
        struct cose_encrypt0 message;

        assert_int_equal(cose_encrypt0_decode((struct view){HEX(GOLDEN).ptr, len}, &message), STATUS_TRUNCATED);
    }
}

static void refuses_a_message_with_any_bit_turned_and_wipes(void **state)
{
    (void)state;
    uint8_t bytes[256], opened_bytes[64];
    struct view sealed = hex_bytes(GOLDEN, BUF_OF(bytes));

    for (size_t i = 0; i < sealed.len * 8; i++) {
        struct buf opened = {opened_bytes, 4, sizeof opened_bytes};
        struct cose_encrypt0 message;
        enum status status;

        memset(opened_bytes, 0xee, sizeof opened_bytes);
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        status = cose_encrypt0_decode(sealed, &message);
        if (status == STATUS_OK) {
            status = cose_encrypt0_open(&message, HEX(KEY), VIEW_TEXT("aad"), &opened);
            assert_true(status == STATUS_BAD_KEY || all_zero((struct view){opened_bytes + 4, 20}));
        }
        assert_int_not_equal(status, STATUS_OK);
        assert_int_equal(opened.len, 4);
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
}

static void opens_in_its_own_place_and_with_its_own_key_only(void **state)
{
    (void)state;
    static const uint8_t long_aad[COSE_AAD_MAX + 1];
    struct cose_encrypt0 message;
    uint8_t opened_bytes[20];
    struct buf opened = BUF_OF(opened_bytes);

    assert_int_equal(cose_encrypt0_decode(HEX(GOLDEN), &message), STATUS_OK);
    assert_int_equal(cose_encrypt0_open(&message, HEX(KEY), VIEW_TEXT("another"), &opened), STATUS_FORGED);
    assert_int_equal(cose_encrypt0_open(&message, HEX(BYTES16 BYTES16), VIEW_TEXT("aad"), &opened), STATUS_FORGED);
    assert_int_equal(cose_encrypt0_open(&message, HEX(BYTES16), VIEW_TEXT("aad"), &opened), STATUS_BAD_KEY);
    assert_int_equal(cose_encrypt0_open(&message, HEX(KEY), VIEW_OF(long_aad), &opened), STATUS_NO_SPACE);
    for (opened.cap = 0; opened.cap < sizeof opened_bytes; opened.cap++)
        assert_int_equal(cose_encrypt0_open(&message, HEX(KEY), VIEW_TEXT("aad"), &opened), STATUS_NO_SPACE);
    assert_int_equal(opened.len, 0);
    assert_int_equal(cose_encrypt0_open(&message, HEX(KEY), VIEW_TEXT("aad"), &opened), STATUS_OK);
}

static void seals_whole_or_not_at_all(void **state)
{
    (void)state;
    static const uint8_t long_bytes[COSE_AAD_MAX + 1];
    const struct cose_encrypt0 good = full_head();
    const struct {
        const char *why;
        struct cose_encrypt0 head;
        struct view key, external_aad;
        enum status want;
    } cases[] = {
        {"no algorithm", {.iv = good.iv}, HEX(KEY), {0}, STATUS_UNSUPPORTED},
        {"a short key", {.alg = AEAD_A256GCM, .iv = good.iv}, HEX(BYTES16), {0}, STATUS_BAD_KEY},
        {"no IV", {.alg = AEAD_A256GCM}, HEX(KEY), {0}, STATUS_BAD_KEY},
        {"a long kid",
         {.alg = 3, .iv = good.iv, .kid = {long_bytes, COSE_KID_MAX + 1}},
         HEX(KEY),
         {0},
         STATUS_OUT_OF_RANGE},
        {"a short transfer",
         {.alg = 3, .iv = good.iv, .chunk = {{long_bytes, 7}, 0, 1, 0}},
         HEX(KEY),
         {0},
         STATUS_OUT_OF_RANGE},
        {"a chunk past the count",
         {.alg = 3, .iv = good.iv, .chunk = {{long_bytes, 8}, 1, 1, 0}},
         HEX(KEY),
         {0},
         STATUS_OUT_OF_RANGE},
        {"a long sender",
         {.alg = 3, .iv = good.iv, .sender = {long_bytes, COSE_PROTECTED_MAX}},
         HEX(KEY),
         {0},
         STATUS_NO_SPACE},
        {"a long external_aad", good, HEX(KEY), VIEW_OF(long_bytes), STATUS_NO_SPACE},
    };
    uint8_t bytes[256];
    struct buf out;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        out = (struct buf){bytes, 1, sizeof bytes};
        assert_int_equal(cose_encrypt0_seal(&cases[i].head, cases[i].key, cases[i].external_aad, HEX(BYTES16), &out),
                         cases[i].want);
        assert_int_equal(out.len, 1);
    }
    for (size_t cap = 0; cap < HEX(GOLDEN).len; cap++) {
        out = (struct buf){.ptr = bytes, .cap = cap};
        assert_int_equal(cose_encrypt0_seal(&good, HEX(KEY), VIEW_TEXT("aad"), VIEW_TEXT("a piece of an update"), &out),
                         STATUS_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_and_opens_the_golden_message),
        cmocka_unit_test(seals_and_opens_the_golden_message_of_nothing),
        cmocka_unit_test(works_with_each_algorithm_and_each_choice_of_headers),
        cmocka_unit_test(refuses_what_is_not_strict),
        cmocka_unit_test(refuses_a_message_with_any_bit_turned_and_wipes),
        cmocka_unit_test(opens_in_its_own_place_and_with_its_own_key_only),
        cmocka_unit_test(seals_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

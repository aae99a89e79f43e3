/* The bodies of the gate's frames: what is written, what is read again, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gate.h"
#include "hex.h"

#define KEY  "584b" KEY_ KEY_ KEY_ KEY_ KEY_
#define KEY_ "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b"
#define TEXT64 \
    "7840 61616161616161616161616161616161 61616161616161616161616161616161 61616161616161616161616161616161 " \
    "61616161616161616161616161616161"
#define TEXT65 \
    "7841 6161616161616161616161616161616161 61616161616161616161616161616161 61616161616161616161616161616161 " \
    "61616161616161616161616161616161"

/* A body of any kind: decodes, and encodes what was decoded again. */
#define CODEC(kind) \
    static enum status kind##_again(struct view body, struct buf *out) \
    { \
        struct gate_##kind value; \
\
        TRY(gate_##kind##_decode(body, &value)); \
        return gate_##kind##_encode(&value, out); \
    }
CODEC(boot)
CODEC(booted)
CODEC(sealed)
CODEC(answer)
CODEC(update)
CODEC(status)

static enum status number_again(struct view body, struct buf *out)
{
    uint64_t number;

    TRY(gate_number_decode(body, &number));
    return gate_number_encode(number, out);
}

static enum status message_again(struct view body, struct buf *out)
{
    struct view message;

    TRY(gate_message_decode(body, &message));
    return gate_message_encode(message, out);
}

typedef enum status again(struct view body, struct buf *out);

static const struct golden {
    const char *why;
    again *again;
    const char *hex;
} goldens[] = {
    {"boot", boot_again, "86 1a6ab13b80 63616767 " KEY " 42aabb 40 40"},
    {"boot with a state", boot_again, "86 00 63616767 " KEY " 42aabb 43010203 40"},
    {"boot with revocations", boot_again, "86 00 63616767 " KEY " 42aabb 40 4401020304"},
    {"booted", booted_again, "85 42bbbb 1a00100000 190dac 191000 188d"},
    {"time", number_again, "1a6ab13b80"},
    {"latest time", number_again, "1af4865700"},
    {"message", message_again, "43010203"},
    {"sealed", sealed_again, "83 01 6464657636 420102"},
    {"sealed, nothing in it", sealed_again, "83 01 " TEXT64 " 40"},
    {"answer", answer_again, "82 00 43010203"},
    {"answer that nobody could read", answer_again, "82 14 40"},
    {"update", update_again, "84 1a6ab13b80 6464657636 05 83 41aa 42bbbb 43cccccc"},
    {"status", status_again, "8e 08 0c 01 02 03 0a 02 1a6ab13b80 1864 f5 42abab 07 191000 82 82 1414 82 182802"},
    {"status of an empty enclave", status_again, "8e 02 00 00 00 00 00 02 00 00 f4 40 00 00 80"},
};

static void what_is_decoded_encodes_to_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
        uint8_t bytes[256], encoded[256];
        struct buf memory = BUF_OF(bytes), out = BUF_OF(encoded);
        struct view body = hex_view(goldens[i].hex, &memory);
        if (goldens[i].again(body, &out) != STATUS_OK)
            fail_msg("%s: refused", goldens[i].why);
        assert_hex_equal(buf_view(&out), goldens[i].hex);
    }
}

static void a_body_that_is_cut_or_goes_on_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
        uint8_t bytes[256], encoded[256];
        struct buf memory = BUF_OF(bytes), out = BUF_OF(encoded);
        struct view body = hex_view(goldens[i].hex, &memory);
        for (size_t len = 0; len < body.len; len++)
            if (goldens[i].again((struct view){body.ptr, len}, &out) == STATUS_OK)
                fail_msg("%s: taken when cut at %zu", goldens[i].why, len);
        bytes[body.len] = 0;
        assert_int_equal(goldens[i].again((struct view){body.ptr, body.len + 1}, &out), STATUS_TRAILING);
        assert_int_equal(out.len, 0);
    }
}

static void an_encoding_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
        uint8_t bytes[256], encoded[256];
        struct buf memory = BUF_OF(bytes);
        struct view body = hex_view(goldens[i].hex, &memory);
        for (size_t cap = 0; cap < body.len; cap++) {
            struct buf small = {.ptr = encoded, .cap = cap};
            if (goldens[i].again(body, &small) != STATUS_NO_SPACE)
                fail_msg("%s: fits %zu bytes", goldens[i].why, cap);
        }
    }
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct {
        const char *why;
        again *again;
        const char *hex;
        enum status want;
    } cases[] = {
        {"boot: five items", boot_again, "85 00 63616767 " KEY " 42aabb 40", STATUS_OUT_OF_RANGE},
        {"boot: no name", boot_again, "86 00 60 " KEY " 42aabb 40 40", STATUS_OUT_OF_RANGE},
        {"boot: name too long", boot_again, "86 00 " TEXT65 " " KEY " 42aabb 40 40", STATUS_OUT_OF_RANGE},
        {"boot: name of two levels", boot_again, "86 00 63612f62 " KEY " 42aabb 40 40", STATUS_MALFORMED},
        {"boot: name of bytes", boot_again, "86 00 43616767 " KEY " 42aabb 40 40", STATUS_MALFORMED},
        {"boot: time past 2100", boot_again, "86 1af4865701 63616767 " KEY " 42aabb 40 40", STATUS_OUT_OF_RANGE},
        {"boot: short key", boot_again, "86 00 63616767 424b4b 42aabb 40 40", STATUS_OUT_OF_RANGE},
        {"boot: no policy", boot_again, "86 00 63616767 " KEY " 40 40 40", STATUS_OUT_OF_RANGE},
        {"boot: revocations of text", boot_again, "86 00 63616767 " KEY " 42aabb 40 6161", STATUS_MALFORMED},
        {"booted: no bundle", booted_again, "85 40 1a00100000 190dac 191000 00", STATUS_OUT_OF_RANGE},
        {"booted: no body", booted_again, "85 42bbbb 00 190dac 191000 00", STATUS_OUT_OF_RANGE},
        {"booted: body past 32 bits", booted_again, "85 42bbbb 1b0000000100000000 190dac 191000 00",
         STATUS_OUT_OF_RANGE},
        {"booted: chunks of nothing", booted_again, "85 42bbbb 1a00100000 00 191000 00", STATUS_OUT_OF_RANGE},
        {"booted: small packet", booted_again, "85 42bbbb 1a00100000 190dac 1903ff 00", STATUS_OUT_OF_RANGE},
        {"booted: large packet", booted_again, "85 42bbbb 1a00100000 190dac 1a000dbba1 00", STATUS_OUT_OF_RANGE},
        {"booted: no reason", booted_again, "85 42bbbb 1a00100000 190dac 191000 18a0", STATUS_OUT_OF_RANGE},
        {"number: negative", number_again, "20", STATUS_MALFORMED},
        {"number: past 2100", number_again, "1af4865701", STATUS_OUT_OF_RANGE},
        {"number: longer head than needed", number_again, "1817", STATUS_NOT_SHORTEST},
        {"message: empty", message_again, "40", STATUS_OUT_OF_RANGE},
        {"message: of indefinite length", message_again, "5f 41aa ff", STATUS_MALFORMED},
        {"sealed: no name", sealed_again, "83 01 60 41aa", STATUS_OUT_OF_RANGE},
        {"sealed: name too long", sealed_again, "83 01 " TEXT65 " 41aa", STATUS_OUT_OF_RANGE},
        {"sealed: a map", sealed_again, "a1 01 6161", STATUS_MALFORMED},
        {"answer: no reason", answer_again, "82 18a0 40", STATUS_OUT_OF_RANGE},
        {"update: round 0", update_again, "84 00 6161 00 81 41aa", STATUS_OUT_OF_RANGE},
        {"update: no chunks", update_again, "84 00 6161 01 80", STATUS_OUT_OF_RANGE},
        {"update: an empty chunk", update_again, "84 00 6161 01 82 41aa 40", STATUS_OUT_OF_RANGE},
        {"update: more chunks than bytes", update_again, "84 00 6161 01 991000 41aa", STATUS_TRUNCATED},
        {"update: a chunk of text", update_again, "84 00 6161 01 81 61aa", STATUS_MALFORMED},
        {"status: no phase", status_again, "8e 00 00 00 00 00 00 02 00 00 f4 40 00 00 80", STATUS_OUT_OF_RANGE},
        {"status: two phases", status_again, "8e 0c 00 00 00 00 00 02 00 00 f4 40 00 00 80", STATUS_OUT_OF_RANGE},
        {"status: no task", status_again, "8e 02 00 03 00 00 00 02 00 00 f4 40 00 00 80", STATUS_OUT_OF_RANGE},
        {"status: more than yes", status_again, "8e 02 00 00 00 00 00 02 00 00 01 40 00 00 80", STATUS_MALFORMED},
        {"status: refusal of three items", status_again, "8e 02 00 00 00 00 00 02 00 00 f4 40 00 00 81 83 01 01 01",
         STATUS_OUT_OF_RANGE},
        {"status: refusal without a reason", status_again, "8e 02 00 00 00 00 00 02 00 00 f4 40 00 00 81 82 18a0 01",
         STATUS_OUT_OF_RANGE},
        {"status: a version past its limit", status_again,
         "8e 02 00 00 00 00 00 02 00 00 f4 40 1b8000000000000000 00 80", STATUS_OUT_OF_RANGE},
        {"status: more revoked than there can be", status_again, "8e 02 00 00 00 00 00 02 00 00 f4 40 01 191001 80",
         STATUS_OUT_OF_RANGE},
        {"status: more refusals than bytes", status_again, "8e 02 00 00 00 00 00 02 00 00 f4 40 00 00 98a0",
         STATUS_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[512], encoded[512];
        struct buf memory = BUF_OF(bytes), out = BUF_OF(encoded);
        enum status got = cases[i].again(hex_view(cases[i].hex, &memory), &out);
        if (got != cases[i].want)
            fail_msg("%s: %s instead of %s", cases[i].why, status_name(got), status_name(cases[i].want));
    }
}

/* A body of that many chunks of one byte. */
static enum status decode_chunks(uint32_t count)
{
    static uint8_t chunks[2 * (CHUNKS_MAX + 1)], bytes[sizeof chunks + 64];
    struct gate_update update = {0, VIEW_TEXT("a"), 1, count, {chunks, 2 * (size_t)count}};
    struct buf body = BUF_OF(bytes);

    for (uint32_t i = 0; i < count; i++)
        chunks[2 * i] = 0x41;
    assert_int_equal(gate_update_encode(&update, &body), STATUS_OK);
    return gate_update_decode(buf_view(&body), &update);
}

static void an_update_has_no_more_chunks_than_allowed(void **state)
{
    (void)state;
    assert_int_equal(decode_chunks(CHUNKS_MAX), STATUS_OK);
    assert_int_equal(decode_chunks(CHUNKS_MAX + 1), STATUS_OUT_OF_RANGE);
}

static void an_update_s_chunks_are_lent_as_they_came(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes);
    struct gate_update update;

    (void)state;
    assert_int_equal(gate_update_decode(hex_view("84 07 6161 05 82 41aa 42bbbb", &memory), &update), STATUS_OK);
    assert_int_equal(update.now, 7);
    assert_int_equal(update.round, 5);
    assert_int_equal(update.count, 2);
    assert_hex_equal(update.device, "61");
    assert_hex_equal(update.chunks, "41aa 42bbbb");
}

static void a_refused_body_leaves_what_was_there(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes);
    struct gate_answer answer = {.reason = STATUS_BUSY};
    struct gate_update update = {.round = 9};
    uint64_t number = 5;

    (void)state;
    assert_int_equal(gate_answer_decode(hex_view("82 00 41", &memory), &answer), STATUS_TRUNCATED);
    assert_int_equal(answer.reason, STATUS_BUSY);
    assert_int_equal(gate_update_decode(hex_view("84 00 6161 01 80", &memory), &update), STATUS_OUT_OF_RANGE);
    assert_int_equal(update.round, 9);
    assert_int_equal(gate_number_decode(hex_view("0000", &memory), &number), STATUS_TRAILING);
    assert_int_equal(number, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_decoded_encodes_to_the_same_bytes),
        cmocka_unit_test(a_body_that_is_cut_or_goes_on_is_refused),
        cmocka_unit_test(an_encoding_that_does_not_fit_is_refused),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(an_update_has_no_more_chunks_than_allowed),
        cmocka_unit_test(an_update_s_chunks_are_lent_as_they_came),
        cmocka_unit_test(a_refused_body_leaves_what_was_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

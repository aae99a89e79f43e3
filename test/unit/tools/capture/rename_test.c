/* Names of devices are replaced as whole words, in text and within CBOR, and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "rename.h"

static const struct renamed names[] = {{"anna", "device-2"}, {"b", "device-1"}, {"device-1", "device-3"}};
static const struct renaming renaming = {names, ARRAY_LEN(names)};

static void a_name_is_found_wholly_or_not_at_all(void **state)
{
    (void)state;
    assert_string_equal(rename_find(&renaming, VIEW_TEXT("anna")), "device-2");
    assert_string_equal(rename_find(&renaming, VIEW_TEXT("device-1")), "device-3");
    assert_null(rename_find(&renaming, VIEW_TEXT("ann")));
    assert_null(rename_find(&renaming, VIEW_TEXT("annab")));
    assert_null(rename_find(&renaming, VIEW_TEXT("")));
}

static void texts_change_by_whole_words(void **state)
{
    static const struct {
        const char *old, *new;
    } cases[] = {
        {"anna", "device-2"},
        {"{\"who\":\"anna\",\"n\":[\"b\",\"bb\"]}", "{\"who\":\"device-2\",\"n\":[\"device-1\",\"bb\"]}"},
        {"anna-b b anna_ anna.b", "anna-b device-1 anna_ device-2.device-1"},
        {"device-1", "device-3"}, /* at once: what b becomes is not replaced again */
        {"", ""},
        {"line\nanna\r\n", "line\ndevice-2\r\n"},
        {"\xc3\xa9 anna", "\xc3\xa9 device-2"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t memory[200];
        struct buf out = BUF_OF(memory);
        bool changed = false;

        assert_int_equal(rename_payload(&renaming, view_of_string(cases[i].old), &out, &changed), STATUS_OK);
        if (!view_equal(buf_view(&out), view_of_string(cases[i].new)))
            fail_msg("%s: %.*s", cases[i].old, (int)out.len, (const char *)memory);
        assert_int_equal(changed, strcmp(cases[i].old, cases[i].new) != 0);
    }
}

static void cbor_changes_in_its_texts_and_in_cbor_within_bytes(void **state)
{
    static const struct {
        const char *why, *old, *new;
    } cases[] = {
        {"a text", "0064616e6e61", "00686465766963652d32"},
        {"in a map",
         "a16162"
         "64616e6e61",
         "a1686465766963652d31"
         "686465766963652d32"},
        {"under a tag, in an array",
         "c182"
         "00"
         "64616e6e61",
         "c182"
         "00"
         "686465766963652d32"},
        {"within bytes that are CBOR",
         "d28443a10126a0"
         "46"
         "8164616e6e61"
         "00"
         "41ff",
         "d28443a10126a0"
         "4a"
         "81686465766963652d32"
         "00"
         "41ff"},
        {"twice within",
         "47"
         "46"
         "8164616e6e61"
         "00",
         "4b"
         "4a"
         "81686465766963652d32"
         "00"},
        {"bytes that only hold its letters", "44616e6e61ff", "44616e6e61ff"},
        {"a string that grows past 23", "78186161616161616161616161616161616161616120616e6e61",
         "781c61616161616161616161616161616161616161206465766963652d32"},
        {"no CBOR at the end", "64616e6e61ff", "64616e6e61ff"},
        {"cut off", "8264616e6e61", "8264616e6e61"},
        {"an indefinite length", "9f64616e6e61ff", "9f64616e6e61ff"},
        {"no name", "8301020350", "8301020350"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t old[200], new[200], memory[200];
        struct buf from = BUF_OF(old), want = BUF_OF(new), out = BUF_OF(memory);
        bool changed;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(hex_decode(view_of_string(cases[i].old), &from), STATUS_OK);
        assert_int_equal(hex_decode(view_of_string(cases[i].new), &want), STATUS_OK);
        assert_int_equal(rename_payload(&renaming, buf_view(&from), &out, &changed), STATUS_OK);
        assert_int_equal(changed, strcmp(cases[i].old, cases[i].new) != 0);
        if (!view_equal(buf_view(&out), buf_view(&want))) {
            char hex[401];

            hex_encode(buf_view(&out), hex);
            fail_msg("%s", hex);
        }
    }
}

static void too_little_room_leaves_out_as_it_was(void **state)
{
    static const uint8_t cbor[] = {0x82, 0x64, 'a', 'n', 'n', 'a', 0x43, 0x81, 0x61, 'b'};

    (void)state;
    for (size_t cap = 0; cap < 20; cap++) {
        uint8_t memory[32] = {7};
        struct buf out = {memory, 0, cap};
        bool changed;

        assert_int_equal(rename_payload(&renaming, VIEW_OF(cbor), &out, &changed), STATUS_NO_SPACE);
        assert_int_equal(rename_text(&renaming, VIEW_TEXT("0123456789 anna anna"), &out, &changed), STATUS_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
}

static void deep_nesting_is_left_as_it_is(void **state)
{
    uint8_t deep[3000], memory[4000];
    struct buf out = BUF_OF(memory);
    bool changed;

    (void)state;
    memset(deep, 0x81, sizeof deep);
    assert_int_equal(rename_payload(&renaming, VIEW_OF(deep), &out, &changed), STATUS_OK);
    assert_true(!changed && view_equal(buf_view(&out), VIEW_OF(deep)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_wholly_or_not_at_all),
        cmocka_unit_test(texts_change_by_whole_words),
        cmocka_unit_test(cbor_changes_in_its_texts_and_in_cbor_within_bytes),
        cmocka_unit_test(too_little_room_leaves_out_as_it_was),
        cmocka_unit_test(deep_nesting_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

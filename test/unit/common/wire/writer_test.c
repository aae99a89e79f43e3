/* Writing of deterministic CBOR: RFC 8949 section 4.2.1; the golden bytes are of its appendix A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hex.h"
#include "reader.h"
#include "writer.h"

static void writes_integers_in_the_shortest_form(void **state)
{
    static const struct {
        int64_t value;
        const char *hex;
    } cases[] = {
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {255, "18ff"},
        {256, "190100"},
        {65535, "19ffff"},
        {65536, "1a00010000"},
        {4294967295, "1affffffff"},
        {4294967296, "1b0000000100000000"},
        {INT64_MAX, "1b7fffffffffffffff"},
        {-1, "20"},
        {-24, "37"},
        {-25, "3818"},
        {-256, "38ff"},
        {-257, "390100"},
        {-65537, "3a00010000"},
        {-4294967297, "3b0000000100000000"},
        {INT64_MIN, "3b7fffffffffffffff"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[WRITER_HEAD_MAX];
        struct buf out = BUF_OF(bytes);
        struct writer writer = writer_to(&out);
        struct reader reader;

        write_int(&writer, cases[i].value);
        assert_int_equal(writer_end(&writer), STATUS_OK);
        assert_hex_equal(buf_view(&out), cases[i].hex);
        reader = reader_of(buf_view(&out));
        assert_true(read_int(&reader, INT64_MIN, INT64_MAX) == cases[i].value);
    }
}

static void writes_each_kind_of_item(void **state)
{
    static uint8_t bytes[1024], filler[300];
    struct buf out = BUF_OF(bytes);
    struct writer writer = writer_to(&out);
    (void)state;

    write_array(&writer, 9);
    write_uint(&writer, UINT64_MAX);
    write_bool(&writer, true);
    write_bool(&writer, false);
    write_null(&writer);
    write_bytes(&writer, (struct view){(const uint8_t *)"\x01\x02", 2});
    write_text(&writer, VIEW_TEXT("h\xc3\xbc"));
    write_tag(&writer, 55799);
    write_map(&writer, 24);
    write_raw(&writer, VIEW_TEXT("\x18\x2a"));
    write_bytes_head(&writer, sizeof filler);
    write_raw(&writer, VIEW_OF(filler));
    assert_int_equal(writer_end(&writer), STATUS_OK);
    out.len -= sizeof filler;
    assert_hex_equal(buf_view(&out), "89 1bffffffffffffffff f5 f4 f6 420102 6368c3bc d9d9f7 b818 182a 59012c");
}

static void appends_and_on_failure_leaves_the_length_as_it_was(void **state)
{
    uint8_t bytes[8] = "abc";
    (void)state;

    for (size_t cap = 3; cap < sizeof bytes; cap++) {
        struct buf out = {.ptr = bytes, .len = 3, .cap = cap};
        struct writer writer = writer_to(&out);

        write_array(&writer, 2);
        write_text(&writer, VIEW_TEXT("xy"));
        write_uint(&writer, 1);
        assert_int_equal(writer_end(&writer), STATUS_NO_SPACE);
        assert_int_equal(out.len, 3);
    }
    struct buf out = {.ptr = bytes, .len = 3, .cap = sizeof bytes};
    struct writer writer = writer_to(&out);
    write_array(&writer, 2);
    write_text(&writer, VIEW_TEXT("xy"));
    write_uint(&writer, 1);
    assert_int_equal(writer_end(&writer), STATUS_OK);
    assert_hex_equal(buf_view(&out), "616263 82 627879 01");
}

static void a_small_item_does_not_slip_in_behind_one_that_did_not_fit(void **state)
{
    uint8_t bytes[3];
    struct buf out = BUF_OF(bytes);
    struct writer writer = writer_to(&out);
    (void)state;

    write_bytes(&writer, VIEW_TEXT("abcd"));
    write_uint(&writer, 1);
    assert_int_equal(writer_end(&writer), STATUS_NO_SPACE);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_integers_in_the_shortest_form),
        cmocka_unit_test(writes_each_kind_of_item),
        cmocka_unit_test(appends_and_on_failure_leaves_the_length_as_it_was),
        cmocka_unit_test(a_small_item_does_not_slip_in_behind_one_that_did_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

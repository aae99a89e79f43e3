/* Views, buffers, wiping, byte order, hexadecimal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base.h"

static void slices_only_what_is_there(void **state)
{
    static const struct {
        const char *why;
        size_t offset, len;
        enum status want;
    } cases[] = {
        {"all", 0, 4, STATUS_OK},
        {"the end", 3, 1, STATUS_OK},
        {"nothing at the end", 4, 0, STATUS_OK},
        {"a byte past the end", 3, 2, STATUS_TRUNCATED},
        {"begins past the end", 5, 0, STATUS_TRUNCATED},
        {"sum that wraps to 0", 1, SIZE_MAX, STATUS_TRUNCATED},
        {"sum that wraps into the view", SIZE_MAX, 3, STATUS_TRUNCATED},
        {"both as large as can be", SIZE_MAX, SIZE_MAX, STATUS_TRUNCATED},
    };
    static const uint8_t bytes[4] = {1, 2, 3, 4};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct view before = {bytes, 99};
        struct view slice = before;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(view_slice(VIEW_OF(bytes), cases[i].offset, cases[i].len, &slice), cases[i].want);
        assert_ptr_equal(slice.ptr, cases[i].want == STATUS_OK ? bytes + cases[i].offset : before.ptr);
        assert_int_equal(slice.len, cases[i].want == STATUS_OK ? cases[i].len : before.len);
    }
}

static void appends_all_or_nothing(void **state)
{
    uint8_t bytes[4] = {0};
    struct buf buf = {.ptr = bytes, .cap = 3};
    (void)state;

    assert_int_equal(buf_append(&buf, VIEW_TEXT("ab")), STATUS_OK);
    assert_int_equal(buf_append(&buf, VIEW_TEXT("cd")), STATUS_NO_SPACE);
    assert_int_equal(buf_append(&buf, (struct view){bytes, SIZE_MAX}), STATUS_NO_SPACE);
    assert_true(view_equal(buf_view(&buf), VIEW_TEXT("ab")));
    assert_int_equal(buf_append(&buf, (struct view){0}), STATUS_OK);
    assert_int_equal(buf_append(&buf, VIEW_TEXT("c")), STATUS_OK);
    assert_true(view_equal(buf_view(&buf), VIEW_TEXT("abc")));
    assert_int_equal(bytes[3], 0);
}

static void compares_bytes_and_lengths(void **state)
{
    static const struct {
        struct view a, b;
        bool equal;
    } cases[] = {
        {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"abc", 3}, true},
        {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"abd", 3}, false},
        {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"bbc", 3}, false},
        {{(const uint8_t *)"abc", 3}, {(const uint8_t *)"abcd", 4}, false},
        {{(const uint8_t *)"\x01\x02", 2}, {(const uint8_t *)"\x02\x01", 2}, false},
        {{(const uint8_t *)"\x80", 1}, {(const uint8_t *)"\x00", 1}, false},
        {{NULL, 0}, {(const uint8_t *)"", 0}, true},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(view_equal(cases[i].a, cases[i].b), cases[i].equal);
        assert_int_equal(view_equal_secret(cases[i].a, cases[i].b), cases[i].equal);
    }
}

static void one_bit_anywhere_makes_secrets_differ(void **state)
{
    uint8_t a[16] = {0}, b[16] = {0};
    (void)state;

    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] = (uint8_t)(1u << bit % 8);
        assert_false(view_equal_secret(VIEW_OF(a), VIEW_OF(b)));
        b[bit / 8] = 0;
    }
    assert_true(view_equal_secret(VIEW_OF(a), VIEW_OF(b)));
}

static void wipes_all_of_the_capacity_and_not_more(void **state)
{
    uint8_t bytes[6];
    struct buf buf = {.ptr = bytes + 1, .len = 2, .cap = 4};
    (void)state;

    memset(bytes, 0xaa, sizeof bytes);
    buf_wipe(&buf);
    assert_int_equal(buf.len, 0);
    assert_memory_equal(bytes, "\xaa\0\0\0\0\xaa", sizeof bytes);
    memset(bytes, 0xaa, sizeof bytes);
    wipe(bytes, 2);
    assert_memory_equal(bytes, "\0\0\xaa\xaa\xaa\xaa", sizeof bytes);
    wipe(NULL, 0);
}

static void reads_and_writes_both_byte_orders(void **state)
{
    static const uint8_t bytes[] = {0xff, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88};
    uint8_t out[9] = {0xff};
    (void)state;

    assert_true(read_le32(bytes + 1) == 0x84838281);
    assert_true(read_be32(bytes + 1) == 0x81828384);
    assert_true(read_be64(bytes + 1) == 0x8182838485868788);
    write_le32(out + 1, 0x84838281);
    write_be32(out + 5, 0x85868788);
    assert_memory_equal(out, bytes, sizeof out);
    write_be64(out + 1, 0x8182838485868788);
    assert_memory_equal(out, bytes, sizeof out);
}

static void decodes_the_hexadecimal_that_it_encodes(void **state)
{
    uint8_t bytes[256], again[256];
    char text[2 * sizeof bytes + 1];
    struct buf out = BUF_OF(again);
    (void)state;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    hex_encode(VIEW_OF(bytes), text);
    assert_int_equal(strlen(text), 2 * sizeof bytes);
    assert_memory_equal(text + 2 * 0xab, "abac", 4);
    assert_int_equal(hex_decode(view_of_string(text), &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), VIEW_OF(bytes)));
}

static void refuses_what_is_not_hexadecimal(void **state)
{
    static const struct {
        const char *why, *text;
        enum status want;
    } cases[] = {
        {"odd length", "abc", STATUS_MALFORMED},
        {"letter past f", "ag", STATUS_MALFORMED},
        {"space", "a ", STATUS_MALFORMED},
        {"character before 0", "/0", STATUS_MALFORMED},
        {"character behind 9", ":0", STATUS_MALFORMED},
        {"@", "@0", STATUS_MALFORMED},
        {"G", "0G", STATUS_MALFORMED},
        {"`", "`0", STATUS_MALFORMED},
        {"last pair wrong", "00zz", STATUS_MALFORMED},
        {"too long", "000000", STATUS_NO_SPACE},
    };
    uint8_t bytes[3] = {7};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = {.ptr = bytes, .len = 1, .cap = sizeof bytes};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(hex_decode(view_of_string(cases[i].text), &out), cases[i].want);
        assert_int_equal(out.len, 1);
    }
    struct buf out = BUF_OF(bytes);
    assert_int_equal(hex_decode(VIEW_TEXT("aBcDeF"), &out), STATUS_OK);
    assert_memory_equal(bytes, "\xab\xcd\xef", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_only_what_is_there),
        cmocka_unit_test(appends_all_or_nothing),
        cmocka_unit_test(compares_bytes_and_lengths),
        cmocka_unit_test(one_bit_anywhere_makes_secrets_differ),
        cmocka_unit_test(wipes_all_of_the_capacity_and_not_more),
        cmocka_unit_test(reads_and_writes_both_byte_orders),
        cmocka_unit_test(decodes_the_hexadecimal_that_it_encodes),
        cmocka_unit_test(refuses_what_is_not_hexadecimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

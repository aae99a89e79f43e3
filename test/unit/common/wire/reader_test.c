/* Reading of deterministic CBOR: PROTOCOL.md, RFC 8949 section 4.2.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hex.h"
#include "reader.h"

#define INT_ANY INT64_MIN, INT64_MAX

static uint8_t memory[4096];

static struct reader reader_of_hex(const char *hex)
{
    struct buf bytes = BUF_OF(memory);

    return reader_of(hex_view(hex, &bytes));
}

static void reads_integers_of_every_size(void **state)
{
    static const struct {
        const char *hex;
        int64_t want;
    } cases[] = {
        {"00", 0},
        {"17", 23},
        {"1818", 24},
        {"18ff", 255},
        {"190100", 256},
        {"19ffff", 65535},
        {"1a00010000", 65536},
        {"1affffffff", 4294967295},
        {"1b0000000100000000", 4294967296},
        {"1b7fffffffffffffff", INT64_MAX},
        {"20", -1},
        {"37", -24},
        {"3818", -25},
        {"390100", -257},
        {"3a00010000", -65537},
        {"3b0000000100000000", -4294967297},
        {"3b7fffffffffffffff", INT64_MIN},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reader reader = reader_of_hex(cases[i].hex);

        assert_true(read_int(&reader, INT_ANY) == cases[i].want);
        assert_int_equal(reader_end(&reader), STATUS_OK);
        if (cases[i].want < 0)
            continue;
        reader = reader_of_hex(cases[i].hex);
        assert_true(read_uint(&reader, 0, UINT64_MAX) == (uint64_t)cases[i].want);
        assert_int_equal(reader_end(&reader), STATUS_OK);
    }
}

static void reads_the_largest_unsigned_integer(void **state)
{
    struct reader reader = reader_of_hex("1bffffffffffffffff");
    (void)state;

    assert_true(read_uint(&reader, 0, UINT64_MAX) == UINT64_MAX);
    assert_int_equal(reader_end(&reader), STATUS_OK);
}

/* [h'0102', "h\u00fc", true, false, null, 55799(0), {1: [], -1: {}}] */
static void reads_each_kind_of_item_in_turn(void **state)
{
    struct reader reader = reader_of_hex("87 420102 6368c3bc f5 f4 f6 d9d9f700 a2 01 80 20 a0");
    struct map_reader map;
    uint8_t copy[2] = {0};
    struct view text;
    int64_t key;
    (void)state;

    assert_int_equal(read_array(&reader, 7, 7), 7);
    read_bytes_into(&reader, copy, sizeof copy);
    text = read_text(&reader, 0, 3);
    assert_true(view_equal(text, VIEW_TEXT("h\xc3\xbc")));
    assert_true(read_bool(&reader));
    assert_false(read_bool(&reader));
    assert_false(read_tag_if(&reader, 55799));
    read_null(&reader);
    assert_false(read_null_if(&reader));
    assert_false(read_tag_if(&reader, 1));
    read_tag(&reader, 55799);
    assert_true(read_uint(&reader, 0, 0) == 0);
    map = read_map(&reader, 0, 2);
    assert_true(read_key(&map, &key) && key == 1);
    assert_int_equal(read_array(&reader, 0, 1), 0);
    read_close(&reader);
    assert_true(read_key(&map, &key) && key == -1);
    (void)read_map(&reader, 0, 0);
    read_close(&reader);
    assert_false(read_key(&map, &key));
    read_close(&reader);
    assert_int_equal(reader_end(&reader), STATUS_OK);
    assert_memory_equal(copy, "\x01\x02", 2);
}

static void lends_views_into_its_input(void **state)
{
    struct reader reader = reader_of_hex("43 010203");
    const struct view view = read_bytes(&reader, 3, 3);
    (void)state;

    assert_ptr_equal(view.ptr, memory + 1);
    assert_int_equal(reader_end(&reader), STATUS_OK);
}

static void reads_any_item_whole(void **state)
{
    static const char *const items[] = {
        "00",
        "3903e7",
        "40",
        "60",
        "80",
        "a0",
        "f6",
        "c100",
        "d9d9f7c10a",
        "830182020304",
        /* keys in the order of their encodings: 10, 100, -1, "z", "aa" (RFC 8949 section 4.2.1) */
        "a50a011864022003617a0462616105",
        /* a map in an array in a map; eight deep is allowed */
        "a10181a201022003",
        "8181818181818180",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        struct reader reader = reader_of_hex(items[i]);
        struct view item;

        print_message("  %s\n", items[i]);
        item = read_any(&reader);
        assert_int_equal(reader_end(&reader), STATUS_OK);
        assert_hex_equal(item, items[i]);
    }
}

static void reads_any_item_and_stays_in_step(void **state)
{
    struct reader reader = reader_of_hex("83 a1 01 8102 c2 4101 05");
    (void)state;

    (void)read_array(&reader, 3, 3);
    assert_hex_equal(read_any(&reader), "a1018102");
    assert_hex_equal(read_any(&reader), "c24101");
    assert_int_equal(read_uint(&reader, 0, 9), 5);
    read_close(&reader);
    assert_int_equal(reader_end(&reader), STATUS_OK);
}

static void refuses_what_is_not_deterministic_cbor(void **state)
{
    static const struct {
        const char *why, *hex;
        enum status want;
    } cases[] = {
        {"nothing", "", STATUS_TRUNCATED},
        {"integer without its byte", "18", STATUS_TRUNCATED},
        {"integer cut short", "1b00000000000000", STATUS_TRUNCATED},
        {"bytes cut short", "4201", STATUS_TRUNCATED},
        {"text cut short", "626f", STATUS_TRUNCATED},
        {"array without its last item", "8201", STATUS_TRUNCATED},
        {"map without its last value", "a20102", STATUS_TRUNCATED},
        {"tag without content", "c1", STATUS_TRUNCATED},
        {"array of 2^32-1", "9affffffff", STATUS_TRUNCATED},
        {"array of 2^64-1", "9bffffffffffffffff", STATUS_TRUNCATED},
        {"map of 2^63", "bb8000000000000000", STATUS_TRUNCATED},
        {"bytes of 2^64-1", "5bffffffffffffffff", STATUS_TRUNCATED},
        {"text of 2^64-1", "7bffffffffffffffff", STATUS_TRUNCATED},
        {"5 in two bytes", "1805", STATUS_NOT_SHORTEST},
        {"255 in three bytes", "1900ff", STATUS_NOT_SHORTEST},
        {"65535 in five bytes", "1a0000ffff", STATUS_NOT_SHORTEST},
        {"2^32-1 in nine bytes", "1b00000000ffffffff", STATUS_NOT_SHORTEST},
        {"-1 in two bytes", "3800", STATUS_NOT_SHORTEST},
        {"-256 in three bytes", "3900ff", STATUS_NOT_SHORTEST},
        {"length 1 in two bytes", "580101", STATUS_NOT_SHORTEST},
        {"text length 1 in three bytes", "79000161", STATUS_NOT_SHORTEST},
        {"count 1 in two bytes", "980100", STATUS_NOT_SHORTEST},
        {"pairs 1 in two bytes", "b8010000", STATUS_NOT_SHORTEST},
        {"tag 1 in two bytes", "d80100", STATUS_NOT_SHORTEST},
        {"indefinite bytes", "5f4101ff", STATUS_MALFORMED},
        {"indefinite text", "7f6161ff", STATUS_MALFORMED},
        {"indefinite array", "9f01ff", STATUS_MALFORMED},
        {"indefinite map", "bf0101ff", STATUS_MALFORMED},
        {"lone break", "ff", STATUS_MALFORMED},
        {"half float", "f93e00", STATUS_MALFORMED},
        {"float", "fa49742408", STATUS_MALFORMED},
        {"double", "fb3ff199999999999a", STATUS_MALFORMED},
        {"undefined", "f7", STATUS_MALFORMED},
        {"simple value 16", "f0", STATUS_MALFORMED},
        {"simple value 255", "f8ff", STATUS_MALFORMED},
        {"false as a simple value in two bytes", "f814", STATUS_MALFORMED},
        {"reserved additional information 28", "1c", STATUS_MALFORMED},
        {"reserved additional information 30 of bytes", "5e", STATUS_MALFORMED},
        {"text that is not UTF-8", "62c328", STATUS_MALFORMED},
        {"text with a NUL", "6100", STATUS_MALFORMED},
        {"nine deep", "818181818181818180", STATUS_TOO_DEEP},
        {"nine deep in maps", "a101a101a101a101a101a101a101a101a0", STATUS_TOO_DEEP},
        {"keys out of order", "a202000100", STATUS_UNORDERED},
        {"negative key before positive", "a220000100", STATUS_UNORDERED},
        {"longer text key first", "a262616100617a00", STATUS_UNORDERED},
        {"inner map's keys out of order", "a101a202000100", STATUS_UNORDERED},
        {"key twice", "a201000100", STATUS_DUPLICATE_KEY},
        {"text key twice", "a2617a00617a00", STATUS_DUPLICATE_KEY},
        {"bytes as a key", "a1410000", STATUS_MALFORMED},
        {"array as a key", "a18000", STATUS_MALFORMED},
        {"tagged key", "a1c10000", STATUS_MALFORMED},
        {"bool as a key", "a1f400", STATUS_MALFORMED},
        {"a byte behind", "0000", STATUS_TRAILING},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reader reader = reader_of_hex(cases[i].hex);

        print_message("  %s\n", cases[i].why);
        (void)read_any(&reader);
        assert_int_equal(reader_end(&reader), cases[i].want);
    }
}

static void keeps_its_first_failure_and_gives_zeros(void **state)
{
    struct reader reader = reader_of_hex("1805 01 4101 6161 f5 8100 a10100");
    uint8_t copy[1] = {7};
    struct map_reader map;
    int64_t key = 7;
    (void)state;

    assert_int_equal(read_uint(&reader, 0, 9), 0);
    reader_fail(&reader, STATUS_FORGED);
    assert_int_equal(read_uint(&reader, 1, 9), 0);
    assert_int_equal(read_int(&reader, 1, 9), 0);
    assert_int_equal(read_bytes(&reader, 1, 9).len, 0);
    assert_null(read_text(&reader, 1, 9).ptr);
    assert_null(read_any(&reader).ptr);
    assert_false(read_bool(&reader) || read_null_if(&reader) || read_tag_if(&reader, 1));
    assert_int_equal(read_array(&reader, 0, 9), 0);
    read_bytes_into(&reader, copy, sizeof copy);
    assert_int_equal(copy[0], 7);
    map = read_map(&reader, 0, 9);
    assert_false(read_key(&map, &key));
    assert_int_equal(key, 0);
    assert_int_equal(reader.rest.len, 13);
    assert_int_equal(reader_end(&reader), STATUS_NOT_SHORTEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_integers_of_every_size),
        cmocka_unit_test(reads_the_largest_unsigned_integer),
        cmocka_unit_test(reads_each_kind_of_item_in_turn),
        cmocka_unit_test(lends_views_into_its_input),
        cmocka_unit_test(reads_any_item_whole),
        cmocka_unit_test(reads_any_item_and_stays_in_step),
        cmocka_unit_test(refuses_what_is_not_deterministic_cbor),
        cmocka_unit_test(keeps_its_first_failure_and_gives_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a schema does not say is refused: reader.h. */
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

/* Callers of the table below: each reads one thing of its schema. */
static void uint_to_9(struct reader *reader)
{
    (void)read_uint(reader, 1, 9);
}
static void int_to_9(struct reader *reader)
{
    (void)read_int(reader, -9, 9);
}
static void int_of_64_bits(struct reader *reader)
{
    (void)read_int(reader, INT_ANY);
}
static void one_bool(struct reader *reader)
{
    (void)read_bool(reader);
}
static void one_null(struct reader *reader)
{
    read_null(reader);
}
static void bytes_of_2(struct reader *reader)
{
    (void)read_bytes(reader, 2, 2);
}
static void text_to_2(struct reader *reader)
{
    (void)read_text(reader, 1, 2);
}
static void tag_61(struct reader *reader)
{
    read_tag(reader, 61);
    (void)read_any(reader);
}
static void array_of_2(struct reader *reader)
{
    (void)read_array(reader, 2, 2);
    (void)read_any(reader);
    read_close(reader);
}
static void array_read_too_far(struct reader *reader)
{
    (void)read_array(reader, 1, 1);
    (void)read_any(reader);
    (void)read_any(reader);
}
static void array_left_open(struct reader *reader)
{
    (void)read_array(reader, 0, 1);
}
static void any_map(struct reader *reader)
{
    struct map_reader map = read_map(reader, 1, 3);
    int64_t key;

    while (read_key(&map, &key))
        (void)read_any(reader);
}
static void map_without_values(struct reader *reader)
{
    struct map_reader map = read_map(reader, 1, 3);
    int64_t key;

    while (read_key(&map, &key))
        ;
}
static void map_with_an_open_value(struct reader *reader)
{
    struct map_reader map = read_map(reader, 1, 3);
    int64_t key;

    while (read_key(&map, &key))
        (void)read_array(reader, 0, 3);
}
static void fields_1_to_3(struct reader *reader)
{
    struct fields_reader fields = read_fields(reader, FIELDS_TO(3), FIELD(1) | FIELD(3));
    int64_t key;

    while (read_field(&fields, &key))
        (void)read_any(reader);
}
static void close_of_nothing(struct reader *reader)
{
    read_close(reader);
}

static void refuses_what_the_schema_does_not_say(void **state)
{
    static const struct {
        const char *why, *hex;
        void (*read)(struct reader *reader);
        enum status want;
    } cases[] = {
        {"below the least", "00", uint_to_9, STATUS_OUT_OF_RANGE},
        {"past the largest", "0a", uint_to_9, STATUS_OUT_OF_RANGE},
        {"negative for unsigned", "20", uint_to_9, STATUS_MALFORMED},
        {"text for unsigned", "6131", uint_to_9, STATUS_MALFORMED},
        {"integer below the least", "29", int_to_9, STATUS_OUT_OF_RANGE},
        {"integer past the largest", "0a", int_to_9, STATUS_OUT_OF_RANGE},
        {"bytes for an integer", "4101", int_to_9, STATUS_MALFORMED},
        {"2^63", "1b8000000000000000", int_of_64_bits, STATUS_OUT_OF_RANGE},
        {"-2^63-1", "3b8000000000000000", int_of_64_bits, STATUS_OUT_OF_RANGE},
        {"-2^64", "3bffffffffffffffff", int_of_64_bits, STATUS_OUT_OF_RANGE},
        {"1 for true", "01", one_bool, STATUS_MALFORMED},
        {"null for a bool", "f6", one_bool, STATUS_MALFORMED},
        {"false for null", "f4", one_null, STATUS_MALFORMED},
        {"bytes too short", "4101", bytes_of_2, STATUS_OUT_OF_RANGE},
        {"bytes too long", "43010203", bytes_of_2, STATUS_OUT_OF_RANGE},
        {"text for bytes", "626162", bytes_of_2, STATUS_MALFORMED},
        {"empty text", "60", text_to_2, STATUS_OUT_OF_RANGE},
        {"text too long", "63616263", text_to_2, STATUS_OUT_OF_RANGE},
        {"bytes for text", "4161", text_to_2, STATUS_MALFORMED},
        {"text with a line end", "610a", text_to_2, STATUS_MALFORMED},
        {"another tag", "d83c00", tag_61, STATUS_MALFORMED},
        {"no tag", "00", tag_61, STATUS_MALFORMED},
        {"nothing behind the tag", "d83d", tag_61, STATUS_TRUNCATED},
        {"array too short", "8100", array_of_2, STATUS_OUT_OF_RANGE},
        {"array too long", "83000000", array_of_2, STATUS_OUT_OF_RANGE},
        {"map for an array", "a20001", array_of_2, STATUS_TRUNCATED},
        {"whole map for an array", "a200000100", array_of_2, STATUS_MALFORMED},
        {"item of an array left unread", "820000", array_of_2, STATUS_MALFORMED},
        {"item behind an array taken for its own", "810000", array_read_too_far, STATUS_MALFORMED},
        {"array never closed", "80", array_left_open, STATUS_MALFORMED},
        {"empty map", "a0", any_map, STATUS_OUT_OF_RANGE},
        {"map too large", "a40000010002000300", any_map, STATUS_OUT_OF_RANGE},
        {"array for a map", "80", any_map, STATUS_MALFORMED},
        {"text as a key", "a1616100", any_map, STATUS_MALFORMED},
        {"key past 64 bits", "a11b800000000000000000", any_map, STATUS_OUT_OF_RANGE},
        {"keys out of order", "a202000100", any_map, STATUS_UNORDERED},
        {"-2 before -1", "a221002000", any_map, STATUS_UNORDERED},
        {"-1 before 0", "a220000000", any_map, STATUS_UNORDERED},
        {"key twice", "a201000100", any_map, STATUS_DUPLICATE_KEY},
        {"negative key twice", "a220002000", any_map, STATUS_DUPLICATE_KEY},
        {"value left unread", "a10100", map_without_values, STATUS_MALFORMED},
        {"value left open", "a101810200", map_with_an_open_value, STATUS_MALFORMED},
        {"key 0", "a3000001000300", fields_1_to_3, STATUS_MALFORMED},
        {"key 4", "a3010003000400", fields_1_to_3, STATUS_MALFORMED},
        {"key 33, which is 1 modulo 32", "a301000300182100", fields_1_to_3, STATUS_MALFORMED},
        {"negative key", "a3010003002000", fields_1_to_3, STATUS_MALFORMED},
        {"required key missing", "a201000200", fields_1_to_3, STATUS_MALFORMED},
        {"no keys", "a0", fields_1_to_3, STATUS_MALFORMED},
        {"close at the top", "", close_of_nothing, STATUS_MALFORMED},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reader reader = reader_of_hex(cases[i].hex);

        print_message("  %s\n", cases[i].why);
        cases[i].read(&reader);
        assert_int_equal(reader_end(&reader), cases[i].want);
    }
}

static void takes_maps_in_the_order_of_their_keys(void **state)
{
    static const char *const good[] = {"a201000300", "a3010002000300"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct reader reader = reader_of_hex(good[i]);

        fields_1_to_3(&reader);
        assert_int_equal(reader_end(&reader), STATUS_OK);
    }
    struct reader reader = reader_of_hex("a3 00 00 20 00 3b7fffffffffffffff 00");
    any_map(&reader);
    assert_int_equal(reader_end(&reader), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_the_schema_does_not_say),
        cmocka_unit_test(takes_maps_in_the_order_of_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

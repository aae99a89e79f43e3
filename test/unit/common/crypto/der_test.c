/* DER as certificates have it: each element to the end of the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto_support.h"
#include "der.h"

static void takes_and_refuses_lengths(void **state)
{
    (void)state;
    const struct {
        const char *why, *hex;
        enum status want;
        size_t len;
    } cases[] = {
        {"empty contents", "0400", STATUS_OK, 0},
        {"three bytes and more behind", "0403010203ff", STATUS_OK, 3},
        {"nothing", "", STATUS_TRUNCATED, 0},
        {"tag only", "04", STATUS_TRUNCATED, 0},
        {"contents cut", "04030102", STATUS_TRUNCATED, 0},
        {"length cut", "0482ff", STATUS_TRUNCATED, 0},
        {"indefinite", "04800000", STATUS_MALFORMED, 0},
        {"long form of a short length", "04810100", STATUS_MALFORMED, 0},
        {"zero in front of a length", "04820080", STATUS_MALFORMED, 0},
        {"length of five bytes", "04850100000000", STATUS_MALFORMED, 0},
        {"more than there is", "0484ffffffff00", STATUS_TRUNCATED, 0},
        {"another tag", "0500", STATUS_MALFORMED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct view from = HEX(cases[i].hex), contents = {NULL, 99};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(der_take(&from, DER_OCTET_STRING, &contents), cases[i].want);
        if (cases[i].want == STATUS_OK)
            assert_int_equal(contents.len, cases[i].len);
    }
}

static void numbers_are_short_and_in_range(void **state)
{
    (void)state;
    const struct {
        const char *why, *hex;
        uint32_t most;
        enum status want;
        uint32_t number;
    } cases[] = {
        {"zero", "020100", 255, STATUS_OK, 0},
        {"the most", "020200ff", 255, STATUS_OK, 255},
        {"four bytes", "020500ffffffff", UINT32_MAX, STATUS_OK, UINT32_MAX},
        {"one past the most", "02020100", 255, STATUS_OUT_OF_RANGE, 0},
        {"negative", "0201ff", 255, STATUS_OUT_OF_RANGE, 0},
        {"five bytes", "02050100000000", UINT32_MAX, STATUS_OUT_OF_RANGE, 0},
        {"many bytes", "02087fffffffffffffff", UINT32_MAX, STATUS_OUT_OF_RANGE, 0},
        {"zero in front", "02020001", 255, STATUS_MALFORMED, 0},
        {"ones in front", "0202ff80", 255, STATUS_MALFORMED, 0},
        {"no bytes", "0200", 255, STATUS_MALFORMED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct view from = HEX(cases[i].hex);
        uint32_t number = 99;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(der_take_number(&from, DER_INTEGER, cases[i].most, &number), cases[i].want);
        assert_int_equal(number, cases[i].want == STATUS_OK ? cases[i].number : 99);
    }
}

static void times_are_seconds_since_1970(void **state)
{
    (void)state;
    const struct {
        uint8_t tag;
        const char *text;
        enum status want;
        int64_t seconds;
    } cases[] = {
        {DER_UTC_TIME, "700101000000Z", STATUS_OK, 0},
        {DER_UTC_TIME, "691231235959Z", STATUS_OK, -1},
        {DER_UTC_TIME, "000229123456Z", STATUS_OK, 951827696},
        {DER_UTC_TIME, "491231235959Z", STATUS_OK, 2524607999},
        {DER_UTC_TIME, "500101000000Z", STATUS_OK, -631152000},
        {DER_GENERALIZED_TIME, "20500101000000Z", STATUS_OK, 2524608000},
        {DER_GENERALIZED_TIME, "99991231235959Z", STATUS_OK, 253402300799},
        {DER_GENERALIZED_TIME, "00000101000000Z", STATUS_OK, -62167219200},
        {DER_GENERALIZED_TIME, "21000301000000Z", STATUS_OK, 4107542400},
        {DER_GENERALIZED_TIME, "21000229000000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "210229000000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "210001000000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "211301000000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "210100000000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "210101240000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "210101006000Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "210101000060Z", STATUS_OUT_OF_RANGE, 0},
        {DER_UTC_TIME, "2101010000Z", STATUS_MALFORMED, 0},
        {DER_UTC_TIME, "210101000000+0100", STATUS_TRAILING, 0},
        {DER_UTC_TIME, "210101000000z", STATUS_MALFORMED, 0},
        {DER_UTC_TIME, "210101000000", STATUS_TRUNCATED, 0},
        {DER_UTC_TIME, "2101-1000000Z", STATUS_MALFORMED, 0},
        {DER_OCTET_STRING, "210101000000Z", STATUS_MALFORMED, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[64] = {cases[i].tag, (uint8_t)strlen(cases[i].text)};
        struct view from = {bytes, 2 + strlen(cases[i].text)};
        int64_t seconds = 7;

        print_message("  %s\n", cases[i].text);
        memcpy(bytes + 2, cases[i].text, strlen(cases[i].text));
        assert_int_equal(der_take_time(&from, &seconds), cases[i].want);
        assert_true(seconds == (cases[i].want == STATUS_OK ? cases[i].seconds : 7));
    }
}

static void booleans_bits_and_magnitudes_are_strict(void **state)
{
    (void)state;
    struct view from, out;
    bool value;

    from = HEX("0101ff");
    assert_int_equal(der_take_boolean(&from, &value), STATUS_OK);
    assert_true(value);
    from = HEX("010101");
    assert_int_equal(der_take_boolean(&from, &value), STATUS_MALFORMED);
    from = HEX("0300");
    assert_int_equal(der_take_bytes_of_bits(&from, &out), STATUS_TRUNCATED);
    from = HEX("03020110");
    assert_int_equal(der_take_bytes_of_bits(&from, &out), STATUS_MALFORMED);
    from = HEX("020200ff");
    assert_int_equal(der_take_magnitude(&from, &out), STATUS_OK);
    assert_true(view_equal(out, HEX("ff")));
    from = HEX("020100");
    assert_int_equal(der_take_magnitude(&from, &out), STATUS_OUT_OF_RANGE);
    from = HEX("0201ff");
    assert_int_equal(der_take_magnitude(&from, &out), STATUS_OUT_OF_RANGE);
    from = HEX("1f8100");
    assert_int_equal(der_take_any(&from, &(uint8_t){0}, &out), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_and_refuses_lengths),
        cmocka_unit_test(numbers_are_short_and_in_range),
        cmocka_unit_test(times_are_seconds_since_1970),
        cmocka_unit_test(booleans_bits_and_magnitudes_are_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

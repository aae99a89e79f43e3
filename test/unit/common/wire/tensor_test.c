/* Typed arrays (RFC 8746) and half precision (IEEE 754-2008 section 4.3.1: to nearest, ties to even). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "hex.h"
#include "tensor.h"

static uint32_t bits_of(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool is_nan(uint16_t half)
{
    return (half & 0x7fff) > 0x7c00;
}

/* The value that the format's definition gives, by the mathematics library. */
static double value_of_half(uint16_t half)
{
    const int exponent = half >> 10 & 31, fraction = half & 0x3ff;
    const double sign = half & 0x8000 ? -1.0 : 1.0;

    if (exponent == 31)
        return sign * (fraction == 0 ? (double)INFINITY : (double)NAN);
    return sign * (exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25));
}

static void widens_all_halves_exactly(void **state)
{
    (void)state;

    for (uint32_t half = 0; half <= UINT16_MAX; half++) {
        const float wide = half_to_float((uint16_t)half);

        if (is_nan((uint16_t)half))
            assert_true(isnan(wide));
        else
            assert_true((double)wide == value_of_half((uint16_t)half));
        assert_int_equal(bits_of(wide) >> 31, half >> 15);
    }
}

static void narrows_every_half_back_to_itself(void **state)
{
    (void)state;

    for (uint32_t half = 0; half <= UINT16_MAX; half++) {
        const uint16_t back = half_from_float(half_to_float((uint16_t)half));

        assert_int_equal(back, is_nan((uint16_t)half) ? half | 0x200 : half);
    }
}

/* The reference: the nearer of the two halves around |value|, the even one in the middle. All of it is exact in double:
 * neighbours, their middle, the comparison. */
static uint16_t reference(uint16_t below, float value)
{
    const double next = below == 0x7bff ? 65536.0 : value_of_half((uint16_t)(below + 1));
    const double middle = (value_of_half(below) + next) / 2;

    if ((double)value == middle)
        return (uint16_t)(below + (below & 1));
    return (uint16_t)(below + ((double)value > middle ? 1 : 0));
}

static void rounds_to_nearest_ties_to_even(void **state)
{
    (void)state;

    for (uint16_t below = 0; below < 0x7c00; below++) {
        const double next = below == 0x7bff ? 65536.0 : value_of_half((uint16_t)(below + 1));
        const uint32_t middle = bits_of((float)((value_of_half(below) + next) / 2));
        const uint32_t from = bits_of((float)value_of_half(below)), to = bits_of((float)next);
        const uint32_t tried[] = {from,   from + 1,    middle - 1,          middle,           middle + 1,
                                  to - 1, middle - 77, (from + middle) / 2, (middle + to) / 2};

        for (size_t i = 0; i < ARRAY_LEN(tried); i++) {
            const float value = float_of(tried[i]);
            const uint16_t want = reference(below, value);

            if (tried[i] < from || tried[i] >= to)
                continue;
            assert_int_equal(half_from_float(value), want);
            assert_int_equal(half_from_float(-value), want | 0x8000);
        }
    }
}

static void narrows_the_edges(void **state)
{
    static const struct {
        const char *why;
        uint32_t bits;
        uint16_t want;
    } cases[] = {
        {"1", 0x3f800000, 0x3c00},
        {"-2", 0xc0000000, 0xc000},
        {"largest half, 65504", 0x477fe000, 0x7bff},
        {"just below the middle of 65504 and 65536", 0x477fefff, 0x7bff},
        {"the middle, 65520", 0x477ff000, 0x7c00},
        {"65536", 0x47800000, 0x7c00},
        {"largest float", 0x7f7fffff, 0x7c00},
        {"infinity", 0x7f800000, 0x7c00},
        {"minus infinity", 0xff800000, 0xfc00},
        {"smallest normal half, 2^-14", 0x38800000, 0x0400},
        {"just below it, rounds up to it", 0x387fffff, 0x0400},
        {"largest subnormal half", 0x387fc000, 0x03ff},
        {"smallest subnormal half, 2^-24", 0x33800000, 0x0001},
        {"half of it: a tie, to zero", 0x33000000, 0x0000},
        {"just above half of it", 0x33000001, 0x0001},
        {"one and a half of it: a tie, to two", 0x33c00000, 0x0002},
        {"2^-26", 0x32800000, 0x0000},
        {"smallest subnormal float", 0x00000001, 0x0000},
        {"its negative", 0x80000001, 0x8000},
        {"minus zero", 0x80000000, 0x8000},
        {"quiet NaN", 0x7fc00000, 0x7e00},
        {"NaN with its bits at the bottom", 0x7f800001, 0x7e00},
        {"negative NaN", 0xffc02000, 0xfe01},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(half_from_float(float_of(cases[i].bits)), cases[i].want);
    }
}

/* RFC 8746: [1.0, 1.5] */
#define F32_VECTOR "d855 48 0000803f 0000c03f"
#define F16_VECTOR "d854 44 003c 003e"

static void reads_and_writes_typed_arrays(void **state)
{
    static const struct {
        const char *hex;
        enum tensor_type type;
    } cases[] = {{F32_VECTOR, TENSOR_F32}, {F16_VECTOR, TENSOR_F16}};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t in[16], again[16];
        struct buf memory = BUF_OF(in), out = BUF_OF(again);
        struct reader reader = reader_of(hex_view(cases[i].hex, &memory));
        struct writer writer = writer_to(&out);
        const struct tensor tensor = read_tensor(&reader, 2, 2);

        assert_int_equal(reader_end(&reader), STATUS_OK);
        assert_int_equal(tensor.type, cases[i].type);
        assert_int_equal(tensor.count, 2);
        assert_true(tensor_value(&tensor, 0) == 1.0f && tensor_value(&tensor, 1) == 1.5f);
        assert_true(tensor_finite(&tensor));
        write_tensor_head(&writer, tensor.type, tensor.count);
        write_raw(&writer, tensor.data);
        assert_int_equal(writer_end(&writer), STATUS_OK);
        assert_true(view_equal(buf_view(&out), buf_view(&memory)));
    }
}

static void refuses_and_gives_no_tensor(void **state)
{
    static const struct {
        const char *why, *hex;
        enum status want;
    } cases[] = {
        {"nothing", "", STATUS_TRUNCATED},
        {"no tag", "48 0000803f 0000c03f", STATUS_MALFORMED},
        {"big endian", "d851 48 3f800000 3fc00000", STATUS_MALFORMED},
        {"double", "d856 48 0000803f 0000c03f", STATUS_MALFORMED},
        {"tag 84 twice", "d854 d854 44 003c 003e", STATUS_MALFORMED},
        {"text", "d855 6461626364", STATUS_MALFORMED},
        {"a part of a float", "d855 47 0000803f 0000c0", STATUS_MALFORMED},
        {"a part of a half", "d854 43 003c 00", STATUS_MALFORMED},
        {"too few", "d855 40", STATUS_OUT_OF_RANGE},
        {"too many", "d855 4c 0000803f 0000803f 0000803f", STATUS_OUT_OF_RANGE},
        {"too many halves", "d854 46 0000 0000 0000", STATUS_OUT_OF_RANGE},
        {"cut short", "d855 48 0000803f 0000c0", STATUS_TRUNCATED},
        {"nothing behind the tag", "d855", STATUS_TRUNCATED},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t in[32];
        struct buf memory = BUF_OF(in);
        struct reader reader = reader_of(hex_view(cases[i].hex, &memory));
        const struct tensor tensor = read_tensor(&reader, 1, 2);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(reader_end(&reader), cases[i].want);
        assert_true(tensor.count == 0 && tensor.data.ptr == NULL);
    }
}

static void finds_infinities_and_nans_wherever_they_are(void **state)
{
    static const uint8_t bad32[][4] = {{0, 0, 0x80, 0x7f}, {0, 0, 0x80, 0xff}, {1, 0, 0x80, 0x7f}, {0, 0, 0xc0, 0xff}};
    static const uint8_t good32[][4] = {{0xff, 0xff, 0x7f, 0x7f}, {0xff, 0xff, 0x7f, 0xff}, {0, 0, 0x80, 0x7e}};
    static const uint8_t bad16[][2] = {{0, 0x7c}, {0, 0xfc}, {1, 0x7c}, {0xff, 0xff}}, good16[] = {0xff, 0x7b};
    (void)state;

    for (uint64_t at = 0; at < 5; at++) {
        uint8_t bytes[20] = {0};
        const struct tensor floats = {.type = TENSOR_F32, .count = 5, .data = VIEW_OF(bytes)};
        const struct tensor halves = {.type = TENSOR_F16, .count = 5, .data = {bytes, 10}};

        for (size_t i = 0; i < ARRAY_LEN(good32); i++) {
            memcpy(bytes + 4 * at, good32[i], 4);
            assert_true(tensor_finite(&floats));
        }
        for (size_t i = 0; i < ARRAY_LEN(bad32); i++) {
            memcpy(bytes + 4 * at, bad32[i], 4);
            assert_false(tensor_finite(&floats));
        }
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes + 2 * at, good16, 2);
        assert_true(tensor_finite(&halves));
        for (size_t i = 0; i < ARRAY_LEN(bad16); i++) {
            memcpy(bytes + 2 * at, bad16[i], 2);
            assert_false(tensor_finite(&halves));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widens_all_halves_exactly),
        cmocka_unit_test(narrows_every_half_back_to_itself),
        cmocka_unit_test(rounds_to_nearest_ties_to_even),
        cmocka_unit_test(narrows_the_edges),
        cmocka_unit_test(reads_and_writes_typed_arrays),
        cmocka_unit_test(refuses_and_gives_no_tensor),
        cmocka_unit_test(finds_infinities_and_nans_wherever_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

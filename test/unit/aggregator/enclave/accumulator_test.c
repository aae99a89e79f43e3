#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "accumulator.h"

#define PARAMETERS 3000 /* more than two blocks */

struct sum {
    struct accumulator acc;
    int64_t sums[PARAMETERS];
};

static void begin(struct sum *sum, uint32_t target, uint32_t max_samples)
{
    sum->acc = (struct accumulator){.sums = sum->sums, .parameters = PARAMETERS, .fraction_bits = 27};
    assert_int_equal(accumulator_begin(&sum->acc, target, max_samples), STATUS_OK);
}

/* A value in (-16, 16) of a size that varies over many powers of two. */
static float some_value(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    float unit = (float)(int32_t)*state / 2147483648.0f;
    *state = *state * 1664525 + 1013904223;
    return ldexpf(unit, 3 - (int)(*state >> 28));
}

static void fill(uint8_t *bytes, uint32_t seed)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        float value = some_value(&seed);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        write_le32(bytes + 4 * i, bits);
    }
}

static float value_at(const uint8_t *bytes, size_t i)
{
    uint32_t bits = read_le32(bytes + 4 * i);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static void rounds_half_to_even_and_multiplies_by_the_samples(void **state)
{
    (void)state;
    static struct sum sum;
    /* In units of 2^-27: 0.5, 1.5, 2.5, -0.5, -1.5, 0.75, the largest that fits. */
    const float steps[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 0.75f, 2147483520.0f};
    const int64_t want[] = {0, 2, 2, 0, -2, 1, 2147483520};
    uint8_t bytes[4 * ARRAY_LEN(steps)];

    begin(&sum, 4, 1000);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        float value = ldexpf(steps[i], -27);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        write_le32(bytes + 4 * i, bits);
    }
    assert_int_equal(accumulator_check(&sum.acc, TENSOR_F32, VIEW_OF(bytes)), STATUS_OK);
    accumulator_add(&sum.acc, 0, TENSOR_F32, VIEW_OF(bytes), 7);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        assert_int_equal(sum.sums[i], 7 * want[i]);
    assert_int_equal(sum.sums[ARRAY_LEN(steps)], 0);
}

static void agrees_with_a_long_double_reference_within_half_a_step(void **state)
{
    (void)state;
    enum { MEMBERS = 10 };
    static struct sum sum;
    static uint8_t bytes[MEMBERS][4 * PARAMETERS], base[4 * PARAMETERS], model[4 * PARAMETERS];
    const uint32_t weights[MEMBERS] = {1, 600, 37, 999, 1000, 2, 512, 77, 333, 901};
    long double total = 0;

    begin(&sum, MEMBERS, 1000);
    fill(base, 99);
    memcpy(model, base, sizeof base);
    for (uint32_t m = 0; m < MEMBERS; m++) {
        fill(bytes[m], m);
        accumulator_add(&sum.acc, 0, TENSOR_F32, VIEW_OF(bytes[m]), weights[m]);
        accumulator_count(&sum.acc, weights[m]);
        total += weights[m];
    }
    accumulator_release(&sum.acc, 0, model, PARAMETERS);
    for (size_t i = 0; i < PARAMETERS; i++) {
        long double mean = 0, released;
        for (uint32_t m = 0; m < MEMBERS; m++)
            mean += (long double)value_at(bytes[m], i) * weights[m];
        mean /= total;
        released = (long double)sum.sums[i] / (total * 134217728.0L);
        assert_true(fabsl(released - mean) <= ldexpl(0.5L, -27));
        /* And the model is that mean on its base, rounded once. */
        assert_true(value_at(model, i) ==
                    (float)((double)value_at(base, i) + (double)sum.sums[i] / ((double)total * 134217728.0)));
    }
}

static void any_order_and_any_partial_sums_give_the_same_sums(void **state)
{
    (void)state;
    enum { MEMBERS = 10 };
    static struct sum reference, parts[3], whole;
    static uint8_t bytes[MEMBERS][4 * PARAMETERS];
    uint32_t random = 5;

    begin(&reference, MEMBERS, 1000);
    for (uint32_t m = 0; m < MEMBERS; m++) {
        fill(bytes[m], 1000 + m);
        accumulator_add(&reference.acc, 0, TENSOR_F32, VIEW_OF(bytes[m]), 1 + m * 111);
        accumulator_count(&reference.acc, 1 + m * 111);
    }
    for (int run = 0; run < 50; run++) {
        uint32_t order[MEMBERS], part_count = 1 + (uint32_t)run % 3;
        for (uint32_t i = 0; i < MEMBERS; i++) {
            uint32_t j = (random = random * 1664525 + 1013904223) >> 16;
            j %= i + 1;
            order[i] = order[j];
            order[j] = i;
        }
        begin(&whole, MEMBERS, 1000);
        for (uint32_t p = 0; p < part_count; p++)
            begin(&parts[p], MEMBERS, 1000);
        for (uint32_t i = 0; i < MEMBERS; i++) {
            struct accumulator *part = &parts[i % part_count].acc;
            accumulator_add(part, 0, TENSOR_F32, VIEW_OF(bytes[order[i]]), 1 + order[i] * 111);
            accumulator_count(part, 1 + order[i] * 111);
        }
        for (uint32_t p = 0; p < part_count; p++)
            assert_int_equal(accumulator_merge(&whole.acc, &parts[p].acc), STATUS_OK);
        assert_memory_equal(whole.sums, reference.sums, sizeof whole.sums);
        assert_int_equal(whole.acc.weight, reference.acc.weight);
        assert_int_equal(whole.acc.members, MEMBERS);
    }
}

static void float16_counts_as_the_float32_of_the_same_value(void **state)
{
    (void)state;
    static struct sum narrow, wide;
    uint8_t halves[2 * 64], floats[4 * 64];

    begin(&narrow, 1, 1000);
    begin(&wide, 1, 1000);
    for (uint16_t i = 0; i < 64; i++) {
        uint16_t half = (uint16_t)(i * 300 + (i % 2 ? 0x8000 : 0));
        float value = half_to_float(half);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        halves[2 * i] = (uint8_t)half;
        halves[2 * i + 1] = (uint8_t)(half >> 8);
        write_le32(floats + 4 * i, bits);
    }
    assert_int_equal(accumulator_check(&narrow.acc, TENSOR_F16, VIEW_OF(halves)),
                     accumulator_check(&wide.acc, TENSOR_F32, VIEW_OF(floats)));
    accumulator_add(&narrow.acc, 0, TENSOR_F16, VIEW_OF(halves), 3);
    accumulator_add(&wide.acc, 0, TENSOR_F32, VIEW_OF(floats), 3);
    assert_memory_equal(narrow.sums, wide.sums, sizeof narrow.sums);
}

static void refuses_what_is_not_a_number_in_range(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint32_t bits, fraction_bits;
        enum status want;
    } cases[] = {
        {"quiet NaN", 0x7fc00000, 27, STATUS_NOT_FINITE},
        {"signalling NaN", 0x7f800001, 27, STATUS_NOT_FINITE},
        {"negative NaN", 0xffc00000, 27, STATUS_NOT_FINITE},
        {"infinity", 0x7f800000, 27, STATUS_NOT_FINITE},
        {"minus infinity", 0xff800000, 27, STATUS_NOT_FINITE},
        {"16, the first that does not fit", 0x41800000, 27, STATUS_VALUE_RANGE},
        {"minus 16", 0xc1800000, 27, STATUS_VALUE_RANGE},
        {"the largest float", 0x7f7fffff, 27, STATUS_VALUE_RANGE},
        {"the last below 16", 0x417fffff, 27, STATUS_OK},
        {"minus zero", 0x80000000, 27, STATUS_OK},
        {"subnormal", 0x00000001, 27, STATUS_OK},
        {"16 fits 26 fraction bits", 0x41800000, 26, STATUS_OK},
        {"32 does not", 0x42000000, 26, STATUS_VALUE_RANGE},
        {"32767 fits 16 fraction bits", 0x46fffe00, 16, STATUS_OK},
        {"32768 does not", 0x47000000, 16, STATUS_VALUE_RANGE},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t at = 0; at < 1025; at += 1024) { /* in the first block, and in the second */
            static uint8_t bytes[4 * 1025];
            struct accumulator acc = {.fraction_bits = cases[i].fraction_bits};
            memset(bytes, 0, sizeof bytes);
            write_le32(bytes + 4 * at, cases[i].bits);
            print_message("  %s\n", cases[i].why);
            assert_int_equal(accumulator_check(&acc, TENSOR_F32, VIEW_OF(bytes)), cases[i].want);
        }
}

static void a_round_whose_sum_could_overflow_does_not_begin(void **state)
{
    (void)state;
    static struct sum sum;

    sum.acc = (struct accumulator){.sums = sum.sums, .parameters = PARAMETERS, .fraction_bits = 27};
    assert_int_equal(accumulator_begin(&sum.acc, 65536, 65536), STATUS_OK);
    assert_int_equal(accumulator_begin(&sum.acc, 65536, 65537), STATUS_BOUND_UNPROVEN);
    assert_int_equal(accumulator_begin(&sum.acc, UINT32_MAX, UINT32_MAX), STATUS_BOUND_UNPROVEN);
    assert_int_equal(accumulator_begin(&sum.acc, 0, 10), STATUS_BOUND_UNPROVEN);
    sum.acc.fraction_bits = 28;
    assert_int_equal(accumulator_begin(&sum.acc, 1, 1), STATUS_OUT_OF_RANGE);
}

static void what_does_not_fit_is_not_merged(void **state)
{
    static struct sum whole, part;
    static const struct {
        const char *why;
        uint64_t parameters, weight;
        uint32_t fraction_bits;
        enum status want;
    } cases[] = {
        {"fits", PARAMETERS, 40, 27, STATUS_OK},
        {"fewer values", PARAMETERS - 1, 40, 27, STATUS_WRONG_SHAPE},
        {"another unit", PARAMETERS, 40, 26, STATUS_WRONG_SHAPE},
        {"one sample too many", PARAMETERS, 41, 27, STATUS_BOUND_UNPROVEN},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        begin(&whole, 5, 10);
        begin(&part, 5, 10);
        accumulator_count(&whole.acc, 10);
        whole.sums[0] = 7;
        part.sums[0] = 5;
        part.acc.parameters = cases[i].parameters;
        part.acc.fraction_bits = cases[i].fraction_bits;
        part.acc.weight = cases[i].weight;
        part.acc.members = 4;
        assert_int_equal(accumulator_merge(&whole.acc, &part.acc), cases[i].want);
        assert_int_equal(whole.sums[0], cases[i].want == STATUS_OK ? 12 : 7);
        assert_int_equal(whole.acc.members, cases[i].want == STATUS_OK ? 5 : 1);
        assert_int_equal(whole.acc.weight, cases[i].want == STATUS_OK ? 50 : 10);
    }
}

static void a_sum_has_a_unit_that_the_policy_may_choose(void **state)
{
    static struct sum sum;

    (void)state;
    for (uint32_t bits = 0; bits < 40; bits++) {
        sum.acc = (struct accumulator){.sums = sum.sums, .parameters = PARAMETERS, .fraction_bits = bits};
        assert_int_equal(accumulator_begin(&sum.acc, 2, 10),
                         bits < FRACTION_BITS_MIN || bits > FRACTION_BITS_MAX ? STATUS_OUT_OF_RANGE : STATUS_OK);
    }
}

static void a_full_round_of_extreme_values_fits(void **state)
{
    (void)state;
    static struct sum sum;
    uint8_t bytes[4];

    begin(&sum, 2, INT32_MAX);
    write_le32(bytes, 0xc17fffff); /* the most negative value, twice with the largest weight */
    for (int i = 0; i < 2; i++) {
        assert_true(accumulator_fits(&sum.acc, INT32_MAX));
        accumulator_add(&sum.acc, 0, TENSOR_F32, VIEW_OF(bytes), INT32_MAX);
        accumulator_count(&sum.acc, INT32_MAX);
    }
    assert_false(accumulator_fits(&sum.acc, 1));
    assert_true(sum.sums[0] == -(INT64_C(2147483520) * INT32_MAX) * 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_half_to_even_and_multiplies_by_the_samples),
        cmocka_unit_test(agrees_with_a_long_double_reference_within_half_a_step),
        cmocka_unit_test(any_order_and_any_partial_sums_give_the_same_sums),
        cmocka_unit_test(float16_counts_as_the_float32_of_the_same_value),
        cmocka_unit_test(refuses_what_is_not_a_number_in_range),
        cmocka_unit_test(a_round_whose_sum_could_overflow_does_not_begin),
        cmocka_unit_test(what_does_not_fit_is_not_merged),
        cmocka_unit_test(a_sum_has_a_unit_that_the_policy_may_choose),
        cmocka_unit_test(a_full_round_of_extreme_values_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

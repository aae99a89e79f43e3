/* recompute_sum_test.c: the arithmetic of `tacit recompute` against long doubles. PROTOCOL.md section 15. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recompute_sum.h"

static float float_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A small generator of its own, so that every run sees the same values. */
static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

static void fixed_point_is_the_nearest_integer_ties_to_even(void **state)
{
    static const struct {
        const char *why;
        float value;
        uint32_t fraction_bits;
        int64_t want;
    } cases[] = {
        {"zero", 0.0f, 27, 0},
        {"negative zero", -0.0f, 27, 0},
        {"one", 1.0f, 16, 65536},
        {"half up to even", 1.5f / 65536, 16, 2},
        {"half down to even", 2.5f / 65536, 16, 2},
        {"half to zero", 0.5f / 65536, 16, 0},
        {"negative half to even", -1.5f / 65536, 16, -2},
        {"just over half", 0.50001f / 65536, 16, 1},
        {"the largest", 15.999999f, 27, 2147483520},
        {"the smallest subnormal", 1e-45f, 27, 0},
        {"negative", -3.25f, 20, -3407872},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t got = -1;
        print_message("  %s\n", cases[i].why);
        assert_int_equal(recompute_fixed(cases[i].value, cases[i].fraction_bits, &got), STATUS_OK);
        assert_int_equal(got, cases[i].want);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *why;
        float value;
        uint32_t fraction_bits;
        enum status want;
    } cases[] = {
        {"infinite", INFINITY, 16, STATUS_NOT_FINITE},         {"not a number", NAN, 16, STATUS_NOT_FINITE},
        {"the bound, f 27", 16.0f, 27, STATUS_VALUE_RANGE},    {"its negative", -16.0f, 27, STATUS_VALUE_RANGE},
        {"the bound, f 16", 32768.0f, 16, STATUS_VALUE_RANGE}, {"huge", 3e38f, 16, STATUS_VALUE_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t got = 7;
        print_message("  %s\n", cases[i].why);
        assert_int_equal(recompute_fixed(cases[i].value, cases[i].fraction_bits, &got), cases[i].want);
        assert_int_equal(got, 7);
    }
}

static void every_value_agrees_with_long_doubles(void **state)
{
    uint64_t random = 1;
    uint32_t compared = 0;

    (void)state;
    assert_int_equal(fegetround(), FE_TONEAREST);
    for (int i = 0; i < 200000; i++) {
        const uint32_t fraction_bits = 16 + next_random(&random) % 12;
        const float value = float_of(next_random(&random));
        int64_t got;
        if (recompute_fixed(value, fraction_bits, &got) != STATUS_OK) {
            assert_false(isfinite(value) && fabsl((long double)value) < ldexpl(1, 31 - (int)fraction_bits));
            continue;
        }
        compared++;
        assert_true((long double)got == nearbyintl(ldexpl((long double)value, (int)fraction_bits)));
    }
    assert_true(compared > 50000);
}

/* Deltas of a few devices, added and applied; long doubles hold these sums without rounding (64 bits of significand). */
static void means_agree_with_long_doubles(void **state)
{
    enum { PARAMETERS = 64, DEVICES = 5 };
    const uint32_t fraction_bits = 27;
    uint64_t random = 2;

    (void)state;
    for (int trial = 0; trial < 100; trial++) {
        int64_t sums[PARAMETERS] = {0};
        long double reference[PARAMETERS] = {0}, total = 0;
        struct recompute_sum sum = {.sums = sums, .fraction_bits = fraction_bits};

        for (int device = 0; device < DEVICES; device++) {
            uint8_t bytes[4 * PARAMETERS];
            const uint64_t samples = 1 + next_random(&random) % 100000;
            const struct tensor deltas = {TENSOR_F32, PARAMETERS, VIEW_OF(bytes)};
            for (int i = 0; i < PARAMETERS; i++) {
                const float delta = ((float)next_random(&random) / 4294967296.0f - 0.5f) * 4;
                uint32_t bits;
                memcpy(&bits, &delta, sizeof bits);
                write_le32(bytes + 4 * i, bits);
                reference[i] += nearbyintl(ldexpl((long double)delta, (int)fraction_bits)) * (long double)samples;
            }
            sum.samples += samples;
            total += (long double)samples;
            assert_int_equal(recompute_add(&sum, 0, &deltas, samples), STATUS_OK);
        }
        for (uint64_t i = 0; i < PARAMETERS; i++) {
            const float base = (float)next_random(&random) / 4294967296.0f;
            const double mean = (double)reference[i] / (double)(total * ldexpl(1, (int)fraction_bits));
            assert_true((long double)sums[i] == reference[i]);
            assert_true(recompute_value(&sum, i, base) == (float)((double)base + mean));
        }
    }
}

static void halves_count_as_the_floats_that_they_are(void **state)
{
    static const uint8_t halves[] = {0x00, 0x3c, 0x00, 0xc0}; /* 1.0, -2.0 */
    const struct tensor deltas = {TENSOR_F16, 2, {halves, sizeof halves}};
    int64_t sums[3] = {0};
    struct recompute_sum sum = {.sums = sums, .fraction_bits = 16};

    (void)state;
    assert_int_equal(recompute_add(&sum, 1, &deltas, 3), STATUS_OK);
    assert_true(sums[0] == 0 && sums[1] == 3 * 65536 && sums[2] == -6 * 65536);
}

static void a_sum_that_no_enclave_makes_is_refused(void **state)
{
    /* The floats next to 16 and -16. */
    static const uint8_t most[] = {0xff, 0xff, 0x7f, 0x41}, least[] = {0xff, 0xff, 0x7f, 0xc1};
    const struct {
        const char *why;
        struct view delta;
        int64_t sum;
        uint64_t samples;
        enum status want;
    } cases[] = {
        {"the most that is proven to fit", VIEW_OF(most), 0, UINT64_C(1) << 32, STATUS_OK},
        {"its negative", VIEW_OF(least), 0, UINT64_C(1) << 32, STATUS_OK},
        {"the product", VIEW_OF(most), 0, (UINT64_C(1) << 32) + 1000, STATUS_BOUND_UNPROVEN},
        {"the product, below", VIEW_OF(least), 0, (UINT64_C(1) << 32) + 1000, STATUS_BOUND_UNPROVEN},
        {"samples past 63 bits", VIEW_OF(least), 0, UINT64_MAX, STATUS_BOUND_UNPROVEN},
        {"the sum", VIEW_OF(most), INT64_MAX - 1000, 1, STATUS_BOUND_UNPROVEN},
        {"the sum, below", VIEW_OF(least), INT64_MIN + 1000, 1, STATUS_BOUND_UNPROVEN},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t sums[] = {cases[i].sum};
        struct recompute_sum sum = {.sums = sums, .fraction_bits = 27};
        const struct tensor delta = {TENSOR_F32, 1, cases[i].delta};
        print_message("  %s\n", cases[i].why);
        assert_int_equal(recompute_add(&sum, 0, &delta, cases[i].samples), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_point_is_the_nearest_integer_ties_to_even),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(every_value_agrees_with_long_doubles),
        cmocka_unit_test(means_agree_with_long_doubles),
        cmocka_unit_test(halves_count_as_the_floats_that_they_are),
        cmocka_unit_test(a_sum_that_no_enclave_makes_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

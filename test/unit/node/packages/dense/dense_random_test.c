#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "dense_random.h"

static void exp_and_log_agree_with_libm(void **state)
{
    (void)state;
    for (double x = -80; x <= 80; x += 0.0371)
        assert_true(fabs(dense_exp(x) / exp(x) - 1) < 1e-14);
    for (double x = 1e-9; x < 1e9; x *= 1.0137)
        assert_true(fabs(dense_log(x) - log(x)) < 1e-14 * (1 + fabs(log(x))));
    assert_true(dense_exp(0) == 1 && dense_log(1) == 0 && dense_exp(-1e9) == 0);
}

static void draws_the_published_sequence(void **state)
{
    (void)state;
    /* xoshiro256** from state 1, 2, 3, 4: the values that its authors' C code prints. */
    struct dense_random random = {{1, 2, 3, 4}};
    static const uint64_t want[] = {11520, 0, 1509978240, 1215971899390074240};

    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_true(dense_random_next(&random) == want[i]);
    /* splitmix64 from 1234567: its first two values. */
    assert_true(dense_random_mix(1234567, 0) == 6457827717110365317u);
    assert_true(dense_random_mix(1234567, 1) == 3203168211198807973u);
}

static void below_reaches_every_number_and_no_other(void **state)
{
    (void)state;
    struct dense_random random = dense_random_seed(7);
    unsigned seen[5] = {0};

    for (int i = 0; i < 5000; i++)
        seen[dense_random_below(&random, 5)]++;
    for (int i = 0; i < 5; i++)
        assert_in_range(seen[i], 850, 1150);
    assert_int_equal(dense_random_below(&random, 1), 0);
}

static void gamma_has_its_mean_and_variance(void **state)
{
    (void)state;
    static const double alphas[] = {0.1, 0.5, 1, 4};

    for (size_t a = 0; a < sizeof alphas / sizeof *alphas; a++) {
        struct dense_random random = dense_random_seed(a);
        double sum = 0, squares = 0;
        for (int i = 0; i < 100000; i++) {
            double draw = dense_random_gamma(&random, alphas[a]);
            assert_true(draw >= 0);
            sum += draw;
            squares += draw * draw;
        }
        double mean = sum / 100000, variance = squares / 100000 - mean * mean;
        assert_true(fabs(mean / alphas[a] - 1) < 0.05);
        assert_true(fabs(variance / alphas[a] - 1) < 0.1);
    }
}

static void shuffles_into_a_permutation(void **state)
{
    (void)state;
    struct dense_random random = dense_random_seed(3);
    uint32_t items[100], moved = 0;
    unsigned seen[100] = {0};

    for (uint32_t i = 0; i < 100; i++)
        items[i] = i;
    dense_random_shuffle(&random, items, 100);
    for (uint32_t i = 0; i < 100; i++) {
        seen[items[i]]++;
        moved += items[i] != i;
    }
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(seen[i], 1);
    assert_true(moved > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_and_log_agree_with_libm),
        cmocka_unit_test(draws_the_published_sequence),
        cmocka_unit_test(below_reaches_every_number_and_no_other),
        cmocka_unit_test(gamma_has_its_mean_and_variance),
        cmocka_unit_test(shuffles_into_a_permutation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

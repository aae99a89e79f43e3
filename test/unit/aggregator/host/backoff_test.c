/* Waits grow, are bounded, and begin anew only after something has worked for long enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backoff.h"

static void each_wait_is_twice_the_one_before_up_to_the_most(void **state)
{
    static const uint32_t want[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct backoff backoff = {.least = 1, .most = 60};
    uint64_t now = 1000;

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(backoff_fails(&backoff, now), want[i]);
        now += want[i];
    }
}

static void the_largest_bounds_do_not_overflow(void **state)
{
    struct backoff backoff = {.least = UINT32_MAX / 2 + 1, .most = UINT32_MAX};

    (void)state;
    assert_int_equal(backoff_fails(&backoff, UINT64_MAX), UINT32_MAX / 2 + 1);
    assert_int_equal(backoff_fails(&backoff, UINT64_MAX), UINT32_MAX);
    assert_int_equal(backoff_fails(&backoff, UINT64_MAX), UINT32_MAX);
}

static void what_fails_soon_after_it_worked_waits_longer_all_the_same(void **state)
{
    struct backoff backoff = {.least = 1, .most = 60};

    (void)state;
    backoff_works(&backoff, 0);
    assert_int_equal(backoff_fails(&backoff, 1), 1);
    backoff_works(&backoff, 2);
    assert_int_equal(backoff_fails(&backoff, 61), 2); /* a second too early */
    assert_int_equal(backoff_fails(&backoff, 63), 4);
}

static void what_worked_for_long_begins_anew(void **state)
{
    struct backoff backoff = {.least = 1, .most = 60};

    (void)state;
    for (int i = 0; i < 7; i++)
        (void)backoff_fails(&backoff, 0);
    backoff_works(&backoff, 100);
    backoff_works(&backoff, 159); /* works still, since 100 */
    assert_int_equal(backoff_fails(&backoff, 160), 1);
    /* A success counts for the failure after it only. */
    assert_int_equal(backoff_fails(&backoff, 1000), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wait_is_twice_the_one_before_up_to_the_most),
        cmocka_unit_test(the_largest_bounds_do_not_overflow),
        cmocka_unit_test(what_fails_soon_after_it_worked_waits_longer_all_the_same),
        cmocka_unit_test(what_worked_for_long_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

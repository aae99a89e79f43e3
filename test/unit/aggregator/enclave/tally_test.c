/* Who was counted, what they measured, and the root over them: exact, whatever the order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tally.h"

#define CAPACITY 40

static struct merkle_hash leaves[CAPACITY], slots[2 * CAPACITY];
static struct tally tally;

static void begin(uint32_t capacity)
{
    tally = (struct tally){.leaves = leaves, .slots = slots, .capacity = capacity, .slot_count = 2 * (size_t)capacity};
    tally_begin(&tally);
}

static struct counted device(uint32_t i)
{
    static char names[CAPACITY + 1][8];
    static const uint8_t digest[SHA256_SIZE] = {7};

    snprintf(names[i], sizeof names[i], "d%u", i);
    return (struct counted){view_of_string(names[i]), 3, VIEW_OF(digest)};
}

static void count(uint32_t i)
{
    const struct counted counted = device(i);

    assert_int_equal(tally_may_count(&tally, counted.device), STATUS_OK);
    assert_int_equal(tally_count(&tally, &counted), STATUS_OK);
}

static void a_device_is_counted_once_and_a_full_tally_counts_nobody(void **state)
{
    (void)state;
    begin(CAPACITY);
    for (uint32_t i = 0; i < CAPACITY; i++) {
        count(i);
        for (uint32_t j = 0; j <= i; j++)
            assert_int_equal(tally_may_count(&tally, device(j).device), STATUS_ALREADY_COUNTED);
    }
    assert_int_equal(tally_may_count(&tally, device(CAPACITY).device), STATUS_COHORT_FULL);
    tally_begin(&tally);
    assert_int_equal(tally_may_count(&tally, device(0).device), STATUS_OK);
}

/* RFC 9162 section 2.1.1 as it is written there: split at the largest power of two below n. */
static void root_of(const struct merkle_hash *from, size_t n, struct merkle_hash *out)
{
    struct merkle_hash left, right;
    size_t split = 1;

    if (n == 1) {
        *out = *from;
        return;
    }
    while (2 * split < n)
        split *= 2;
    root_of(from, split, &left);
    root_of(from + split, n - split, &right);
    assert_int_equal(merkle_node(&left, &right, out), STATUS_OK);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct merkle_hash));
}

static void the_root_is_that_of_the_sorted_leaves_in_any_order(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= CAPACITY; n++) {
        uint8_t forward[SHA256_SIZE], backward[SHA256_SIZE];
        struct merkle_hash sorted[CAPACITY], want;

        begin(CAPACITY);
        for (uint32_t i = 0; i < n; i++)
            count(i);
        memcpy(sorted, leaves, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, compare);
        root_of(sorted, n, &want);
        assert_int_equal(tally_root(&tally, forward), STATUS_OK);
        assert_memory_equal(forward, want.bytes, sizeof forward);
        begin(CAPACITY);
        for (uint32_t i = n; i-- > 0;)
            count(i);
        assert_int_equal(tally_root(&tally, backward), STATUS_OK);
        assert_memory_equal(forward, backward, sizeof forward);
    }
}

static void the_root_of_nobody_is_the_digest_of_nothing(void **state)
{
    uint8_t root[SHA256_SIZE], want[SHA256_SIZE];

    (void)state;
    begin(CAPACITY);
    assert_int_equal(sha256((struct view){NULL, 0}, want), STATUS_OK);
    assert_int_equal(tally_root(&tally, root), STATUS_OK);
    assert_memory_equal(root, want, sizeof root);
}

static void measure(const char *name, int64_t value, uint64_t weight)
{
    const struct metrics metrics = {.count = 1, .list = {{view_of_string(name), value, weight}}};

    tally_measure(&tally, &metrics);
}

static void means_round_half_away_from_zero(void **state)
{
    static const struct {
        const char *why;
        int64_t values[2];
        uint64_t weights[2];
        int64_t want;
    } cases[] = {
        {"exact", {2, 4}, {1, 1}, 3},
        {"a half goes up", {2, 3}, {1, 1}, 3},
        {"a half goes down below zero", {-2, -3}, {1, 1}, -3},
        {"less than a half", {2, 3}, {2, 1}, 2},
        {"more than a half", {2, 3}, {1, 2}, 3},
        {"less than a half below zero", {-2, -3}, {2, 1}, -2},
        {"zero", {-5, 5}, {3, 3}, 0},
        {"the most negative there is",
         {-METRIC_LIMIT + 1, -METRIC_LIMIT + 1},
         {WEIGHT_LIMIT / 2, WEIGHT_LIMIT / 2},
         -METRIC_LIMIT + 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct metrics means;

        print_message("  %s\n", cases[i].why);
        begin(CAPACITY);
        for (int j = 0; j < 2; j++)
            measure("loss", cases[i].values[j], cases[i].weights[j]);
        tally_means(&tally, &means);
        assert_int_equal(means.count, 1);
        assert_int_equal(means.list[0].value, cases[i].want);
        assert_int_equal(means.list[0].weight, cases[i].weights[0] + cases[i].weights[1]);
    }
}

/* Of too many names the smallest stay, each with its whole sum, in whatever order they came. */
static void the_smallest_names_stay(void **state)
{
    enum { NAMES = METRICS_MAX + 7 };

    (void)state;
    for (uint32_t step = 1; step < NAMES; step += 3) { /* NAMES is a prime: all names, in another order */
        struct metrics means;

        begin(CAPACITY);
        for (uint32_t i = 0; i < 3 * NAMES; i++) {
            char name[8];

            snprintf(name, sizeof name, "m%02u", i * step % NAMES);
            measure(name, (int64_t)(i * step % NAMES), 1);
        }
        tally_means(&tally, &means);
        assert_int_equal(means.count, METRICS_MAX);
        for (uint32_t i = 0; i < METRICS_MAX; i++) {
            char name[8];

            snprintf(name, sizeof name, "m%02u", i);
            assert_true(view_equal(means.list[i].name, view_of_string(name)));
            assert_int_equal(means.list[i].value, i);
            assert_int_equal(means.list[i].weight, 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_counted_once_and_a_full_tally_counts_nobody),
        cmocka_unit_test(the_root_is_that_of_the_sorted_leaves_in_any_order),
        cmocka_unit_test(the_root_of_nobody_is_the_digest_of_nothing),
        cmocka_unit_test(means_round_half_away_from_zero),
        cmocka_unit_test(the_smallest_names_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

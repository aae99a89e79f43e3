#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dense_split.h"

#define COUNT   1003u
#define CLASSES 10u
#define PARTS   7u

static uint32_t labels[COUNT], groups[COUNT];

static struct dense_options options_of(enum dense_split_kind kind)
{
    struct dense_options options = dense_options_default();

    options.split = kind;
    options.parts = PARTS;
    options.batch = 10;
    for (uint32_t i = 0; i < COUNT; i++) {
        labels[i] = i * 7 % CLASSES;
        groups[i] = i / 100;
    }
    return options;
}

static uint32_t count_mine(struct dense_options options, uint32_t part, uint8_t mine[static COUNT])
{
    struct dense_examples examples = {labels, groups, COUNT, CLASSES};
    struct dense_fault fault;
    uint32_t count = 0;

    options.part = part;
    memset(mine, 0xaa, COUNT);
    assert_int_equal(dense_split(&examples, &options, mine, &fault), DENSE_OK);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_in_range(mine[i], 0, 1);
        count += mine[i];
    }
    return count;
}

/* Every example is in exactly one part; gives the parts' sizes. */
static void assert_disjoint_and_complete(const struct dense_options *options, uint32_t sizes[static PARTS])
{
    uint8_t mine[COUNT];
    uint32_t owners[COUNT] = {0};

    for (uint32_t part = 0; part < PARTS; part++) {
        sizes[part] = count_mine(*options, part, mine);
        for (uint32_t i = 0; i < COUNT; i++)
            owners[i] += mine[i];
    }
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(owners[i], 1);
}

static uint32_t classes_of(const uint8_t *mine)
{
    uint32_t seen[CLASSES] = {0}, classes = 0;

    for (uint32_t i = 0; i < COUNT; i++)
        seen[labels[i]] += mine[i];
    for (uint32_t label = 0; label < CLASSES; label++)
        classes += seen[label] > 0;
    return classes;
}

static void iid_deals_whole_batches_in_turn(void **state)
{
    (void)state;
    struct dense_options options = options_of(DENSE_SPLIT_IID);
    uint32_t sizes[PARTS];
    uint8_t mine[COUNT];

    assert_disjoint_and_complete(&options, sizes);
    /* 100 batches of 10 and one of 3: parts 0 and 1 get 15 batches, part 2 gets 14 and the small one. */
    assert_int_equal(sizes[0], 150);
    assert_int_equal(sizes[1], 150);
    assert_int_equal(sizes[2], 143);
    for (uint32_t part = 3; part < PARTS; part++)
        assert_int_equal(sizes[part], 140);
    count_mine(options, 0, mine);
    assert_int_equal(classes_of(mine), CLASSES);
}

static void shards_hold_few_classes(void **state)
{
    (void)state;
    struct dense_options options = options_of(DENSE_SPLIT_SHARD);
    uint32_t sizes[PARTS];
    uint8_t mine[COUNT];

    assert_disjoint_and_complete(&options, sizes);
    for (uint32_t part = 0; part < PARTS; part++) {
        assert_in_range(sizes[part], 2 * (COUNT / (2 * PARTS)), 2 * (COUNT / (2 * PARTS) + 1));
        count_mine(options, part, mine);
        assert_in_range(classes_of(mine), 1, 4);
    }
}

static void dirichlet_is_even_with_a_large_alpha_and_uneven_with_a_small_one(void **state)
{
    (void)state;
    struct dense_options options = options_of(DENSE_SPLIT_DIRICHLET);
    uint32_t sizes[PARTS], even_classes = 0, uneven_classes = 0;
    uint8_t mine[COUNT];

    options.alpha = 1000;
    assert_disjoint_and_complete(&options, sizes);
    for (uint32_t part = 0; part < PARTS; part++) {
        assert_in_range(sizes[part], 120, 165);
        count_mine(options, part, mine);
        even_classes += classes_of(mine);
    }
    options.alpha = 0.05;
    assert_disjoint_and_complete(&options, sizes);
    for (uint32_t part = 0; part < PARTS; part++) {
        count_mine(options, part, mine);
        uneven_classes += classes_of(mine);
    }
    assert_int_equal(even_classes, PARTS * CLASSES);
    assert_in_range(uneven_classes, CLASSES, PARTS * CLASSES / 2);
}

static void group_takes_the_listed_groups_only(void **state)
{
    (void)state;
    struct dense_options options = options_of(DENSE_SPLIT_GROUP);
    uint8_t mine[COUNT];

    options.groups = (struct dense_list){2, {3, 10}};
    assert_int_equal(count_mine(options, 0, mine), 103);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(mine[i], groups[i] == 3 || groups[i] == 10);
}

static void the_seed_decides_the_deal(void **state)
{
    (void)state;
    for (uint32_t kind = DENSE_SPLIT_IID; kind <= DENSE_SPLIT_DIRICHLET; kind++) {
        struct dense_options options = options_of((enum dense_split_kind)kind);
        uint8_t first[COUNT], again[COUNT], other[COUNT];
        count_mine(options, 2, first);
        count_mine(options, 2, again);
        options.split_seed = 2;
        count_mine(options, 2, other);
        assert_memory_equal(first, again, COUNT);
        assert_memory_not_equal(first, other, COUNT);
    }
}

static void more_parts_than_examples_leaves_some_empty(void **state)
{
    (void)state;
    for (uint32_t kind = DENSE_SPLIT_IID; kind <= DENSE_SPLIT_DIRICHLET; kind++) {
        struct dense_options options = options_of((enum dense_split_kind)kind);
        struct dense_examples three = {labels, NULL, 3, CLASSES};
        struct dense_fault fault;
        uint32_t total = 0;
        options.parts = 20;
        options.batch = 1;
        for (options.part = 0; options.part < options.parts; options.part++) {
            uint8_t mine[3] = {0};
            assert_int_equal(dense_split(&three, &options, mine, &fault), DENSE_OK);
            total += (uint32_t)(mine[0] + mine[1] + mine[2]);
        }
        assert_int_equal(total, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iid_deals_whole_batches_in_turn),
        cmocka_unit_test(shards_hold_few_classes),
        cmocka_unit_test(dirichlet_is_even_with_a_large_alpha_and_uneven_with_a_small_one),
        cmocka_unit_test(group_takes_the_listed_groups_only),
        cmocka_unit_test(the_seed_decides_the_deal),
        cmocka_unit_test(more_parts_than_examples_leaves_some_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* merkle_test.c: the tree of section 12, beside the recursive definition that `tacit recompute` has of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "merkle.h"
#include "recompute_tree.h"

static const uint32_t counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 100, 1000};

static void fill(struct merkle_hash *leaves, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        memset(&leaves[i], 0x5a, sizeof leaves[i]);
        write_be32(leaves[i].bytes, i);
    }
}

static struct merkle_hash *tree_of(uint32_t count)
{
    struct merkle_hash *tree = calloc(merkle_tree_size(count), sizeof *tree);

    fill(tree, count);
    assert_int_equal(merkle_build(tree, count), STATUS_OK);
    return tree;
}

static struct view root_of(const struct merkle_hash *tree, uint32_t count)
{
    return VIEW_OF(tree[merkle_tree_size(count) - 1].bytes);
}

static void a_leaf_is_the_one_that_recompute_makes(void **state)
{
    static const uint8_t digest[DIGEST_SIZE] = {7};
    static const char longest[] = "0123456789012345678901234567890123456789012345678901234567890123";
    const struct view names[] = {VIEW_TEXT("d"), view_of_string(longest)};
    struct merkle_hash got;
    struct recompute_leaf want;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(merkle_leaf(names[i], ROUND_MAX, VIEW_OF(digest), &got), STATUS_OK);
        assert_int_equal(recompute_leaf_of(names[i], ROUND_MAX, VIEW_OF(digest), &want), STATUS_OK);
        assert_memory_equal(got.bytes, want.hash, sizeof got.bytes);
    }
}

static void the_root_is_the_one_of_the_recursive_definition(void **state)
{
    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
        struct recompute_leaf *leaves = calloc(counts[c], sizeof *leaves);
        struct merkle_hash *tree = tree_of(counts[c]);
        uint8_t want[DIGEST_SIZE];

        for (uint32_t i = 0; i < counts[c]; i++)
            memcpy(leaves[i].hash, tree[i].bytes, sizeof leaves[i].hash);
        assert_int_equal(recompute_root(leaves, counts[c], want), STATUS_OK);
        assert_true(view_equal(root_of(tree, counts[c]), VIEW_OF(want)));
        free(leaves);
        free(tree);
    }
}

static void check_paths(uint32_t count, uint32_t step)
{
    struct merkle_hash *tree = tree_of(count);

    for (uint32_t i = 0; i < count; i += step) {
        struct view path[MERKLE_DEPTH_MAX];
        const struct merkle_claim claim = {tree[i], i, count, path, merkle_path(tree, count, i, path)};
        assert_true(claim.path_len <= MERKLE_DEPTH_MAX);
        assert_int_equal(merkle_verify(&claim, root_of(tree, count)), STATUS_OK);
    }
    free(tree);
}

static void every_leaf_has_a_path_that_verifies(void **state)
{
    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(counts); c++)
        check_paths(counts[c], 1);
    check_paths(MERKLE_LEAVES_MAX, 4095);
    check_paths(MERKLE_LEAVES_MAX - 1, 4095);
}

/* Each refused unless it is the claim itself. */
static void nothing_else_verifies(void **state)
{
    (void)state;
    for (size_t c = 0; c < 12; c++) {
        const uint32_t count = counts[c];
        struct merkle_hash *tree = tree_of(count);
        const struct view root = root_of(tree, count);

        for (uint32_t i = 0; i < count; i++) {
            struct view path[MERKLE_DEPTH_MAX + 1];
            const struct merkle_claim good = {tree[i], i, count, path, merkle_path(tree, count, i, path)};
            struct merkle_claim claim;
            struct merkle_hash changed;

            for (claim = good, claim.index = 0; claim.index <= count; claim.index++)
                assert_int_equal(merkle_verify(&claim, root), claim.index == i ? STATUS_OK : STATUS_NOT_COUNTED);
            claim = good;
            claim.leaf.bytes[31] ^= 1;
            assert_int_equal(merkle_verify(&claim, root), STATUS_NOT_COUNTED);
            path[good.path_len] = root;
            claim = good;
            claim.path_len++;
            assert_int_equal(merkle_verify(&claim, root), STATUS_NOT_COUNTED);
            for (uint32_t p = 0; p < good.path_len; p++) {
                const struct view kept = path[p];
                claim = good;
                claim.path_len = p;
                assert_int_equal(merkle_verify(&claim, root), STATUS_NOT_COUNTED);
                memcpy(changed.bytes, kept.ptr, sizeof changed.bytes);
                changed.bytes[0] ^= 0x80;
                path[p] = VIEW_OF(changed.bytes);
                assert_int_equal(merkle_verify(&good, root), STATUS_NOT_COUNTED);
                path[p] = (struct view){kept.ptr, kept.len - 1};
                assert_int_equal(merkle_verify(&good, root), STATUS_NOT_COUNTED);
                path[p] = kept;
            }
        }
        free(tree);
    }
}

/* An inner node passed off as a leaf of a smaller tree: the count of leaves is the record's, not the prover's. */
static void an_inner_node_is_no_leaf(void **state)
{
    struct merkle_hash *tree = tree_of(4);
    struct view path[MERKLE_DEPTH_MAX] = {VIEW_OF(tree[5].bytes)};
    struct merkle_claim claim = {tree[4], 0, 2, path, 1};

    (void)state;
    assert_int_equal(merkle_verify(&claim, root_of(tree, 4)), STATUS_OK);
    claim.count = 4;
    assert_int_equal(merkle_verify(&claim, root_of(tree, 4)), STATUS_NOT_COUNTED);
    claim.count = 0;
    assert_int_equal(merkle_verify(&claim, root_of(tree, 4)), STATUS_NOT_COUNTED);
    claim.count = MERKLE_LEAVES_MAX + 1;
    assert_int_equal(merkle_verify(&claim, root_of(tree, 4)), STATUS_NOT_COUNTED);
    free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_is_the_one_that_recompute_makes),
        cmocka_unit_test(the_root_is_the_one_of_the_recursive_definition),
        cmocka_unit_test(every_leaf_has_a_path_that_verifies),
        cmocka_unit_test(nothing_else_verifies),
        cmocka_unit_test(an_inner_node_is_no_leaf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* recompute_tree_test.c: Merkle roots against the published vectors of Certificate Transparency, and the search for the
 * counted leaves. RFC 9162 section 2.1.1, PROTOCOL.md section 12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recompute_tree.h"

#define LEAVES 8

static const char *const inputs[LEAVES] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
};

static void make_leaves(struct recompute_leaf leaves[LEAVES])
{
    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t bytes[1 + 16] = {0};
        struct buf data = {.ptr = bytes, .len = 1, .cap = sizeof bytes};
        assert_int_equal(hex_decode(view_of_string(inputs[i]), &data), STATUS_OK);
        assert_int_equal(sha256(buf_view(&data), leaves[i].hash), STATUS_OK);
    }
}

static void roots_are_those_of_the_published_vectors(void **state)
{
    static const struct {
        size_t count;
        const char *root;
    } cases[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    struct recompute_leaf leaves[LEAVES];

    (void)state;
    make_leaves(leaves);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t root[DIGEST_SIZE];
        char digits[2 * DIGEST_SIZE + 1];
        assert_int_equal(recompute_root(leaves, cases[i].count, root), STATUS_OK);
        hex_encode(VIEW_OF(root), digits);
        assert_string_equal(digits, cases[i].root);
    }
}

static void a_leaf_is_the_hash_of_its_encoded_array(void **state)
{
    /* 0x00, then [ "dev", 7, h'11..11' ] */
    static const uint8_t data[] = {0x00, 0x83, 0x63, 'd', 'e', 'v', 0x07, 0x58, 0x20};
    uint8_t digest[DIGEST_SIZE], want[DIGEST_SIZE];
    struct recompute_leaf leaf;

    (void)state;
    memset(digest, 0x11, sizeof digest);
    assert_int_equal(sha256_pieces((struct view[]){{data, sizeof data}, VIEW_OF(digest)}, 2, want), STATUS_OK);
    assert_int_equal(recompute_leaf_of(VIEW_TEXT("dev"), 7, VIEW_OF(digest), &leaf), STATUS_OK);
    assert_memory_equal(leaf.hash, want, sizeof want);
}

static void the_counted_leaves_are_found_among_others(void **state)
{
    struct recompute_leaf leaves[LEAVES], picked[3];
    static const bool want[LEAVES] = {false, true, false, false, true, false, false, true};
    bool chosen[LEAVES];
    uint8_t root[DIGEST_SIZE];

    (void)state;
    make_leaves(leaves);
    picked[0] = leaves[1];
    picked[1] = leaves[4];
    picked[2] = leaves[7];
    assert_int_equal(recompute_root(picked, 3, root), STATUS_OK);
    assert_int_equal(recompute_choose(leaves, LEAVES, 3, VIEW_OF(root), chosen), STATUS_OK);
    assert_memory_equal(chosen, want, sizeof want);
}

static void a_root_of_none_of_them_is_not_found(void **state)
{
    struct recompute_leaf leaves[LEAVES];
    uint8_t root[DIGEST_SIZE] = {1};
    bool chosen[LEAVES] = {true, false, true, false, true, false, true, false}, before[LEAVES];

    (void)state;
    make_leaves(leaves);
    memcpy(before, chosen, sizeof before);
    for (size_t wanted = 0; wanted <= LEAVES; wanted++)
        assert_int_equal(recompute_choose(leaves, LEAVES, wanted, VIEW_OF(root), chosen), STATUS_NOT_FOUND);
    assert_int_equal(recompute_choose(leaves, 2, 3, VIEW_OF(root), chosen), STATUS_NOT_FOUND);
    assert_memory_equal(chosen, before, sizeof before);
}

static void no_leaves_have_the_root_of_nothing(void **state)
{
    struct recompute_leaf leaves[LEAVES];
    uint8_t root[DIGEST_SIZE];
    bool chosen[LEAVES] = {true};

    (void)state;
    make_leaves(leaves);
    assert_int_equal(recompute_root(leaves, 0, root), STATUS_OK);
    assert_int_equal(recompute_choose(leaves, LEAVES, 0, VIEW_OF(root), chosen), STATUS_OK);
    assert_false(chosen[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_published_vectors),
        cmocka_unit_test(a_leaf_is_the_hash_of_its_encoded_array),
        cmocka_unit_test(the_counted_leaves_are_found_among_others),
        cmocka_unit_test(a_root_of_none_of_them_is_not_found),
        cmocka_unit_test(no_leaves_have_the_root_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* merkle.c: see merkle.h. */
#include "merkle.h"

#include <string.h>

#include "writer.h"

enum status merkle_leaf(struct view device, uint32_t round, struct view update_digest, struct merkle_hash *out)
{
    uint8_t data[1 + NAME_MAX_LEN + DIGEST_SIZE + 4 * WRITER_HEAD_MAX] = {0}; /* begins with the leaf prefix 0x00 */
    struct buf buf = {.ptr = data, .len = 1, .cap = sizeof data};
    struct writer writer = writer_to(&buf);

    write_array(&writer, 3);
    write_text(&writer, device);
    write_uint(&writer, round);
    write_bytes(&writer, update_digest);
    TRY(writer_end(&writer));
    return sha256(buf_view(&buf), out->bytes);
}

enum status merkle_node(const struct merkle_hash *left, const struct merkle_hash *right, struct merkle_hash *out)
{
    static const uint8_t prefix[] = {1};
    const struct view pieces[] = {VIEW_OF(prefix), VIEW_OF(left->bytes), VIEW_OF(right->bytes)};

    return sha256_pieces(pieces, ARRAY_LEN(pieces), out->bytes);
}

size_t merkle_tree_size(uint32_t count)
{
    size_t size = count;

    for (uint32_t level = count; level > 1; size += level)
        level = (level + 1) / 2;
    return size;
}

enum status merkle_build(struct merkle_hash *tree, uint32_t count)
{
    struct merkle_hash *level = tree;

    for (uint32_t n = count; n > 1; n = (n + 1) / 2) {
        struct merkle_hash *above = level + n;
        for (uint32_t i = 0; i + 1 < n; i += 2)
            TRY(merkle_node(&level[i], &level[i + 1], &above[i / 2]));
        if (n % 2 == 1)
            above[n / 2] = level[n - 1];
        level = above;
    }
    return STATUS_OK;
}

uint32_t merkle_path(const struct merkle_hash *tree, uint32_t count, uint32_t index,
                     struct view path[static MERKLE_DEPTH_MAX])
{
    uint32_t len = 0;

    for (uint32_t n = count, i = index; n > 1; i /= 2, tree += n, n = (n + 1) / 2)
        if ((i ^ 1) < n)
            path[len++] = VIEW_OF(tree[i ^ 1].bytes);
    return len;
}

enum status merkle_verify(const struct merkle_claim *claim, struct view root)
{
    struct merkle_hash at = claim->leaf, beside;
    uint32_t used = 0;

    if (claim->count > MERKLE_LEAVES_MAX || claim->index >= claim->count)
        return STATUS_NOT_COUNTED;
    for (uint32_t n = claim->count, i = claim->index; n > 1; i /= 2, n = (n + 1) / 2) {
        if ((i ^ 1) >= n)
            continue; /* goes up as it is */
        if (used == claim->path_len || claim->path[used].len != sizeof beside.bytes)
            return STATUS_NOT_COUNTED;
        memcpy(beside.bytes, claim->path[used++].ptr, sizeof beside.bytes);
        TRY(i % 2 == 0 ? merkle_node(&at, &beside, &at) : merkle_node(&beside, &at, &at));
    }
    return used == claim->path_len && view_equal(VIEW_OF(at.bytes), root) ? STATUS_OK : STATUS_NOT_COUNTED;
}

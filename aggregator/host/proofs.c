/* proofs.c: see proofs.h. */
#include "proofs.h"

#include <stdlib.h>
#include <string.h>

#include "cose.h"

void proofs_begin(struct proofs *proofs)
{
    proofs->leaf_count = 0;
}

enum status proofs_count(struct proofs *proofs, const struct whole *whole)
{
    uint8_t digest[DIGEST_SIZE];

    if (proofs->leaf_count == MERKLE_LEAVES_MAX)
        return STATUS_NO_SPACE;
    if (proofs->leaf_count == proofs->leaf_room) {
        const uint32_t room = proofs->leaf_room > 0 ? 2 * proofs->leaf_room : 16;
        struct merkle_hash *grown = realloc(proofs->leaves, room * sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_SPACE;
        proofs->leaves = grown;
        proofs->leaf_room = room;
    }
    TRY(sha256_pieces(whole->chunks, whole->count, digest));
    TRY(merkle_leaf(whole->name, whole->round, VIEW_OF(digest), &proofs->leaves[proofs->leaf_count]));
    proofs->leaf_count++;
    return STATUS_OK;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct merkle_hash));
}

struct view proofs_leaves(struct proofs *proofs)
{
    if (proofs->leaf_count > 0)
        qsort(proofs->leaves, proofs->leaf_count, sizeof *proofs->leaves, compare);
    return (struct view){(const uint8_t *)proofs->leaves, proofs->leaf_count * sizeof *proofs->leaves};
}

/* Room for one more: the oldest goes. */
static struct provable *next_round(struct proofs *proofs)
{
    if (proofs->round_count == HOST_PROVABLE_MAX) {
        free(proofs->rounds[0].tree);
        memmove(proofs->rounds, proofs->rounds + 1, (HOST_PROVABLE_MAX - 1) * sizeof *proofs->rounds);
        proofs->round_count--;
    }
    return &proofs->rounds[proofs->round_count++];
}

/* The tree over the leaves, whose root must be the record's. */
static enum status grow_tree(const struct record *record, struct view leaves, struct merkle_hash **out)
{
    const size_t size = merkle_tree_size(record->counted);
    struct merkle_hash *tree = malloc(size * sizeof *tree);
    enum status status;

    if (tree == NULL)
        return STATUS_NO_SPACE;
    memcpy(tree, leaves.ptr, leaves.len);
    status = merkle_build(tree, record->counted);
    if (status == STATUS_OK && !view_equal(VIEW_OF(tree[size - 1].bytes), record->root))
        status = STATUS_NOT_COUNTED;
    if (status != STATUS_OK) {
        free(tree);
        return status;
    }
    *out = tree;
    return STATUS_OK;
}

enum status proofs_remember(struct proofs *proofs, struct view message, struct view leaves)
{
    struct provable round = {.tree = NULL};
    struct cose_sign1 parts;
    struct record record;

    TRY(cose_sign1_decode(message, &parts));
    TRY(record_decode(parts.payload, &record));
    TRY(sha256(parts.payload, round.record));
    if (leaves.len != record.counted * sizeof(struct merkle_hash))
        return STATUS_NOT_COUNTED;
    if (record.counted == 0)
        return STATUS_OK;
    TRY(grow_tree(&record, leaves, &round.tree));
    round.count = record.counted;
    *next_round(proofs) = round;
    return STATUS_OK;
}

enum status proofs_find(const struct proofs *proofs, const struct proof_request *request, struct proof *out)
{
    for (uint32_t i = 0; i < proofs->round_count; i++) {
        const struct provable *round = &proofs->rounds[i];
        const struct merkle_hash *leaf;
        if (!view_equal(VIEW_OF(round->record), request->record))
            continue;
        leaf = bsearch(request->leaf.ptr, round->tree, round->count, sizeof *leaf, compare);
        if (leaf == NULL)
            return STATUS_NOT_FOUND;
        *out = (struct proof){request->round, request->record, (uint32_t)(leaf - round->tree), 0, {{NULL, 0}}};
        out->path_len = merkle_path(round->tree, round->count, out->index, out->path);
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

void proofs_free(struct proofs *proofs)
{
    for (uint32_t i = 0; i < proofs->round_count; i++)
        free(proofs->rounds[i].tree);
    free(proofs->leaves);
    *proofs = (struct proofs){0};
}

/* merkle.h: the tree over the counted updates of a round: its leaves, and the proof that one of them is under a record's
 * root. Pure. Source: PROTOCOL.md section 12; RFC 9162 section 2.1.
 *
 * RFC 9162 splits n leaves at the largest power of two below n. That is the same tree as one that is built level by
 * level, pairing from the left, where a last node without a partner goes up as it is: so it is stored here. */
#ifndef BIND_MERKLE_H
#define BIND_MERKLE_H

#include "crypto.h"
#include "wire_limits.h"

#define MERKLE_LEAVES_MAX 65536
#define MERKLE_DEPTH_MAX  16 /* of so many leaves, hence the longest path */

struct merkle_hash {
    uint8_t bytes[SHA256_SIZE];
};

/** The leaf of an update: its device, its round, the digest of its chunk messages. STATUS_CRYPTO, STATUS_NO_SPACE. */
MUST_USE enum status merkle_leaf(struct view device, uint32_t round, struct view update_digest,
                                 struct merkle_hash *out);

/** The node over two others; out may be one of them. STATUS_CRYPTO. */
MUST_USE enum status merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                                 struct merkle_hash *out);

/** How many hashes a tree of so many leaves (1..MERKLE_LEAVES_MAX) has, where each level is stored whole. */
size_t merkle_tree_size(uint32_t count);

/** Completes a tree of merkle_tree_size hashes, of which the first `count` are the leaves. The last is the root. */
MUST_USE enum status merkle_build(struct merkle_hash *tree, uint32_t count);

/** The hashes beside the way from leaf `index` (below count) to the root, lowest first; gives how many. Views into tree. */
uint32_t merkle_path(const struct merkle_hash *tree, uint32_t count, uint32_t index,
                     struct view path[static MERKLE_DEPTH_MAX]);

/** Says that a leaf is one of `count` under a root, and how to see it. */
struct merkle_claim {
    struct merkle_hash leaf;
    uint32_t index, count;
    const struct view *path; /* SHA256_SIZE each, lowest first */
    uint32_t path_len;
};

/** Returns STATUS_NOT_COUNTED when the claim does not lead to this root, or is impossible; STATUS_CRYPTO. */
MUST_USE enum status merkle_verify(const struct merkle_claim *claim, struct view root);

#endif

/* recompute_tree.h: the Merkle root over the counted updates of a round, by the recursive definition of RFC 9162
 * section 2.1.1, and the search for those that were counted. Pure. Source: PROTOCOL.md section 12. */
#ifndef CTL_RECOMPUTE_TREE_H
#define CTL_RECOMPUTE_TREE_H

#include "crypto.h"
#include "wire_limits.h"

/** The hash of a leaf. */
struct recompute_leaf {
    uint8_t hash[DIGEST_SIZE];
};

/** The leaf of an update. STATUS_CRYPTO. */
MUST_USE enum status recompute_leaf_of(struct view device, uint32_t round, struct view update_digest,
                                       struct recompute_leaf *out);

/** The root of leaves in the order in which they stand. STATUS_CRYPTO. */
MUST_USE enum status recompute_root(const struct recompute_leaf *leaves, size_t count, uint8_t out[static DIGEST_SIZE]);

/**
 * Which `wanted` of `count` leaves have this root: a device may have sealed an update that was too late to be counted.
 *
 * leaves  in ascending order.
 * chosen  count flags, set on STATUS_OK only.
 *
 * Returns STATUS_NOT_FOUND no choice has this root; STATUS_OUT_OF_RANGE there are too many choices to try; STATUS_IO no
 * memory; STATUS_CRYPTO.
 */
MUST_USE enum status recompute_choose(const struct recompute_leaf *leaves, size_t count, size_t wanted,
                                      struct view root, bool *chosen);

#endif

/* recompute.h: what `tacit recompute` works with. Used by recompute*.c alone.
 *
 *   recompute.c        the command, round by round
 *   recompute_read.c   who signs, under which policy, and the records
 *   recompute_kept.c   sealed updates, opened
 *   recompute_sum.c    the arithmetic
 *   recompute_tree.c   the Merkle root */
#ifndef CTL_RECOMPUTE_H
#define CTL_RECOMPUTE_H

#include "chain.h"
#include "model_file.h"
#include "policy.h"

struct recomputing {
    const char *folder;
    struct reason *reason;
    struct buf bundle_bytes;
    struct place place; /* federation, aggregator; views into the bundle */
    struct policy policy;
    uint8_t policy_digest[DIGEST_SIZE], signing_point[P256_POINT_SIZE];
    struct view boot_id;
    struct chain chain;
    struct model_file model; /* encoded and digest go from round to round */
    struct model_layout layout;
};

/** Reads bundle.cbor: what `tacit rounds --save` wrote after it appraised the evidence. STATUS_CONFIG with a reason. */
MUST_USE enum status recompute_read_bundle(struct recomputing *recomputing);

/** Reads all records, and decides which are believed. STATUS_CONFIG with a reason; what chain_take returns. */
MUST_USE enum status recompute_read_records(struct recomputing *recomputing);

#endif

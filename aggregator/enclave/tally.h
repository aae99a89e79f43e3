/* tally.h: who was counted in a round, and what they measured. Pure. Source: PROTOCOL.md section 12.
 *
 * Arrival order leaves no trace: leaves are sorted before they are hashed, metrics are integer sums, and of too many
 * metric names the smallest stay. */
#ifndef ENCLAVE_TALLY_H
#define ENCLAVE_TALLY_H

#include "merkle.h"
#include "wire_limits.h"

struct metric_sum {
    char name[METRIC_NAME_MAX];
    size_t name_len;
    int64_t sum; /* of value * weight */
    uint64_t weight;
};

struct tally {
    struct merkle_hash *leaves; /* lent: capacity of them, of updates counted */
    struct merkle_hash *slots;  /* lent: open-addressed set of device hashes; all zero where free */
    uint32_t capacity, count;
    size_t slot_count; /* at least twice the capacity */
    uint32_t metric_count;
    struct metric_sum metrics[METRICS_MAX];
};

/** What is counted: a device, and the digest of the chunk messages that its update came in. */
struct counted {
    struct view device;
    uint32_t round;
    struct view update_digest;
};

void tally_begin(struct tally *tally);

/** Whether this device was counted in this round. STATUS_ALREADY_COUNTED, STATUS_COHORT_FULL, STATUS_OK: it may be. */
MUST_USE enum status tally_may_count(const struct tally *tally, struct view device);

/** Counts; tally_may_count has said STATUS_OK. STATUS_CRYPTO leaves the tally as it was. */
MUST_USE enum status tally_count(struct tally *tally, const struct counted *counted);

/** Adds what a counted device measured. Total weight of any name is bounded by the caller (WEIGHT_LIMIT). */
void tally_measure(struct tally *tally, const struct metrics *metrics);

/** Weighted means, in ascending order of names; views into tally. */
void tally_means(const struct tally *tally, struct metrics *out);

/** Merkle root over the leaves (RFC 9162 section 2.1.1), which are sorted by this call. */
MUST_USE enum status tally_root(struct tally *tally, uint8_t root[static SHA256_SIZE]);

#endif

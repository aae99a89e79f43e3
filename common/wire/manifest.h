/* manifest.h: what a round is about. Pure. Source: PROTOCOL.md section 7. */
#ifndef WIRE_MANIFEST_H
#define WIRE_MANIFEST_H

#include "wire_limits.h"

struct manifest {
    uint32_t round;
    enum task task;
    struct view base;         /* DIGEST_SIZE */
    uint64_t model_size;      /* bytes of the encoded base model, 1.. */
    uint32_t chunk_size;      /* plaintext bytes of a chunk, 256..PACKET_MAX */
    uint32_t target, minimum; /* cohort, 1..65536, minimum <= target */
    uint64_t deadline;        /* unix seconds */
    uint32_t max_samples;     /* 1.. */
    uint32_t fraction_bits;   /* 16..27 */
    uint32_t alg_count;
    int64_t algs[ALGS_MAX];
    struct view previous; /* digest of the last record's payload, or empty */
    struct view boot_id, policy_digest;
    bool simulated;
};

MUST_USE enum status manifest_encode(const struct manifest *manifest, struct buf *out);
/** Also STATUS_OUT_OF_RANGE when target * max_samples exceeds WEIGHT_LIMIT or the model needs over CHUNKS_MAX chunks. */
MUST_USE enum status manifest_decode(struct view bytes, struct manifest *out);

/** How many chunks of chunk_size hold size bytes (at least 1). */
uint64_t chunks_of(uint64_t size, uint32_t chunk_size);

#endif

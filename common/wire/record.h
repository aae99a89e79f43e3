/* record.h: what a round came to. Pure. Source: PROTOCOL.md section 12. */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "wire_limits.h"

struct refusal {
    enum status reason;
    uint64_t count;
};

struct refusals {
    uint32_t count;
    struct refusal list[STATUS_LIMIT];
};

struct record {
    uint32_t round;
    enum task task;          /* TASK_TRAIN or TASK_EVALUATE */
    enum status reason;      /* STATUS_OK: released */
    struct view previous;    /* digest of the previous record's payload, or empty */
    struct view base, model; /* DIGEST_SIZE */
    uint32_t counted;
    uint64_t samples;
    struct view root; /* DIGEST_SIZE */
    struct metrics metrics;
    struct refusals refusals; /* ascending reasons */
    uint64_t closed;          /* unix seconds */
    struct view boot_id, policy_digest;
    bool simulated;
};

MUST_USE enum status record_encode(const struct record *record, struct buf *out);
MUST_USE enum status record_decode(struct view bytes, struct record *out);

#endif

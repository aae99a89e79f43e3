/* state.h: what a later boot of the same program may take up again, before it is sealed. Pure. Source: PROTOCOL.md
 * section 17. For the core, and for replays, which begin a round where another boot began it. */
#ifndef ENCLAVE_STATE_H
#define ENCLAVE_STATE_H

#include "wire_limits.h"

/** What the owner asked for. */
struct work {
    uint32_t rounds_left; /* training rounds that were not released yet */
    bool evaluate;        /* a closing round that evaluates follows the last of them */
    uint32_t target, deadline_s;
    bool lasting; /* the owner wants a later boot to go on with it */
};

struct core_state {
    uint32_t round;          /* the last number that has a record, or was announced */
    struct view last_record; /* its digest; empty when there is none */
    struct view model;       /* encoded, not empty */
    uint64_t revocations;    /* version of the revocation list that was held, 0 for none */
    struct work work;        /* is written when it is lasting; all zero when none is to go on */
    struct view policy;      /* digest of the one that it was planned under */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason; out is set on STATUS_OK only and views into bytes. */
MUST_USE enum status core_state_encode(const struct core_state *state, struct buf *out);
MUST_USE enum status core_state_decode(struct view bytes, struct core_state *out);

#endif

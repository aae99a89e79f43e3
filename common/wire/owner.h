/* owner.h: what the owner asks of the enclave, its answer, and the fragments that a request travels in. Pure.
 * Source: PROTOCOL.md section 6. */
#ifndef WIRE_OWNER_H
#define WIRE_OWNER_H

#include "wire_limits.h"

#define ESCROW_SIZE 128 /* epoch secret || model key || signing scalar || sealing scalar, 32 bytes each */

enum owner_command {
    OWNER_PUT_MODEL = 1,
    OWNER_START = 2,
    OWNER_STOP = 3,
    OWNER_MODEL_KEY = 4,
    OWNER_REVOKE = 5,
    OWNER_ESCROW = 6, /* give the keys of this boot: only a simulation that was built for it does */
};

struct plan {
    uint32_t rounds;     /* 1..1000000 */
    uint32_t target;     /* 1..65536 */
    uint32_t deadline_s; /* 1..604800 */
    bool evaluate;       /* a closing round that only evaluates */
    bool lasting;        /* a later boot of the enclave goes on with it */
};

struct owner_request {
    struct view challenge;
    enum owner_command command;
    struct view reply_key; /* encoded COSE_Key */
    struct view model;     /* OWNER_PUT_MODEL: encoded model, else empty */
    struct plan plan;      /* OWNER_START */
    struct view revoked;   /* OWNER_REVOKE: signed revocation list (revocation.h), else empty */
};

struct owner_answer {
    enum status reason;
    struct view model_digest; /* empty when the enclave holds no model */
    bool has_round;           /* whether round is there */
    uint32_t round;
    struct view model_key; /* OWNER_MODEL_KEY, else empty */
    uint64_t revocations;  /* version of the revocation list that the enclave holds, 0 for none */
    struct view escrow;    /* OWNER_ESCROW: ESCROW_SIZE bytes, else empty */
};

struct fragment {
    struct view transfer;  /* TRANSFER_SIZE */
    uint32_t index, count; /* index < count <= CHUNKS_MAX */
    uint64_t total;        /* bytes of all pieces */
    struct view piece;
};

MUST_USE enum status owner_request_encode(const struct owner_request *request, struct buf *out);
MUST_USE enum status owner_request_decode(struct view bytes, struct owner_request *out);
MUST_USE enum status owner_answer_encode(const struct owner_answer *answer, struct buf *out);
MUST_USE enum status owner_answer_decode(struct view bytes, struct owner_answer *out);
MUST_USE enum status fragment_encode(const struct fragment *fragment, struct buf *out);
MUST_USE enum status fragment_decode(struct view bytes, struct fragment *out);

#endif

/* proof.h: a device asks where its update stands under a record's root, and is shown. Pure. Source: PROTOCOL.md section 12.
 *
 * Nothing in either is secret or signed: a proof either leads to the root of a record that its reader believes, or it is
 * worth nothing. Both are maps, so they are told apart from the sealed messages of their topics by their first byte. */
#ifndef WIRE_PROOF_H
#define WIRE_PROOF_H

#include "wire_limits.h"

#define PROOF_PATH_MAX 16 /* 65536 leaves */

struct proof_request {
    uint32_t round;
    struct view record; /* DIGEST_SIZE: of its payload */
    struct view leaf;   /* DIGEST_SIZE: its hash */
};

struct proof {
    uint32_t round;
    struct view record; /* DIGEST_SIZE: of its payload */
    uint32_t index;     /* of the leaf, from 0 */
    uint32_t path_len;
    struct view path[PROOF_PATH_MAX]; /* DIGEST_SIZE each, lowest first */
};

/** Whether a payload may be one of these, and is none that COSE made. */
bool proof_looks_like(struct view payload);

MUST_USE enum status proof_request_encode(const struct proof_request *request, struct buf *out);
MUST_USE enum status proof_request_decode(struct view bytes, struct proof_request *out);
MUST_USE enum status proof_encode(const struct proof *proof, struct buf *out);
MUST_USE enum status proof_decode(struct view bytes, struct proof *out);

#endif

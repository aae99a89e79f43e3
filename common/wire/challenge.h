/* challenge.h: the enclave's rolling challenge. Pure. Source: PROTOCOL.md section 4. */
#ifndef WIRE_CHALLENGE_H
#define WIRE_CHALLENGE_H

#include "wire_limits.h"

struct challenge {
    struct view value;   /* CHALLENGE_SIZE */
    uint64_t expires;    /* unix seconds */
    struct view boot_id; /* BOOT_ID_SIZE */
};

MUST_USE enum status challenge_encode(const struct challenge *challenge, struct buf *out);
MUST_USE enum status challenge_decode(struct view bytes, struct challenge *out);

#endif

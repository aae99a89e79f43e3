/* receipt.h: what became of an update. Pure. Source: PROTOCOL.md section 11. */
#ifndef WIRE_RECEIPT_H
#define WIRE_RECEIPT_H

#include "wire_limits.h"

struct receipt {
    uint32_t round;
    struct view transfer;      /* TRANSFER_SIZE */
    enum status reason;        /* STATUS_OK: counted */
    struct view update_digest; /* DIGEST_SIZE */
};

MUST_USE enum status receipt_encode(const struct receipt *receipt, struct buf *out);
MUST_USE enum status receipt_decode(struct view bytes, struct receipt *out);

#endif

/* need.h: which chunks may be sent now. Pure. Source: PROTOCOL.md section 10. */
#ifndef WIRE_NEED_H
#define WIRE_NEED_H

#include "wire_limits.h"

struct need {
    uint32_t round;       /* 0: an owner request */
    struct view transfer; /* TRANSFER_SIZE */
    struct view bitmap;   /* 1..512 bytes */
};

MUST_USE enum status need_encode(const struct need *need, struct buf *out);
MUST_USE enum status need_decode(struct view bytes, struct need *out);

/** Whether chunk i may be sent. False past the end of the bitmap. */
bool need_has(const struct need *need, uint32_t chunk);

#endif

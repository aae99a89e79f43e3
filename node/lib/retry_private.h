/* retry_private.h: waits between tries. Pure. */
#ifndef NODE_RETRY_PRIVATE_H
#define NODE_RETRY_PRIVATE_H

#include <stdint.h>

/** A wait that doubles each time, with jitter. */
struct retry {
    uint64_t at; /* unix seconds */
    uint32_t wait_s;
};

#endif

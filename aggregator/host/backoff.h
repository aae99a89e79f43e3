/* backoff.h: how long to wait until something that failed is tried again: each wait is twice the one before. Pure: any
 * clock that counts seconds and does not go back will do, always the same one. */
#ifndef HOST_BACKOFF_H
#define HOST_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    uint32_t least, most; /* seconds, 1 <= least <= most */
    /* All else is zero at first. */
    uint32_t last;  /* the wait before, 0: none */
    bool works;     /* it did not fail since then: */
    uint64_t since; /* seconds */
};

/** It works, as of now. */
void backoff_works(struct backoff *backoff, uint64_t now);

/**
 * It failed. Returns the seconds to wait from now on. They begin with `least` again only when it had worked for `most`
 * seconds: what fails soon after each start is not tried ever faster.
 */
uint32_t backoff_fails(struct backoff *backoff, uint64_t now);

#endif

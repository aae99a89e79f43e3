/* copy.h: a new capture made of one that is there. */
#ifndef CAPTURE_COPY_H
#define CAPTURE_COPY_H

#include "capture_parts.h"

struct copy {
    const struct capture_parts *from;
    const char *to;
    const char *maker;
    bool anonymised; /* who was connected from where is left out, and the secrets */
    void *ctx;
    /* Whether a message is kept; it may change it. What it points to lives until the next call. */
    enum status (*each)(void *ctx, struct captured *message, bool *keeps);
    uint64_t messages, unreadable, secrets; /* results: copied; passed over as damaged; of boots */
};

/** Makes the file, or none: a failure removes it. STATUS_EXISTS there is one; as capture_put and capture_next. */
MUST_USE enum status copy_run(struct copy *copy, struct reason *reason);

#endif

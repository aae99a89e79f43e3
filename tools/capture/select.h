/* select.h: which messages belong to some rounds, with what is needed to look at those. */
#ifndef CAPTURE_SELECT_H
#define CAPTURE_SELECT_H

#include "arguments.h"
#include "capture.h"
#include "wire_limits.h"

/** The round that a device sent an update for last: its sealed receipts are for that. */
struct select_device {
    char name[NAME_MAX_LEN + 1];
    uint32_t round;
};

struct selection {
    uint32_t from, to;                    /* rounds; 0: all */
    const struct argument_texts *devices; /* none: all */

    struct select_device *last; /* the selection's own */
    size_t count;
};

/** Whether the message belongs to it. Messages must come in their order. STATUS_IO: no memory. */
MUST_USE enum status selection_keeps(struct selection *selection, const struct captured *message, bool *keeps);
void selection_free(struct selection *selection); /* for CLEANUP */

#endif

/* seen.h: which of many byte strings came before, within this round or the one before it: a broker delivers some twice,
 * and a host repeats what it is asked for again until its round is over. */
#ifndef REPLAY_SEEN_H
#define REPLAY_SEEN_H

#include "base.h"

struct seen_table {
    uint8_t (*keys)[16]; /* on the heap */
    size_t cap, count;
};

/** Starts as {0}; freed with seen_free. */
struct seen {
    struct seen_table now, before;
};

/** Adds a + b; *was says whether it was there. STATUS_IO without memory. */
MUST_USE enum status seen_add(struct seen *seen, struct view a, struct view b, bool *was);
/** Whether a + b is there. */
bool seen_has(const struct seen *seen, struct view a, struct view b);
/** A round begins: what was added before the last one is forgotten. */
void seen_turn(struct seen *seen);
void seen_free(struct seen *seen);

#endif

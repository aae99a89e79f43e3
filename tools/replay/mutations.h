/* mutations.h: the ways in which an update is damaged, and the reasons that each may be refused with: the table of
 * docs/replay.md. */
#ifndef REPLAY_MUTATIONS_H
#define REPLAY_MUTATIONS_H

#include "gather.h"

#define MUTATION_REASONS_MAX 24

/** A damaged update. Starts as {0}; freed with mutated_free. */
struct mutated {
    struct view device;
    uint32_t round, count;
    struct view *chunks; /* on the heap: count of them */
    struct buf own;      /* the chunk that was changed; on the heap */
};
void mutated_free(struct mutated *mutated);

/** What a mutation works on. */
struct mutation_of {
    const struct gathered *victim, *other; /* other: of another device in the same round; NULL when there is none */
    struct view device, other_device;
    uint32_t round;
    uint64_t *random;
};

struct mutation {
    const char *name;
    bool after;       /* handed over behind the true update instead of before it */
    bool needs_many;  /* chunks */
    bool needs_other; /* another device's update */
    enum status (*make)(const struct mutation_of *of, struct mutated *out);
    enum status reasons[MUTATION_REASONS_MAX]; /* ends with STATUS_OK */
};
extern const struct mutation mutations[];
extern const size_t mutation_count;

/** Whether a mutation may be refused so. STATUS_OK never is. */
bool mutation_allows(const struct mutation *mutation, enum status reason);

#endif

/* core_copy.h: for tests: a core as it stood at some moment, to compare with and to go back to. */
#ifndef SUPPORT_CORE_COPY_H
#define SUPPORT_CORE_COPY_H

#include "federation.h"

struct core_copy {
    struct core *core; /* that it is a copy of */
    struct core_region {
        uint8_t *memory, *copy;
        size_t size;
    } regions[6]; /* the core itself, then what it was lent that calls change */
    size_t count;
};

/** Copies a booted core that is held by the federation. The copy serves as long as that core lives. */
void core_copy_take(struct core_copy *copy, const struct federation *federation);
void core_copy_restore(const struct core_copy *copy);
void core_copy_free(struct core_copy *copy);

/**
 * Whether the core is still what it was, but for what every refused call may change: the time, counts of refusals,
 * spaces of work, and which of the owner's requests are spent.
 */
bool core_copy_same(const struct core_copy *copy);

#endif

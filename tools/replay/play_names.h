/* play_names.h: names in the order in which they were first seen, found quickly. */
#ifndef REPLAY_PLAY_NAMES_H
#define REPLAY_PLAY_NAMES_H

#include "wire_limits.h"

#define NAMES_MAX (1u << 16)

/** Starts as {0}; freed with names_free. */
struct names {
    size_t count, room;
    char (*list)[NAME_MAX_LEN + 1];
    uint32_t *slots; /* 1 + index of a name; twice as many as room */
};

/** Adds a name, unless it is there. STATUS_NO_SPACE: NAMES_MAX are there; STATUS_IO: no memory. */
MUST_USE enum status names_add(struct names *names, struct view name);

/** Its index, or SIZE_MAX. */
size_t names_find(const struct names *names, struct view name);

void names_free(struct names *names);

#endif

/* stream.h: numbers from a seed, the same on every machine. Not secret. */
#ifndef REPLAY_STREAM_H
#define REPLAY_STREAM_H

#include <stdint.h>

/** splitmix64. */
uint64_t stream_next(uint64_t *state);
/** Below `limit`, which is not 0. */
uint64_t stream_below(uint64_t *state, uint64_t limit);

#endif

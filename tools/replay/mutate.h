/* mutate.h: damages captured updates by a seed, hands them to the replayed core, and checks that it refuses each with a
 * documented reason, without a trace: the true updates still come to the captured root and model. docs/replay.md has the
 * table. */
#ifndef REPLAY_MUTATE_H
#define REPLAY_MUTATE_H

#include "verdict.h"

struct mutate_options {
    uint64_t seed, count; /* count: cases, each of one mutation in one round */
};

struct mutate_case {
    uint64_t number; /* from 1 */
    uint32_t round;
    const char *mutation;
    char device[NAME_MAX_LEN + 1];
    bool good;
    enum status reason;   /* of the mutated update */
    char why[DIFFER_MAX]; /* unless it is good */
};

struct mutate_totals {
    uint64_t cases, bad, refused[STATUS_LIMIT];
    uint8_t digest[DIGEST_SIZE]; /* over all cases and their outcomes: the same on every machine */
};

struct mutate_sink {
    void *ctx;
    void (*done)(void *ctx, const struct mutate_case *one);
};

/** STATUS_NOT_FOUND: no round of the capture can be replayed whole. Else as verify_run. */
MUST_USE enum status mutate_run(struct source *source, const struct index *index, const struct verify_options *options,
                                const struct mutate_options *mutate, const struct mutate_sink *sink,
                                struct mutate_totals *out);

#endif

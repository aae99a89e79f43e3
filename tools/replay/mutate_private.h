/* mutate_private.h: what the files of the mutations share: a round with all that a case of it needs.
 *
 *   mutate.c        a case: one damaged update among the true ones
 *   mutate_load.c   which rounds there are, and loading one */
#ifndef REPLAY_MUTATE_PRIVATE_H
#define REPLAY_MUTATE_PRIVATE_H

#include "mutate.h"
#include "record.h"
#include "verify_private.h"

/* An update that was counted. */
struct counted {
    char device[NAME_MAX_LEN];
    size_t device_len;
    uint8_t transfer[TRANSFER_SIZE];
};

struct mutating {
    struct verifying verifying;
    const struct mutate_sink *sink;
    struct mutate_totals totals;
    const struct index_round **rounds; /* that replay whole; on the heap */
    size_t round_count;

    const struct index_round *loaded;
    struct verify_start start; /* of the loaded round; views into the next two */
    struct buf manifest, model, record_message;
    struct record record; /* captured; views into record_message */
    struct counted *counted;
    size_t counted_count;
};

/** Nobody is told. */
extern const struct verify_sink mutate_quiet;

void mutating_end(struct mutating *mutating); /* for CLEANUP */

/** Finds the rounds that replay whole. STATUS_NOT_FOUND: there is none. */
MUST_USE enum status mutate_find_rounds(struct mutating *mutating);

/** Loads one of them. STATUS_NOT_FOUND: its base model is not in the capture, or a receipt is not. */
MUST_USE enum status mutate_load(struct mutating *mutating, const struct index_round *round);

#endif

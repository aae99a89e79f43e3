/* verdict.h: runs the enclave's core on what a capture holds of its rounds, and compares everything that it says with what
 * was said. What cannot be made again is told, with the reason. docs/replay.md says what is compared and what is not. */
#ifndef REPLAY_VERDICT_H
#define REPLAY_VERDICT_H

#include "crypto.h"
#include "differ.h"
#include "index.h"

enum verdict {
    VERDICT_SAME,      /* manifest, model chunks, receipts, record and model came out bit for bit */
    VERDICT_DIFFERENT, /* something came out otherwise */
    VERDICT_MISSING,   /* the capture does not hold all that the round was made from */
    VERDICT_NO_KEYS,   /* the keys of its boot are not in the capture */
    VERDICTS
};

struct verify_round {
    const struct index_round *of;
    enum verdict verdict;
    char why[DIFFER_MAX]; /* unless it is the same: a sentence; the first difference */
    enum status reason;   /* of its record; STATUS_OK: a model was released */
    uint32_t counted;
    uint64_t samples, receipts, bytes; /* receipts: compared; bytes: of the sealed updates that were opened */
    uint8_t model[DIGEST_SIZE];        /* after the round, as the replay computed it */
};

struct verify_totals {
    uint64_t verdicts[VERDICTS];
    uint64_t receipts, bytes, manifests, challenges, requests, model_chunks, unreceipted;
    uint64_t differences; /* of what is of no round: a challenge, the evidence of a boot */
    uint8_t model[DIGEST_SIZE];
    bool has_model;
};

struct verify_sink {
    void *ctx;
    void (*round)(void *ctx, const struct verify_round *round);
    void (*note)(void *ctx, const char *text);
    void (*progress)(void *ctx, uint64_t done, uint64_t all); /* messages; may be NULL */
};

struct verify_options {
    struct view federation, aggregator;
    uint8_t owner_point[P256_POINT_SIZE];
    uint32_t from, to; /* rounds; 0: no bound */
};

/** STATUS_OK also where rounds differ: the totals say so. Else STATUS_IO, STATUS_NO_SPACE or a reason of db.h. */
MUST_USE enum status verify_run(struct source *source, const struct index *index, const struct verify_options *options,
                                const struct verify_sink *sink, struct verify_totals *out);

#endif

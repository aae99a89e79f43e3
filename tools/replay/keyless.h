/* keyless.h: what a capture shows without any key of an enclave: evidence under the owner's policy, signatures, the chain
 * of records, proofs, and whether the updates that a record counts are there. */
#ifndef REPLAY_KEYLESS_H
#define REPLAY_KEYLESS_H

#include "verdict.h"

struct keyless_totals {
    uint64_t records, is_signed;                   /* in the chain; signed by an enclave that was appraised here */
    uint64_t boots, manifests, challenges, proofs; /* that verify */
    uint64_t roots;  /* of rounds without keys: records whose counted updates are all in the capture */
    uint64_t faults; /* what is wrong: each is told to the sink as a note */
};

/** Every round is looked at, whatever options->from and to say. STATUS_IO or a reason of db.h. */
MUST_USE enum status keyless_run(struct source *source, const struct index *index, const struct verify_options *options,
                                 const struct verify_sink *sink, struct keyless_totals *out);

#endif

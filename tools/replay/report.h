/* report.h: what `tacit replay` prints, as text or as JSON. */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include "keyless.h"
#include "mutate.h"
#include "verdict.h"

struct report {
    bool json, progress; /* progress: on stderr, where it is a terminal */
    const char *doing;
    uint64_t notes;
};

/** Sinks over a report. */
struct verify_sink report_verify_sink(struct report *report);
struct mutate_sink report_mutate_sink(struct report *report);

/** Ends the line of the progress. */
void report_progress(struct report *report, uint64_t done, uint64_t all);
void report_progress_end(struct report *report);

/** A damaged row of a file. */
void report_fault(struct report *report, const char *path, const struct capture_fault *fault);

/** The last line. */
void report_verified(const struct report *report, const struct verify_totals *totals,
                     const struct keyless_totals *keyless, uint64_t faults);
void report_mutated(const struct report *report, const struct mutate_totals *totals, uint64_t seed);

#endif

/* scores.h: what a package measured: a JSON object of numbers, read strictly. */
#ifndef DAEMON_SCORES_H
#define DAEMON_SCORES_H

#include "wire_limits.h"
#include "reason.h"
#include "tacit_node.h"

#define SCORES_MAX      64          /* numbers of one file; METRICS_MAX of them go into a result */
#define SCORES_MAX_FILE (64u << 10) /* bytes of a file */
#define SCORES_TRAINING "train_"    /* begins the names of what was measured while training */

struct score {
    char name[METRIC_NAME_MAX + 1];
    double value;
    uint32_t weight; /* examples behind it */
};

/** In ascending order of their names, none twice. Starts as {0}. */
struct scores {
    uint32_t count;
    struct score list[2 * SCORES_MAX]; /* of a validation and of a training */
};

/**
 * Adds the numbers of a metrics file. Its `samples`, a whole number of 1..2^31-1, becomes the weight of the others and
 * goes to *samples instead.
 *
 * json    the file, with an end ('\0') behind it that is not counted, as file_read gives it.
 * prefix  put before each name: "" for a validation, SCORES_TRAINING for a training. A validation's own names may not
 *         begin with SCORES_TRAINING, so that one file never stands for the other.
 *
 * Names with their prefix are [0-9a-z_]{1,32}, none stands twice; values are numbers, |value| < 2147.
 *
 * Returns STATUS_MALFORMED, STATUS_DUPLICATE_KEY, STATUS_OUT_OF_RANGE, STATUS_NO_SAMPLES with a reason that names what
 * is wrong; scores are as they were then.
 */
MUST_USE enum status scores_add(struct view json, const char *prefix, struct scores *scores, uint32_t *samples,
                                struct reason *reason);

/** Puts the first TACIT_MAX_METRICS into a result, which then points into scores. */
void scores_tell(const struct scores *scores, struct tacit_result *result);

#endif

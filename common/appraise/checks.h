/* checks.h: what was looked at in a piece of evidence, one by one, so that a reader of a result sees what it stands on.
 * Pure. */
#ifndef APPRAISE_CHECKS_H
#define APPRAISE_CHECKS_H

#include "base.h"

enum check_outcome {
    CHECK_NOT_MADE, /* nothing was given to check against, or an earlier check failed */
    CHECK_PASSED,
    CHECK_FAILED,
};

struct check {
    const char *name; /* what is claimed, in words; never NULL */
    enum check_outcome outcome;
    enum status reason; /* why it failed; else STATUS_OK */
};

/** Notes what a check gave: STATUS_OK is passed, all else failed. Gives the status back. */
static inline enum status check_note(struct check *check, enum status status)
{
    check->outcome = status == STATUS_OK ? CHECK_PASSED : CHECK_FAILED;
    check->reason = status;
    return status;
}

/** The reason of the first check that failed, or STATUS_OK. */
static inline enum status checks_verdict(const struct check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (checks[i].outcome == CHECK_FAILED)
            return checks[i].reason;
    return STATUS_OK;
}

#endif

/* appraise_choose.h: which of the endorsements that were gathered a piece of evidence can use. A folder may hold those of
 * many platforms and dates, and what is appraised takes few. */
#ifndef CTL_APPRAISE_CHOOSE_H
#define CTL_APPRAISE_CHOOSE_H

#include "appraise_gather.h"
#include "bundle.h"

struct wanted {
    struct view kind, evidence;
    uint64_t now;
    bool current_lists; /* a revocation list of a folder is left out when it is out of its time */
};

/**
 * Chooses. What a person named stays; what a folder offered goes, with a note, when it is of another kind, platform or
 * chip, or when there is more than is taken: what is out of its time first, then what is oldest.
 *
 * gathering  its notes are written to.
 * joined     lent, empty: all certificates and lists, one after the other, lie there; as large as gathering->bytes.
 * out        views into gathering and joined.
 *
 * Returns STATUS_NO_SPACE: a person named more than is taken, or joined is too small.
 */
MUST_USE enum status choose(struct gathering *gathering, const struct wanted *wanted, struct buf *joined,
                            struct endorsements *out);

/** True when a folder offered a revocation list that is out of its time at now. */
bool choose_has_old_lists(const struct gathering *gathering, uint64_t now);

#endif

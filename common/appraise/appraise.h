/* appraise.h: does this evidence deserve trust under these rules? One row of a table per kind of TEE. Pure: bytes and a
 * time go in, a result comes out; never fetches, never reads a clock. Terms: RFC 9334. */
#ifndef APPRAISE_APPRAISE_H
#define APPRAISE_APPRAISE_H

#include "bundle.h"
#include "policy.h"

/** What is appraised. */
struct evidence {
    struct view kind, bytes;
    const struct endorsements *endorsements; /* may be NULL */
    struct view federation;
    uint8_t report_data[SHA512_SIZE]; /* SHA-512 of the claims that the evidence must bind */
    uint64_t now;                     /* unix seconds */
};

/** What was found. Views into the evidence. */
struct appraisal {
    struct view kind;
    struct view measurement;
    uint64_t not_after; /* until when the result may be relied on */
    int64_t ear_status; /* EAR_AFFIRMING, EAR_CONTRAINDICATED for simulated evidence */
    bool simulated;
};

/**
 * Appraises evidence against the accepted kinds of a policy; any one that fits is enough.
 * Returns STATUS_EVIDENCE_KIND (no accepted kind is of this kind, or the kind is unknown here), else the reason of the
 * accepted entry that came furthest. Every row checks in this order, and whoever fails later came further:
 *   an encoding reason, STATUS_EVIDENCE_ROOT, STATUS_FORGED, STATUS_EVIDENCE_FEDERATION, _BINDING, _NOT_YET, _EXPIRED,
 *   _MEASUREMENT, _DEBUG.
 * Of entries that came equally far the first one's reason. out is set only on STATUS_OK.
 */
MUST_USE enum status appraise(const struct evidence *evidence, const struct accepted *accepted, uint32_t count,
                              struct appraisal *out);

/** One row of the table: how evidence of a kind is appraised, and whether its rules are well formed. */
struct appraiser {
    const char *kind;
    bool simulated;
    enum status (*appraise)(const struct evidence *evidence, struct view rules, struct appraisal *out);
    enum status (*check_rules)(struct view rules);
};

/** The row of a kind, or NULL. */
const struct appraiser *appraiser_find(struct view kind);

#endif

/* appraise.h: does this evidence deserve trust under these rules? One row of a table per kind of TEE. Pure: bytes and a
 * time go in, a result comes out; never fetches, never reads a clock. Terms: RFC 9334. */
#ifndef APPRAISE_APPRAISE_H
#define APPRAISE_APPRAISE_H

#include "appraisal.h"
#include "bundle.h"
#include "policy.h"

#define APPRAISAL_SPACE \
    (96 * 1024) /* bytes of the space that a row may decode endorsements into: enough for usual ones */

/** What is appraised. Everything is lent until the result is no longer used. */
struct evidence {
    struct view kind, bytes;
    const struct endorsements *endorsements; /* may be NULL */
    struct view federation;
    struct view subject;     /* name of the device or aggregator that shows it */
    struct view report_data; /* SHA-512 of the claims that the evidence must bind, SHA512_SIZE bytes */
    uint64_t now;            /* unix seconds */
    struct buf *space;       /* APPRAISAL_SPACE bytes; what was in it is overwritten */
    /* Only a tool that explains says so: somebody looks at what was captured. Then what is empty of the three views above
     * is not checked, and report_data may have another size; else appraise refuses evidence without one of them. */
    bool captured;
    /* What is believed besides the rules; empty unless captured. */
    struct view key;       /* of the attester: public (PEM, DER, TPM2B_PUBLIC), or the secret of a MAC */
    struct view authority; /* that certified it: certificate or public key, PEM or DER */
};

/**
 * Appraises evidence against the accepted kinds of a policy; any one that fits is enough.
 * Returns STATUS_EVIDENCE_BINDING when it is not captured and the caller says not what it must be bound to: nothing is
 * looked at then. STATUS_EVIDENCE_KIND (no accepted kind is of this kind, or the kind is unknown here), else the reason of the
 * entry that came furthest: whose first failed check stands last; of several the first. out is always wholly set: by
 * the entry that accepted, or by that one.
 */
MUST_USE enum status appraise(const struct evidence *evidence, const struct accepted *accepted, uint32_t count,
                              struct appraisal *out);

/**
 * Looks only at who signed the evidence and what it says: what no policy is needed for. out->reason tells the first check
 * that failed; STATUS_OK is not acceptance. Checks that need rules are among the unchecked ones. Returns out->reason, or
 * STATUS_EVIDENCE_KIND.
 */
MUST_USE enum status appraise_authenticity(const struct evidence *evidence, struct appraisal *out);

/**
 * One row of the table. appraise: rules are encoded; NULL for none (see
 * appraise_authenticity). It begins out, makes every check of the row in one fixed order (or marks it unchecked), sets all
 * that it found, and ends out.
 * check_rules: an encoding reason, or why the rules are void (PROTOCOL.md section 16).
 */
struct appraiser {
    const char *kind;
    bool simulated;
    enum status (*appraise)(const struct evidence *evidence, const struct view *rules, struct appraisal *out);
    enum status (*check_rules)(struct view rules);
};

/** The row of a kind, or NULL. */
const struct appraiser *appraiser_find(struct view kind);
/** The i-th row's kind, or NULL past the last one: to list them for a person. */
const char *appraiser_kind(size_t i);

/** Compares what evidence binds with what it must bind, as rows do: STATUS_EVIDENCE_BINDING. found may be longer than
 *  wanted when only zeros follow (a tool's shorter nonce). Constant time is not needed: both are public. */
MUST_USE enum status appraise_binding(struct view wanted, struct view found);

#endif

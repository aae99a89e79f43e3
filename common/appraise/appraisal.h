/* appraisal.h: what an appraisal found out, in one shape for every kind of evidence, so that a device, an enclave and a
 * person read the same. Pure. Terms: RFC 9334. */
#ifndef APPRAISE_APPRAISAL_H
#define APPRAISE_APPRAISAL_H

#include "checks.h"

#define APPRAISAL_CHECKS_MAX     40
#define APPRAISAL_FIELDS_MAX     96
#define APPRAISAL_ADVISORIES_MAX 128
#define APPRAISAL_MEASUREMENT    64 /* bytes at most */

/** Something that evidence says of who made it: a measurement, a signer, a version. */
struct appraisal_field {
    const char *name; /* as its vendor calls it, in lower case: "mrenclave"; several of a name are a list */
    enum { FIELD_BYTES, FIELD_TEXT, FIELD_NUMBER, FIELD_TRUTH } type;
    struct view bytes; /* of FIELD_BYTES and FIELD_TEXT */
    uint64_t number;   /* of FIELD_NUMBER; 0 or 1 of FIELD_TRUTH */
};

/** What was found. Views go into the evidence, its endorsements and the space that was lent. */
struct appraisal {
    struct view kind;
    bool simulated;
    bool authentic;          /* signed by whom its kind trusts: what follows may be believed, acceptable or not */
    enum status reason;      /* STATUS_OK: accepted; else that of the first check that failed */
    struct view measurement; /* of what runs there: what a revocation list names; at most APPRAISAL_MEASUREMENT bytes */
    bool debug;              /* somebody may look inside */
    int64_t ear_status;      /* when accepted: EAR_AFFIRMING, EAR_WARNING, or EAR_CONTRAINDICATED when simulated */

    const char *tcb_status; /* as the vendor calls it; NULL where the kind knows none, or it was not found out */
    uint64_t tcb_date;      /* unix seconds; 0: none */
    uint32_t advisory_count;
    struct view advisories[APPRAISAL_ADVISORIES_MAX];

    /* While all that the result rests on is in its time, both inclusive, unix seconds; 0, 0: the kind knows no time. */
    uint64_t not_before, not_after;

    uint32_t check_count, field_count;
    struct check checks[APPRAISAL_CHECKS_MAX]; /* in the order in which the kind's row makes them, always the same */
    struct appraisal_field fields[APPRAISAL_FIELDS_MAX];
};

/** Nothing found yet. */
void appraisal_begin(struct appraisal *appraisal, struct view kind);

/** Appends a check that was made: STATUS_OK is passed, all else failed. Gives the status back. */
enum status appraisal_check(struct appraisal *appraisal, const char *name, enum status status);
/** Appends a check that was not made. */
void appraisal_unchecked(struct appraisal *appraisal, const char *name);
/** Appends a check that another file made. */
void appraisal_take_check(struct appraisal *appraisal, const struct check *check);

/** Append a field; one with an empty view, and any past APPRAISAL_FIELDS_MAX, is left out. */
void appraisal_bytes(struct appraisal *appraisal, const char *name, struct view bytes);
void appraisal_text(struct appraisal *appraisal, const char *name, struct view text);
void appraisal_number(struct appraisal *appraisal, const char *name, uint64_t number);
void appraisal_truth(struct appraisal *appraisal, const char *name, bool truth);

/** Copies what a row computed into the space that it was lent: a view for the fields above; empty when there is no room. */
struct view appraisal_keep(struct buf *space, struct view bytes);

/** The first check that failed, or NULL. */
const struct check *appraisal_failed(const struct appraisal *appraisal);

/** Sets the reason from the checks, and gives it. */
enum status appraisal_end(struct appraisal *appraisal);

#endif

/* dcap_tcb.h: TCB statuses, how they join, and their advisories (Intel SGX DCAP quote verification library). Pure. */
#ifndef APPRAISE_DCAP_TCB_H
#define APPRAISE_DCAP_TCB_H

#include "base.h"

#define DCAP_ADVISORIES_MAX 128

/** As Intel names them. The numbers are ours. */
enum dcap_tcb {
    DCAP_TCB_UNKNOWN,       /* not found out; never in collateral */
    DCAP_TCB_NOT_SUPPORTED, /* below every level that Intel lists; never in collateral */
    DCAP_TCB_UP_TO_DATE,
    DCAP_TCB_SW_HARDENING_NEEDED,
    DCAP_TCB_CONFIGURATION_NEEDED,
    DCAP_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    DCAP_TCB_OUT_OF_DATE,
    DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
    DCAP_TCB_TD_RELAUNCH_ADVISED,                      /* never in collateral */
    DCAP_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED, /* never in collateral */
    DCAP_TCB_REVOKED,
    DCAP_TCB_COUNT
};

/** A TCB level that was reached. */
struct dcap_level {
    enum dcap_tcb status;
    int64_t date;           /* seconds since 1970 */
    struct view advisories; /* the JSON array of their names, checked; empty when there is none */
};

/** Advisories, each once, in the order in which they were met: views into the collateral. */
struct dcap_advisories {
    uint32_t count;
    struct view at[DCAP_ADVISORIES_MAX];
};

/** Intel's name of a status ("UpToDate"); "Unknown" and "NotSupported" are ours. Never NULL. */
const char *dcap_tcb_name(enum dcap_tcb status);

/** The status of a name that may stand in collateral. STATUS_UNSUPPORTED for any other. */
MUST_USE enum status dcap_tcb_of_name(struct view name, enum dcap_tcb *out);

/** The status of a platform of which one component (quoting enclave, TDX module) has a status of its own. */
enum dcap_tcb dcap_tcb_join(enum dcap_tcb platform, enum dcap_tcb component);

/** The status of a trust domain: that of its launch, or the advice to launch it again when the machine has been
 *  updated since (now: the status with the module that runs now). */
enum dcap_tcb dcap_tcb_relaunch(enum dcap_tcb launch, enum dcap_tcb now);

/** Checks the text of an array of advisories: strings, at most DCAP_ADVISORIES_MAX. STATUS_MALFORMED,
 *  STATUS_OUT_OF_RANGE. */
MUST_USE enum status dcap_advisories_check(struct view array);

/** Adds the advisories of a level that are not there yet. STATUS_NO_SPACE past DCAP_ADVISORIES_MAX. */
MUST_USE enum status dcap_advisories_add(struct dcap_advisories *advisories, const struct dcap_level *level);

#endif

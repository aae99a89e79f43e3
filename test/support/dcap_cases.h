/* dcap_cases.h: real SGX and TDX quotes with collateral and what is to be found out about them, from the folders sgx
 * and tdx of TACIT_VECTORS (expected.json). */
#ifndef SUPPORT_DCAP_CASES_H
#define SUPPORT_DCAP_CASES_H

#include "dcap.h"

struct cJSON;

#define DCAP_CASE_FILES 5

/** A quote, and one set of collateral for it. */
struct dcap_case {
    const char *name, *label;       /* label: "" for a quote without collateral */
    const struct cJSON *expected;   /* the case */
    const struct cJSON *evaluation; /* of expected; NULL without collateral */
    struct view quote;
    struct view endorsements[DCAP_CASE_FILES];
    size_t endorsement_count;
    int64_t not_before, not_after; /* the window; without collateral a moment within the leaf's validity */
};

/** Calls run with each case of a folder ("sgx", "tdx") and set of collateral; memory lives for the call. Returns how
 *  many there were; 0, with a printed reason, when the folder is not there. Fails the test when it is no such one. */
size_t dcap_cases_each(const char *folder, void (*run)(const struct dcap_case *one));

/** Calls run with one case by its name and its first collateral. False when the folder is not there. */
bool dcap_case_run(const char *folder, const char *name, void (*run)(const struct dcap_case *one));

/** "YYYY-MM-DDThh:mm:ssZ" as seconds since 1970. */
int64_t dcap_case_time(const char *text);

#endif

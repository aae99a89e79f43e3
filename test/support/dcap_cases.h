/* dcap_cases.h: real SGX and TDX quotes with collateral and what is to be found out about them, from the folders sgx
 * and tdx of TACIT_VECTORS (expected.json). */
#ifndef SUPPORT_DCAP_CASES_H
#define SUPPORT_DCAP_CASES_H

#include "dcap_terms.h"

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

/** What its TCB status must come out as, as Intel writes it; of a case with collateral. */
const char *dcap_case_status(const struct dcap_case *one);

/** Bytes of a member of the case's "body", appended to memory, where a test may write to them. */
struct view dcap_case_bytes(const struct dcap_case *one, const char *name, struct buf *memory);

/** Terms that fit a case and no more: one less of anything is too little. found: its appraisal without rules, of which
 *  advisories and evaluation number are taken (those of a module's level stand in no expected.json). The terms view into
 *  memory and into what found views. */
void dcap_case_sgx_terms(const struct dcap_case *one, const struct appraisal *found, struct buf *memory,
                         struct sgx_terms *out);
void dcap_case_tdx_terms(const struct dcap_case *one, const struct appraisal *found, struct buf *memory,
                         struct tdx_terms *out);

/** "YYYY-MM-DDThh:mm:ssZ" as seconds since 1970. */
int64_t dcap_case_time(const char *text);

#endif

/* snp_cases.h: real SEV-SNP reports with their certificates, from the folder snp of TACIT_VECTORS (expected.json). */
#ifndef SUPPORT_SNP_CASES_H
#define SUPPORT_SNP_CASES_H

#include "snp_terms.h"

#include <cjson/cJSON.h>

/** A report and the certificates that stand behind it. */
struct snp_case {
    const char *name;
    const cJSON *expected; /* what "report" of the case says */
    struct view report;
    struct endorsements endorsements;
    uint64_t not_before, not_after; /* the window */
};

/** Calls run with each case; memory lives for the call. Returns how many there were; 0, with a printed reason, when the
 *  folder is not there. */
size_t snp_cases_each(void (*run)(const struct snp_case *one));

/** Calls run with one case by its name. False when the folder is not there. */
bool snp_case_run(const char *name, void (*run)(const struct snp_case *one));

/** All that a report of a case ("report" of expected.json) shows, and nothing else. The terms view into memory. */
struct snp_terms snp_case_terms(const char *name, const cJSON *report, struct buf *memory);

#endif

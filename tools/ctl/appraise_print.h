/* appraise_print.h: what an appraisal found, for a person and for a program. */
#ifndef CTL_APPRAISE_PRINT_H
#define CTL_APPRAISE_PRINT_H

#include <stdio.h>

#include "appraisal.h"

enum verdict { VERDICT_ACCEPTED, VERDICT_REFUSED, VERDICT_AUTHENTIC };

/** Accepted needs a policy; authentic is what stands without one. A result that is not authentic is refused. */
enum verdict verdict_of(const struct appraisal *appraisal, bool policy_given);

/** "accepted", "refused", "authentic". */
const char *verdict_name(enum verdict verdict);

/**
 * One object on one line (docs/tacit.md names its keys). It is JSON and UTF-8 whatever the evidence holds: control
 * characters are escaped, what is no UTF-8 becomes U+FFFD. Numbers are whole, of up to 64 bits.
 */
void appraise_print_json(const struct appraisal *appraisal, enum verdict verdict, FILE *out);

/** Line by line; the last one begins with "verdict: ". What a terminal would not show as text is written as \xhh. */
void appraise_print_words(const struct appraisal *appraisal, enum verdict verdict, FILE *out);

#endif

/* appraisal_table.h: what tests of rows say of real evidence: lines of case, what, expected, got. */
#ifndef SUPPORT_APPRAISAL_TABLE_H
#define SUPPORT_APPRAISAL_TABLE_H

#include "appraisal.h"

#include <cjson/cJSON.h>

/** Prints a line and fails the test unless both are the same text. */
void assert_table_line(const char *of, const char *what, const char *expected, const char *got);

/** The reason of a verdict; the edges of a window as "2023-04-03T19:23:43Z". */
void assert_table_verdict(const char *of, const char *what, enum status expected, enum status got);
void assert_table_window(const char *of, const cJSON *expected, const struct appraisal *got);

/** The nth (0..) field of a name, as expected.json has it: hexadecimal, text, number, 0 or 1 of a truth. */
void assert_table_field(const char *of, const char *name, size_t nth, const cJSON *expected,
                        const struct appraisal *got);

/** Seconds since 1970 of "2023-04-03T19:23:43Z". */
uint64_t table_seconds(const char *text);

#endif

/* policy_values.h: single values of a policy's text, each in the shape of config_key.set: NULL when well, else what is
 * wrong. Used by policy_text.c alone. */
#ifndef CTL_POLICY_VALUES_H
#define CTL_POLICY_VALUES_H

#include "policy.h"

/** A root: its point, or the path of the file that holds it. */
struct policy_root {
    const char *path; /* NULL when the point was written as digits */
    uint8_t point[P256_POINT_SIZE];
};

struct policy_algorithms {
    uint32_t count;
    int64_t list[ALGS_MAX];
};

/** field: const char *. A name as in topics. */
const char *policy_set_federation(void *field, const char *value);

/** field: uint64_t. `2026-11-21` (its first second) or `2026-11-21T08:00:00Z`, as seconds since 1970. */
const char *policy_set_time(void *field, const char *value);

/** field: struct policy_root. 128 hexadecimal digits of x || y, or else a path. */
const char *policy_set_root(void *field, const char *value);

/** field: struct policy_algorithms. Names with blanks between, none twice. */
const char *policy_set_algorithms(void *field, const char *value);

/** Judge one measurement (a SHA-256 in hexadecimal digits), one kind of evidence; field is not used. */
const char *policy_check_measurement(void *field, const char *value);
const char *policy_check_kind(void *field, const char *value);

#endif

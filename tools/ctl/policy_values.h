/* policy_values.h: values that several kinds of evidence share in the text of a policy: digits, numbers, files, flags.
 * Those that take a line refuse it with a sentence. Used by the policy_text files alone. */
#ifndef CTL_POLICY_VALUES_H
#define CTL_POLICY_VALUES_H

#include "allowed.h"
#include "config_line.h"
#include "policy.h"

/** Words of a CONFIG_CHOICE: 0 is the stricter one of the first, the weaker one of the second. */
extern const char *const policy_no_yes[];
extern const char *const policy_crl_words[];

struct policy_algorithms {
    uint32_t count;
    int64_t list[ALGS_MAX];
};

/* In the shape of config_key.set: NULL when well, else what is wrong. */

/** field: const char *. A name as in topics. */
const char *policy_set_federation(void *field, const char *value);

/** field: uint64_t. `2026-11-21` (its first second) or `2026-11-21T08:00:00Z`, as seconds since 1970. */
const char *policy_set_time(void *field, const char *value);

/** field: struct policy_algorithms. Names with blanks between, none twice. */
const char *policy_set_algorithms(void *field, const char *value);

/* In the shape of config_key.take. */

/** field: struct allowed. Values of key->min bytes as digits, several on a line or line by line; the second takes `any`
 *  too, alone. */
MUST_USE enum status policy_take_digests(const struct config_line *line, void *field);
MUST_USE enum status policy_take_digests_or_any(const struct config_line *line, void *field);

/* For a part of a line. Memory is of line->text. */

/** The next word. Refuses a line that has no more: what is missing goes into the sentence. */
MUST_USE enum status policy_next(const struct config_line *line, char **rest, const char *what, char **out);
/** Refuses more words. */
MUST_USE enum status policy_end(const struct config_line *line, char **rest);

/** True when there are hexadecimal digits alone. */
bool policy_all_digits(const char *word);
/** min..max bytes as hexadecimal digits. */
MUST_USE enum status policy_hex(const struct config_line *line, const char *word, size_t min, size_t max,
                                struct view *out);
/** 0..max. name stands in the sentence. */
MUST_USE enum status policy_number(const struct config_line *line, const char *name, const char *word, int64_t max,
                                   int64_t *out);
/** Adds a value that is not there yet. */
MUST_USE enum status policy_add(const struct config_line *line, struct view value, struct allowed *to);
/** `any`, or digits with commas between. */
MUST_USE enum status policy_hex_list(const struct config_line *line, char *word, size_t min, size_t max,
                                     struct allowed *out);
/** Name of a device; empty for `any`. */
MUST_USE enum status policy_device_name(const struct config_line *line, const char *word, struct view *out);

/** A word and its bits; a list of them ends with a NULL name. */
struct policy_flag {
    const char *name;
    uint64_t bits;
};
/** The rest of the line: words of the list, none twice, added to *bits; at least one; `none`, alone, where it may be. */
MUST_USE enum status policy_flags(const struct config_line *line, char *rest, const struct policy_flag *flags,
                                  bool none_too, uint64_t *bits);

/** A part of a line `name=value`. */
struct policy_part {
    const char *name;
    bool optional;
    char *value; /* NULL: does not stand there */
};
/** The rest of the line as parts, in any order, each at most once and, unless optional, there. */
MUST_USE enum status policy_parts(const struct config_line *line, char *rest, struct policy_part *parts, size_t count);

/** The contents of a file that the text names (struct policy_files). */
MUST_USE enum status policy_file(const struct config_line *line, const char *path, struct view *out);
/** The SubjectPublicKeyInfo of a key or certificate in such a file, or written as digits of its DER. */
MUST_USE enum status policy_public_key(const struct config_line *line, const char *word, size_t max, struct view *out);

#endif

/* policy_words.h: values of a policy as a person reads them. Used by the policy_show files alone. */
#ifndef CTL_POLICY_WORDS_H
#define CTL_POLICY_WORDS_H

#include <stdio.h>

#include "allowed.h"

/** In the largest unit that fits without a rest: "90 seconds", "1 day". */
void words_duration(uint64_t seconds, FILE *out);
void words_digits(struct view bytes, FILE *out);
void words_text(struct view text, FILE *out);
/** "the SHA-256 1f2e..": by which a public key is known that is too long to compare. */
void words_fingerprint(struct view key, FILE *out);

/* One demand on a line of its own, indented, behind its name. */

#define WORDS_INDENT 4

/** The value; or one of several, each on a line; or "any value". */
void words_allowed(int indent, const char *name, const struct allowed *allowed, FILE *out);
__attribute__((format(printf, 3, 4))) void words_line(FILE *out, const char *name, const char *format, ...);
/** "at most 30 days", after what. */
void words_age(const char *name, const char *before, uint64_t seconds, const char *after, FILE *out);

/** Names of the bits that are set, joined; instead when none is. */
struct words_bit {
    uint64_t bits;
    const char *name;
};
void words_bits(const char *name, uint64_t set, const struct words_bit *bits, size_t count, const char *instead,
                FILE *out);

#endif

/* allowed.h: a set of values that a policy accepts, or the words that any will do. Pure. Source: PROTOCOL.md section 16. */
#ifndef APPRAISE_ALLOWED_H
#define APPRAISE_ALLOWED_H

#include "reader.h"
#include "writer.h"

#define ALLOWED_MAX 64

/** Nothing is accepted by omission: any is a word that stands in the policy. */
struct allowed {
    bool any;
    uint32_t count; /* 0 when any; 0 otherwise: none is accepted */
    struct view list[ALLOWED_MAX];
};

/** As null (any), or an array of byte strings of min..max bytes; at most ALLOWED_MAX. Reading fails the reader. */
void read_allowed(struct reader *reader, size_t min, size_t max, struct allowed *out);
void write_allowed(struct writer *writer, const struct allowed *allowed);

/** The same for texts (names of advisories). */
void read_allowed_texts(struct reader *reader, size_t min, size_t max, struct allowed *out);
void write_allowed_texts(struct writer *writer, const struct allowed *allowed);

/** True when the value is listed, or any will do. */
bool allowed_has(const struct allowed *allowed, struct view value);

/** True when nothing at all is accepted. */
bool allowed_none(const struct allowed *allowed);

#endif

/* dcap_json.h: a reader of JSON (RFC 8259) as DCAP collateral has it: bounded, no key twice, nothing copied. Values are
 * views of their own text, so what is read is byte for byte what was signed. Pure; no heap. */
#ifndef APPRAISE_DCAP_JSON_H
#define APPRAISE_DCAP_JSON_H

#include "base.h"

#define JSON_DEPTH_MAX   8  /* objects and arrays within each other */
#define JSON_MEMBERS_MAX 32 /* of one object */

/**
 * Checks a whole document: its grammar, its bounds, that no object has a key twice. Everything below takes values that
 * come out of a document checked so.
 *
 * value   the text of its one value, without the white space around it.
 *
 * Returns STATUS_MALFORMED (grammar; a key with an escape), STATUS_TRUNCATED, STATUS_TRAILING, STATUS_TOO_DEEP,
 * STATUS_OUT_OF_RANGE (too many members), STATUS_DUPLICATE_KEY.
 */
MUST_USE enum status json_check(struct view document, struct view *value);

/** The value of a member. STATUS_NOT_FOUND; STATUS_MALFORMED when value is no object. */
MUST_USE enum status json_member(struct view object, const char *name, struct view *value);

/** The members of an object, for json_next_member: where any name may stand. STATUS_MALFORMED when value is no object. */
MUST_USE enum status json_members(struct view object, struct view *rest);

/** Takes the next member. STATUS_NOT_FOUND behind the last one. */
MUST_USE enum status json_next_member(struct view *rest, struct view *key, struct view *value);

/** The elements of an array, for json_next. STATUS_MALFORMED when value is no array. */
MUST_USE enum status json_elements(struct view array, struct view *rest);

/** Takes the next element. STATUS_NOT_FOUND behind the last one. */
MUST_USE enum status json_next(struct view *rest, struct view *value);

/** The characters of a string. STATUS_MALFORMED for another value or one with an escape. */
MUST_USE enum status json_text(struct view value, struct view *out);

/** A whole number of 0..most. STATUS_MALFORMED for another value, STATUS_OUT_OF_RANGE. */
MUST_USE enum status json_number(struct view value, uint32_t most, uint32_t *out);

#endif

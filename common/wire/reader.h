/* reader.h: bounded reading of deterministic CBOR (RFC 8949 section 4.2.1) from bytes of any origin. Pure, no heap.
 *
 * On libcbor's cbor_stream_decode: every item is checked for its shortest head, every count against the bytes that are
 * left, every nesting against READER_MAX_DEPTH; indefinite lengths are refused. The reader's error sticks: after the
 * first failure every call does nothing and gives zero values, and reader_end tells the reason once. So a decoder reads
 * like its schema. A decoder checks reader_end before it uses anything that it read. */
#ifndef WIRE_READER_H
#define WIRE_READER_H

#include "base.h"

#define READER_MAX_DEPTH 8

struct reader {
    struct view rest;                  /* what was not read yet */
    enum status status;                /* the first failure, or STATUS_OK */
    unsigned int depth;                /* arrays and maps that are open */
    size_t left[READER_MAX_DEPTH + 1]; /* items that each open array or map still holds, from index 1 */
};

/** A reader at the first of the bytes, which outlive it: they may hold several items, one after the other. */
struct reader reader_of(struct view bytes);

/** Notes a failure found by the caller (a wrong value), unless one was noted before. */
void reader_fail(struct reader *reader, enum status why);

/**
 * STATUS_OK when nothing failed and every byte was read. Returns
 *   STATUS_MALFORMED     another type than the schema's; an indefinite length, a float, undefined, an unknown simple value;
 *   STATUS_TRUNCATED     the bytes end before the item does, or a count cannot be true with the bytes that are left;
 *   STATUS_NOT_SHORTEST, STATUS_TOO_DEEP, STATUS_UNORDERED, STATUS_DUPLICATE_KEY, STATUS_OUT_OF_RANGE   as they say;
 *   STATUS_TRAILING      bytes are left over;
 *   whatever reader_fail was given. The first one counts.
 */
MUST_USE enum status reader_end(const struct reader *reader);

/** Items. A value past [min, max] fails with STATUS_OUT_OF_RANGE, another type with STATUS_MALFORMED. */
uint64_t read_uint(struct reader *reader, uint64_t min, uint64_t max);
int64_t read_int(struct reader *reader, int64_t min, int64_t max);
bool read_bool(struct reader *reader);
/** A view into the input. text is checked to be UTF-8 without control characters. */
struct view read_bytes(struct reader *reader, size_t min, size_t max);
struct view read_text(struct reader *reader, size_t min, size_t max);
/** Exactly len bytes, copied. */
void read_bytes_into(struct reader *reader, uint8_t *out, size_t len);
void read_null(struct reader *reader);
void read_tag(struct reader *reader, uint64_t tag);
/** True, and the tag is taken, when the next item carries this tag. */
bool read_tag_if(struct reader *reader, uint64_t tag);
/** True, and null is taken, when the next item is null. */
bool read_null_if(struct reader *reader);
/** Any one item, whole, as a view of its bytes: well-formed, deterministic, map keys integers or texts. */
struct view read_any(struct reader *reader);

/** Opens an array of min..max items and gives its count. Items are then read one by one; read_close after the last. */
uint32_t read_array(struct reader *reader, uint32_t min, uint32_t max);
/** Closes the innermost array or map: STATUS_MALFORMED when items are left unread. */
void read_close(struct reader *reader);

/** Opens a map of min..max pairs whose keys are integers in deterministic order. */
struct map_reader {
    struct reader *reader;
    unsigned int depth; /* of the reader, inside this map */
    bool any;           /* a key was read before */
    int64_t last;       /* that key */
};
struct map_reader read_map(struct reader *reader, uint32_t min, uint32_t max);
/** True when there is another pair; *key is its key, its value is read next. False at the end, which closes the map, and
 *  after a failure. A key out of order fails with STATUS_UNORDERED, a repeated one with STATUS_DUPLICATE_KEY, a value that
 *  was left unread with STATUS_MALFORMED. */
bool read_key(struct map_reader *map, int64_t *key);

/** The usual message: a map with keys of 0..31. `allowed` and `required` are bit sets of keys (bit k for key k).
 *  Like read_key; STATUS_MALFORMED also for a key that is not allowed and, at the end, for a required one that was not
 *  there. A decoder may look at `seen` afterwards. */
#define FIELD(key)      ((uint32_t)1 << (key))
#define FIELDS_TO(last) ((uint32_t)(((uint64_t)2 << (last)) - 2)) /* 1..last */
struct fields_reader {
    struct map_reader map;
    uint32_t allowed, required, seen;
};
struct fields_reader read_fields(struct reader *reader, uint32_t allowed, uint32_t required);
bool read_field(struct fields_reader *fields, int64_t *key);

#endif

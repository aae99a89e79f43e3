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
    struct view rest;                    /* what was not read yet */
    enum status status;                  /* the first failure, or STATUS_OK */
    unsigned int depth;                  /* arrays and maps that are open */
    uint32_t left[READER_MAX_DEPTH + 1]; /* items that the open array or map still holds */
};

struct reader reader_of(struct view bytes);

/** Notes a failure found by the caller (a wrong value), unless one was noted before. */
void reader_fail(struct reader *reader, enum status why);

/** STATUS_OK when nothing failed and every byte was read; else the reason (STATUS_TRAILING for bytes left over). */
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
/** Any one well-formed item within the limits, whole, as a view of its bytes. */
struct view read_any(struct reader *reader);

/** Opens an array of min..max items and gives its count. Items are then read one by one; read_close after the last. */
uint32_t read_array(struct reader *reader, uint32_t min, uint32_t max);
/** Closes the innermost array or map: STATUS_MALFORMED when items are left unread. */
void read_close(struct reader *reader);

/** Opens a map of min..max pairs whose keys are integers in deterministic order. */
struct map_reader {
    struct reader *reader;
    uint32_t left; /* pairs not begun */
    bool any;      /* a key was read before */
    int64_t last;  /* that key */
};
struct map_reader read_map(struct reader *reader, uint32_t min, uint32_t max);
/** True when there is another pair; *key is its key, its value is read next. False at the end, which closes the map.
 *  A key out of order fails with STATUS_UNORDERED, a repeated one with STATUS_DUPLICATE_KEY. */
bool read_key(struct map_reader *map, int64_t *key);

/** The usual message: a map whose keys are 1..n, of which `required` is the bit set (bit k for key k, k <= 31).
 *  Like read_key; at the end it fails with STATUS_MALFORMED when a required key was not there. Keys outside 1..n fail. */
struct fields_reader {
    struct map_reader map;
    uint32_t allowed, required, seen;
};
struct fields_reader read_fields(struct reader *reader, uint32_t allowed, uint32_t required);
bool read_field(struct fields_reader *fields, int64_t *key);

#endif

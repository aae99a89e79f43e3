/* writer.h: deterministic CBOR (RFC 8949 section 4.2.1) into a buffer that the caller lends. Pure, no heap.
 *
 * The writer's error sticks, like the reader's: write everything, then ask writer_end once. Map keys must be written in
 * deterministic order by the caller; the writer asserts nothing about it, the codec's golden vectors do. */
#ifndef WIRE_WRITER_H
#define WIRE_WRITER_H

#include "base.h"

/** Bytes that the longest head takes: of an integer, a string's length, a count, a tag. */
#define WRITER_HEAD_MAX 9

struct writer {
    struct buf *out;
    enum status status;
    size_t start; /* out's length before the first item */
};

/** A writer that appends to out. */
struct writer writer_to(struct buf *out);
/** Returns STATUS_OK, or STATUS_NO_SPACE with out at the length that it had before the first item. */
MUST_USE enum status writer_end(const struct writer *writer);

void write_uint(struct writer *writer, uint64_t value);
void write_int(struct writer *writer, int64_t value);
void write_bool(struct writer *writer, bool value);
void write_null(struct writer *writer);
void write_bytes(struct writer *writer, struct view bytes);
void write_text(struct writer *writer, struct view text);
void write_tag(struct writer *writer, uint64_t tag);
void write_array(struct writer *writer, uint32_t items);
void write_map(struct writer *writer, uint32_t pairs);
/** Bytes that are already encoded CBOR, as they are. */
void write_raw(struct writer *writer, struct view encoded);
/** The head of a byte string of len bytes whose content the caller appends itself. */
void write_bytes_head(struct writer *writer, size_t len);

#endif

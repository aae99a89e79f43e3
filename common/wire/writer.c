/* writer.c: see writer.h. */
#include "writer.h"

#include <cbor.h>

struct writer writer_to(struct buf *out)
{
    return (struct writer){.out = out, .start = out->len};
}

enum status writer_end(const struct writer *writer)
{
    if (writer->status != STATUS_OK)
        writer->out->len = writer->start;
    return writer->status;
}

void write_raw(struct writer *writer, struct view encoded)
{
    if (writer->status == STATUS_OK)
        writer->status = buf_append(writer->out, encoded);
}

/* libcbor's encoders take the shortest head. They get space for any head, so they cannot fail. */

void write_uint(struct writer *writer, uint64_t value)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_uint(value, head, sizeof head)});
}

void write_int(struct writer *writer, int64_t value)
{
    uint8_t head[WRITER_HEAD_MAX];

    if (value >= 0)
        write_uint(writer, (uint64_t)value);
    else
        write_raw(writer, (struct view){head, cbor_encode_negint((uint64_t)(-1 - value), head, sizeof head)});
}

void write_bool(struct writer *writer, bool value)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_bool(value, head, sizeof head)});
}

void write_null(struct writer *writer)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_null(head, sizeof head)});
}

void write_bytes_head(struct writer *writer, size_t len)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_bytestring_start(len, head, sizeof head)});
}

void write_bytes(struct writer *writer, struct view bytes)
{
    write_bytes_head(writer, bytes.len);
    write_raw(writer, bytes);
}

void write_text(struct writer *writer, struct view text)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_string_start(text.len, head, sizeof head)});
    write_raw(writer, text);
}

void write_tag(struct writer *writer, uint64_t tag)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_tag(tag, head, sizeof head)});
}

void write_array(struct writer *writer, uint32_t items)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_array_start(items, head, sizeof head)});
}

void write_map(struct writer *writer, uint32_t pairs)
{
    uint8_t head[WRITER_HEAD_MAX];

    write_raw(writer, (struct view){head, cbor_encode_map_start(pairs, head, sizeof head)});
}

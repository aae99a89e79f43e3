/* item.c: see item_private.h. */
#include "item_private.h"

#include <cbor.h>

static void set(void *item, enum item_kind kind, uint64_t value)
{
    *(struct item *)item = (struct item){.kind = kind, .value = value};
}

static void on_uint8(void *item, uint8_t value)
{
    set(item, ITEM_UINT, value);
}

static void on_uint16(void *item, uint16_t value)
{
    set(item, ITEM_UINT, value);
}

static void on_uint32(void *item, uint32_t value)
{
    set(item, ITEM_UINT, value);
}

static void on_uint64(void *item, uint64_t value)
{
    set(item, ITEM_UINT, value);
}

static void on_negint8(void *item, uint8_t value)
{
    set(item, ITEM_NEGINT, value);
}

static void on_negint16(void *item, uint16_t value)
{
    set(item, ITEM_NEGINT, value);
}

static void on_negint32(void *item, uint32_t value)
{
    set(item, ITEM_NEGINT, value);
}

static void on_negint64(void *item, uint64_t value)
{
    set(item, ITEM_NEGINT, value);
}

static void on_bytes(void *item, cbor_data bytes, size_t len)
{
    *(struct item *)item = (struct item){.kind = ITEM_BYTES, .value = len, .string = bytes};
}

static void on_text(void *item, cbor_data bytes, size_t len)
{
    *(struct item *)item = (struct item){.kind = ITEM_TEXT, .value = len, .string = bytes};
}

static void on_array(void *item, size_t count)
{
    set(item, ITEM_ARRAY, count);
}

static void on_map(void *item, size_t count)
{
    set(item, ITEM_MAP, count);
}

static void on_tag(void *item, uint64_t tag)
{
    set(item, ITEM_TAG, tag);
}

static void on_bool(void *item, bool value)
{
    set(item, ITEM_BOOL, value);
}

static void on_null(void *item)
{
    set(item, ITEM_NULL, 0);
}

/* What is refused keeps libcbor's callbacks that do nothing, and so the item stays ITEM_REFUSED. */
static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = cbor_null_byte_string_start_callback,
    .byte_string = on_bytes,
    .string_start = cbor_null_string_start_callback,
    .string = on_text,
    .indef_array_start = cbor_null_indef_array_start_callback,
    .array_start = on_array,
    .indef_map_start = cbor_null_indef_map_start_callback,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = cbor_null_float2_callback,
    .float4 = cbor_null_float4_callback,
    .float8 = cbor_null_float8_callback,
    .undefined = cbor_null_undefined_callback,
    .null = on_null,
    .boolean = on_bool,
    .indef_break = cbor_null_indef_break_callback,
};

/* Bytes of the shortest head with this argument (RFC 8949 section 3). Simple values stand in the head's first byte. */
static size_t shortest_head(const struct item *item)
{
    if (item->kind == ITEM_BOOL || item->kind == ITEM_NULL || item->value < 24)
        return 1;
    if (item->value <= UINT8_MAX)
        return 2;
    if (item->value <= UINT16_MAX)
        return 3;
    return item->value <= UINT32_MAX ? 5 : 9;
}

/* libcbor 0.8 knows the one-byte tags 6 to 20 as errors, and 18 is COSE_Sign1: these are taken here. */
static struct cbor_decoder_result decode(struct view rest, struct item *item)
{
    if (rest.len > 0 && rest.ptr[0] >= 0xc0 && rest.ptr[0] < 0xc0 + 24) {
        on_tag(item, rest.ptr[0] - 0xc0u);
        return (struct cbor_decoder_result){.read = 1, .status = CBOR_DECODER_FINISHED};
    }
    return cbor_stream_decode(rest.ptr, rest.len, &callbacks, item);
}

/* A length or count that a size_t cannot hold: libcbor would forget its upper half on a 32-bit machine. */
static bool exceeds_memory(struct view rest)
{
    const uint8_t bytes_8 = 0x5b, map_8 = 0xbb; /* 0x5b, 0x7b, 0x9b, 0xbb: bytes, text, array, map with 64 bits */
    uint64_t count;

    if (rest.len < 9 || rest.ptr[0] < bytes_8 || rest.ptr[0] > map_8 || (rest.ptr[0] & 0x1f) != (bytes_8 & 0x1f))
        return false;
    count = read_be64(rest.ptr + 1);
    return count != (size_t)count;
}

enum status item_decode(struct view rest, struct item *out)
{
    struct item item = {.kind = ITEM_REFUSED};
    struct cbor_decoder_result result;
    size_t after;

    if (exceeds_memory(rest))
        return STATUS_TRUNCATED;
    result = decode(rest, &item);
    after = rest.len - result.read;
    if (result.status == CBOR_DECODER_NEDATA)
        return STATUS_TRUNCATED;
    if (result.status != CBOR_DECODER_FINISHED || item.kind == ITEM_REFUSED)
        return STATUS_MALFORMED;
    item.size = result.read;
    if (shortest_head(&item) != item.size - (item.string == NULL ? 0 : (size_t)item.value))
        return STATUS_NOT_SHORTEST;
    /* Every item takes a byte at least, so a count past the bytes that are left is a lie; nobody gets to believe it. */
    if (item.kind == ITEM_ARRAY && item.value > after)
        return STATUS_TRUNCATED;
    if (item.kind == ITEM_MAP && item.value > after / 2)
        return STATUS_TRUNCATED;
    *out = item;
    return STATUS_OK;
}

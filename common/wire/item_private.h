/* item_private.h: one CBOR item from bytes of any origin; the only file of the reader that knows libcbor is item.c. Pure. */
#ifndef WIRE_ITEM_PRIVATE_H
#define WIRE_ITEM_PRIVATE_H

#include "base.h"

enum item_kind {
    ITEM_REFUSED, /* indefinite lengths, floats, undefined, a lone break: no callback of ours was called */
    ITEM_UINT,
    ITEM_NEGINT,
    ITEM_BYTES,
    ITEM_TEXT,
    ITEM_ARRAY,
    ITEM_MAP,
    ITEM_TAG,
    ITEM_BOOL,
    ITEM_NULL,
};

/** One item; of an array, a map or a tag, its head alone. */
struct item {
    enum item_kind kind;
    uint64_t value;        /* the head's argument: value, length, count or tag; of a bool, whether it is true */
    const uint8_t *string; /* of ITEM_BYTES and ITEM_TEXT: value bytes of the input */
    size_t size;           /* bytes that it takes of the input */
};

/**
 * The item at the front of rest. Returns STATUS_MALFORMED for what is not CBOR or is refused, STATUS_TRUNCATED when the
 * item or as many items as it announces cannot be there, STATUS_NOT_SHORTEST. out is set only on STATUS_OK.
 */
MUST_USE enum status item_decode(struct view rest, struct item *out);

#endif

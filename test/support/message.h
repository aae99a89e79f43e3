/* message.h: what the codec of every message has to stand. A check that fails says which damage or case it was. */
#ifndef SUPPORT_MESSAGE_H
#define SUPPORT_MESSAGE_H

#include "base.h"
#include "reader.h"

#define MESSAGE_GOLDEN_MAX 1024 /* bytes of the longest golden vector */

/** A codec without its type, and the golden vector that it is checked with. */
struct message_kind {
    const char *vector; /* its name in test/vectors/messages.txt */
    size_t size;        /* of the decoded struct */
    enum status (*decode)(struct view bytes, void *out);
    enum status (*encode)(const void *message, struct buf *out);
    uint32_t optional; /* FIELD(k) of the fields that the vector may lose and is still a message */
};

/* Defines what MESSAGE_KIND takes: once for each struct. */
#define MESSAGE_CODEC(name) \
    static enum status name##_decode_any(struct view bytes, void *out) \
    { \
        return name##_decode(bytes, out); \
    } \
    static enum status name##_encode_any(const void *message, struct buf *out) \
    { \
        return name##_encode(message, out); \
    }
#define MESSAGE_KIND(name, vector_, optional_) \
    { \
        .vector = (vector_), .size = sizeof(struct name), .decode = name##_decode_any, .encode = name##_encode_any, \
        .optional = (optional_) \
    }

/** The golden vector of that name, in memory, which holds at least MESSAGE_GOLDEN_MAX bytes. */
struct view message_golden(const char *name, struct buf *memory);

/** The bytes that the golden vectors are made of: size times the same one; and a public key of it and the next. */
struct view message_filled(uint8_t byte, size_t size);
struct view message_key(uint8_t byte);

/** The message's encoding is its golden vector, and a buffer of any smaller size is refused and left empty. Then the
 *  vector is decoded to out, which views into memory, and encodes to itself. */
void message_check_golden(const struct message_kind *kind, const void *message, void *out, struct buf *memory);

/** The vector cut at every length, with a byte too many, and with every single byte changed to every other value: it
 *  is refused with out as it was, or decodes to what encodes to exactly these bytes. */
void message_check_damage(const struct message_kind *kind);

/** For vectors that are a map: each field missing, repeated, out of order, of another type, with a head that is too
 *  long, of indefinite length; and fields that nobody knows. */
void message_check_fields(const struct message_kind *kind);

/** A golden vector with other values. */
struct message_case {
    const char *why;
    struct message_change {
        int64_t key;     /* 0: no further change */
        const char *hex; /* what stands there instead or in addition; NULL: nothing */
        size_t bytes;    /* unless 0: behind it follows a byte string of so many zeros */
    } changes[3];
    enum status want; /* STATUS_OK: it decodes, and encodes to the same bytes */
};
void message_check_cases(const struct message_kind *kind, const struct message_case *cases, size_t count);

#endif

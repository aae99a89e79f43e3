/* base.h: what every folder may know: status, views and buffers, TRY, CLEANUP, wiping, comparing, byte order.
 *
 * Knows libc's string.h; nothing else. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/** Bytes somebody else owns; never freed, never written through. */
struct view {
    const uint8_t *ptr;
    size_t len;
};

/** Bytes the caller lends to be written; len grows up to cap. */
struct buf {
    uint8_t *ptr;
    size_t len, cap;
};

#define MUST_USE __attribute__((warn_unused_result))

/* Leaves the function with the callee's status unless it is STATUS_OK. */
#define TRY(call) \
    do { \
        enum status try_status = (call); \
        if (try_status != STATUS_OK) \
            return try_status; \
    } while (0)

/* Runs fn(&variable) whenever the variable leaves scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(array) (sizeof(array) / sizeof *(array))

/* A view or an empty buf over a whole array. */
#define VIEW_OF(array) ((struct view){(array), sizeof(array)})
#define BUF_OF(array)  ((struct buf){.ptr = (array), .len = 0, .cap = sizeof(array)})

/* A view over a string literal's characters, without its end. */
#define VIEW_TEXT(literal) ((struct view){(const uint8_t *)(literal), sizeof(literal) - 1})

/** A view over a C string's characters, without its end. */
struct view view_of_string(const char *string);

/** What was written into buf so far. Lives as long as buf's memory. */
struct view buf_view(const struct buf *buf);

/** True when both hold the same bytes. Not constant time: for public values only. */
bool view_equal(struct view a, struct view b);

/** Negative when a stands before b in bytewise order, a beginning of b before b; 0 when they are equal; else positive. */
int view_compare(struct view a, struct view b);

/** True when both hold the same bytes; time depends on the lengths only. For secrets, tags, challenges. */
bool view_equal_secret(struct view a, struct view b);

/**
 * Bytes offset..offset+len of a view. Returns STATUS_TRUNCATED when they are not all there.
 */
MUST_USE enum status view_slice(struct view from, size_t offset, size_t len, struct view *out);

/**
 * Appends bytes. Returns STATUS_NO_SPACE, with buf as it was, when they do not fit.
 */
MUST_USE enum status buf_append(struct buf *buf, struct view bytes);

/** Overwrites memory in a way that the compiler may not leave out. */
void wipe(void *ptr, size_t len);

/** Wipes all of buf's capacity and empties it; for CLEANUP(buf_wipe). */
void buf_wipe(struct buf *buf);

/** Little endian and big endian integers at p, which need not be aligned. Inline where loops over a model read them. */
static inline uint32_t read_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
void write_le32(uint8_t *p, uint32_t value);
uint64_t read_be64(const uint8_t *p);
uint32_t read_be32(const uint8_t *p);
void write_be32(uint8_t *p, uint32_t value);
void write_be64(uint8_t *p, uint64_t value);

/** Lower-case hexadecimal with an end. out must hold 2 * bytes.len + 1 characters. */
void hex_encode(struct view bytes, char *out);

/**
 * Decodes hexadecimal of either case. Returns STATUS_MALFORMED (odd length, another character), STATUS_NO_SPACE.
 */
MUST_USE enum status hex_decode(struct view text, struct buf *out);

#endif

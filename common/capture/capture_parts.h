/* capture_parts.h: a capture that was rotated: its files, read as one. */
#ifndef CAPTURE_CAPTURE_PARTS_H
#define CAPTURE_CAPTURE_PARTS_H

#include "capture.h"

#define CAPTURE_PARTS_MAX 256

struct capture_parts {
    struct capture *list[CAPTURE_PARTS_MAX]; /* by their numbers */
    const char *paths[CAPTURE_PARTS_MAX];    /* the caller's */
    size_t count;
};

/**
 * Opens files in any order. gap, which may be NULL, is called for each place where one does not follow on the one before
 * it: messages between them are missing.
 *
 * Returns what capture_open does; STATUS_EXISTS: a part is there twice; STATUS_OUT_OF_RANGE: too many, or of different
 * federations. reason says which. capture_parts_close either way; {0} before.
 */
MUST_USE enum status capture_parts_open(const char *const *paths, size_t count, struct capture_parts *out,
                                        void (*gap)(void *ctx, const char *before, const char *after), void *ctx,
                                        struct reason *reason);
void capture_parts_close(struct capture_parts *parts); /* for CLEANUP */

uint64_t capture_parts_count(const struct capture_parts *parts); /* messages */

/** Messages of all parts in the order of arrival. ids begin anew in each part. */
struct capture_walk {
    const struct capture_parts *parts;
    struct capture_query query; /* its views live as long as the walk */
    size_t part;                /* that the last message is of */
    struct capture_cursor *cursor;
};
struct capture_walk capture_walk(const struct capture_parts *parts, const struct capture_query *query);
/** As capture_next. */
MUST_USE enum status capture_walk_next(struct capture_walk *walk, struct captured *out);
void capture_walk_end(struct capture_walk *walk); /* for CLEANUP */

/** Appends the escrowed secret of a boot, from whichever part has it. As capture_secret. */
MUST_USE enum status capture_parts_secret(const struct capture_parts *parts, struct view boot_id, struct buf *out);

#endif

/* source.h: the messages of a capture, or of its parts one after the other, as one row of ascending ids. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include "capture.h"

#define SOURCE_PARTS_MAX 1024
#define SOURCE_PART(id)  ((size_t)((uint64_t)(id) >> 40))                        /* of a message: index of its part */
#define SOURCE_ROW(id)   ((int64_t)((uint64_t)(id) & (((uint64_t)1 << 40) - 1))) /* its id in that part */

/** Starts as {0}; ended with source_close. */
struct source {
    struct capture *parts[SOURCE_PARTS_MAX];
    const char *paths[SOURCE_PARTS_MAX]; /* lent */
    size_t count;
};

/** Opens one more part, which must be of the same federation. What capture_open returns; STATUS_POLICY_FOREIGN. */
MUST_USE enum status source_add(struct source *source, const char *path, struct reason *reason);
void source_close(struct source *source);

struct source_cursor;
/** As capture_find and capture_next, over all parts: a message's id says its part too. Rows that cannot be read are passed
 *  over; capture_check names them. */
MUST_USE enum status source_find(struct source *source, const struct capture_query *query, struct source_cursor **out);
MUST_USE enum status source_next(struct source_cursor *cursor, struct captured *out);
void source_cursor_free(struct source_cursor **cursor);

/** Messages of all parts. */
uint64_t source_messages(const struct source *source);

/** The escrowed secret of a boot, of whichever part has one: as capture_secret. */
MUST_USE enum status source_secret(struct source *source, struct view boot_id, struct buf *out);

/** A name for people of where a message stands: "row 7", or "part 2, row 7". */
void source_place(const struct source *source, int64_t id, char out[static 48]);

#endif

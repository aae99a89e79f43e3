/* source.h: the messages of a capture, or of its parts one after the other, as one row of ascending ids. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include "capture_parts.h"

#define SOURCE_PART(id) ((size_t)((uint64_t)(id) >> 40))                        /* of a message: index of its part */
#define SOURCE_ROW(id)  ((int64_t)((uint64_t)(id) & (((uint64_t)1 << 40) - 1))) /* its id in that part */

/** Opened with capture_parts_open(..., &source.parts, ...), closed with capture_parts_close. */
struct source {
    struct capture_parts parts;
};
void source_close(struct source *source); /* for CLEANUP */

struct source_cursor;
/** As capture_find and capture_next, over all parts: a message's id says its part too. Rows that cannot be read are passed
 *  over; capture_check names them. */
MUST_USE enum status source_find(struct source *source, const struct capture_query *query, struct source_cursor **out);
MUST_USE enum status source_next(struct source_cursor *cursor, struct captured *out);
void source_cursor_free(struct source_cursor **cursor);

/** A name for people of where a message stands: "row 7", or "part 2, row 7". */
void source_place(const struct source *source, int64_t id, char out[static 48]);

#endif

/* source.c: see source.h. */
#include "source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAMAGE_MAX 1000 /* rows in a row that cannot be read: then the rest of the part is given up */

struct source_cursor {
    struct source *source;
    struct capture_query query;
    struct capture_cursor *cursor; /* of the part; NULL: to be opened */
    size_t part;
    unsigned int damaged;
    char aggregator[NAME_MAX_LEN], device[NAME_MAX_LEN];
};

void source_close(struct source *source)
{
    capture_parts_close(&source->parts);
}

/* Views of a query are copied: they may lie in a message of another cursor. */
static void copy_name(struct view *name, char *memory)
{
    if (name->len == 0 || name->len > NAME_MAX_LEN) {
        name->len = 0;
        return;
    }
    memcpy(memory, name->ptr, name->len);
    name->ptr = (const uint8_t *)memory;
}

enum status source_find(struct source *source, const struct capture_query *query, struct source_cursor **out)
{
    struct source_cursor *cursor = calloc(1, sizeof *cursor);

    if (cursor == NULL)
        return STATUS_IO;
    cursor->source = source;
    cursor->query = *query;
    copy_name(&cursor->query.aggregator, cursor->aggregator);
    copy_name(&cursor->query.device, cursor->device);
    cursor->part = query->from > 0 ? SOURCE_PART(query->from) : 0;
    *out = cursor;
    return STATUS_OK;
}

/* Opens the part that it is at; STATUS_NOT_FOUND behind the last one. */
static enum status open_part(struct source_cursor *cursor)
{
    struct capture_query query = cursor->query;
    const size_t last = query.to > 0 ? SOURCE_PART(query.to) : cursor->source->parts.count - 1;

    if (cursor->part >= cursor->source->parts.count || cursor->part > last)
        return STATUS_NOT_FOUND;
    query.from = query.from > 0 && cursor->part == SOURCE_PART(query.from) ? SOURCE_ROW(query.from) : 0;
    query.to = query.to > 0 && cursor->part == last ? SOURCE_ROW(query.to) : 0;
    return capture_find(cursor->source->parts.list[cursor->part], &query, &cursor->cursor);
}

enum status source_next(struct source_cursor *cursor, struct captured *out)
{
    for (;;) {
        enum status status;
        if (cursor->cursor == NULL)
            TRY(open_part(cursor));
        status = capture_next(cursor->cursor, out);
        if (status == STATUS_OK) {
            out->id |= (int64_t)((uint64_t)cursor->part << 40);
            return STATUS_OK;
        }
        if (status == STATUS_MALFORMED && cursor->damaged++ < DAMAGE_MAX)
            continue;
        if (status != STATUS_NOT_FOUND && status != STATUS_MALFORMED)
            return status;
        capture_cursor_free(&cursor->cursor);
        cursor->damaged = 0;
        cursor->part++;
    }
}

void source_cursor_free(struct source_cursor **cursor)
{
    if (*cursor == NULL)
        return;
    capture_cursor_free(&(*cursor)->cursor);
    free(*cursor);
    *cursor = NULL;
}

void source_place(const struct source *source, int64_t id, char out[static 48])
{
    if (source->parts.count > 1)
        (void)snprintf(out, 48, "part %zu, row %" PRId64, SOURCE_PART(id) + 1, SOURCE_ROW(id));
    else
        (void)snprintf(out, 48, "row %" PRId64, SOURCE_ROW(id));
}

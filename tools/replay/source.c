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

enum status source_add(struct source *source, const char *path, struct reason *reason)
{
    struct capture *part = NULL;
    const char *federation;

    if (source->count == SOURCE_PARTS_MAX)
        return STATUS_NO_SPACE;
    TRY(capture_open(path, &part, reason));
    federation = source->count > 0 ? capture_about(source->parts[0])->federation : NULL;
    if (federation != NULL && strcmp(federation, capture_about(part)->federation) != 0) {
        reason_set(reason, "%s: of federation %s, and %s is of %s", path, capture_about(part)->federation,
                   source->paths[0], federation);
        capture_close(&part);
        return STATUS_POLICY_FOREIGN;
    }
    source->paths[source->count] = path;
    source->parts[source->count++] = part;
    return STATUS_OK;
}

void source_close(struct source *source)
{
    while (source->count > 0)
        capture_close(&source->parts[--source->count]);
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
    const size_t last = query.to > 0 ? SOURCE_PART(query.to) : cursor->source->count - 1;

    if (cursor->part >= cursor->source->count || cursor->part > last)
        return STATUS_NOT_FOUND;
    query.from = query.from > 0 && cursor->part == SOURCE_PART(query.from) ? SOURCE_ROW(query.from) : 0;
    query.to = query.to > 0 && cursor->part == last ? SOURCE_ROW(query.to) : 0;
    return capture_find(cursor->source->parts[cursor->part], &query, &cursor->cursor);
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

uint64_t source_messages(const struct source *source)
{
    uint64_t messages = 0;

    for (size_t i = 0; i < source->count; i++)
        messages += capture_count(source->parts[i]);
    return messages;
}

enum status source_secret(struct source *source, struct view boot_id, struct buf *out)
{
    for (size_t i = 0; i < source->count; i++) {
        enum status status = capture_secret(source->parts[i], boot_id, out);
        if (status != STATUS_NOT_FOUND)
            return status;
    }
    return STATUS_NOT_FOUND;
}

void source_place(const struct source *source, int64_t id, char out[static 48])
{
    if (source->count > 1)
        (void)snprintf(out, 48, "part %zu, row %" PRId64, SOURCE_PART(id) + 1, SOURCE_ROW(id));
    else
        (void)snprintf(out, 48, "row %" PRId64, SOURCE_ROW(id));
}

/* capture_parts.c: see capture_parts.h. */
#include "capture_parts.h"

#include <string.h>

static uint32_t part_of(const struct capture *capture)
{
    return capture_about(capture)->part;
}

/* Puts a part in its place. */
static void insert(struct capture_parts *parts, struct capture *capture, const char *path)
{
    size_t at = parts->count++;

    for (; at > 0 && part_of(parts->list[at - 1]) > part_of(capture); at--) {
        parts->list[at] = parts->list[at - 1];
        parts->paths[at] = parts->paths[at - 1];
    }
    parts->list[at] = capture;
    parts->paths[at] = path;
}

static enum status check_neighbours(const struct capture_parts *parts, size_t i, struct reason *reason)
{
    const struct capture_about *a = capture_about(parts->list[i - 1]), *b = capture_about(parts->list[i]);

    if (strcmp(a->federation, b->federation) != 0) {
        reason_set(reason, "%s is of the federation \"%s\", %s of \"%s\"", parts->paths[i - 1], a->federation,
                   parts->paths[i], b->federation);
        return STATUS_OUT_OF_RANGE;
    }
    if (a->part == b->part) {
        reason_set(reason, "%s and %s are both part %u: of two captures, or the same", parts->paths[i - 1],
                   parts->paths[i], (unsigned int)a->part);
        return STATUS_EXISTS;
    }
    return STATUS_OK;
}

enum status capture_parts_open(const char *const *paths, size_t count, struct capture_parts *out,
                               void (*gap)(void *ctx, const char *before, const char *after), void *ctx,
                               struct reason *reason)
{
    *out = (struct capture_parts){.count = 0};
    if (count > CAPTURE_PARTS_MAX) {
        reason_set(reason, "more than %d files", CAPTURE_PARTS_MAX);
        return STATUS_OUT_OF_RANGE;
    }
    for (size_t i = 0; i < count; i++) {
        struct capture *capture;

        TRY(capture_open(paths[i], &capture, reason));
        insert(out, capture, paths[i]);
    }
    for (size_t i = 1; i < out->count; i++) {
        TRY(check_neighbours(out, i, reason));
        /* What has keys alone (`tacit escrow`) follows on nothing. */
        if (gap != NULL && capture_count(out->list[i]) > 0 &&
            !view_equal(capture_about(out->list[i])->before, capture_head(out->list[i - 1])))
            gap(ctx, out->paths[i - 1], out->paths[i]);
    }
    return STATUS_OK;
}

void capture_parts_close(struct capture_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        capture_close(&parts->list[i]);
    parts->count = 0;
}

uint64_t capture_parts_count(const struct capture_parts *parts)
{
    uint64_t count = 0;

    for (size_t i = 0; i < parts->count; i++)
        count += capture_count(parts->list[i]);
    return count;
}

struct capture_walk capture_walk(const struct capture_parts *parts, const struct capture_query *query)
{
    return (struct capture_walk){.parts = parts, .query = *query};
}

enum status capture_walk_next(struct capture_walk *walk, struct captured *out)
{
    while (walk->part < walk->parts->count) {
        enum status status;

        if (walk->cursor == NULL)
            TRY(capture_find(walk->parts->list[walk->part], &walk->query, &walk->cursor));
        status = capture_next(walk->cursor, out);
        if (status != STATUS_NOT_FOUND)
            return status;
        capture_cursor_free(&walk->cursor);
        walk->part++;
    }
    return STATUS_NOT_FOUND;
}

void capture_walk_end(struct capture_walk *walk)
{
    capture_cursor_free(&walk->cursor);
}

enum status capture_parts_secret(const struct capture_parts *parts, struct view boot_id, struct buf *out)
{
    for (size_t i = 0; i < parts->count; i++) {
        enum status status = capture_secret(parts->list[i], boot_id, out);

        if (status != STATUS_NOT_FOUND)
            return status;
    }
    return STATUS_NOT_FOUND;
}

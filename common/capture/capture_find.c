/* capture_find.c: messages in the order of arrival, narrowed. */
#include "capture_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX 768

struct capture_cursor {
    struct db_statement *select;
    bool ended, heads;
};

/* The conditions by their parameter's number from 1; the ids' are always there. */
enum narrowing { BY_FROM = 1, BY_TO, BY_KIND, BY_AGGREGATOR, BY_DEVICE, BY_ROUND, BY_CHUNK, BY_LIMIT };

static const char *const conditions[BY_LIMIT] = {
    [BY_KIND] = " AND kind = ?3",   [BY_AGGREGATOR] = " AND aggregator = ?4", [BY_DEVICE] = " AND device = ?5",
    [BY_ROUND] = " AND round = ?6", [BY_CHUNK] = " AND chunk = ?7",
};

/* Every index leads to rows in the order of their ids, so nothing is sorted: sorting would take memory or disk. */
static const char *index_of(const bool by[static BY_LIMIT])
{
    if (by[BY_ROUND])
        return " INDEXED BY message_by_round";
    if (by[BY_DEVICE])
        return " INDEXED BY message_by_device";
    return by[BY_KIND] ? " INDEXED BY message_by_kind" : " NOT INDEXED";
}

static void write_sql(const bool by[static BY_LIMIT], bool heads, char sql[static SQL_MAX])
{
    size_t used = strlen(table_layouts[TABLE_MESSAGE].columns);

    /* The payload stands last. SQLite knows how long it is without reading it. */
    if (heads)
        used -= sizeof "payload" - 1;
    snprintf(sql, SQL_MAX, "SELECT %.*s%s FROM message%s WHERE id >= ?1 AND id <= ?2", (int)used,
             table_layouts[TABLE_MESSAGE].columns, heads ? "length(payload)" : "", index_of(by));
    for (size_t i = BY_KIND; i < BY_LIMIT; i++) {
        used = strlen(sql);
        if (by[i])
            snprintf(sql + used, SQL_MAX - used, "%s", conditions[i]);
    }
    used = strlen(sql);
    snprintf(sql + used, SQL_MAX - used, " ORDER BY id");
}

/* Texts are copied into the statement, which outlives the caller's views. */
static void bind_values(struct db_statement *select, const struct capture_query *query, const bool by[static BY_LIMIT])
{
    const char *kind = capture_kind_name(query->kind);

    db_bind_int(select, BY_FROM, query->from);
    db_bind_int(select, BY_TO, query->to > 0 ? query->to : INT64_MAX);
    if (by[BY_KIND])
        db_bind_text_copy(select, BY_KIND, view_of_string(kind));
    if (by[BY_AGGREGATOR])
        db_bind_text_copy(select, BY_AGGREGATOR, query->aggregator);
    if (by[BY_DEVICE])
        db_bind_text_copy(select, BY_DEVICE, query->device);
    if (by[BY_ROUND])
        db_bind_int(select, BY_ROUND, query->round);
    if (by[BY_CHUNK])
        db_bind_int(select, BY_CHUNK, query->chunk);
}

enum status capture_find(struct capture *capture, const struct capture_query *query, struct capture_cursor **out)
{
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = calloc(1, sizeof *cursor);
    const bool by[BY_LIMIT] = {
        [BY_KIND] = capture_kind_name(query->kind) != NULL,
        [BY_AGGREGATOR] = query->aggregator.len > 0,
        [BY_DEVICE] = query->device.len > 0,
        [BY_ROUND] = query->round > 0,
        [BY_CHUNK] = query->chunk >= 0,
    };
    char sql[SQL_MAX];

    if (cursor == NULL)
        return STATUS_IO;
    cursor->heads = query->heads;
    write_sql(by, query->heads, sql);
    TRY(db_prepare(capture->db, sql, &cursor->select));
    bind_values(cursor->select, query, by);
    *out = cursor;
    cursor = NULL;
    return STATUS_OK;
}

/* What no writer makes was edited, or is damage: a topic with an end in it, a QoS of no number. */
static enum status take(const struct cell *cells, bool heads, struct captured *out)
{
    const struct cell *payload = &cells[MESSAGE_PAYLOAD];
    struct view topic = cells[MESSAGE_TOPIC].bytes;
    int64_t qos = cells[MESSAGE_QOS].number;

    if (cells[MESSAGE_TOPIC].kind != DB_TEXT || payload->kind != (heads ? DB_INT : DB_BLOB) || qos < 0 || qos > 2 ||
        topic.ptr == NULL || strlen((const char *)topic.ptr) != topic.len)
        return STATUS_MALFORMED;
    *out = (struct captured){
        .id = cells[MESSAGE_ID].number,
        .session = cells[MESSAGE_SESSION].number,
        .at_us = cells[MESSAGE_AT].number,
        .topic = (const char *)topic.ptr,
        .payload = heads ? (struct view){NULL, (size_t)payload->number} : payload->bytes,
        .qos = (int)qos,
        .retained = cells[MESSAGE_RETAINED].number != 0,
        .properties = cells[MESSAGE_PROPERTIES].bytes,
    };
    out->parsed = topic_parse(topic, &out->where) == STATUS_OK;
    return STATUS_OK;
}

enum status capture_next(struct capture_cursor *cursor, struct captured *out)
{
    struct cell cells[MESSAGE_CELLS];
    enum status status;
    bool row = false;

    if (cursor->ended)
        return STATUS_NOT_FOUND;
    status = db_step(cursor->select, &row);
    cursor->ended = status != STATUS_OK || !row;
    TRY(status);
    if (!row)
        return STATUS_NOT_FOUND;
    row_read(cursor->select, TABLE_MESSAGE, cells);
    return take(cells, cursor->heads, out);
}

void capture_cursor_free(struct capture_cursor **cursor)
{
    if (*cursor == NULL)
        return;
    db_finish(&(*cursor)->select);
    free(*cursor);
    *cursor = NULL;
}

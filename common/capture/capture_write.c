/* capture_write.c: the writer. Rows are put into a transaction that capture_commit ends; `head` is written with it. */
#include "capture_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SQL_MAX 512

/* Everything since the last commit is gone; the chains go on from there. */
static void take_back(struct capture *capture)
{
    db_rollback(capture->db);
    capture->open = false;
    memcpy(capture->chains, capture->committed, sizeof capture->chains);
    capture->session = capture->session_committed;
}

static enum status prepare_insert(struct capture *capture, enum capture_table table)
{
    const struct table_layout *layout = &table_layouts[table];
    char sql[SQL_MAX], marks[8 * CELLS_MAX] = "";

    if (capture->inserts[table] != NULL)
        return STATUS_OK;
    for (size_t i = 0; i <= layout->count; i++) {
        size_t used = strlen(marks);

        snprintf(marks + used, sizeof marks - used, "%s?%zu", i == 0 ? "" : ", ", i + 1);
    }
    snprintf(sql, sizeof sql, "INSERT OR %s INTO %s (%s, digest) VALUES (%s)",
             table == TABLE_HEAD ? "REPLACE" : "ABORT", layout->name, layout->columns, marks);
    return db_prepare(capture->db, sql, &capture->inserts[table]);
}

static void bind_cell(struct db_statement *statement, int parameter, const struct cell *cell)
{
    if (cell->kind == DB_INT)
        db_bind_int(statement, parameter, cell->number);
    else if (cell->kind == DB_TEXT)
        db_bind_text(statement, parameter, cell->bytes);
    else if (cell->kind == DB_BLOB)
        db_bind_blob(statement, parameter, cell->bytes);
    else
        db_bind_null(statement, parameter);
}

static enum status insert_row(struct capture *capture, enum capture_table table, const struct cell *cells,
                              const uint8_t digest[static 32])
{
    struct db_statement *insert;
    size_t count = table_layouts[table].count;

    TRY(prepare_insert(capture, table));
    insert = capture->inserts[table];
    for (size_t i = 0; i < count; i++)
        bind_cell(insert, (int)i + 1, &cells[i]);
    db_bind_blob(insert, (int)count + 1, (struct view){digest, 32});
    return db_run(insert);
}

static enum status append_open(struct capture *capture, enum capture_table table, struct cell *cells)
{
    struct chain *chain = &capture->chains[table];
    uint8_t digest[32];

    cells[0] = cell_int(chain->rows + 1);
    TRY(row_digest(table, chain->last, cells, digest));
    if (!capture->open)
        TRY(db_begin(capture->db));
    capture->open = true;
    TRY(insert_row(capture, table, cells, digest));
    chain->rows++;
    memcpy(chain->last, digest, sizeof chain->last);
    return STATUS_OK;
}

/* Appends a row; cells[0], its id, is set. */
static enum status append(struct capture *capture, enum capture_table table, struct cell *cells)
{
    enum status status = append_open(capture, table, cells);

    if (status != STATUS_OK)
        take_back(capture);
    return status;
}

static enum status write_head(struct capture *capture, enum capture_table table)
{
    static const uint8_t none[32];
    const struct chain *chain = &capture->chains[table];
    const struct cell cells[] = {cell_int((int64_t)table + 1), cell_text(view_of_string(table_layouts[table].name)),
                                 cell_int(chain->rows), cell_blob(VIEW_OF(chain->last))};
    uint8_t digest[32];

    TRY(row_digest(TABLE_HEAD, none, cells, digest));
    return insert_row(capture, TABLE_HEAD, cells, digest);
}

static enum status measure(struct capture *capture)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    bool row;

    TRY(db_prepare(capture->db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", &select));
    TRY(db_step(select, &row));
    capture->size = row ? (uint64_t)db_column_int(select, 0) : 0;
    return STATUS_OK;
}

static enum status commit_open(struct capture *capture)
{
    for (enum capture_table table = 0; table < TABLE_HEAD; table++)
        TRY(write_head(capture, table));
    return db_commit(capture->db);
}

enum status capture_commit(struct capture *capture)
{
    enum status status;

    if (!capture->open)
        return STATUS_OK;
    status = commit_open(capture);
    if (status != STATUS_OK) {
        take_back(capture);
        return status;
    }
    capture->open = false;
    memcpy(capture->committed, capture->chains, sizeof capture->committed);
    capture->session_committed = capture->session;
    return measure(capture);
}

static enum status put_about(struct capture *capture, const struct capture_about *about)
{
    struct cell cells[] = {cell_null(),
                           cell_text(view_of_string(about->federation)),
                           cell_text(view_of_string(about->maker)),
                           cell_int(about->part),
                           cell_int(about->from_inside),
                           cell_int(about->anonymised),
                           cell_blob(about->before)};

    snprintf(capture->federation, sizeof capture->federation, "%s", about->federation);
    snprintf(capture->maker, sizeof capture->maker, "%s", about->maker);
    capture->about = *about;
    capture->about.federation = capture->federation;
    capture->about.maker = capture->maker;
    if (about->before.len == sizeof capture->before)
        memcpy(capture->before, about->before.ptr, sizeof capture->before);
    capture->about.before = (struct view){capture->before, about->before.len};
    TRY(append(capture, TABLE_ABOUT, cells));
    return capture_commit(capture);
}

static enum status claim_path(const char *path, struct reason *reason)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = errno;

    if (fd >= 0) {
        (void)close(fd);
        return STATUS_OK;
    }
    reason_set(reason, error == EEXIST ? "%s: there is such a file already; it is not written over" : "%s: %s", path,
               strerror(error));
    return error == EEXIST ? STATUS_EXISTS : error == ENOSPC || error == EDQUOT ? STATUS_NO_SPACE : STATUS_IO;
}

static void capture_free(struct capture **capture)
{
    if (*capture == NULL)
        return;
    for (size_t i = 0; i < TABLES; i++)
        db_finish(&(*capture)->inserts[i]);
    db_close(&(*capture)->db);
    free(*capture);
    *capture = NULL;
}

static enum status create(const char *path, const struct capture_about *about, struct capture **out,
                          struct reason *reason)
{
    CLEANUP(capture_free) struct capture *capture = calloc(1, sizeof *capture);
    enum status status;

    if (capture == NULL)
        return STATUS_IO;
    capture->writing = true;
    TRY(db_open(path, &capture_schema, &capture->db, reason));
    status = put_about(capture, about);
    if (status != STATUS_OK) {
        reason_set(reason, "%s: %s", path, status_text(status));
        return status;
    }
    *out = capture;
    capture = NULL;
    return STATUS_OK;
}

enum status capture_create(const char *path, const struct capture_about *about, struct capture **out,
                           struct reason *reason)
{
    enum status status;

    if (strlen(about->federation) >= CAPTURE_NAME_MAX || strlen(about->maker) >= CAPTURE_TEXT_MAX ||
        (about->before.len != 0 && about->before.len != 32)) {
        reason_set(reason, "%s: the name of the federation or of the maker is too long", path);
        return STATUS_OUT_OF_RANGE;
    }
    TRY(claim_path(path, reason));
    status = create(path, about, out, reason);
    if (status != STATUS_OK)
        (void)unlink(path);
    return status;
}

static struct view cut(const char *text)
{
    return (struct view){(const uint8_t *)text, strnlen(text, CAPTURE_TEXT_MAX - 1)};
}

enum status capture_begin_session(struct capture *capture, int64_t at_us, const char *broker, const char *client)
{
    struct cell cells[] = {cell_null(), cell_int(at_us), cell_text(cut(broker)), cell_text(cut(client)),
                           cell_int(capture->chains[TABLE_MESSAGE].rows + 1)};

    TRY(capture_end_session(capture, at_us, "the next one began"));
    TRY(append(capture, TABLE_SESSION, cells));
    capture->session = capture->chains[TABLE_SESSION].rows;
    return STATUS_OK;
}

enum status capture_end_session(struct capture *capture, int64_t at_us, const char *why)
{
    struct cell cells[] = {cell_null(), cell_int(capture->session), cell_int(at_us), cell_text(cut(why))};

    if (capture->session == 0)
        return STATUS_OK;
    TRY(append(capture, TABLE_ENDING, cells));
    capture->session = 0;
    return STATUS_OK;
}

static struct cell text_or_null(struct view text)
{
    return text.len > 0 ? cell_text(text) : cell_null();
}

/* The columns that stand in the topic too, so that messages are found by them. */
static void set_where(struct cell *cells, const struct topic *where)
{
    bool chunked = where->kind == TOPIC_MODEL || where->kind == TOPIC_UPDATE || where->kind == TOPIC_OWNER;

    cells[MESSAGE_KIND] = cell_text(view_of_string(capture_kind_name((int)where->kind)));
    cells[MESSAGE_AGGREGATOR] = text_or_null(where->aggregator);
    cells[MESSAGE_DEVICE] = text_or_null(where->device);
    if (where->round > 0)
        cells[MESSAGE_ROUND] = cell_int(where->round);
    if (chunked)
        cells[MESSAGE_CHUNK] = cell_int(where->chunk);
}

enum status capture_put(struct capture *capture, struct captured *message)
{
    struct cell cells[MESSAGE_CELLS] = {
        [MESSAGE_SESSION] = cell_int(capture->session),
        [MESSAGE_AT] = cell_int(message->at_us),
        [MESSAGE_TOPIC] = cell_text(view_of_string(message->topic)),
        [MESSAGE_QOS] = cell_int(message->qos),
        [MESSAGE_RETAINED] = cell_int(message->retained),
        [MESSAGE_PROPERTIES] = cell_text(message->properties),
        [MESSAGE_PAYLOAD] = cell_blob(message->payload),
    };
    struct topic where;

    if (capture->session == 0)
        return STATUS_NOT_PERMITTED;
    if (message->properties.len > CAPTURE_PROPERTIES_MAX || strlen(message->topic) > UINT16_MAX)
        return STATUS_OUT_OF_RANGE;
    if (topic_parse(view_of_string(message->topic), &where) == STATUS_OK)
        set_where(cells, &where);
    TRY(append(capture, TABLE_MESSAGE, cells));
    message->id = cells[MESSAGE_ID].number;
    message->session = capture->session;
    return STATUS_OK;
}

enum status capture_put_secret(struct capture *capture, int64_t at_us, struct view aggregator, struct view boot_id,
                               struct view secret)
{
    struct cell cells[] = {cell_null(), cell_int(at_us), cell_text(aggregator), cell_blob(boot_id), cell_blob(secret)};

    return append(capture, TABLE_SECRET, cells);
}

uint64_t capture_size(const struct capture *capture)
{
    return capture->size;
}

/* No log beside it from then on. Fails while somebody reads: the log stays then, and all is still there. */
static enum status make_whole(struct capture *capture)
{
    TRY(capture_commit(capture));
    for (size_t i = 0; i < TABLES; i++)
        db_finish(&capture->inserts[i]);
    TRY(db_exec(capture->db, "PRAGMA wal_checkpoint(TRUNCATE)"));
    return db_exec(capture->db, "PRAGMA journal_mode = DELETE");
}

void capture_close(struct capture **capture)
{
    enum status whole = STATUS_OK;

    if (*capture == NULL)
        return;
    if ((*capture)->writing)
        whole = make_whole(*capture);
    (void)whole;
    capture_free(capture);
}

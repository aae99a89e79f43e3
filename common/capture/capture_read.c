/* capture_read.c: opening, and what stands in the small tables. */
#include "capture_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first bytes of a database (https://www.sqlite.org/fileformat2.html section 1.3). */
#define FILE_HEAD_SIZE 32
#define PAGE_SIZE_AT   16
#define PAGE_COUNT_AT  28

static bool has_log(const char *path)
{
    char log[4096 + 8];
    struct stat found;

    snprintf(log, sizeof log, "%s-wal", path);
    return stat(log, &found) == 0 && found.st_size > 0;
}

/* How long the file should be by its own head. With a log beside it the head may be behind or ahead; SQLite knows then. */
static enum status measure(const char *path, struct capture *capture, struct reason *reason)
{
    uint8_t head[FILE_HEAD_SIZE] = {0};
    struct stat found = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t page;
    bool fine;

    if (fd < 0) {
        enum status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;

        reason_set(reason, "%s: %s", path, strerror(errno));
        return status;
    }
    fine = fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && pread(fd, head, sizeof head, 0) >= 0;
    (void)close(fd);
    if (!fine) {
        reason_set(reason, "%s: no file that can be read", path);
        return STATUS_IO;
    }
    page = (uint64_t)head[PAGE_SIZE_AT] << 8 | head[PAGE_SIZE_AT + 1];
    capture->has = (uint64_t)found.st_size;
    capture->should = (page == 1 ? 65536 : page) * read_be32(head + PAGE_COUNT_AT);
    if (capture->should < capture->has || has_log(path))
        capture->should = capture->has;
    return STATUS_OK;
}

static enum status check_version(struct capture *capture, const char *path, struct reason *reason)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    int64_t version;
    bool row;

    TRY(db_prepare(capture->db, "PRAGMA user_version", &select));
    TRY(db_step(select, &row));
    version = row ? db_column_int(select, 0) : 0;
    if (version == CAPTURE_SCHEMA_VERSION)
        return STATUS_OK;
    if (version > CAPTURE_SCHEMA_VERSION)
        reason_set(reason,
                   "%s: a capture of version %lld, newer than %d, the newest that this program knows; use a newer one",
                   path, (long long)version, CAPTURE_SCHEMA_VERSION);
    else
        reason_set(reason, "%s: no capture: a database without tables of one", path);
    return STATUS_UNSUPPORTED;
}

static enum status check_schema(struct capture *capture, const char *path, struct reason *reason)
{
    bool same = false;

    TRY(capture_schema_check(capture->db, &same));
    if (same)
        return STATUS_OK;
    reason_set(reason, "%s: damaged: its tables are not those of a capture", path);
    return STATUS_MALFORMED;
}

/* The text of a column, with an end; what is too long is cut. */
static void copy_text(struct db_statement *statement, int column, char *out, size_t size)
{
    struct view text = db_column_text(statement, column);
    size_t len = text.len < size - 1 ? text.len : size - 1;

    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

static enum status load_about(struct capture *capture, const char *path, struct reason *reason)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    struct view before;
    bool row;

    TRY(db_prepare(capture->db,
                   "SELECT federation, maker, part, from_inside, anonymised, before FROM about ORDER BY id LIMIT 1",
                   &select));
    TRY(db_step(select, &row));
    if (!row) {
        reason_set(reason, "%s: damaged: its table `about` is empty", path);
        return STATUS_MALFORMED;
    }
    copy_text(select, 0, capture->federation, sizeof capture->federation);
    copy_text(select, 1, capture->maker, sizeof capture->maker);
    before = db_column_blob(select, 5);
    if (before.len == sizeof capture->before)
        memcpy(capture->before, before.ptr, before.len);
    capture->about = (struct capture_about){
        .federation = capture->federation,
        .maker = capture->maker,
        .part = (uint32_t)db_column_int(select, 2),
        .from_inside = db_column_int(select, 3) != 0,
        .anonymised = db_column_int(select, 4) != 0,
        .before = {capture->before, before.len == sizeof capture->before ? before.len : 0},
    };
    return STATUS_OK;
}

/* What `head` says; capture_check compares it with the rows. */
static enum status load_heads(struct capture *capture)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    bool row;

    TRY(db_prepare(capture->db, "SELECT id, rows, last FROM head ORDER BY id", &select));
    TRY(db_step(select, &row));
    while (row) {
        int64_t id = db_column_int(select, 0), rows = db_column_int(select, 1);
        struct view last = db_column_blob(select, 2);

        if (id >= 1 && id <= TABLE_HEAD && rows >= 0 && last.len == 32) {
            struct chain *chain = &capture->chains[id - 1];

            chain->rows = rows;
            memcpy(chain->last, last.ptr, sizeof chain->last);
            chain->known = true;
        }
        TRY(db_step(select, &row));
    }
    return STATUS_OK;
}

static enum status load(struct capture *capture, const char *path, struct reason *reason)
{
    /* One state of the file for all that is read: a program may still be writing it. */
    TRY(db_exec(capture->db, "BEGIN"));
    TRY(check_version(capture, path, reason));
    TRY(check_schema(capture, path, reason));
    TRY(load_about(capture, path, reason));
    return load_heads(capture);
}

enum status capture_open(const char *path, struct capture **out, struct reason *reason)
{
    CLEANUP(capture_close) struct capture *capture = calloc(1, sizeof *capture);
    struct reason why = {""};
    enum status status;

    if (capture == NULL)
        return STATUS_IO;
    TRY(measure(path, capture, reason));
    status = (capture->should > capture->has ? db_open_cut : db_open_to_read)(path, CAPTURE_APPLICATION_ID,
                                                                              &capture->db, &why);
    if (status == STATUS_OK)
        status = load(capture, path, &why);
    if (status != STATUS_OK) {
        if (why.text[0] == '\0')
            reason_set(&why, "%s: damaged: %s", path, status_text(status));
        reason_set(reason, "%s", why.text);
        return status;
    }
    *out = capture;
    capture = NULL;
    return STATUS_OK;
}

const struct capture_about *capture_about(const struct capture *capture)
{
    return &capture->about;
}

struct view capture_head(const struct capture *capture)
{
    return VIEW_OF(capture->chains[TABLE_MESSAGE].last);
}

uint64_t capture_count(const struct capture *capture)
{
    return (uint64_t)capture->chains[TABLE_MESSAGE].rows;
}

enum status capture_secret(struct capture *capture, struct view boot_id, struct buf *out)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    bool row;

    TRY(db_prepare(capture->db, "SELECT secret FROM secret WHERE boot_id = ?1", &select));
    db_bind_blob(select, 1, boot_id);
    TRY(db_step(select, &row));
    return row ? buf_append(out, db_column_blob(select, 0)) : STATUS_NOT_FOUND;
}

enum status capture_escrow_next(struct capture *capture, int64_t after, struct capture_escrow *out)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    struct view boot_id;
    bool row;

    TRY(db_prepare(capture->db, "SELECT id, at_us, aggregator, boot_id FROM secret WHERE id > ?1 ORDER BY id LIMIT 1",
                   &select));
    db_bind_int(select, 1, after);
    TRY(db_step(select, &row));
    if (!row)
        return STATUS_NOT_FOUND;
    boot_id = db_column_blob(select, 3);
    *out = (struct capture_escrow){.id = db_column_int(select, 0), .at_us = db_column_int(select, 1)};
    copy_text(select, 2, out->aggregator, sizeof out->aggregator);
    memcpy(out->boot_id, boot_id.ptr, boot_id.len < sizeof out->boot_id ? boot_id.len : sizeof out->boot_id);
    return STATUS_OK;
}

enum status capture_session_next(struct capture *capture, int64_t after, struct capture_session *out)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    int64_t first, next;
    bool row;

    TRY(db_prepare(capture->db,
                   "SELECT s.id, s.began_us, e.at_us, s.broker, s.client, e.why, s.first,"
                   " (SELECT n.first FROM session n WHERE n.id > s.id ORDER BY n.id LIMIT 1)"
                   " FROM session s LEFT JOIN ending e ON e.session = s.id WHERE s.id > ?1 ORDER BY s.id LIMIT 1",
                   &select));
    db_bind_int(select, 1, after);
    TRY(db_step(select, &row));
    if (!row)
        return STATUS_NOT_FOUND;
    *out = (struct capture_session){
        .id = db_column_int(select, 0), .began_us = db_column_int(select, 1), .ended_us = db_column_int(select, 2)};
    copy_text(select, 3, out->broker, sizeof out->broker);
    copy_text(select, 4, out->client, sizeof out->client);
    copy_text(select, 5, out->why, sizeof out->why);
    first = db_column_int(select, 6);
    next = db_column_is_null(select, 7) ? (int64_t)capture_count(capture) + 1 : db_column_int(select, 7);
    out->messages = next > first ? (uint64_t)next - (uint64_t)first : 0;
    return STATUS_OK;
}

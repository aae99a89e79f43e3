/* db.c: see db.h. The only file that says sqlite3. */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000

struct db {
    sqlite3 *handle;
};

struct db_statement {
    struct db *db;
    sqlite3_stmt *handle;
    int failure; /* of a binding: SQLITE_OK or what the next step tells */
};

/* A full disk is told apart because the operator can do something about it. */
static enum status status_of(const struct db *db, int code)
{
    int error = sqlite3_system_errno(db->handle);

    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STATUS_OK;
    case SQLITE_FULL:
        return STATUS_NO_SPACE;
    case SQLITE_IOERR:
        return error == ENOSPC || error == EDQUOT ? STATUS_NO_SPACE : STATUS_IO;
    case SQLITE_CONSTRAINT:
        return STATUS_EXISTS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STATUS_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STATUS_MALFORMED;
    default:
        return STATUS_IO;
    }
}

enum status db_exec(struct db *db, const char *sql)
{
    return status_of(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

const char *db_message(const struct db *db)
{
    return sqlite3_errmsg(db->handle);
}

/* The one number that a statement gives. */
static enum status ask_number(struct db *db, const char *sql, int64_t *out)
{
    CLEANUP(db_finish) struct db_statement *statement = NULL;
    bool row;

    TRY(db_prepare(db, sql, &statement));
    TRY(db_step(statement, &row));
    if (!row)
        return STATUS_MALFORMED;
    *out = db_column_int(statement, 0);
    return STATUS_OK;
}

/* SQLite would make the file with the umask's mode; ours is private from its first moment. */
static enum status make_private(const char *path, struct reason *reason)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        int error = errno;

        reason_set(reason, "%s: %s", path, strerror(error));
        return error == ENOSPC || error == EDQUOT ? STATUS_NO_SPACE : STATUS_IO;
    }
    (void)close(fd);
    return STATUS_OK;
}

static enum status check_whole(struct db *db)
{
    CLEANUP(db_finish) struct db_statement *statement = NULL;
    bool row;

    TRY(db_prepare(db, "PRAGMA quick_check(1)", &statement));
    TRY(db_step(statement, &row));
    return row && view_equal(db_column_text(statement, 0), VIEW_TEXT("ok")) ? STATUS_OK : STATUS_MALFORMED;
}

static enum status prepare_file(struct db *db)
{
    (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    (void)sqlite3_extended_result_codes(db->handle, 1);
    TRY(db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                    "PRAGMA trusted_schema = OFF;"));
    return check_whole(db);
}

/* What db_open works on, so that each step can tell the reason of its own failure. */
struct opening {
    struct db *db;
    const struct db_schema *schema;
    const char *path;
    struct reason *reason;
};

/* Adds what SQLite says now: a roll-back would change it. */
static enum status explain(const struct opening *opening, enum status status)
{
    if (status == STATUS_MALFORMED)
        reason_set(opening->reason, "%s: damaged, or no database", opening->path);
    else if (status != STATUS_OK)
        reason_set(opening->reason, "%s: %s", opening->path, db_message(opening->db));
    return status;
}

/* Whose file it is. One without tables belongs to nobody yet. */
static enum status check_owner(const struct opening *opening)
{
    int64_t id, tables;

    TRY(explain(opening, ask_number(opening->db, "PRAGMA application_id", &id)));
    TRY(explain(opening, ask_number(opening->db, "SELECT count(*) FROM sqlite_schema", &tables)));
    if (id == (int64_t)opening->schema->application_id || (id == 0 && tables == 0))
        return STATUS_OK;
    reason_set(opening->reason, "%s: a database of another program", opening->path);
    return STATUS_UNSUPPORTED;
}

static enum status migrate_once(const struct opening *opening, size_t version)
{
    CLEANUP(db_rollback_open) struct db *open = NULL;
    char stamp[96];

    snprintf(stamp, sizeof stamp, "PRAGMA application_id = %u; PRAGMA user_version = %zu",
             opening->schema->application_id, version + 1);
    TRY(explain(opening, db_begin(opening->db)));
    open = opening->db;
    TRY(explain(opening, db_exec(opening->db, opening->schema->migrations[version])));
    TRY(explain(opening, db_exec(opening->db, stamp)));
    return explain(opening, db_commit(opening->db));
}

static enum status migrate(const struct opening *opening)
{
    size_t newest = opening->schema->count;
    int64_t version;

    TRY(explain(opening, ask_number(opening->db, "PRAGMA user_version", &version)));
    if (version < 0 || (uint64_t)version > newest) {
        reason_set(opening->reason,
                   "%s: version %lld of the schema is newer than %zu, the newest that this program knows",
                   opening->path, (long long)version, newest);
        return STATUS_UNSUPPORTED;
    }
    for (size_t i = (size_t)version; i < newest; i++)
        TRY(migrate_once(opening, i));
    return STATUS_OK;
}

enum status db_open(const char *path, const struct db_schema *schema, struct db **out, struct reason *reason)
{
    CLEANUP(db_close) struct db *db = calloc(1, sizeof *db);
    const struct opening opening = {db, schema, path, reason};
    int code;

    if (db == NULL)
        return STATUS_IO;
    TRY(make_private(path, reason));
    code = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    TRY(explain(&opening, status_of(db, code)));
    TRY(explain(&opening, prepare_file(db)));
    TRY(check_owner(&opening));
    TRY(migrate(&opening));
    *out = db;
    db = NULL;
    return STATUS_OK;
}

/* SQLite takes a file that is shorter than its head says only from who may write its schema; nobody may here. */
static enum status open_to_read(const char *path, uint32_t application_id, bool cut, struct db **out,
                                struct reason *reason)
{
    CLEANUP(db_close) struct db *db = calloc(1, sizeof *db);
    const struct db_schema schema = {application_id, NULL, 0};
    const struct opening opening = {db, &schema, path, reason};
    int code;

    if (db == NULL)
        return STATUS_IO;
    code = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    TRY(explain(&opening, status_of(db, code)));
    (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    TRY(explain(&opening, db_exec(db, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")));
    if (cut)
        TRY(explain(&opening, db_exec(db, "PRAGMA writable_schema = ON")));
    TRY(check_owner(&opening));
    *out = db;
    db = NULL;
    return STATUS_OK;
}

enum status db_open_to_read(const char *path, uint32_t application_id, struct db **out, struct reason *reason)
{
    return open_to_read(path, application_id, false, out, reason);
}

enum status db_open_cut(const char *path, uint32_t application_id, struct db **out, struct reason *reason)
{
    return open_to_read(path, application_id, true, out, reason);
}

void db_close(struct db **db)
{
    if (*db == NULL)
        return;
    (void)sqlite3_close_v2((*db)->handle);
    free(*db);
    *db = NULL;
}

enum status db_begin(struct db *db)
{
    return db_exec(db, "BEGIN IMMEDIATE");
}

enum status db_commit(struct db *db)
{
    return db_exec(db, "COMMIT");
}

void db_rollback(struct db *db)
{
    /* Fails only when SQLite rolled back by itself already, as it does on a full disk. */
    (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

void db_rollback_open(struct db **db)
{
    if (*db != NULL && sqlite3_get_autocommit((*db)->handle) == 0)
        db_rollback(*db);
}

enum status db_prepare(struct db *db, const char *sql, struct db_statement **out)
{
    struct db_statement *statement = calloc(1, sizeof *statement);
    int code;

    if (statement == NULL)
        return STATUS_IO;
    statement->db = db;
    code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL);
    if (code != SQLITE_OK) {
        free(statement);
        return status_of(db, code);
    }
    *out = statement;
    return STATUS_OK;
}

void db_finish(struct db_statement **statement)
{
    if (*statement == NULL)
        return;
    (void)sqlite3_finalize((*statement)->handle);
    free(*statement);
    *statement = NULL;
}

static void note(struct db_statement *statement, int code)
{
    if (statement->failure == SQLITE_OK)
        statement->failure = code;
}

void db_bind_int(struct db_statement *statement, int parameter, int64_t value)
{
    note(statement, sqlite3_bind_int64(statement->handle, parameter, value));
}

void db_bind_text(struct db_statement *statement, int parameter, struct view utf8)
{
    /* An empty view may have no address, which would bind NULL. */
    const char *text = utf8.len == 0 ? "" : (const char *)utf8.ptr;

    note(statement, sqlite3_bind_text64(statement->handle, parameter, text, utf8.len, SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_text_copy(struct db_statement *statement, int parameter, struct view utf8)
{
    const char *text = utf8.len == 0 ? "" : (const char *)utf8.ptr;

    note(statement, sqlite3_bind_text64(statement->handle, parameter, text, utf8.len, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void db_bind_blob(struct db_statement *statement, int parameter, struct view bytes)
{
    const void *blob = bytes.len == 0 ? "" : (const void *)bytes.ptr;

    note(statement, sqlite3_bind_blob64(statement->handle, parameter, blob, bytes.len, SQLITE_STATIC));
}

void db_bind_null(struct db_statement *statement, int parameter)
{
    note(statement, sqlite3_bind_null(statement->handle, parameter));
}

enum status db_step(struct db_statement *statement, bool *row)
{
    int code = statement->failure;

    statement->failure = SQLITE_OK;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW)
        (void)sqlite3_reset(statement->handle);
    TRY(status_of(statement->db, code));
    *row = code == SQLITE_ROW;
    return STATUS_OK;
}

enum status db_run(struct db_statement *statement)
{
    bool row;
    enum status status = db_step(statement, &row);

    db_reset(statement);
    return status;
}

void db_reset(struct db_statement *statement)
{
    (void)sqlite3_reset(statement->handle);
}

int64_t db_column_int(struct db_statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

struct view db_column_text(struct db_statement *statement, int column)
{
    const uint8_t *text = sqlite3_column_text(statement->handle, column);

    return (struct view){text, (size_t)sqlite3_column_bytes(statement->handle, column)};
}

struct view db_column_blob(struct db_statement *statement, int column)
{
    const uint8_t *blob = sqlite3_column_blob(statement->handle, column);

    return (struct view){blob, (size_t)sqlite3_column_bytes(statement->handle, column)};
}

bool db_column_is_null(struct db_statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

enum db_kind db_column_kind(struct db_statement *statement, int column)
{
    switch (sqlite3_column_type(statement->handle, column)) {
    case SQLITE_INTEGER:
        return DB_INT;
    case SQLITE_TEXT:
        return DB_TEXT;
    case SQLITE_BLOB:
        return DB_BLOB;
    case SQLITE_FLOAT:
        return DB_REAL;
    default:
        return DB_NULL;
    }
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_last_row_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

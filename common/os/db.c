/* db.c: see db.h. This file and db_open.c are the only ones that say sqlite3. */
#include <errno.h>
#include <stdlib.h>

#include "db_private.h"

struct db_statement {
    struct db *db;
    sqlite3_stmt *handle;
    int failure; /* of a binding: SQLITE_OK or what the next step tells */
};

/* A full disk is told apart because the operator can do something about it. */
enum status db_status(const struct db *db, int code)
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
    return db_status(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

const char *db_message(const struct db *db)
{
    return sqlite3_errmsg(db->handle);
}

void db_empty_log(struct db *db)
{
    (void)sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
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
        return db_status(db, code);
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
    TRY(db_status(statement->db, code));
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

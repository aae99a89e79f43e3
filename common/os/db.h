/* db.h: a thin layer over SQLite; db.c is the only file that says sqlite3.
 *
 * A file of ours carries an application id and the version of its schema. It is written through a log (WAL) and synced
 * at every commit: what was committed survives a power loss. Not for use by several threads. */
#ifndef OS_DB_H
#define OS_DB_H

#include "base.h"
#include "reason.h"

struct db;
struct db_statement;

/** What a program keeps in its file. */
struct db_schema {
    uint32_t application_id;       /* tells our kinds of file apart */
    const char *const *migrations; /* SQL that leads from version i to i + 1; never changed once released */
    size_t count;                  /* the version that this program works with */
};

/**
 * Opens the file, made with mode 0600 when it is not there, checks it, and brings its schema up to date, each
 * migration in a transaction of its own.
 *
 * Returns STATUS_MALFORMED    it is damaged or no database;
 *         STATUS_UNSUPPORTED  it is another program's, or of a newer version than schema's;
 *         STATUS_BUSY         another process holds it;
 *         STATUS_NO_SPACE     the disk is full;
 *         STATUS_IO           anything else. reason tells which.
 */
MUST_USE enum status db_open(const char *path, const struct db_schema *schema, struct db **out, struct reason *reason);

/**
 * Opens another program's file to read it, while that program runs or not; it changes nothing of it. Of which version the
 * schema is shows in whether what is asked for is there. As db_open; STATUS_IO also when there is no such file.
 */
MUST_USE enum status db_open_to_read(const char *path, uint32_t application_id, struct db **out, struct reason *reason);

/**
 * As db_open_to_read, of a file that lost its end: what its first part leads to can be read, and where it leads to what is
 * gone a statement ends with STATUS_MALFORMED.
 */
MUST_USE enum status db_open_cut(const char *path, uint32_t application_id, struct db **out, struct reason *reason);

/** Closes; for CLEANUP. Statements are finished before. NULL is nothing to do. */
void db_close(struct db **db);

/** What went wrong last, for a log line. Never NULL; lives until the next call on db. */
const char *db_message(const struct db *db);

/* The status of every call below:
 * STATUS_NO_SPACE the disk (or its quota) is full; STATUS_EXISTS a constraint of the schema is hurt (a row is there
 * already, a row that it refers to is not); STATUS_BUSY another process holds the file longer than 5 s; STATUS_MALFORMED
 * it is damaged; STATUS_IO any
 * other failure. */

/** Runs SQL without parameters or results. */
MUST_USE enum status db_exec(struct db *db, const char *sql);

/** Transactions. A commit that fails leaves it open: roll back. */
MUST_USE enum status db_begin(struct db *db);
MUST_USE enum status db_commit(struct db *db);
void db_rollback(struct db *db);

/** Rolls back unless it was committed; for CLEANUP on a `struct db *` variable that is set when db_begin went well. */
void db_rollback_open(struct db **db);

/** Prepares one statement; parameters are ?1, ?2 ... Freed by db_finish. */
MUST_USE enum status db_prepare(struct db *db, const char *sql, struct db_statement **out);

/** Frees; for CLEANUP. NULL is nothing to do. */
void db_finish(struct db_statement **statement);

/** Gives a parameter (from 1) its value. Bytes are lent until the statement is reset. A failure sticks and is told by
 *  the next db_step or db_run. Parameters keep their values over a reset. */
void db_bind_int(struct db_statement *statement, int parameter, int64_t value);
void db_bind_text(struct db_statement *statement, int parameter, struct view utf8);
void db_bind_text_copy(struct db_statement *statement, int parameter, struct view utf8); /* not lent */
void db_bind_blob(struct db_statement *statement, int parameter, struct view bytes);
void db_bind_null(struct db_statement *statement, int parameter);

/** Goes to the next row: *row tells whether there is one. After the last, or a failure, the statement is reset. */
MUST_USE enum status db_step(struct db_statement *statement, bool *row);

/** Runs a statement that gives no rows, and resets it. */
MUST_USE enum status db_run(struct db_statement *statement);

/** Ends a reading before its last row, so that the statement can run again. */
void db_reset(struct db_statement *statement);

/** Columns (from 0) of the row that db_step came to. Views live until the next step or reset. NULL is 0 or empty. */
int64_t db_column_int(struct db_statement *statement, int column);
struct view db_column_text(struct db_statement *statement, int column);
struct view db_column_blob(struct db_statement *statement, int column);
bool db_column_is_null(struct db_statement *statement, int column);
/** What the column holds in this row, whatever its declaration says. */
enum db_kind { DB_NULL, DB_INT, DB_TEXT, DB_BLOB, DB_REAL };
enum db_kind db_column_kind(struct db_statement *statement, int column);

/** Rows changed by the last statement; the id of the row inserted last. */
int64_t db_changes(const struct db *db);
int64_t db_last_row_id(const struct db *db);

#endif

/* db_open.c: a database is opened: whose it is, whether it is whole and of a version that we know is found out before
 * anything of it is changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db_private.h"
#include "file.h"

#define BUSY_TIMEOUT_MS 5000
/* What we keep is small and replaced again and again: left to itself the log would grow to many times of it, and fill a
 * small disk on which the file then has no room to take it up. */
#define SHORT_LOG "PRAGMA wal_autocheckpoint = 64; PRAGMA journal_size_limit = 1048576"

#define LOCK_TRIES    20
#define LOCK_PAUSE_MS 100
#define OWN_BYTE      0x7ffffff0 /* locked for as long as the file is open; none of those that SQLite locks */

/* What db_open works on, so that each step can tell the reason of its own failure. */
struct opening {
    struct db *db;
    const struct db_schema *schema;
    const char *path;
    struct reason *reason;
    bool has_log; /* a crash left it, or somebody reads: SQLite makes one at the first statement */
};

/* ---- the file ---- */

static enum status refuse_file(const struct opening *opening, int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        reason_set(opening->reason, "%s: user %u may not write it: give it to that user, or run as its owner",
                   opening->path, (unsigned int)geteuid());
        return STATUS_NOT_PERMITTED;
    case EROFS:
        reason_set(opening->reason, "%s: its file system is read-only: mount it for writing, or name another database",
                   opening->path);
        return STATUS_NOT_PERMITTED;
    default:
        reason_set(opening->reason, "%s: %s", opening->path, strerror(error));
        return error == ENOSPC || error == EDQUOT ? STATUS_NO_SPACE : STATUS_IO;
    }
}

/* SQLite makes its log beside the file, and would not say that it may not. */
static enum status check_folder(const struct opening *opening)
{
    char folder[FILE_MAX_PATH];

    TRY(file_folder(opening->path, folder, opening->reason));
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
        return STATUS_OK;
    reason_set(opening->reason, "%s: user %u may not make files in its folder %s (%s): SQLite needs to", opening->path,
               (unsigned int)geteuid(), folder, strerror(errno));
    return STATUS_NOT_PERMITTED;
}

/* What root makes beside another user's file would keep that user out of it later. */
static enum status check_user(const struct opening *opening)
{
    struct stat found;

    if (fstat(opening->db->lock, &found) != 0)
        return refuse_file(opening, errno);
    if (!S_ISREG(found.st_mode)) {
        reason_set(opening->reason, "%s: not a file", opening->path);
        return STATUS_IO;
    }
    if (found.st_uid == geteuid())
        return STATUS_OK;
    reason_set(opening->reason, "%s: belongs to user %u, and this runs as user %u: run as its owner, or chown it",
               opening->path, (unsigned int)found.st_uid, (unsigned int)geteuid());
    return STATUS_NOT_PERMITTED;
}

/* A lock of the open file, which SQLite's own, of the process, do not touch. It goes when the process ends, however it
 * does; a child that has not called exec yet may hold it for a moment longer. */
static enum status lock_file(const struct opening *opening)
{
    const struct timespec pause = {0, LOCK_PAUSE_MS * 1000000};

    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = OWN_BYTE, .l_len = 1};

        if (fcntl(opening->db->lock, F_OFD_SETLK, &lock) == 0)
            return STATUS_OK;
        if (errno != EAGAIN && errno != EACCES)
            return refuse_file(opening, errno);
        (void)nanosleep(&pause, NULL);
    }
    reason_set(opening->reason, "%s: another process works with it: only one may; `fuser %s` says which", opening->path,
               opening->path);
    return STATUS_BUSY;
}

static bool has_log(const char *path)
{
    char log[FILE_MAX_PATH];
    const int length = snprintf(log, sizeof log, "%s-wal", path);

    return length > 0 && (size_t)length < sizeof log && file_exists(log);
}

/* SQLite would make the file with the umask's mode; ours is private from its first moment. */
static enum status take_file(const struct opening *opening)
{
    opening->db->lock = open(opening->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (opening->db->lock < 0)
        return refuse_file(opening, errno);
    TRY(check_user(opening));
    TRY(check_folder(opening));
    return lock_file(opening);
}

/* ---- what is in it ---- */

/* Adds what SQLite says now: a roll-back would change it. */
static enum status explain(const struct opening *opening, enum status status)
{
    if (status == STATUS_MALFORMED)
        reason_set(
            opening->reason,
            "%s: damaged, or no database: %s. Nothing of it was changed: put a copy back in its place, or move it "
            "away, with its -wal, to begin anew",
            opening->path, db_message(opening->db));
    else if (status != STATUS_OK)
        reason_set(opening->reason, "%s: %s", opening->path, db_message(opening->db));
    return status;
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

static enum status check_version(const struct opening *opening, size_t *out)
{
    int64_t version;

    TRY(explain(opening, ask_number(opening->db, "PRAGMA user_version", &version)));
    if (version < 0 || (uint64_t)version > opening->schema->count) {
        reason_set(
            opening->reason,
            "%s: version %lld of the schema is newer than %zu, the newest that this program knows: run the newer "
            "program; nothing of it was changed",
            opening->path, (long long)version, opening->schema->count);
        return STATUS_UNSUPPORTED;
    }
    *out = (size_t)version;
    return STATUS_OK;
}

static enum status refuse_damaged(const struct opening *opening, const char *what)
{
    reason_set(opening->reason,
               "%s: damaged: %s. Nothing of it was changed: put a copy back in its place, or move it away, with its "
               "-wal, to begin anew",
               opening->path, what);
    return STATUS_MALFORMED;
}

/* SQLite would fill up a page that was cut off. One that a crash left is in the log too. */
static enum status check_length(const struct opening *opening)
{
    struct stat found;
    int64_t page;

    TRY(explain(opening, ask_number(opening->db, "PRAGMA page_size", &page)));
    if (fstat(opening->db->lock, &found) != 0)
        return refuse_file(opening, errno);
    if (opening->has_log || page <= 0 || found.st_size % page == 0)
        return STATUS_OK;
    return refuse_damaged(opening, "it ends within a page");
}

/* All pages, and each index against its table. SQLite has no checksums: a changed byte within a value is for those who
 * verify the value. */
static enum status check_whole(const struct opening *opening)
{
    CLEANUP(db_finish) struct db_statement *statement = NULL;
    struct view found;
    char first[256];
    bool row;

    TRY(check_length(opening));
    TRY(explain(opening, db_prepare(opening->db, "PRAGMA integrity_check(1)", &statement)));
    TRY(explain(opening, db_step(statement, &row)));
    found = row ? db_column_text(statement, 0) : VIEW_TEXT("it cannot be checked");
    if (view_equal(found, VIEW_TEXT("ok")))
        return STATUS_OK;
    (void)snprintf(first, sizeof first, "%.*s", (int)found.len, (const char *)found.ptr);
    for (char *at = first; (at = strchr(at, '\n')) != NULL;)
        *at = ' ';
    return refuse_damaged(opening, first);
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

/* A log that a crash left behind stays as it is, until the file was found good: a closing connection would write it into
 * the file, and take it away. Without one, closing leaves no trace. */
static void leave_log(const struct opening *opening, bool leave)
{
    (void)sqlite3_db_config(opening->db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, (int)leave, NULL);
}

static enum status open_handle(const struct opening *opening, int mode)
{
    struct db *db = opening->db;
    const int code = sqlite3_open_v2(opening->path, &db->handle, mode | SQLITE_OPEN_NOMUTEX, NULL);

    TRY(explain(opening, db_status(db, code)));
    (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    (void)sqlite3_extended_result_codes(db->handle, 1);
    return STATUS_OK;
}

enum status db_open(const char *path, const struct db_schema *schema, struct db **out, struct reason *reason)
{
    CLEANUP(db_close) struct db *db = calloc(1, sizeof *db);
    struct opening opening = {db, schema, path, reason, false};
    size_t version;

    if (db == NULL)
        return STATUS_IO;
    TRY(take_file(&opening));
    opening.has_log = has_log(path);
    TRY(open_handle(&opening, SQLITE_OPEN_READWRITE));
    leave_log(&opening, opening.has_log);
    TRY(explain(&opening, db_exec(db, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON")));
    TRY(check_owner(&opening));
    TRY(check_version(&opening, &version));
    TRY(check_whole(&opening));
    leave_log(&opening, false);
    TRY(explain(&opening, db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" SHORT_LOG)));
    while (version < schema->count)
        TRY(migrate_once(&opening, version++));
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
    const struct opening opening = {db, &schema, path, reason, false};

    if (db == NULL)
        return STATUS_IO;
    db->lock = -1;
    TRY(open_handle(&opening, SQLITE_OPEN_READONLY));
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
    if ((*db)->lock >= 0)
        (void)close((*db)->lock);
    free(*db);
    *db = NULL;
}

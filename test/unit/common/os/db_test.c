#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db.h"
#include "file.h"

#define OURS 0x74616369u

static const char *const migrations[] = {
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, bytes BLOB)",
    "CREATE TABLE note (item INTEGER NOT NULL REFERENCES item (id), text TEXT)",
    "THIS IS NO SQL",
};
static const struct db_schema first = {OURS, migrations, 1}, second = {OURS, migrations, 2},
                              broken = {OURS, migrations, 3};

static char folder[64], path[96];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/db_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.db", folder);
    return 0;
}

static int end(void **state)
{
    char log[128];

    (void)state;
    (void)unlink(path);
    snprintf(log, sizeof log, "%s-wal", path);
    (void)unlink(log);
    snprintf(log, sizeof log, "%s-shm", path);
    (void)unlink(log);
    return rmdir(folder);
}

static struct db *open_well(const struct db_schema *schema)
{
    struct db *db = NULL;
    struct reason reason = {0};

    if (db_open(path, schema, &db, &reason) != STATUS_OK)
        fail_msg("%s", reason.text);
    return db;
}

static int64_t number(struct db *db, const char *sql)
{
    CLEANUP(db_finish) struct db_statement *statement = NULL;
    bool row = false;

    assert_int_equal(db_prepare(db, sql, &statement), STATUS_OK);
    assert_int_equal(db_step(statement, &row), STATUS_OK);
    assert_true(row);
    return db_column_int(statement, 0);
}

static void keeps_what_was_bound(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = open_well(&first);
    CLEANUP(db_finish) struct db_statement *insert = NULL;
    CLEANUP(db_finish) struct db_statement *select = NULL;
    static const uint8_t bytes[] = {0, 1, 0xff};
    bool row = false;

    assert_int_equal(db_prepare(db, "INSERT INTO item VALUES (?1, ?2, ?3)", &insert), STATUS_OK);
    db_bind_int(insert, 1, INT64_MIN);
    db_bind_text(insert, 2, VIEW_TEXT("name"));
    db_bind_blob(insert, 3, VIEW_OF(bytes));
    assert_int_equal(db_run(insert), STATUS_OK);
    db_bind_int(insert, 1, 7);
    db_bind_text(insert, 2, (struct view){0});
    db_bind_null(insert, 3);
    assert_int_equal(db_run(insert), STATUS_OK);
    assert_int_equal(db_changes(db), 1);
    assert_int_equal(db_last_row_id(db), 7);

    assert_int_equal(db_prepare(db, "SELECT * FROM item ORDER BY id", &select), STATUS_OK);
    assert_int_equal(db_step(select, &row), STATUS_OK);
    assert_true(row && db_column_int(select, 0) == INT64_MIN);
    assert_true(view_equal(db_column_text(select, 1), VIEW_TEXT("name")));
    assert_true(view_equal(db_column_blob(select, 2), VIEW_OF(bytes)));
    assert_int_equal(db_step(select, &row), STATUS_OK);
    assert_true(row && db_column_text(select, 1).len == 0 && db_column_is_null(select, 2));
    assert_int_equal(db_step(select, &row), STATUS_OK);
    assert_false(row);
}

static void the_file_is_private_and_synced(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = open_well(&first);
    struct stat found;

    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_int_equal(number(db, "PRAGMA synchronous"), 2);
    assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_int_equal(number(db, "PRAGMA application_id"), OURS);
}

static void brings_an_older_schema_up_to_date(void **state)
{
    (void)state;
    struct db *db = open_well(&first);

    assert_int_equal(db_exec(db, "INSERT INTO item (id, name) VALUES (1, 'kept')"), STATUS_OK);
    db_close(&db);
    db = open_well(&second);
    assert_int_equal(number(db, "PRAGMA user_version"), 2);
    assert_int_equal(number(db, "SELECT count(*) FROM item"), 1);
    assert_int_equal(db_exec(db, "INSERT INTO note VALUES (1, 'x')"), STATUS_OK);
    db_close(&db);
}

/* All bytes of the file and of its log, one behind the other; empty where there is none. */
static struct buf contents(void)
{
    struct buf file = {0}, log = {0}, both;
    char name[128];

    snprintf(name, sizeof name, "%s-wal", path);
    if (file_exists(path))
        assert_int_equal(file_read(path, 1 << 20, &file, NULL), STATUS_OK);
    if (file_exists(name))
        assert_int_equal(file_read(name, 1 << 20, &log, NULL), STATUS_OK);
    both = (struct buf){.ptr = malloc(file.len + log.len + 1), .cap = file.len + log.len + 1};
    assert_non_null(both.ptr);
    assert_int_equal(buf_append(&both, buf_view(&file)), STATUS_OK);
    assert_int_equal(buf_append(&both, buf_view(&log)), STATUS_OK);
    file_free(&file);
    file_free(&log);
    return both;
}

/* Opening fails for this reason, says this, and changes nothing. */
static void assert_refused(const struct db_schema *schema, enum status wanted, const char *text)
{
    CLEANUP(file_free) struct buf before = contents();
    CLEANUP(file_free) struct buf after = {0};
    struct reason reason = {""};
    struct db *db = NULL;

    assert_int_equal(db_open(path, schema, &db, &reason), wanted);
    assert_null(db);
    if (strstr(reason.text, text) == NULL)
        fail_msg("'%s' is not in: %s", text, reason.text);
    after = contents();
    assert_true(view_equal(buf_view(&before), buf_view(&after)));
}

/* A program that opens it, writes, and is killed: its log stays. `alive` leaves it running instead. */
static pid_t another_program(const struct db_schema *schema, bool alive)
{
    int ready[2], found;
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct db *db = NULL;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
        if (db_open(path, schema, &db, NULL) != STATUS_OK ||
            db_exec(db, "INSERT INTO item (id, name) VALUES (77, 'of another')") != STATUS_OK ||
            write(ready[1], "!", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    if (alive)
        return pid;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &found, 0), pid);
    return 0;
}

static void a_second_program_is_told_that_another_works_with_it(void **state)
{
    pid_t pid = another_program(&first, true);

    (void)state;
    assert_refused(&first, STATUS_BUSY, "another process works with it");
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    CLEANUP(db_close) struct db *db = open_well(&first);
    assert_int_equal(number(db, "SELECT count(*) FROM item"), 1);
}

static void what_a_crash_left_in_the_log_is_refused_unchanged_too(void **state)
{
    struct db *db;

    (void)state;
    assert_int_equal(another_program(&second, false), 0);
    assert_refused(&first, STATUS_UNSUPPORTED, "version 2 of the schema is newer than 1");
    db = open_well(&second);
    assert_int_equal(number(db, "SELECT id FROM item"), 77);
    db_close(&db);
}

static void refuses_what_it_may_not_write(void **state)
{
    (void)state;
    db_close(&(struct db *){open_well(&first)});
    if (geteuid() != 0) {
        assert_int_equal(chmod(path, 0400), 0);
        assert_refused(&first, STATUS_NOT_PERMITTED, "may not write it");
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(chmod(folder, 0500), 0);
        assert_refused(&first, STATUS_NOT_PERMITTED, "may not make files in its folder");
        assert_int_equal(chmod(folder, 0700), 0);
        return;
    }
    assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
    assert_refused(&first, STATUS_NOT_PERMITTED, "belongs to user 12345, and this runs as user 0");
    assert_int_equal(chown(path, 0, (gid_t)-1), 0);
    assert_int_equal(chown(folder, 12345, (gid_t)-1), 0);
    assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
    assert_int_equal(seteuid(12345), 0);
    db_close(&(struct db *){open_well(&first)});
    assert_int_equal(chmod(path, 0400), 0);
    assert_refused(&first, STATUS_NOT_PERMITTED, "user 12345 may not write it");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chmod(folder, 0500), 0);
    assert_refused(&first, STATUS_NOT_PERMITTED, "may not make files in its folder");
    assert_int_equal(chmod(folder, 0700), 0);
    assert_int_equal(seteuid(0), 0);
}

static void refuses_a_newer_schema(void **state)
{
    (void)state;
    db_close(&(struct db *){open_well(&second)});
    assert_refused(&first, STATUS_UNSUPPORTED, "version 2 of the schema is newer than 1");
}

static void refuses_the_file_of_another_program(void **state)
{
    (void)state;
    struct db_schema other = {OURS + 1, migrations, 2};
    struct db *db = open_well(&first);
    struct reason reason;

    db_close(&db);
    assert_int_equal(db_open(path, &other, &db, &reason), STATUS_UNSUPPORTED);
    assert_non_null(strstr(reason.text, "another program"));
}

static void a_migration_that_fails_leaves_the_version_before(void **state)
{
    (void)state;
    struct reason reason;
    struct db *db = NULL;

    assert_int_equal(db_open(path, &broken, &db, &reason), STATUS_IO);
    assert_non_null(strstr(reason.text, "syntax error"));
    db = open_well(&second);
    assert_int_equal(number(db, "PRAGMA user_version"), 2);
    db_close(&db);
}

static void refuses_a_damaged_file(void **state)
{
    CLEANUP(file_free) struct buf bytes = {0};
    struct db *db = NULL;

    (void)state;
    assert_int_equal(file_write(path, 0600, VIEW_TEXT("this is not a database, whatever its name says"), NULL),
                     STATUS_OK);
    assert_refused(&first, STATUS_MALFORMED, "a.db: damaged, or no database: file is not a database");
    assert_int_equal(unlink(path), 0);

    db = open_well(&first);
    assert_int_equal(db_exec(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
                                 "INSERT INTO item SELECT i, 'name ' || i, randomblob(100) FROM n"),
                     STATUS_OK);
    db_close(&db);
    assert_int_equal(file_read(path, 1 << 20, &bytes, NULL), STATUS_OK);
    assert_true(bytes.len > 16384);
    assert_int_equal(file_write(path, 0600, (struct view){bytes.ptr, bytes.len / 2}, NULL), STATUS_OK);
    assert_refused(&first, STATUS_MALFORMED, "put a copy back in its place");
    memset(bytes.ptr + 8192, 0x5a, 4096);
    assert_int_equal(file_write(path, 0600, buf_view(&bytes), NULL), STATUS_OK);
    assert_refused(&first, STATUS_MALFORMED, "damaged: *** in database main *** Page 3:");
}

static void an_index_that_misses_a_row_is_found(void **state)
{
    static const char *const unique[] = {"CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"};
    static const struct db_schema indexed = {OURS, unique, 1};
    CLEANUP(file_free) struct buf bytes = {0};
    struct db *db = open_well(&indexed);
    bool found = false;

    (void)state;
    assert_int_equal(db_exec(db, "INSERT INTO item (name) VALUES ('Anna'), ('Berta')"), STATUS_OK);
    db_close(&db);
    assert_int_equal(file_read(path, 1 << 20, &bytes, NULL), STATUS_OK);
    for (size_t i = 0; i + 4 < bytes.len && !found; i++) {
        found = memcmp(bytes.ptr + i, "Anna", 4) == 0;
        if (found)
            bytes.ptr[i + 3] = 'e';
    }
    assert_true(found);
    assert_int_equal(file_write(path, 0600, buf_view(&bytes), NULL), STATUS_OK);
    assert_refused(&indexed, STATUS_MALFORMED, "missing from index");
}

static void a_full_disk_is_told_apart_and_rolled_back(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = open_well(&first);
    CLEANUP(db_rollback_open) struct db *open = NULL;

    assert_int_equal(db_exec(db, "INSERT INTO item (id, name) VALUES (1, 'before')"), STATUS_OK);
    assert_true(number(db, "PRAGMA max_page_count = 8") == 8);
    assert_int_equal(db_begin(db), STATUS_OK);
    open = db;
    assert_int_equal(db_exec(db, "INSERT INTO item VALUES (2, 'large', zeroblob(100000))"), STATUS_NO_SPACE);
    db_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM item"), 1);
    assert_int_equal(db_exec(db, "INSERT INTO item (id, name) VALUES (2, 'after')"), STATUS_OK);
}

static void the_log_stays_short_whatever_is_written(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = open_well(&first);
    struct stat found;
    char log[128];

    snprintf(log, sizeof log, "%s-wal", path);
    for (int i = 0; i < 60; i++)
        assert_int_equal(db_exec(db, "INSERT OR REPLACE INTO item VALUES (1, 'replaced', randomblob(100000))"),
                         STATUS_OK);
    assert_int_equal(stat(log, &found), 0);
    assert_true(found.st_size < 1 << 20);
}

static void an_emptied_log_takes_no_space(void **state)
{
    CLEANUP(db_close) struct db *db = open_well(&first);
    struct stat found;
    char log[128];

    (void)state;
    snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(db_exec(db, "INSERT INTO item VALUES (1, 'large', zeroblob(100000))"), STATUS_OK);
    assert_int_equal(stat(log, &found), 0);
    assert_true(found.st_size > 100000);
    db_empty_log(db);
    assert_int_equal(stat(log, &found), 0);
    assert_int_equal(found.st_size, 0);
    assert_int_equal(number(db, "SELECT length(bytes) FROM item"), 100000);
}

static void leaving_a_transaction_open_rolls_it_back(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = open_well(&first);

    for (int commits = 0; commits < 2; commits++) {
        CLEANUP(db_rollback_open) struct db *open = NULL;

        assert_int_equal(db_begin(db), STATUS_OK);
        open = db;
        assert_int_equal(db_exec(db, "INSERT INTO item (id, name) VALUES (1, 'x')"), STATUS_OK);
        if (commits == 1)
            assert_int_equal(db_commit(db), STATUS_OK);
    }
    assert_int_equal(number(db, "SELECT count(*) FROM item"), 1);
}

static void tells_a_hurt_constraint_from_a_failure(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = open_well(&second);
    CLEANUP(db_finish) struct db_statement *insert = NULL;
    struct db_statement *wrong = NULL;

    assert_int_equal(db_prepare(db, "INSERT INTO item (id, name) VALUES (?1, 'x')", &insert), STATUS_OK);
    db_bind_int(insert, 1, 1);
    assert_int_equal(db_run(insert), STATUS_OK);
    assert_int_equal(db_run(insert), STATUS_EXISTS);
    assert_int_equal(db_exec(db, "INSERT INTO note VALUES (99, 'nowhere')"), STATUS_EXISTS);
    db_bind_int(insert, 9, 2);
    assert_int_equal(db_run(insert), STATUS_IO);
    db_bind_int(insert, 1, 2);
    assert_int_equal(db_run(insert), STATUS_OK);
    assert_int_equal(db_prepare(db, "SELECT nothing", &wrong), STATUS_IO);
    assert_non_null(strstr(db_message(db), "nothing"));
    assert_null(wrong);
}

static void is_read_while_its_program_runs_and_not_changed(void **state)
{
    struct reason reason = {""};
    struct db *other = NULL;

    (void)state;
    assert_int_equal(db_open_to_read(path, OURS, &other, &reason), STATUS_IO); /* there is none, and none is made */
    assert_false(file_exists(path));
    CLEANUP(db_close) struct db *db = open_well(&first);
    assert_int_equal(db_exec(db, "INSERT INTO item (name) VALUES ('a')"), STATUS_OK);
    assert_int_equal(db_open_to_read(path, OURS + 1, &other, &reason), STATUS_UNSUPPORTED);
    assert_int_equal(db_open_to_read(path, OURS, &other, &reason), STATUS_OK);
    CLEANUP(db_close) struct db *reading = other;
    assert_int_equal(number(reading, "SELECT count(*) FROM item"), 1);
    assert_int_equal(db_exec(db, "INSERT INTO item (name) VALUES ('b')"), STATUS_OK);
    assert_int_equal(number(reading, "SELECT count(*) FROM item"), 2);
    assert_int_not_equal(db_exec(reading, "INSERT INTO item (name) VALUES ('c')"), STATUS_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM item"), 2);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(is_read_while_its_program_runs_and_not_changed),
        IN_FOLDER(keeps_what_was_bound),
        IN_FOLDER(the_file_is_private_and_synced),
        IN_FOLDER(brings_an_older_schema_up_to_date),
        IN_FOLDER(refuses_a_newer_schema),
        IN_FOLDER(refuses_the_file_of_another_program),
        IN_FOLDER(a_migration_that_fails_leaves_the_version_before),
        IN_FOLDER(refuses_a_damaged_file),
        IN_FOLDER(an_index_that_misses_a_row_is_found),
        IN_FOLDER(a_second_program_is_told_that_another_works_with_it),
        IN_FOLDER(what_a_crash_left_in_the_log_is_refused_unchanged_too),
        IN_FOLDER(refuses_what_it_may_not_write),
        IN_FOLDER(a_full_disk_is_told_apart_and_rolled_back),
        IN_FOLDER(the_log_stays_short_whatever_is_written),
        IN_FOLDER(an_emptied_log_takes_no_space),
        IN_FOLDER(leaving_a_transaction_open_rolls_it_back),
        IN_FOLDER(tells_a_hurt_constraint_from_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Captures: what is put comes back, is found by what stands in its topic, and whatever was done to a file is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "db.h"
#include "file.h"
#include "hex.h"

#define APPLICATION_ID 0x54436370

static char folder[64], path[96], other[96];
static const uint8_t boot[16] = {1, 2, 3, 4}, no_boot[16] = {9};
static uint8_t secret[128];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/capture_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.tacit", folder);
    snprintf(other, sizeof other, "%s/b.tacit", folder);
    memset(secret, 0x5e, sizeof secret);
    return 0;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char file[128];

        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        (void)unlink(file);
        snprintf(file, sizeof file, "%s%s", other, ends[i]);
        (void)unlink(file);
    }
    return rmdir(folder);
}

static const struct capture_about about = {.federation = "fed", .maker = "test 1", .part = 1};

/* What a small federation says: one of each shape of topic, and one that is none of the protocol's. */
static const struct sample {
    const char *topic, *payload;
    int qos;
    bool retained;
    const char *properties;
} samples[] = {
    {"tacit/1/fed/aggregator/agg/evidence", "evidence", 1, true, ""},
    {"tacit/1/fed/presence/dev-1", "1", 1, true, ""},
    {"tacit/1/fed/enrol/agg/dev-1", "request", 1, false, "{\"response-topic\":\"x\"}"},
    {"tacit/1/fed/model/agg/0", "chunk 0", 1, true, ""},
    {"tacit/1/fed/model/agg/1", "chunk 1", 1, true, ""},
    {"tacit/1/fed/update/agg/dev-1/7.0", "update 7.0", 2, false, ""},
    {"tacit/1/fed/update/agg/dev-2/7.1", "update 7.1", 1, false, ""},
    {"tacit/1/fed/update/agg/dev-1/8.0", "", 1, false, ""},
    {"tacit/1/fed/record/agg/7", "record", 1, true, ""},
    {"tacit/1/fed/what is this", "?", 0, false, ""},
};

static struct capture *new_capture(const char *file)
{
    struct capture *capture = NULL;
    struct reason reason = {""};

    if (capture_create(file, &about, &capture, &reason) != STATUS_OK)
        fail_msg("%s", reason.text);
    return capture;
}

static enum status put(struct capture *capture, const struct sample *sample, int64_t at_us, int64_t *id)
{
    struct captured message = {.at_us = at_us,
                               .topic = sample->topic,
                               .payload = view_of_string(sample->payload),
                               .qos = sample->qos,
                               .retained = sample->retained,
                               .properties = view_of_string(sample->properties)};

    TRY(capture_put(capture, &message));
    if (id != NULL)
        *id = message.id;
    return STATUS_OK;
}

/* Two sessions: five messages, five messages. */
static void write_samples(const char *file)
{
    CLEANUP(capture_close) struct capture *capture = new_capture(file);
    int64_t id = 0;

    assert_int_equal(capture_begin_session(capture, 1000, "localhost:8883", "me"), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        if (i == 5) {
            assert_int_equal(capture_end_session(capture, 1050, "the broker went"), STATUS_OK);
            assert_int_equal(capture_commit(capture), STATUS_OK);
            assert_int_equal(capture_begin_session(capture, 1060, "localhost:8883", "me"), STATUS_OK);
        }
        assert_int_equal(put(capture, &samples[i], 1001 + (int64_t)i, &id), STATUS_OK);
        assert_int_equal(id, i + 1);
    }
    assert_int_equal(capture_put_secret(capture, 2000, VIEW_TEXT("agg"), VIEW_OF(boot), VIEW_OF(secret)), STATUS_OK);
    assert_int_equal(capture_end_session(capture, 3000, "asked to end"), STATUS_OK);
    assert_int_equal(capture_commit(capture), STATUS_OK);
    assert_true(capture_size(capture) > 4096);
}

static struct capture *opened(const char *file)
{
    struct capture *capture = NULL;
    struct reason reason = {""};

    if (capture_open(file, &capture, &reason) != STATUS_OK)
        fail_msg("%s", reason.text);
    return capture;
}

/* ---- what comes back ---- */

static void what_was_put_comes_back(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
    struct captured message;

    (void)state;
    write_samples(path);
    capture = opened(path);
    assert_string_equal(capture_about(capture)->federation, "fed");
    assert_string_equal(capture_about(capture)->maker, "test 1");
    assert_int_equal(capture_about(capture)->part, 1);
    assert_false(capture_about(capture)->from_inside || capture_about(capture)->anonymised);
    assert_int_equal(capture_about(capture)->before.len, 0);
    assert_int_equal(capture_count(capture), ARRAY_LEN(samples));
    assert_int_equal(capture_find(capture, &CAPTURE_ALL, &cursor), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        assert_int_equal(capture_next(cursor, &message), STATUS_OK);
        assert_int_equal(message.id, i + 1);
        assert_int_equal(message.session, i < 5 ? 1 : 2);
        assert_int_equal(message.at_us, 1001 + i);
        assert_string_equal(message.topic, samples[i].topic);
        assert_true(view_equal(message.payload, view_of_string(samples[i].payload)));
        assert_int_equal(message.qos, samples[i].qos);
        assert_int_equal(message.retained, samples[i].retained);
        assert_true(view_equal(message.properties, view_of_string(samples[i].properties)));
        assert_int_equal(message.parsed, i != 9);
    }
    assert_int_equal(capture_next(cursor, &message), STATUS_NOT_FOUND);
    assert_int_equal(capture_next(cursor, &message), STATUS_NOT_FOUND);
}

static void messages_are_found_by_what_stands_in_their_topics(void **state)
{
    const struct {
        const char *why;
        struct capture_query query;
        const char *ids;
    } cases[] = {
        {"all", {.kind = -1, .chunk = -1}, "1 2 3 4 5 6 7 8 9 10 "},
        {"a kind", {.kind = TOPIC_UPDATE, .chunk = -1}, "6 7 8 "},
        {"a device", {.kind = -1, .device = VIEW_TEXT("dev-1"), .chunk = -1}, "2 3 6 8 "},
        {"a kind of a device", {.kind = TOPIC_UPDATE, .device = VIEW_TEXT("dev-1"), .chunk = -1}, "6 8 "},
        {"a round", {.kind = -1, .round = 7, .chunk = -1}, "6 7 9 "},
        {"a kind in a round", {.kind = TOPIC_UPDATE, .round = 7, .chunk = -1}, "6 7 "},
        {"a device in a round", {.kind = -1, .device = VIEW_TEXT("dev-1"), .round = 7, .chunk = -1}, "6 "},
        {"a chunk", {.kind = TOPIC_MODEL, .chunk = 1}, "5 "},
        {"any first chunk", {.kind = -1, .chunk = 0}, "4 6 8 "},
        {"an aggregator", {.kind = -1, .aggregator = VIEW_TEXT("agg"), .chunk = -1}, "1 3 4 5 6 7 8 9 "},
        {"another aggregator", {.kind = -1, .aggregator = VIEW_TEXT("ag"), .chunk = -1}, ""},
        {"some ids", {.kind = -1, .chunk = -1, .from = 4, .to = 6}, "4 5 6 "},
        {"ids of a kind", {.kind = TOPIC_UPDATE, .chunk = -1, .from = 7}, "7 8 "},
        {"everything at once", {TOPIC_UPDATE, VIEW_TEXT("agg"), VIEW_TEXT("dev-2"), 7, 1, 1, 100, false}, "7 "},
    };
    CLEANUP(capture_close) struct capture *capture = NULL;

    (void)state;
    write_samples(path);
    capture = opened(path);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
        struct captured message;
        char ids[128] = "";

        print_message("  %s\n", cases[i].why);
        assert_int_equal(capture_find(capture, &cases[i].query, &cursor), STATUS_OK);
        while (capture_next(cursor, &message) == STATUS_OK)
            snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%lld ", (long long)message.id);
        assert_string_equal(ids, cases[i].ids);
    }
}

/* A walk over heads reads no payload, and finds the same. */
static void heads_have_lengths_and_no_payloads(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;

    (void)state;
    write_samples(path);
    capture = opened(path);
    query.heads = true;
    assert_int_equal(capture_find(capture, &query, &cursor), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        assert_int_equal(capture_next(cursor, &message), STATUS_OK);
        assert_string_equal(message.topic, samples[i].topic);
        assert_true(message.payload.ptr == NULL && message.payload.len == strlen(samples[i].payload));
    }
    assert_int_equal(capture_next(cursor, &message), STATUS_NOT_FOUND);
}

static void sessions_tell_when_and_why_they_ended(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    struct capture_session session;

    (void)state;
    write_samples(path);
    capture = opened(path);
    assert_int_equal(capture_session_next(capture, 0, &session), STATUS_OK);
    assert_true(session.id == 1 && session.began_us == 1000 && session.ended_us == 1050 && session.messages == 5);
    assert_string_equal(session.broker, "localhost:8883");
    assert_string_equal(session.client, "me");
    assert_string_equal(session.why, "the broker went");
    assert_int_equal(capture_session_next(capture, 1, &session), STATUS_OK);
    assert_true(session.id == 2 && session.messages == 5 && session.ended_us == 3000);
    assert_int_equal(capture_session_next(capture, 2, &session), STATUS_NOT_FOUND);
}

static void the_secrets_of_a_boot_are_found_by_it(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    uint8_t memory[128];
    struct buf out = BUF_OF(memory), small = {memory, 0, 127};
    struct capture_escrow escrow;

    (void)state;
    write_samples(path);
    capture = opened(path);
    assert_int_equal(capture_secret(capture, VIEW_OF(boot), &small), STATUS_NO_SPACE);
    assert_int_equal(capture_secret(capture, VIEW_OF(boot), &out), STATUS_OK);
    assert_true(view_equal(buf_view(&out), VIEW_OF(secret)));
    assert_int_equal(capture_secret(capture, VIEW_OF(no_boot), &out), STATUS_NOT_FOUND);
    assert_int_equal(capture_escrow_next(capture, 0, &escrow), STATUS_OK);
    assert_string_equal(escrow.aggregator, "agg");
    assert_memory_equal(escrow.boot_id, boot, sizeof boot);
    assert_int_equal(escrow.at_us, 2000);
    assert_int_equal(capture_escrow_next(capture, escrow.id, &escrow), STATUS_NOT_FOUND);
}

static void the_file_stands_alone_and_is_private(void **state)
{
    struct stat found;
    char log[128];

    (void)state;
    write_samples(path);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    snprintf(log, sizeof log, "%s-wal", path);
    assert_false(file_exists(log));
    snprintf(log, sizeof log, "%s-shm", path);
    assert_false(file_exists(log));
    /* Also where nothing can be written beside it. */
    assert_int_equal(chmod(folder, 0500), 0);
    CLEANUP(capture_close) struct capture *capture = opened(path);
    assert_int_equal(capture_count(capture), ARRAY_LEN(samples));
    assert_int_equal(chmod(folder, 0700), 0);
}

static void a_file_that_is_there_is_not_written_over(void **state)
{
    struct capture *capture = NULL;
    struct reason reason = {""};

    (void)state;
    write_samples(path);
    assert_int_equal(capture_create(path, &about, &capture, &reason), STATUS_EXISTS);
    assert_non_null(strstr(reason.text, path));
    capture = opened(path);
    assert_int_equal(capture_count(capture), ARRAY_LEN(samples));
    capture_close(&capture);
}

static void what_was_committed_is_read_while_the_writer_writes(void **state)
{
    CLEANUP(capture_close) struct capture *writer = new_capture(path);
    CLEANUP(capture_close) struct capture *reader = NULL;

    (void)state;
    assert_int_equal(put(writer, &samples[0], 1, NULL), STATUS_NOT_PERMITTED);
    assert_int_equal(capture_begin_session(writer, 1, "broker", "me"), STATUS_OK);
    assert_int_equal(put(writer, &samples[0], 1, NULL), STATUS_OK);
    assert_int_equal(capture_commit(writer), STATUS_OK);
    assert_int_equal(put(writer, &samples[1], 1, NULL), STATUS_OK);
    reader = opened(path);
    assert_int_equal(capture_count(reader), 1);
    assert_int_equal(capture_commit(writer), STATUS_OK);
    capture_close(&reader);
    reader = opened(path);
    assert_int_equal(capture_count(reader), 2);
}

/* The golden digest: the format of files that are out there. */
static void the_digest_of_these_messages_never_changes(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    char hex[65];

    (void)state;
    write_samples(path);
    capture = opened(path);
    hex_encode(capture_head(capture), hex);
    assert_string_equal(hex, "98da2f9b732bd66452c098fdc4a16f3f8e5907abf0c72aa0366b29a61987bd2b");
}

/* ---- what was done to a file ---- */

struct found {
    char text[1024];
    size_t count;
};

static void note_fault(void *ctx, const struct capture_fault *fault)
{
    struct found *found = ctx;
    size_t used = strlen(found->text);

    snprintf(found->text + used, sizeof found->text - used, "%s %lld %s; ", fault->table, (long long)fault->row,
             fault->what);
    found->count++;
}

static struct found check(const char *file)
{
    CLEANUP(capture_close) struct capture *capture = opened(file);
    struct found found = {0};
    const struct capture_watch watch = {&found, note_fault, NULL};

    assert_int_equal(capture_check(capture, &watch), STATUS_OK);
    return found;
}

static void run_sql(const char *sql)
{
    CLEANUP(db_close) struct db *db = NULL;
    static const char *const none[] = {""};
    const struct db_schema schema = {APPLICATION_ID, none, 1};

    assert_int_equal(db_open(path, &schema, &db, NULL), STATUS_OK);
    if (db_exec(db, sql) != STATUS_OK)
        fail_msg("%s: %s", sql, db_message(db));
}

static void nothing_is_found_in_a_file_as_it_was_written(void **state)
{
    struct found found;

    (void)state;
    write_samples(path);
    found = check(path);
    assert_string_equal(found.text, "");
    run_sql("VACUUM"); /* other pages, the same rows */
    found = check(path);
    assert_string_equal(found.text, "");
}

static void a_change_of_any_column_is_named_by_table_and_row(void **state)
{
    static const struct {
        const char *table, *columns[16];
        int row;
    } tables[] = {
        {"about", {"federation", "maker", "part", "from_inside", "anonymised", "before", "digest"}, 1},
        {"session", {"began_us", "broker", "client", "first", "digest"}, 2},
        {"ending", {"session", "at_us", "why", "digest"}, 1},
        {"message",
         {"session", "at_us", "topic", "qos", "retained", "properties", "kind", "aggregator", "device", "round",
          "chunk", "payload", "digest"},
         6},
        {"message", {"device", "round", "chunk", "kind", "payload"}, 10}, /* of no topic of ours: all are NULL */
        {"secret", {"at_us", "aggregator", "boot_id", "secret", "digest"}, 1},
        {"head", {"name", "rows", "last", "digest"}, 4},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (size_t j = 0; tables[i].columns[j] != NULL; j++) {
            const char *column = tables[i].columns[j];
            char sql[512], want[64];
            struct found found;

            print_message("  %s.%s\n", tables[i].table, column);
            write_samples(path);
            snprintf(
                sql, sizeof sql,
                "UPDATE %s SET %s = CASE typeof(%s) WHEN 'integer' THEN %s + 7 WHEN 'text' THEN %s || 'x'"
                " WHEN 'blob' THEN CAST(%s || 'x' AS BLOB) ELSE (SELECT %s FROM %s WHERE id = 6) END WHERE id = %d",
                tables[i].table, column, column, column, column, column, column, tables[i].table, tables[i].row);
            run_sql(sql);
            found = check(path);
            snprintf(want, sizeof want, "%s %d is not as it was written", tables[i].table, tables[i].row);
            if (strncmp(found.text, want, strlen(want)) != 0 || found.count != 1)
                fail_msg("%s", found.text);
            assert_int_equal(unlink(path), 0);
        }
}

static void rows_that_are_gone_added_or_swapped_are_named(void **state)
{
    static const struct {
        const char *why, *sql, *want;
    } cases[] = {
        {"the last row", "DELETE FROM message WHERE id = 10", "message 10 is missing: the file ends before it"},
        {"the last rows", "DELETE FROM message WHERE id > 7", "message 8 is missing: the file ends before it"},
        {"all rows", "DELETE FROM message", "message 1 is missing: the file ends before it"},
        {"a middle row", "DELETE FROM message WHERE id = 4", "message 4 is missing: row 5 follows"},
        {"a middle row, and those behind it moved up",
         "DELETE FROM message WHERE id = 4; UPDATE message SET id = id - 1 WHERE id > 4",
         "message 4 is not as it was written"},
        {"two swapped",
         "UPDATE message SET id = 99 WHERE id = 4; UPDATE message SET id = 4 WHERE id = 5;"
         "UPDATE message SET id = 5 WHERE id = 99",
         "message 4 is not as it was written"},
        {"a row of another place again",
         "INSERT INTO message SELECT 11, session, at_us, topic, qos, retained, properties, kind, aggregator, device,"
         " round, chunk, digest, payload FROM message WHERE id = 10",
         "message 11 is not as it was written"},
        {"an id below all", "UPDATE message SET id = -5 WHERE id = 1", "message 1 is missing: row -5 follows"},
        {"a session", "DELETE FROM session WHERE id = 1", "session 1 is missing: row 2 follows"},
        {"an ending", "DELETE FROM ending WHERE id = 2", "ending 2 is missing: the file ends before it"},
        {"a secret", "DELETE FROM secret", "secret 1 is missing: the file ends before it"},
        {"a row of head", "DELETE FROM head WHERE id = 4", "head 4 is missing: row 5 follows"},
        {"the last row of head", "DELETE FROM head WHERE id = 5", "head 5 is missing"},
        {"a row too many in head", "INSERT INTO head SELECT 6, name, rows, last, digest FROM head WHERE id = 5",
         "head 6 is not as it was written"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct found found;

        print_message("  %s\n", cases[i].why);
        write_samples(path);
        run_sql(cases[i].sql);
        found = check(path);
        if (strncmp(found.text, cases[i].want, strlen(cases[i].want)) != 0 || found.count != 1)
            fail_msg("%s", found.text);
        assert_int_equal(unlink(path), 0);
    }
}

/* Rows of another capture, whole with their head: the digest before them is another one. */
static void a_table_of_an_older_state_of_the_same_file_is_told(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    struct found found;
    char sql[256];

    (void)state;
    write_samples(path);
    capture = new_capture(other);
    assert_int_equal(capture_begin_session(capture, 1000, "localhost:8883", "me"), STATUS_OK);
    assert_int_equal(put(capture, &samples[0], 1001, NULL), STATUS_OK);
    capture_close(&capture);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS o; DELETE FROM message; INSERT INTO message SELECT * FROM o.message",
             other);
    run_sql(sql);
    found = check(path);
    assert_string_equal(found.text, "message 2 is missing: the file ends before it, and should have 10 rows; ");
}

/* Whole rows behind a head of before they were written. */
static void rows_behind_an_older_head_are_told(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    struct found found;
    char sql[256];

    (void)state;
    write_samples(path);
    capture = new_capture(other);
    assert_int_equal(capture_begin_session(capture, 1000, "localhost:8883", "me"), STATUS_OK);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(put(capture, &samples[i], 1001 + (int64_t)i, NULL), STATUS_OK);
    capture_close(&capture);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS o; DELETE FROM head; INSERT INTO head SELECT * FROM o.head", other);
    run_sql(sql);
    found = check(path);
    assert_non_null(strstr(found.text, "message 6 was added: the file should have 5 rows"));
    assert_non_null(strstr(found.text, "secret 1 was added"));
}

/* The last row again with another payload and a digest made for it: only `head` knows. */
static void a_last_row_that_was_made_anew_is_told(void **state)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    struct sample changed = samples[4];
    struct found found;
    char sql[256];

    (void)state;
    changed.payload = "another";
    for (size_t file = 0; file < 2; file++) {
        capture = new_capture(file == 0 ? path : other);
        assert_int_equal(capture_begin_session(capture, 1000, "localhost:8883", "me"), STATUS_OK);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(put(capture, file == 1 && i == 4 ? &changed : &samples[i], 1001, NULL), STATUS_OK);
        capture_close(&capture);
    }
    snprintf(sql, sizeof sql, "ATTACH '%s' AS o; DELETE FROM message; INSERT INTO message SELECT * FROM o.message",
             other);
    run_sql(sql);
    found = check(path);
    assert_string_equal(found.text, "message 5 is not the last row that was written; ");
}

static void files_that_are_no_capture_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *why, *sql;
        enum status status;
        const char *says;
    } cases[] = {
        {"a newer schema", "PRAGMA user_version = 2", STATUS_UNSUPPORTED, "newer than 1"},
        {"no version", "PRAGMA user_version = 0", STATUS_UNSUPPORTED, "no capture"},
        {"another program's", "PRAGMA application_id = 7", STATUS_UNSUPPORTED, "another program"},
        {"a table too few", "DROP TABLE secret", STATUS_MALFORMED, "its tables are not"},
        {"an index too few", "DROP INDEX message_by_kind", STATUS_MALFORMED, "its tables are not"},
        {"a view too many", "CREATE VIEW v AS SELECT 1", STATUS_MALFORMED, "its tables are not"},
        {"a view in a table's place", "ALTER TABLE message RENAME TO m; CREATE VIEW message AS SELECT * FROM m",
         STATUS_MALFORMED, "its tables"},
        {"nothing about it", "DELETE FROM about", STATUS_MALFORMED, "`about` is empty"},
    };
    struct capture *capture = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reason reason = {""};

        print_message("  %s\n", cases[i].why);
        write_samples(path);
        run_sql(cases[i].sql);
        assert_int_equal(capture_open(path, &capture, &reason), cases[i].status);
        if (strstr(reason.text, cases[i].says) == NULL || strstr(reason.text, path) == NULL)
            fail_msg("%s", reason.text);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(capture_open(path, &capture, NULL), STATUS_NOT_FOUND);
    assert_int_equal(capture_open(folder, &capture, NULL), STATUS_IO);
}

static void bytes_that_are_no_database_are_refused(void **state)
{
    static const char *const texts[] = {"", "x", "SQLite format 3", "no database at all, but a text of some length.\n"};
    struct capture *capture = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct reason reason = {""};
        enum status status;

        assert_int_equal(file_write(path, 0600, view_of_string(texts[i]), NULL), STATUS_OK);
        status = capture_open(path, &capture, &reason);
        assert_true(status == STATUS_MALFORMED || status == STATUS_UNSUPPORTED);
        assert_non_null(strstr(reason.text, path));
    }
}

/* Payloads of some size, so that the end of the file is messages. */
static void write_many(size_t messages)
{
    CLEANUP(capture_close) struct capture *capture = new_capture(path);
    static uint8_t payload[3000];
    struct captured message = {.payload = VIEW_OF(payload), .qos = 1};
    char topic[64];

    assert_int_equal(capture_begin_session(capture, 1, "broker", "me"), STATUS_OK);
    for (size_t i = 0; i < messages; i++) {
        snprintf(topic, sizeof topic, "tacit/1/fed/update/agg/dev-%zu/7.0", i);
        memset(payload, (int)(i & 0xff), sizeof payload);
        message.topic = topic;
        assert_int_equal(capture_put(capture, &message), STATUS_OK);
    }
    assert_int_equal(capture_commit(capture), STATUS_OK);
}

/* Cut at every page and in between: it is said, and what is left is read up to there. */
static void a_file_that_lost_its_end_is_read_up_to_there(void **state)
{
    const size_t messages = 60;
    CLEANUP(file_free) struct buf whole = {0};
    size_t most = 0, opens = 0;

    (void)state;
    write_many(messages);
    assert_int_equal(file_read(path, 1 << 24, &whole, NULL), STATUS_OK);
    for (size_t size = 0; size < whole.len; size += 1365) {
        struct capture *capture = NULL;
        struct capture_cursor *cursor = NULL;
        struct captured message;
        struct reason reason = {""};
        struct found found = {0};
        const struct capture_watch watch = {&found, note_fault, NULL};
        size_t read = 0;

        assert_int_equal(file_write(path, 0600, (struct view){whole.ptr, size}, NULL), STATUS_OK);
        if (capture_open(path, &capture, &reason) != STATUS_OK) {
            assert_non_null(strstr(reason.text, path));
            continue;
        }
        opens++;
        assert_int_equal(capture_check(capture, &watch), STATUS_OK);
        assert_int_equal(strncmp(found.text, "file 0 lost its end: it has ", 28), 0);
        assert_int_equal(capture_find(capture, &CAPTURE_ALL, &cursor), STATUS_OK);
        while (capture_next(cursor, &message) == STATUS_OK)
            read++;
        most = read > most ? read : most;
        assert_true(read <= messages); /* what is gone may be of an index */
        capture_cursor_free(&cursor);
        capture_close(&capture);
    }
    assert_true(opens > 50 && most > messages / 2);
}

/* Whether a file reads as write_samples made it. */
static bool same_messages(struct capture *capture)
{
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
    struct captured message;

    if (capture_find(capture, &CAPTURE_ALL, &cursor) != STATUS_OK)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        if (capture_next(cursor, &message) != STATUS_OK || strcmp(message.topic, samples[i].topic) != 0 ||
            !view_equal(message.payload, view_of_string(samples[i].payload)))
            return false;
    return true;
}

/* Every byte that SQLite uses: the file is refused, or the check tells, or nothing that is read depends on it. */
static void an_edited_byte_is_never_silent(void **state)
{
    CLEANUP(file_free) struct buf whole = {0};
    size_t refused = 0, told = 0, harmless = 0;
    int fd;

    (void)state;
    write_samples(path);
    assert_int_equal(file_read(path, 1 << 24, &whole, NULL), STATUS_OK);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < whole.len; i++) {
        uint8_t edited = whole.ptr[i] ^ (uint8_t)(1u << (i % 8));
        struct capture *capture = NULL;

        if (whole.ptr[i] == 0)
            continue;
        assert_int_equal(pwrite(fd, &edited, 1, (off_t)i), 1);
        if (capture_open(path, &capture, NULL) != STATUS_OK) {
            refused++;
        } else {
            struct found found = {0};
            const struct capture_watch watch = {&found, note_fault, NULL};

            assert_int_equal(capture_check(capture, &watch), STATUS_OK);
            if (found.count > 0)
                told++;
            else if (same_messages(capture))
                harmless++;
            else
                fail_msg("byte %zu of %zu was changed, and nobody noticed", i, whole.len);
        }
        capture_close(&capture);
        assert_int_equal(pwrite(fd, &whole.ptr[i], 1, (off_t)i), 1);
    }
    (void)close(fd);
    print_message("  refused %zu, told %zu, harmless %zu\n", refused, told, harmless);
    assert_true(refused > 100 && told > 1000 && harmless < 200);
}

static void a_call_that_fails_takes_back_what_was_not_committed(void **state)
{
    CLEANUP(capture_close) struct capture *capture = new_capture(path);

    (void)state;
    assert_int_equal(capture_begin_session(capture, 1, "broker", "me"), STATUS_OK);
    assert_int_equal(put(capture, &samples[0], 1, NULL), STATUS_OK);
    assert_int_equal(capture_commit(capture), STATUS_OK);
    assert_int_equal(put(capture, &samples[1], 1, NULL), STATUS_OK);
    /* The same boot twice hurts the schema: the call fails as one on a full disk does. */
    assert_int_equal(capture_put_secret(capture, 1, VIEW_TEXT("agg"), VIEW_OF(boot), VIEW_OF(secret)), STATUS_OK);
    assert_int_equal(capture_put_secret(capture, 1, VIEW_TEXT("agg"), VIEW_OF(boot), VIEW_OF(secret)), STATUS_EXISTS);
    assert_int_equal(capture_count(capture), 1);
    assert_int_equal(put(capture, &samples[2], 1, NULL), STATUS_OK);
    capture_close(&capture);
    capture = opened(path);
    assert_int_equal(capture_count(capture), 2);
    struct found found = check(path);
    assert_string_equal(found.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(messages_are_found_by_what_stands_in_their_topics, begin, end),
        cmocka_unit_test_setup_teardown(heads_have_lengths_and_no_payloads, begin, end),
        cmocka_unit_test_setup_teardown(sessions_tell_when_and_why_they_ended, begin, end),
        cmocka_unit_test_setup_teardown(the_secrets_of_a_boot_are_found_by_it, begin, end),
        cmocka_unit_test_setup_teardown(the_file_stands_alone_and_is_private, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_there_is_not_written_over, begin, end),
        cmocka_unit_test_setup_teardown(what_was_committed_is_read_while_the_writer_writes, begin, end),
        cmocka_unit_test_setup_teardown(the_digest_of_these_messages_never_changes, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_found_in_a_file_as_it_was_written, begin, end),
        cmocka_unit_test_setup_teardown(a_change_of_any_column_is_named_by_table_and_row, begin, end),
        cmocka_unit_test_setup_teardown(rows_that_are_gone_added_or_swapped_are_named, begin, end),
        cmocka_unit_test_setup_teardown(a_table_of_an_older_state_of_the_same_file_is_told, begin, end),
        cmocka_unit_test_setup_teardown(rows_behind_an_older_head_are_told, begin, end),
        cmocka_unit_test_setup_teardown(a_last_row_that_was_made_anew_is_told, begin, end),
        cmocka_unit_test_setup_teardown(files_that_are_no_capture_are_refused_with_the_reason, begin, end),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_database_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_lost_its_end_is_read_up_to_there, begin, end),
        cmocka_unit_test_setup_teardown(an_edited_byte_is_never_silent, begin, end),
        cmocka_unit_test_setup_teardown(a_call_that_fails_takes_back_what_was_not_committed, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

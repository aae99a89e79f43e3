/* journal.c: see journal.h. */
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#define APPLICATION_ID 0x54436167 /* "TCag" */

/* A round's number begins again when the state is lost, so the boot tells rounds of the same number apart. */
static const char *const migrations[] = {
    "CREATE TABLE rounds (id INTEGER PRIMARY KEY, boot BLOB NOT NULL, round INTEGER NOT NULL, task INTEGER NOT NULL,"
    " reason INTEGER NOT NULL, counted INTEGER NOT NULL, samples INTEGER NOT NULL, base BLOB NOT NULL,"
    " model BLOB NOT NULL, closed INTEGER NOT NULL, record BLOB NOT NULL, UNIQUE (boot, round));"
    "CREATE TABLE metrics (round_id INTEGER NOT NULL REFERENCES rounds(id), name TEXT NOT NULL, value INTEGER NOT NULL,"
    " weight INTEGER NOT NULL, PRIMARY KEY (round_id, name)) WITHOUT ROWID;"
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL);",
    /* Another owner's list would only be refused. */
    "CREATE TABLE revocations (owner BLOB PRIMARY KEY, signed BLOB NOT NULL) WITHOUT ROWID;",
    /* Of the last rounds only: each is 32 bytes for each update that was counted. */
    "CREATE TABLE leaves (round_id INTEGER PRIMARY KEY REFERENCES rounds(id), hashes BLOB NOT NULL);",
};

static const struct db_schema schema = {APPLICATION_ID, migrations, ARRAY_LEN(migrations)};

enum status journal_open(const char *path, struct journal *out, struct reason *reason)
{
    return db_open(path, &schema, &out->db, reason);
}

void journal_close(struct journal *journal)
{
    db_close(&journal->db);
}

static enum status insert_round(struct db *db, const struct closed_round *closed)
{
    CLEANUP(db_finish) struct db_statement *insert = NULL;
    const struct record *record = closed->record;

    TRY(db_prepare(db,
                   "INSERT INTO rounds (boot, round, task, reason, counted, samples, base, model, closed, record)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                   &insert));
    db_bind_blob(insert, 1, record->boot_id);
    db_bind_int(insert, 2, record->round);
    db_bind_int(insert, 3, record->task);
    db_bind_int(insert, 4, record->reason);
    db_bind_int(insert, 5, record->counted);
    db_bind_int(insert, 6, (int64_t)record->samples);
    db_bind_blob(insert, 7, record->base);
    db_bind_blob(insert, 8, record->model);
    db_bind_int(insert, 9, (int64_t)record->closed);
    db_bind_blob(insert, 10, closed->message);
    return db_run(insert);
}

static enum status insert_metrics(struct db *db, int64_t round_id, const struct metrics *metrics)
{
    CLEANUP(db_finish) struct db_statement *insert = NULL;

    TRY(db_prepare(db, "INSERT INTO metrics (round_id, name, value, weight) VALUES (?1, ?2, ?3, ?4)", &insert));
    for (uint32_t i = 0; i < metrics->count; i++) {
        db_bind_int(insert, 1, round_id);
        db_bind_text(insert, 2, metrics->list[i].name);
        db_bind_int(insert, 3, metrics->list[i].value);
        db_bind_int(insert, 4, (int64_t)metrics->list[i].weight);
        TRY(db_run(insert));
    }
    return STATUS_OK;
}

static enum status insert_leaves(struct db *db, int64_t round_id, struct view leaves)
{
    CLEANUP(db_finish) struct db_statement *insert = NULL, *forget = NULL;

    TRY(db_prepare(db, "INSERT INTO leaves (round_id, hashes) VALUES (?1, ?2)", &insert));
    db_bind_int(insert, 1, round_id);
    db_bind_blob(insert, 2, leaves);
    TRY(db_run(insert));
    TRY(db_prepare(db, "DELETE FROM leaves WHERE round_id <= ?1", &forget));
    db_bind_int(forget, 1, round_id - HOST_PROVABLE_MAX);
    return db_run(forget);
}

static enum status replace_state(struct db *db, struct view state)
{
    CLEANUP(db_finish) struct db_statement *replace = NULL;

    TRY(db_prepare(db, "INSERT OR REPLACE INTO state (id, sealed) VALUES (1, ?1)", &replace));
    db_bind_blob(replace, 1, state);
    return db_run(replace);
}

enum status journal_keep_round(struct journal *journal, const struct closed_round *closed)
{
    CLEANUP(db_rollback_open) struct db *open = NULL;
    int64_t round_id;

    TRY(db_begin(journal->db));
    open = journal->db;
    TRY(insert_round(journal->db, closed));
    round_id = db_last_row_id(journal->db);
    TRY(insert_metrics(journal->db, round_id, &closed->record->metrics));
    if (closed->leaves.len > 0)
        TRY(insert_leaves(journal->db, round_id, closed->leaves));
    if (closed->state.len > 0)
        TRY(replace_state(journal->db, closed->state));
    return db_commit(journal->db);
}

enum status journal_keep_state(struct journal *journal, struct view state)
{
    return replace_state(journal->db, state);
}

/* A copy of the first column of the first row, or nothing. */
static enum status load_blob(struct db_statement *select, struct buf *out)
{
    struct view blob;
    bool row;

    *out = (struct buf){NULL, 0, 0};
    TRY(db_step(select, &row));
    if (!row)
        return STATUS_OK;
    blob = db_column_blob(select, 0);
    out->ptr = malloc(blob.len > 0 ? blob.len : 1);
    if (out->ptr == NULL)
        return STATUS_NO_SPACE;
    out->cap = blob.len;
    return buf_append(out, blob);
}

enum status journal_load_state(struct journal *journal, struct buf *out)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;

    TRY(db_prepare(journal->db, "SELECT sealed FROM state WHERE id = 1", &select));
    return load_blob(select, out);
}

enum status journal_keep_revocations(struct journal *journal, struct view owner, struct view signed_list)
{
    CLEANUP(db_finish) struct db_statement *replace = NULL;

    TRY(db_prepare(journal->db, "INSERT OR REPLACE INTO revocations (owner, signed) VALUES (?1, ?2)", &replace));
    db_bind_blob(replace, 1, owner);
    db_bind_blob(replace, 2, signed_list);
    return db_run(replace);
}

enum status journal_load_revocations(struct journal *journal, struct view owner, struct buf *out)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;

    TRY(db_prepare(journal->db, "SELECT signed FROM revocations WHERE owner = ?1", &select));
    db_bind_blob(select, 1, owner);
    return load_blob(select, out);
}

/* What does not fit its record any more only makes proofs impossible. */
static enum status recall_leaves(struct journal *journal, struct host *host)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    bool row;

    TRY(db_prepare(journal->db,
                   "SELECT rounds.record, leaves.hashes FROM leaves JOIN rounds ON rounds.id = leaves.round_id"
                   " ORDER BY rounds.id",
                   &select));
    for (;;) {
        TRY(db_step(select, &row));
        if (!row)
            return STATUS_OK;
        host_remember_leaves(host, db_column_blob(select, 0), db_column_blob(select, 1));
    }
}

enum status journal_recall(struct journal *journal, uint32_t most, struct host *host)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    bool row;

    TRY(db_prepare(journal->db,
                   "SELECT round, record FROM (SELECT id, round, record FROM rounds ORDER BY id DESC LIMIT ?1)"
                   " ORDER BY id",
                   &select));
    db_bind_int(select, 1, most);
    for (;;) {
        TRY(db_step(select, &row));
        if (!row)
            break;
        host_remember_record(host, (uint32_t)db_column_int(select, 0), db_column_blob(select, 1));
    }
    return recall_leaves(journal, host);
}

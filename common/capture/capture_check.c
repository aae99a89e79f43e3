/* capture_check.c: every row against its digest, every table against `head`, the file against what SQLite knows of it. */
#include "capture_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SQL_MAX        512
#define PROGRESS_EVERY 1024 /* rows */

struct check {
    struct capture *capture;
    const struct capture_watch *watch;
    uint64_t done, all;
    bool head_bad; /* what `head` says is not to be believed */
};

__attribute__((format(printf, 4, 5))) static void blame(const struct check *check, const char *table, int64_t row,
                                                        const char *format, ...)
{
    struct capture_fault fault = {.table = table, .row = row};
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(fault.what, sizeof fault.what, format, arguments);
    va_end(arguments);
    check->watch->fault(check->watch->ctx, &fault);
}

static void count_row(struct check *check)
{
    check->done++;
    if (check->watch->progress != NULL && check->done % PROGRESS_EVERY == 0)
        check->watch->progress(check->watch->ctx, check->done, check->all);
}

/* The walk over one table: the chain as far as it went. */
struct walk {
    struct check *check;
    enum capture_table table;
    struct chain chain;
};

/* Whether the row that the statement stands at is the next one and as it was written. */
static bool row_fine(struct walk *walk, struct db_statement *select)
{
    static const uint8_t none[32];
    const struct table_layout *layout = &table_layouts[walk->table];
    bool chained = walk->table != TABLE_HEAD;
    struct cell cells[CELLS_MAX];
    int64_t wanted = walk->chain.rows + 1;
    struct view digest;
    uint8_t made[32];

    row_read(select, walk->table, cells);
    digest = db_column_blob(select, (int)layout->count);
    if (cells[0].number != wanted) {
        blame(walk->check, layout->name, wanted, "is missing: row %lld follows", (long long)cells[0].number);
        return false;
    }
    if (row_digest(walk->table, chained ? walk->chain.last : none, cells, made) != STATUS_OK ||
        !view_equal(digest, VIEW_OF(made))) {
        blame(walk->check, layout->name, wanted, "is not as it was written: its digest is another one");
        return false;
    }
    walk->chain.rows = wanted;
    memcpy(walk->chain.last, made, sizeof made);
    count_row(walk->check);
    return true;
}

/* Goes through the rows; false when a fault was told. */
static enum status walk_rows(struct walk *walk, bool *fine)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    const struct table_layout *layout = &table_layouts[walk->table];
    char sql[SQL_MAX];
    enum status status;
    bool row;

    *fine = false;
    snprintf(sql, sizeof sql, "SELECT %s, digest FROM %s NOT INDEXED ORDER BY id", layout->columns, layout->name);
    TRY(db_prepare(walk->check->capture->db, sql, &select));
    while ((status = db_step(select, &row)) == STATUS_OK && row)
        if (!row_fine(walk, select))
            return STATUS_OK;
    if (status == STATUS_MALFORMED) {
        blame(walk->check, layout->name, walk->chain.rows + 1, "cannot be read: the file is damaged or cut off there");
        return STATUS_OK;
    }
    TRY(status);
    *fine = true;
    return STATUS_OK;
}

/* A chain that is whole ends where `head` says. */
static void compare_head(const struct walk *walk)
{
    const struct chain *said = &walk->check->capture->chains[walk->table];
    const char *name = table_layouts[walk->table].name;
    int64_t rows = walk->chain.rows;

    if (walk->check->head_bad)
        return;
    if (rows < said->rows)
        blame(walk->check, name, rows + 1, "is missing: the file ends before it, and should have %lld rows",
              (long long)said->rows);
    else if (rows > said->rows)
        blame(walk->check, name, said->rows + 1, "was added: the file should have %lld rows", (long long)said->rows);
    else if (memcmp(walk->chain.last, said->last, sizeof said->last) != 0)
        blame(walk->check, name, rows, "is not the last row that was written");
}

static enum status check_heads(struct check *check)
{
    struct walk walk = {.check = check, .table = TABLE_HEAD};
    bool fine;

    TRY(walk_rows(&walk, &fine));
    check->head_bad = !fine || walk.chain.rows != TABLE_HEAD;
    if (fine && walk.chain.rows != TABLE_HEAD)
        blame(check, table_layouts[TABLE_HEAD].name,
              walk.chain.rows < TABLE_HEAD ? walk.chain.rows + 1 : TABLE_HEAD + 1,
              walk.chain.rows < TABLE_HEAD ? "is missing" : "was added");
    return STATUS_OK;
}

static enum status check_table(struct check *check, enum capture_table table)
{
    struct walk walk = {.check = check, .table = table};
    bool fine;

    TRY(walk_rows(&walk, &fine));
    if (fine)
        compare_head(&walk);
    return STATUS_OK;
}

/* Also whether the indexes lead to the rows and to nothing else: a message that no index knows is never found. */
static enum status check_pages(struct check *check)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    enum status status = db_prepare(check->capture->db, "PRAGMA integrity_check(1)", &select);
    struct view said;
    bool row = false;

    if (status == STATUS_OK)
        status = db_step(select, &row);
    if (status == STATUS_MALFORMED) {
        blame(check, "file", 0, "is damaged: %s", db_message(check->capture->db));
        return STATUS_OK;
    }
    TRY(status);
    said = row ? db_column_text(select, 0) : (struct view){0};
    if (!view_equal(said, VIEW_TEXT("ok")))
        blame(check, "file", 0, "is damaged: %.*s", (int)(said.len < 120 ? said.len : 120), (const char *)said.ptr);
    return STATUS_OK;
}

enum status capture_check(struct capture *capture, const struct capture_watch *watch)
{
    struct check check = {.capture = capture, .watch = watch};

    for (enum capture_table table = 0; table < TABLE_HEAD; table++)
        check.all += (uint64_t)capture->chains[table].rows;
    check.all += TABLE_HEAD;
    if (capture->should > capture->has)
        blame(&check, "file", 0, "lost its end: it has %llu of %llu bytes", (unsigned long long)capture->has,
              (unsigned long long)capture->should);
    else
        TRY(check_pages(&check));
    TRY(check_heads(&check));
    for (enum capture_table table = 0; table < TABLE_HEAD; table++)
        TRY(check_table(&check, table));
    if (watch->progress != NULL)
        watch->progress(watch->ctx, check.done, check.all);
    return STATUS_OK;
}

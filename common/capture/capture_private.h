/* capture_private.h: what the files of this folder share: the tables, their rows as cells, and the digests over them. */
#ifndef CAPTURE_CAPTURE_PRIVATE_H
#define CAPTURE_CAPTURE_PRIVATE_H

#include "capture.h"
#include "db.h"

#define CAPTURE_APPLICATION_ID 0x54436370 /* "TCcp" */
#define CAPTURE_SCHEMA_VERSION 1

enum capture_table {
    TABLE_ABOUT,
    TABLE_SESSION,
    TABLE_ENDING,
    TABLE_MESSAGE,
    TABLE_SECRET,
    TABLE_HEAD, /* of the tables above: a row for each, and no chain of its own */
    TABLES
};

#define CELLS_MAX 13

/** A table's columns without the digest. The first is the id, which counts from 1. */
struct table_layout {
    const char *name, *columns;
    size_t count;
};
extern const struct table_layout table_layouts[TABLES];

/** How the columns of `message` stand in its rows. */
enum message_cell {
    MESSAGE_ID,
    MESSAGE_SESSION,
    MESSAGE_AT,
    MESSAGE_TOPIC,
    MESSAGE_QOS,
    MESSAGE_RETAINED,
    MESSAGE_PROPERTIES,
    MESSAGE_KIND,
    MESSAGE_AGGREGATOR,
    MESSAGE_DEVICE,
    MESSAGE_ROUND,
    MESSAGE_CHUNK,
    MESSAGE_PAYLOAD,
    MESSAGE_CELLS
};

/** The schema as it is made, and whether a file has exactly it: tables and indexes, no views or triggers. */
extern const struct db_schema capture_schema;
MUST_USE enum status capture_schema_check(struct db *db, bool *same);

/** A value of a row. */
struct cell {
    enum db_kind kind;
    int64_t number;
    struct view bytes;
};

static inline struct cell cell_int(int64_t number)
{
    return (struct cell){.kind = DB_INT, .number = number};
}
static inline struct cell cell_text(struct view text)
{
    return (struct cell){.kind = DB_TEXT, .bytes = text};
}
static inline struct cell cell_blob(struct view bytes)
{
    return (struct cell){.kind = DB_BLOB, .bytes = bytes};
}
static inline struct cell cell_null(void)
{
    return (struct cell){.kind = DB_NULL};
}

/** The digest of a row behind another one (docs/capture.md "Digests"). STATUS_MALFORMED: a kind of value that we do not
 *  write. */
MUST_USE enum status row_digest(enum capture_table table, const uint8_t previous[static 32], const struct cell *cells,
                                uint8_t out[static 32]);

/** The values of the row that the statement stands at; they live as its columns. The digest's column follows them. */
void row_read(struct db_statement *statement, enum capture_table table, struct cell *cells);

/** How far a table is. */
struct chain {
    int64_t rows;
    uint8_t last[32]; /* zeros before the first row */
    bool known;       /* reading: `head` has a row about it */
};

struct capture {
    struct db *db;
    struct capture_about about;
    char federation[CAPTURE_NAME_MAX], maker[CAPTURE_TEXT_MAX];
    uint8_t before[32];
    struct chain chains[TABLES];
    /* Writing. */
    bool writing, open; /* open: there is a transaction */
    struct chain committed[TABLES];
    int64_t session, session_committed; /* 0: none */
    struct db_statement *inserts[TABLES];
    uint64_t size;
    /* Reading. */
    uint64_t should, has; /* bytes that the file should have by its head, and has; equal unless it lost its end */
};

#endif

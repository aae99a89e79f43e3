/* capture_schema.c: the tables of a capture. docs/capture.md describes them. */
#include "capture_private.h"

#include <string.h>

/* The text of each stands in the file as it stands here; a file with another one is none of ours.
 * Payloads stand last, so that who looks for a row does not read through them. */
#define ABOUT \
    "CREATE TABLE about (id INTEGER PRIMARY KEY, federation TEXT NOT NULL, maker TEXT NOT NULL, part INTEGER NOT " \
    "NULL," \
    " from_inside INTEGER NOT NULL, anonymised INTEGER NOT NULL, before BLOB NOT NULL, digest BLOB NOT NULL) STRICT"
#define SESSION \
    "CREATE TABLE session (id INTEGER PRIMARY KEY, began_us INTEGER NOT NULL, broker TEXT NOT NULL," \
    " client TEXT NOT NULL, first INTEGER NOT NULL, digest BLOB NOT NULL) STRICT"
#define ENDING \
    "CREATE TABLE ending (id INTEGER PRIMARY KEY, session INTEGER NOT NULL UNIQUE, at_us INTEGER NOT NULL," \
    " why TEXT NOT NULL, digest BLOB NOT NULL) STRICT"
#define MESSAGE \
    "CREATE TABLE message (id INTEGER PRIMARY KEY, session INTEGER NOT NULL, at_us INTEGER NOT NULL," \
    " topic TEXT NOT NULL, qos INTEGER NOT NULL, retained INTEGER NOT NULL, properties TEXT NOT NULL, kind TEXT," \
    " aggregator TEXT, device TEXT, round INTEGER, chunk INTEGER, digest BLOB NOT NULL, payload BLOB NOT NULL) STRICT"
#define SECRET \
    "CREATE TABLE secret (id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, aggregator TEXT NOT NULL," \
    " boot_id BLOB NOT NULL UNIQUE, secret BLOB NOT NULL, digest BLOB NOT NULL) STRICT"
#define HEAD \
    "CREATE TABLE head (id INTEGER PRIMARY KEY, name TEXT NOT NULL, rows INTEGER NOT NULL, last BLOB NOT NULL," \
    " digest BLOB NOT NULL) STRICT"
#define BY_KIND   "CREATE INDEX message_by_kind ON message (kind)"
#define BY_DEVICE "CREATE INDEX message_by_device ON message (device) WHERE device IS NOT NULL"
#define BY_ROUND  "CREATE INDEX message_by_round ON message (round) WHERE round IS NOT NULL"

static const char *const objects[] = {ABOUT, SESSION, ENDING, MESSAGE, SECRET, HEAD, BY_KIND, BY_DEVICE, BY_ROUND};

static const char *const migrations[] = {
    ABOUT ";" SESSION ";" ENDING ";" MESSAGE ";" SECRET ";" HEAD ";" BY_KIND ";" BY_DEVICE ";" BY_ROUND,
};
const struct db_schema capture_schema = {CAPTURE_APPLICATION_ID, migrations, CAPTURE_SCHEMA_VERSION};

const struct table_layout table_layouts[TABLES] = {
    [TABLE_ABOUT] = {"about", "id, federation, maker, part, from_inside, anonymised, before", 7},
    [TABLE_SESSION] = {"session", "id, began_us, broker, client, first", 5},
    [TABLE_ENDING] = {"ending", "id, session, at_us, why", 4},
    [TABLE_MESSAGE] = {"message",
                       "id, session, at_us, topic, qos, retained, properties, kind, aggregator, device, round, chunk,"
                       " payload",
                       MESSAGE_CELLS},
    [TABLE_SECRET] = {"secret", "id, at_us, aggregator, boot_id, secret", 5},
    [TABLE_HEAD] = {"head", "id, name, rows, last", 4},
};

/* Words of a file's format: never changed once released. */
static const char *const kinds[TOPIC_KINDS] = {
    [TOPIC_EVIDENCE] = "evidence", [TOPIC_CHALLENGE] = "challenge",   [TOPIC_STATUS] = "status",
    [TOPIC_ENROL] = "enrol",       [TOPIC_CREDENTIAL] = "credential", [TOPIC_ROUND] = "round",
    [TOPIC_MODEL] = "model",       [TOPIC_UPDATE] = "update",         [TOPIC_NEED] = "need",
    [TOPIC_RECEIPT] = "receipt",   [TOPIC_RECORD] = "record",         [TOPIC_OWNER] = "owner",
    [TOPIC_ANSWER] = "answer",     [TOPIC_PRESENCE] = "presence",
};

const char *capture_kind_name(int kind)
{
    return kind >= 0 && kind < TOPIC_KINDS ? kinds[kind] : NULL;
}

static bool is_ours(struct view sql)
{
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        if (view_equal(sql, view_of_string(objects[i])))
            return true;
    return false;
}

/* What SQLite makes for itself (the index of a UNIQUE) has no text. Names are unique, so as many of ours as there are
 * objects are all of them. */
enum status capture_schema_check(struct db *db, bool *same)
{
    CLEANUP(db_finish) struct db_statement *select = NULL;
    size_t ours = 0;
    bool row, all = true;

    TRY(db_prepare(db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", &select));
    TRY(db_step(select, &row));
    while (row) {
        all = all && is_ours(db_column_text(select, 0));
        ours++;
        TRY(db_step(select, &row));
    }
    *same = all && ours == ARRAY_LEN(objects);
    return STATUS_OK;
}

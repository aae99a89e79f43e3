/* store.c: see store.h. */
#include "store.h"

#define APPLICATION_ID 0x5443646e /* "TCdn" */

static const char *const migrations[] = {
    "CREATE TABLE kept (key TEXT PRIMARY KEY, value BLOB NOT NULL);",
};

static const struct db_schema schema = {APPLICATION_ID, migrations, ARRAY_LEN(migrations)};

enum status store_open(const char *path, struct store *out, struct reason *reason)
{
    return db_open(path, &schema, &out->db, reason);
}

enum status store_open_to_read(const char *path, struct store *out, struct reason *reason)
{
    return db_open_to_read(path, APPLICATION_ID, &out->db, reason);
}

void store_close(struct store *store)
{
    db_close(&store->db);
}

static enum status forget(struct store *store, const char *key)
{
    CLEANUP(db_finish) struct db_statement *forget = NULL;

    TRY(db_prepare(store->db, "DELETE FROM kept WHERE key = ?1", &forget));
    db_bind_text(forget, 1, view_of_string(key));
    return db_run(forget);
}

enum status store_keep(struct store *store, const char *key, struct view bytes)
{
    CLEANUP(db_finish) struct db_statement *keep = NULL;

    if (bytes.len == 0)
        return forget(store, key);
    TRY(db_prepare(store->db, "INSERT OR REPLACE INTO kept (key, value) VALUES (?1, ?2)", &keep));
    db_bind_text(keep, 1, view_of_string(key));
    db_bind_blob(keep, 2, bytes);
    return db_run(keep);
}

enum status store_load(struct store *store, const char *key, struct buf *out)
{
    CLEANUP(db_finish) struct db_statement *load = NULL;
    bool row;

    TRY(db_prepare(store->db, "SELECT value FROM kept WHERE key = ?1", &load));
    db_bind_text(load, 1, view_of_string(key));
    TRY(db_step(load, &row));
    return row ? buf_append(out, db_column_blob(load, 0)) : STATUS_NOT_FOUND;
}

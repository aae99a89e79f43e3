/* store.h: what a node keeps over a restart, by key, in a database of its own; `tacit explain` reads it. */
#ifndef OS_STORE_H
#define OS_STORE_H

#include "db.h"

struct store {
    struct db *db;
};

/** Opens or makes it. Statuses as db_open. */
MUST_USE enum status store_open(const char *path, struct store *out, struct reason *reason);

/** Opens one that is there to read it, while its node runs or not. Statuses as db_open_to_read. */
MUST_USE enum status store_open_to_read(const char *path, struct store *out, struct reason *reason);
void store_close(struct store *store);

/** Keeps bytes under a key in place of what was there; on the disk before it returns. Empty bytes: forgets the key.
 *  Statuses as every call of db.h. */
MUST_USE enum status store_keep(struct store *store, const char *key, struct view bytes);

/** Appends the bytes of a key. STATUS_NOT_FOUND; STATUS_NO_SPACE when out cannot hold them. */
MUST_USE enum status store_load(struct store *store, const char *key, struct buf *out);

#endif

/* db_private.h: what the two files of db.h share. */
#ifndef OS_DB_PRIVATE_H
#define OS_DB_PRIVATE_H

#include <sqlite3.h>

#include "db.h"

struct db {
    sqlite3 *handle;
    int lock; /* a descriptor of the file that keeps other programs from it, or -1. Closed after the handle: closing any
               * descriptor of a file gives up the locks that SQLite has on it */
};

/** What a code of SQLite's means; asks for the system's error of the last call. */
MUST_USE enum status db_status(const struct db *db, int code);

#endif

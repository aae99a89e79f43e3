/* file.h: whole files: read up to a limit, written so that a crash leaves the old or the new contents. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base.h"
#include "reason.h"

#define FILE_MAX_PATH 4096 /* bytes of a path with its end */

/**
 * Reads a whole file.
 *
 * max     the most bytes that are taken.
 * out     gets memory of its own with len the file's bytes; an end ('\0') follows them, not counted.
 *         Freed with file_free.
 * reason  says what is wrong with which path; may be NULL.
 *
 * Returns STATUS_NOT_FOUND  there is no such file;
 *         STATUS_NO_SPACE   it is larger than max;
 *         STATUS_IO         it cannot be read, or is not a regular file.
 */
MUST_USE enum status file_read(const char *path, size_t max, struct buf *out, struct reason *reason);

/**
 * Reads a private key or another secret. As file_read, and:
 * Returns STATUS_NOT_PERMITTED  group or others may read or write it (chmod 600).
 * Freed with file_free_secret, which wipes it.
 */
MUST_USE enum status file_read_secret(const char *path, size_t max, struct buf *out, struct reason *reason);

/** Reads a file that is open, from its beginning on; fd stays the caller's. As file_read; name is for reason. */
MUST_USE enum status file_read_open(int fd, const char *name, size_t max, struct buf *out, struct reason *reason);

/** Frees what file_read gave; for CLEANUP. An empty buf is nothing to do. */
void file_free(struct buf *bytes);

/** Wipes and frees what file_read_secret gave; for CLEANUP. */
void file_free_secret(struct buf *bytes);

/**
 * Writes a whole file: a temporary one in the same folder, synced, renamed over path, the folder synced. After a
 * crash path holds all of the old contents or all of the new ones.
 *
 * mode  permissions of the file, exactly (0600 for a secret), whatever the umask.
 *
 * Returns STATUS_NO_SPACE the disk is full; STATUS_IO anything else. path is then as it was.
 */
MUST_USE enum status file_write(const char *path, unsigned int mode, struct view bytes, struct reason *reason);

/**
 * Makes a folder and those above it. What is there already stays as it is; new ones get mode (below umask).
 * Returns STATUS_IO.
 */
MUST_USE enum status file_make_folders(const char *path, unsigned int mode, struct reason *reason);

/** The folder that a path lies in ("." when it names none), into folder[FILE_MAX_PATH]. Returns STATUS_IO: too long. */
MUST_USE enum status file_folder(const char *path, char *folder, struct reason *reason);

/** True when path names something, of whatever kind. */
bool file_exists(const char *path);

#endif

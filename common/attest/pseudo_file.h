/* pseudo_file.h: files that a kernel or a library OS answers itself, below a root path: each opened anew, written in one
 * write, read to its end. Only this folder's own. */
#ifndef ATTEST_PSEUDO_FILE_H
#define ATTEST_PSEUDO_FILE_H

#include "attest.h"

/** A folder of such files. */
struct pseudo_folder {
    char path[ATTEST_PATH_MAX];
};

/** What an errno means to an attester (see struct attester). */
enum status pseudo_reason(int error);

/** The folder's path, or with a name behind it. Returns STATUS_OUT_OF_RANGE when it does not fit ATTEST_PATH_MAX. */
MUST_USE enum status pseudo_folder_at(const char *root, const char *name, struct pseudo_folder *out);

/**
 * Reads a file from its start to its end, appended to out.
 * Returns STATUS_NO_SPACE when more follows than fits, else pseudo_reason of what failed; out is then as it was.
 */
MUST_USE enum status pseudo_read(const struct pseudo_folder *folder, const char *name, struct buf *out);

/**
 * Writes a file's new value: one write, and a close, at which some files take it up. Interrupted or short: STATUS_IO,
 * since a second write would be another value.
 */
MUST_USE enum status pseudo_write(const struct pseudo_folder *folder, const char *name, struct view value);

/** Waits ATTEST_PAUSE_MS. */
void pseudo_pause(void);

#endif

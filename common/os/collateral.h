/* collateral.h: a folder of endorsements that an operator fills. What they are is for others to judge. */
#ifndef OS_COLLATERAL_H
#define OS_COLLATERAL_H

#include "bundle.h"
#include "reason.h"

#define COLLATERAL_NAME_MAX 256 /* bytes of a file's name with its end */

/** All that a folder holds, by ascending names (bytewise). Starts as {0}; owns its memory. */
struct collateral {
    struct endorsements items; /* views into bytes */
    const char *files[ENDORSEMENTS_MAX];

    struct buf bytes[ENDORSEMENTS_MAX];
    char names[ENDORSEMENTS_MAX][COLLATERAL_NAME_MAX];
};

/**
 * Reads a folder: every file in it as it was at one moment, or none. Where files are replaced meanwhile it is read
 * again. Names that begin with a dot are passed over: a new file may be written under such a name, then renamed.
 *
 * out     what it held is freed first, on success only; then freed with collateral_free.
 * reason  says which folder or file, and what about it; may be NULL.
 *
 * Returns STATUS_NOT_FOUND  there is no such folder;
 *         STATUS_IO         something cannot be read, is no regular file (a folder, a symbolic link) or is empty;
 *         STATUS_NO_SPACE   more than ENDORSEMENTS_MAX files, or one of more than ENDORSEMENT_MAX bytes;
 *         STATUS_BUSY       it changes faster than it can be read.
 */
MUST_USE enum status collateral_read(const char *folder, struct collateral *out, struct reason *reason);

/** Gives all that from holds to to, which is freed first; from is empty then. */
void collateral_move(struct collateral *from, struct collateral *to);

/** Frees and empties; for CLEANUP. */
void collateral_free(struct collateral *collateral);

#endif

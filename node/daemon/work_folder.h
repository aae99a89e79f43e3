/* work_folder.h: a folder for one job, below TMPDIR, locked while its process lives, so that a later process can tell a folder
 * that was left behind from one that is in use. */
#ifndef DAEMON_WORK_FOLDER_H
#define DAEMON_WORK_FOLDER_H

#include "base.h"
#include "reason.h"

#define WORK_FOLDER_MAX 512

/** Starts as zeros; path is empty while there is none. */
struct work_folder {
    char path[WORK_FOLDER_MAX];
    int lock;
};

/** Makes one, mode 0700. Returns STATUS_IO with a reason. */
MUST_USE enum status work_folder_make(struct work_folder *folder, struct reason *reason);

/** Removes it with all that is in it; nothing when there is none. */
void work_folder_remove(struct work_folder *folder);

/** Removes what processes of this user that ended without doing so left behind. Gives how many. */
unsigned int work_folder_sweep(void);

#endif

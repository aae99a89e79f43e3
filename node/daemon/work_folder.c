/* work_folder.c: see work_folder.h. */
#include "work_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "tacit-node-work-"
#define TRIES  8 /* somebody may sweep a folder between its making and its lock */

static const char *parent_folder(void)
{
    const char *parent = getenv("TMPDIR");

    return parent != NULL && parent[0] != '\0' ? parent : P_tmpdir;
}

/* A folder that the package closed to us is opened first. */
static void remove_tree(char *path)
{
    char *roots[] = {path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL, NULL);

    if (tree == NULL)
        return;
    for (FTSENT *item = fts_read(tree); item != NULL; item = fts_read(tree)) {
        if (item->fts_info == FTS_D)
            (void)chmod(item->fts_accpath, S_IRWXU);
        else
            (void)remove(item->fts_accpath);
    }
    (void)fts_close(tree);
}

/* The lock of a folder that is ours and still there; -1: it is another user's, in use, or gone. It ends with the process. */
static int lock_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat opened, there;

    if (fd < 0)
        return -1;
    if (fstat(fd, &opened) == 0 && opened.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        lstat(path, &there) == 0 && there.st_ino == opened.st_ino && there.st_dev == opened.st_dev)
        return fd;
    (void)close(fd);
    return -1;
}

enum status work_folder_make(struct work_folder *folder, struct reason *reason)
{
    for (int i = 0; i < TRIES; i++) {
        const int len = snprintf(folder->path, sizeof folder->path, "%s/" PREFIX "XXXXXX", parent_folder());
        const bool fits = len < (int)sizeof folder->path;

        if (!fits || mkdtemp(folder->path) == NULL) {
            reason_set(reason, "%s: %s", folder->path, fits ? strerror(errno) : "too long");
            break;
        }
        folder->lock = lock_folder(folder->path);
        if (folder->lock >= 0)
            return STATUS_OK;
        reason_set(reason, "%s: cannot be locked", folder->path);
        (void)rmdir(folder->path);
    }
    folder->path[0] = '\0';
    return STATUS_IO;
}

void work_folder_remove(struct work_folder *folder)
{
    if (folder->path[0] == '\0')
        return;
    remove_tree(folder->path);
    (void)close(folder->lock);
    folder->path[0] = '\0';
    folder->lock = -1;
}

unsigned int work_folder_sweep(void)
{
    DIR *parent = opendir(parent_folder());
    unsigned int count = 0;

    if (parent == NULL)
        return 0;
    for (const struct dirent *entry = readdir(parent); entry != NULL; entry = readdir(parent)) {
        struct work_folder left;

        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            snprintf(left.path, sizeof left.path, "%s/%s", parent_folder(), entry->d_name) >= (int)sizeof left.path)
            continue;
        left.lock = lock_folder(left.path);
        if (left.lock < 0)
            continue;
        work_folder_remove(&left);
        count++;
    }
    (void)closedir(parent);
    return count;
}

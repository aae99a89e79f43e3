/* collateral.c: see collateral.h. */
#include "collateral.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define TRIES 5

/* The files of a folder. While one is open its number is not given to another, so that what has the same number and
 * times is the same file with the same contents. */
struct listing {
    uint32_t count;
    struct listed {
        char name[COLLATERAL_NAME_MAX];
        struct stat found;
        int fd; /* -1: not opened */
    } files[ENDORSEMENTS_MAX];
};

static void listing_close(struct listing *listing)
{
    for (uint32_t i = 0; i < listing->count; i++)
        if (listing->files[i].fd >= 0)
            (void)close(listing->files[i].fd);
    listing->count = 0;
}

static void close_folder(DIR **folder)
{
    if (*folder != NULL)
        (void)closedir(*folder);
}

static enum status refuse(struct reason *reason, const char *name, const char *why)
{
    reason_set(reason, "%s: %s", name, why);
    return STATUS_IO;
}

static enum status tell_errno(const char *name, struct reason *reason)
{
    return refuse(reason, name, strerror(errno));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

static enum status list_one(int folder, const char *name, struct listing *out, struct reason *reason)
{
    struct listed *file = &out->files[out->count];

    if (out->count == ENDORSEMENTS_MAX) {
        reason_set(reason, "more than %d files", ENDORSEMENTS_MAX);
        return STATUS_NO_SPACE;
    }
    if (strlen(name) >= sizeof file->name)
        return refuse(reason, name, "the name is too long");
    memcpy(file->name, name, strlen(name) + 1);
    file->fd = -1;
    if (fstatat(folder, name, &file->found, AT_SYMLINK_NOFOLLOW) != 0)
        return tell_errno(name, reason);
    out->count++;
    return STATUS_OK;
}

static enum status list(DIR *folder, struct listing *out, struct reason *reason)
{
    const struct dirent *entry;

    out->count = 0;
    rewinddir(folder);
    while (errno = 0, (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            TRY(list_one(dirfd(folder), entry->d_name, out, reason));
    if (errno != 0)
        return tell_errno(".", reason);
    qsort(out->files, out->count, sizeof *out->files, by_name);
    return STATUS_OK;
}

static enum status open_one(int folder, struct listed *file, struct reason *reason)
{
    if (S_ISLNK(file->found.st_mode))
        return refuse(reason, file->name, "a symbolic link; the file itself must lie here");
    if (!S_ISREG(file->found.st_mode))
        return refuse(reason, file->name, "not a regular file");
    file->fd = openat(folder, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &file->found) != 0)
        return tell_errno(file->name, reason);
    return STATUS_OK;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const struct listed *a, const struct listed *b)
{
    return strcmp(a->name, b->name) == 0 && a->found.st_dev == b->found.st_dev && a->found.st_ino == b->found.st_ino &&
           a->found.st_size == b->found.st_size && is_same_time(&a->found.st_mtim, &b->found.st_mtim) &&
           is_same_time(&a->found.st_ctim, &b->found.st_ctim);
}

static bool is_same_listing(const struct listing *a, const struct listing *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!is_same(&a->files[i], &b->files[i]))
            return false;
    return true;
}

static enum status read_one(const struct listed *file, struct collateral *to, struct reason *reason)
{
    const uint32_t at = to->items.count;

    TRY(file_read_open(file->fd, file->name, ENDORSEMENT_MAX, &to->bytes[at], reason));
    memcpy(to->names[at], file->name, sizeof file->name);
    to->files[at] = to->names[at];
    to->items.list[at] = buf_view(&to->bytes[at]);
    to->items.count++;
    return to->bytes[at].len > 0 ? STATUS_OK : refuse(reason, file->name, "empty");
}

static enum status read_listed(int folder, struct listing *listing, struct collateral *to, struct reason *reason)
{
    collateral_free(to);
    for (uint32_t i = 0; i < listing->count; i++)
        TRY(open_one(folder, &listing->files[i], reason));
    for (uint32_t i = 0; i < listing->count; i++)
        TRY(read_one(&listing->files[i], to, reason));
    return STATUS_OK;
}

/* What was read is of one moment when the folder looks the same before and after; so is a failure. */
static enum status read_once(const char *path, struct collateral *to, bool *changed, struct reason *reason)
{
    CLEANUP(close_folder) DIR *folder = opendir(path);
    CLEANUP(listing_close) struct listing before = {.count = 0};
    struct listing after;
    enum status listed, status;

    *changed = false;
    if (folder == NULL) {
        const int error = errno;
        reason_set(reason, "%s", strerror(error));
        return error == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    }
    status = listed = list(folder, &before, reason);
    if (status == STATUS_OK)
        status = read_listed(dirfd(folder), &before, to, reason);
    if (list(folder, &after, NULL) != STATUS_OK)
        *changed = status == STATUS_OK;
    else
        *changed = listed != STATUS_OK || !is_same_listing(&before, &after);
    return status;
}

void collateral_move(struct collateral *from, struct collateral *to)
{
    collateral_free(to);
    *to = *from;
    for (uint32_t i = 0; i < to->items.count; i++)
        to->files[i] = to->names[i]; /* they lie in the struct */
    *from = (struct collateral){0};
}

enum status collateral_read(const char *folder, struct collateral *out, struct reason *reason)
{
    CLEANUP(collateral_free) struct collateral found = {0};
    struct reason why = {""};
    bool changed = true;
    enum status status = STATUS_BUSY;

    for (int i = 0; i < TRIES && changed; i++)
        status = read_once(folder, &found, &changed, &why);
    if (changed) {
        status = STATUS_BUSY;
        reason_set(&why, "changes while it is read");
    }
    if (status == STATUS_OK)
        collateral_move(&found, out);
    else
        reason_set(reason, "%s: %s", folder, why.text);
    return status;
}

void collateral_free(struct collateral *collateral)
{
    for (size_t i = 0; i < ENDORSEMENTS_MAX; i++)
        file_free(&collateral->bytes[i]);
    collateral->items.count = 0;
}

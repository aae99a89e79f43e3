/* pseudo_file.c: see pseudo_file.h. */
#include "pseudo_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum status pseudo_reason(int error)
{
    static const struct {
        int error;
        enum status status;
    } reasons[] = {
        {ENOENT, STATUS_NOT_FOUND},     {ENOTDIR, STATUS_NOT_FOUND}, {ENXIO, STATUS_NOT_FOUND},
        {EPERM, STATUS_NOT_PERMITTED},  {EBUSY, STATUS_BUSY},        {EINTR, STATUS_BUSY},
        {EACCES, STATUS_NOT_PERMITTED}, {EFBIG, STATUS_NO_SPACE},    {ETIMEDOUT, STATUS_TIMEOUT},
        {EEXIST, STATUS_EXISTS},        {ETXTBSY, STATUS_BUSY},
    };

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].error == error)
            return reasons[i].status;
    return STATUS_IO;
}

static enum status join(const char *folder, const char *name, char out[static ATTEST_PATH_MAX])
{
    int length = snprintf(out, ATTEST_PATH_MAX, "%s%s%s", folder, *name == '\0' ? "" : "/", name);

    return length > 0 && length < ATTEST_PATH_MAX ? STATUS_OK : STATUS_OUT_OF_RANGE;
}

enum status pseudo_folder_at(const char *root, const char *name, struct pseudo_folder *out)
{
    return join(root, name, out->path);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static enum status open_file(const struct pseudo_folder *folder, const char *name, int flags, int *out)
{
    char path[ATTEST_PATH_MAX];

    TRY(join(folder->path, name, path));
    *out = open(path, flags | O_CLOEXEC);
    return *out < 0 ? pseudo_reason(errno) : STATUS_OK;
}

enum status pseudo_read(const struct pseudo_folder *folder, const char *name, struct buf *out)
{
    CLEANUP(close_fd) int fd = -1;
    size_t len = out->len;
    uint8_t more;
    ssize_t got;

    TRY(open_file(folder, name, O_RDONLY, &fd));
    while (len < out->cap) {
        got = read(fd, out->ptr + len, out->cap - len);
        if (got < 0)
            return pseudo_reason(errno);
        if (got == 0) {
            out->len = len;
            return STATUS_OK;
        }
        len += (size_t)got;
    }
    got = read(fd, &more, 1);
    if (got != 0)
        return got < 0 ? pseudo_reason(errno) : STATUS_NO_SPACE;
    out->len = len;
    return STATUS_OK;
}

enum status pseudo_write(const struct pseudo_folder *folder, const char *name, struct view value)
{
    CLEANUP(close_fd) int fd = -1;
    ssize_t put;

    TRY(open_file(folder, name, O_WRONLY, &fd));
    put = write(fd, value.ptr, value.len);
    if (put < 0)
        return pseudo_reason(errno);
    return (size_t)put == value.len ? STATUS_OK : STATUS_IO;
}

void pseudo_pause(void)
{
    const struct timespec pause = {.tv_nsec = ATTEST_PAUSE_MS * 1000000L};

    (void)nanosleep(&pause, NULL);
}

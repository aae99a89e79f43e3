/* file.c: see file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* Says what the operating system says about path. */
static enum status tell_errno(const char *path, struct reason *reason)
{
    int error = errno;

    reason_set(reason, "%s: %s", path, strerror(error));
    if (error == ENOENT)
        return STATUS_NOT_FOUND;
    return error == ENOSPC || error == EDQUOT ? STATUS_NO_SPACE : STATUS_IO;
}

static enum status check_kind(const char *path, const struct stat *found, size_t max, struct reason *reason)
{
    if (!S_ISREG(found->st_mode)) {
        reason_set(reason, "%s: not a regular file", path);
        return STATUS_IO;
    }
    if ((uint64_t)found->st_size > max) {
        reason_set(reason, "%s: larger than %zu bytes", path, max);
        return STATUS_NO_SPACE;
    }
    return STATUS_OK;
}

static enum status check_secret(const char *path, const struct stat *found, struct reason *reason)
{
    unsigned int mode = found->st_mode & 07777;

    if ((mode & (S_IRWXG | S_IRWXO)) == 0)
        return STATUS_OK;
    reason_set(reason, "%s: mode %04o lets others than its owner at this secret; chmod 600 it", path, mode);
    return STATUS_NOT_PERMITTED;
}

/* Reads until the end of the file or until out is full. */
static enum status read_all(int fd, const char *path, struct buf *out, struct reason *reason)
{
    while (out->len < out->cap) {
        ssize_t got = read(fd, out->ptr + out->len, out->cap - out->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tell_errno(path, reason);
        if (got == 0)
            break;
        out->len += (size_t)got;
    }
    return STATUS_OK;
}

/* Not to wait for the other end of a FIFO that stands in the file's place. */
#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK)

/* Reads what was opened, or failed to be (-1). */
static enum status read_opened(int fd, const char *path, size_t max, bool secret, struct buf *out,
                               struct reason *reason)
{
    CLEANUP(file_free_secret) struct buf bytes = {0};
    struct stat found;

    if (fd < 0 || fstat(fd, &found) != 0)
        return tell_errno(path, reason);
    TRY(check_kind(path, &found, max, reason));
    if (secret)
        TRY(check_secret(path, &found, reason));

    /* One byte more than the file has, so that one which grows meanwhile is noticed; it becomes the end. */
    bytes.cap = (size_t)found.st_size + 1;
    bytes.ptr = malloc(bytes.cap);
    if (bytes.ptr == NULL)
        return tell_errno(path, reason);
    TRY(read_all(fd, path, &bytes, reason));
    if (bytes.len == bytes.cap) {
        reason_set(reason, "%s: changed while it was read", path);
        return STATUS_IO;
    }
    bytes.ptr[bytes.len] = '\0';
    *out = bytes;
    bytes = (struct buf){0};
    return STATUS_OK;
}

enum status file_read(const char *path, size_t max, struct buf *out, struct reason *reason)
{
    CLEANUP(close_fd) int fd = open(path, READ_FLAGS);

    return read_opened(fd, path, max, false, out, reason);
}

enum status file_read_secret(const char *path, size_t max, struct buf *out, struct reason *reason)
{
    CLEANUP(close_fd) int fd = open(path, READ_FLAGS);

    return read_opened(fd, path, max, true, out, reason);
}

enum status file_read_open(int fd, const char *name, size_t max, struct buf *out, struct reason *reason)
{
    return read_opened(fd, name, max, false, out, reason);
}

void file_free(struct buf *bytes)
{
    free(bytes->ptr);
    *bytes = (struct buf){0};
}

void file_free_secret(struct buf *bytes)
{
    buf_wipe(bytes);
    file_free(bytes);
}

enum status file_folder(const char *path, char *folder, struct reason *reason)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);

    if (len >= FILE_MAX_PATH) {
        reason_set(reason, "%s: the path is too long", path);
        return STATUS_IO;
    }
    if (len > 0)
        memcpy(folder, path, len);
    else
        folder[len++] = slash == NULL ? '.' : '/';
    folder[len] = '\0';
    return STATUS_OK;
}

static bool write_all(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes = (struct view){bytes.ptr + put, bytes.len - (size_t)put};
    }
    return true;
}

/* A rename is on the disk only when the folder is. */
static bool sync_folder(const char *folder)
{
    CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0;
}

static bool fill_and_close(int fd, unsigned int mode, struct view bytes)
{
    bool well = fchmod(fd, mode) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
    int error = errno;

    if (close(fd) != 0 && well)
        return false;
    errno = error;
    return well;
}

enum status file_write(const char *path, unsigned int mode, struct view bytes, struct reason *reason)
{
    char folder[FILE_MAX_PATH], temporary[FILE_MAX_PATH];
    enum status status;
    int fd;

    TRY(file_folder(path, folder, reason));
    if ((size_t)snprintf(temporary, sizeof temporary, "%s/.tacit-XXXXXX", folder) >= sizeof temporary) {
        reason_set(reason, "%s: the path is too long", path);
        return STATUS_IO;
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return tell_errno(path, reason) == STATUS_NO_SPACE ? STATUS_NO_SPACE : STATUS_IO;
    if (fill_and_close(fd, mode, bytes) && rename(temporary, path) == 0)
        return sync_folder(folder) ? STATUS_OK : tell_errno(folder, reason);
    status = tell_errno(path, reason);
    (void)unlink(temporary);
    return status == STATUS_NO_SPACE ? STATUS_NO_SPACE : STATUS_IO;
}

enum status file_make_folders(const char *path, unsigned int mode, struct reason *reason)
{
    char so_far[FILE_MAX_PATH];
    size_t len = strlen(path);
    struct stat found;

    if (len >= sizeof so_far) {
        reason_set(reason, "%s: the path is too long", path);
        return STATUS_IO;
    }
    memcpy(so_far, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (so_far[i] != '/' && so_far[i] != '\0')
            continue;
        so_far[i] = '\0';
        if (mkdir(so_far, mode) != 0 && errno != EEXIST) {
            (void)tell_errno(so_far, reason);
            return STATUS_IO;
        }
        so_far[i] = path[i];
    }
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return STATUS_OK;
    reason_set(reason, "%s: not a folder", path);
    return STATUS_IO;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

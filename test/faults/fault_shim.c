/* fault_shim.c: preloaded into a program, makes writes below one path fail while a file says so.
 *
 * TACIT_FAULT_BELOW  the path: files whose names begin with it
 * TACIT_FAULT_FILE   while it exists, its first letter is the fault: f the disk is full; s it becomes full in the middle
 *                    of each write; e what was written cannot be synced */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_SIZE 4096

/* Below it as long as the name is not another's beginning; a deleted file's name has " (deleted)" behind it. */
static int is_below(int fd)
{
    const char *below = getenv("TACIT_FAULT_BELOW");
    char link[64], path[PATH_SIZE];
    ssize_t len;

    if (below == NULL)
        return 0;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return 0;
    path[len] = '\0';
    return strncmp(path, below, strlen(below)) == 0;
}

/* The fault of now for this file, or 0. By system calls, so that nothing here is taken over itself. */
static char fault_of(int fd)
{
    const char *file = getenv("TACIT_FAULT_FILE");
    const int error = errno;
    char letter = 0;
    long control;

    if (file == NULL || !is_below(fd))
        return 0;
    control = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
    if (control >= 0) {
        if (syscall(SYS_read, control, &letter, 1) != 1)
            letter = 0;
        (void)syscall(SYS_close, control);
    }
    errno = error;
    return letter;
}

/* How many bytes of a write find room; 0: none, and errno says so. */
static size_t room_for(int fd, size_t size)
{
    const char fault = fault_of(fd);

    if (fault == 's' && size > 1)
        return size / 2;
    if (fault == 's' || fault == 'f') {
        errno = ENOSPC;
        return 0;
    }
    return size;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    const size_t room = size == 0 ? 0 : room_for(fd, size);

    return size > 0 && room == 0 ? -1 : syscall(SYS_write, fd, bytes, room);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    const size_t room = size == 0 ? 0 : room_for(fd, size);

    return size > 0 && room == 0 ? -1 : syscall(SYS_pwrite64, fd, bytes, room, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

int fsync(int fd)
{
    if (fault_of(fd) == 'e') {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fsync(fd);
}

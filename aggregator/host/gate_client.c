/* gate_client.c: see gate_client.h. */
#include "gate_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "loop.h"

#define PIPE_BYTES (1 << 20)

#define CONNECT_PATIENCE_S 5 /* until an enclave that does not accept is given up */

static void close_pair(int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

/* In the child: becomes the enclave. It must not outlive its host, nor see anything but its two pipes. */
static _Noreturn void become_enclave(int in, int out, const char *folder, char *const argv[])
{
    static char *const no_environment[] = {NULL};

    loop_reset_signals_in_child();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if ((folder != NULL && chdir(folder) != 0) || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        close_range(3, ~0u, 0) != 0)
        _exit(127);
    execve(argv[0], argv, no_environment);
    _exit(127);
}

/* A peer that takes nothing, or only half, is given up after a while instead of being waited for. */
static bool wait_no_longer(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

enum status gate_client_start(struct gate_client *client, const char *folder, char *const argv[], struct reason *reason)
{
    int to[2], from[2];

    *client = (struct gate_client){.max_body = GATE_BODY_MAX};
    if (access(argv[0], X_OK) != 0) {
        reason_set(reason, "%s: %s", argv[0], strerror(errno));
        return STATUS_IO;
    }
    if (pipe2(to, O_CLOEXEC) != 0) {
        reason_set(reason, "pipe: %s", strerror(errno));
        return STATUS_IO;
    }
    if (pipe2(from, O_CLOEXEC) != 0) {
        reason_set(reason, "pipe: %s", strerror(errno));
        close_pair(to);
        return STATUS_IO;
    }
    (void)wait_no_longer(to[1]);
    (void)wait_no_longer(from[0]);
    /* Larger pipes mean fewer switches between the two processes; smaller ones work as well. */
    (void)fcntl(to[1], F_SETPIPE_SZ, PIPE_BYTES);
    (void)fcntl(from[1], F_SETPIPE_SZ, PIPE_BYTES);
    client->pid = fork();
    if (client->pid == 0)
        become_enclave(to[0], from[1], folder, argv);
    close(to[0]);
    close(from[1]);
    client->to = to[1];
    client->from = from[0];
    if (client->pid < 0) {
        reason_set(reason, "fork: %s", strerror(errno));
        close(client->to);
        close(client->from);
        *client = (struct gate_client){0};
        return STATUS_IO;
    }
    client->open = true;
    return STATUS_OK;
}

static int connect_unix(const struct gate_address *address, int fd)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    memcpy(to.sun_path, address->path, strlen(address->path) + 1);
    return connect(fd, (const struct sockaddr *)&to, sizeof to);
}

static int connect_vsock(const struct gate_address *address, int fd)
{
    const struct sockaddr_vm to = {.svm_family = AF_VSOCK, .svm_cid = address->cid, .svm_port = address->port};
    const struct timeval patience = {.tv_sec = CONNECT_PATIENCE_S};

    if (setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &patience, sizeof patience) != 0)
        return -1;
    return connect(fd, (const struct sockaddr *)&to, sizeof to);
}

enum status gate_client_connect(struct gate_client *client, const struct gate_address *address, struct reason *reason)
{
    static const struct {
        int family;
        int (*connect)(const struct gate_address *address, int fd);
    } ways[] = {[GATE_UNIX] = {AF_UNIX, connect_unix}, [GATE_VSOCK] = {AF_VSOCK, connect_vsock}};
    const struct timeval patience = {.tv_sec = CONNECT_PATIENCE_S}, no_end = {0};
    int fd = socket(ways[address->place].family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *client = (struct gate_client){.max_body = GATE_BODY_MAX};
    if (fd < 0) {
        reason_set(reason, "socket: %s", strerror(errno));
        return STATUS_IO;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
        ways[address->place].connect(address, fd) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &no_end, sizeof no_end) != 0 || !wait_no_longer(fd)) {
        reason_set(reason, "%s", strerror(errno));
        close(fd);
        return STATUS_NO_CONNECTION;
    }
    client->to = client->from = fd;
    client->open = true;
    return STATUS_OK;
}

/* A process that has its gate closed is to end by itself; one that does not is killed. */
static void reap(pid_t pid)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

    for (int i = 0; i < 100 && waitpid(pid, NULL, WNOHANG) == 0; i++)
        if (i == 99) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        } else {
            nanosleep(&moment, NULL);
        }
}

void gate_client_stop(struct gate_client *client)
{
    if (!client->open)
        return;
    close(client->to);
    if (client->from != client->to)
        close(client->from);
    if (client->pid > 0)
        reap(client->pid);
    free(client->response.ptr);
    *client = (struct gate_client){0};
}

/* Waits until the other side is ready; not for ever. */
static bool ready(int fd, short events)
{
    struct pollfd wait = {.fd = fd, .events = events};
    int n;

    do
        n = poll(&wait, 1, GATE_PATIENCE_MS);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

static bool write_all(int fd, struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t n;
        if (!ready(fd, POLLOUT))
            return false;
        n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (n > 0)
            bytes = (struct view){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return true;
}

static bool read_all(int fd, uint8_t *out, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t n;
        if (!ready(fd, POLLIN))
            return false;
        n = read(fd, out + got, len - got);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return false;
        if (n > 0)
            got += (size_t)n;
    }
    return true;
}

static bool make_room(struct buf *buf, size_t len)
{
    uint8_t *larger;

    if (len <= buf->cap)
        return true;
    larger = realloc(buf->ptr, len);
    if (larger == NULL)
        return false;
    buf->ptr = larger;
    buf->cap = len;
    return true;
}

static enum status read_response(struct gate_client *client, struct view *response)
{
    uint8_t bytes[GATE_HEAD_SIZE];
    struct gate_head head;

    if (!read_all(client->from, bytes, sizeof bytes) || gate_head_decode(bytes, &head) != STATUS_OK ||
        head.word >= STATUS_LIMIT || head.len > client->max_body || !make_room(&client->response, head.len) ||
        !read_all(client->from, client->response.ptr, head.len))
        return STATUS_NO_CONNECTION;
    client->response.len = head.len;
    *response = buf_view(&client->response);
    return (enum status)head.word;
}

enum status gate_client_call(struct gate_client *client, enum gate_call call, const struct view *pieces, size_t count,
                             struct view *response)
{
    uint8_t bytes[GATE_HEAD_SIZE];
    struct gate_head head = {call, 0};
    size_t len = 0;

    if (!client->open)
        return STATUS_NO_CONNECTION;
    for (size_t i = 0; i < count; i++)
        len += pieces[i].len;
    if (len > UINT32_MAX)
        return STATUS_NO_SPACE;
    head.len = (uint32_t)len;
    gate_head_encode(&head, bytes);
    if (!write_all(client->to, VIEW_OF(bytes)))
        return STATUS_NO_CONNECTION;
    for (size_t i = 0; i < count; i++)
        if (!write_all(client->to, pieces[i]))
            return STATUS_NO_CONNECTION;
    return read_response(client, response);
}

/* gate_socket.c: see gate_socket.h. */
#include "gate_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static enum status parse_path(const char *path, struct gate_socket *out)
{
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof out->address.local.sun_path)
        return STATUS_MALFORMED;
    out->address.local.sun_family = AF_UNIX;
    memcpy(out->address.local.sun_path, path, len + 1);
    out->len = sizeof out->address.local;
    return STATUS_OK;
}

static enum status parse_port(const char *text, struct gate_socket *out)
{
    char *end;
    unsigned long port;

    if (*text < '1' || *text > '9' || strlen(text) > 10)
        return STATUS_MALFORMED;
    port = strtoul(text, &end, 10);
    if (*end != '\0' || port >= UINT32_MAX) /* VMADDR_PORT_ANY */
        return STATUS_MALFORMED;
    out->address.vm.svm_family = AF_VSOCK;
    out->address.vm.svm_cid = VMADDR_CID_ANY;
    out->address.vm.svm_port = (unsigned int)port;
    out->len = sizeof out->address.vm;
    return STATUS_OK;
}

enum status gate_socket_parse(const char *text, struct gate_socket *out)
{
    static const struct {
        const char *prefix;
        enum status (*parse)(const char *rest, struct gate_socket *out);
    } forms[] = {{"unix:", parse_path}, {"vsock:", parse_port}};

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (strncmp(text, forms[i].prefix, strlen(forms[i].prefix)) == 0)
            return forms[i].parse(text + strlen(forms[i].prefix), out);
    return STATUS_MALFORMED;
}

static bool is_local(const struct gate_socket *at)
{
    return at->address.any.sa_family == AF_UNIX;
}

static enum status listen_at(const struct gate_socket *at, int fd)
{
    const mode_t mask = umask(0177); /* only our own user may connect */
    const int bound = bind(fd, &at->address.any, at->len);
    (void)umask(mask);
    if (bound != 0)
        return errno == EADDRINUSE ? STATUS_EXISTS : STATUS_IO;
    return listen(fd, 1) == 0 ? STATUS_OK : STATUS_IO;
}

enum status gate_socket_accept(const struct gate_socket *at)
{
    CLEANUP(close_fd) int listening = socket(at->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CLEANUP(close_fd) int connection = -1;

    if (listening < 0)
        return STATUS_IO;
    TRY(listen_at(at, listening));
    do
        connection = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    while (connection < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (is_local(at))
        (void)unlink(at->address.local.sun_path);
    if (connection < 0 || dup2(connection, STDIN_FILENO) < 0 || dup2(connection, STDOUT_FILENO) < 0)
        return STATUS_IO;
    return STATUS_OK;
}

/* gate_socket.h: the gate over a socket, for an enclave in a virtual machine of its own: one connection, then no more. */
#ifndef SHELL_GATE_SOCKET_H
#define SHELL_GATE_SOCKET_H

#include <sys/socket.h>
#include <sys/un.h>

#include <linux/vm_sockets.h>

#include "base.h"

/** Where it listens. */
struct gate_socket {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_vm vm;
    } address;
    socklen_t len;
};

/** Reads "unix:PATH" or "vsock:PORT". STATUS_MALFORMED: neither, too long a path, or not a port. */
MUST_USE enum status gate_socket_parse(const char *text, struct gate_socket *out);

/**
 * Waits for one connection and puts it in the place of stdin and stdout; the listening socket is closed, and a path
 * removed, before this returns, so a second connection is refused. Returns STATUS_EXISTS (the path or port is taken, be
 * it by a process that was killed while it waited), STATUS_IO.
 */
MUST_USE enum status gate_socket_accept(const struct gate_socket *socket);

#endif

/* gate_client.h: the host's end of the gate: an enclave that it starts or connects to, and calls to it. */
#ifndef HOST_GATE_CLIENT_H
#define HOST_GATE_CLIENT_H

#include <sys/types.h>

#include "gate.h"
#include "gate_address.h"
#include "reason.h"

#define GATE_PATIENCE_MS 120000 /* an enclave that says nothing for so long is given up */

/** An open gate. Zeroed when there is none. */
struct gate_client {
    bool open;
    pid_t pid;           /* of the enclave's process; 0 behind a socket */
    int to, from;        /* two pipes, or one socket twice; valid while it is open */
    struct buf response; /* malloc'ed */
    size_t max_body;
};

/**
 * Starts the enclave's program; arguments as for execv (argv[0] is the path). It inherits stderr only.
 * folder: where it is started; NULL: where the host is.
 * Returns STATUS_IO with reason.
 */
MUST_USE enum status gate_client_start(struct gate_client *client, const char *folder, char *const argv[],
                                       struct reason *reason);

/** Connects to an enclave that waits behind a socket. Returns STATUS_NO_CONNECTION with reason, STATUS_IO likewise. */
MUST_USE enum status gate_client_connect(struct gate_client *client, const struct gate_address *address,
                                         struct reason *reason);

/** Closes the gate. A process is waited for, and killed if it does not end. Nothing to do when no gate is open. */
void gate_client_stop(struct gate_client *client);

/**
 * One call. The request's body is the pieces, one after the other. *response is the body of the answer, valid until the
 * next call. Returns the enclave's status; STATUS_NO_CONNECTION when it is gone, silent, or makes no sense.
 */
MUST_USE enum status gate_client_call(struct gate_client *client, enum gate_call call, const struct view *pieces,
                                      size_t count, struct view *response);

#endif

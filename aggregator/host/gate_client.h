/* gate_client.h: the host's end of the gate: an enclave process and calls to it. */
#ifndef HOST_GATE_CLIENT_H
#define HOST_GATE_CLIENT_H

#include <sys/types.h>

#include "gate.h"
#include "reason.h"

#define GATE_PATIENCE_MS 120000 /* an enclave that says nothing for so long is given up */

/** An enclave process. Zeroed when there is none. */
struct gate_client {
    pid_t pid;
    int to, from;        /* pipes; valid while pid > 0 */
    struct buf response; /* malloc'ed */
    size_t max_body;
};

/**
 * Starts the enclave's program; arguments as for execv (argv[0] is the path). It inherits stderr only.
 * Returns STATUS_IO with reason.
 */
MUST_USE enum status gate_client_start(struct gate_client *client, char *const argv[], struct reason *reason);

/** Closes the gate, waits for the enclave to end, kills it if it does not. Nothing to do when there is none. */
void gate_client_stop(struct gate_client *client);

/**
 * One call. The request's body is the pieces, one after the other. *response is the body of the answer, valid until the
 * next call. Returns the enclave's status; STATUS_NO_CONNECTION when it is gone, silent, or makes no sense.
 */
MUST_USE enum status gate_client_call(struct gate_client *client, enum gate_call call, const struct view *pieces,
                                      size_t count, struct view *response);

#endif

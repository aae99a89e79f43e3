/* enclave.h: an enclave as the configuration has it: started, or connected to. */
#ifndef HOST_ENCLAVE_H
#define HOST_ENCLAVE_H

#include "gate_client.h"
#include "settings.h"

/** Opens the gate. Returns STATUS_IO (it cannot be started), STATUS_NO_CONNECTION (nobody waits at the socket). */
MUST_USE enum status enclave_open(const struct settings *settings, struct gate_client *client, struct reason *reason);

#endif

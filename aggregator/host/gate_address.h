/* gate_address.h: where an enclave is: a program that the host starts, or a socket behind which one waits. */
#ifndef HOST_GATE_ADDRESS_H
#define HOST_GATE_ADDRESS_H

#include "base.h"
#include "file.h"
#include "reason.h"

enum gate_place { GATE_PROGRAM, GATE_UNIX, GATE_VSOCK };

struct gate_address {
    enum gate_place place;
    char path[FILE_MAX_PATH]; /* of the program or the socket */
    uint32_t cid, port;       /* of the virtual machine */
};

/**
 * Reads "unix:PATH", "vsock:CID:PORT" or a program's path. Relative paths begin at folder.
 * Returns STATUS_CONFIG with reason: too long, or not the numbers of a virtual machine and its port.
 */
MUST_USE enum status gate_address_parse(const char *text, const char *folder, struct gate_address *out,
                                        struct reason *reason);

#endif

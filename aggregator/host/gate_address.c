/* gate_address.c: see gate_address.h. */
#include "gate_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <linux/vm_sockets.h>

#define UNIX_PREFIX  "unix:"
#define VSOCK_PREFIX "vsock:"

static enum status take_path(const char *path, const char *folder, size_t limit, struct gate_address *out,
                             struct reason *reason)
{
    const bool as_it_is = path[0] == '/' || folder[0] == '\0';
    int length = as_it_is ? snprintf(out->path, sizeof out->path, "%s", path)
                          : snprintf(out->path, sizeof out->path, "%s/%s", folder, path);

    if (path[0] != '\0' && length > 0 && (size_t)length < limit)
        return STATUS_OK;
    reason_set(reason, "enclave: a path of 1 to %zu characters, with its folder", limit - 1);
    return STATUS_CONFIG;
}

/* A decimal number without sign or blanks; *end is what follows it. */
static bool take_number(const char *text, uint32_t below, uint32_t *out, const char **end)
{
    char *stop;
    unsigned long long number;

    if (text[0] < '0' || text[0] > '9')
        return false;
    number = strtoull(text, &stop, 10);
    *end = stop;
    *out = (uint32_t)number;
    return number < below;
}

static enum status take_machine(const char *text, struct gate_address *out, struct reason *reason)
{
    const char *end;

    /* CID 0 is the hypervisor's own, and the last number of each stands for `any`. */
    if (take_number(text, VMADDR_CID_ANY, &out->cid, &end) && out->cid > VMADDR_CID_HYPERVISOR && *end == ':' &&
        take_number(end + 1, VMADDR_PORT_ANY, &out->port, &end) && out->port > 0 && *end == '\0')
        return STATUS_OK;
    reason_set(reason, "enclave: vsock:CID:PORT, two numbers from 1 to 4294967294");
    return STATUS_CONFIG;
}

enum status gate_address_parse(const char *text, const char *folder, struct gate_address *out, struct reason *reason)
{
    memset(out, 0, sizeof *out);
    if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0) {
        out->place = GATE_UNIX;
        return take_path(text + strlen(UNIX_PREFIX), folder, sizeof((struct sockaddr_un *)NULL)->sun_path, out, reason);
    }
    if (strncmp(text, VSOCK_PREFIX, strlen(VSOCK_PREFIX)) == 0) {
        out->place = GATE_VSOCK;
        return take_machine(text + strlen(VSOCK_PREFIX), out, reason);
    }
    out->place = GATE_PROGRAM;
    return take_path(text, folder, sizeof out->path, out, reason);
}

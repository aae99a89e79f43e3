/* core.h: the trusted core: enrols devices, sums their updates exactly, releases models. Pure: no I/O, clock or heap.
 *
 * Bytes come in through core_call, bytes go out; randomness, evidence, the sealing key and, once at boot, memory come
 * through ports. The time is what the host says, but it only ever moves forward. */
#ifndef ENCLAVE_CORE_H
#define ENCLAVE_CORE_H

#include "crypto.h"
#include "gate.h"

struct core;

/** What evidence must bind and, where the TEE has no clock of its own, say. */
struct attest_request {
    struct view federation;
    uint8_t report_data[SHA512_SIZE];
    uint64_t now; /* unix seconds */
};

/** What the core is lent. Each function returns STATUS_OK with its output set, or a reason. */
struct core_ports {
    void *ctx;
    struct random_port random;
    /** Evidence that binds what is asked for, appended to `evidence` (EVIDENCE_MAX of room); *kind names its row of the
     *  appraisal table. What the platform gives to verify it with is appended to `endorsement` (ENDORSEMENT_MAX of
     *  room), which may stay empty. */
    enum status (*attest)(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                          struct buf *endorsement);
    /** The TEE's sealing key of this very program; STATUS_UNSUPPORTED where there is none. */
    enum status (*sealing_key)(void *ctx, uint8_t out[static AEAD_KEY_MAX]);
    /** Zeroed memory that lives as long as the core, or NULL. Called during GATE_BOOT only. */
    void *(*lend)(void *ctx, size_t size);
};

/** Bytes that a core needs for itself; aligned as for malloc. */
size_t core_size(void);

/** Makes a core in memory of core_size bytes, which stays the caller's. ports is copied. */
struct core *core_init(void *memory, const struct core_ports *ports);

/** Wipes all secrets. */
void core_wipe(struct core *core);

/** Largest body of a request or response frame that may come next, so that the shell can set memory aside. */
size_t core_max_body(const struct core *core);

/**
 * Serves one call. The response's body is appended to out, which must have core_max_body of room.
 * *fatal is set when the call was out of its moment, unknown, too long or did not decode: then the enclave must end.
 * Any other status than STATUS_OK is the answer to the host, without a body; nothing of the call has happened then. After
 * a GATE_BOOT that failed, every call is out of its moment.
 */
enum status core_call(struct core *core, uint32_t call, struct view body, struct buf *out, bool *fatal);

#endif

/* escrow.h: what a build says when the owner asks for the keys of a boot. The core knows no answer of its own: a program
 * is linked with one of two folders that have one. aggregator/withheld never gives them: it is in tacit-enclave.
 * aggregator/escrow gives them, of simulated boots alone: it is in tacit-enclave-escrow, a program with a measurement
 * of its own, which no policy lists unless its owner wrote it there. Source: PROTOCOL.md section 22. */
#ifndef ENCLAVE_ESCROW_H
#define ENCLAVE_ESCROW_H

#include "core.h"
#include "owner.h"

/** What the program says of itself. */
struct escrow_build {
    const char *program; /* its name */
    const char *warning; /* for stderr at its start, and its help; NULL: there is nothing to warn of */
    bool gives;          /* keys: then nothing but a simulated TEE may be opened */
};
extern const struct escrow_build escrow_build;

/** Whether this build may boot under a policy. STATUS_UNSUPPORTED: it gives keys, and the policy accepts evidence that is
 *  not simulated. */
MUST_USE enum status escrow_permits(const struct core *core);

/** The keys of the boot: epoch secret || model key || signing scalar || sealing scalar; out is a secret.
 *  STATUS_UNSUPPORTED where they never leave the enclave. */
MUST_USE enum status escrow_secret(const struct core *core, uint8_t out[static ESCROW_SIZE]);

#endif

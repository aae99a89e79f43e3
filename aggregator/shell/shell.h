/* shell.h: the thin shell around the core: frames over stdin and stdout, a stand-in TEE, and the lock-in.
 * It makes no decision of the protocol. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "core.h"

/** Exit codes of tacit-enclave. */
enum { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_SETUP = 3, EXIT_FATAL_CALL = 4, EXIT_BROKEN_PIPE = 5 };

/** The simulated TEE: a root key in place of the hardware's, and the measurement of this executable. */
struct sim_tee {
    struct p256_key root;
    uint8_t measurement[SHA256_SIZE];
    struct random_port random;
};

/** Reads the root key and measures the running executable; the only files that are ever read. On failure *what names
 *  the file. */
MUST_USE enum status sim_tee_open(const char *root_file, const struct random_port *random, struct sim_tee *out,
                                  const char **what);

/** Ports of struct core_ports; ctx is a struct sim_tee. */
enum status sim_tee_attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence);
enum status sim_tee_sealing_key(void *ctx, uint8_t out[static AEAD_KEY_MAX]);

/** Random bytes from the kernel; ctx is not used. */
enum status shell_random(void *ctx, uint8_t *out, size_t len);

/** Zeroed memory from the kernel, kept from being swapped where that is permitted; ctx is not used. NULL on failure. */
void *shell_lend(void *ctx, size_t size);
void shell_return(void *memory, size_t size);

/** Not dumpable, no core file, no new privileges, and from here on only the system calls of a list. */
MUST_USE enum status lock_in(void);

/** Serves frames until the host closes its end (EXIT_DONE), a call is fatal, or the pipe breaks. */
int serve(struct core *core);

#endif

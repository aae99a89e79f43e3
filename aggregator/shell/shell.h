/* shell.h: the thin shell around the core: frames over a pair of descriptors, the TEE, and the lock-in.
 * It makes no decision of the protocol. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "core.h"

/** Exit codes of tacit-enclave. */
enum { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_SETUP = 3, EXIT_FATAL_CALL = 4, EXIT_BROKEN_PIPE = 5, EXIT_QUOTER = 6 };

/** Random bytes from the kernel; ctx is not used. */
enum status shell_random(void *ctx, uint8_t *out, size_t len);

/** Zeroed memory from the kernel, kept from being swapped where that is permitted; ctx is not used. NULL on failure. */
void *shell_lend(void *ctx, size_t size);
void shell_return(void *memory, size_t size);

/** All of bytes, or STATUS_IO. */
MUST_USE enum status shell_write(int fd, struct view bytes);
/** len bytes; STATUS_NOT_FOUND when there is not one of them, STATUS_TRUNCATED when they end early, or STATUS_IO. */
MUST_USE enum status shell_read(int fd, uint8_t *out, size_t len);

/** How a process is locked in. */
enum confinement {
    CONFINED_CORE,   /* not dumpable, no core file, no new privileges; from here on it computes, reads and writes */
    CONFINED_QUOTER, /* the same, and it also opens files, makes and removes directories */
    /* Gramine has no system calls to give up: its enclave is confined by its manifest. What of the above is there is
     * done, and what is missing is no failure. */
    CONFINED_BY_GRAMINE,
};
MUST_USE enum status lock_in(enum confinement confinement);

/** Serves frames on stdin and stdout until the host closes its end (EXIT_DONE), a call is fatal, or the pipe breaks. */
int serve(struct core *core);

#endif

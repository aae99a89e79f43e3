/* swtpm.h: a throw-away TPM 2.0 in software, for tests in C. By swtpm.sh. A mistake in handling it fails the test. */
#ifndef SUPPORT_SWTPM_H
#define SUPPORT_SWTPM_H

#include <stdbool.h>

#include <tss2/tss2_esys.h>

struct swtpm {
    char folder[64], tcti[96];
};

/** Starts one. Skips the test, with a message, when swtpm is not installed. */
void swtpm_begin(struct swtpm *out);
/** Ends it and removes its folder. */
void swtpm_end(struct swtpm *swtpm);
/** Resets it: ends it and starts it with the state that it had. */
void swtpm_restart(struct swtpm *swtpm);
/** Ends it; its folder stays. */
void swtpm_halt(struct swtpm *swtpm);
/** Sends it a signal (SIGSTOP, SIGCONT). */
void swtpm_signal(const struct swtpm *swtpm, int number);

/** Speaks to it directly. One at a time: while this is open nobody else is served. */
ESYS_CONTEXT *swtpm_open(const struct swtpm *swtpm);
void swtpm_close(ESYS_CONTEXT *esys);
/** Extends a PCR of SHA-256. */
void swtpm_extend(const struct swtpm *swtpm, unsigned int index);

#endif

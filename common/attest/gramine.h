/* gramine.h: evidence of an SGX enclave that runs on Gramine, by its /dev/attestation; and its sealing key.
 * Source: Gramine documentation, "Attestation and Secret Provisioning"; PROTOCOL.md section 3. */
#ifndef ATTEST_GRAMINE_H
#define ATTEST_GRAMINE_H

#include "attest.h"
#include "pseudo_file.h"

#define GRAMINE_ROOT "/dev/attestation"

/** The files' folder. The values behind them are the process's own and not safe for threads: one attester, one thread. */
struct gramine {
    struct pseudo_folder folder;
};

/**
 * Looks whether there is a platform that makes quotes. root: GRAMINE_ROOT, or where a test has it.
 * On failure *what is a sentence about the file that was looked at.
 * Returns STATUS_NOT_FOUND (not on Gramine, or not in an enclave), STATUS_UNSUPPORTED (sgx.remote_attestation is not
 * "dcap"), and what struct attester says.
 */
MUST_USE enum status gramine_open(const char *root, struct gramine *out, const char **what);

/** For struct attester; ctx is a struct gramine. Evidence is a DCAP quote of version 3, without endorsement. */
enum status gramine_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                           struct buf *evidence, struct buf *endorsement);

/**
 * A key that only this very program gets on this very processor, as long as its microcode is not renewed: derived from
 * the enclave's, which itself is used for nothing. STATUS_MALFORMED: not a key of 16 bytes, or an empty one; else as
 * for files.
 */
MUST_USE enum status gramine_sealing_key(const struct gramine *gramine, uint8_t out[static AEAD_KEY_MAX]);

#endif

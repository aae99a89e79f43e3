/* tpm_attester.h: evidence of kind "tpm" (PROTOCOL.md section 3) from the TPM 2.0 of this machine, by tpm2-tss.
 *
 * Each call works in a process of its own (child.h), so that a TPM that hangs or disappears costs its time and no more, and
 * nothing stays loaded in it: transient objects are flushed, the persistent key stays. */
#ifndef ATTEST_TPM_ATTESTER_H
#define ATTEST_TPM_ATTESTER_H

#include "crypto.h"
#include "reason.h"
#include "tpm_container.h"

#define TPM_BANKS_SELECTED_MAX 3
#define TPM_TCTI_DEFAULT       "device:/dev/tpmrm0"
#define TPM_HANDLE_DEFAULT     0x81010002
#define TPM_PCRS_DEFAULT       "sha256:0,1,2,3,7,14"

/** PCRs that are quoted: each bank once, each with some. */
struct tpm_selection {
    size_t count; /* 1..TPM_BANKS_SELECTED_MAX */
    struct tpm_bank banks[TPM_BANKS_SELECTED_MAX];
};

/** Parses "sha256:0,1,7+sha384:14": banks of SHA-2, PCRs 0..23, none twice, TPM_CONTAINER_PCRS_MAX at most. NULL when
 *  well, else what is wrong. */
const char *tpm_selection_parse(const char *text, struct tpm_selection *out);

/** "sha256", and so on; NULL for a bank that a selection does not have. */
const char *tpm_bank_name(uint16_t alg);

struct tpm_attester {
    const char *tcti; /* how to reach the TPM, as tpm2-tss's loader takes it; lent */
    uint32_t handle;  /* of the AK: persistent, 0x81000000..0x81ffffff */
    struct tpm_selection pcrs;
    uint64_t timeout_ms; /* 1 and up */
};

/**
 * Makes the AK, or finds it where an earlier call left it: ECC P-256, ECDSA with SHA-256, restricted to what the TPM
 * attests, under a primary of the owner's hierarchy, kept at the handle. Its private half never leaves the TPM.
 *
 * public   gets its public area, TPM2B_PUBLIC (up to 2 + TPM_PUBLIC_MAX bytes).
 *
 * Returns, with a reason: STATUS_NO_CONNECTION (no such TPM, or it went away), STATUS_EXISTS (another key is at the handle),
 * STATUS_NOT_PERMITTED (the owner's hierarchy wants an authorisation), STATUS_UNSUPPORTED, STATUS_IO (anything else that the
 * TPM says), STATUS_TIMEOUT.
 */
MUST_USE enum status tpm_provision(const struct tpm_attester *attester, struct buf *public, struct reason *reason);

/**
 * Quotes the PCRs with the first 32 bytes of report_data, and appends a container to evidence with the values that were
 * quoted. ctx: struct tpm_attester. kind views a constant; endorsement stays as it is.
 * Returns as tpm_provision, and STATUS_NOT_FOUND: no AK is there (tpm_provision makes it); STATUS_UNSUPPORTED: the TPM keeps
 * no such bank or PCR; STATUS_BUSY: PCRs changed again and again while they were read.
 */
MUST_USE enum status tpm_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                                struct buf *evidence, struct buf *endorsement, struct reason *reason);

#endif

/* tss_private.h: what the files that speak to a TPM share. They run in a child (child.h): they may block, and end with it. */
#ifndef ATTEST_TSS_PRIVATE_H
#define ATTEST_TSS_PRIVATE_H

#include <tss2/tss2_esys.h>

#include "tpm_attester.h"

/** A TPM that is reached, and what is loaded in it. */
struct tss {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    ESYS_TR loaded[2]; /* transient: flushed when it is closed; ESYS_TR_NONE */
};

/** STATUS_NO_CONNECTION with reason; tss_close either way. */
MUST_USE enum status tss_open(const char *tcti, struct tss *out, struct reason *reason);
/** Flushes and closes; for CLEANUP. */
void tss_close(struct tss *tss);

/** The status of a TPM's answer; unless it is STATUS_OK, reason tells the answer in words, after what was asked. */
MUST_USE enum status tss_check(TSS2_RC answer, const char *asked, struct reason *reason);

/** Finds the AK at a handle: STATUS_NOT_FOUND, STATUS_EXISTS (another key). public is to be freed with Esys_Free. */
MUST_USE enum status tss_find_ak(struct tss *tss, uint32_t handle, ESYS_TR *key, TPM2B_PUBLIC **public,
                                 struct reason *reason);
/** Makes one and keeps it there. */
MUST_USE enum status tss_make_ak(struct tss *tss, uint32_t handle, struct reason *reason);

/** A quote over PCRs with a nonce, and their values, as an encoded container. */
MUST_USE enum status tss_quote(struct tss *tss, ESYS_TR key, const TPM2B_PUBLIC *public,
                               const struct tpm_selection *selection, struct view nonce, struct buf *out,
                               struct reason *reason);

#endif

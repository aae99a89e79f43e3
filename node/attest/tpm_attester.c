/* tpm_attester.c: see tpm_attester.h. */
#include "tpm_attester.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <tss2/tss2_mu.h>

#include "child.h"
#include "tpm_terms.h"
#include "tss_private.h"
#include "wire_limits.h"

/* What the child is to do. */
struct job {
    const struct tpm_attester *attester;
    struct view nonce;
    enum status (*run)(const struct job *job, struct tss *tss, struct buf *out, struct reason *reason);
};

static enum status write_public(const TPM2B_PUBLIC *public, struct buf *out, struct reason *reason)
{
    return tss_check(Tss2_MU_TPM2B_PUBLIC_Marshal(public, out->ptr, out->cap, &out->len), "the attestation key",
                     reason);
}

static enum status provision(const struct job *job, struct tss *tss, struct buf *out, struct reason *reason)
{
    const uint32_t handle = job->attester->handle;
    TPM2B_PUBLIC *public = NULL;
    ESYS_TR key = ESYS_TR_NONE;
    enum status status = tss_find_ak(tss, handle, &key, &public, reason);

    if (status == STATUS_NOT_FOUND) {
        TRY(tss_make_ak(tss, handle, reason));
        status = tss_find_ak(tss, handle, &key, &public, reason);
    }
    if (status == STATUS_OK)
        status = write_public(public, out, reason);
    Esys_Free(public);
    return status;
}

static enum status quote(const struct job *job, struct tss *tss, struct buf *out, struct reason *reason)
{
    TPM2B_PUBLIC *public = NULL;
    ESYS_TR key = ESYS_TR_NONE;
    enum status status = tss_find_ak(tss, job->attester->handle, &key, &public, reason);

    if (status == STATUS_NOT_FOUND)
        reason_set(reason, "tpm_handle 0x%08x: no attestation key is there; tacit-node --enrol-tpm makes it",
                   job->attester->handle);
    if (status == STATUS_OK)
        status = tss_quote(tss, key, public, &job->attester->pcrs, job->nonce, out, reason);
    Esys_Free(public);
    return status;
}

/* Keeps stderr for our own line: tpm2-tss writes a log there, before it. Gives where the line is to go. */
static int silence_stderr(void)
{
    const int told = dup(STDERR_FILENO), nothing = open("/dev/null", O_WRONLY);

    (void)dup2(nothing, STDERR_FILENO);
    return told;
}

/* In the child. */
static int work(const void *ctx)
{
    const int told = silence_stderr();
    const struct job *job = ctx;
    uint8_t bytes[EVIDENCE_MAX];
    struct buf out = BUF_OF(bytes);
    struct reason reason = {""};
    CLEANUP(tss_close) struct tss tss = {.tcti = NULL};
    enum status status = tss_open(job->attester->tcti, &tss, &reason);

    if (status == STATUS_OK)
        status = job->run(job, &tss, &out, &reason);
    if (status != STATUS_OK)
        (void)dprintf(told, "%s\n", reason.text[0] != '\0' ? reason.text : status_text(status));
    else if (write(STDOUT_FILENO, out.ptr, out.len) != (ssize_t)out.len)
        status = STATUS_IO;
    return (int)status;
}

static enum status run(const struct job *job, struct buf *out, struct reason *reason)
{
    const struct child_call call = {
        .name = "TPM", .work = work, .ctx = job, .timeout_ms = job->attester->timeout_ms, .max = EVIDENCE_MAX};

    return child_run(&call, out, reason);
}

enum status tpm_provision(const struct tpm_attester *attester, struct buf *public, struct reason *reason)
{
    const struct job job = {.attester = attester, .run = provision};

    return run(&job, public, reason);
}

enum status tpm_attest(void *ctx, const uint8_t report_data[static SHA512_SIZE], struct view *kind,
                       struct buf *evidence, struct buf *endorsement, struct reason *reason)
{
    const struct job job = {.attester = ctx, .nonce = {report_data, TPM_NONCE_SIZE}, .run = quote};

    (void)endorsement;
    TRY(run(&job, evidence, reason));
    *kind = VIEW_TEXT(TPM_KIND);
    return STATUS_OK;
}

/* tss.c: a TPM is opened and closed, and its answers are told; see tss_private.h. */
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "tss_private.h"

#define LAYER_MASK 0x00ff0000u
#define FORMAT_ONE 0x080u /* the answer tells which handle, session or parameter is wrong */
#define ONE_MASK   0x0bfu /* the rest of such an answer */
#define ZERO_MASK  0x17fu

/* What has a status of its own, whatever handle, session or parameter it is about. */
static const struct {
    TSS2_RC answer;
    enum status status;
} known[] = {
    {TPM2_RC_BAD_AUTH, STATUS_NOT_PERMITTED},
    {TPM2_RC_AUTH_FAIL, STATUS_NOT_PERMITTED},
    {TPM2_RC_AUTH_MISSING, STATUS_NOT_PERMITTED},
    {TPM2_RC_AUTH_UNAVAILABLE, STATUS_NOT_PERMITTED},
    {TPM2_RC_HIERARCHY, STATUS_NOT_PERMITTED},
    {TPM2_RC_LOCKOUT, STATUS_NOT_PERMITTED},
    {TPM2_RC_HANDLE, STATUS_NOT_FOUND},
    {TPM2_RC_CURVE, STATUS_UNSUPPORTED},
    {TPM2_RC_SCHEME, STATUS_UNSUPPORTED},
    {TPM2_RC_HASH, STATUS_UNSUPPORTED},
    {TPM2_RC_COMMAND_CODE, STATUS_UNSUPPORTED},
    {TPM2_RC_NV_DEFINED, STATUS_EXISTS},
    {TPM2_RC_RETRY, STATUS_BUSY},
    {TPM2_RC_YIELDED, STATUS_BUSY},
};

static enum status status_of(TSS2_RC answer)
{
    const uint32_t layer = answer & LAYER_MASK;

    if (layer == TSS2_TCTI_RC_LAYER)
        return STATUS_NO_CONNECTION;
    if (layer != TSS2_TPM_RC_LAYER && layer != TSS2_RESMGR_TPM_RC_LAYER)
        return STATUS_IO;
    answer &= (answer & FORMAT_ONE) != 0 ? ONE_MASK : ~LAYER_MASK;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].answer == answer)
            return known[i].status;
    return STATUS_IO;
}

enum status tss_check(TSS2_RC answer, const char *asked, struct reason *reason)
{
    if (answer == TSS2_RC_SUCCESS)
        return STATUS_OK;
    reason_set(reason, "%s: %s", asked, Tss2_RC_Decode(answer));
    return status_of(answer);
}

enum status tss_open(const char *tcti, struct tss *out, struct reason *reason)
{
    struct reason why = {""};

    *out = (struct tss){.loaded = {ESYS_TR_NONE, ESYS_TR_NONE}};
    if (tss_check(Tss2_TctiLdr_Initialize(tcti, &out->tcti), "not reached", &why) != STATUS_OK ||
        tss_check(Esys_Initialize(&out->esys, out->tcti, NULL), "not usable", &why) != STATUS_OK) {
        reason_set(reason, "tpm_tcti %s: %s; is there such a TPM, and may this user open it?", tcti, why.text);
        return STATUS_NO_CONNECTION;
    }
    return STATUS_OK;
}

void tss_close(struct tss *tss)
{
    for (size_t i = 0; i < ARRAY_LEN(tss->loaded); i++)
        if (tss->loaded[i] != ESYS_TR_NONE)
            (void)Esys_FlushContext(tss->esys, tss->loaded[i]);
    if (tss->esys != NULL)
        Esys_Finalize(&tss->esys);
    if (tss->tcti != NULL)
        Tss2_TctiLdr_Finalize(&tss->tcti);
}

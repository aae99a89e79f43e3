/* tss_quote.c: a quote and the PCR values that it is of; see tss_private.h. */
#include <string.h>

#include <tss2/tss2_mu.h>

#include "tss_private.h"

#define TRIES       8 /* PCRs that change between the quote and their reading are quoted anew */
#define VALUES_SIZE (TPM_CONTAINER_PCRS_MAX * TPM_PCR_BYTES_MAX)

/* The parts of a container, marshalled. */
struct parts {
    uint8_t attest[TPM_ATTEST_MAX], signature[TPM_SIGNATURE_MAX], public[TPM_PUBLIC_MAX], values[VALUES_SIZE];
    struct buf memory; /* of values */
    struct tpm_container container;
};

static TPML_PCR_SELECTION selection_of(const struct tpm_selection *selection)
{
    TPML_PCR_SELECTION out = {.count = (uint32_t)selection->count};

    for (size_t i = 0; i < selection->count; i++) {
        out.pcrSelections[i].hash = selection->banks[i].alg;
        out.pcrSelections[i].sizeofSelect = 3;
        for (size_t byte = 0; byte < 3; byte++)
            out.pcrSelections[i].pcrSelect[byte] = (uint8_t)(selection->banks[i].pcrs >> (8 * byte));
    }
    return out;
}

static enum status marshal_public(const TPM2B_PUBLIC *public, struct parts *out, struct reason *reason)
{
    size_t len = 0;

    TRY(tss_check(Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, out->public, sizeof out->public, &len),
                  "the attestation key", reason));
    out->container.ak = (struct view){out->public, len};
    return STATUS_OK;
}

static enum status take_quote(struct tss *tss, ESYS_TR key, const TPML_PCR_SELECTION *pcrs, struct view nonce,
                              struct parts *out, struct reason *reason)
{
    static const TPMT_SIG_SCHEME scheme_of_key = {.scheme = TPM2_ALG_NULL};
    TPM2B_DATA data = {.size = (uint16_t)nonce.len};
    TPM2B_ATTEST *attest = NULL;
    TPMT_SIGNATURE *signature = NULL;
    enum status status;
    size_t len = 0;

    memcpy(data.buffer, nonce.ptr, nonce.len);
    status = tss_check(Esys_Quote(tss->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data, &scheme_of_key,
                                  pcrs, &attest, &signature),
                       "quoting", reason);
    if (status == STATUS_OK)
        status = tss_check(Tss2_MU_TPMT_SIGNATURE_Marshal(signature, out->signature, sizeof out->signature, &len),
                           "the signature", reason);
    if (status == STATUS_OK) {
        memcpy(out->attest, attest->attestationData, attest->size);
        out->container.attest = (struct view){out->attest, attest->size};
        out->container.signature = (struct view){out->signature, len};
    }
    Esys_Free(attest);
    Esys_Free(signature);
    return status;
}

/* Keeps the values of one answer, and takes what was answered out of what is left to ask. */
static enum status keep_values(const TPML_PCR_SELECTION *got, const TPML_DIGEST *values, TPML_PCR_SELECTION *left,
                               struct parts *out)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < got->count && i < left->count && got->pcrSelections[i].hash == left->pcrSelections[i].hash;
         i++)
        for (uint8_t index = 0; index < 24; index++) {
            const uint8_t byte = index / 8, bit = (uint8_t)(1u << index % 8);
            struct tpm_pcr *pcr = &out->container.pcrs[out->container.pcr_count];
            struct view value;

            if ((got->pcrSelections[i].pcrSelect[byte] & bit) == 0)
                continue;
            if (at == values->count || out->container.pcr_count == TPM_CONTAINER_PCRS_MAX)
                return STATUS_IO;
            value = (struct view){values->digests[at].buffer, values->digests[at].size};
            *pcr = (struct tpm_pcr){got->pcrSelections[i].hash, index, {out->memory.ptr + out->memory.len, value.len}};
            TRY(buf_append(&out->memory, value));
            left->pcrSelections[i].pcrSelect[byte] &= (uint8_t)~bit;
            out->container.pcr_count++;
            at++;
        }
    return at > 0 ? STATUS_OK : STATUS_UNSUPPORTED;
}

static bool is_empty(const TPML_PCR_SELECTION *pcrs)
{
    for (uint32_t i = 0; i < pcrs->count; i++)
        for (size_t byte = 0; byte < 3; byte++)
            if (pcrs->pcrSelections[i].pcrSelect[byte] != 0)
                return false;
    return true;
}

/* A TPM tells eight values in an answer, and those of no bank that it does not keep. */
static enum status read_values(struct tss *tss, const TPML_PCR_SELECTION *pcrs, struct parts *out,
                               struct reason *reason)
{
    TPML_PCR_SELECTION left = *pcrs;
    enum status status = STATUS_OK;

    out->container.pcr_count = 0;
    out->memory = BUF_OF(out->values);
    while (status == STATUS_OK && !is_empty(&left)) {
        TPML_PCR_SELECTION *got = NULL;
        TPML_DIGEST *values = NULL;

        status =
            tss_check(Esys_PCR_Read(tss->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &left, NULL, &got, &values),
                      "reading PCRs", reason);
        if (status == STATUS_OK) {
            status = keep_values(got, values, &left, out);
            if (status != STATUS_OK)
                reason_set(reason, "tpm_pcrs: this TPM does not keep one of these banks");
        }
        Esys_Free(got);
        Esys_Free(values);
    }
    return status;
}

/* Appraises it as who gets it will: so what is sent is good, or the reason is known here. */
static enum status check(const struct parts *parts, struct view nonce)
{
    struct tpm_public ak;
    const struct tpm_rules rules = {.ak = &ak, .nonce = nonce};
    const struct tpm_evidence evidence = {.attest = parts->container.attest,
                                          .signature = parts->container.signature,
                                          .pcrs = parts->container.pcrs,
                                          .pcr_count = parts->container.pcr_count};
    struct tpm_result result;

    TRY(tpm_public_decode(parts->container.ak, &ak));
    return tpm_appraise(&evidence, &rules, &result);
}

enum status tss_quote(struct tss *tss, ESYS_TR key, const TPM2B_PUBLIC *public, const struct tpm_selection *selection,
                      struct view nonce, struct buf *out, struct reason *reason)
{
    const TPML_PCR_SELECTION pcrs = selection_of(selection);
    struct parts parts = {.container = {.pcr_count = 0}};
    enum status status = STATUS_EVIDENCE_BINDING;

    TRY(marshal_public(public, &parts, reason));
    for (int tries = 0; tries < TRIES && status == STATUS_EVIDENCE_BINDING; tries++) {
        TRY(take_quote(tss, key, &pcrs, nonce, &parts, reason));
        TRY(read_values(tss, &pcrs, &parts, reason));
        status = check(&parts, nonce);
    }
    if (status == STATUS_EVIDENCE_BINDING) {
        reason_set(reason, "PCRs change faster than they can be read");
        return STATUS_BUSY;
    }
    if (status != STATUS_OK) {
        reason_set(reason, "the TPM's quote: %s", status_text(status));
        return status;
    }
    return tpm_container_encode(&parts.container, out);
}

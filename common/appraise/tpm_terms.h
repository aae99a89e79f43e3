/* tpm_terms.h: what a policy demands of TPM 2.0 evidence, and the row of the table (appraise.h) that judges by it. Pure.
 * Source: PROTOCOL.md section 16. Evidence is a container of a quote, its signature, the AK's public area and the PCR
 * values (tpm_container.h); the AK's certificates travel as endorsements. */
#ifndef APPRAISE_TPM_TERMS_H
#define APPRAISE_TPM_TERMS_H

#include "allowed.h"
#include "appraise.h"
#include "tpm.h"

#define TPM_KIND            "tpm"
#define TPM_NONCE_SIZE      32 /* of report_data: its first bytes; a TPM takes no more than its largest digest and 2 */
#define TPM_AKS_MAX         128
#define TPM_AUTHORITIES_MAX 8
#define TPM_AUTHORITY_MAX   1024 /* bytes of a SubjectPublicKeyInfo */
#define TPM_PCR_TERMS_MAX   24

/** An AK that was enrolled, and who may show quotes of it. */
struct tpm_ak {
    struct view ak_name; /* TPM2B_NAME without its size: 34, 50 or 66 bytes */
    struct view name;    /* of the device; empty: any */
};

/** A PCR that must be quoted, and the values that it may have. */
struct tpm_pcr_terms {
    uint16_t alg; /* TPM_SHA256 or larger SHA-2; never SHA-1 */
    uint8_t index;
    struct allowed values; /* never any */
};

/** An AK is believed when it is listed, or certified by an authority that is. Not both may be empty. */
struct tpm_terms {
    uint32_t ak_count;
    struct tpm_ak aks[TPM_AKS_MAX];
    uint32_t authority_count;
    struct view authorities[TPM_AUTHORITIES_MAX]; /* SubjectPublicKeyInfo, DER */
    bool crl_required;                            /* of a certified AK: each certificate's issuer has a list */
    uint32_t pcr_count;                           /* 1..; no PCR twice */
    struct tpm_pcr_terms pcrs[TPM_PCR_TERMS_MAX];
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason, STATUS_UNSUPPORTED (a bank), STATUS_BAD_KEY (an authority),
 *  STATUS_OUT_OF_RANGE for terms that accept nothing. out views into bytes. */
MUST_USE enum status tpm_terms_encode(const struct tpm_terms *terms, struct buf *out);
MUST_USE enum status tpm_terms_decode(struct view bytes, struct tpm_terms *out);

/** The row. The nonce must be the first TPM_NONCE_SIZE bytes of report_data. The AK must be restricted. The measurement of
 *  the appraisal is, under rules, the SHA-256 of the values of the PCRs that they name: banks by their number, in each by
 *  index; so it does not change with what else was quoted. Without rules it is the quote's PCR digest. Without rules the AK is believed when evidence->key is it, or
 *  evidence->authority certified it. */
MUST_USE enum status tpm_row_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out);
MUST_USE enum status tpm_check_rules(struct view rules);

#endif

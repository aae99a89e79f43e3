/* tpm_container.h: what travels as evidence of kind "tpm": a quote and what is needed to check it. Pure.
 * Source: PROTOCOL.md section 3. */
#ifndef APPRAISE_TPM_CONTAINER_H
#define APPRAISE_TPM_CONTAINER_H

#include "tpm.h"

#define TPM_CONTAINER_PCRS_MAX  64
#define TPM_CONTAINER_PCR_LAST  23
#define TPM_CONTAINER_VALUE_MIN 20 /* of SHA-1 */
#define TPM_SIGNATURE_MAX       1024
#define TPM_PUBLIC_MAX          1024

/** Views into the encoding, or lent for it. */
struct tpm_container {
    struct view attest;                          /* TPMS_ATTEST: 1..TPM_ATTEST_MAX bytes */
    struct view signature;                       /* TPMT_SIGNATURE: 1..TPM_SIGNATURE_MAX */
    struct view ak;                              /* TPMT_PUBLIC: 1..TPM_PUBLIC_MAX */
    uint32_t pcr_count;                          /* 0..TPM_CONTAINER_PCRS_MAX */
    struct tpm_pcr pcrs[TPM_CONTAINER_PCRS_MAX]; /* index 0..23, value 20..64 bytes; what is quoted tells if they fit */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason; out is set only on STATUS_OK and views into bytes. Whether the
 *  parts are what they should be is tpm_appraise's to tell. */
MUST_USE enum status tpm_container_encode(const struct tpm_container *container, struct buf *out);
MUST_USE enum status tpm_container_decode(struct view bytes, struct tpm_container *out);

#endif

/* dcap_pck.h: what a PCK certificate says of its platform (Intel SGX PCK certificate and CRL profile). Pure. */
#ifndef APPRAISE_DCAP_PCK_H
#define APPRAISE_DCAP_PCK_H

#include "x509.h"

#define DCAP_COMPONENTS 16
#define DCAP_FMSPC_SIZE 6
#define DCAP_PCEID_SIZE 2

struct dcap_pck {
    uint8_t components[DCAP_COMPONENTS]; /* security versions */
    uint32_t pce_svn;
    struct view ppid, cpu_svn;        /* 16 each */
    struct view pce_id, fmspc;        /* DCAP_PCEID_SIZE, DCAP_FMSPC_SIZE */
    uint32_t sgx_type;                /* 0 standard, 1 scalable, 2 scalable with integrity */
    struct view platform_instance_id; /* 16; empty when there is none */
};

/**
 * Reads the SGX extension of a PCK certificate. out views into the certificate.
 * Returns STATUS_NOT_FOUND (no such extension), STATUS_MALFORMED (DER; a member missing or of another size),
 * STATUS_TRUNCATED, STATUS_TRAILING, STATUS_OUT_OF_RANGE, STATUS_DUPLICATE_KEY.
 */
MUST_USE enum status dcap_pck_read(const struct x509_certificate *certificate, struct dcap_pck *out);

#endif

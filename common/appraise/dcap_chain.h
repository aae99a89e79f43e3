/* dcap_chain.h: the certificates and revocation lists of a quote, up to Intel's root, and the endorsements that it
 * comes with. Pure. */
#ifndef APPRAISE_DCAP_CHAIN_H
#define APPRAISE_DCAP_CHAIN_H

#include "dcap_collateral.h"

#define DCAP_CERTIFICATES_MAX 32
#define DCAP_CRLS_MAX         16
#define DCAP_DOCUMENTS_MAX    16

struct dcap_chain {
    struct x509_certificate leaf, intermediate, root;
};

/** Endorsements by kind. Parsed, not believed. */
struct dcap_endorsements {
    size_t certificate_count, crl_count, document_count;
    struct x509_certificate certificates[DCAP_CERTIFICATES_MAX];
    struct x509_crl crls[DCAP_CRLS_MAX];
    struct dcap_document documents[DCAP_DOCUMENTS_MAX];
};

/** Parses a quote's PCK chain: exactly leaf, intermediate and root. STATUS_EVIDENCE_CHAIN (another number of
 *  certificates, a CRL among them) and what x509_take and x509_certificate_parse return. */
MUST_USE enum status dcap_chain_read(struct view pem, struct buf *space, struct dcap_chain *out);

/** True for the point of the key that all of Intel's platforms lead to. */
bool dcap_is_root(struct view point);

/** Verifies a chain's names, signatures and root, whatever the time. STATUS_EVIDENCE_ROOT (not Intel's SGX root key),
 *  STATUS_EVIDENCE_CHAIN (names; an intermediate that is no PCK authority) and those of x509_certificate_issued_by. */
MUST_USE enum status dcap_chain_verify(const struct dcap_chain *chain);

/** STATUS_EVIDENCE_NOT_YET, STATUS_EVIDENCE_EXPIRED unless all three are in their time. */
MUST_USE enum status dcap_chain_valid_at(const struct dcap_chain *chain, int64_t time);

/** True for the commonName of Intel's signer of collateral. */
bool dcap_is_tcb_signer(const struct x509_certificate *certificate);

/**
 * Sorts endorsements by kind. Goes on behind an item that is not understood and returns the first such reason: those of
 * x509.h and dcap_document_split, STATUS_OUT_OF_RANGE (too many items, of a kind or in bytes; then at once). out is
 * always set: it holds what was understood.
 */
MUST_USE enum status dcap_endorsements_sort(const struct view *items, size_t count, struct buf *space,
                                            struct dcap_endorsements *out);

#endif

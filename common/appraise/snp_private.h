/* snp_private.h: what the files of snp.h share. */
#ifndef APPRAISE_SNP_PRIVATE_H
#define APPRAISE_SNP_PRIVATE_H

#include "appraise.h"
#include "snp.h"

/* What endorsements hold. Views into them and into the space that PEM is decoded into. */
struct snp_collection {
    uint32_t certificate_count, crl_count;
    struct x509_certificate certificates[SNP_CERTIFICATES_MAX];
    struct x509_crl crls[SNP_CRLS_MAX];
};

/* Parses all of them (endorsements may be NULL). Returns why one does not parse, or STATUS_NO_SPACE for too many. */
MUST_USE enum status snp_collect(const struct endorsements *endorsements, struct buf *space,
                                 struct snp_collection *out);

/* What a VCEK's or VLEK's certificate says in AMD's extensions. */
struct snp_leaf {
    enum snp_signing_key kind;
    struct view product_name;
    struct snp_tcb tcb;
    struct view chip; /* VCEK: extension contents; with or without an OCTET STRING around */
};

/* Returns STATUS_EVIDENCE_SIGNER when it is neither, STATUS_MALFORMED when an extension that must be there is not,
 * else why one does not parse. */
MUST_USE enum status snp_leaf_parse(const struct x509_certificate *certificate, struct snp_leaf *out);

/* What one examination works with. */
struct snp_work {
    const struct snp_evidence *evidence;
    struct buf *space;
    struct snp_result *out;
    struct snp_collection collection;
    const struct x509_certificate *certificate; /* of the key that signed the report */
    enum status signature;                      /* of the report by that key */
    unsigned int leaves_tried;
    struct snp_leaf leaf;
    const struct snp_line *line;
    const struct x509_certificate *intermediate;
    struct x509_certificate root; /* the pinned key under the name that the intermediate calls its issuer */
};

/* The checks that need certificates, and for each the checks before it (snp.c). Besides the reasons that snp.h gives:
 * STATUS_NOT_FOUND where there is nothing to check (chip, revocation). */
MUST_USE enum status snp_check_leaf(struct snp_work *work);
MUST_USE enum status snp_check_signature(struct snp_work *work);
MUST_USE enum status snp_check_product(struct snp_work *work);
MUST_USE enum status snp_check_chain(struct snp_work *work);
MUST_USE enum status snp_check_tcb(struct snp_work *work);
MUST_USE enum status snp_check_chip(struct snp_work *work);
MUST_USE enum status snp_check_validity(struct snp_work *work);
MUST_USE enum status snp_check_revocation(struct snp_work *work);

/* Sets what was found out about the guest and its platform: fields, measurement, debug, window. Texts lie in space. */
void snp_describe(const struct snp_result *result, struct buf *space, struct appraisal *out);

#endif

/* snp_terms.h: what a policy demands of AMD SEV-SNP evidence, and the row of the table (appraise.h) that judges by it.
 * Pure. Source: PROTOCOL.md section 16. Evidence is a report as it is (snp.h); certificates and lists of revoked ones
 * travel as endorsements. */
#ifndef APPRAISE_SNP_TERMS_H
#define APPRAISE_SNP_TERMS_H

#include "allowed.h"
#include "appraise.h"
#include "snp.h"

#define SNP_KIND        "snp"
#define SNP_SIGNERS_MAX 16

/* Bits of a guest's launch policy that may be allowed or required. */
#define SNP_POLICY_SMT               ((uint64_t)1 << 16)
#define SNP_POLICY_MIGRATE           ((uint64_t)1 << 18)
#define SNP_POLICY_DEBUG             ((uint64_t)1 << 19)
#define SNP_POLICY_SINGLE_SOCKET     ((uint64_t)1 << 20)
#define SNP_POLICY_CXL               ((uint64_t)1 << 21)
#define SNP_POLICY_AES_256_XTS       ((uint64_t)1 << 22)
#define SNP_POLICY_RAPL_OFF          ((uint64_t)1 << 23)
#define SNP_POLICY_CIPHERTEXT_HIDING ((uint64_t)1 << 24)
#define SNP_POLICY_PAGE_SWAP_OFF     ((uint64_t)1 << 25)
/* That weaken a guest when set: not accepted unless the terms allow them. The others only strengthen it. */
#define SNP_POLICY_WEAKENING (SNP_POLICY_SMT | SNP_POLICY_MIGRATE | SNP_POLICY_DEBUG | SNP_POLICY_CXL)
#define SNP_POLICY_STRENGTHENING \
    (SNP_POLICY_SINGLE_SOCKET | SNP_POLICY_AES_256_XTS | SNP_POLICY_RAPL_OFF | SNP_POLICY_CIPHERTEXT_HIDING | \
     SNP_POLICY_PAGE_SWAP_OFF)

/** A product that is accepted, from these versions on. Others are not. */
struct snp_least {
    enum snp_product product;
    struct snp_tcb tcb; /* of the reported TCB, each part at least */
};

/** Who signed the guest's identity block, for which image, from a version on. */
struct snp_signer {
    struct view key_digest; /* 48: ID_KEY_DIGEST or, where the report has an author key, AUTHOR_KEY_DIGEST */
    struct view image_id;   /* 16; empty: any */
    uint32_t min_svn;       /* GUEST_SVN */
};

/** A guest is accepted when its measurement is listed, or its signer is. Not both may be empty. */
struct snp_terms {
    struct allowed measurement; /* 48; never any */
    uint32_t signer_count;
    struct snp_signer signers[SNP_SIGNERS_MAX];
    struct allowed host_data; /* 32 */
    uint32_t least_count;     /* 1..SNP_ROOTS, no product twice */
    struct snp_least least[SNP_ROOTS];
    uint32_t max_vmpl;  /* 0..3 */
    bool vcek, vlek;    /* keys of the chip, of the cloud; at least one */
    uint64_t allowed;   /* of SNP_POLICY_WEAKENING: may be set */
    uint64_t required;  /* of the other SNP_POLICY bits: must be set */
    bool crl_required;  /* a revocation list of the product's root must be there */
    uint64_t max_age_s; /* of that list since its issue: 1..TIME_MAX */
    uint64_t grace_s;   /* it is taken so long after its end: 0..TIME_MAX */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason, STATUS_OUT_OF_RANGE for terms that accept nothing or contradict
 *  themselves. out views into bytes. */
MUST_USE enum status snp_terms_encode(const struct snp_terms *terms, struct buf *out);
MUST_USE enum status snp_terms_decode(struct view bytes, struct snp_terms *out);

/**
 * The row. What snp_examine (snp.h) finds comes first, with its reasons; then, of an authentic report, what the terms
 * demand: STATUS_EVIDENCE_PLATFORM (product), _TCB (a part), _SIGNER (kind of key), _GUEST_POLICY (VMPL, a bit), _DEBUG,
 * _MEASUREMENT (guest, host data), _CRL (missing, too old); last STATUS_EVIDENCE_BINDING. Without rules debugging and
 * migration are not judged: a guest that is open to its host is authentic, and debug tells so.
 *
 * A list that ended no longer ago than grace_s is judged as of its last second: the result's window stays what it is, so
 * it has ended, and the field "grace" is true. Certificates are given no grace. A list that is there counts, required or
 * not. With grace, debugging or no list ear_status is EAR_WARNING.
 *
 * Fields, whenever the report parses: names of AMD 56860 in lower case; "policy", "platform_info" and "flags" as bytes, the
 * highest first; TCBs as they stand in the report and, once the product is known, in parts: "rtcb.bl" of the reported one,
 * "current_tcb.bl" and so on. Takes about 30 KB of stack.
 */
MUST_USE enum status snp_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out);
MUST_USE enum status snp_check_rules(struct view rules);

#endif

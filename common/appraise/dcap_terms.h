/* dcap_terms.h: what a policy demands of Intel SGX and TDX evidence, and the rows of the table (appraise.h) that judge by
 * it. Pure. Source: PROTOCOL.md section 16. Evidence is a quote as it is (dcap.h); collateral travels as endorsements. */
#ifndef APPRAISE_DCAP_TERMS_H
#define APPRAISE_DCAP_TERMS_H

#include "allowed.h"
#include "appraise.h"
#include "dcap.h"

#define SGX_KIND            "sgx"
#define TDX_KIND            "tdx"
#define SGX_SIGNERS_MAX     16
#define SGX_COMPONENTS      16
#define TDX_SEPT_VE_DISABLE ((uint64_t)1 << 28)
#define TDX_MIGRATABLE      ((uint64_t)1 << 29)
#define TDX_PKS             ((uint64_t)1 << 30)
#define TDX_KL              ((uint64_t)1 << 31)
#define TDX_PERFMON         ((uint64_t)1 << 63)

/** What is demanded of the platform, the same for both kinds. */
struct dcap_terms {
    uint32_t statuses;         /* bit 1 << enum dcap_tcb of each that is accepted; at least one; never UNKNOWN,
                                * NOT_SUPPORTED, REVOKED */
    struct allowed advisories; /* texts of 1..32; each that concerns the platform must be listed; empty: none may */
    uint32_t min_evaluation;   /* tcbEvaluationDataNumber, of TCB info and of QE identity */
    uint64_t max_age_s;        /* since the issue of the older of the two: 1..TIME_MAX */
    uint64_t grace_s;          /* TCB info, QE identity and CRLs are taken so long after their end: 0..TIME_MAX */
    uint8_t min_components[SGX_COMPONENTS]; /* of the PCK certificate; zeros: no more than the statuses say */
    uint16_t min_pcesvn;                    /* as above */
    bool debug;                             /* accepted too */
};

/** A signer's product from a security version on. */
struct sgx_signer {
    struct view mr_signer; /* 32 */
    uint16_t product, min_svn;
};

/** An enclave is accepted when its MRENCLAVE is listed, or its signer, product and version are. Not both may be empty. */
struct sgx_terms {
    struct allowed mr_enclave; /* 32; never any */
    uint32_t signer_count;
    struct sgx_signer signers[SGX_SIGNERS_MAX];
    struct dcap_terms platform;
};

/** Every measurement must be listed; where any will do, the policy says so. */
struct tdx_terms {
    struct allowed mr_td;                                   /* 48; never any */
    struct allowed rtmr[DCAP_RTMRS];                        /* 48 */
    struct allowed mr_config_id, mr_owner, mr_owner_config; /* 48 */
    uint64_t attributes_allowed,
        attributes_required;                /* TDATTRIBUTES above the debug byte: bits that may, must be set */
    uint8_t min_tee_tcb_svn[DCAP_SVN_SIZE]; /* each at least */
    struct dcap_terms platform;
};

/**
 * Encode: STATUS_NO_SPACE. Decode: an encoding reason, STATUS_OUT_OF_RANGE for terms that accept nothing, or too much (a
 * status that never is, an attribute that is required and not allowed). out views into bytes.
 */
MUST_USE enum status sgx_terms_encode(const struct sgx_terms *terms, struct buf *out);
MUST_USE enum status sgx_terms_decode(struct view bytes, struct sgx_terms *out);
MUST_USE enum status tdx_terms_encode(const struct tdx_terms *terms, struct buf *out);
MUST_USE enum status tdx_terms_decode(struct view bytes, struct tdx_terms *out);

/**
 * The rows. All that dcap_verify finds, then each term; under rules, what is missing is refused like what is wrong.
 *
 * Collateral that ended no longer ago than grace_s is taken, as is said by the field "grace"; the result's window stays
 * what it is, so not_after lies before now. Certificates that ended are not taken. evidence->space is needed. Fields have
 * Intel's names in lower case; those of the quoting enclave begin with "qe_". Takes about 65 KB of stack.
 *
 * Reasons, besides those of dcap_verify and of the decoding of rules: STATUS_EVIDENCE_KIND (a quote of the other row),
 * STATUS_EVIDENCE_COLLATERAL_EXPIRED (also older than max_age_s), STATUS_EVIDENCE_EVALUATION, STATUS_EVIDENCE_TCB
 * (status, components, PCESVN, TEE_TCB_SVN), STATUS_EVIDENCE_ADVISORY, STATUS_TRAILING (bytes behind the quote: noted
 * only without rules), STATUS_EVIDENCE_DEBUG, STATUS_EVIDENCE_GUEST_POLICY (attributes: of TDX as the terms say, and
 * MRSERVICETD must be zeros unless they allow MIGRATABLE; of SGX INIT must be set, PROVISION_KEY and EINITTOKEN_KEY must
 * not), STATUS_EVIDENCE_MEASUREMENT, STATUS_EVIDENCE_BINDING.
 */
MUST_USE enum status sgx_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out);
MUST_USE enum status tdx_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out);
MUST_USE enum status sgx_check_rules(struct view rules);
MUST_USE enum status tdx_check_rules(struct view rules);

#endif

/* dcap.h: Intel SGX and TDX quotes, from the platform to Intel's root, with the collateral that says how its platform
 * stands. Pure: bytes and a time in, findings out; fetches nothing, reads no clock, no memory but what is lent. */
#ifndef APPRAISE_DCAP_H
#define APPRAISE_DCAP_H

#include "dcap_pck.h"
#include "dcap_quote.h"
#include "dcap_tcb.h"

#define DCAP_ENDORSEMENTS_MAX       32                /* items */
#define DCAP_ENDORSEMENTS_BYTES_MAX (4 * 1024 * 1024) /* of all items together */
#define DCAP_SPACE                  65536             /* enough for collateral of one platform in PEM or hexadecimal */

/** What is verified. Everything is lent until the result is no longer used. */
struct dcap_evidence {
    struct view quote;
    /* Certificates and CRLs (DER, PEM, DER in hexadecimal; chains too) and signed JSON, in any order, told apart by
     * content. Of several of a kind the one that fits the quote and the time is taken, the newest first. */
    const struct view *endorsements;
    size_t endorsement_count;
    int64_t time; /* seconds since 1970 */
};

/* X(name, what a person should read), in the order in which they are made. */
#define DCAP_CHECKS(X) \
    X(FORMAT, "the quote is well formed") \
    X(PCK_CHAIN, "PCK certificates lead to Intel's root") \
    X(QE_REPORT, "the quoting enclave's report is signed by the PCK key") \
    X(ATTESTATION_KEY, "the quoting enclave vouches for the attestation key") \
    X(QUOTE_SIGNATURE, "the quote is signed by the attestation key") \
    X(PCK_DATES, "PCK certificates are in their time") \
    X(ENDORSEMENTS, "every endorsement is understood") \
    X(ROOT_CRL, "revocation list of the root") \
    X(PCK_CRL, "revocation list of the PCK authority") \
    X(PCK_REVOCATION, "no PCK certificate is revoked") \
    X(TCB_SIGNER, "the collateral's signer leads to Intel's root") \
    X(TCB_INFO, "TCB info is signed, in its time and of this platform") \
    X(QE_IDENTITY, "QE identity is signed, in its time and of this kind") \
    X(QE, "the quoting enclave is Intel's") \
    X(TDX_MODULE, "the TDX module is Intel's") \
    X(TCB_LEVEL, "the platform reaches a TCB level that is not revoked")

enum dcap_check {
#define DCAP_CHECK_ENUM(name, text) DCAP_CHECK_##name,
    DCAP_CHECKS(DCAP_CHECK_ENUM)
#undef DCAP_CHECK_ENUM
        DCAP_CHECK_COUNT
};

enum dcap_outcome { DCAP_NOT_CHECKED, DCAP_PASSED, DCAP_FAILED, DCAP_NOT_APPLICABLE };

struct dcap_finding {
    enum dcap_outcome outcome;
    enum status
        reason; /* of DCAP_FAILED; of DCAP_NOT_CHECKED STATUS_EVIDENCE_COLLATERAL or _CRL when that was missing */
};

/** When the result holds, both inclusive: where all the certificates, lists and documents that it rests on are in their
 *  time. */
struct dcap_window {
    int64_t not_before, not_after;
};

struct dcap_result {
    enum status reason; /* STATUS_OK: every check was passed. Else the reason of the first failed one, or missing */
    bool authentic;     /* the quote is signed by a genuine platform: up to DCAP_CHECK_QUOTE_SIGNATURE all was passed */
    struct dcap_finding checks[DCAP_CHECK_COUNT];

    struct dcap_quote quote; /* set when DCAP_CHECK_FORMAT was passed; to be believed when authentic */
    bool debug;              /* as above: its host may look inside; whether that is acceptable is not decided here */

    struct dcap_window window; /* set when authentic; empty when not_after < not_before */

    enum dcap_tcb tcb;     /* of platform, quoting enclave and module together; what is acceptable is policy */
    enum dcap_tcb tcb_now; /* TD 1.5: with the module that runs now; else as tcb */
    struct dcap_level platform, qe, module; /* the levels reached; status DCAP_TCB_UNKNOWN when not found out */
    int64_t tcb_date;                       /* the oldest date of them; set when tcb is a level */
    struct dcap_advisories advisories;      /* of all of them */
    uint32_t tcb_evaluation, qe_evaluation; /* data numbers of TCB info and QE identity; 0 when not found out */
    int64_t tcb_issued, qe_issued;          /* when they were issued; set when their data number is */
    struct dcap_pck pck;                    /* what its certificate says; to be believed when authentic */
    struct view pck_serial, pck_authority;  /* as above: its number, the common name of its issuer */
};

/**
 * Verifies a quote. Nothing but its own bytes is looked at before it is known to be authentic. A check that fails ends
 * those that rest on it; they stay DCAP_NOT_CHECKED. Collateral that is out of its time is a failed check, but what it
 * says is found out all the same. Takes about 48 KB of stack.
 *
 * space   lent, appended to: certificates and lists that came in PEM or hexadecimal lie there. DCAP_SPACE is ample.
 * out     always wholly set. Views go into the evidence and into space.
 *
 * Reasons: an encoding reason; STATUS_EVIDENCE_CHAIN, STATUS_EVIDENCE_ROOT (not Intel's root), STATUS_FORGED,
 * STATUS_BAD_KEY, STATUS_EVIDENCE_BINDING (attestation key), STATUS_EVIDENCE_SIGNER, STATUS_EVIDENCE_NOT_YET,
 * STATUS_EVIDENCE_EXPIRED (certificates), STATUS_EVIDENCE_CRL, STATUS_EVIDENCE_REVOKED, STATUS_EVIDENCE_COLLATERAL
 * (missing, or of another platform), STATUS_EVIDENCE_COLLATERAL_EXPIRED, STATUS_EVIDENCE_COMPONENT,
 * STATUS_EVIDENCE_TCB, STATUS_NO_SPACE, STATUS_CRYPTO.
 */
void dcap_verify(const struct dcap_evidence *evidence, struct buf *space, struct dcap_result *out);

/** What a person should read about a check. Never NULL. */
const char *dcap_check_text(enum dcap_check check);

#endif

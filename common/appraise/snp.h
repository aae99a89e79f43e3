/* snp.h: reports of AMD SEV-SNP: what a processor says of a guest, and whether AMD's keys stand behind it. Pure: a
 * time and bytes go in, a result comes out; nothing is fetched. Whether what was found is good enough is for the
 * caller's rules. Source: AMD 56860 "SEV Secure Nested Paging Firmware ABI" (ATTESTATION_REPORT), AMD 57230 "VCEK
 * Certificate and KDS Interface", AMD 58369 (VLEK). */
#ifndef APPRAISE_SNP_H
#define APPRAISE_SNP_H

#include "bundle.h"
#include "x509.h"

#define SNP_REPORT_SIZE      1184
#define SNP_CERTIFICATES_MAX 16          /* in all endorsements together */
#define SNP_CRLS_MAX         4           /* likewise */
#define SNP_LEAVES_MAX       4           /* VCEKs or VLEKs that a report's signature is verified with */
#define SNP_ISSUERS_MAX      4           /* certificates of one name that a leaf's signature is verified with */
#define SNP_SPACE            (96 * 1024) /* bytes that PEM endorsements are decoded into: for usual sets */
#define SNP_VMPL_MAX         3

enum snp_product { SNP_UNKNOWN, SNP_MILAN, SNP_GENOA, SNP_TURIN };
enum snp_signing_key { SNP_VCEK = 0, SNP_VLEK = 1, SNP_NO_KEY = 7 }; /* the numbers are the report's */

/** Security versions of the platform's parts; their order in a report depends on the product. */
struct snp_tcb {
    uint8_t fmc; /* Turin only; else 0 */
    uint8_t bootloader, tee, snp, microcode;
};

struct snp_firmware {
    uint8_t major, minor, build;
};

/** A report's contents; nothing of it may be believed before it is authentic. Views into the report. */
struct snp_report {
    uint32_t version;         /* 2, 3 or 5 */
    enum snp_product product; /* by the processor's family and model; SNP_UNKNOWN in version 2, which does not say */
    uint32_t guest_svn, vmpl;
    uint64_t policy, platform_info;
    bool author_key, mask_chip_key;
    uint32_t signing_key;            /* enum snp_signing_key, or a number without meaning yet */
    struct view family_id, image_id; /* 16 */
    struct view report_data;         /* 64 */
    struct view measurement, id_key_digest, author_key_digest;        /* 48 */
    struct view host_data, report_id, migration_agent_id;             /* 32 */
    struct view chip_id;                                              /* 64 */
    struct view current_tcb, reported_tcb, committed_tcb, launch_tcb; /* 8, for snp_tcb_of */
    struct snp_firmware current, committed;
    uint64_t launch_mitigations, current_mitigations; /* version 5; else 0 */
    struct view signed_part, signature;
};

/** Parses a report of exactly SNP_REPORT_SIZE bytes. Returns STATUS_TRUNCATED, STATUS_TRAILING, STATUS_UNSUPPORTED
 *  (version, signature algorithm or a key flag that is not known), STATUS_MALFORMED (a reserved byte is not zero). */
MUST_USE enum status snp_report_parse(struct view bytes, struct snp_report *out);

/** The eight bytes of a TCB as the product orders them. STATUS_UNSUPPORTED for SNP_UNKNOWN. */
MUST_USE enum status snp_tcb_of(struct view bytes, enum snp_product product, struct snp_tcb *out);

/** True when no part of tcb is below that of least. */
bool snp_tcb_at_least(const struct snp_tcb *tcb, const struct snp_tcb *least);

/** A key that is believed without a certificate: an AMD root key (ARK). */
struct snp_root {
    enum snp_product product;
    struct view key; /* SubjectPublicKeyInfo */
};
#define SNP_ROOTS 3
extern const struct snp_root snp_roots[SNP_ROOTS]; /* AMD's, one for each product */

struct snp_evidence {
    struct view report;
    /* Certificates and CRLs in any order, in DER, PEM or a host's certificate table; may be NULL. */
    const struct endorsements *endorsements;
    int64_t time;                 /* seconds since 1970 */
    const struct snp_root *roots; /* SNP_ROOTS of them */
    int64_t crl_grace_s;          /* a CRL is believed so long after its end; 0 or more */
};

/* X(NAME, name): what is looked at, in this order. All to REVOCATION decide whether the report is authentic. */
#define SNP_CHECKS(X) \
    X(REPORT, "report")             /* it parses */ \
    X(SIGNER, "signer")             /* signed by a VCEK or VLEK, which is not masked: else STATUS_EVIDENCE_SIGNER */ \
    X(ENDORSEMENTS, "endorsements") /* they parse and fit the limits */ \
    X(LEAF, "leaf")                 /* a certificate of that key is there: else STATUS_EVIDENCE_COLLATERAL */ \
    X(SIGNATURE, "signature")       /* the report's, by that certificate */ \
    X(PRODUCT, "product")           /* report, certificate and its issuer: else STATUS_EVIDENCE_PLATFORM */ \
    X(CHAIN, "chain")               /* up to the pinned key: else STATUS_EVIDENCE_CHAIN, _ROOT, STATUS_FORGED */ \
    X(TCB, "tcb")                   /* the certificate's is the reported one: else STATUS_EVIDENCE_TCB */ \
    X(CHIP, "chip")             /* a VCEK is of this chip: else STATUS_EVIDENCE_PLATFORM; not checked for a VLEK */ \
    X(VALIDITY, "validity")     /* all certificates at the time: else STATUS_EVIDENCE_NOT_YET, _EXPIRED */ \
    X(REVOCATION, "revocation") /* STATUS_EVIDENCE_REVOKED, _CRL; not checked without a CRL of the root */ \
    X(POLICY, "policy")         /* of the guest, has known bits only: else STATUS_EVIDENCE_GUEST_POLICY */ \
    X(DEBUG, "debug")           /* is off: else STATUS_EVIDENCE_DEBUG */ \
    X(MIGRATION, "migration")   /* by an agent is off: else STATUS_EVIDENCE_GUEST_POLICY */ \
    X(VMPL, "vmpl")             /* asked for by the guest (0..3): else STATUS_EVIDENCE_SIGNER */

enum snp_check_id {
#define SNP_CHECK_ENUM(id, name) SNP_CHECK_##id,
    SNP_CHECKS(SNP_CHECK_ENUM)
#undef SNP_CHECK_ENUM
        SNP_CHECK_COUNT
};

enum snp_outcome { SNP_NOT_CHECKED, SNP_PASSED, SNP_FAILED };

struct snp_check {
    const char *name;
    enum snp_outcome outcome;
    enum status reason; /* STATUS_OK unless it failed */
};

struct snp_result {
    bool authentic;      /* no check to SNP_CHECK_REVOCATION failed or was left out for another */
    enum status verdict; /* STATUS_OK, or the reason of the first check that failed */
    struct snp_check checks[SNP_CHECK_COUNT];
    /* Set when SNP_CHECK_REPORT passed. */
    struct snp_report report;
    bool debug, migration;
    /* Set when SNP_CHECK_PRODUCT passed. */
    enum snp_product product;
    struct snp_tcb current, reported, committed, launch;
    /* Set when SNP_CHECK_CHAIN passed: while certificates, and the CRL that was believed, are valid; both inclusive. */
    int64_t not_before, not_after;
    /* Set when SNP_CHECK_REVOCATION passed, of the CRL that was believed: one in its time before one that has ended, then
     * the newest. */
    int64_t crl_issued;
    bool crl_late; /* it had ended: believed by crl_grace_s only; then not_after is past */
};

/**
 * Looks at a report and its endorsements. Every check that can be made is made; one that rests on a failed one is not.
 * Work is bounded whatever the bytes are: endorsements are walked once; the report's signature is verified at most
 * SNP_LEAVES_MAX times, the leaf's SNP_ISSUERS_MAX times, and only under a genuine chain those of roots and lists. Leaves
 * that say that they are of the report's chip and TCB are tried first.
 *
 * space   empty; where PEM is decoded. Not needed afterwards.
 * out     always set; views into evidence->report.
 */
void snp_examine(const struct snp_evidence *evidence, struct buf *space, struct snp_result *out);

#endif

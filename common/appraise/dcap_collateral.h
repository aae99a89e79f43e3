/* dcap_collateral.h: TCB info and QE identity, what Intel says about platforms and quoting enclaves (Intel PCS API,
 * "Get TCB info", "Get QE identity"), and how a platform is matched with it. Pure; no heap. Texts are views. */
#ifndef APPRAISE_DCAP_COLLATERAL_H
#define APPRAISE_DCAP_COLLATERAL_H

#include "dcap_pck.h"
#include "dcap_quote.h"
#include "dcap_tcb.h"

#define DCAP_JSON_MAX          (256 * 1024) /* bytes of one document */
#define DCAP_LEVELS_MAX        64           /* TCB levels of one document */
#define DCAP_MODULES_MAX       16           /* TDX module identities */
#define DCAP_MODULE_LEVELS_MAX 16           /* TCB levels of one of them, or of a QE identity */

enum dcap_document_kind { DCAP_TCB_INFO, DCAP_QE_IDENTITY };

/** A signed document: {"tcbInfo": {...}, "signature": hex} or the same with "enclaveIdentity". */
struct dcap_document {
    enum dcap_document_kind kind;
    struct view signed_part; /* the inner object, byte for byte: reformatted JSON does not verify */
    uint8_t signature[64];   /* big endian */
};

struct dcap_isv_level {
    uint32_t isv_svn;
    struct dcap_level level;
};

/** Levels by one number, of a TDX module or of a quoting enclave; newest first. */
struct dcap_isv_levels {
    uint32_t count;
    struct dcap_isv_level at[DCAP_MODULE_LEVELS_MAX];
};

struct dcap_module {
    uint32_t major; /* of TEE_TCB_SVN; 0 for "tdxModule" */
    uint8_t mr_signer[DCAP_MEASUREMENT];
    uint8_t attributes[DCAP_TDX_ATTRIBUTES], attributes_mask[DCAP_TDX_ATTRIBUTES];
    struct dcap_isv_levels levels; /* none for "tdxModule" */
};

struct dcap_platform_level {
    uint8_t sgx[DCAP_COMPONENTS], tdx[DCAP_COMPONENTS];
    uint32_t pce_svn;
    struct dcap_level level;
};

struct dcap_tcb_info {
    enum dcap_kind kind;
    int64_t issued, next_update; /* seconds since 1970 */
    uint32_t evaluation;         /* tcbEvaluationDataNumber */
    uint8_t fmspc[DCAP_FMSPC_SIZE], pce_id[DCAP_PCEID_SIZE];
    uint32_t module_count, level_count;
    struct dcap_module modules[1 + DCAP_MODULES_MAX]; /* of TDX: "tdxModule", then the identities */
    struct dcap_platform_level levels[DCAP_LEVELS_MAX];
};

struct dcap_qe_identity {
    enum dcap_kind kind; /* "QE" or "TD_QE" */
    int64_t issued, next_update;
    uint32_t evaluation;
    uint8_t misc_select[4], misc_select_mask[4]; /* as the number they are: most significant byte first */
    uint8_t attributes[16], attributes_mask[16];
    uint8_t mr_signer[32];
    uint32_t isv_prod_id;
    struct dcap_isv_levels levels;
};

/**
 * Splits a document into what is signed and its signature; other members are signed by nobody and passed over. Statuses
 * of json_check; also STATUS_OUT_OF_RANGE (larger than DCAP_JSON_MAX), STATUS_UNSUPPORTED (neither of the two kinds),
 * STATUS_MALFORMED (no signature, or one that is none).
 */
MUST_USE enum status dcap_document_split(struct view text, struct dcap_document *out);

/**
 * Reads the inner object of a document, every member that is used below. Unknown members are passed over. On a failure
 * what out holds means nothing.
 * Returns STATUS_UNSUPPORTED (version, id, tcbType, status word), STATUS_MALFORMED (a member is missing or of another
 * type), STATUS_OUT_OF_RANGE (a number, a date, too many levels), STATUS_NO_SPACE (hexadecimal that is too long).
 */
MUST_USE enum status dcap_tcb_info_read(struct view object, struct dcap_tcb_info *out);
MUST_USE enum status dcap_qe_identity_read(struct view object, struct dcap_qe_identity *out);

/** The first level that a number reaches. STATUS_EVIDENCE_TCB when it reaches none. */
MUST_USE enum status dcap_isv_match(const struct dcap_isv_levels *levels, uint32_t isv_svn, struct dcap_level *out);

/** The first level that the platform reaches: by its PCK certificate, and by tee_tcb_svn (16; of TDX only, else empty).
 *  STATUS_EVIDENCE_TCB when it reaches none. */
MUST_USE enum status dcap_platform_match(const struct dcap_tcb_info *info, const struct dcap_pck *pck,
                                         struct view tee_tcb_svn, struct dcap_level *out);

/** The level of the TDX module of a version (tee_tcb_svn) that this report speaks of; its status is DCAP_TCB_UNKNOWN
 *  for modules of major version 0, which have no levels of their own. STATUS_EVIDENCE_COMPONENT (not a module that
 *  Intel names), STATUS_EVIDENCE_TCB. */
MUST_USE enum status dcap_module_match(const struct dcap_tcb_info *info, const struct dcap_tdx_report *report,
                                       struct view tee_tcb_svn, struct dcap_level *out);

/** STATUS_EVIDENCE_COMPONENT unless a report is that of the quoting enclave that the identity describes. */
MUST_USE enum status dcap_qe_match(const struct dcap_qe_identity *identity, const struct dcap_sgx_report *report);

#endif

/* dcap_quote.h: Intel's quotes: version 3 (SGX), 4 and 5 (SGX and TDX), as far as bounds and fixed values go. Nothing
 * is believed here: signatures are for dcap.h. Pure; views go into the quote. Source: Intel SGX DCAP ECDSA quote
 * library reference, appendix A; Intel TDX DCAP quoting library reference, appendix A. */
#ifndef APPRAISE_DCAP_QUOTE_H
#define APPRAISE_DCAP_QUOTE_H

#include "base.h"

#define DCAP_QUOTE_MAX      65536 /* bytes of a quote with what follows it */
#define DCAP_REPORT_SIZE    384
#define DCAP_SVN_SIZE       16
#define DCAP_REPORT_DATA    64
#define DCAP_TDX_ATTRIBUTES 8
#define DCAP_MEASUREMENT    48 /* of TDX; those of SGX have 32 */
#define DCAP_RTMRS          4
#define DCAP_SGX_DEBUG      0x02 /* ATTRIBUTES, byte 0 */
#define DCAP_TDX_UNTRUSTED  0xff /* TDATTRIBUTES, byte 0: any bit of it, DEBUG among them */

enum dcap_kind { DCAP_SGX, DCAP_TDX };

/** The report of an SGX enclave: of the one that is attested, or of the quoting enclave. */
struct dcap_sgx_report {
    struct view bytes;                          /* all 384 of them */
    struct view cpu_svn, misc_select;           /* 16, 4 */
    struct view attributes;                     /* 16: flags, XFRM */
    struct view mr_enclave, mr_signer;          /* 32 */
    struct view config_id;                      /* 64 */
    struct view isv_ext_prod_id, isv_family_id; /* 16 */
    struct view report_data;                    /* 64 */
    uint16_t isv_prod_id, isv_svn, config_svn;
};

/** The report of a trust domain: TD 1.0, TD 1.5, TD 1.5 extended. */
struct dcap_tdx_report {
    struct view tee_tcb_svn;                                    /* 16: of the module that launched the domain */
    struct view mr_seam, mr_signer_seam;                        /* 48 */
    struct view seam_attributes;                                /* 8 */
    struct view td_attributes, xfam;                            /* 8 */
    struct view mr_td, mr_config_id, mr_owner, mr_owner_config; /* 48 */
    struct view rtmr[DCAP_RTMRS];                               /* 48 */
    struct view report_data;                                    /* 64 */
    struct view tee_tcb_svn2, mr_service_td; /* 16: of the module now; 48. From TD 1.5 on, else empty */
};

struct dcap_quote {
    uint16_t version;
    enum dcap_kind kind;
    struct dcap_sgx_report sgx; /* when kind is DCAP_SGX */
    struct dcap_tdx_report tdx; /* when kind is DCAP_TDX */
    struct view user_data;      /* 20, of the quoting enclave */

    struct view signed_part;                /* header and report */
    struct view signature, attestation_key; /* 64 each, big endian */
    struct dcap_sgx_report qe_report;
    struct view qe_signature; /* 64, over qe_report.bytes */
    struct view qe_auth_data;
    struct view pck_chain; /* PEM: leaf, intermediate, root */
    size_t trailing;       /* bytes behind the quote: signed by nobody, so never given out */
};

/**
 * Parses a quote. Bytes behind it are counted in out->trailing and else ignored: drivers hand out whole buffers.
 * Returns STATUS_OUT_OF_RANGE (larger than DCAP_QUOTE_MAX), STATUS_TRUNCATED, STATUS_UNSUPPORTED (version, kind of key,
 * of TEE, of report or of certification data), STATUS_EVIDENCE_SIGNER (not Intel's quoting enclave by its vendor
 * identifier), STATUS_MALFORMED (lengths that do not add up).
 */
MUST_USE enum status dcap_quote_parse(struct view bytes, struct dcap_quote *out);

/** True when the TEE was launched in a way that lets its host look inside (SGX: DEBUG; TDX: any bit of TUD). */
bool dcap_quote_debug(const struct dcap_quote *quote);

#endif

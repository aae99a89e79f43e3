/* psa_terms.h: what a policy demands of PSA attestation tokens, and the row of the table (appraise.h) that judges by it.
 * Pure. Source: PROTOCOL.md section 16. Evidence is a token as it is (psa.h). A policy is public, so it names public keys
 * only: COSE_Mac0 is taken only where a tool is given the secret. */
#ifndef APPRAISE_PSA_TERMS_H
#define APPRAISE_PSA_TERMS_H

#include "allowed.h"
#include "appraise.h"
#include "psa.h"

#define PSATOKEN_KIND           "psa"
#define PSATOKEN_DEVICES_MAX    128
#define PSATOKEN_KEY_MAX        256 /* bytes of a SubjectPublicKeyInfo */
#define PSATOKEN_COMPONENTS_MAX 16

/** A device that was enrolled: its key, and who may show tokens of it. */
struct psatoken_device {
    struct view key; /* SubjectPublicKeyInfo, DER: P-256, P-384, P-521 */
    /* PSATOKEN_INSTANCE_SIZE. Empty: 01 and the SHA-256 of the key, as RFC 9783 has it. */
    struct view instance;
    struct view name; /* of the device; empty: any */
};

/** Software that must have been measured. */
struct psatoken_component {
    struct view type;           /* "PRoT"; empty: any type */
    struct allowed measurement; /* 32..64 */
    struct allowed signer;      /* 32..64 */
};

struct psatoken_terms {
    uint32_t device_count; /* 1.. */
    struct psatoken_device devices[PSATOKEN_DEVICES_MAX];
    struct allowed implementation; /* PSATOKEN_IMPLEMENTATION_SIZE */
    uint32_t component_count; /* 1..; each component of a token must fit one of these, and each of these one of its */
    struct psatoken_component components[PSATOKEN_COMPONENTS_MAX];
    bool debug;  /* lifecycles with debugging are accepted beside SECURED */
    bool legacy; /* PSA_IOT_PROFILE_1 is accepted */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason, STATUS_BAD_KEY, STATUS_OUT_OF_RANGE for terms that accept
 *  nothing. out views into bytes. */
MUST_USE enum status psatoken_terms_encode(const struct psatoken_terms *terms, struct buf *out);
MUST_USE enum status psatoken_terms_decode(struct view bytes, struct psatoken_terms *out);

/** The row. The nonce must be report_data (all 64 bytes of it, where the evidence says so). The measurement of the
 *  appraisal is the SHA-256 of all the components' measurements, joined in the token's order. */
MUST_USE enum status psatoken_row_appraise(const struct evidence *evidence, const struct view *rules,
                                           struct appraisal *out);
MUST_USE enum status psatoken_check_rules(struct view rules);

#endif

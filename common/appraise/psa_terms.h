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
#define PSATOKEN_TYPE_MAX       64 /* bytes of a component's type in the terms */

/** A device that was enrolled: its key, and who may show tokens of it. */
struct psatoken_device {
    struct view key; /* SubjectPublicKeyInfo, DER: P-256, P-384, P-521; named curve, point not compressed */
    /* PSATOKEN_INSTANCE_SIZE, 01 first. Empty: 01 and the SHA-256 of the key's point, as RFC 9783 has it. */
    struct view instance;
    struct view name; /* of the device, which alone may show it; empty: any may */
};

/** Software that must have been measured. */
struct psatoken_component {
    struct view type;           /* "PRoT", at most PSATOKEN_TYPE_MAX; empty: any type */
    struct allowed measurement; /* 32, 48 or 64 */
    struct allowed signer;      /* likewise; any: one that names no signer too */
};

struct psatoken_terms {
    uint32_t device_count; /* 1..; no instance twice; how many fit depends on their names too (ACCEPTED_SIZE_MAX) */
    struct psatoken_device devices[PSATOKEN_DEVICES_MAX];
    struct allowed implementation; /* PSATOKEN_IMPLEMENTATION_SIZE */
    uint32_t component_count; /* 1..; each component of a token must fit one of these, and each of these one of its */
    struct psatoken_component components[PSATOKEN_COMPONENTS_MAX];
    bool debug;  /* lifecycles with debugging are accepted beside SECURED */
    bool legacy; /* PSA_IOT_PROFILE_1 is accepted */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason, STATUS_BAD_KEY, STATUS_OUT_OF_RANGE for terms that accept
 *  nothing or contradict themselves. out views into bytes. The terms are about 42 KB, and decoding takes as much again. */
MUST_USE enum status psatoken_terms_encode(const struct psatoken_terms *terms, struct buf *out);
MUST_USE enum status psatoken_terms_decode(struct view bytes, struct psatoken_terms *out);

/**
 * The row. Under rules: the device is found by the instance that the token names (STATUS_EVIDENCE_ROOT: not enrolled);
 * evidence->subject, where it is said, must be its name (STATUS_EVIDENCE_BINDING); only a signature will do, never a MAC. Without rules
 * evidence->key is the device's public key, or the secret of a MAC when it is no key; the profile, debugging, the
 * implementation and the software are not judged.
 *
 * The nonce must be report_data: all of it, 32, 48 or 64 bytes (STATUS_EVIDENCE_STALE). The measurement of the appraisal
 * is the SHA-256 of all the components' measurements, joined in the token's order. Tokens know no time.
 *
 * Fields: claims by their names in RFC 9783. "components" is their number; each one follows as "component" (1..) and
 * "component.type", .version, .measurement, .signer, .hash as far as it says them. The first 14 are whole whatever the
 * token says. "client_id" is a number or, below zero, a text. Takes about 60 KB of stack.
 */
MUST_USE enum status psatoken_row_appraise(const struct evidence *evidence, const struct view *rules,
                                           struct appraisal *out);
MUST_USE enum status psatoken_check_rules(struct view rules);

#endif

/* trust.h: does the aggregator's enclave deserve what the owner wants to send it, and is what it signs to be believed?
 * Decided here from the owner's public key alone, as a device decides it. Pure. Source: PROTOCOL.md sections 3, 16. */
#ifndef CTL_TRUST_H
#define CTL_TRUST_H

#include "appraise.h"

/** Whom to trust with what. */
struct trust_question {
    struct view federation, aggregator, owner_point;
    uint64_t now;
};

/** An enclave that is trusted. The policy's views lie in the bundle. */
struct trust {
    struct policy policy;
    uint8_t policy_digest[DIGEST_SIZE], boot_id[BOOT_ID_SIZE];
    uint8_t signing_point[P256_POINT_SIZE], sealing_point[P256_POINT_SIZE];
    bool simulated;
};

/**
 * Verifies the policy in a bundle with the owner's key, appraises the evidence by it, and takes the keys that the
 * evidence binds. out is set only on STATUS_OK.
 * Returns what policy_verify and appraise return; STATUS_EVIDENCE_FEDERATION for another federation's or aggregator's
 * claims; STATUS_POLICY_OTHER when the enclave works under another policy; STATUS_BAD_KEY; an encoding reason.
 */
MUST_USE enum status trust_bundle(struct view bundle, const struct trust_question *question, struct trust *out);

#endif

/* policy.h: the owner's policy, signed. Pure. Source: PROTOCOL.md section 16. */
#ifndef APPRAISE_POLICY_H
#define APPRAISE_POLICY_H

#include "bind.h"
#include "limits.h"

#define ACCEPTED_MAX      16
#define ACCEPTED_SIZE_MAX 8192 /* bytes of one kind's rules */

/** One kind of evidence that is accepted; what `rules` mean is the business of that kind's row in appraise.c. */
struct accepted {
    struct view kind, rules;
};

struct policy {
    struct view federation;
    uint64_t version, not_before, not_after;
    uint32_t aggregator_count, device_count; /* 1..ACCEPTED_MAX */
    struct accepted aggregator[ACCEPTED_MAX], device[ACCEPTED_MAX];
    uint32_t min_cohort, max_cohort; /* 1 <= min <= max <= 65536 */
    uint32_t max_samples;            /* 1..2^31 */
    uint32_t fraction_bits;          /* 16..27 */
    uint32_t credential_s;           /* 60..31536000 */
    uint64_t max_parameters;         /* 1..2^28 */
    uint32_t alg_count;
    int64_t algs[ALGS_MAX]; /* best first, none twice */
    uint32_t max_packet;    /* PACKET_MIN..PACKET_MAX */
    uint32_t challenge_s;   /* 10..86400 */
};

MUST_USE enum status policy_encode(const struct policy *policy, struct buf *out);
MUST_USE enum status policy_decode(struct view bytes, struct policy *out);

/**
 * Verifies a signed policy with the owner's public point, that it is of this federation and valid at now.
 * federation may be empty: then the policy's own is taken (for showing a policy; never for trusting one).
 * Returns STATUS_FORGED, STATUS_POLICY_FOREIGN, STATUS_POLICY_EXPIRED, STATUS_POLICY_NOT_YET, or an encoding reason.
 */
MUST_USE enum status policy_verify(struct view signed_policy, struct view owner_point, struct view federation,
                                   uint64_t now, struct policy *out);

/** Plaintext bytes of a chunk that, sealed, fits the policy's packet. */
uint32_t policy_chunk_size(const struct policy *policy);

/** True when any accepted kind is simulated: then everything made under the policy is marked so. */
bool policy_is_simulated(const struct policy *policy);

#endif

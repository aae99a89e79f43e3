/* policy.h: the owner's policy, signed. Pure. Source: PROTOCOL.md section 16. */
#ifndef APPRAISE_POLICY_H
#define APPRAISE_POLICY_H

#include "bind.h"
#include "wire_limits.h"

#define ACCEPTED_MAX      16
#define ACCEPTED_SIZE_MAX 16384 /* bytes of one kind's rules */

#define POLICY_COHORT_MAX        65536
#define POLICY_SAMPLES_MAX       SAMPLES_MAX
#define POLICY_FRACTION_BITS_MIN 16
#define POLICY_FRACTION_BITS_MAX 27
#define POLICY_CREDENTIAL_S_MIN  60
#define POLICY_CREDENTIAL_S_MAX  31536000
#define POLICY_PARAMETERS_MAX    ((uint64_t)1 << 28)
#define POLICY_CHALLENGE_S_MIN   10
#define POLICY_CHALLENGE_S_MAX   86400

/** One kind of evidence that is accepted; what `rules` mean is the business of that kind's row in appraise.c. */
struct accepted {
    struct view kind, rules;
};

struct policy {
    struct view federation;
    uint64_t version; /* 0..2^63-1 */
    uint64_t not_before, not_after;
    uint32_t aggregator_count, device_count; /* 1..ACCEPTED_MAX */
    struct accepted aggregator[ACCEPTED_MAX], device[ACCEPTED_MAX];
    uint32_t min_cohort, max_cohort; /* 1 <= min <= max <= POLICY_COHORT_MAX */
    uint32_t max_samples;            /* 1..POLICY_SAMPLES_MAX */
    uint32_t fraction_bits;
    uint32_t credential_s;   /* how long a credential lives, in seconds */
    uint64_t max_parameters; /* 1.. */
    uint32_t alg_count;
    int64_t algs[ALGS_MAX]; /* best first, none twice */
    uint32_t max_packet;    /* PACKET_MIN..PACKET_MAX */
    uint32_t challenge_s;   /* how long a challenge lives, in seconds */
};

/** A policy that policy_decode would take. STATUS_NO_SPACE. */
MUST_USE enum status policy_encode(const struct policy *policy, struct buf *out);
/**
 * Without a signature: nothing in it may be believed. out views into bytes.
 * Returns an encoding reason; STATUS_UNSUPPORTED (alg); STATUS_EVIDENCE_KIND (a kind that this build does not know);
 * what the kind's row says of its rules; STATUS_BOUND_UNPROVEN when min_cohort * max_samples exceeds WEIGHT_LIMIT.
 */
MUST_USE enum status policy_decode(struct view bytes, struct policy *out);

/**
 * Verifies a signed policy with the owner's public point: the signature first, then that it is of this federation, then
 * that not_before <= now < not_after.
 * federation may be empty: then the policy's own is taken (for showing a policy; never for trusting one).
 * Returns STATUS_FORGED, STATUS_POLICY_FOREIGN, STATUS_POLICY_EXPIRED, STATUS_POLICY_NOT_YET, or what
 * policy_decode does.
 */
MUST_USE enum status policy_verify(struct view signed_policy, struct view owner_point, struct view federation,
                                   uint64_t now, struct policy *out);

/** Plaintext bytes of a chunk that fits the policy's packet when any of its AEADs sealed it: 256 and up. */
uint32_t policy_chunk_size(const struct policy *policy);

/** True when any accepted kind is simulated: then everything made under the policy is marked so. */
bool policy_is_simulated(const struct policy *policy);

#endif

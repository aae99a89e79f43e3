/* sim.h: simulated evidence: an EAT (RFC 9711) signed by a federation's simulation root. Pure.
 * It stands in for a TEE where there is none; whatever is made under it is marked simulated.
 * Source: PROTOCOL.md sections 3 and 16. */
#ifndef APPRAISE_SIM_H
#define APPRAISE_SIM_H

#include "appraise.h"

#define SIM_KIND             "sim"
#define SIM_MEASUREMENTS_MAX 64

struct sim_rules {
    struct view root;                               /* encoded COSE_Key of the simulation root */
    uint32_t count;                                 /* 1..SIM_MEASUREMENTS_MAX */
    struct view measurements[SIM_MEASUREMENTS_MAX]; /* DIGEST_SIZE each */
    uint64_t max_age_s;                             /* of evidence, 1..TIME_MAX */
};

struct sim_evidence {
    struct view federation;
    uint64_t expires, issued;
    struct view nonce;       /* SHA512_SIZE */
    struct view measurement; /* DIGEST_SIZE */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason, or STATUS_BAD_KEY; out views into bytes. */
MUST_USE enum status sim_rules_encode(const struct sim_rules *rules, struct buf *out);
MUST_USE enum status sim_rules_decode(struct view bytes, struct sim_rules *out);

/** The payload of evidence, without its signature: nothing in it may be believed. Returns an encoding reason, or
 *  STATUS_UNSUPPORTED for another profile. out views into payload. */
MUST_USE enum status sim_evidence_decode(struct view payload, struct sim_evidence *out);

/** The attester's side: signs evidence with the root. STATUS_NO_SPACE, STATUS_CRYPTO, STATUS_IO. */
MUST_USE enum status sim_attest(const struct sim_evidence *evidence, const struct p256_key *root,
                                const struct random_port *random, struct buf *out);

/**
 * The row of the table (appraise.h). In this order: the root's signature (STATUS_EVIDENCE_ROOT when it is not there),
 * the federation, the claims, the time of issue (at most CLOCK_AHEAD_S ahead of now), the end (now < expires and
 * now < issued + max_age_s, else STATUS_EVIDENCE_EXPIRED), the measurement. Without rules the root is evidence->key, PEM.
 */
MUST_USE enum status sim_appraise(const struct evidence *evidence, const struct view *rules, struct appraisal *out);
MUST_USE enum status sim_check_rules(struct view rules);

#endif

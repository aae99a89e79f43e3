/* bundle.h: the evidence bundle of an aggregator and the claims in it. Pure. Source: PROTOCOL.md section 3. */
#ifndef WIRE_BUNDLE_H
#define WIRE_BUNDLE_H

#include "wire_limits.h"

struct endorsements {
    uint32_t count;
    struct view list[ENDORSEMENTS_MAX];
};

/** Views into the encoding. */
struct bundle {
    struct view kind, evidence, claims, policy;
    struct endorsements endorsements;
};

struct enclave_claims {
    struct view federation, aggregator;
    struct view boot_id;                  /* BOOT_ID_SIZE */
    struct view signing_key, sealing_key; /* encoded COSE_Key, PUBLIC_KEY_SIZE */
    struct view policy_digest;            /* DIGEST_SIZE */
    uint64_t booted;                      /* unix seconds */
};

/** Encode: STATUS_NO_SPACE. Decode: an encoding reason; out is set only on STATUS_OK and views into bytes. */
MUST_USE enum status bundle_encode(const struct bundle *bundle, struct buf *out);
MUST_USE enum status bundle_decode(struct view bytes, struct bundle *out);
MUST_USE enum status enclave_claims_encode(const struct enclave_claims *claims, struct buf *out);
MUST_USE enum status enclave_claims_decode(struct view bytes, struct enclave_claims *out);

#endif

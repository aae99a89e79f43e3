/* enrol.h: a device's request to take part, and the answer. Pure. Source: PROTOCOL.md section 5. */
#ifndef WIRE_ENROL_H
#define WIRE_ENROL_H

#include "bundle.h"

struct enrol_request {
    struct view claims, kind, evidence;
    struct endorsements endorsements;
};

struct device_claims {
    struct view federation, aggregator, device;
    struct view challenge;     /* CHALLENGE_SIZE */
    struct view key;           /* encoded COSE_Key */
    struct view policy_digest; /* DIGEST_SIZE */
    enum role role;
    int64_t alg; /* one of enum aead_alg's numbers */
};

struct enrol_answer {
    struct view challenge;
    enum status reason;
    struct view credential, update_key, model_key; /* set when reason is STATUS_OK, else empty */
};

MUST_USE enum status enrol_request_encode(const struct enrol_request *request, struct buf *out);
MUST_USE enum status enrol_request_decode(struct view bytes, struct enrol_request *out);
MUST_USE enum status device_claims_encode(const struct device_claims *claims, struct buf *out);
MUST_USE enum status device_claims_decode(struct view bytes, struct device_claims *out);
MUST_USE enum status enrol_answer_encode(const struct enrol_answer *answer, struct buf *out);
MUST_USE enum status enrol_answer_decode(struct view bytes, struct enrol_answer *out);

#endif

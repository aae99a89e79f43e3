/* bind.h: what each signature and each AEAD is bound to: the table of purposes. Pure. Source: PROTOCOL.md section 2. */
#ifndef BIND_BIND_H
#define BIND_BIND_H

#include "cose.h"
#include "wire_limits.h"

enum purpose {
    PURPOSE_POLICY,
    PURPOSE_SIM_EVIDENCE,
    PURPOSE_CHALLENGE,
    PURPOSE_ENROL,
    PURPOSE_ENROL_ANSWER,
    PURPOSE_CREDENTIAL,
    PURPOSE_MANIFEST,
    PURPOSE_MODEL,
    PURPOSE_UPDATE,
    PURPOSE_RECEIPT,
    PURPOSE_RECORD,
    PURPOSE_OWNER,
    PURPOSE_OWNER_ANSWER,
    PURPOSE_STATE,
    PURPOSE_REVOCATIONS,
};

/** Where a message stands. Only what the purpose's row names is read; all of that must be set. */
struct place {
    struct view federation, aggregator;
    struct view device; /* or, for owner requests and their answers, the request id */
    struct view boot_id;
    uint32_t round, chunk, chunks;
    struct view digest; /* of the model */
};

/** Room for any external_aad. */
#define BIND_MAX 384

/** Appends the external_aad of a purpose at a place. STATUS_NO_SPACE. */
MUST_USE enum status bind_aad(enum purpose purpose, const struct place *place, struct buf *out);

/** Signs and verifies with the binding of a purpose; *payload is a view into message. */
MUST_USE enum status bind_sign(enum purpose purpose, const struct place *place, const struct p256_key *key,
                               const struct random_port *random, struct view payload, struct buf *out);
MUST_USE enum status bind_verify(enum purpose purpose, const struct place *place, struct view point,
                                 struct view message, struct view *payload);
/** point: whom to seal to. */
MUST_USE enum status bind_seal(enum purpose purpose, const struct place *place, struct view point,
                               const struct random_port *random, struct view payload, struct buf *out);
MUST_USE enum status bind_open(enum purpose purpose, const struct place *place, const struct p256_key *key,
                               const struct random_port *random, struct view message, struct buf *out);

/** A COSE_Encrypt0 that cose_encrypt0_decode took apart, opened; and one sealed: head.iv is set by the caller. */
MUST_USE enum status bind_open0(enum purpose purpose, const struct place *place, struct view key,
                                const struct cose_encrypt0 *message, struct buf *out);
MUST_USE enum status bind_seal0(enum purpose purpose, const struct place *place, struct view key,
                                const struct cose_encrypt0 *head, struct view payload, struct buf *out);

/** A chunk of a model: A256GCM, IV from place->round and place->chunk (PROTOCOL.md section 8). */
MUST_USE enum status bind_seal_model_chunk(const struct place *place, struct view model_key, struct view piece,
                                           struct buf *out);
MUST_USE enum status bind_open_model_chunk(const struct place *place, struct view model_key, struct view message,
                                           struct buf *out);

#endif

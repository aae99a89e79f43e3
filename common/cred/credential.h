/* credential.h: what an enrolled device holds: a CWT (RFC 8392) by the enclave, and the update key that follows
 * from it. Pure: the time is a parameter. Source: PROTOCOL.md section 5. */
#ifndef CRED_CREDENTIAL_H
#define CRED_CREDENTIAL_H

#include "bind.h"
#include "wire_limits.h"

#define EAR_AFFIRMING       2
#define EAR_WARNING         32 /* accepted, with a known weakness of the platform */
#define EAR_CONTRAINDICATED 96
#define CREDENTIAL_MAX      1024 /* bytes of an encoded credential */
#define CLOCK_AHEAD_S       300 /* a time of issue may lie so far ahead of the reader's clock (PROTOCOL.md section 1) */

struct credential {
    struct view aggregator, device, federation;
    uint64_t expires, issued; /* unix seconds */
    struct view cti;          /* CTI_SIZE */
    struct view key;          /* encoded COSE_Key of the device */
    enum role role;
    struct view boot_id;
    struct view kind; /* of the evidence that was appraised */
    int64_t ear_status;
};

/** Signs and appends the credential. STATUS_NO_SPACE, STATUS_CRYPTO. */
MUST_USE enum status credential_issue(const struct credential *credential, const struct p256_key *signer,
                                      const struct random_port *random, struct buf *out);

/**
 * Verifies with the enclave's public point and checks that it is of this federation, aggregator and boot (from place)
 * and valid at now: issued <= now + CLOCK_AHEAD_S and now < expires. Anyone with the public key can. Whether device and
 * role are those that the caller deals with is for the caller to compare.
 * Returns STATUS_FORGED, STATUS_CREDENTIAL_FOREIGN, _EXPIRED, _NOT_YET, STATUS_BAD_KEY (the device's key is
 * not on the curve), or an encoding reason. out views into encoded.
 */
MUST_USE enum status credential_check(struct view encoded, struct view point, const struct place *place, uint64_t now,
                                      struct credential *out);

/** Reads the claims without a signature: nothing in them may be believed. An encoding reason, or STATUS_BAD_KEY. */
MUST_USE enum status credential_claims_decode(struct view claims, struct credential *out);

/** What an update key follows from, besides the epoch secret. */
struct update_key_of {
    struct view federation, aggregator, device, boot_id, cti;
    enum role role;
    uint64_t expires;
    int64_t alg;
};

/** Derives the update key: aead_key_size(alg) bytes appended to out. STATUS_UNSUPPORTED, STATUS_NO_SPACE. */
MUST_USE enum status update_key_derive(const struct update_key_of *of, struct view epoch_secret, struct buf *out);

#endif

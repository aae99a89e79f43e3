/* core_private.h: what the files of the core share. */
#ifndef ENCLAVE_CORE_PRIVATE_H
#define ENCLAVE_CORE_PRIVATE_H

#include "accumulator.h"
#include "appraise.h"
#include "core.h"
#include "manifest.h"
#include "model.h"
#include "owner.h"
#include "revoked.h"
#include "state.h"
#include "tally.h"
#include "update.h"

#define SEALED_MAX (POLICY_MAX + EVIDENCE_MAX + ENDORSEMENTS_MAX * ENDORSEMENT_MAX) /* an enrolment, opened */

/** What a bundle is made of, one after the other, and then the bundle. */
#define BUNDLE_PARTS_MAX (EVIDENCE_MAX + ENDORSEMENT_MAX + MESSAGE_MAX)
#define BUNDLE_MAX       (POLICY_MAX + BUNDLE_PARTS_MAX + 64) /* and CBOR heads, and the kind */

/** The phase of a core whose boot came to nothing: no call has its moment any more. */
#define GATE_NONE ((enum gate_phase)0)

/** Keys that live for one boot and never leave the enclave, but for the two that enrolled devices are given. */
struct boot_keys {
    uint8_t boot_id[BOOT_ID_SIZE];
    struct p256_key signing, sealing;
    uint8_t epoch_secret[32];
    uint8_t model_key[32];
};

/** Challenges that are accepted: the current one and the one before it. */
struct challenges {
    uint8_t value[2][CHALLENGE_SIZE];
    uint64_t expires[2];
};

/** Requests of the owner that were obeyed while their challenge still serves: a host that sends one again is refused. */
#define OBEYED_MAX 64
struct obeyed {
    uint8_t digest[DIGEST_SIZE]; /* of the signed request */
    uint64_t until;              /* when no challenge that it may hold is accepted any more */
};

/** The model, kept encoded; its values are rewritten in place at each release. */
struct held_model {
    struct buf encoded;
    struct model_layout layout;
    uint8_t digest[DIGEST_SIZE];
    bool there;
};

/** The round that is announced or open. */
struct current_round {
    uint32_t number;                    /* the last number that was announced or opened; 0 for none */
    bool used;                          /* it was opened, so another round needs another number */
    uint8_t sealed_digest[DIGEST_SIZE]; /* the model whose chunks carry this number in their IVs */
    enum task task;
    uint64_t deadline;
    uint64_t refused[STATUS_LIMIT];
};

struct core {
    struct core_ports ports;
    enum gate_phase phase;
    uint64_t now, booted;

    char aggregator_name[NAME_MAX_LEN];
    struct place place; /* federation, aggregator and boot_id; copied and completed for each message */
    uint8_t policy_bytes[POLICY_MAX];
    struct view signed_policy; /* in policy_bytes */
    struct policy policy;      /* views into policy_bytes */
    uint8_t policy_digest[DIGEST_SIZE];
    bool simulated;
    uint8_t owner_point[P256_POINT_SIZE];

    struct boot_keys keys;
    struct challenges challenges;
    struct obeyed obeyed[OBEYED_MAX];
    struct revoked revoked;
    struct held_model model;
    struct work work;
    struct current_round round;
    struct accumulator sum;
    struct tally tally;
    uint8_t last_record[DIGEST_SIZE];
    bool has_record;

    struct buf plain;           /* lent at boot: one opened update or owner request */
    struct buf attested;        /* likewise: BUNDLE_PARTS_MAX + BUNDLE_MAX, for evidence and its bundle */
    struct buf appraisal_space; /* likewise: what a device's endorsements are decoded into */
    uint64_t enrolled;
    uint64_t refused[STATUS_LIMIT];
};

/** A place of this enclave with a device (or request id) filled in. */
struct place core_place(const struct core *core, struct view device);

/** Whether a challenge is one that is accepted now. Constant time in the value. */
bool core_knows_challenge(const struct core *core, struct view value);

/** The calls. Each appends its response's body to out. */
enum status core_boot(struct core *core, const struct gate_boot *boot, struct buf *out);
enum status core_attest(struct core *core, struct buf *out);
enum status core_challenge(struct core *core, struct buf *out);
enum status core_enrol(struct core *core, const struct gate_sealed *request, struct buf *out);
enum status core_owner(struct core *core, const struct gate_sealed *request, struct buf *out);
enum status core_open_round(struct core *core, struct buf *out);
enum status core_model_chunk(struct core *core, uint64_t index, struct buf *out);
enum status core_accept_update(struct core *core, const struct gate_update *update, struct buf *out);
enum status core_close_round(struct core *core, struct buf *out);
enum status core_seal(struct core *core, struct buf *out);
enum status core_status(struct core *core, struct buf *out);
enum status core_revocations(const struct core *core, struct buf *out);

/** Whether rounds with such a cohort may be planned under the policy: STATUS_OUT_OF_RANGE, STATUS_BOUND_UNPROVEN. */
MUST_USE enum status core_check_target(const struct core *core, uint32_t target);

/** Takes a sealed state of an earlier boot: all of it or nothing. */
MUST_USE enum status core_unseal(struct core *core, struct view sealed);

/** Takes a signed revocation list of the owner, as revoked_take. */
MUST_USE enum status core_revoke(struct core *core, struct view signed_list);

/** Takes an encoded model: checks it against the policy, copies it, computes its digest. All of it or nothing. */
MUST_USE enum status core_take_model(struct core *core, struct view encoded);

#endif

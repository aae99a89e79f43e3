/* verify_private.h: what the files of the verification share, and what mutating takes from it.
 *
 *   verify.c          the messages of a capture in their order
 *   verify_boot.c     boots, challenges, requests of the owner
 *   verify_round.c    a round begins, and ends with its record
 *   verify_update.c   receipts, and the updates that they answer
 *   verify_quiet.c    updates that were refused without a word, or whose receipt is not in the capture */
#ifndef REPLAY_VERIFY_PRIVATE_H
#define REPLAY_VERIFY_PRIVATE_H

#include "gather.h"
#include "replayed.h"
#include "seen.h"
#include "verdict.h"

/** A challenge of the enclave, as it stood in the capture. */
struct verify_challenge {
    uint8_t value[CHALLENGE_SIZE], boot_id[BOOT_ID_SIZE];
    uint64_t expires; /* 0: none */
};

struct verifying {
    struct source *source;
    const struct index *index;
    const struct verify_options *options;
    const struct verify_sink *sink;
    struct verify_totals totals;
    struct place place; /* federation, aggregator */
    uint8_t owner_key[PUBLIC_KEY_SIZE];

    struct replayed core;
    const struct index_boot *boot;         /* that the core is of; NULL: there is none */
    size_t bad_secret;                     /* index of the boot whose secret is another's; SIZE_MAX: none */
    struct buf revoked;                    /* the list that it holds; on the heap */
    struct verify_challenge challenges[2]; /* the newest first */

    const struct index_round *at; /* the manifest that counts now; NULL before the first */
    struct verify_round round;
    bool open, told;                /* the replayed round is; the sink knows of it */
    uint64_t refused[STATUS_LIMIT]; /* of this round, in the replay */
    struct seen seen, answered;     /* messages that came; transfers that have a receipt */
};

/** Everything of it is lent but what verifying_end frees. STATUS_BAD_KEY: the owner's point is none. */
MUST_USE enum status verifying_begin(struct verifying *verifying, struct source *source, const struct index *index,
                                     const struct verify_options *options, const struct verify_sink *sink);
void verifying_end(struct verifying *verifying); /* for CLEANUP */

__attribute__((format(printf, 2, 3))) void verify_note(struct verifying *verifying, const char *format, ...);
/** Sets the round's verdict, unless it has one that is worse than the same. */
__attribute__((format(printf, 3, 4))) void verify_judge(struct verifying *verifying, enum verdict verdict,
                                                        const char *format, ...);
/** Tells the sink of the round, once. */
void verify_tell(struct verifying *verifying);

struct gather_boot verify_keys(const struct verifying *verifying);

/* verify_boot.c */

/** The core of a boot without a model, unless there is one of it. false: there is none to be had, and why. */
bool verify_enter_boot(struct verifying *verifying, size_t boot, const char **why);
MUST_USE enum status verify_challenge(struct verifying *verifying, const struct captured *message);
MUST_USE enum status verify_request(struct verifying *verifying, const struct captured *answer);
/** Gives a core that was just made the challenges that it had. */
MUST_USE enum status verify_give_challenges(struct verifying *verifying);

/* verify_round.c */

MUST_USE enum status verify_manifest(struct verifying *verifying, const struct captured *message);
MUST_USE enum status verify_record(struct verifying *verifying, const struct captured *message);
/** The round is over: nothing more comes of it. */
void verify_leave_round(struct verifying *verifying);

/** A core at the moment when a round is open. */
struct verify_start {
    struct manifest manifest;
    struct view model; /* its base, encoded */
};
/** Boots a core, opens the round; *message is its manifest and lives until the next call. */
MUST_USE enum status verify_open(struct verifying *verifying, const struct index_boot *boot,
                                 const struct verify_start *start, struct view *message);
/** The base model of a manifest: of the core that runs, or out of the capture's chunks. *out is on the heap.
 *  STATUS_CHUNK_MISSING with the chunk's index; STATUS_MODEL_OTHER; what bind_open_model_chunk returns. */
MUST_USE enum status verify_base(struct verifying *verifying, const struct index_round *at,
                                 const struct manifest *manifest, struct buf *out, uint32_t *chunk);

/* verify_update.c */

MUST_USE enum status verify_receipt(struct verifying *verifying, const struct captured *message);
/** Opens the receipt of a message whose key some update in the capture tells. As gather_open_receipt. */
MUST_USE enum status verify_open_receipt(struct verifying *verifying, const struct captured *message,
                                         const struct cose_encrypt0 *parts, struct gather_receipt *out);
/** Hands an update to the core; its reason is counted. */
MUST_USE enum status verify_hand(struct verifying *verifying, const struct replayed_update *update,
                                 struct gate_answer *out);

/* verify_quiet.c */

/** Hands the core those updates that must have been there for the record to be as it is. */
MUST_USE enum status verify_quiet(struct verifying *verifying, const struct record *record);

#endif

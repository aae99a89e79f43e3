/* node_private.h: a node's memory and its two state machines. Pure.
 *
 * Two machines, each a table of {state, event, next, action}: membership (enrol.c) and work (round.c). A message is
 * validated wholly by the file that takes it; only then does it step a machine. An action that fails leaves the state. */
#ifndef NODE_NODE_PRIVATE_H
#define NODE_NODE_PRIVATE_H

#include "appraise.h"
#include "bind.h"
#include "claim_private.h"
#include "chain_private.h"
#include "enrol.h"
#include "model.h"
#include "tacit_node.h"
#include "topic.h"
#include "update.h"

#define RETRY_MIN_S     2    /* first wait before something is sent or asked for again; doubled up to RETRY_MAX_S */
#define LOOK_MIN_S      15   /* first wait before what is retained is looked for again, up to RETRY_MAX_S */
#define RETRY_MAX_S     60   /* an aggregator that gave up on a transfer takes it up again within this */
#define DENIED_MIN_S    60   /* the same after a refused enrolment: evidence or policy must change first */
#define DENIED_MAX_S    3600 /* also the longest of all waits */
#define RESEALS_MAX     3    /* how often an update is sealed anew in one round when it did not arrive as it was sent */
#define FETCH_WINDOW    4    /* model chunks that are asked for at a time */
#define CHUNK_MAP       (CHUNKS_MAX / 8)
#define REFUSAL_EVERY_S 60 /* no more often is an account of a refused enclave kept, or told that a chain is stopped */

enum membership { STRANGER, TRUSTING, ASKING, MEMBER, RENEWING };
enum membership_event { BOOTED, ASK_DUE, GRANTED, DENIED, LAPSED };
enum work { IDLE, FETCHING, WORKING, SENDING };
enum work_event { FRESH, AGAIN, FETCHED, DONE, MISHAP, UNSETTLED, SETTLED, SUPERSEDED };

/** The enclave that this device trusts, as its evidence and policy say. */
struct trust {
    uint8_t claims_digest[SHA512_SIZE], boot_id[BOOT_ID_SIZE], policy_digest[DIGEST_SIZE];
    uint8_t signing[P256_POINT_SIZE], sealing[P256_POINT_SIZE];
    uint64_t policy_version;
    int64_t alg; /* that this device enrols with */
    uint8_t challenge[CHALLENGE_SIZE];
    uint64_t challenge_expires; /* 0: none was seen */
    uint32_t challenge_s;       /* of the policy: a challenge lives twice as long */
    uint32_t max_packet;        /* of the policy */
};

/** What an enrolment gave. */
struct grant {
    uint8_t cti[CTI_SIZE], update_key[AEAD_KEY_MAX], model_key[AEAD_KEY_MAX];
    uint8_t identity[DIGEST_SIZE]; /* of the evidence that it was given for */
    int64_t alg;
    uint64_t issued, expires;
};

/** The announced round. */
struct round {
    bool known, simulated, has_previous;
    enum task task;
    uint32_t number, chunk_size, max_samples, fraction_bits, alg_count;
    uint32_t settled; /* the round that nothing more is done for; 0 none */
    uint32_t reseals;
    uint64_t model_size;
    int64_t algs[ALGS_MAX];
    uint8_t base[DIGEST_SIZE], previous[DIGEST_SIZE];
};

/** The model on its way. Chunks below `next` are subscribed, unless they are there. */
struct fetch {
    uint32_t chunks, next, received;
    uint8_t have[CHUNK_MAP];
    struct retry retry;
};

/** What an update in node->plain is about. */
struct about {
    uint32_t round;
    enum task task;
    uint8_t base[DIGEST_SIZE], boot_id[BOOT_ID_SIZE];
};

#define SEED_SIZE 32

/** A sealed update in node->model. It keeps its own key: a renewed credential changes nothing for it. */
struct transfer {
    struct grant grant;
    uint8_t id[TRANSFER_SIZE], digest[DIGEST_SIZE];
    uint8_t seed[SEED_SIZE], plain[DIGEST_SIZE]; /* what IVs are made of: secret; digest of the encoded update */
    uint32_t count;
    size_t start[CHUNKS_MAX + 1]; /* of each chunk message, and the end of the last */
    uint8_t due[CHUNK_MAP];       /* chunks that are to be published now */
    uint8_t sent[CHUNK_MAP];      /* granted ones that were published, the last of them at sent_at */
    uint64_t sent_at;
    struct retry retry; /* of the offer */
};

struct tacit_node {
    size_t size; /* of all the memory */
    struct tacit_ports ports;
    void *ctx;
    struct random_port random;
    char federation[NAME_MAX_LEN + 1], aggregator[NAME_MAX_LEN + 1], device[NAME_MAX_LEN + 1];
    uint8_t owner[P256_POINT_SIZE];
    uint64_t max_parameters;
    size_t max_endorsements;
    int64_t wanted_alg; /* 0: the policy's best */
    bool half;

    uint64_t now; /* unix seconds, of the event under way */
    bool connected;
    enum membership membership;
    enum work work;

    struct seen head;                /* the last record; durable */
    struct seen gap;                 /* the head before records were missed, which may come yet */
    uint8_t behind_gap[DIGEST_SIZE]; /* the last record that was missed */
    struct link links[LINKS_MAX];    /* of a round at its remainder */
    struct seen
        fork; /* a record that contradicts one seen before: nothing is taken under this policy any more; durable */
    bool fork_kept;
    uint64_t fork_told; /* when; 0: never */

    struct trust trust;
    uint64_t refusal_kept; /* when; 0: never */
    struct retry look;     /* for what is retained */
    struct p256_key key;
    uint8_t asked[CHALLENGE_SIZE]; /* the challenge in the last request */
    struct retry ask;
    struct retry denied; /* after a refusal: asking again must not make this wait shorter */
    struct grant grant;

    struct round round;
    struct fetch fetch;
    struct round job; /* that the model is fetched or worked on for; the announced one may be another by now */
    struct model_layout layout;
    struct about about;       /* of plain, when it is not empty */
    struct transfer transfer; /* while SENDING */
    uint32_t claim_count;
    struct claim claims[CLAIMS_MAX]; /* oldest first; durable */

    struct buf model; /* the base model while FETCHING and WORKING, the sealed chunks while SENDING */
    struct buf plain; /* the encoded update until its round is recorded; durable */
    /* For one event at a time: */
    struct buf request; /* to enrol, while it is made; or an account */
    struct buf message; /* what a request is made of, then the same sealed; or APPRAISAL_SPACE */
};

#endif

/* node_private.h: what the files of node/lib share: a node's memory, its two state machines, its ports. Pure.
 *
 * Two machines, each a table of {state, event, next, action}: membership (enrol.c) and work (round.c). A message is
 * validated wholly by the file that takes it; only then does it step a machine. An action that fails leaves the state. */
#ifndef NODE_NODE_PRIVATE_H
#define NODE_NODE_PRIVATE_H

#include "bind.h"
#include "enrol.h"
#include "model.h"
#include "tacit_node.h"
#include "topic.h"
#include "update.h"

#define RETRY_MIN_S  2    /* first wait before something is sent or asked for again; doubled up to RETRY_MAX_S */
#define LOOK_MIN_S   15   /* first wait before what is retained is looked for again, up to RETRY_MAX_S */
#define RETRY_MAX_S  60   /* an aggregator that gave up on a transfer takes it up again within this */
#define DENIED_MIN_S 60   /* the same after a refused enrolment: evidence or policy must change first */
#define DENIED_MAX_S 3600 /* also the longest of all waits */
#define RESEALS_MAX  3    /* how often an update is sealed anew in one round when it did not arrive as it was sent */
#define FETCH_WINDOW 4    /* model chunks that are asked for at a time */
#define CHUNK_MAP    (CHUNKS_MAX / 8)

enum membership { STRANGER, TRUSTING, ASKING, MEMBER, RENEWING };
enum membership_event { BOOTED, ASK_DUE, GRANTED, DENIED, LAPSED };
enum work { IDLE, FETCHING, WORKING, SENDING };
enum work_event { FRESH, AGAIN, FETCHED, DONE, MISHAP, UNSETTLED, SETTLED, SUPERSEDED };

/** The enclave that this device trusts, as its evidence and policy say. */
struct trust {
    uint8_t claims_digest[SHA512_SIZE], boot_id[BOOT_ID_SIZE], policy_digest[DIGEST_SIZE];
    uint8_t signing[P256_POINT_SIZE], sealing[P256_POINT_SIZE];
    int64_t alg; /* that this device enrols with */
    uint8_t challenge[CHALLENGE_SIZE];
    uint64_t challenge_expires; /* 0: none was seen */
};

/** A wait that doubles each time, with jitter. */
struct retry {
    uint64_t at; /* unix seconds */
    uint32_t wait_s;
};

/** What an enrolment gave. */
struct grant {
    uint8_t cti[CTI_SIZE], update_key[AEAD_KEY_MAX], model_key[AEAD_KEY_MAX];
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

/** A sealed update in node->model. It keeps its own key: a renewed credential changes nothing for it. */
struct transfer {
    struct grant grant;
    uint8_t id[TRANSFER_SIZE], digest[DIGEST_SIZE];
    uint32_t count;
    size_t start[CHUNKS_MAX + 1]; /* of each chunk message, and the end of the last */
    uint8_t due[CHUNK_MAP];       /* chunks that are to be published now */
    struct retry retry;           /* of the offer */
};

struct tacit_node {
    size_t size; /* of all the memory */
    struct tacit_ports ports;
    void *ctx;
    struct random_port random;
    char federation[NAME_MAX_LEN + 1], aggregator[NAME_MAX_LEN + 1], device[NAME_MAX_LEN + 1];
    uint8_t owner[P256_POINT_SIZE];
    uint64_t max_parameters;
    int64_t wanted_alg; /* 0: the policy's best */
    bool half;

    uint64_t now; /* unix seconds, of the event under way */
    bool connected;
    enum membership membership;
    enum work work;

    struct {
        bool known;
        uint32_t round;
        uint8_t digest[DIGEST_SIZE];
    } head; /* the last record seen; durable */

    struct trust trust;
    struct retry look; /* for what is retained */
    struct p256_key key;
    uint8_t asked[CHALLENGE_SIZE]; /* the challenge in the last request */
    struct retry ask;
    struct grant grant;

    struct round round;
    struct fetch fetch;
    struct round job; /* that the model is fetched or worked on for; the announced one may be another by now */
    struct model_layout layout;
    struct about about;       /* of plain, when it is not empty */
    struct transfer transfer; /* while SENDING */

    struct buf model; /* the base model while FETCHING and WORKING, the sealed chunks while SENDING */
    struct buf plain; /* the encoded update until its round is recorded; durable */
    uint8_t evidence[EVIDENCE_MAX], request[EVIDENCE_MAX + MESSAGE_MAX], message[EVIDENCE_MAX + 2 * MESSAGE_MAX];
};

/* ports.c */
__attribute__((format(printf, 3, 4))) void node_event(struct tacit_node *node, const char *name, const char *format,
                                                      ...);
enum status node_random(void *ctx, uint8_t *out, size_t len);
MUST_USE enum status node_publish(struct tacit_node *node, enum topic_kind kind, const struct topic *numbers,
                                  struct view payload);
void node_subscribe(struct tacit_node *node, enum topic_kind kind, uint32_t chunk);
void node_unsubscribe(struct tacit_node *node, enum topic_kind kind, uint32_t chunk);
MUST_USE enum status node_attest(struct tacit_node *node, const uint8_t report_data[static SHA512_SIZE], char kind[17],
                                 struct buf *evidence);
MUST_USE enum status node_train(struct tacit_node *node, const struct tacit_work *work);
/** Tells an event when it fails. An empty view forgets. */
enum status node_keep(struct tacit_node *node, const char *key, struct view bytes);
/** Fills out. STATUS_NOT_FOUND when nothing is kept. */
MUST_USE enum status node_load(struct tacit_node *node, const char *key, struct buf *out);
struct place node_place(const struct tacit_node *node);
/** The next try is now; or after a wait of at least min_s, which doubles up to max_s from call to call. */
void retry_now(struct retry *retry, uint64_t now);
void retry_later(struct tacit_node *node, struct retry *retry, uint32_t min_s, uint32_t max_s);
bool retry_due(const struct retry *retry, uint64_t now);

/* trust.c */
MUST_USE enum status trust_take_bundle(struct tacit_node *node, const struct topic *topic, struct view payload);
MUST_USE enum status trust_take_challenge(struct tacit_node *node, const struct topic *topic, struct view payload);

/* enrol.c */
enum status membership_step(struct tacit_node *node, enum membership_event event, const void *with);
MUST_USE enum status enrol_take_answer(struct tacit_node *node, const struct topic *topic, struct view payload);
bool enrol_is_member(const struct tacit_node *node);
void enrol_advance(struct tacit_node *node);

/* round.c */
enum status work_step(struct tacit_node *node, enum work_event event, const void *with);
/** Steps; when that fails, the work of the round ends as a mishap. */
void work_try(struct tacit_node *node, enum work_event event, const void *with);
MUST_USE enum status round_take_manifest(struct tacit_node *node, const struct topic *topic, struct view payload);
void round_advance(struct tacit_node *node);
/** Whatever is done for the announced round ends, unless it is work that cannot be called back. */
void round_supersede(struct tacit_node *node);
void round_settle(struct tacit_node *node);

/* fetch.c: actions of FRESH, FETCHED, SUPERSEDED */
MUST_USE enum status fetch_begin(struct tacit_node *node, const void *with);
MUST_USE enum status fetch_finish(struct tacit_node *node, const void *with);
MUST_USE enum status fetch_stop(struct tacit_node *node, const void *with);
MUST_USE enum status fetch_take_chunk(struct tacit_node *node, const struct topic *topic, struct view payload);
void fetch_advance(struct tacit_node *node);

/* result.c: action of DONE; with is a struct tacit_result */
MUST_USE enum status result_take(struct tacit_node *node, const void *with);

/* plain.c: the update before it is sealed, and its durable copy */
MUST_USE enum status plain_set(struct tacit_node *node, const struct update *update);
void plain_restore(struct tacit_node *node);
void plain_forget(struct tacit_node *node);
/** Whether there is an update for this task from this base. */
bool plain_fits(const struct tacit_node *node, const struct round *round);
/** Makes it an update of the announced round and the present boot. Uses node->model. */
MUST_USE enum status plain_readdress(struct tacit_node *node);

/* outbox.c: action of AGAIN and UNSETTLED */
MUST_USE enum status outbox_seal(struct tacit_node *node, const void *with);
MUST_USE enum status outbox_take_need(struct tacit_node *node, const struct topic *topic, struct view payload);
void outbox_advance(struct tacit_node *node);
/** Most bytes that sealing so many bytes comes to, whatever the size of the chunks. */
size_t outbox_sealed_max(size_t plain);

/* receipts.c, records.c */
MUST_USE enum status receipt_take(struct tacit_node *node, const struct topic *topic, struct view payload);
MUST_USE enum status record_take(struct tacit_node *node, const struct topic *topic, struct view payload);
void record_restore(struct tacit_node *node);
/** Whether a round of that number, behind a record of that digest, goes on from the last record seen. */
MUST_USE enum status record_follows(const struct tacit_node *node, uint32_t round, struct view previous);

#endif

/* federation.h: for tests: an owner, a simulation root, a booted core, and devices that enrol and send updates.
 *
 * Everything is made from a seed: the same test gives the same bytes. Failures of the plumbing abort the test. */
#ifndef SUPPORT_FEDERATION_H
#define SUPPORT_FEDERATION_H

#include "core.h"
#include "enrol.h"
#include "manifest.h"
#include "owner.h"
#include "policy.h"
#include "receipt.h"
#include "record.h"
#include "update.h"

#define FEDERATION_NOW 1790000000u

/** Reproducible bytes in place of the kernel's. */
struct seeded_random {
    uint64_t state;
};
struct random_port seeded_random_port(struct seeded_random *random);

/** Makes the enclave's evidence; as in struct core_ports. */
typedef enum status federation_attest(void *ctx, const struct attest_request *request, struct view *kind,
                                      struct buf *evidence, struct buf *endorsement);

struct federation {
    struct seeded_random seed;
    struct random_port random;
    struct p256_key owner, root;
    const char *aggregator; /* its name; "agg" from the start */
    uint8_t enclave_measurement[32], device_measurement[32];
    struct policy policy; /* what was signed; views into bytes below */
    uint8_t signed_policy[POLICY_MAX];
    size_t signed_policy_len;

    struct core *core;
    void *core_memory;
    void *lent[8];
    unsigned int lent_count;
    uint64_t now;
    struct view endorsement; /* what the TEE gives with its evidence; empty from the start */
    federation_attest *attest;
    void *attest_ctx;
    struct buf response; /* of the last call */
    bool fatal;
    struct view revoked;   /* handed to the core when it boots; empty at first */
    struct buf owner_body; /* of the last request of the owner, as it went over the gate */
    struct buf enrol_body; /* the same of the last enrolment */

    /* What a device learns from the bundle, the challenge and the manifest. */
    uint8_t boot_id[16], signing_point[64], sealing_point[64], policy_digest[32], challenge[32];
    struct manifest manifest;
    uint8_t manifest_bytes[4096];
};

/** What varies between tests; zeros stand for the defaults in parentheses. */
struct federation_options {
    uint64_t seed;                            /* (1) */
    uint64_t max_parameters;                  /* (4096) */
    uint32_t min_cohort;                      /* (2) */
    uint32_t max_cohort;                      /* (64) */
    uint32_t max_samples;                     /* (1000) */
    uint32_t max_packet;                      /* (4096) */
    int64_t only_alg;                         /* (all four) */
    const uint8_t *second_device_measurement; /* 32 bytes of another program that devices may run; (none) */
    uint64_t now;                             /* at the start (FEDERATION_NOW) */
    struct accepted aggregator, device;       /* what evidence of each is accepted; an empty kind: (simulated) */
    federation_attest *attest;                /* makes the enclave's evidence (simulated) */
    void *attest_ctx;
    bool unbooted; /* somebody else boots the core; nothing is learned from it */
};

/** Makes keys and policy; no core yet. */
void federation_prepare(struct federation *federation, const struct federation_options *options);
/** The same, boots the core (unless told not to), takes its first challenge. */
void federation_start(struct federation *federation, const struct federation_options *options);
void federation_end(struct federation *federation);

/** A core that was not booted, in place of the present one; and what a bundle says, remembered. */
void federation_new_core(struct federation *federation);
void federation_learn(struct federation *federation, struct view bundle_bytes);

/** Boots a fresh core with the same owner and root, as after a restart; state may be empty. Gives the booted body. */
struct gate_booted federation_reboot(struct federation *federation, struct view state);

/** Boots a core that was not; gives the gate's reason, and the booted body on STATUS_OK. */
enum status federation_boot(struct federation *federation, struct view state, struct gate_booted *out);

/** One gate call; the body that came back is federation->response. */
enum status federation_call(struct federation *federation, enum gate_call call, struct view body);

/** A new challenge, verified and remembered. */
void federation_new_challenge(struct federation *federation);

/** An owner's request; gives the answer's reason (or, when there is no answer, the gate's). */
enum status federation_owner(struct federation *federation, const struct owner_request *request);
/** The sealed message of a request named "request-1", not sent; lives until the next one. */
struct view federation_owner_message(struct federation *federation, const struct owner_request *request);
/** The very bytes of the last request again, as a host may send them; gives the gate's reason. */
enum status federation_replay_owner(struct federation *federation);
/** Puts a model of one tensor "w" with these values; starts rounds. */
void federation_put_model(struct federation *federation, const float *values, uint32_t count);
enum status federation_start_rounds(struct federation *federation, uint32_t rounds, uint32_t target);
/** The same of a plan that a later boot goes on with, with a closing evaluation. */
MUST_USE enum status federation_start_lasting_rounds(struct federation *federation, uint32_t rounds, uint32_t target);

/** Opens a round and remembers its manifest. */
void federation_open_round(struct federation *federation);
/** Remembers a manifest that was opened otherwise. */
void federation_take_manifest(struct federation *federation, struct view message);

/** Closes; gives the decoded record, verified; views into federation->response. */
enum status federation_close_round(struct federation *federation, struct record *out);

struct gate_status federation_status(struct federation *federation);

/** The model that the enclave holds: opened from its chunks with the model key of any enrolled member. */
struct member {
    char name[65];
    struct p256_key key;
    int64_t alg;
    uint8_t cti[16], update_key[32], model_key[32], identity[32];
    uint8_t credential[1024];
    size_t credential_len;
    uint64_t expires;
};
void federation_read_model(struct federation *federation, const struct member *member, struct buf *out);

/** Enrols; gives the reason of the sealed answer. `tamper` may change the request's parts before they are sealed. */
struct enrol_draft {
    struct device_claims claims;
    uint8_t claims_key[75];
    struct p256_key root;
    uint8_t measurement[32];
    struct view federation_in_evidence;
    uint64_t issued, expires;
    bool other_report_data;
    const char *topic_name;                         /* NULL: the member's name */
    struct view place_federation, place_aggregator; /* that the request is sealed for */
    void (*after)(struct enrol_draft *draft);       /* changes the claims when the evidence is made; may be NULL */
    /* Puts kind and evidence of another TEE over that report data; views live until the request is sealed. NULL: sim */
    void (*show)(const uint8_t report_data[static SHA512_SIZE], struct enrol_request *request);
};
typedef void enrol_tamper(struct enrol_draft *draft, void *ctx);
enum status member_enrol(struct federation *federation, struct member *member, const char *name, enrol_tamper *tamper,
                         void *ctx);

/** All that a device does before its request is sent: federation->enrol_body. */
void member_ask(struct federation *federation, struct member *member, const char *name, enrol_tamper *tamper,
                void *ctx);
/** What came back to that, sealed: the member's keys and credential, or why not. */
enum status member_take_answer(struct federation *federation, struct member *member, struct view message);
/** The very bytes of the last enrolment again, as a host may send them. Gives the answer; its message views into
 *  federation->response, and stays sealed. */
struct gate_answer federation_replay_enrol(struct federation *federation);
/** Opens the sealed answer to an enrolment with a key that may not be the device's. Gives why it does not open. */
enum status federation_open_enrolment(struct federation *federation, const char *device, const struct p256_key *key,
                                      struct view message, struct buf *out);

/** An update in the making: plain fields may be changed before it is sealed, chunks after. */
#define DRAFT_CHUNKS 1024
struct update_draft {
    struct update update;
    uint8_t tensors[1 << 16];
    uint32_t topic_round; /* what the topic says */
    uint8_t transfer[8];
    uint8_t boot_id_in_sender[16];
    uint64_t expires_in_sender;
    enum role role_in_sender;
    bool other_identity;
    uint8_t identity_in_sender[32];
    uint32_t chunk_size;
    uint32_t count; /* of chunks, once sealed */
    struct buf chunks[DRAFT_CHUNKS];
};
/** A good draft: `values` as float32 deltas of the one tensor, one metric "accuracy". */
struct update_draft *member_draft(struct federation *federation, const float *values, uint32_t count, uint32_t samples);
void draft_free(struct update_draft *draft);
/** Seals a given plaintext, or the draft's own when plain is empty. */
void member_seal(struct federation *federation, const struct member *member, struct update_draft *draft,
                 struct view plain);
/** What the host hands over the gate: the chunks in one body, which is allocated. */
void draft_body(const struct federation *federation, const struct member *member, const struct update_draft *draft,
                struct buf *body);
/** Hands the chunks over the gate; gives the reason, and the receipt when there was one and it opens (else round 0). */
enum status member_send(struct federation *federation, const struct member *member, const struct update_draft *draft,
                        struct receipt *receipt);
/** All of it for a good update. */
enum status member_update(struct federation *federation, const struct member *member, const float *values,
                          uint32_t count, uint32_t samples);

#endif

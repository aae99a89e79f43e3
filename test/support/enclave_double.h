/* enclave_double.h: for tests of node/lib: an enclave that says what a test wants, with real keys, and the ports of one device.
 *
 * What the real core never does (forked chains, foreign answers, old policies) is made here from the encoders. Each
 * enclave_* function makes one message, as the node would get it; the views live until the next call. */
#ifndef SUPPORT_ENCLAVE_DOUBLE_H
#define SUPPORT_ENCLAVE_DOUBLE_H

#include "bind.h"
#include "bundle.h"
#include "credential.h"
#include "enrol.h"
#include "manifest.h"
#include "receipt.h"
#include "record.h"
#include "tacit_node.h"
#include "update.h"

#define DOUBLE_NOW       1790000000u
#define DOUBLE_CHUNK     256
#define DOUBLE_MODEL     200 /* parameters of the model: tensor "a" of 150, "b" of 50, all 0.5 */
#define DOUBLE_PUBLISHED 64
#define DOUBLE_FILTERS   64

/** A message that the node published. */
struct published {
    char topic[160];
    uint8_t bytes[8192];
    size_t len;
};

struct device_double {
    struct tacit_node *node;
    void *memory;
    uint64_t now;
    unsigned int random; /* state of the random port */

    struct published published[DOUBLE_PUBLISHED]; /* since device_forget */
    unsigned int count;
    unsigned int room; /* publishes until the port is busy */
    char filters[DOUBLE_FILTERS][160];
    unsigned int filter_count, subscribes;
    struct {
        char key[16];
        uint8_t bytes[16384];
        size_t size;
    } kept[10];
    bool keep_fails, attest_fails, train_fails;
    bool (*port_works)(void);                         /* asked at each use of a port that may fail; may be NULL */
    void (*endorse)(struct tacit_evidence *evidence); /* what a test changes or adds; may be NULL */
    struct tacit_work work;
    unsigned int works, sealed;
    char events[4096]; /* "name detail\n" of each since device_forget */
};

struct enclave_double {
    struct p256_key owner, root, signing, sealing;
    uint8_t boot_id[BOOT_ID_SIZE], challenge[CHALLENGE_SIZE], model_key[32], update_key[32], cti[CTI_SIZE];
    uint8_t policy[2048], policy_digest[DIGEST_SIZE], measurement[DIGEST_SIZE], model[2048], base[DIGEST_SIZE];
    size_t policy_len, model_len;
    uint64_t now, expires; /* of the credential */
    struct place place;
    /* What a test may change before a message is made. */
    const char *federation, *aggregator; /* in the claims of the enclave */
    const struct p256_key *signer;       /* of everything but policy and evidence */
    uint64_t policy_version;
    bool other_policy_digest, other_program, unbound;
    void (*grant)(struct credential *credential, struct enrol_answer *answer); /* may be NULL */
    /* From the last request that was opened. */
    uint8_t asked[CHALLENGE_SIZE], device_key[PUBLIC_KEY_SIZE];
    uint8_t request[8192]; /* what the next two view */
    struct view evidence;
    struct endorsements endorsements;
    struct buf out;
    uint8_t out_bytes[16384];
};

/** Keys, boot and model of a seed; the policy accepts this enclave and is signed by this owner. */
void enclave_start(struct enclave_double *enclave, uint8_t seed);
/** Another boot: other keys, the same owner, root and model. */
void enclave_reboot(struct enclave_double *enclave, uint8_t seed);
struct view enclave_bundle(struct enclave_double *enclave);
struct view enclave_challenge(struct enclave_double *enclave, uint64_t expires);
/** Opens a published request and remembers what an answer needs. Fails the test when it is not what it must be. */
void enclave_take_request(struct enclave_double *enclave, const struct published *request);
struct view enclave_answer(struct enclave_double *enclave, enum status reason);
/** The manifest of a training round of the double's model, which a test may change before it is signed. */
struct manifest enclave_plan(const struct enclave_double *enclave, uint32_t round);
struct view enclave_manifest(struct enclave_double *enclave, const struct manifest *manifest);
struct view enclave_chunk(struct enclave_double *enclave, const struct manifest *manifest, uint32_t chunk);
/** Opens all chunks of a published update, joined in *digest; the plaintext is decoded. */
struct update enclave_open_update(struct enclave_double *enclave, const struct device_double *device, uint32_t round,
                                  uint8_t digest[static DIGEST_SIZE], struct receipt *receipt);
struct view enclave_receipt(struct enclave_double *enclave, const struct receipt *receipt);
/** A record of a released round; digest: of its payload. */
struct record enclave_result(const struct enclave_double *enclave, uint32_t round, struct view previous);
struct view enclave_record(struct enclave_double *enclave, const struct record *record,
                           uint8_t digest[static DIGEST_SIZE]);

/** A node of device "dev" in federation "fed" at aggregator "agg", connected. kept and now are as they were. */
void device_start(struct device_double *device, const struct enclave_double *enclave,
                  const struct tacit_config *changes);
void device_stop(struct device_double *device);
/** Gives the node a message on tacit/1/fed/<suffix>. */
void device_hear(struct device_double *device, const char *suffix, struct view payload);
void device_wait(struct device_double *device, unsigned int seconds);
/** Forgets what was published and told so far. */
void device_forget(struct device_double *device);
/** The last message published on tacit/1/fed/<suffix>, or NULL; and how many there were. */
const struct published *device_said(const struct device_double *device, const char *suffix);
unsigned int device_said_count(const struct device_double *device, const char *suffix);
bool device_told(const struct device_double *device, const char *event);
bool device_listens(const struct device_double *device, const char *suffix);
/** The work is done: every value of the model moved by `by`. */
void device_finish(struct device_double *device, float by);

/** All of it until the device is a member; until it works on round `round`; until it offers its update. */
void device_enrol(struct device_double *device, struct enclave_double *enclave);
void device_fetch(struct device_double *device, struct enclave_double *enclave, const struct manifest *manifest);
void device_offer(struct device_double *device, struct enclave_double *enclave, uint32_t round);

#endif

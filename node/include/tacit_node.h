/* tacit_node.h: take part in a Tacit federation: appraise an aggregator's enclave, enrol, train, send sealed updates.
 *
 * A pure state machine: bytes, time and events come in, calls to ports go out. It opens no socket, reads no file or clock,
 * starts no thread and allocates nothing: all memory is lent by the caller. Not thread-safe; a port must not call the node.
 *     static const struct tacit_ports ports = {
 *         .publish = my_publish, .subscribe = my_subscribe, .unsubscribe = my_unsubscribe, .random = my_random,
 *         .attest = my_attest, .train = my_train, .keep = my_keep, .load = my_load, .event = my_event,
 *     };
 *     struct tacit_config config = {
 *         .federation = "factory", .aggregator = "gateway-1", .device = "sensor-17",
 *         .owner_key = owner_key,           // 64 bytes, x || y, from installation: the root of all trust
 *         .max_parameters = 100000, .max_endorsements = 0,
 *     };
 *     void *memory = malloc(tacit_node_memory(&config));
 *     struct tacit_node *node = tacit_node_start(memory, &config, &ports, my_context);
 *     // and then, as things happen, each with the time:
 *     tacit_node_connected(node, now);                       // the MQTT session is there
 *     tacit_node_message(node, topic, payload, size, now);   // a message came
 *     tacit_node_trained(node, &result, now);                // the work that `train` began is done
 *     tacit_node_tick(node, now);                            // about once a second
 *
 * MQTT is the caller's: QoS 1, client id = device name, a session that outlives connections. Formats: PROTOCOL.md. */
#ifndef TACIT_NODE_H
#define TACIT_NODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define TACIT_API                   __attribute__((visibility("default")))
#define TACIT_OWNER_KEY_SIZE        64
#define TACIT_REPORT_DATA_SIZE      64
#define TACIT_MAX_METRICS           16
#define TACIT_MAX_ENDORSEMENTS      16
#define TACIT_MAX_ENDORSEMENTS_SIZE 49152 /* bytes of all together */

/** 0 is success; the other numbers are the reasons of PROTOCOL.md section 14. */
typedef int tacit_reason;
/** Seconds since 1970-01-01 UTC. Need not be exact: it must lie within the policy's and the evidence's validity. */
typedef uint64_t tacit_time;

struct tacit_node;
struct tacit_config {
    const char *federation, *aggregator, *device; /* names: 1..64 characters of [0-9A-Za-z_-] */
    const uint8_t *owner_key;                     /* TACIT_OWNER_KEY_SIZE bytes: P-256 point x || y */
    uint64_t max_parameters;                      /* largest model that this device takes; memory follows from it */
    int algorithm; /* COSE AEAD to seal with: 1, 3, 24 or 31; the policy's best for 0 and where it is not allowed */
    bool half;     /* send updates as float16: half the bytes, 11 bits of precision */
    size_t max_endorsements; /* bytes that `attest` may give of them; 0 none; up to twice as much memory is needed */
};

/** A number that the work measured. Names: [0-9a-z_]{1,32}; |value| < 2147. */
struct tacit_metric {
    const char *name;
    double value;
    uint32_t weight; /* examples behind it, 1 and up */
};

/** What the work came to. A change of a value must be below 2^(31 - fraction bits of the policy), 16 as a rule. */
struct tacit_result {
    const uint8_t *model; /* the trained model, encoded as `train` was given it; NULL when the task was to evaluate */
    size_t model_size;
    uint32_t samples; /* examples trained on, or evaluated on; 1 and up; past the policy's most they count as that */
    unsigned int metric_count;
    struct tacit_metric metrics[TACIT_MAX_METRICS];
};

/** What `attest` fills in. Endorsements are what vouches for the evidence (certificates, collateral: docs/collateral.md), in
 *  any order: written into one buffer, one right behind the other, and their sizes entered, none of them 0. */
struct tacit_evidence {
    char kind[17];  /* the row of the appraisal table, as "sim", with its end */
    uint8_t *bytes; /* the evidence goes here */
    size_t size;    /* room there (16384) on entry, the evidence's size on return */
    uint8_t *endorsements;
    size_t endorsements_size;       /* room there: max_endorsements of the configuration */
    unsigned int endorsement_count; /* 0 on entry, at most TACIT_MAX_ENDORSEMENTS on return */
    size_t endorsement_sizes[TACIT_MAX_ENDORSEMENTS];
};

/** What a round asks for. */
enum tacit_task { TACIT_TRAIN = 1, TACIT_EVALUATE = 2 };
struct tacit_work {
    uint32_t round;
    enum tacit_task task;
    const uint8_t *model; /* the global model, encoded (PROTOCOL.md section 8); lives until the work is reported */
    size_t model_size;
    bool simulated; /* made under a policy that allows simulated evidence */
};

/** What the node calls. ctx is the one given to tacit_node_start. Those that return a tacit_reason return 0 or why not.
 *  None may block longer than the caller can bear; none may call the node. */
struct tacit_ports {
    /** Publishes with QoS 1. Busy (112): no room now; it is tried again at tacit_node_tick or _writable. */
    tacit_reason (*publish)(void *ctx, const char *topic, const uint8_t *payload, size_t size);
    /** Subscribes now and after every reconnection, until unsubscribed. A filter that is subscribed already must be
     *  subscribed again all the same: the node asks for retained messages so. */
    void (*subscribe)(void *ctx, const char *filter);
    void (*unsubscribe)(void *ctx, const char *filter);
    tacit_reason (*random)(void *ctx, uint8_t *out, size_t size); /* fills out with bytes fit for keys */
    /** Evidence of this device that binds report_data. */
    tacit_reason (*attest)(void *ctx, const uint8_t report_data[TACIT_REPORT_DATA_SIZE], tacit_time now,
                           struct tacit_evidence *out);
    /** Begins the work and returns; its outcome is told by tacit_node_trained or tacit_node_failed. */
    tacit_reason (*train)(void *ctx, const struct tacit_work *work);
    /** Keeps bytes under a key ("policy", "head", "fork", "outbox", "sealed", "claim", "trust", "refusal"), durably before it
     *  returns. size 0: forgets them. "outbox" is the update in clear, about 4 bytes a parameter, as secret as the data. */
    tacit_reason (*keep)(void *ctx, const char *key, const uint8_t *bytes, size_t size);
    /** Gives kept bytes: *size is the room on entry. 141 (not found) when there are none. */
    tacit_reason (*load)(void *ctx, const char *key, uint8_t *bytes, size_t *size);
    /** Something happened; name is fixed, detail is for people. May be NULL.
     *    trusted, aggregator_refused   the enclave's evidence was appraised; appraisal: what was found wanting in it
     *    enrolled, refused             the enclave's answer; it is asked again later
     *    round, model_refused          a round has work; its model is larger than max_parameters
     *    working, worked, work_failed  the work began; it became an update; the round is given up
     *    counted, not_counted, included, unproven   the enclave's receipt; in the record, proven; receipted and not proven
     *    record                        a round is closed: "round=3 reason=OK counted=5 samples=500 simulated=0 loss=0.1"
     *    chain; fork                   a round or record does not follow: refused; and no more rounds under this policy version
     *    failed, store_failed, ignored a port failed; a message was without effect */
    void (*event)(void *ctx, const char *name, const char *detail);
    /** A chunk of an update as it is sealed, and the key that it is sealed with: for replays and audits. Called in rounds
     *  marked simulated only. May be NULL. */
    void (*sealed)(void *ctx, uint32_t round, uint32_t chunk, const uint8_t *message, size_t size, const uint8_t *key,
                   size_t key_size);
};

/** Memory that a node of this configuration needs, aligned as for malloc; 0 when the configuration is not valid. */
TACIT_API size_t tacit_node_memory(const struct tacit_config *config);
/** Makes a node in memory of that size; takes up what it kept. config and its strings are copied. NULL when the
 *  configuration is not valid. ports is copied. */
TACIT_API struct tacit_node *tacit_node_start(void *memory, const struct tacit_config *config,
                                              const struct tacit_ports *ports, void *ctx);
/** Wipes keys and models. The memory is the caller's again. */
TACIT_API void tacit_node_stop(struct tacit_node *node);
/** Events. A message that is not for this node, or does not verify, changes nothing. */
TACIT_API void tacit_node_connected(struct tacit_node *node, tacit_time now);
TACIT_API void tacit_node_disconnected(struct tacit_node *node, tacit_time now);
TACIT_API void tacit_node_message(struct tacit_node *node, const char *topic, const uint8_t *payload, size_t size,
                                  tacit_time now);
TACIT_API void tacit_node_writable(struct tacit_node *node, tacit_time now);
TACIT_API void tacit_node_tick(struct tacit_node *node, tacit_time now);
/** The work is done, or came to nothing. The result is copied. */
TACIT_API void tacit_node_trained(struct tacit_node *node, const struct tacit_result *result, tacit_time now);
TACIT_API void tacit_node_failed(struct tacit_node *node, const char *why, tacit_time now);
/** A sentence on a reason. */
TACIT_API const char *tacit_reason_text(tacit_reason reason);
#ifdef __cplusplus
}
#endif
#endif

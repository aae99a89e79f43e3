/* node.c: what stands in tacit_node.h: memory, events in, and which file takes which message. */
#include "steps_private.h"

#include <assert.h>
#include <stdalign.h>
#include <string.h>

/* ---- memory ---- */

static bool name_given(const char *name)
{
    return name != NULL && name_valid(view_of_string(name));
}

static bool config_valid(const struct tacit_config *config)
{
    return name_given(config->federation) && name_given(config->aggregator) && name_given(config->device) &&
           config->owner_key != NULL && config->max_parameters >= 1 && config->max_parameters <= MODEL_MAX_PARAMETERS &&
           (config->algorithm == 0 || aead_key_size(config->algorithm) > 0) &&
           config->max_endorsements <= TACIT_MAX_ENDORSEMENTS_SIZE;
}

/* An update as it is encoded, or its copy while it is readdressed. */
static size_t plain_max(const struct tacit_config *config)
{
    return update_encoded_max(config->max_parameters, MODEL_MAX_TENSORS);
}

static size_t model_max(const struct tacit_config *config)
{
    const size_t model = model_encoded_max(config->max_parameters), sealed = outbox_sealed_max(plain_max(config));

    return model > sealed ? model : sealed;
}

/* A request to enrol; its parts or the same sealed, and at other times what is decoded for an appraisal. */
static size_t request_max(const struct tacit_config *config)
{
    return EVIDENCE_MAX + config->max_endorsements + MESSAGE_MAX;
}

static size_t message_max(const struct tacit_config *config)
{
    const size_t sealed = request_max(config) + MESSAGE_MAX;

    return sealed > APPRAISAL_SPACE ? sealed : APPRAISAL_SPACE;
}

size_t tacit_node_memory(const struct tacit_config *config)
{
    return config_valid(config) ? sizeof(struct tacit_node) + model_max(config) + plain_max(config) +
                                      request_max(config) + message_max(config)
                                : 0;
}

/* ---- beginning and end ---- */

static void copy_config(struct tacit_node *node, const struct tacit_config *config)
{
    /* All three are at most NAME_MAX_LEN long; the memory behind them is zero. */
    memcpy(node->federation, config->federation, strlen(config->federation));
    memcpy(node->aggregator, config->aggregator, strlen(config->aggregator));
    memcpy(node->device, config->device, strlen(config->device));
    memcpy(node->owner, config->owner_key, sizeof node->owner);
    node->max_parameters = config->max_parameters;
    node->max_endorsements = config->max_endorsements;
    node->wanted_alg = config->algorithm;
    node->half = config->half;
}

struct tacit_node *tacit_node_start(void *memory, const struct tacit_config *config, const struct tacit_ports *ports,
                                    void *ctx)
{
    struct tacit_node *node = memory;

    if (memory == NULL || !config_valid(config))
        return NULL;
    assert((uintptr_t)memory % alignof(max_align_t) == 0);
    memset(node, 0, sizeof *node);
    node->size = tacit_node_memory(config);
    node->ports = *ports;
    node->ctx = ctx;
    node->random = (struct random_port){node_random, node};
    copy_config(node, config);
    node->model = (struct buf){.ptr = (uint8_t *)(node + 1), .cap = model_max(config)};
    node->plain = (struct buf){.ptr = node->model.ptr + node->model.cap, .cap = plain_max(config)};
    node->request = (struct buf){.ptr = node->plain.ptr + node->plain.cap, .cap = request_max(config)};
    node->message = (struct buf){.ptr = node->request.ptr + node->request.cap, .cap = message_max(config)};
    record_restore(node);
    fork_restore(node);
    plain_restore(node);
    claim_restore(node);
    return node;
}

void tacit_node_stop(struct tacit_node *node)
{
    if (node != NULL)
        wipe(node, node->size);
}

/* ---- events ---- */

/* There should be another by now; or it ends later than any that is made now: a clock, theirs or ours, was wrong. */
static bool challenge_lapsed(const struct tacit_node *node)
{
    const uint64_t expires = node->trust.challenge_expires;

    return node->now >= expires || expires - node->now > 3 * (uint64_t)node->trust.challenge_s;
}

/* Who waits asks again from time to time, by subscribing again, for what is retained: a message may have been lost, or been
 * refused only because the clock was not set yet. */
static void look(struct tacit_node *node)
{
    const bool stranger = node->membership == STRANGER, lapsed = challenge_lapsed(node);
    const bool idle = enrol_is_member(node) && node->work == IDLE;

    if (!node->connected || !retry_due(&node->look, node->now))
        return;
    /* Where challenges stop coming there may be another boot. */
    if (stranger || lapsed)
        node_subscribe(node, TOPIC_EVIDENCE, 0);
    if (!stranger && lapsed)
        node_subscribe(node, TOPIC_CHALLENGE, 0);
    if (idle)
        node_subscribe(node, TOPIC_ROUND, 0);
    retry_later(node, &node->look, LOOK_MIN_S, RETRY_MAX_S);
}

/* Whatever happened, everything that can go on now goes on. */
static void advance(struct tacit_node *node)
{
    look(node);
    enrol_advance(node);
    round_advance(node);
    fetch_advance(node);
    outbox_advance(node);
    claim_advance(node);
}

void tacit_node_connected(struct tacit_node *node, tacit_time now)
{
    node->now = now;
    node->connected = true;
    node_subscribe(node, TOPIC_EVIDENCE, 0);
    /* What was on its way may be lost. */
    retry_now(&node->transfer.retry, now);
    advance(node);
}

void tacit_node_disconnected(struct tacit_node *node, tacit_time now)
{
    node->now = now;
    node->connected = false;
}

void tacit_node_writable(struct tacit_node *node, tacit_time now)
{
    node->now = now;
    advance(node);
}

void tacit_node_tick(struct tacit_node *node, tacit_time now)
{
    node->now = now;
    advance(node);
}

void tacit_node_trained(struct tacit_node *node, const struct tacit_result *result, tacit_time now)
{
    node->now = now;
    work_try(node, DONE, result);
    advance(node);
}

void tacit_node_failed(struct tacit_node *node, const char *why, tacit_time now)
{
    const enum status reason = STATUS_PACKAGE;

    node->now = now;
    if (node->work == WORKING) {
        node_event(node, "failed", "work: %s", why);
        (void)work_step(node, MISHAP, &reason);
    }
    advance(node);
}

/* ---- messages ---- */

static const struct handler {
    const char *name;
    enum status (*take)(struct tacit_node *node, const struct topic *topic, struct view payload);
    bool retained; /* an empty one only says that there is none any more */
} handlers[TOPIC_KINDS] = {
    [TOPIC_EVIDENCE] = {"evidence", trust_take_bundle, true},
    [TOPIC_CHALLENGE] = {"challenge", trust_take_challenge, true},
    [TOPIC_CREDENTIAL] = {"answer", enrol_take_answer, false},
    [TOPIC_ROUND] = {"round", round_take_manifest, true},
    [TOPIC_MODEL] = {"model", fetch_take_chunk, true},
    [TOPIC_NEED] = {"need", outbox_take_need, false},
    [TOPIC_RECEIPT] = {"receipt", receipt_take, false},
    [TOPIC_RECORD] = {"record", record_take, true},
};

/* The topic's names are this node's, those that it has. */
static bool is_ours(const struct tacit_node *node, const struct topic *topic)
{
    return view_equal(topic->federation, view_of_string(node->federation)) &&
           (topic->aggregator.len == 0 || view_equal(topic->aggregator, view_of_string(node->aggregator))) &&
           (topic->device.len == 0 || view_equal(topic->device, view_of_string(node->device)));
}

static void tell_refusal(struct tacit_node *node, enum topic_kind kind, enum status status)
{
    const char *event = "ignored";

    if (status == STATUS_EXISTS)
        return;
    if (status == STATUS_CHAIN_STOPPED) {
        fork_tell(node, handlers[kind].name);
        return;
    }
    if (kind == TOPIC_EVIDENCE)
        event = "aggregator_refused";
    if (kind == TOPIC_ROUND && status == STATUS_NO_SPACE)
        event = "model_refused";
    if (status == STATUS_CHAIN_FORK || status == STATUS_CHAIN_BACK)
        event = "chain";
    if (status == STATUS_NOT_COUNTED)
        event = "unproven";
    node_event(node, event, "%s: %s", handlers[kind].name, status_text(status));
}

void tacit_node_message(struct tacit_node *node, const char *topic, const uint8_t *payload, size_t size, tacit_time now)
{
    struct topic parsed;
    enum status status;

    node->now = now;
    if (topic_parse(view_of_string(topic), &parsed) != STATUS_OK || handlers[parsed.kind].take == NULL ||
        !is_ours(node, &parsed))
        return;
    /* Until an enclave is trusted there is nobody else to believe. */
    if (node->membership == STRANGER && parsed.kind != TOPIC_EVIDENCE)
        return;
    if (size == 0 && handlers[parsed.kind].retained)
        return;
    status = handlers[parsed.kind].take(node, &parsed, (struct view){payload, size});
    if (status != STATUS_OK)
        tell_refusal(node, parsed.kind, status);
    advance(node);
}

const char *tacit_reason_text(tacit_reason reason)
{
    return status_text(reason >= 0 && reason < STATUS_LIMIT ? (enum status)reason : STATUS_LIMIT);
}

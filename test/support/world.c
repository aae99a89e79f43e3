/* world.c: see world.h. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "model.h"
#include "sim.h"
#include "topic.h"

struct message {
    struct message *next;
    char topic[TOPIC_MAX];
    uint8_t *payload;
    size_t size;
    struct world_node *only; /* to this node alone: a retained message after its subscription */
};

static struct message *message_new(const char *topic, const uint8_t *payload, size_t size)
{
    struct message *message = calloc(1, sizeof *message);

    snprintf(message->topic, sizeof message->topic, "%s", topic);
    message->payload = malloc(size + 1);
    if (size > 0)
        memcpy(message->payload, payload, size);
    message->size = size;
    return message;
}

static void message_free(struct message *message)
{
    free(message->payload);
    free(message);
}

static void enqueue(struct world *world, struct message *message)
{
    *world->queue_end = message;
    world->queue_end = &message->next;
}

static bool matches(const char *filter, const char *topic)
{
    while (*filter != '\0' && *topic != '\0') {
        if (*filter == '+') {
            while (*topic != '\0' && *topic != '/')
                topic++;
            filter++;
        } else if (*filter++ != *topic++) {
            return false;
        }
    }
    return *filter == '\0' && *topic == '\0';
}

static struct message **find_retained(struct world *world, const char *topic)
{
    struct message **at = &world->retained;

    while (*at != NULL && strcmp((*at)->topic, topic) != 0)
        at = &(*at)->next;
    return at;
}

void world_inject(struct world *world, const char *topic, struct view payload, bool retained)
{
    if (retained) {
        struct message **at = find_retained(world, topic), *old = *at;
        if (old != NULL) {
            *at = old->next;
            message_free(old);
        }
        if (payload.len > 0) {
            struct message *kept = message_new(topic, payload.ptr, payload.len);
            kept->next = world->retained;
            world->retained = kept;
        }
    }
    enqueue(world, message_new(topic, payload.ptr, payload.len));
}

struct view world_retained(const struct world *world, const char *topic)
{
    for (const struct message *message = world->retained; message != NULL; message = message->next)
        if (strcmp(message->topic, topic) == 0)
            return (struct view){message->payload, message->size};
    return (struct view){NULL, 0};
}

/* The host's ports. */
static enum status host_publish(void *ctx, const char *topic, struct view payload, bool retained)
{
    world_inject(ctx, topic, payload, retained);
    return STATUS_OK;
}

static bool host_has_room(void *ctx)
{
    (void)ctx;
    return true;
}

static enum status host_gate_port(void *ctx, enum gate_call call, const struct view *pieces, size_t count,
                                  struct view *response)
{
    struct world *world = ctx;
    struct buf body = {NULL, 0, 0};
    enum status status;

    if (world->federation.fatal)
        return STATUS_NO_CONNECTION;
    if (world->gate_fails != STATUS_OK && call == world->failing) {
        world->failures++;
        return world->gate_fails;
    }
    for (size_t i = 0; i < count; i++)
        body.cap += pieces[i].len;
    body.ptr = malloc(body.cap + 1);
    for (size_t i = 0; i < count; i++)
        must(buf_append(&body, pieces[i]), "body");
    status = federation_call(&world->federation, call, buf_view(&body));
    free(body.ptr);
    *response = buf_view(&world->federation.response);
    return world->federation.fatal ? STATUS_NO_CONNECTION : status;
}

static enum status host_keep_state(void *ctx, struct view state)
{
    struct world *world = ctx;

    free(world->state);
    world->state = malloc(state.len + 1);
    memcpy(world->state, state.ptr, state.len);
    world->state_len = state.len;
    return STATUS_OK;
}

static enum status host_keep_round(void *ctx, const struct closed_round *closed)
{
    struct world *world = ctx;

    world->kept_rounds++;
    return host_keep_state(ctx, closed->state);
}

static enum status host_collateral(void *ctx, struct endorsements *items, const char *files[ENDORSEMENTS_MAX])
{
    struct world *world = ctx;

    world->collateral_reads++;
    if (world->collateral_status != STATUS_OK)
        return world->collateral_status;
    *items = world->collateral;
    memcpy(files, world->collateral_files, sizeof world->collateral_files);
    return STATUS_OK;
}

static void host_event(void *ctx, enum log_level level, const char *event, const char *detail)
{
    struct world *world = ctx;
    const size_t len = strlen(world->events);

    if (level >= LOG_LEVEL_INFO && len + strlen(event) + strlen(detail) + 3 <= sizeof world->events)
        snprintf(world->events + len, sizeof world->events - len, "%s %s\n", event, detail);
}

static enum status host_keep_revocations_port(void *ctx, struct view signed_list)
{
    struct world *world = ctx;

    free(world->revocations.ptr);
    world->revocations = (struct buf){.ptr = malloc(signed_list.len), .cap = signed_list.len};
    world->kept_revocations++;
    return buf_append(&world->revocations, signed_list);
}

/* The nodes' ports. */
static tacit_reason node_publish_port(void *ctx, const char *topic, const uint8_t *payload, size_t size)
{
    struct world_node *node = ctx;

    if (!node->offline)
        world_inject(node->world, topic, (struct view){payload, size}, false);
    return 0;
}

static void node_subscribe_port(void *ctx, const char *filter)
{
    struct world_node *node = ctx;
    unsigned int at = 0;

    while (at < node->filter_count && strcmp(node->filters[at], filter) != 0)
        at++;
    if (at == node->filter_count)
        snprintf(node->filters[node->filter_count++], sizeof node->filters[0], "%s", filter);
    for (struct message *kept = node->world->retained; kept != NULL; kept = kept->next)
        if (matches(filter, kept->topic)) {
            struct message *copy = message_new(kept->topic, kept->payload, kept->size);
            copy->only = node;
            enqueue(node->world, copy);
        }
}

static void node_unsubscribe_port(void *ctx, const char *filter)
{
    struct world_node *node = ctx;

    for (unsigned int i = 0; i < node->filter_count; i++)
        if (strcmp(node->filters[i], filter) == 0)
            memmove(node->filters[i], node->filters[--node->filter_count], sizeof node->filters[0]);
}

static tacit_reason node_random_port(void *ctx, uint8_t *out, size_t size)
{
    struct world_node *node = ctx;
    struct random_port port = seeded_random_port(&node->random);

    return (tacit_reason)port.fill(port.ctx, out, size);
}

static tacit_reason node_attest_port(void *ctx, const uint8_t report_data[TACIT_REPORT_DATA_SIZE], tacit_time now,
                                     struct tacit_evidence *evidence)
{
    struct world_node *node = ctx;
    struct buf out = {.ptr = evidence->bytes, .cap = evidence->size};
    struct buf endorsements = {.ptr = evidence->endorsements, .cap = evidence->endorsements_size};
    struct random_port random = seeded_random_port(&node->random);
    struct sim_evidence claims = {
        .federation = VIEW_TEXT("fed"),
        .expires = now + 600,
        .issued = now,
        .nonce = {report_data, TACIT_REPORT_DATA_SIZE},
        .measurement = VIEW_OF(node->measurement),
    };

    memcpy(evidence->kind, "sim", 4);
    must(sim_attest(&claims, &node->world->federation.root, &random, &out), "evidence");
    evidence->size = out.len;
    evidence->endorsement_count = node->endorsements.count;
    for (uint32_t i = 0; i < node->endorsements.count; i++) {
        must(buf_append(&endorsements, node->endorsements.list[i]), "endorsements");
        evidence->endorsement_sizes[i] = node->endorsements.list[i].len;
    }
    return 0;
}

static tacit_reason node_train_port(void *ctx, const struct tacit_work *work)
{
    struct world_node *node = ctx;

    node->work = *work;
    node->has_work = true;
    node->works++;
    return 0;
}

static tacit_reason node_keep_port(void *ctx, const char *key, const uint8_t *bytes, size_t size)
{
    struct world_node *node = ctx;
    unsigned int at = 0;

    while (node->kept[at].key[0] != '\0' && strcmp(node->kept[at].key, key) != 0)
        at++;
    free(node->kept[at].bytes);
    snprintf(node->kept[at].key, sizeof node->kept[at].key, "%s", key);
    node->kept[at].bytes = size > 0 ? malloc(size) : NULL;
    node->kept[at].size = size;
    if (size > 0)
        memcpy(node->kept[at].bytes, bytes, size);
    return 0;
}

static tacit_reason node_load_port(void *ctx, const char *key, uint8_t *bytes, size_t *size)
{
    struct world_node *node = ctx;

    for (unsigned int i = 0; i < ARRAY_LEN(node->kept); i++)
        if (strcmp(node->kept[i].key, key) == 0 && node->kept[i].size > 0) {
            if (node->kept[i].size > *size)
                return STATUS_NO_SPACE;
            memcpy(bytes, node->kept[i].bytes, node->kept[i].size);
            *size = node->kept[i].size;
            return 0;
        }
    return STATUS_NOT_FOUND;
}

static void node_event_port(void *ctx, const char *name, const char *detail)
{
    struct world_node *node = ctx;
    const size_t len = strlen(node->events);
    const struct {
        const char *name;
        unsigned int *count;
    } counts[] = {{"counted", &node->counted},   {"refused", &node->refused},
                  {"enrolled", &node->enrolled}, {"record", &node->records},
                  {"ignored", &node->ignored},   {"aggregator_refused", &node->distrusted},
                  {"included", &node->included}, {"unproven", &node->unproven}};

    snprintf(node->last_event, sizeof node->last_event, "%s", name);
    snprintf(node->last_detail, sizeof node->last_detail, "%s", detail);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        if (strcmp(counts[i].name, name) == 0)
            (*counts[i].count)++;
    if (len + strlen(name) + strlen(detail) + 3 <= sizeof node->events)
        snprintf(node->events + len, sizeof node->events - len, "%s %s\n", name, detail);
    if (getenv("WORLD_TRACE") != NULL)
        fprintf(stderr, "%s: %s %s\n", node->name, name, detail);
}

static void start_node(struct world_node *node)
{
    static const struct tacit_ports ports = {
        .publish = node_publish_port,
        .subscribe = node_subscribe_port,
        .unsubscribe = node_unsubscribe_port,
        .random = node_random_port,
        .attest = node_attest_port,
        .train = node_train_port,
        .keep = node_keep_port,
        .load = node_load_port,
        .event = node_event_port,
    };
    const struct tacit_config config = {
        .federation = "fed",
        .aggregator = "agg",
        .device = node->name,
        .owner_key = node->world->federation.owner.point,
        .max_parameters = 65536,
        .algorithm = node->algorithm,
        .half = node->half,
        .max_endorsements = TACIT_MAX_ENDORSEMENTS_SIZE,
    };

    node->filter_count = 0;
    node->has_work = false;
    node->memory = malloc(tacit_node_memory(&config));
    node->node = tacit_node_start(node->memory, &config, &ports, node);
    if (node->node == NULL)
        abort();
    tacit_node_connected(node->node, node->world->federation.now);
}

struct world_node *world_add(struct world *world, const char *name, void (*change)(struct world_node *))
{
    struct world_node *node = &world->nodes[world->node_count++];

    node->world = world;
    node->random.state = 1000 + world->node_count;
    snprintf(node->name, sizeof node->name, "%s", name);
    memcpy(node->measurement, world->federation.device_measurement, sizeof node->measurement);
    if (change != NULL)
        change(node);
    start_node(node);
    return node;
}

static void stop_node(struct world_node *node)
{
    tacit_node_stop(node->node);
    free(node->memory);
}

void world_restart_node(struct world_node *node)
{
    stop_node(node);
    start_node(node);
}

void world_finish_work(struct world_node *node, float by)
{
    uint8_t *model = malloc(node->work.model_size);
    static struct model_layout layout;
    struct tacit_result result = {
        .model = node->work.task == TACIT_TRAIN ? model : NULL,
        .model_size = node->work.model_size,
        .samples = 100,
        .metric_count = 2,
        .metrics = {{"loss", 0.5, 100}, {"accuracy", 0.25, 100}},
    };

    memcpy(model, node->work.model, node->work.model_size);
    must(model_decode((struct view){model, node->work.model_size}, 65536, &layout), "work's model");
    for (uint32_t t = 0; t < layout.count; t++)
        for (uint64_t i = 0; i < layout.tensors[t].elements; i++) {
            uint8_t *at = model + layout.tensors[t].offset + 4 * i;
            uint32_t bits = read_le32(at);
            float value;
            memcpy(&value, &bits, sizeof value);
            value += by;
            memcpy(&bits, &value, sizeof bits);
            write_le32(at, bits);
        }
    node->has_work = false;
    tacit_node_trained(node->node, &result, node->world->federation.now);
    free(model);
}

static void deliver_to_node(struct world_node *node, const struct message *message)
{
    if (node->offline || (message->only != NULL && message->only != node))
        return;
    for (unsigned int i = 0; i < node->filter_count; i++)
        if (matches(node->filters[i], message->topic)) {
            tacit_node_message(node->node, message->topic, message->payload, message->size,
                               node->world->federation.now);
            return;
        }
}

static void deliver(struct world *world, struct message *message)
{
    if (world->filter != NULL && !world->filter(world->filter_ctx, message->topic, message->payload, &message->size))
        return;
    world->delivered++;
    for (unsigned int i = 0; i < world->node_count; i++)
        deliver_to_node(&world->nodes[i], message);
    if (message->only == NULL)
        (void)host_message(world->host, message->topic, (struct view){message->payload, message->size},
                           world->federation.now);
}

static void deliver_all(struct world *world)
{
    while (world->queue != NULL) {
        struct message *message = world->queue;
        world->queue = message->next;
        if (world->queue == NULL)
            world->queue_end = &world->queue;
        deliver(world, message);
        message_free(message);
        for (unsigned int i = 0; i < world->node_count; i++)
            if (world->nodes[i].has_work && !world->nodes[i].hold_work && !world->nodes[i].offline)
                world_finish_work(&world->nodes[i], 0.125f);
    }
}

void world_run(struct world *world, unsigned int seconds)
{
    for (unsigned int i = 0; i < seconds; i++) {
        deliver_all(world);
        world->federation.now++;
        (void)host_tick(world->host, world->federation.now);
        for (unsigned int n = 0; n < world->node_count; n++)
            if (!world->nodes[n].offline)
                tacit_node_tick(world->nodes[n].node, world->federation.now);
    }
    deliver_all(world);
}

/* In place of the core before, if there is one: one that the host boots. */
static void fresh_core(struct world *world)
{
    federation_new_core(&world->federation);
    world->federation.fatal = false;
}

static void boot(struct world *world, struct view state)
{
    static const char *const evidence = "tacit/1/fed/aggregator/agg/evidence";

    must(host_boot(world->host, state, world->federation.now), "host boot");
    federation_learn(&world->federation, world_retained(world, evidence));
}

void world_restart_enclave(struct world *world, bool with_state)
{
    struct view state = {world->state, with_state ? world->state_len : 0};

    fresh_core(world);
    boot(world, state);
}

void world_keep_state(struct world *world)
{
    struct view state;

    must(federation_call(&world->federation, GATE_SEAL, (struct view){NULL, 0}), "seal");
    must(gate_message_decode(buf_view(&world->federation.response), &state), "state");
    must(host_keep_state(world, state), "state");
}

void world_start(struct world *world, const struct federation_options *options)
{
    static uint8_t owner_key[PUBLIC_KEY_SIZE];
    struct buf owner_buf = BUF_OF(owner_key);
    struct federation_options own = *options;
    const struct host_ports ports = {
        .ctx = world,
        .log = &world->log,
        .publish = host_publish,
        .has_room = host_has_room,
        .gate = host_gate_port,
        .keep_round = host_keep_round,
        .keep_state = host_keep_state,
        .keep_revocations = host_keep_revocations_port,
        .collateral = host_collateral,
    };

    memset(world, 0, sizeof *world);
    world->queue_end = &world->queue;
    world->log = (struct log){host_event, world};
    own.unbooted = true;
    federation_start(&world->federation, &own);
    must(cose_key_encode(VIEW_OF(world->federation.owner.point), &owner_buf), "owner key");
    const struct host_settings settings = {
        .aggregator = VIEW_TEXT("agg"),
        .owner = VIEW_TEXT("owner"),
        .owner_key = VIEW_OF(owner_key),
        .policy = {world->federation.signed_policy, world->federation.signed_policy_len},
        .memory_max = 1 << 24,
        .records_kept = 8,
        .collateral_warn_s = 7 * 86400,
    };
    must(host_new(&settings, &ports, &world->host), "host");
    fresh_core(world);
    must(host_connected(world->host, world->federation.now), "connected");
    boot(world, (struct view){NULL, 0});
}

void world_end(struct world *world)
{
    for (unsigned int i = 0; i < world->node_count; i++) {
        stop_node(&world->nodes[i]);
        for (unsigned int k = 0; k < ARRAY_LEN(world->nodes[i].kept); k++)
            free(world->nodes[i].kept[k].bytes);
    }
    while (world->queue != NULL) {
        struct message *next = world->queue->next;
        message_free(world->queue);
        world->queue = next;
    }
    while (world->retained != NULL) {
        struct message *next = world->retained->next;
        message_free(world->retained);
        world->retained = next;
    }
    host_free(&world->host);
    free(world->state);
    free(world->revocations.ptr);
    federation_end(&world->federation);
}

/* device.c: a device as node/daemon runs it: the node library, a disk, and work that takes its time. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "model.h"
#include "node_private.h"
#include "simulation.h"
#include "sim.h"
#include "steps_private.h"

static uint64_t now_of(const struct device *device)
{
    return sim_now(device->sim, device->clock_s);
}

static void start_device(void *ctx, uint64_t number);

static void later(struct device *device, uint64_t wait_ms, event_fn *fn)
{
    clockwork_after(&device->sim->clock, wait_ms, fn, device, device->run);
}

/* After every event of the node: its secrets are noted, and a crash that a port decided on happens. */
static void attend(struct device *device)
{
    struct ledger *ledger = &device->sim->ledger;
    const struct tacit_node *node = device->node;

    if (enrol_is_member(node)) {
        ledger_secret(ledger, "an update key", VIEW_OF(node->grant.update_key), 0);
        ledger_secret(ledger, "a device's key", VIEW_OF(node->key.scalar), 0);
    }
    if (node->plain.len > 4 * MODEL_VALUES)
        for (size_t at = node->plain.len - 4 * MODEL_VALUES; at + LEDGER_NEEDLE <= node->plain.len; at += 48)
            ledger_secret(ledger, "an update in clear", buf_view(&node->plain), at);
    if (device->crashed)
        device_crash(device, "at a write");
}

/* ---- ports ---- */

static tacit_reason publish(void *ctx, const char *topic, const uint8_t *payload, size_t size)
{
    struct device *device = ctx;

    return device->crashed ? (tacit_reason)STATUS_BUSY
                           : (tacit_reason)client_publish(&device->client, topic, (struct view){payload, size}, false);
}

static void subscribe(void *ctx, const char *filter)
{
    struct device *device = ctx;

    if (!device->crashed)
        client_subscribe(&device->client, filter);
}

static void unsubscribe(void *ctx, const char *filter)
{
    struct device *device = ctx;

    if (!device->crashed)
        client_unsubscribe(&device->client, filter);
}

static tacit_reason random_bytes(void *ctx, uint8_t *out, size_t size)
{
    struct device *device = ctx;
    struct random_port port = seeded_random_port(&device->random);

    return (tacit_reason)port.fill(port.ctx, out, size);
}

static tacit_reason attest(void *ctx, const uint8_t report_data[TACIT_REPORT_DATA_SIZE], tacit_time now,
                           struct tacit_evidence *evidence)
{
    struct device *device = ctx;
    const struct federation *federation = &device->machine->federation;
    struct buf out = {.ptr = evidence->bytes, .cap = evidence->size};
    struct random_port random = seeded_random_port(&device->random);
    struct sim_evidence claims = {
        .federation = VIEW_TEXT("fed"),
        .expires = now + 600,
        .issued = now,
        .nonce = {report_data, TACIT_REPORT_DATA_SIZE},
        .measurement = VIEW_OF(federation->device_measurement),
    };

    memcpy(evidence->kind, "sim", 4);
    if (sim_attest(&claims, &federation->root, &random, &out) != STATUS_OK)
        return STATUS_IO; /* a clock at the end of all times */
    evidence->size = out.len;
    return 0;
}

static struct buf *slot(struct device *device, const char *key)
{
    unsigned int at = 0;

    while (device->disk[at].key[0] != '\0' && strcmp(device->disk[at].key, key) != 0)
        at++;
    assert(at + 1 < ARRAY_LEN(device->disk));
    snprintf(device->disk[at].key, sizeof device->disk[at].key, "%s", key);
    return &device->disk[at].bytes;
}

static tacit_reason keep(void *ctx, const char *key, const uint8_t *bytes, size_t size)
{
    struct device *device = ctx;

    if (device->crashed)
        return STATUS_IO;
    if (device->full)
        return STATUS_NO_SPACE;
    if (device->write_blow == BLOW_BEFORE) {
        sim_trace(device->sim, device->name, "crashes before %s is kept", key);
        device->crashed = true;
        return STATUS_IO;
    }
    buf_replace(slot(device, key), (struct view){bytes, size});
    if (strcmp(key, "head") == 0 && size == 4 + DIGEST_SIZE + 8) {
        struct chain_head head = {
            .any = true, .round = read_be32(bytes), .policy_version = read_be64(bytes + 4 + DIGEST_SIZE)};
        memcpy(head.digest, bytes + 4, DIGEST_SIZE);
        invariant_no_fork_accepted(device, &head);
    }
    if (device->write_blow == BLOW_AFTER) {
        sim_trace(device->sim, device->name, "crashes after %s was kept", key);
        device->crashed = true;
        return STATUS_IO;
    }
    return 0;
}

static tacit_reason load(void *ctx, const char *key, uint8_t *bytes, size_t *size)
{
    const struct buf *kept = slot(ctx, key);

    if (kept->len == 0)
        return STATUS_NOT_FOUND;
    if (kept->len > *size)
        return STATUS_NO_SPACE;
    memcpy(bytes, kept->ptr, kept->len);
    *size = kept->len;
    return 0;
}

static void event(void *ctx, const char *name, const char *detail)
{
    struct device *device = ctx;
    unsigned int round;

    if (device->crashed)
        return;
    sim_trace(device->sim, device->name, "%s %s", name, detail);
    if (strcmp(name, "counted") == 0 && sscanf(detail, "round=%u", &round) == 1)
        invariant_receipt_is_true(device, device->node->trust.boot_id, round);
}

/* ---- work ---- */

static void store_values(uint8_t *model, const struct model_layout *layout, const float values[static MODEL_VALUES])
{
    size_t done = 0;

    for (uint32_t t = 0; t < layout->count; t++)
        for (uint64_t i = 0; i < layout->tensors[t].elements; i++) {
            uint32_t bits;
            memcpy(&bits, &values[done++], sizeof bits);
            write_le32(model + layout->tensors[t].offset + 4 * i, bits);
        }
}

static void finish_work(void *ctx, uint64_t run)
{
    struct device *device = ctx;
    struct sim *sim = device->sim;
    float trained[MODEL_VALUES];
    struct model_layout layout;
    struct view base = {device->work.model, device->work.model_size};
    struct tacit_result result = {.metric_count = 1, .metrics = {{"loss", 0.5, 10}}};
    struct buf model = {NULL, 0, 0};

    if (device->node == NULL || run != device->run || !device->working)
        return;
    device->working = false;
    if (sim_may(sim, FAULT_WORK) && dice_chance(&sim->dice, 100)) {
        sim->happened[FAULT_WORK]++;
        tacit_node_failed(device->node, "the package says so", now_of(device));
        attend(device);
        return;
    }
    result.samples = ledger_work(sim, device->index, base, trained);
    if (device->work.task == TACIT_TRAIN) {
        buf_replace(&model, base);
        must(model_decode(buf_view(&model), MODEL_VALUES, &layout), "work's model");
        store_values(model.ptr, &layout, trained);
        result.model = model.ptr;
        result.model_size = model.len;
    }
    tacit_node_trained(device->node, &result, now_of(device));
    free(model.ptr);
    attend(device);
}

static tacit_reason train(void *ctx, const struct tacit_work *work)
{
    struct device *device = ctx;
    struct dice *dice = &device->sim->dice;

    if (device->crashed)
        return STATUS_IO;
    device->work = *work;
    device->working = true;
    later(device, device->slow ? dice_between(dice, 20000, 90000) : dice_between(dice, 1000, 14000), finish_work);
    return 0;
}

/* ---- life ---- */

static void tick(void *ctx, uint64_t run)
{
    struct device *device = ctx;

    if (device->node == NULL || run != device->run)
        return;
    later(device, 1000, tick);
    tacit_node_tick(device->node, now_of(device));
    attend(device);
}

void device_crash(struct device *device, const char *why)
{
    struct dice *dice = &device->sim->dice;

    if (device->node == NULL)
        return;
    sim_trace(device->sim, device->name, "ends: %s", why);
    tacit_node_stop(device->node);
    free(device->memory);
    device->node = NULL;
    device->memory = NULL;
    device->working = false;
    device->run++;
    client_end(&device->client);
    later(device, dice_between(dice, 500, device->sim->calm ? 3000 : 30000), start_device);
}

static void start_device(void *ctx, uint64_t number)
{
    static const struct tacit_ports ports = {
        .publish = publish,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
        .random = random_bytes,
        .attest = attest,
        .train = train,
        .keep = keep,
        .load = load,
        .event = event,
    };
    struct device *device = ctx;
    const struct tacit_config config = {
        .federation = "fed",
        .aggregator = device->machine->name,
        .device = device->name,
        .owner_key = device->machine->federation.owner.point,
        .max_parameters = MODEL_VALUES,
        .algorithm = device->index % 3 == 0 ? 0 : 1,
    };

    (void)number;
    if (device->node != NULL)
        return;
    device->crashed = false;
    device->write_blow = BLOW_NONE;
    device->memory = malloc(tacit_node_memory(&config));
    device->node = tacit_node_start(device->memory, &config, &ports, device);
    if (device->node == NULL)
        abort();
    ledger_forgets(device);
    sim_trace(device->sim, device->name, "starts");
    client_start(&device->client, 10);
    later(device, 1000, tick);
}

/* ---- the broker's side ---- */

static void connected(void *ctx)
{
    struct device *device = ctx;

    tacit_node_connected(device->node, now_of(device));
    attend(device);
}

static void disconnected(void *ctx)
{
    struct device *device = ctx;

    sim_trace(device->sim, device->name, "disconnected");
    tacit_node_disconnected(device->node, now_of(device));
}

static void message(void *ctx, const char *topic, struct view payload)
{
    struct device *device = ctx;

    if (strstr(topic, "/record/") != NULL && device->node->membership != STRANGER)
        ledger_shown(device, payload);
    tacit_node_message(device->node, topic, payload.ptr, payload.len, now_of(device));
    if (!device->crashed && !device->full && strstr(topic, "/record/") != NULL &&
        device->node->membership != STRANGER) {
        const struct trust *trust = &device->node->trust;
        invariant_notes_fork(
            device, &(struct ledger_trust){trust->policy_version, trust->boot_id, VIEW_OF(trust->signing)}, payload);
    }
    attend(device);
}

static void writable(void *ctx)
{
    struct device *device = ctx;

    tacit_node_writable(device->node, now_of(device));
    attend(device);
}

void device_add(struct sim *sim, unsigned int index, struct machine *machine)
{
    static const struct client_handlers handlers = {connected, disconnected, message, writable};
    struct device *device = &sim->devices[index];

    device->sim = sim;
    device->index = index;
    device->machine = machine;
    device->random.state = sim->seed * 7919 + index;
    snprintf(device->name, sizeof device->name, "node-%u", index);
    client_add(&sim->broker, &device->client, device->name, &handlers, device);
    start_device(device, 0);
}

void device_end(struct device *device)
{
    tacit_node_stop(device->node);
    free(device->memory);
    for (size_t i = 0; i < ARRAY_LEN(device->disk); i++)
        free(device->disk[i].bytes.ptr);
}

/* device.c: a device as node/daemon runs it: the node library, a disk, and work that takes its time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "node_private.h"
#include "simulation.h"
#include "sim.h"
#include "steps_private.h"

uint64_t device_now(const struct device *device)
{
    return sim_now(device->sim, device->clock_s);
}

static void start_device(void *ctx, uint64_t number);

static void later(struct device *device, uint64_t wait_ms, event_fn *fn)
{
    clockwork_after(&device->sim->clock, wait_ms, fn, device, device->run);
}

void device_attend(struct device *device)
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

    if (device->crashed)
        return (tacit_reason)STATUS_BUSY;
    mallory_listens(device, topic, (struct view){payload, size});
    return (tacit_reason)client_publish(&device->client, topic, (struct view){payload, size}, false);
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
        .measurement = device->other_program ? VIEW_OF(other_measurement) : VIEW_OF(federation->device_measurement),
    };

    memcpy(evidence->kind, "sim", 4);
    if (sim_attest(&claims, &federation->root, &random, &out) != STATUS_OK)
        return STATUS_IO; /* a clock at the end of all times */
    evidence->size = out.len;
    return 0;
}

static void event(void *ctx, const char *name, const char *detail)
{
    struct device *device = ctx;
    unsigned int round;

    if (device->crashed)
        return;
    sim_trace(device->sim, device->name, "%s %s", name, detail);
    if (strcmp(name, "included") == 0 && sscanf(detail, "round=%u", &round) == 1)
        invariant_inclusion_is_true(device, round);
    if (strcmp(name, "counted") == 0 && sscanf(detail, "round=%u", &round) == 1)
        invariant_receipt_is_true(device, device->node->trust.boot_id, round);
}

/* ---- life ---- */

static void tick(void *ctx, uint64_t run)
{
    struct device *device = ctx;

    if (device->node == NULL || run != device->run)
        return;
    later(device, 1000, tick);
    tacit_node_tick(device->node, device_now(device));
    device_attend(device);
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
        .train = device_train,
        .keep = device_keep,
        .load = device_load,
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
    device->write_blow = (struct blow_due){.blow = BLOW_NONE};
    device->memory_size = tacit_node_memory(&config);
    device->memory = malloc(device->memory_size + sizeof SIM_CANARY);
    if (device->memory == NULL)
        abort();
    memcpy(device->memory + device->memory_size, SIM_CANARY, sizeof SIM_CANARY);
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

    tacit_node_connected(device->node, device_now(device));
    device_attend(device);
}

static void disconnected(void *ctx)
{
    struct device *device = ctx;

    sim_trace(device->sim, device->name, "disconnected");
    tacit_node_disconnected(device->node, device_now(device));
}

static void message(void *ctx, const char *topic, struct view payload)
{
    struct device *device = ctx;

    if (strstr(topic, "/record/") != NULL && device->node->membership != STRANGER)
        ledger_shown(device, payload);
    tacit_node_message(device->node, topic, payload.ptr, payload.len, device_now(device));
    if (!device->crashed && !device->full && strstr(topic, "/record/") != NULL &&
        device->node->membership != STRANGER) {
        const struct trust *trust = &device->node->trust;
        invariant_notes_fork(
            device, &(struct ledger_trust){trust->policy_version, trust->boot_id, VIEW_OF(trust->signing)}, payload);
    }
    device_attend(device);
}

static void writable(void *ctx)
{
    struct device *device = ctx;

    tacit_node_writable(device->node, device_now(device));
    device_attend(device);
}

void device_add(struct sim *sim, unsigned int index, struct machine *machine, struct broker *broker)
{
    static const struct client_handlers handlers = {connected, disconnected, message, writable};
    struct device *device = &sim->devices[index];

    device->sim = sim;
    device->index = index;
    device->machine = machine;
    device->random.state = sim->seed * 7919 + index;
    device->other_program = index % 3 == 2;
    snprintf(device->name, sizeof device->name, "node-%u", index);
    client_add(broker, &device->client, device->name, &handlers, device);
    start_device(device, 0);
}

void device_end(struct device *device)
{
    tacit_node_stop(device->node);
    free(device->memory);
    for (size_t i = 0; i < ARRAY_LEN(device->disk); i++)
        free(device->disk[i].bytes.ptr);
    free(device->said.ptr);
}

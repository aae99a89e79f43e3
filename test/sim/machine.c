/* machine.c: an aggregator as aggregator/host/main.c runs it: starts, boots its enclave with what was kept, starts it again
 * when it is gone, later each time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_private.h"
#include "federation_private.h"
#include "simulation.h"

#define RESTART_MIN_S 1
#define RESTART_MAX_S 60

static void start_machine(void *ctx, uint64_t number);
static void start_enclave(void *ctx, uint64_t run);

static uint64_t now_of(const struct machine *machine)
{
    return sim_now(machine->sim, machine->clock_s);
}

static void later(struct machine *machine, uint64_t wait_ms, event_fn *fn)
{
    clockwork_after(&machine->sim->clock, wait_ms, fn, machine, machine->run);
}

/* ---- ports ---- */

static enum status publish(void *ctx, const char *topic, struct view payload, bool retained)
{
    struct machine *machine = ctx;
    struct buf space = {NULL, 0, 0};
    enum status status;

    if (machine->crashed)
        return STATUS_BUSY;
    payload = liar_publish(machine, topic, payload, &space);
    status = client_publish(&machine->client, topic, payload, retained);
    free(space.ptr);
    return status;
}

static bool has_room(void *ctx)
{
    const struct machine *machine = ctx;

    return machine->client.out.count < CLIENT_OUT_MAX / 2;
}

static void event(void *ctx, enum log_level level, const char *name, const char *detail)
{
    struct machine *machine = ctx;

    if (!machine->crashed && (level >= LOG_LEVEL_INFO || machine->sim->tracing))
        sim_trace(machine->sim, machine->name, "%s %s", name, detail);
}

/* ---- life ---- */

static void stop_host(struct machine *machine)
{
    host_free(&machine->host);
    if (machine->enclave)
        ledger_boot_ends(machine);
    machine->enclave = false;
    machine->run++;
}

void machine_crash(struct machine *machine, const char *why)
{
    struct dice *dice = &machine->sim->dice;

    if (machine->host == NULL)
        return;
    sim_trace(machine->sim, machine->name, "host ends: %s", why);
    stop_host(machine);
    client_end(&machine->client);
    later(machine, dice_between(dice, 500, machine->sim->calm ? 3000 : 20000), start_machine);
}

/* Every event of the host ends here. */
static void attend(struct machine *machine, enum status status)
{
    if (machine->crashed) {
        machine_crash(machine, "at a write");
        return;
    }
    if (status != STATUS_NO_CONNECTION || machine->host == NULL)
        return;
    if (machine->enclave) /* the call was refused as fatal, or the port said so */
        ledger_boot_ends(machine);
    machine->enclave = false;
    later(machine, (uint64_t)machine->restart_s * 1000, start_enclave);
    machine->restart_s = machine->restart_s * 2 < RESTART_MAX_S ? machine->restart_s * 2 : RESTART_MAX_S;
}

static void start_enclave(void *ctx, uint64_t run)
{
    struct machine *machine = ctx;
    struct view state = buf_view(&machine->disk.state);
    enum status status;

    if (machine->host == NULL || run != machine->run || machine->enclave)
        return;
    federation_new_core(&machine->federation);
    machine->federation.fatal = false;
    machine->enclave = true;
    status = host_boot(machine->host, state, now_of(machine));
    if (status != STATUS_OK)
        sim_trace(machine->sim, machine->name, "boot: %s", status_name(status));
    attend(machine, status == STATUS_OK ? STATUS_OK : STATUS_NO_CONNECTION);
}

static void tick(void *ctx, uint64_t run)
{
    struct machine *machine = ctx;

    if (machine->host == NULL || run != machine->run)
        return;
    later(machine, 1000, tick);
    if (liar_stalls(machine))
        return;
    attend(machine, host_tick(machine->host, now_of(machine)));
}

static void recall(struct machine *machine)
{
    if (machine->disk.revocations.len > 0)
        must(host_remember_revocations(machine->host, buf_view(&machine->disk.revocations)), "revocations");
    for (uint32_t i = 0; i < machine->disk.record_count; i++)
        host_remember_record(machine->host, machine->disk.records[i].round,
                             buf_view(&machine->disk.records[i].message));
    for (uint32_t i = 0; i < machine->disk.record_count; i++)
        if (machine->disk.records[i].leaves.len > 0 &&
            host_remember_leaves(machine->host, buf_view(&machine->disk.records[i].message),
                                 buf_view(&machine->disk.records[i].leaves)) != STATUS_OK &&
            !machine->hostile)
            sim_violate(machine->sim, "provable", "the leaves of round %u of %s are not those under its root",
                        machine->disk.records[i].round, machine->name);
}

static void set_up_client(struct machine *machine)
{
    uint8_t topic_text[TOPIC_MAX], will_text[4096];
    struct buf topic = BUF_OF(topic_text), will = BUF_OF(will_text);

    must(host_will(machine->host, &topic, &will), "will");
    client_will(&machine->client, (const char *)topic_text, buf_view(&will));
    for (unsigned int i = 0; topic = BUF_OF(topic_text), host_filter(machine->host, i, &topic); i++)
        client_subscribe(&machine->client, (const char *)topic_text);
}

static void start_machine(void *ctx, uint64_t number)
{
    static uint8_t owner_key[PUBLIC_KEY_SIZE];
    struct machine *machine = ctx;
    struct federation *federation = &machine->federation;
    struct buf owner_buf = BUF_OF(owner_key);
    const struct host_ports ports = {
        .ctx = machine,
        .log = &machine->log,
        .publish = publish,
        .has_room = has_room,
        .gate = gate_port,
        .keep_round = disk_keep_round,
        .keep_state = disk_keep_state,
        .keep_revocations = disk_keep_revocations,
    };

    (void)number;
    if (machine->host != NULL)
        return;
    must(cose_key_encode(VIEW_OF(federation->owner.point), &owner_buf), "owner key");
    const struct host_settings settings = {
        .aggregator = view_of_string(machine->name),
        .owner = VIEW_TEXT("owner"),
        .owner_key = VIEW_OF(owner_key),
        .policy = {federation->signed_policy, federation->signed_policy_len},
        .memory_max = SIM_MEMORY_MAX,
        .records_kept = SIM_RECORDS,
        .collateral_warn_s = 7 * 86400,
    };
    machine->crashed = false;
    machine->restart_s = RESTART_MIN_S;
    must(host_new(&settings, &ports, &machine->host), "host");
    sim_trace(machine->sim, machine->name, "host starts");
    recall(machine);
    set_up_client(machine);
    client_start(&machine->client, 10);
    later(machine, 1000, tick);
    start_enclave(machine, machine->run);
}

/* ---- the broker's side ---- */

static void connected(void *ctx)
{
    struct machine *machine = ctx;

    sim_trace(machine->sim, machine->name, "connected");
    attend(machine, host_connected(machine->host, now_of(machine)));
}

static void disconnected(void *ctx)
{
    struct machine *machine = ctx;

    sim_trace(machine->sim, machine->name, "disconnected");
    host_disconnected(machine->host);
}

static void message(void *ctx, const char *topic, struct view payload)
{
    struct machine *machine = ctx;

    attend(machine, host_message(machine->host, topic, payload, now_of(machine)));
}

static void writable(void *ctx)
{
    struct machine *machine = ctx;

    attend(machine, host_writable(machine->host, now_of(machine)));
}

/* ---- for others ---- */

void machine_restore(struct machine *machine)
{
    if (machine->old_count == 0)
        return;
    machine_crash(machine, "an old state is restored");
    disk_copy(&machine->old[dice_below(&machine->sim->dice, machine->old_count)], &machine->disk);
    machine->restored = true;
    machine->sim->broker.revived += SIM_RECORDS; /* it announces records that it had taken back */
    machine->sim->happened[FAULT_ROLLBACK]++;
}

void machine_secrets(struct machine *machine)
{
    const struct boot_keys *keys = &machine->federation.core->keys;
    struct ledger *ledger = &machine->sim->ledger;

    if (machine->federation.core->phase == GATE_NEW)
        return;
    ledger_secret(ledger, "the enclave's epoch secret", VIEW_OF(keys->epoch_secret), 0);
    ledger_secret(ledger, "the enclave's model key", VIEW_OF(keys->model_key), 0);
    ledger_secret(ledger, "the enclave's signing key", VIEW_OF(keys->signing.scalar), 0);
    ledger_secret(ledger, "the enclave's sealing key", VIEW_OF(keys->sealing.scalar), 0);
}

void machine_add(struct sim *sim, unsigned int index)
{
    static const struct client_handlers handlers = {connected, disconnected, message, writable};
    struct machine *machine = &sim->machines[index];

    machine->sim = sim;
    machine->index = index;
    snprintf(machine->name, sizeof machine->name, "agg-%u", index);
    machine->log = (struct log){event, machine};
    federation_prepare(&machine->federation, &sim->options);
    machine->federation.aggregator = machine->name;
    /* The owner is one, the enclaves are not. */
    machine->federation.seed.state = sim->seed * 1000003 + index + 1;
    client_add(&sim->broker, &machine->client, machine->name, &handlers, machine);
    start_machine(machine, 0);
}

void machine_end(struct machine *machine)
{
    host_free(&machine->host);
    federation_end(&machine->federation);
    disk_free(&machine->disk);
    for (size_t i = 0; i < SIM_OLD_STATES; i++)
        disk_free(&machine->old[i]);
    liar_end(machine);
}

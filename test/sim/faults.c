/* faults.c: what goes wrong, and when. Each run draws which kinds may happen at all, so that some runs are crowded with few
 * kinds and others have a little of everything. */
#include <string.h>

#include "simulation.h"

static struct machine *some_machine(struct sim *sim)
{
    return &sim->machines[dice_below(&sim->dice, sim->machine_count)];
}

static struct device *some_device(struct sim *sim)
{
    return &sim->devices[dice_below(&sim->dice, sim->device_count)];
}

/* ---- what ends by itself ---- */

static void join_again(void *ctx, uint64_t number)
{
    struct client *client = ctx;

    (void)number;
    client->cut = false;
}

static void cut(struct sim *sim)
{
    struct client *client = dice_chance(&sim->dice, 250) ? &some_machine(sim)->client : &some_device(sim)->client;

    sim_trace(sim, client->name, "cut off");
    client->cut = true;
    client_drop(client);
    clockwork_after(&sim->clock, dice_between(&sim->dice, 1000, 120000), join_again, client, 0);
}

static void disk_again(void *ctx, uint64_t number)
{
    bool *full = ctx;

    (void)number;
    *full = false;
}

static void fill_disk(struct sim *sim)
{
    bool *full = dice_chance(&sim->dice, 500) ? &some_machine(sim)->full : &some_device(sim)->full;

    *full = true;
    clockwork_after(&sim->clock, dice_between(&sim->dice, 5000, 150000), disk_again, full, 0);
}

static void set_clock_right(void *ctx, uint64_t number)
{
    int64_t *clock_s = ctx;

    (void)number;
    *clock_s = 0;
}

static void set_clock(struct sim *sim)
{
    static const int64_t wrong[] = {
        -(int64_t)FEDERATION_NOW, 4102444800 - (int64_t)FEDERATION_NOW, 3 * 86400, -3 * 86400, 700, -700};
    const bool host = dice_chance(&sim->dice, 300);
    int64_t *clock_s = host ? &some_machine(sim)->clock_s : &some_device(sim)->clock_s;

    *clock_s = wrong[dice_below(&sim->dice, ARRAY_LEN(wrong))];
    sim_trace(sim, host ? "some host" : "some device", "has a clock that is %lld s off", (long long)*clock_s);
    clockwork_after(&sim->clock, dice_between(&sim->dice, 1000, 90000), set_clock_right, clock_s, 0);
}

static void slow_down(struct sim *sim)
{
    struct device *device = some_device(sim);

    device->slow = !device->slow;
    device->client.slow_ms = device->slow ? dice_between(&sim->dice, 500, 6000) : 0;
    sim_trace(sim, device->name, device->slow ? "is slow" : "is fast again");
}

/* ---- crashes ---- */

/* At one of the next writes or calls; between any two that belong together, too. */
static struct blow_due some_blow(struct sim *sim, uint32_t within)
{
    const uint32_t wait = dice_below(&sim->dice, within);

    return (struct blow_due){dice_chance(&sim->dice, 500) ? BLOW_BEFORE : BLOW_AFTER, wait};
}

static struct blow_due some_write(struct sim *sim)
{
    const struct blow_due due = some_blow(sim, 5);

    return dice_chance(&sim->dice, 150) ? (struct blow_due){BLOW_UNSURE, due.wait} : due;
}

static void crash_host(struct sim *sim)
{
    struct machine *machine = some_machine(sim);

    if (dice_chance(&sim->dice, 300))
        machine_crash(machine, "killed");
    else
        machine->write_blow = some_write(sim);
}

static void crash_enclave(struct sim *sim)
{
    struct machine *machine = some_machine(sim);

    machine->gate_blow = some_blow(sim, 12);
}

static void crash_device(struct sim *sim)
{
    struct device *device = some_device(sim);

    if (dice_chance(&sim->dice, 400))
        device_crash(device, "killed");
    else
        device->write_blow = some_write(sim);
}

static void restart_broker(struct sim *sim)
{
    sim_trace(sim, "broker", "restarts");
    broker_restart(&sim->broker, MEMORY_WHOLE, dice_between(&sim->dice, 500, 20000));
}

static void forget_all(struct sim *sim)
{
    const bool old = dice_chance(&sim->dice, 300);

    sim_trace(sim, "broker", "restarts and has forgotten %s", old ? "the last minute" : "everything");
    broker_restart(&sim->broker, old ? MEMORY_OLD : MEMORY_NONE, dice_between(&sim->dice, 500, 20000));
}

/* ---- the edge's broker and the link to it ---- */

static void strain_bridge(struct sim *sim)
{
    static const enum memory memories[] = {MEMORY_WHOLE, MEMORY_OLD, MEMORY_NONE};
    struct dice *dice = &sim->dice;
    enum memory memory;

    if (!sim->bridge.there)
        return;
    sim->happened[FAULT_BRIDGE]++;
    switch (dice_below(dice, 4)) {
    case 0:
        sim_trace(sim, "bridge", "the edge's broker restarts");
        memory = memories[dice_below(dice, ARRAY_LEN(memories))];
        bridge_restart(&sim->bridge, memory, dice_between(dice, 500, 20000));
        return;
    case 1:
        sim_trace(sim, "bridge", "is slow or no more");
        bridge_slow(&sim->bridge, dice_chance(dice, 500) ? dice_between(dice, 500, 8000) : 0);
        return;
    default:
        sim_trace(sim, "bridge", "is cut");
        bridge_cut(&sim->bridge, dice_between(dice, 500, 120000));
    }
}

static void save_brokers(void *ctx, uint64_t number)
{
    struct sim *sim = ctx;

    if (sim->calm)
        return;
    clockwork_after(&sim->clock, 60000, save_brokers, sim, number);
    broker_save(&sim->broker);
    if (sim->bridge.there)
        broker_save(&sim->bridge.edge);
}

static void roll_back(struct sim *sim)
{
    machine_restore(some_machine(sim));
}

/* ---- when ---- */

static const struct {
    enum fault fault;
    void (*strike)(struct sim *sim);
} table[] = {
    {FAULT_CUT, cut},
    {FAULT_BROKER, restart_broker},
    {FAULT_AMNESIA, forget_all},
    {FAULT_HOST_CRASH, crash_host},
    {FAULT_ENCLAVE_CRASH, crash_enclave},
    {FAULT_DEVICE_CRASH, crash_device},
    {FAULT_DISK_FULL, fill_disk},
    {FAULT_CLOCK, set_clock},
    {FAULT_SLOW, slow_down},
    {FAULT_ROLLBACK, roll_back},
    {FAULT_ROLLBACK, roll_back}, /* twice: it needs a copy, and time to go on */
    {FAULT_BRIDGE, strain_bridge},
    {FAULT_REVOKE, revoking_change},
};

static void strike(void *ctx, uint64_t gap_ms)
{
    struct sim *sim = ctx;
    const size_t at = dice_below(&sim->dice, ARRAY_LEN(table));

    if (sim->calm)
        return;
    clockwork_after(&sim->clock, dice_between(&sim->dice, 200, 2 * (uint32_t)gap_ms), strike, sim, gap_ms);
    if (!sim_may(sim, table[at].fault))
        return;
    if (table[at].fault != FAULT_ROLLBACK && table[at].fault != FAULT_BRIDGE)
        sim->happened[table[at].fault]++;
    table[at].strike(sim);
}

void faults_begin(struct sim *sim)
{
    struct weather *weather = &sim->broker.weather;

    if (sim_may(sim, FAULT_WEATHER)) {
        const uint32_t worst = dice_chance(&sim->dice, 500) ? 40 : 200;
        weather->lost = dice_below(&sim->dice, worst);
        weather->twice = dice_below(&sim->dice, worst);
        weather->late = dice_below(&sim->dice, worst);
        weather->swapped = dice_below(&sim->dice, 2 * worst);
        sim->bridge.edge.weather = *weather;
        sim->happened[FAULT_WEATHER]++;
    }
    if (sim_may(sim, FAULT_AMNESIA) || sim_may(sim, FAULT_BRIDGE))
        clockwork_after(&sim->clock, 20000, save_brokers, sim, 0);
    for (unsigned int i = 0; i < sim->machine_count; i++)
        sim->machines[i].hostile = sim_may(sim, FAULT_HOSTILE_HOST) && dice_chance(&sim->dice, 600);
    clockwork_after(&sim->clock, 1000, strike, sim, dice_between(&sim->dice, 1000, 20000));
}

void faults_cease(struct sim *sim)
{
    sim_trace(sim, "faults", "cease");
    sim->calm = true;
    sim->calm_ms = sim->clock.now_ms;
    memset(&sim->broker.weather, 0, sizeof sim->broker.weather);
    if (sim->bridge.there)
        bridge_mend(&sim->bridge);
    revoking_take_back(sim);
    for (unsigned int i = 0; i < sim->machine_count; i++) {
        struct machine *machine = &sim->machines[i];
        machine->write_blow = machine->gate_blow = (struct blow_due){.blow = BLOW_NONE};
        machine->full = machine->client.cut = false;
        machine->clock_s = 0;
        /* A host that has lied to its enclave of the time has to start it anew, as whoever mends it will. */
        if (machine->hostile)
            machine_crash(machine, "is mended");
        if (machine->restored)
            owner_raise_policy(machine);
    }
    for (unsigned int i = 0; i < sim->device_count; i++) {
        struct device *device = &sim->devices[i];
        device->write_blow = (struct blow_due){.blow = BLOW_NONE};
        device->full = device->client.cut = device->slow = false;
        device->client.slow_ms = 0;
        device->clock_s = 0;
    }
}

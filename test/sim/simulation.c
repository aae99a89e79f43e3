/* simulation.c: one run; see simulation.h. */
#include "simulation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"

#define ACL_FILE    "broker-config/acl.in"
#define STORM_MIN_S 30
#define STORM_MAX_S 200
#define AWAY_EVERY  500 /* in a seed that this divides a device is away for a day */
#define AWAY_S      86400
#define CALM_S      25  /* at least: what was held up is published within it */
#define FORK_S      180 /* and after an old state was restored: the other chain grows past what devices have seen */
#define BOUND_S     900 /* after the faults ceased: every device has accepted a round that was opened since */
/* More, where somebody was revoked: who was refused and is taken back asks again within so long; and behind a bridge, whose
 * full queue may have dropped the evidence: it is published anew within so long. */
#define PATIENCE_S 3600

const uint8_t other_measurement[DIGEST_SIZE] = {0xd2, 0xd2, 0xd2, 0xd2};

static void print_line(const char *line)
{
    fprintf(stderr, "%s\n", line);
}

void sim_trace(struct sim *sim, const char *who, const char *format, ...)
{
    char *line = sim->kept[sim->lines++ % SIM_TRACE_KEPT];
    int len = snprintf(line, SIM_TRACE_LINE, "%9.3f %-9s ", (double)sim->clock.now_ms / 1000, who);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line + len, (size_t)(SIM_TRACE_LINE - len), format, arguments);
    va_end(arguments);
    if (sim->tracing)
        print_line(line);
}

void sim_violate(struct sim *sim, const char *invariant, const char *format, ...)
{
    va_list arguments;
    int len;

    if (sim->violation[0] != '\0')
        return;
    len = snprintf(sim->violation, sizeof sim->violation, "%s: ", invariant);
    va_start(arguments, format);
    (void)vsnprintf(sim->violation + len, sizeof sim->violation - (size_t)len, format, arguments);
    va_end(arguments);
}

uint64_t sim_now(const struct sim *sim, int64_t clock_s)
{
    return (uint64_t)((int64_t)(FEDERATION_NOW + sim->clock.now_ms / 1000) + clock_s);
}

bool sim_may(const struct sim *sim, enum fault fault)
{
    return !sim->calm && (sim->faults >> fault & 1) != 0;
}

/* Not what an aggregator tells of its own memory, whose records are smaller on a 32-bit machine, nor who repeats that. */
static void note_said(struct sim *sim, const struct client *from, const struct topic *topic,
                      const struct packet *packet)
{
    const struct view pieces[] = {
        VIEW_OF(sim->said_digest), view_of_string(packet->topic), {packet->payload, packet->size}};

    if (topic->kind != TOPIC_STATUS && from != &sim->mallory)
        must(sha256_pieces(pieces, ARRAY_LEN(pieces), sim->said_digest), "digest of what is said");
}

/* All that passes the broker. */
static void spy(void *ctx, const struct client *from, const struct packet *packet, bool allowed)
{
    struct sim *sim = ctx;
    const struct view payload = {packet->payload, packet->size};
    struct topic topic;

    invariant_no_secret_outside(sim, packet->topic, payload);
    if (!allowed || topic_parse(view_of_string(packet->topic), &topic) != STATUS_OK)
        return;
    note_said(sim, from, &topic, packet);
    if (topic.kind != TOPIC_RECORD)
        return;
    for (unsigned int i = 0; i < sim->machine_count; i++)
        if (from == &sim->machines[i].client)
            invariant_released_once(&sim->machines[i], payload);
}

/* Half of the runs have few kinds of faults, some have none. */
static uint32_t draw_faults(struct sim *sim)
{
    const uint32_t all = (1u << FAULTS) - 1, rare = 1u << FAULT_ROLLBACK | 1u << FAULT_HOSTILE_HOST;
    uint32_t faults = (uint32_t)dice_next(&sim->dice) & all;

    if (dice_chance(&sim->dice, 500))
        faults &= (uint32_t)dice_next(&sim->dice);
    if (dice_chance(&sim->dice, 700))
        faults &= ~rare;
    return dice_chance(&sim->dice, 20) ? 0 : faults;
}

/* In a share of the runs some devices are behind an edge gateway. */
static void add_bridge(struct sim *sim, bool behind[static SIM_DEVICES])
{
    static const char *const names[SIM_DEVICES] = {"node-0", "node-1", "node-2", "node-3",
                                                   "node-4", "node-5", "node-6"};
    const char *allowed[SIM_DEVICES + 1] = {MALLORY};
    uint32_t count = 1;

    if (!dice_chance(&sim->dice, 350))
        return;
    for (unsigned int i = 0; i < sim->device_count; i++) {
        behind[i] = dice_chance(&sim->dice, 500);
        if (behind[i])
            allowed[count++] = names[i];
    }
    bridge_add(&sim->bridge, &sim->broker, allowed, count);
}

static struct sim *set_up(uint64_t seed, bool tracing)
{
    struct sim *sim = calloc(1, sizeof *sim);
    bool behind[SIM_DEVICES] = {false};

    if (sim == NULL)
        abort();
    sim->seed = seed;
    sim->tracing = tracing;
    sim->dice.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    sim->ledger.owed_ms = UINT64_MAX;
    sim->faults = draw_faults(sim);
    sim->options = (struct federation_options){
        .seed = 1, /* the owner and its policy are the same in all runs */
        .max_parameters = MODEL_VALUES,
        .min_cohort = 2,
        .max_cohort = 8,
        .max_packet = 1024,
        .second_device_measurement = other_measurement,
    };
    sim->machine_count = dice_chance(&sim->dice, 250) ? 2 : 1;
    sim->device_count = dice_between(&sim->dice, 2 * sim->machine_count, SIM_DEVICES);
    sim->broker.clock = &sim->clock;
    sim->broker.dice = &sim->dice;
    sim->broker.up = true;
    sim->broker.spy = spy;
    sim->broker.spy_ctx = sim;
    for (unsigned int i = 0; i < sim->machine_count; i++) {
        machine_add(sim, i);
        if (broker_read_acl(&sim->broker, ACL_FILE, sim->machines[i].name, "owner") != STATUS_OK) {
            fprintf(stderr, "tacit-sim: %s cannot be read: run it from the root of the tree\n", ACL_FILE);
            exit(2);
        }
    }
    add_bridge(sim, behind);
    for (unsigned int i = 0; i < sim->device_count; i++)
        device_add(sim, i, &sim->machines[i % sim->machine_count], behind[i] ? &sim->bridge.edge : &sim->broker);
    owner_add(sim);
    mallory_add(sim);
    faults_begin(sim);
    return sim;
}

static void tear_down(struct sim *sim)
{
    for (unsigned int i = 0; i < sim->device_count; i++)
        device_end(&sim->devices[i]);
    for (unsigned int i = 0; i < sim->machine_count; i++)
        machine_end(&sim->machines[i]);
    owner_end(sim);
    mallory_end(sim);
    revoking_end(sim);
    bridge_free(&sim->bridge);
    broker_free(&sim->broker);
    for (size_t kind = 0; kind < TOPIC_KINDS; kind++)
        for (size_t i = 0; i < SIM_SAID; i++)
            free(sim->said[kind][i].ptr);
    clockwork_free(&sim->clock);
    ledger_free(&sim->ledger);
    free(sim);
}

static void step(struct sim *sim)
{
    (void)clockwork_step(&sim->clock);
    sim->steps++;
    invariants_each_step(sim);
}

/* A round that was opened after the faults had ceased is in the chain of every device of this aggregator. After an old state
 * was restored that takes the owner's next policy. */
static bool goes_on(const struct sim *sim, const struct machine *machine, const uint64_t *released)
{
    for (unsigned int i = 0; i < sim->device_count; i++) {
        const struct chain_head *head = &sim->devices[i].accepted;

        if (sim->devices[i].machine == machine &&
            (!head->any || head->policy_version < machine->federation.policy.version ||
             head->round < released[machine->index]))
            return false;
    }
    return true;
}

/* How long the calm lasts at least. */
static uint64_t calm_least_ms(const struct sim *sim)
{
    for (unsigned int i = 0; i < sim->machine_count; i++)
        if (sim->machines[i].restored)
            return (uint64_t)FORK_S * 1000;
    return (uint64_t)CALM_S * 1000;
}

static void note_released(const struct sim *sim, uint32_t from, uint64_t *released)
{
    for (uint32_t i = from; i < sim->ledger.round_count; i++) {
        const struct ledger_round *round = &sim->ledger.rounds[i];
        if (round->released && round->published && released[round->machine] == UINT64_MAX)
            released[round->machine] = round->number;
    }
}

/* A device without a connection for a day: credentials, challenges and evidence of that time are void when it is back. The
 * owner wants nothing meanwhile, so that the others have little to do. */
static void be_away_for_a_day(struct sim *sim)
{
    struct client *client = &sim->devices[0].client;
    const uint64_t until = sim->clock.now_ms + (uint64_t)AWAY_S * 1000;

    sim_trace(sim, client->name, "is away for a day");
    sim->owner_rests = client->cut = true;
    client_drop(client);
    while (sim->clock.now_ms < until && sim->violation[0] == '\0')
        step(sim);
    sim->owner_rests = client->cut = false;
    sim->calm_ms = sim->clock.now_ms;
    sim_trace(sim, client->name, "is back");
}

static void invariant_progress(struct sim *sim)
{
    uint64_t released[SIM_MACHINES] = {UINT64_MAX, UINT64_MAX};
    const uint32_t from = sim->ledger.round_count;
    const uint32_t bound_s = BOUND_S + (sim->happened[FAULT_REVOKE] > 0 || sim->bridge.there ? PATIENCE_S : 0);
    bool all = false;

    while (!all && sim->violation[0] == '\0' && sim->clock.now_ms - sim->calm_ms < (uint64_t)bound_s * 1000) {
        const uint64_t until = sim->clock.now_ms + 1000;
        while (sim->clock.now_ms < until && sim->violation[0] == '\0')
            step(sim);
        note_released(sim, from, released);
        all = sim->clock.now_ms - sim->calm_ms >= calm_least_ms(sim);
        for (unsigned int i = 0; i < sim->machine_count; i++)
            all = all && goes_on(sim, &sim->machines[i], released);
    }
    if (!all)
        sim_violate(sim, "progress", "%u s after the faults ceased there is no new round in every device's chain",
                    bound_s);
}

static void print_violation(const struct sim *sim)
{
    const uint64_t first = sim->lines > SIM_TRACE_KEPT ? sim->lines - SIM_TRACE_KEPT : 0;

    fprintf(stderr, "seed %llu: %s\n", (unsigned long long)sim->seed, sim->violation);
    for (uint64_t i = first; !sim->tracing && i < sim->lines; i++)
        print_line(sim->kept[i % SIM_TRACE_KEPT]);
    fprintf(stderr, "seed %llu: again, with all of the trace: tacit-sim --seed %llu --trace\n",
            (unsigned long long)sim->seed, (unsigned long long)sim->seed);
}

/* The same on every machine, as long as every byte is. */
static void digest_of_run(const struct sim *sim, uint8_t digest[static SHA256_SIZE])
{
    memcpy(digest, sim->said_digest, SHA256_SIZE);
    for (uint32_t i = 0; i < sim->ledger.model_count; i++)
        must(sha256_pieces((const struct view[]){{digest, SHA256_SIZE}, VIEW_OF(sim->ledger.models[i].digest)}, 2,
                           digest),
             "digest of the run");
}

struct outcome sim_run(uint64_t seed, bool tracing)
{
    struct sim *sim = set_up(seed, tracing);
    const uint64_t storm_ms = (uint64_t)dice_between(&sim->dice, STORM_MIN_S, STORM_MAX_S) * 1000;
    struct outcome outcome = {.violated = false};

    while (sim->clock.now_ms < storm_ms && sim->violation[0] == '\0')
        step(sim);
    faults_cease(sim);
    if (seed % AWAY_EVERY == 0)
        be_away_for_a_day(sim);
    if (sim->violation[0] == '\0')
        invariant_progress(sim);
    invariant_all_settled(sim);
    if (sim->violation[0] != '\0')
        print_violation(sim);
    outcome.violated = sim->violation[0] != '\0';
    outcome.rounds = sim->ledger.released;
    outcome.counted = sim->ledger.receipts;
    outcome.included = sim->ledger.included;
    outcome.steps = sim->steps;
    digest_of_run(sim, outcome.digest);
    memcpy(outcome.happened, sim->happened, sizeof outcome.happened);
    tear_down(sim);
    return outcome;
}

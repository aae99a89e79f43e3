/* each_step.c: what must hold of the state of every part, after each event of the clockwork. What is compared with the
 * ledger here was noted there when it happened, so that a look costs little. */
#include <string.h>

#include "core_private.h"
#include "host_private.h"
#include "simulation.h"

#define EVENTS_MAX 20000  /* under way at a time */
#define OWED_MS    120000 /* from closing a round, with no fault any more, until the world hears of it */

/* ---- memory ---- */

static void check_broker(struct sim *sim, const struct broker *broker, const char *name)
{
    uint32_t devices = 0; /* a device may retain what it likes under its own topics, and only there */

    for (uint32_t i = 0; i < broker->client_count; i++) {
        const struct client *client = broker->clients[i];
        invariant_memory_bounded(sim, client->out.count <= CLIENT_OUT_MAX, "what waits to be sent", client->name);
        invariant_memory_bounded(sim, client->in.count <= client->queue_max, "the session", client->name);
    }
    if (broker->retained.count <= sim->machine_count * (5 + SIM_RECORDS + 8))
        return;
    for (const struct packet *kept = broker->retained.first; kept != NULL; kept = kept->next)
        devices += strstr(kept->topic, MALLORY) != NULL;
    /* What a bridge did not hear that it is to forget, or a broker with an old file has again, nobody takes back. */
    invariant_memory_bounded(sim,
                             broker->retained.count - devices <=
                                 sim->machine_count * (5 + SIM_RECORDS + 8) + broker->revived + sim->broker.revived +
                                     (uint32_t)sim->bridge.edge.lost_clears + (uint32_t)sim->broker.lost_clears,
                             "what is retained", name);
}

static void check_host(struct sim *sim, const struct machine *machine)
{
    const struct host *host = machine->host;

    invariant_memory_bounded(sim, machine->federation.lent_count <= ARRAY_LEN(machine->federation.lent),
                             "what the enclave borrows", machine->name);
    if (host == NULL)
        return;
    invariant_memory_bounded(sim, assembly_memory(host->assembly) <= SIM_MEMORY_MAX, "the assembly", machine->name);
    /* Records beyond those that are kept wait for the broker's connection, to be taken back there. */
    invariant_memory_bounded(sim, host->record_count <= HOST_RECORDS_MAX, "the records", machine->name);
    invariant_memory_bounded(sim, host->proofs.round_count <= HOST_PROVABLE_MAX, "the trees", machine->name);
    invariant_memory_bounded(sim, host->proofs.leaf_count <= sim->options.max_cohort || machine->hostile, "the leaves",
                             machine->name);
    invariant_memory_bounded(sim, machine->disk.record_count <= SIM_RECORDS, "the records on the disk", machine->name);
}

/* ---- the enclave's state ---- */

/* The open round's sum is that of the counted, and of nobody else, at every moment. */
static void check_sum(struct sim *sim, const struct machine *machine)
{
    const struct core *core = machine->federation.core;
    const struct running_sum *running = &machine->running;
    const bool same =
        running->round == core->round.number && memcmp(running->boot, core->keys.boot_id, BOOT_ID_SIZE) == 0;

    if (core->sum.members != (same ? running->members : 0) || core->tally.count != core->sum.members)
        sim_violate(sim, "counted_once", "the enclave of %s has %u in the sum of round %u and %u in its tally",
                    machine->name, core->sum.members, core->round.number, core->tally.count);
    else if (same && (core->sum.weight != running->weight ||
                      memcmp(core->sum.sums, running->sums, core->sum.parameters * sizeof(int64_t)) != 0))
        sim_violate(sim, "reference_mean", "the sum of round %u of %s is not that of its %u counted",
                    core->round.number, machine->name, running->members);
}

/* The chain goes on from a record that an enclave of this aggregator made; the list of the revoked is the owner's. */
static void check_enclave(struct sim *sim, struct machine *machine)
{
    const struct core *core = machine->federation.core;

    if (!machine->enclave || core->phase == GATE_NEW)
        return;
    if (core->phase == GATE_ROUND)
        check_sum(sim, machine);
    if (revoked_version(&core->revoked) != machine->revoked)
        sim_violate(sim, "revoked_stays", "the enclave of %s holds list %llu, not %llu", machine->name,
                    (unsigned long long)revoked_version(&core->revoked), (unsigned long long)machine->revoked);
    if (!core->has_record || memcmp(core->last_record, machine->last_record, DIGEST_SIZE) == 0)
        return;
    if (!ledger_has_record(&sim->ledger, machine->index, core->last_record))
        sim_violate(sim, "one_chain", "the enclave of %s goes on from a record that was never made", machine->name);
    memcpy(machine->last_record, core->last_record, DIGEST_SIZE);
}

/* ---- what is owed ---- */

static uint64_t oldest_owed(const struct ledger *ledger)
{
    uint64_t oldest = UINT64_MAX;

    for (uint32_t i = 0; i < ledger->round_count; i++) {
        const struct ledger_round *round = &ledger->rounds[i];
        if (round->promised && round->closed && !round->published && !round->dead && round->closed_ms < oldest)
            oldest = round->closed_ms;
    }
    return oldest;
}

/* A round that somebody has a receipt of is heard of in time, or its enclave is gone. */
static void check_owed(struct sim *sim)
{
    struct ledger *ledger = &sim->ledger;
    uint64_t since;

    if (!sim->calm)
        return;
    if (ledger->changed) {
        ledger->changed = false;
        ledger->owed_ms = oldest_owed(ledger);
    }
    since = ledger->owed_ms > sim->calm_ms ? ledger->owed_ms : sim->calm_ms;
    if (ledger->owed_ms != UINT64_MAX && sim->clock.now_ms > since + OWED_MS)
        sim_violate(sim, "all_settled", "a round that was promised is closed, and nobody hears of it");
}

void invariants_each_step(struct sim *sim)
{
    check_broker(sim, &sim->broker, "the broker");
    if (sim->bridge.there)
        check_broker(sim, &sim->bridge.edge, "the edge's broker");
    invariant_memory_bounded(sim, sim->clock.count < EVENTS_MAX, "events under way", "the clockwork");
    for (unsigned int i = 0; i < sim->machine_count; i++) {
        check_host(sim, &sim->machines[i]);
        check_enclave(sim, &sim->machines[i]);
    }
    for (unsigned int i = 0; i < sim->device_count; i++)
        if (sim->devices[i].node != NULL)
            invariants_of_node(&sim->devices[i]);
    check_owed(sim);
}

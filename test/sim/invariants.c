/* invariants.c: what holds after every step; see ledger.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "core_private.h"
#include "cose.h"
#include "federation_private.h"
#include "record.h"
#include "simulation.h"

#define SETTLE_MS 20000 /* from closing a round to hearing of it, when nothing goes wrong */

/* Neither keys nor anything in clear in what a host or a broker sees. */
void invariant_no_secret_outside(struct sim *sim, const char *where, struct view bytes)
{
    const struct ledger *ledger = &sim->ledger;

    for (size_t at = 0; at + LEDGER_NEEDLE <= bytes.len; at++) {
        const unsigned int begin = (unsigned int)bytes.ptr[at] << 8 | bytes.ptr[at + 1];

        if (!(ledger->begins[begin / 8] & 1u << begin % 8))
            continue;
        for (uint32_t i = 0; i < ledger->secret_count; i++)
            if (memcmp(ledger->secrets[i], bytes.ptr + at, LEDGER_NEEDLE) == 0)
                sim_violate(sim, "no_secret_outside", "%s is seen by %s", ledger->secret_names[i], where);
    }
}

static struct ledger_round *find_round(struct ledger *ledger, unsigned int machine, const uint8_t *boot,
                                       uint32_t number)
{
    for (uint32_t i = ledger->round_count; i-- > 0;) {
        struct ledger_round *round = &ledger->rounds[i];
        if (round->machine == machine && round->number == number && memcmp(round->boot, boot, BOOT_ID_SIZE) == 0)
            return round;
    }
    return NULL;
}

static struct ledger_round *find_record(struct ledger *ledger, const uint8_t digest[static DIGEST_SIZE])
{
    for (uint32_t i = ledger->round_count; i-- > 0;)
        if (ledger->rounds[i].closed && memcmp(ledger->rounds[i].digest, digest, DIGEST_SIZE) == 0)
            return &ledger->rounds[i];
    return NULL;
}

static struct ledger_round *round_of(struct machine *machine, uint32_t number)
{
    struct ledger *ledger = &machine->sim->ledger;
    const struct core *core = machine->federation.core;
    struct ledger_round *round = find_round(ledger, machine->index, core->keys.boot_id, number);

    if (round != NULL)
        return round;
    if (ledger->round_count == LEDGER_ROUNDS)
        abort();
    round = &ledger->rounds[ledger->round_count++];
    round->machine = machine->index;
    round->number = number;
    memcpy(round->boot, core->keys.boot_id, BOOT_ID_SIZE);
    memcpy(round->base, core->model.digest, DIGEST_SIZE);
    return round;
}

static bool has_counted(const struct ledger_round *round, unsigned int device)
{
    for (uint32_t i = 0; i < round->counted_count; i++)
        if (round->counted[i] == device)
            return true;
    return false;
}

/* What one more update makes of the sum that the enclave must hold; in arithmetic of our own. */
static void add_running(struct machine *machine, const struct ledger_round *round, unsigned int device)
{
    struct running_sum *running = &machine->running;
    const struct core *core = machine->federation.core;
    const struct view base = ledger_model(&machine->sim->ledger, round->base);
    float trained[MODEL_VALUES], values[MODEL_VALUES];
    uint32_t samples;

    if (running->round != round->number || memcmp(running->boot, round->boot, BOOT_ID_SIZE) != 0) {
        *running = (struct running_sum){.round = round->number};
        memcpy(running->boot, round->boot, BOOT_ID_SIZE);
    }
    running->members++;
    if (base.len == 0)
        return; /* told when the round is closed */
    samples = ledger_work(machine->sim, device, base, trained);
    ledger_values(base, values);
    running->weight += samples;
    for (size_t i = 0; i < MODEL_VALUES && core->round.task == TASK_TRAIN; i++) {
        const float change = trained[i] - values[i]; /* rounded here: some machines would go on with a double */

        running->sums[i] += (int64_t)rint((double)change * 0x1p27) * (int64_t)samples;
    }
}

/* The enclave says that it counted an update: of one of the federation's devices, and none twice in a round. */
void invariant_counted_once(struct machine *machine, uint32_t number, unsigned int device)
{
    struct sim *sim = machine->sim;
    struct ledger_round *round = round_of(machine, number);

    if (device >= sim->device_count)
        sim_violate(sim, "counted_once", "round %u of %s counted a stranger", number, machine->name);
    else if (has_counted(round, device))
        sim_violate(sim, "counted_once", "round %u of %s counted %s twice", number, machine->name,
                    sim->devices[device].name);
    else if (round->closed)
        sim_violate(sim, "counted_once", "round %u of %s counted after it was closed", number, machine->name);
    if (sim->violation[0] != '\0' || round->counted_count == LEDGER_COUNTED)
        return;
    round->counted[round->counted_count++] = device;
    sim->ledger.changed = true;
    add_running(machine, round, device);
}

/* The mean of what the counted devices did, added to the base, in arithmetic of our own. */
static void reference_model(const struct sim *sim, const struct ledger_round *round, struct buf *out)
{
    const struct view base = ledger_model(&sim->ledger, round->base);
    int64_t sums[MODEL_VALUES] = {0}, weight = 0;
    struct model_layout layout;
    size_t at = 0;

    buf_replace(out, base);
    must(model_decode(buf_view(out), MODEL_VALUES, &layout), "reference");
    for (uint32_t c = 0; c < round->counted_count; c++) {
        float trained[MODEL_VALUES];
        const int64_t samples = ledger_work(sim, round->counted[c], base, trained);

        weight += samples;
        at = 0;
        for (uint32_t t = 0; t < layout.count; t++)
            for (uint64_t i = 0; i < layout.tensors[t].elements; i++, at++) {
                const uint32_t bits = read_le32(out->ptr + layout.tensors[t].offset + 4 * i);
                float value, change;
                memcpy(&value, &bits, sizeof value);
                change = trained[at] - value;
                sums[at] += llrint(ldexp((double)change, 27)) * samples;
            }
    }
    at = 0;
    for (uint32_t t = 0; t < layout.count; t++)
        for (uint64_t i = 0; i < layout.tensors[t].elements; i++, at++) {
            uint8_t *place = out->ptr + layout.tensors[t].offset + 4 * i;
            uint32_t bits = read_le32(place);
            float value;
            memcpy(&value, &bits, sizeof value);
            value = (float)((double)value + (double)sums[at] / ((double)weight * 0x1p27));
            memcpy(&bits, &value, sizeof bits);
            write_le32(place, bits);
        }
}

static void invariant_cohort_minimum(struct sim *sim, const struct ledger_round *round, const struct record *record)
{
    const bool enough = round->counted_count >= sim->options.min_cohort;

    if (record->counted != round->counted_count)
        sim_violate(sim, "cohort_minimum", "round %u says %u counted, %u were", record->round, record->counted,
                    round->counted_count);
    else if ((record->reason == STATUS_OK) != enough)
        sim_violate(sim, "cohort_minimum", "round %u with %u counted ends %s", record->round, record->counted,
                    status_name(record->reason));
}

static void invariant_reference_mean(struct sim *sim, const struct ledger_round *round, const struct record *record)
{
    struct buf reference = {NULL, 0, 0};
    uint8_t digest[DIGEST_SIZE];

    if (!view_equal(record->base, VIEW_OF(round->base)) || ledger_model(&sim->ledger, round->base).len == 0) {
        sim_violate(sim, "reference_mean", "round %u begins from a model that nobody released", record->round);
        return;
    }
    if (record->reason == STATUS_OK && record->task == TASK_TRAIN)
        reference_model(sim, round, &reference);
    else
        buf_replace(&reference, ledger_model(&sim->ledger, round->base));
    must(sha256(buf_view(&reference), digest), "reference");
    if (view_equal(record->model, VIEW_OF(digest)))
        ledger_add_model(&sim->ledger, buf_view(&reference));
    else
        sim_violate(sim, "reference_mean", "round %u releases another model than the mean of its %u counted",
                    record->round, round->counted_count);
    free(reference.ptr);
}

static enum status open_record(struct view message, struct record *out, uint8_t digest[static DIGEST_SIZE])
{
    struct cose_sign1 parts;

    TRY(cose_sign1_decode(message, &parts));
    TRY(record_decode(parts.payload, out));
    return sha256(parts.payload, digest);
}

/* The enclave closed a round: this is what it must say of it. */
void invariant_closed_round(struct machine *machine, struct view message)
{
    struct sim *sim = machine->sim;
    struct record record;
    uint8_t digest[DIGEST_SIZE];
    struct ledger_round *round;

    must(open_record(message, &record, digest), "record");
    round = find_round(&sim->ledger, machine->index, machine->federation.core->keys.boot_id, record.round);
    if (round == NULL) { /* nobody was counted */
        round = round_of(machine, record.round);
        memcpy(round->base, record.base.ptr, DIGEST_SIZE);
    }
    if (round->closed) {
        sim_violate(sim, "counted_once", "round %u of %s is closed twice", record.round, machine->name);
        return;
    }
    round->closed = true;
    round->task = record.task;
    round->closed_ms = sim->clock.now_ms;
    sim->ledger.changed = true;
    round->released = record.reason == STATUS_OK;
    memcpy(round->digest, digest, DIGEST_SIZE);
    round->has_previous = record.previous.len > 0;
    if (round->has_previous)
        memcpy(round->previous, record.previous.ptr, DIGEST_SIZE);
    invariant_cohort_minimum(sim, round, &record);
    invariant_reference_mean(sim, round, &record);
    if (round->released)
        sim->ledger.released++;
}

/* A record went out to the world: no update that is in it is in another one that did, from the same base. What happens
 * after somebody restored an old state is no honest history any more; there each device's own chain must hold. */
void invariant_released_once(struct machine *machine, struct view message)
{
    struct sim *sim = machine->sim;
    struct record record;
    uint8_t digest[DIGEST_SIZE];
    struct ledger_round *round;

    if (message.len == 0 || open_record(message, &record, digest) != STATUS_OK)
        return;
    round = find_record(&sim->ledger, digest);
    if (round == NULL || round->published)
        return; /* said before; or by a hostile host, and then no device believes it */
    round->published = sim->ledger.changed = true;
    for (uint32_t i = 0; i < sim->ledger.round_count && !machine->restored; i++) {
        const struct ledger_round *other = &sim->ledger.rounds[i];

        if (other == round || !other->published || other->machine != round->machine)
            continue;
        if (other->number == round->number)
            sim_violate(sim, "one_chain", "%s publishes two records of round %u", machine->name, round->number);
        if (!other->released || !round->released || other->task != round->task ||
            memcmp(other->base, round->base, DIGEST_SIZE) != 0)
            continue;
        for (uint32_t c = 0; c < round->counted_count; c++)
            if (has_counted(other, round->counted[c]))
                sim_violate(sim, "released_once", "the update of %s is in rounds %u and %u",
                            sim->devices[round->counted[c]].name, other->number, round->number);
    }
}

void invariant_receipt_is_true(struct device *device, const uint8_t boot[static BOOT_ID_SIZE], uint32_t number)
{
    struct sim *sim = device->sim;
    struct ledger_round *round = find_round(&sim->ledger, device->machine->index, boot, number);

    if (round == NULL || !has_counted(round, device->index))
        sim_violate(sim, "receipt_is_true", "%s has a receipt of round %u, whose enclave did not count it",
                    device->name, number);
    else
        round->promised = sim->ledger.changed = true;
    sim->ledger.receipts++;
}

/* A device was shown its update under a record's root: then it was counted in such a round. */
void invariant_inclusion_is_true(struct device *device, uint32_t number)
{
    struct ledger *ledger = &device->sim->ledger;

    for (uint32_t i = 0; i < ledger->round_count; i++)
        if (ledger->rounds[i].machine == device->machine->index && ledger->rounds[i].number == number &&
            ledger->rounds[i].closed && has_counted(&ledger->rounds[i], device->index)) {
            ledger->included++;
            return;
        }
    sim_violate(device->sim, "inclusion_is_true", "%s believes that it is in the sum of round %u", device->name,
                number);
}

/* Whether the chain of `later` leads back to `digest`. */
static bool leads_back(struct ledger *ledger, const struct ledger_round *later,
                       const uint8_t digest[static DIGEST_SIZE])
{
    while (later != NULL && later->has_previous) {
        if (memcmp(later->previous, digest, DIGEST_SIZE) == 0)
            return true;
        later = find_record(ledger, later->previous);
    }
    return false;
}

void ledger_shown(struct device *device, struct view message)
{
    struct record record;
    uint8_t digest[DIGEST_SIZE];
    struct ledger_round *round = NULL;

    if (open_record(message, &record, digest) == STATUS_OK)
        round = find_record(&device->sim->ledger, digest);
    if (round != NULL)
        round->shown |= 1u << device->index;
}

void ledger_forgets(struct device *device)
{
    for (uint32_t i = 0; i < device->sim->ledger.round_count; i++)
        device->sim->ledger.rounds[i].shown &= ~(1u << device->index);
}

/* Whether the device was shown all records between this one and a round that it knows; else it cannot know better. */
static bool has_seen_between(struct device *device, const struct ledger_round *later, uint32_t known)
{
    while (later->has_previous) {
        later = find_record(&device->sim->ledger, later->previous);
        if (later == NULL || (later->shown & 1u << device->index) == 0)
            return false;
        if (later->number <= known + 1)
            return true;
    }
    return true;
}

/* From now on the device must not go on, whatever it is shown, until the owner raises the policy's version. */
void invariant_notes_fork(struct device *device, const struct ledger_trust *trust, struct view message)
{
    const struct ledger_round *round;
    struct chain_head *last = &device->accepted;
    struct place place = {.federation = VIEW_TEXT("fed"), .aggregator = view_of_string(device->machine->name)};
    struct record record;
    uint8_t digest[DIGEST_SIZE];
    struct view payload;

    if (!last->any || last->policy_version != trust->policy_version ||
        open_record(message, &record, digest) != STATUS_OK)
        return;
    place.round = record.round;
    round = find_record(&device->sim->ledger, digest);
    if (round == NULL || memcmp(round->boot, trust->boot, BOOT_ID_SIZE) != 0 ||
        bind_verify(PURPOSE_RECORD, &place, trust->signing, message, &payload) != STATUS_OK)
        return;
    if ((record.round == last->round && memcmp(digest, last->digest, DIGEST_SIZE) != 0) ||
        (record.round == last->round + 1 && !view_equal(record.previous, VIEW_OF(last->digest))))
        last->caught = true;
}

void invariant_no_fork_accepted(struct device *device, const struct chain_head *head)
{
    struct sim *sim = device->sim;
    const struct chain_head *last = &device->accepted;
    const struct ledger_round *round = find_record(&sim->ledger, head->digest);
    const bool binds = last->any && last->policy_version == head->policy_version;

    if (round == NULL || round->number != head->round || round->machine != device->machine->index)
        sim_violate(sim, "no_fork_accepted", "%s accepts a record of round %u that no enclave made", device->name,
                    head->round);
    else if (last->any && head->policy_version < last->policy_version)
        sim_violate(sim, "no_fork_accepted", "%s goes back to policy %llu", device->name,
                    (unsigned long long)head->policy_version);
    else if (binds && last->caught)
        sim_violate(sim, "no_fork_accepted", "%s was shown a fork at round %u and accepts round %u", device->name,
                    last->round, head->round);
    else if (binds && head->round <= last->round)
        sim_violate(sim, "no_fork_accepted", "%s goes back from round %u to %u", device->name, last->round,
                    head->round);
    else if (binds && !leads_back(&sim->ledger, round, last->digest) &&
             (head->round == last->round + 1 || has_seen_between(device, round, last->round)))
        sim_violate(sim, "no_fork_accepted", "%s goes on from round %u to %u of another chain", device->name,
                    last->round, head->round);
    device->accepted = *head;
}

void invariant_memory_bounded(struct sim *sim, bool within, const char *what, const char *whose)
{
    if (!within)
        sim_violate(sim, "memory_bounded", "%s of %s", what, whose);
}

/* At the end: what a device has a receipt of is in a record, or its boot is over, or its round is still open. */
void invariant_all_settled(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->ledger.round_count; i++) {
        const struct ledger_round *round = &sim->ledger.rounds[i];

        if (round->promised && round->closed && !round->published && !round->dead &&
            sim->clock.now_ms - round->closed_ms > SETTLE_MS)
            sim_violate(sim, "all_settled", "round %u of agg-%u is closed and nobody hears of it", round->number,
                        round->machine);
    }
}

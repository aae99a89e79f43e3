/* liar.c: a hostile host. It holds no key, so all it can do is to change, repeat, mix and withhold what goes through its
 * hands, and to lie of the time. The enclave may end by it; nobody may believe what is not so. */
#include <stdlib.h>
#include <string.h>

#include "proof.h"
#include "simulation.h"

static bool lies(struct machine *machine, uint32_t per_mille)
{
    return machine->hostile && !machine->sim->calm && dice_chance(&machine->sim->dice, per_mille);
}

static void tell(struct machine *machine, const char *what)
{
    sim_trace(machine->sim, machine->name, "hostile: %s", what);
    machine->sim->happened[FAULT_HOSTILE_HOST]++;
}

static struct past_call *some_past(struct machine *machine)
{
    struct past_call *past = &machine->past[dice_below(&machine->sim->dice, SIM_PAST_CALLS)];

    return past->body.len > 0 ? past : NULL;
}

/* Another call in its place, or a byte of it changed. */
void liar_tamper(struct machine *machine, enum gate_call *call, struct buf *body)
{
    struct dice *dice = &machine->sim->dice;
    struct past_call *past;

    if (body->len == 0 || *call == GATE_BOOT)
        return;
    if (lies(machine, *call == GATE_UPDATE ? 300 : 30)) {
        past = &machine->past[dice_below(dice, SIM_PAST_CALLS)];
        past->call = *call;
        buf_replace(&past->body, buf_view(body));
    }
    if (lies(machine, 5) && (past = some_past(machine)) != NULL) {
        tell(machine, "an earlier call in place of another");
        *call = past->call;
        buf_replace(body, buf_view(&past->body));
    } else if (lies(machine, 5)) {
        tell(machine, "a byte of a call");
        dice_flip(dice, body->ptr, body->len);
    }
}

/* An earlier call once more, of this boot or of one before; its answer is thrown away: a closed round that nobody hears
 * of, a request that is obeyed in silence. */
void liar_call_again(struct machine *machine)
{
    struct past_call *past;

    if (machine->federation.core == NULL || !lies(machine, 8) || (past = some_past(machine)) == NULL)
        return;
    tell(machine, "an earlier call again");
    (void)gate_call_once(machine, past->call, buf_view(&past->body));
}

/* The same update once more, at once: the answer that goes out is that of the second time. */
void liar_repeat(struct machine *machine, enum gate_call call, struct view body)
{
    if (call != GATE_UPDATE || !machine->enclave || !lies(machine, 40))
        return;
    tell(machine, "an update again");
    (void)gate_call_once(machine, call, body);
}

static bool is_proof(enum topic_kind kind, struct view payload)
{
    return kind == TOPIC_RECEIPT && proof_looks_like(payload);
}

/* Proofs have a memory of their own: TOPIC_UPDATE is none that a host publishes under. */
static struct buf *memory_of(struct sim *sim, enum topic_kind kind, struct view payload)
{
    return sim->said[is_proof(kind, payload) ? TOPIC_UPDATE : kind];
}

/* Something of the same kind that this or another aggregator said before; a proof may also be changed. */
static struct view lie(struct machine *machine, enum topic_kind kind, struct view payload, struct buf *space)
{
    struct dice *dice = &machine->sim->dice;
    const struct buf *other = &memory_of(machine->sim, kind, payload)[dice_below(dice, SIM_SAID)];

    if (is_proof(kind, payload) && dice_chance(dice, 500)) {
        tell(machine, "a changed proof");
        buf_replace(space, payload);
        dice_flip(dice, space->ptr, space->len);
    } else if (other->len > 0) {
        tell(machine, "something that was said before, or by another");
        buf_replace(space, buf_view(other));
    } else {
        return payload;
    }
    return buf_view(space);
}

struct view liar_publish(struct machine *machine, const char *text, struct view payload, struct buf *space)
{
    struct sim *sim = machine->sim;
    struct topic topic;

    if (!sim_may(sim, FAULT_HOSTILE_HOST) || payload.len == 0 || topic_parse(view_of_string(text), &topic) != STATUS_OK)
        return payload;
    if (dice_chance(&sim->dice, 100))
        buf_replace(&memory_of(sim, topic.kind, payload)[dice_below(&sim->dice, SIM_SAID)], payload);
    return lies(machine, is_proof(topic.kind, payload) ? 400 : 10) ? lie(machine, topic.kind, payload, space) : payload;
}

/* No time passes: deadlines are withheld, messages still go through. Or it jumps. */
bool liar_stalls(struct machine *machine)
{
    struct sim *sim = machine->sim;

    if (lies(machine, 4)) {
        tell(machine, "time stands still");
        machine->stalled_ms = sim->clock.now_ms + (uint64_t)dice_between(&sim->dice, 5, 90) * 1000;
    }
    if (lies(machine, 3)) {
        tell(machine, "time jumps");
        machine->clock_s += (int64_t)dice_between(&sim->dice, 0, 8000) - 4000;
    }
    return !sim->calm && sim->clock.now_ms < machine->stalled_ms;
}

void liar_end(struct machine *machine)
{
    for (size_t i = 0; i < SIM_PAST_CALLS; i++)
        free(machine->past[i].body.ptr);
}

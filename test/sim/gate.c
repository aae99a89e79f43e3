/* gate.c: the host's port to the enclave's core, and what stands in it for the ledger. */
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "simulation.h"

static void lose_enclave(struct machine *machine, const char *why)
{
    if (!machine->enclave)
        return;
    sim_trace(machine->sim, machine->name, "enclave ends: %s", why);
    machine->enclave = false;
    ledger_boot_ends(machine);
}

static struct buf join(const struct view *pieces, size_t count)
{
    struct buf body = {NULL, 0, 0};

    for (size_t i = 0; i < count; i++)
        body.cap += pieces[i].len;
    body.ptr = malloc(body.cap + 1);
    if (body.ptr == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        must(buf_append(&body, pieces[i]), "body");
    return body;
}

/* A host that lies: it changes a byte, or sends what it sent before. */
static void tamper(struct machine *machine, enum gate_call *call, struct buf *body)
{
    struct dice *dice = &machine->sim->dice;

    if (!machine->hostile || machine->sim->calm || body->len == 0 || *call == GATE_BOOT)
        return;
    if (*call == GATE_UPDATE && dice_chance(dice, 300))
        buf_replace(&machine->last_body, buf_view(body));
    if (dice_chance(dice, 10) && machine->last_body.len > 0) {
        *call = GATE_UPDATE;
        sim_trace(machine->sim, machine->name, "hostile: an earlier update again");
        machine->sim->happened[FAULT_HOSTILE_HOST]++;
        buf_replace(body, buf_view(&machine->last_body));
    } else if (dice_chance(dice, 5)) {
        sim_trace(machine->sim, machine->name, "hostile: a byte of a call");
        machine->sim->happened[FAULT_HOSTILE_HOST]++;
        body->ptr[dice_below(dice, (uint32_t)body->len)] ^= (uint8_t)(1u << dice_below(dice, 8));
    }
}

static unsigned int device_of(const struct sim *sim, struct view name)
{
    for (unsigned int i = 0; i < sim->device_count; i++)
        if (view_equal(view_of_string(sim->devices[i].name), name))
            return i;
    return SIM_DEVICES;
}

/* What the answer of a call means for the ledger. */
static void write_down(struct machine *machine, enum gate_call call, struct view body, struct view response)
{
    struct gate_update update;
    struct gate_answer answer;
    struct gate_booted booted;
    struct view message;

    if (call == GATE_UPDATE && gate_update_decode(body, &update) == STATUS_OK &&
        gate_answer_decode(response, &answer) == STATUS_OK && answer.reason == STATUS_OK)
        invariant_counted_once(machine, update.round, device_of(machine->sim, update.device));
    if (call == GATE_CLOSE && gate_message_decode(response, &message) == STATUS_OK)
        invariant_closed_round(machine, message);
    if (call == GATE_BOOT && gate_booted_decode(response, &booted) == STATUS_OK)
        sim_trace(machine->sim, machine->name, "enclave boots, state: %s", status_name(booted.restored));
    machine_secrets(machine);
}

static bool blow(struct machine *machine, enum blow when)
{
    if (machine->gate_blow != when || machine->blow_calls > 0)
        return false;
    machine->gate_blow = BLOW_NONE;
    lose_enclave(machine, when == BLOW_BEFORE ? "before a call" : "after a call");
    return true;
}

enum status gate_port(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response)
{
    struct machine *machine = ctx;
    struct buf body;
    enum status status;

    if (machine->crashed || !machine->enclave)
        return STATUS_NO_CONNECTION;
    if (machine->gate_blow != BLOW_NONE && machine->blow_calls > 0)
        machine->blow_calls--;
    if (blow(machine, BLOW_BEFORE))
        return STATUS_NO_CONNECTION;
    body = join(pieces, count);
    tamper(machine, &call, &body);
    machine->last_call = call;
    status = federation_call(&machine->federation, call, buf_view(&body));
    if (!machine->federation.fatal) {
        invariant_no_secret_outside(machine->sim, "the gate", buf_view(&machine->federation.response));
        if (status == STATUS_OK)
            write_down(machine, call, buf_view(&body), buf_view(&machine->federation.response));
    }
    free(body.ptr);
    *response = buf_view(&machine->federation.response);
    if (machine->federation.fatal) {
        lose_enclave(machine, status_name(status));
        return STATUS_NO_CONNECTION;
    }
    return blow(machine, BLOW_AFTER) ? STATUS_NO_CONNECTION : status;
}

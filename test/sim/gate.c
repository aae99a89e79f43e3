/* gate.c: the host's port to the enclave's core, and what stands in it for the ledger. */
#include <stdlib.h>
#include <string.h>

#include "federation_private.h"
#include "simulation.h"

void gate_lose_enclave(struct machine *machine, const char *why)
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

static unsigned int device_of(const struct sim *sim, struct view name)
{
    for (unsigned int i = 0; i < sim->device_count; i++)
        if (view_equal(view_of_string(sim->devices[i].name), name))
            return i;
    return SIM_DEVICES;
}

static void write_down_update(struct machine *machine, const struct gate_update *update)
{
    struct reader chunks = reader_of(update->chunks);
    const unsigned int device = device_of(machine->sim, update->device);

    invariant_counted_once(machine, update->round, device);
    invariant_revoked_not_counted(machine, device, read_bytes(&chunks, 1, PACKET_MAX));
}

static void write_down(struct machine *machine, enum gate_call call, struct view body, struct view response)
{
    struct gate_update update;
    struct gate_sealed sealed;
    struct gate_answer answer;
    struct gate_booted booted;
    struct gate_boot boot;
    struct view message;
    const bool answered = gate_answer_decode(response, &answer) == STATUS_OK && answer.reason == STATUS_OK;

    if (call == GATE_UPDATE && answered && gate_update_decode(body, &update) == STATUS_OK)
        write_down_update(machine, &update);
    if (call == GATE_ENROL && answered && gate_sealed_decode(body, &sealed) == STATUS_OK)
        invariant_revoked_not_enrolled(machine, device_of(machine->sim, sealed.name));
    if (call == GATE_OWNER && answered && gate_sealed_decode(body, &sealed) == STATUS_OK)
        invariant_revoked_obeyed(machine, sealed.message, answer.message);
    if (call == GATE_CLOSE && gate_message_decode(response, &message) == STATUS_OK)
        invariant_closed_round(machine, message);
    if (call == GATE_BOOT && gate_booted_decode(response, &booted) == STATUS_OK &&
        gate_boot_decode(body, &boot) == STATUS_OK) {
        sim_trace(machine->sim, machine->name, "enclave boots, state: %s", status_name(booted.restored));
        invariant_revoked_stays(machine, boot.revoked);
    }
    machine_secrets(machine);
}

/* A call, and all that is to be said of it; a fatal one ends the enclave. */
enum status gate_call_once(struct machine *machine, enum gate_call call, struct view body)
{
    const enum status status = federation_call(&machine->federation, call, body);

    if (machine->federation.fatal) {
        gate_lose_enclave(machine, status_name(status));
        return status;
    }
    invariant_no_secret_outside(machine->sim, "the gate", buf_view(&machine->federation.response));
    if (status == STATUS_OK)
        write_down(machine, call, body, buf_view(&machine->federation.response));
    return status;
}

static bool blow(struct machine *machine, enum blow when)
{
    if (!blow_strikes(&machine->gate_blow, when))
        return false;
    gate_lose_enclave(machine, when == BLOW_BEFORE ? "before a call" : "after a call");
    return true;
}

enum status gate_port(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response)
{
    struct machine *machine = ctx;
    struct buf body;
    enum status status;

    if (machine->crashed || !machine->enclave)
        return STATUS_NO_CONNECTION;
    if (machine->gate_blow.wait > 0)
        machine->gate_blow.wait--;
    if (blow(machine, BLOW_BEFORE))
        return STATUS_NO_CONNECTION;
    liar_call_again(machine);
    if (!machine->enclave)
        return STATUS_NO_CONNECTION;
    body = join(pieces, count);
    liar_tamper(machine, &call, &body);
    status = gate_call_once(machine, call, buf_view(&body));
    liar_repeat(machine, call, buf_view(&body));
    free(body.ptr);
    *response = buf_view(&machine->federation.response);
    if (!machine->enclave)
        return STATUS_NO_CONNECTION;
    return blow(machine, BLOW_AFTER) ? STATUS_NO_CONNECTION : status;
}

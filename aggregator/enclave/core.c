/* core.c: the gate's dispatch: which call, is it its moment, is it whole; then its work. */
#include <string.h>

#include "core_private.h"

size_t core_size(void)
{
    return sizeof(struct core);
}

struct core *core_init(void *memory, const struct core_ports *ports)
{
    struct core *core = memory;

    memset(core, 0, sizeof *core);
    core->ports = *ports;
    core->phase = GATE_NEW;
    return core;
}

void core_wipe(struct core *core)
{
    buf_wipe(&core->plain);
    wipe(core, sizeof *core);
}

size_t core_max_body(const struct core *core)
{
    if (core->phase == GATE_NEW)
        return GATE_BODY_BOOT;
    return core->plain.cap + CHUNKS_MAX * (size_t)COSE_OVERHEAD_MAX;
}

struct place core_place(const struct core *core, struct view device)
{
    struct place place = core->place;

    place.device = device;
    return place;
}

/* The host's clock may stand still or jump; here time never goes back. */
static void advance(struct core *core, uint64_t now)
{
    if (now > core->now)
        core->now = now;
}

/* What each call's body is, so that one place decodes them all. */
static enum status serve_time(struct core *core, uint32_t call, uint64_t number, struct buf *out)
{
    if (call == GATE_MODEL_CHUNK)
        return core_model_chunk(core, number, out);
    advance(core, number);
    switch (call) {
    case GATE_ATTEST:
        return core_attest(core, out);
    case GATE_CHALLENGE:
        return core_challenge(core, out);
    case GATE_OPEN:
        return core_open_round(core, out);
    default:
        return core_close_round(core, out);
    }
}

static enum status serve_sealed(struct core *core, uint32_t call, const struct gate_sealed *sealed, struct buf *out)
{
    advance(core, sealed->now);
    return call == GATE_ENROL ? core_enrol(core, sealed, out) : core_owner(core, sealed, out);
}

static enum status serve_bare(struct core *core, uint32_t call, struct buf *out)
{
    switch (call) {
    case GATE_SEAL:
        return core_seal(core, out);
    case GATE_STATUS:
        return core_status(core, out);
    default:
        return core_revocations(core, out);
    }
}

/* Decodes the body by its call, and serves it; *decoded tells a bad body from a call that failed. */
static enum status serve(struct core *core, uint32_t call, struct view body, struct buf *out, bool *decoded)
{
    struct gate_boot boot;
    struct gate_sealed sealed;
    struct gate_update update;
    uint64_t number;

    switch (call) {
    case GATE_BOOT:
        TRY(gate_boot_decode(body, &boot));
        *decoded = true;
        advance(core, boot.now);
        return core_boot(core, &boot, out);
    case GATE_ENROL:
    case GATE_OWNER:
        TRY(gate_sealed_decode(body, &sealed));
        *decoded = true;
        return serve_sealed(core, call, &sealed, out);
    case GATE_UPDATE:
        TRY(gate_update_decode(body, &update));
        *decoded = true;
        advance(core, update.now);
        return core_accept_update(core, &update, out);
    case GATE_SEAL:
    case GATE_STATUS:
    case GATE_REVOCATIONS:
        if (body.len != 0)
            return STATUS_TRAILING;
        *decoded = true;
        return serve_bare(core, call, out);
    default:
        TRY(gate_number_decode(body, &number));
        *decoded = true;
        return serve_time(core, call, number, out);
    }
}

enum status core_call(struct core *core, uint32_t call, struct view body, struct buf *out, bool *fatal)
{
    const struct gate_row *row = gate_find(call);
    size_t before = out->len;
    bool decoded = false;
    enum status status;

    *fatal = true;
    if (row == NULL)
        return STATUS_UNSUPPORTED;
    if (!(row->phases & core->phase))
        return STATUS_NOT_PERMITTED;
    if (body.len > (row->large_request ? core_max_body(core) : GATE_BODY_MAX))
        return STATUS_NO_SPACE;

    status = serve(core, call, body, out, &decoded);
    *fatal = !decoded;
    if (status != STATUS_OK)
        out->len = before;
    return status;
}

enum status core_status(struct core *core, struct buf *out)
{
    struct gate_status status = {
        .phase = core->phase,
        .round = core->round.number,
        .task = core->phase == GATE_ROUND ? core->round.task : TASK_NONE,
        .rounds_left = core->work.rounds_left + core->work.evaluate,
        .counted = core->sum.members,
        .target = core->work.target,
        .minimum = core->policy.min_cohort,
        .deadline = core->round.deadline,
        .enrolled = core->enrolled,
        .simulated = core->simulated,
        .revocations = revoked_version(&core->revoked),
        .revoked = revoked_count(&core->revoked),
    };

    if (core->model.there)
        status.model_digest = VIEW_OF(core->model.digest);
    for (uint32_t i = 1; i < STATUS_LIMIT; i++)
        if (core->refused[i] > 0)
            status.refusals.list[status.refusals.count++] = (struct refusal){(enum status)i, core->refused[i]};
    return gate_status_encode(&status, out);
}

enum status core_revocations(const struct core *core, struct buf *out)
{
    return core->revoked.held != NULL ? gate_message_encode(core->revoked.held->signed_list, out) : STATUS_NOT_FOUND;
}

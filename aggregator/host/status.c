/* status.c: how the aggregator is doing, for people and dashboards. Nothing in it is trusted. Source: PROTOCOL.md 13. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "host_private.h"
#include "keep.h"

/* Appends text; a status that does not fit is cut short and therefore not valid JSON, so it fails instead. */
__attribute__((format(printf, 2, 3))) static enum status add(struct buf *out, const char *format, ...)
{
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf((char *)out->ptr + out->len, out->cap - out->len, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= out->cap - out->len)
        return STATUS_NO_SPACE;
    out->len += (size_t)len;
    return STATUS_OK;
}

void host_note_capture(struct host *host, const char *state)
{
    host->capture = state;
}

const char *status_state(const struct host *host)
{
    if (!host->booted)
        return "starting";
    if (keep_is_pending(host))
        return "unkept";
    switch (host->status.phase) {
    case GATE_ROUND:
        return "open";
    case GATE_IDLE:
        return "idle";
    default:
        return "waiting";
    }
}

static const char *task_name(enum task task)
{
    static const char *const names[] = {[TASK_NONE] = "none", [TASK_TRAIN] = "train", [TASK_EVALUATE] = "evaluate"};

    return names[task];
}

static enum status add_metric(struct buf *out, const char *name, bool there, int64_t millionths)
{
    if (!there)
        return STATUS_OK;
    return add(out, ",\"%s\":%s%" PRId64 ".%06" PRId64, name, millionths < 0 ? "-" : "",
               (millionths < 0 ? -millionths : millionths) / 1000000,
               (millionths < 0 ? -millionths : millionths) % 1000000);
}

/* Refusals of the enclave since its boot, and of the host itself, by their names. */
static enum status add_refusals(const struct host *host, struct buf *out)
{
    uint64_t counts[STATUS_LIMIT] = {0};
    const char *comma = "";

    for (uint32_t i = 0; i < host->status.refusals.count; i++)
        counts[host->status.refusals.list[i].reason] += host->status.refusals.list[i].count;
    TRY(add(out, ",\"refused\":{"));
    for (int i = 1; i < STATUS_LIMIT; i++) {
        uint64_t count = counts[i] + host->refused[i];
        if (count == 0)
            continue;
        TRY(add(out, "%s\"%s\":%" PRIu64, comma, status_name((enum status)i), count));
        comma = ",";
    }
    return add(out, "}");
}

enum status status_json(const struct host *host, const char *state, struct buf *out)
{
    const struct gate_status *status = &host->status;
    char model[2 * DIGEST_SIZE + 1] = "";
    int64_t until;

    if (status->model_digest.len > 0)
        hex_encode(status->model_digest, model);
    TRY(add(out, "{\"state\":\"%s\",\"federation\":\"%.*s\",\"aggregator\":\"%.*s\",\"simulated\":%s", state,
            (int)host->names.federation.len, (const char *)host->names.federation.ptr, (int)host->names.aggregator.len,
            (const char *)host->names.aggregator.ptr, policy_is_simulated(&host->policy) ? "true" : "false"));
    TRY(add(out, ",\"round\":%u,\"task\":\"%s\",\"counted\":%u,\"target\":%u,\"minimum\":%u,\"rounds_left\":%u",
            status->round, task_name(status->task), status->counted, status->target, status->minimum,
            status->rounds_left));
    TRY(add(out, ",\"enrolled\":%" PRIu64 ",\"revoked\":%u,\"revocations\":%" PRIu64 ",\"model\":\"%s\"",
            status->enrolled, status->revoked, status->revocations, model));
    TRY(add_metric(out, "accuracy", host->has_accuracy, host->accuracy));
    TRY(add_metric(out, "loss", host->has_loss, host->loss));
    TRY(add_refusals(host, out));
    if (host->capture != NULL)
        TRY(add(out, ",\"capture\":\"%s\"", host->capture));
    if (endorse_until(host, &until))
        TRY(add(out, ",\"collateral_until\":%" PRId64, until));
    return add(out, ",\"memory_bytes\":%zu,\"updated\":%" PRIu64 "}", assembly_memory(host->assembly), host->now);
}

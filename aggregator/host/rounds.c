/* rounds.c: when a round is opened and closed. The enclave decides what may be; this decides when to ask. */
#include <string.h>

#include "cose.h"
#include "host_private.h"
#include "keep.h"
#include "manifest.h"

/* What is due, by the enclave's phase: a table of conditions and the work that follows. */
struct due {
    enum gate_phase phase;
    bool (*when)(const struct host *host);
    enum status (*work)(struct host *host);
};

static bool round_is_over(const struct host *host)
{
    return host->status.counted >= host->status.target || host->now >= host->status.deadline;
}

static bool round_is_planned(const struct host *host)
{
    return host->status.rounds_left > 0;
}

static bool model_is_unannounced(const struct host *host)
{
    return !host->has_manifest || !view_equal(VIEW_OF(host->announced), host->status.model_digest);
}

static enum status refresh(struct host *host)
{
    struct view response;
    struct gate_status status;

    TRY(host_gate(host, GATE_STATUS, NULL, 0, &response));
    TRY(gate_status_decode(response, &status));
    /* The digest is a view into the response, which the next call overwrites. */
    if (status.model_digest.len == DIGEST_SIZE) {
        memcpy(host->model_digest, status.model_digest.ptr, DIGEST_SIZE);
        status.model_digest = VIEW_OF(host->model_digest);
    }
    host->status = status;
    return STATUS_OK;
}

/* Reads the enclave's own manifest to know how many chunks there are. */
static enum status take_manifest(struct host *host, struct view message)
{
    struct cose_sign1 parts;
    struct manifest manifest;

    TRY(kept_set(&host->manifest, message));
    TRY(cose_sign1_decode(message, &parts));
    TRY(manifest_decode(parts.payload, &manifest));
    host->chunks = (uint32_t)chunks_of(manifest.model_size, manifest.chunk_size);
    memcpy(host->announced, manifest.base.ptr, DIGEST_SIZE);
    host->has_manifest = true;
    if (manifest.task != TASK_NONE)
        log_event(host->ports.log, LOG_LEVEL_INFO, "round_opened", "round %u task %s cohort %u deadline %llu%s",
                  manifest.round, manifest.task == TASK_TRAIN ? "train" : "evaluate", manifest.target,
                  (unsigned long long)manifest.deadline, manifest.simulated ? " simulated" : "");
    return STATUS_OK;
}

static enum status open_round(struct host *host)
{
    struct view message;

    TRY(host_gate_number(host, GATE_OPEN, host->now, &message));
    proofs_begin(&host->proofs);
    TRY(take_manifest(host, message));
    announce(host, ANNOUNCE_MODEL);
    announce(host, ANNOUNCE_MANIFEST);
    announce(host, ANNOUNCE_STATUS);
    return STATUS_OK;
}

void host_note_metrics(struct host *host, const struct metrics *metrics)
{
    for (uint32_t i = 0; i < metrics->count; i++) {
        const struct metric *metric = &metrics->list[i];
        if (view_equal(metric->name, VIEW_TEXT("accuracy"))) {
            host->accuracy = metric->value;
            host->has_accuracy = true;
        } else if (view_equal(metric->name, VIEW_TEXT("loss"))) {
            host->loss = metric->value;
            host->has_loss = true;
        }
    }
}

void host_remember_record(struct host *host, uint32_t round, struct view message)
{
    struct kept_record *record;

    if (host->record_count == HOST_RECORDS_MAX) {
        kept_clear(&host->records[0].message);
        memmove(host->records, host->records + 1, (HOST_RECORDS_MAX - 1) * sizeof *host->records);
        host->records[HOST_RECORDS_MAX - 1] = (struct kept_record){0};
        host->record_count--;
    }
    record = &host->records[host->record_count];
    if (kept_set(&record->message, message) != STATUS_OK)
        return;
    record->round = round;
    record->stale = false;
    host->record_count++;
    if (host->record_count > host->settings.records_kept)
        host->records[host->record_count - 1 - host->settings.records_kept].stale = true;
}

enum status host_remember_leaves(struct host *host, struct view message, struct view leaves)
{
    const enum status status = proofs_remember(&host->proofs, message, leaves);

    if (status != STATUS_OK)
        log_event(host->ports.log, LOG_LEVEL_WARN, "proofs_lost", "of a closed round: %s", status_text(status));
    return status;
}

static enum status close_round(struct host *host)
{
    struct view message;

    TRY(host_gate_number(host, GATE_CLOSE, host->now, &message));
    assembly_forget_rounds(host->assembly);
    return keep_closed_round(host, message);
}

static const struct due table[] = {
    {GATE_ROUND, round_is_over, close_round},
    {GATE_IDLE, round_is_planned, open_round},
    {GATE_IDLE, model_is_unannounced, open_round},
};

/* Does the first thing that is due; false when nothing is. */
static bool do_what_is_due(struct host *host)
{
    if (keep_is_pending(host))
        return keep_go_on(host) == STATUS_OK;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        enum status status;
        if (table[i].phase != host->status.phase || !table[i].when(host))
            continue;
        status = table[i].work(host);
        if (status != STATUS_OK && status != STATUS_BUSY)
            log_event(host->ports.log, LOG_LEVEL_ERROR, "round_step_failed", "%s", status_text(status));
        return status == STATUS_OK;
    }
    return false;
}

void rounds_go_on(struct host *host)
{
    if (!host->booted || refresh(host) != STATUS_OK)
        return;
    while (do_what_is_due(host))
        if (refresh(host) != STATUS_OK)
            return;
    announce_go_on(host);
}

/* round.c: what a round asks for, and how far this device is with it. Source: PROTOCOL.md section 7. */
#include "steps_private.h"

#include "manifest.h"

#include <string.h>

/* ---- actions ---- */

static enum status settle(struct tacit_node *node, const void *with)
{
    (void)with;
    node->transfer.count = 0;
    round_settle(node);
    return STATUS_OK;
}

/* with: enum status, why. The round is given up, not the node. */
static enum status take_mishap(struct tacit_node *node, const void *with)
{
    node_event(node, "work_failed", "round=%u: %s", (unsigned int)node->round.number,
               status_text(*(const enum status *)with));
    return settle(node, NULL);
}

/* The same, of work that may be about an earlier round than the announced one. */
static enum status lose_work(struct tacit_node *node, const void *with)
{
    node_event(node, "work_failed", "round=%u: %s", (unsigned int)node->job.number,
               status_text(*(const enum status *)with));
    if (node->job.number == node->round.number)
        round_settle(node);
    return STATUS_OK;
}

static enum status stop_sending(struct tacit_node *node, const void *with)
{
    (void)with;
    node->transfer.count = 0;
    return STATUS_OK;
}

static const struct {
    enum work state;
    enum work_event event;
    enum work next;
    enum status (*action)(struct tacit_node *node, const void *with);
} table[] = {
    {IDLE, FRESH, FETCHING, fetch_begin},       /* a round with work that was not done yet */
    {IDLE, AGAIN, SENDING, outbox_seal},        /* a round with work that was done before */
    {IDLE, MISHAP, IDLE, take_mishap},          /* enum status: neither could begin */
    {FETCHING, FETCHED, WORKING, fetch_finish}, /* the last chunk came */
    {FETCHING, MISHAP, IDLE, take_mishap},      /* enum status: not the model, or the work could not begin */
    {FETCHING, SUPERSEDED, IDLE, fetch_stop},   /* another round, another boot, or the round's record */
    {WORKING, DONE, IDLE, result_take},         /* struct tacit_result; then it is AGAIN, if it is still wanted */
    {WORKING, MISHAP, IDLE, lose_work},         /* enum status: the work failed, or its result makes no sense */
    {SENDING, UNSETTLED, SENDING, outbox_seal}, /* a receipt: damaged on its way */
    {SENDING, MISHAP, IDLE, take_mishap},       /* enum status: it could not be sealed */
    {SENDING, SETTLED, IDLE, settle},           /* a receipt: counted, too late, or worthless */
    {SENDING, SUPERSEDED, IDLE, stop_sending},  /* as above, or the credential was refused */
};

enum status work_step(struct tacit_node *node, enum work_event event, const void *with)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].state == node->work && table[i].event == event) {
            TRY(table[i].action(node, with));
            node->work = table[i].next;
            return STATUS_OK;
        }
    return STATUS_NOT_PERMITTED;
}

void work_try(struct tacit_node *node, enum work_event event, const void *with)
{
    const enum status status = work_step(node, event, with);

    if (status != STATUS_OK && status != STATUS_NOT_PERMITTED)
        (void)work_step(node, MISHAP, &status);
}

void round_settle(struct tacit_node *node)
{
    node->round.settled = node->round.number;
}

void round_supersede(struct tacit_node *node)
{
    (void)work_step(node, SUPERSEDED, NULL);
}

/* ---- the manifest ---- */

static enum status check_manifest(const struct tacit_node *node, const struct manifest *manifest)
{
    const struct round *round = &node->round;

    if (!view_equal(manifest->boot_id, VIEW_OF(node->trust.boot_id)))
        return STATUS_CREDENTIAL_FOREIGN;
    if (!view_equal(manifest->policy_digest, VIEW_OF(node->trust.policy_digest)))
        return STATUS_POLICY_OTHER;
    if (round->known && manifest->round < round->number)
        return STATUS_CHAIN_BACK;
    /* An idle round may become one with a task, nothing else may change. */
    if (round->known && manifest->round == round->number && (round->task != TASK_NONE || manifest->task == TASK_NONE))
        return STATUS_EXISTS;
    TRY(record_follows(node, manifest->round, manifest->previous));
    if (manifest->task != TASK_NONE && manifest->model_size > model_encoded_max(node->max_parameters))
        return STATUS_NO_SPACE;
    return STATUS_OK;
}

static void copy_manifest(const struct manifest *manifest, struct round *out)
{
    *out = (struct round){
        .known = true,
        .simulated = manifest->simulated,
        .has_previous = manifest->previous.len > 0,
        .task = manifest->task,
        .number = manifest->round,
        .chunk_size = manifest->chunk_size,
        .max_samples = manifest->max_samples,
        .fraction_bits = manifest->fraction_bits,
        .alg_count = manifest->alg_count,
        .model_size = manifest->model_size,
    };
    memcpy(out->algs, manifest->algs, sizeof out->algs);
    memcpy(out->base, manifest->base.ptr, sizeof out->base);
    if (out->has_previous)
        memcpy(out->previous, manifest->previous.ptr, sizeof out->previous);
}

enum status round_take_manifest(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    const struct place place = node_place(node);
    struct manifest manifest;
    struct view bytes;

    (void)topic;
    TRY(bind_verify(PURPOSE_MANIFEST, &place, VIEW_OF(node->trust.signing), payload, &bytes));
    TRY(manifest_decode(bytes, &manifest));
    TRY(fork_check(node));
    TRY(check_manifest(node, &manifest));
    round_supersede(node);
    copy_manifest(&manifest, &node->round);
    if (manifest.task != TASK_NONE)
        node_event(node, "round", "round=%u task=%s simulated=%d", (unsigned int)manifest.round,
                   manifest.task == TASK_TRAIN ? "train" : "evaluate", manifest.simulated);
    return STATUS_OK;
}

/* ---- what is next ---- */

void round_advance(struct tacit_node *node)
{
    const struct round *round = &node->round;

    if (node->work != IDLE || !enrol_is_member(node) || !round->known || round->task == TASK_NONE ||
        round->number == round->settled || (record_head_binds(node) && round->number <= node->head.round))
        return;
    work_try(node, plain_fits(node, round) ? AGAIN : FRESH, NULL);
}

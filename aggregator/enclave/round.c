/* round.c: a round is opened, its model is handed out in chunks, it is closed, and a model is released.
 * Source: PROTOCOL.md sections 7, 8, 12, 15. */
#include <string.h>

#include "core_private.h"
#include "record.h"

static bool same_digest(const uint8_t a[static DIGEST_SIZE], const uint8_t b[static DIGEST_SIZE])
{
    return memcmp(a, b, DIGEST_SIZE) == 0;
}

/* The number under which the model is announced next. A number stands in the IVs of the model's chunks, so it is never
 * used for a second model, nor for a second round. */
static uint32_t next_number(const struct core *core)
{
    const struct current_round *round = &core->round;

    if (round->number == 0 || round->used || !same_digest(round->sealed_digest, core->model.digest))
        return round->number + 1;
    return round->number;
}

static enum task next_task(const struct work *work)
{
    if (work->rounds_left > 0)
        return TASK_TRAIN;
    return work->evaluate ? TASK_EVALUATE : TASK_NONE;
}

static enum status sign_manifest(const struct core *core, const struct current_round *round, struct buf *out)
{
    uint8_t payload[MESSAGE_MAX];
    struct buf payload_buf = BUF_OF(payload);
    const struct policy *policy = &core->policy;
    struct manifest manifest = {
        .round = round->number,
        .task = round->task,
        .base = VIEW_OF(core->model.digest),
        .model_size = core->model.encoded.len,
        .chunk_size = policy_chunk_size(policy),
        .target = core->work.target > 0 ? core->work.target : policy->min_cohort,
        .minimum = policy->min_cohort,
        .deadline = round->deadline,
        .max_samples = policy->max_samples,
        .fraction_bits = policy->fraction_bits,
        .alg_count = policy->alg_count,
        .boot_id = core->place.boot_id,
        .policy_digest = VIEW_OF(core->policy_digest),
        .simulated = core->simulated,
    };

    memcpy(manifest.algs, policy->algs, sizeof manifest.algs);
    if (core->has_record)
        manifest.previous = VIEW_OF(core->last_record);
    TRY(manifest_encode(&manifest, &payload_buf));
    return bind_sign(PURPOSE_MANIFEST, &core->place, &core->keys.signing, &core->ports.random, buf_view(&payload_buf),
                     out);
}

enum status core_open_round(struct core *core, struct buf *out)
{
    uint8_t message[MESSAGE_MAX];
    struct buf message_buf = BUF_OF(message);
    struct current_round next = {
        .number = next_number(core),
        .task = next_task(&core->work),
        .deadline = core->now + core->work.deadline_s,
    };

    if (core->round.number == ROUND_MAX || next.deadline > TIME_MAX)
        return STATUS_OUT_OF_RANGE;
    next.used = next.task != TASK_NONE;
    memcpy(next.sealed_digest, core->model.digest, DIGEST_SIZE);
    TRY(sign_manifest(core, &next, &message_buf));
    if (next.used) {
        core->sum.fraction_bits = core->policy.fraction_bits;
        TRY(accumulator_begin(&core->sum, core->work.target, core->policy.max_samples));
        tally_begin(&core->tally);
        core->phase = GATE_ROUND;
    }
    core->round = next;
    return gate_message_encode(buf_view(&message_buf), out);
}

enum status core_model_chunk(struct core *core, uint64_t index, struct buf *out)
{
    uint32_t chunk_size = policy_chunk_size(&core->policy);
    uint64_t chunks = chunks_of(core->model.encoded.len, chunk_size);
    size_t offset = (size_t)index * chunk_size, len;
    struct place place = core->place;
    struct view piece;
    struct buf message = {.ptr = core->plain.ptr, .cap = core->plain.cap};

    if (core->round.number == 0)
        return STATUS_NO_ROUND;
    if (index >= chunks)
        return STATUS_OUT_OF_RANGE;
    /* Between a release and the next announcement the number still stands for the model before. */
    if (!same_digest(core->round.sealed_digest, core->model.digest))
        return STATUS_MODEL_OTHER;
    len = core->model.encoded.len - offset < chunk_size ? core->model.encoded.len - offset : chunk_size;
    TRY(view_slice(buf_view(&core->model.encoded), offset, len, &piece));
    place.round = core->round.number;
    place.chunk = (uint32_t)index;
    place.chunks = (uint32_t)chunks;
    place.digest = VIEW_OF(core->model.digest);
    TRY(bind_seal_model_chunk(&place, VIEW_OF(core->keys.model_key), piece, &message));
    return gate_message_encode(buf_view(&message), out);
}

/* base + mean over all tensors, and its digest. It is made in core->plain: the held model stays what it was until a
 * record tells of the new one. */
static enum status make_release(struct core *core, uint8_t digest[static DIGEST_SIZE])
{
    uint64_t first = 0;

    core->plain.len = 0;
    TRY(buf_append(&core->plain, buf_view(&core->model.encoded)));
    for (uint32_t i = 0; i < core->model.layout.count; i++) {
        const struct model_tensor *tensor = &core->model.layout.tensors[i];
        accumulator_release(&core->sum, first, core->plain.ptr + tensor->offset, tensor->elements);
        first += tensor->elements;
    }
    return sha256(buf_view(&core->plain), digest);
}

static void take_release(struct core *core, const uint8_t digest[static DIGEST_SIZE])
{
    memcpy(core->model.encoded.ptr, core->plain.ptr, core->model.encoded.len);
    memcpy(core->model.digest, digest, DIGEST_SIZE);
    wipe(core->plain.ptr, core->plain.len);
}

static void list_refusals(const struct current_round *round, struct refusals *out)
{
    out->count = 0;
    for (uint32_t i = 1; i < STATUS_LIMIT; i++)
        if (round->refused[i] > 0)
            out->list[out->count++] = (struct refusal){(enum status)i, round->refused[i]};
}

/* Signs the record and makes it the head of the chain. */
static enum status sign_record(struct core *core, const struct record *record, struct buf *out)
{
    uint8_t payload[MESSAGE_MAX];
    struct buf payload_buf = BUF_OF(payload);
    struct place place = core->place;

    place.round = record->round;
    TRY(record_encode(record, &payload_buf));
    TRY(bind_sign(PURPOSE_RECORD, &place, &core->keys.signing, &core->ports.random, buf_view(&payload_buf), out));
    TRY(sha256(buf_view(&payload_buf), core->last_record));
    core->has_record = true;
    return STATUS_OK;
}

static void plan_next(struct core *core, enum status reason)
{
    if (reason != STATUS_OK)
        return; /* a round without a cohort is tried again */
    if (core->round.task == TASK_TRAIN)
        core->work.rounds_left--;
    else
        core->work.evaluate = false;
}

enum status core_close_round(struct core *core, struct buf *out)
{
    uint8_t message[MESSAGE_MAX], root[DIGEST_SIZE], model[DIGEST_SIZE];
    struct buf message_buf = BUF_OF(message);
    struct record record = {
        .round = core->round.number,
        .task = core->round.task,
        .base = VIEW_OF(core->model.digest),
        .model = VIEW_OF(model),
        .counted = core->sum.members,
        .samples = core->sum.weight,
        .root = VIEW_OF(root),
        .closed = core->now,
        .boot_id = core->place.boot_id,
        .policy_digest = VIEW_OF(core->policy_digest),
        .simulated = core->simulated,
    };

    if (core->sum.members < core->work.target && core->now < core->round.deadline)
        return STATUS_BUSY;
    memcpy(model, core->model.digest, sizeof model);
    if (core->has_record)
        record.previous = VIEW_OF(core->last_record);
    TRY(tally_root(&core->tally, root));
    if (core->sum.members < core->policy.min_cohort)
        record.reason = STATUS_COHORT_TOO_SMALL;
    else
        tally_means(&core->tally, &record.metrics);
    const bool releases = record.reason == STATUS_OK && record.task == TASK_TRAIN;
    if (releases)
        TRY(make_release(core, model));
    list_refusals(&core->round, &record.refusals);
    TRY(sign_record(core, &record, &message_buf));
    /* From here on nothing can fail: a round that was not told of is as if it had not been closed. */
    if (releases)
        take_release(core, model);
    plan_next(core, record.reason);
    core->phase = GATE_IDLE;
    return gate_message_encode(buf_view(&message_buf), out);
}

/* owner.c: what the owner asks for, if it is the owner who asks, and now. Source: PROTOCOL.md section 6. */
#include <string.h>

#include "core_private.h"
#include "escrow.h"

enum status core_take_model(struct core *core, struct view encoded)
{
    struct buf copy = {.ptr = core->model.encoded.ptr, .cap = core->model.encoded.cap};
    struct model_layout layout;
    uint8_t digest[DIGEST_SIZE];

    TRY(model_decode(encoded, core->policy.max_parameters, &layout));
    if (chunks_of(encoded.len, policy_chunk_size(&core->policy)) > CHUNKS_MAX)
        return STATUS_NO_SPACE;
    TRY(sha256(encoded, digest));
    TRY(buf_append(&copy, encoded));

    core->model.encoded = copy;
    /* Once more over our own copy: the layout's names must view into it. */
    TRY(model_decode(buf_view(&core->model.encoded), core->policy.max_parameters, &core->model.layout));
    memcpy(core->model.digest, digest, sizeof digest);
    core->model.there = true;
    core->sum.parameters = core->model.layout.parameters;
    core->phase = GATE_IDLE;
    return STATUS_OK;
}

static enum status put_model(struct core *core, const struct owner_request *request)
{
    if (core->phase == GATE_ROUND || core->work.rounds_left > 0)
        return STATUS_BUSY;
    return core_take_model(core, request->model);
}

enum status core_check_target(const struct core *core, uint32_t target)
{
    if (target < core->policy.min_cohort || target > core->policy.max_cohort)
        return STATUS_OUT_OF_RANGE;
    return (uint64_t)target * core->policy.max_samples > WEIGHT_LIMIT ? STATUS_BOUND_UNPROVEN : STATUS_OK;
}

static enum status start(struct core *core, const struct owner_request *request)
{
    const struct plan *plan = &request->plan;

    if (!core->model.there)
        return STATUS_NO_MODEL;
    if (core->phase == GATE_ROUND || core->work.rounds_left > 0)
        return STATUS_BUSY;
    TRY(core_check_target(core, plan->target));
    core->work = (struct work){
        .rounds_left = plan->rounds,
        .evaluate = plan->evaluate,
        .target = plan->target,
        .deadline_s = plan->deadline_s,
        .lasting = plan->lasting,
    };
    return STATUS_OK;
}

static enum status stop(struct core *core)
{
    core->work.rounds_left = core->phase == GATE_ROUND && core->round.task == TASK_TRAIN ? 1 : 0;
    return STATUS_OK;
}

/* At any moment: what comes after it is judged by it, what was counted before it stays counted. */
enum status core_revoke(struct core *core, struct view signed_list)
{
    return revoked_take(&core->revoked, signed_list, VIEW_OF(core->owner_point), core->place.federation);
}

/* A request is obeyed once: within the life of its challenge it is remembered, after that the challenge is stale. */
static enum status take_once(struct core *core, struct view signed_request)
{
    struct obeyed *room = NULL;
    uint8_t digest[DIGEST_SIZE];

    TRY(sha256(signed_request, digest));
    for (size_t i = 0; i < OBEYED_MAX; i++) {
        struct obeyed *obeyed = &core->obeyed[i];
        if (core->now >= obeyed->until)
            room = obeyed;
        else if (memcmp(obeyed->digest, digest, sizeof digest) == 0)
            return STATUS_STALE_CHALLENGE;
    }
    if (room == NULL)
        return STATUS_BUSY;
    memcpy(room->digest, digest, sizeof digest);
    room->until = core->now + 2 * (uint64_t)core->policy.challenge_s;
    return STATUS_OK;
}

/* secret: what an escrow gives is appended. */
static enum status obey(struct core *core, const struct owner_request *request, struct buf *secret)
{
    if (!core_knows_challenge(core, request->challenge))
        return STATUS_STALE_CHALLENGE;
    TRY(take_once(core, buf_view(&core->plain)));
    switch (request->command) {
    case OWNER_PUT_MODEL:
        return put_model(core, request);
    case OWNER_START:
        return start(core, request);
    case OWNER_STOP:
        return stop(core);
    case OWNER_MODEL_KEY:
        return core->model.there ? STATUS_OK : STATUS_NO_MODEL;
    case OWNER_REVOKE:
        return core_revoke(core, request->revoked);
    case OWNER_ESCROW:
        TRY(escrow_secret(core, secret->ptr));
        secret->len = ESCROW_SIZE;
        return STATUS_OK;
    }
    return STATUS_UNSUPPORTED;
}

static enum status seal_answer(struct core *core, const struct place *place, const struct owner_request *request,
                               const struct owner_answer *answer, struct buf *out)
{
    uint8_t point[P256_POINT_SIZE], payload[MESSAGE_MAX], message[MESSAGE_MAX];
    CLEANUP(buf_wipe) struct buf payload_buf = BUF_OF(payload);
    CLEANUP(buf_wipe) struct buf signed_buf = BUF_OF(message);

    TRY(cose_key_decode(request->reply_key, point));
    TRY(owner_answer_encode(answer, &payload_buf));
    TRY(bind_sign(PURPOSE_OWNER_ANSWER, place, &core->keys.signing, &core->ports.random, buf_view(&payload_buf),
                  &signed_buf));
    return bind_seal(PURPOSE_OWNER_ANSWER, place, VIEW_OF(point), &core->ports.random, buf_view(&signed_buf), out);
}

static enum status open_request(struct core *core, const struct gate_sealed *sealed, const struct place *place,
                                struct owner_request *request)
{
    struct view payload;

    core->plain.len = 0;
    TRY(bind_open(PURPOSE_OWNER, place, &core->keys.sealing, &core->ports.random, sealed->message, &core->plain));
    TRY(bind_verify(PURPOSE_OWNER, place, VIEW_OF(core->owner_point), buf_view(&core->plain), &payload));
    return owner_request_decode(payload, request);
}

enum status core_owner(struct core *core, const struct gate_sealed *sealed, struct buf *out)
{
    uint8_t message[MESSAGE_MAX], escrow[ESCROW_SIZE];
    struct buf message_buf = BUF_OF(message);
    CLEANUP(buf_wipe) struct buf secret = BUF_OF(escrow);
    struct place place = core_place(core, sealed->name);
    struct gate_answer answer = {.reason = STATUS_OK};
    struct owner_request request;

    answer.reason = open_request(core, sealed, &place, &request);
    if (answer.reason == STATUS_OK) {
        struct owner_answer inner = {.reason = obey(core, &request, &secret)};
        if (core->model.there)
            inner.model_digest = VIEW_OF(core->model.digest);
        inner.has_round = true;
        inner.round = core->round.number - (core->round.number > 0 && !core->round.used);
        inner.revocations = revoked_version(&core->revoked);
        if (request.command == OWNER_MODEL_KEY && inner.reason == STATUS_OK)
            inner.model_key = VIEW_OF(core->keys.model_key);
        inner.escrow = buf_view(&secret);
        answer.reason = inner.reason;
        if (seal_answer(core, &place, &request, &inner, &message_buf) == STATUS_OK)
            answer.message = buf_view(&message_buf);
    }
    if (answer.reason != STATUS_OK)
        core->refused[answer.reason]++;
    return gate_answer_encode(&answer, out);
}

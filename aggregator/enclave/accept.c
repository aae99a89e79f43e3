/* accept.c: one sealed update, taken into the running round: all of it or nothing. Source: PROTOCOL.md sections 9, 11. */
#include <string.h>

#include "core_private.h"
#include "credential.h"
#include "receipt.h"
#include "tensor.h"

/* Who sent an update, by its own account. It is believed once the first chunk opens: the key follows from it. */
struct sender {
    struct view device;
    struct cose_encrypt0 head; /* of chunk 0 */
    struct update_sender said;
    uint8_t key[AEAD_KEY_MAX];
    struct buf key_buf;
};

static void sender_wipe(struct sender *sender)
{
    wipe(sender->key, sizeof sender->key);
}

static enum status take_sender(const struct core *core, const struct gate_update *update, struct sender *out)
{
    struct reader chunks = reader_of(update->chunks);
    struct update_key_of of = {
        .federation = core->place.federation,
        .aggregator = core->place.aggregator,
        .device = update->device,
        .boot_id = core->place.boot_id,
    };

    TRY(cose_encrypt0_decode(read_bytes(&chunks, 1, PACKET_MAX), &out->head));
    if (out->head.kid.len != CTI_SIZE || out->head.chunk.transfer.len != TRANSFER_SIZE)
        return STATUS_MALFORMED;
    TRY(update_sender_decode(out->head.sender, &out->said));
    if (!view_equal(out->said.boot_id, core->place.boot_id))
        return STATUS_CREDENTIAL_FOREIGN;
    out->device = update->device;
    out->key_buf = BUF_OF(out->key);
    of.cti = out->head.kid;
    of.role = out->said.role;
    of.expires = out->said.expires;
    of.identity = out->said.identity;
    of.alg = out->head.alg;
    return update_key_derive(&of, VIEW_OF(core->keys.epoch_secret), &out->key_buf);
}

/* May it be counted at all? Asked before any of it is opened. */
static enum status may_count(const struct core *core, const struct gate_update *update, const struct sender *sender)
{
    if (core->phase != GATE_ROUND || update->round != core->round.number)
        return STATUS_WRONG_ROUND;
    if (core->now >= sender->said.expires)
        return STATUS_CREDENTIAL_EXPIRED;
    if (sender->said.role != ROLE_DEVICE)
        return STATUS_CREDENTIAL_ROLE;
    if (revoked_device(&core->revoked, sender->device) || revoked_credential(&core->revoked, sender->head.kid) ||
        revoked_identity(&core->revoked, sender->said.identity))
        return STATUS_CREDENTIAL_REVOKED;
    TRY(tally_may_count(&core->tally, sender->device));
    return core->sum.members < core->work.target ? STATUS_OK : STATUS_COHORT_FULL;
}

/* Is this chunk number `index` of the same update as the first, in its order? */
static enum status check_chunk(const struct sender *sender, const struct cose_encrypt0 *chunk, uint32_t index,
                               uint32_t count)
{
    const struct cose_encrypt0 *first = &sender->head;

    if (chunk->alg != first->alg || !view_equal(chunk->kid, first->kid) || !view_equal(chunk->sender, first->sender) ||
        !view_equal(chunk->chunk.transfer, first->chunk.transfer) || chunk->chunk.count != first->chunk.count ||
        chunk->chunk.total != first->chunk.total)
        return STATUS_CHUNK_MIXED;
    if (chunk->chunk.index < index)
        return STATUS_CHUNK_REPEATED;
    if (count < first->chunk.count)
        return STATUS_CHUNK_MISSING;
    return chunk->chunk.index == index ? STATUS_OK : STATUS_CHUNK_ORDER;
}

/* Opens all chunks, one behind the other, into core->plain. */
static enum status open_chunks(struct core *core, const struct gate_update *update, const struct sender *sender)
{
    struct reader chunks = reader_of(update->chunks);
    struct place place = core_place(core, update->device);

    place.round = update->round;
    core->plain.len = 0;
    if (sender->head.chunk.total > core->plain.cap)
        return STATUS_NO_SPACE;
    for (uint32_t i = 0; i < update->count; i++) {
        struct cose_encrypt0 chunk;
        TRY(cose_encrypt0_decode(read_bytes(&chunks, 1, PACKET_MAX), &chunk));
        TRY(check_chunk(sender, &chunk, i, update->count));
        TRY(bind_open0(PURPOSE_UPDATE, &place, buf_view(&sender->key_buf), &chunk, &core->plain));
    }
    return core->plain.len == sender->head.chunk.total ? STATUS_OK : STATUS_TRUNCATED;
}

static enum status check_update(const struct core *core, const struct update *update)
{
    if (update->round != core->round.number)
        return STATUS_WRONG_ROUND;
    if (!view_equal(update->boot_id, core->place.boot_id))
        return STATUS_CREDENTIAL_FOREIGN;
    if (!view_equal(update->base, VIEW_OF(core->model.digest)))
        return STATUS_WRONG_BASE;
    if (update->task != core->round.task)
        return STATUS_WRONG_TASK;
    if (update->samples == 0)
        return STATUS_NO_SAMPLES;
    if (update->samples > core->policy.max_samples || !accumulator_fits(&core->sum, update->samples))
        return STATUS_TOO_MANY_SAMPLES;
    for (uint32_t i = 0; i < update->metrics.count; i++)
        if (update->metrics.list[i].weight > core->policy.max_samples)
            return STATUS_TOO_MANY_SAMPLES;
    if (update->task == TASK_TRAIN && update->tensor_count != core->model.layout.count)
        return STATUS_WRONG_SHAPE;
    return STATUS_OK;
}

/* Walks the tensors of an update beside those of the model: first to check every value, then to add them. */
static enum status walk_tensors(struct core *core, const struct update *update, bool add)
{
    struct reader reader = reader_of(update->tensors);
    uint64_t first = 0;

    for (uint32_t i = 0; i < update->tensor_count; i++) {
        const struct model_tensor *tensor = &core->model.layout.tensors[i];
        struct tensor array = read_tensor(&reader, 0, MODEL_MAX_PARAMETERS);
        /* What does not read has no values. */
        if (array.count != tensor->elements)
            return STATUS_WRONG_SHAPE;
        if (add)
            accumulator_add(&core->sum, first, array.type, array.data, (uint32_t)update->samples);
        else
            TRY(accumulator_check(&core->sum, array.type, array.data));
        first += tensor->elements;
    }
    return STATUS_OK;
}

/* Digest over the chunk messages as they came, joined. */
static enum status digest_chunks(const struct gate_update *update, uint8_t out[static DIGEST_SIZE])
{
    struct reader reader = reader_of(update->chunks);
    struct view messages[CHUNKS_MAX];

    for (uint32_t i = 0; i < update->count; i++)
        messages[i] = read_bytes(&reader, 1, PACKET_MAX);
    return sha256_pieces(messages, update->count, out);
}

/* The order is the argument: may it be counted, is it theirs, what does it say, is every value good; and only then the
 * sum. After the first addition nothing can fail. */
static enum status count_update(struct core *core, const struct gate_update *sealed, const struct sender *sender,
                                struct view digest)
{
    struct counted counted = {sealed->device, sealed->round, digest};
    struct update update;

    TRY(may_count(core, sealed, sender));
    TRY(open_chunks(core, sealed, sender));
    TRY(update_decode(buf_view(&core->plain), &update));
    TRY(check_update(core, &update));
    TRY(walk_tensors(core, &update, false));
    TRY(tally_count(&core->tally, &counted));
    TRY(walk_tensors(core, &update, true));
    accumulator_count(&core->sum, (uint32_t)update.samples);
    tally_measure(&core->tally, &update.metrics);
    return STATUS_OK;
}

static enum status seal_receipt(const struct core *core, const struct gate_update *update, const struct sender *sender,
                                const struct receipt *receipt, struct buf *out)
{
    uint8_t payload[256], iv[AEAD_NONCE_MAX];
    struct buf payload_buf = BUF_OF(payload);
    struct place place = core_place(core, update->device);
    struct cose_encrypt0 head = {
        .alg = sender->head.alg,
        .kid = sender->head.kid,
        .iv = {iv, aead_nonce_size(sender->head.alg)},
    };

    TRY(core->ports.random.fill(core->ports.random.ctx, iv, sizeof iv));
    TRY(receipt_encode(receipt, &payload_buf));
    return bind_seal0(PURPOSE_RECEIPT, &place, buf_view(&sender->key_buf), &head, buf_view(&payload_buf), out);
}

enum status core_accept_update(struct core *core, const struct gate_update *update, struct buf *out)
{
    CLEANUP(sender_wipe) struct sender sender;
    uint8_t digest[DIGEST_SIZE], message[MESSAGE_MAX];
    struct buf message_buf = BUF_OF(message);
    struct gate_answer answer;

    memset(&sender, 0, sizeof sender);
    answer = (struct gate_answer){.reason = take_sender(core, update, &sender)};
    if (answer.reason == STATUS_OK) {
        struct receipt receipt = {.round = update->round, .transfer = sender.head.chunk.transfer};
        TRY(digest_chunks(update, digest));
        answer.reason = count_update(core, update, &sender, VIEW_OF(digest));
        wipe(core->plain.ptr, core->plain.len);
        receipt.reason = answer.reason;
        receipt.update_digest = VIEW_OF(digest);
        if (seal_receipt(core, update, &sender, &receipt, &message_buf) == STATUS_OK)
            answer.message = buf_view(&message_buf);
    }
    if (answer.reason != STATUS_OK) {
        core->refused[answer.reason]++;
        core->round.refused[answer.reason]++;
    }
    return gate_answer_encode(&answer, out);
}

/* bodies.c: the bodies of the gate's frames, each an array in the order of its struct; see gate.h. */
#include "gate.h"
#include "reader.h"
#include "revocation.h"
#include "values.h"
#include "writer.h"

#define LARGE ((size_t)UINT32_MAX)

/* A view that may be empty is written as a byte string, empty or not. */

enum status gate_boot_encode(const struct gate_boot *boot, struct buf *out)
{
    struct writer w = writer_to(out);

    write_array(&w, 6);
    write_uint(&w, boot->now);
    write_text(&w, boot->aggregator);
    write_bytes(&w, boot->owner_key);
    write_bytes(&w, boot->policy);
    write_bytes(&w, boot->state);
    write_bytes(&w, boot->revoked);
    return writer_end(&w);
}

enum status gate_boot_decode(struct view body, struct gate_boot *out)
{
    struct reader r = reader_of(body);
    struct gate_boot boot;

    read_array(&r, 6, 6);
    boot.now = read_uint(&r, 0, TIME_MAX);
    boot.aggregator = read_name(&r);
    boot.owner_key = read_bytes(&r, PUBLIC_KEY_SIZE, PUBLIC_KEY_SIZE);
    boot.policy = read_bytes(&r, 1, POLICY_MAX);
    boot.state = read_bytes(&r, 0, LARGE);
    boot.revoked = read_bytes(&r, 0, REVOCATIONS_SIGNED_MAX);
    read_close(&r);
    TRY(reader_end(&r));
    *out = boot;
    return STATUS_OK;
}

enum status gate_booted_encode(const struct gate_booted *booted, struct buf *out)
{
    struct writer w = writer_to(out);

    write_array(&w, 5);
    write_bytes(&w, booted->bundle);
    write_uint(&w, booted->max_body);
    write_uint(&w, booted->chunk_size);
    write_uint(&w, booted->max_packet);
    write_uint(&w, booted->restored);
    return writer_end(&w);
}

enum status gate_booted_decode(struct view body, struct gate_booted *out)
{
    struct reader r = reader_of(body);
    struct gate_booted booted;

    read_array(&r, 5, 5);
    booted.bundle = read_bytes(&r, 1, GATE_BODY_MAX);
    booted.max_body = read_uint(&r, 1, LARGE);
    booted.chunk_size = (uint32_t)read_uint(&r, 1, PACKET_MAX);
    booted.max_packet = (uint32_t)read_uint(&r, PACKET_MIN, PACKET_MAX);
    booted.restored = (enum status)read_uint(&r, 0, STATUS_LIMIT - 1);
    read_close(&r);
    TRY(reader_end(&r));
    *out = booted;
    return STATUS_OK;
}

enum status gate_number_encode(uint64_t number, struct buf *out)
{
    struct writer w = writer_to(out);

    write_uint(&w, number);
    return writer_end(&w);
}

enum status gate_number_decode(struct view body, uint64_t *out)
{
    struct reader r = reader_of(body);
    uint64_t number = read_uint(&r, 0, TIME_MAX);

    TRY(reader_end(&r));
    *out = number;
    return STATUS_OK;
}

enum status gate_message_encode(struct view message, struct buf *out)
{
    struct writer w = writer_to(out);

    write_bytes(&w, message);
    return writer_end(&w);
}

enum status gate_message_decode(struct view body, struct view *out)
{
    struct reader r = reader_of(body);
    struct view message = read_bytes(&r, 1, LARGE);

    TRY(reader_end(&r));
    *out = message;
    return STATUS_OK;
}

enum status gate_sealed_encode(const struct gate_sealed *sealed, struct buf *out)
{
    struct writer w = writer_to(out);

    write_array(&w, 3);
    write_uint(&w, sealed->now);
    write_text(&w, sealed->name);
    write_bytes(&w, sealed->message);
    return writer_end(&w);
}

enum status gate_sealed_decode(struct view body, struct gate_sealed *out)
{
    struct reader r = reader_of(body);
    struct gate_sealed sealed;

    read_array(&r, 3, 3);
    sealed.now = read_uint(&r, 0, TIME_MAX);
    sealed.name = read_text(&r, 1, NAME_MAX_LEN);
    sealed.message = read_bytes(&r, 0, LARGE);
    read_close(&r);
    TRY(reader_end(&r));
    *out = sealed;
    return STATUS_OK;
}

enum status gate_answer_encode(const struct gate_answer *answer, struct buf *out)
{
    struct writer w = writer_to(out);

    write_array(&w, 2);
    write_uint(&w, answer->reason);
    write_bytes(&w, answer->message);
    return writer_end(&w);
}

enum status gate_answer_decode(struct view body, struct gate_answer *out)
{
    struct reader r = reader_of(body);
    struct gate_answer answer;

    read_array(&r, 2, 2);
    answer.reason = (enum status)read_uint(&r, 0, STATUS_LIMIT - 1);
    answer.message = read_bytes(&r, 0, GATE_BODY_MAX);
    read_close(&r);
    TRY(reader_end(&r));
    *out = answer;
    return STATUS_OK;
}

enum status gate_update_encode(const struct gate_update *update, struct buf *out)
{
    struct writer w = writer_to(out);

    write_array(&w, 4);
    write_uint(&w, update->now);
    write_text(&w, update->device);
    write_uint(&w, update->round);
    write_array(&w, update->count);
    write_raw(&w, update->chunks);
    return writer_end(&w);
}

enum status gate_update_decode(struct view body, struct gate_update *out)
{
    struct reader r = reader_of(body);
    struct gate_update update;

    read_array(&r, 4, 4);
    update.now = read_uint(&r, 0, TIME_MAX);
    update.device = read_text(&r, 1, NAME_MAX_LEN);
    update.round = (uint32_t)read_uint(&r, 1, ROUND_MAX);
    update.count = read_array(&r, 1, CHUNKS_MAX);
    update.chunks = r.rest;
    for (uint32_t i = 0; i < update.count; i++)
        read_bytes(&r, 1, PACKET_MAX);
    update.chunks.len -= r.rest.len;
    read_close(&r);
    read_close(&r);
    TRY(reader_end(&r));
    *out = update;
    return STATUS_OK;
}

static void write_refusals(struct writer *w, const struct refusals *refusals)
{
    write_array(w, refusals->count);
    for (uint32_t i = 0; i < refusals->count; i++) {
        write_array(w, 2);
        write_uint(w, refusals->list[i].reason);
        write_uint(w, refusals->list[i].count);
    }
}

static void read_refusals(struct reader *r, struct refusals *out)
{
    out->count = read_array(r, 0, STATUS_LIMIT);
    for (uint32_t i = 0; i < out->count; i++) {
        read_array(r, 2, 2);
        out->list[i].reason = (enum status)read_uint(r, 0, STATUS_LIMIT - 1);
        out->list[i].count = read_uint(r, 0, UINT64_MAX);
        read_close(r);
    }
    read_close(r);
}

enum status gate_status_encode(const struct gate_status *status, struct buf *out)
{
    struct writer w = writer_to(out);

    write_array(&w, 14);
    write_uint(&w, status->phase);
    write_uint(&w, status->round);
    write_uint(&w, status->task);
    write_uint(&w, status->rounds_left);
    write_uint(&w, status->counted);
    write_uint(&w, status->target);
    write_uint(&w, status->minimum);
    write_uint(&w, status->deadline);
    write_uint(&w, status->enrolled);
    write_bool(&w, status->simulated);
    write_bytes(&w, status->model_digest);
    write_uint(&w, status->revocations);
    write_uint(&w, status->revoked);
    write_refusals(&w, &status->refusals);
    return writer_end(&w);
}

enum status gate_status_decode(struct view body, struct gate_status *out)
{
    struct reader r = reader_of(body);
    struct gate_status status;

    read_array(&r, 14, 14);
    status.phase = (enum gate_phase)read_uint(&r, GATE_NEW, GATE_ROUND);
    status.round = (uint32_t)read_uint(&r, 0, ROUND_MAX);
    status.task = (enum task)read_uint(&r, TASK_NONE, TASK_EVALUATE);
    status.rounds_left = (uint32_t)read_uint(&r, 0, UINT32_MAX);
    status.counted = (uint32_t)read_uint(&r, 0, UINT32_MAX);
    status.target = (uint32_t)read_uint(&r, 0, UINT32_MAX);
    status.minimum = (uint32_t)read_uint(&r, 0, UINT32_MAX);
    status.deadline = read_uint(&r, 0, UINT64_MAX);
    status.enrolled = read_uint(&r, 0, UINT64_MAX);
    status.simulated = read_bool(&r);
    status.model_digest = read_bytes(&r, 0, DIGEST_SIZE);
    status.revocations = read_uint(&r, 0, REVOCATIONS_VERSION_MAX);
    status.revoked = (uint32_t)read_uint(&r, 0, REVOCATIONS_MAX);
    read_refusals(&r, &status.refusals);
    read_close(&r);
    TRY(reader_end(&r));
    *out = status;
    return STATUS_OK;
}

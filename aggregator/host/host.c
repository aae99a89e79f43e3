/* host.c: what comes in, and to whom it goes; see host.h. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "host_private.h"
#include "keep.h"
#include "owner.h"

enum status host_gate(struct host *host, enum gate_call call, const struct view *pieces, size_t count,
                      struct view *response)
{
    enum status status = host->ports.gate(host->ports.ctx, call, pieces, count, response);

    if (status == STATUS_NO_CONNECTION) {
        host->enclave_gone = true;
        host->booted = false;
    }
    return status;
}

enum status host_gate_number(struct host *host, enum gate_call call, uint64_t number, struct view *message)
{
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);
    struct view piece, response;

    TRY(gate_number_encode(number, &body));
    piece = buf_view(&body);
    TRY(host_gate(host, call, &piece, 1, &response));
    return gate_message_decode(response, message);
}

void host_send(struct host *host, enum topic_kind kind, const struct topic *names, struct view payload)
{
    uint8_t text[TOPIC_MAX];
    struct buf topic = BUF_OF(text);
    enum status status = topic_format(kind, names, &topic);

    if (status == STATUS_OK)
        status = host->ports.publish(host->ports.ctx, (const char *)text, payload, false);
    if (status != STATUS_OK)
        log_event(host->ports.log, LOG_LEVEL_WARN, "message_dropped", "%.*s: %s", (int)topic.len, (const char *)text,
                  status_text(status));
}

/* Names of this aggregator with a device's filled in. */
static struct topic for_device(const struct host *host, struct view device)
{
    struct topic names = host->names;

    names.device = device;
    return names;
}

static void refuse(struct host *host, enum status why, struct view name)
{
    host->refused[why]++;
    log_event(host->ports.log, LOG_LEVEL_WARN, "refused", "%.*s: %s", (int)name.len, (const char *)name.ptr,
              status_text(why));
}

void host_send_need(void *ctx, struct view name, const struct need *need)
{
    struct host *host = ctx;
    uint8_t bytes[CHUNKS_MAX / 8 + 64];
    struct buf message = BUF_OF(bytes);
    struct topic names = for_device(host, need->round == 0 ? host->settings.owner : name);

    if (need_encode(need, &message) == STATUS_OK)
        host_send(host, TOPIC_NEED, &names, buf_view(&message));
}

void host_send_answer(void *ctx, struct view name, uint32_t round, struct view answer)
{
    struct host *host = ctx;
    struct topic names = for_device(host, name);

    if (answer.len == 0)
        return;
    names.request = name;
    host_send(host, round == 0 ? TOPIC_ANSWER : TOPIC_RECEIPT, &names, answer);
}

/* The head of a byte string of len bytes, so that chunks go over the gate without being copied together. */
static struct view bytes_head(size_t len, uint8_t out[static 9])
{
    struct buf buf = {.ptr = out, .cap = 9};
    struct writer writer = writer_to(&buf);

    write_bytes_head(&writer, len);
    return buf_view(&buf);
}

/* A whole update: its body is the encoding without the chunks, then each chunk behind its head. */
static enum status gate_update(struct host *host, const struct whole *whole, struct gate_answer *answer)
{
    size_t count = 1 + 2 * (size_t)whole->count;
    struct view *pieces = calloc(count, sizeof *pieces), response;
    uint8_t(*heads)[9] = calloc(whole->count, sizeof *heads);
    uint8_t start[256];
    struct buf start_buf = BUF_OF(start);
    struct gate_update update = {.now = host->now, .device = whole->name, .round = whole->round, .count = whole->count};
    enum status status = STATUS_NO_SPACE;

    if (pieces != NULL && heads != NULL)
        status = gate_update_encode(&update, &start_buf);
    if (status == STATUS_OK) {
        pieces[0] = buf_view(&start_buf);
        for (uint32_t i = 0; i < whole->count; i++) {
            pieces[1 + 2 * i] = bytes_head(whole->chunks[i].len, heads[i]);
            pieces[2 + 2 * i] = whole->chunks[i];
        }
        status = host_gate(host, GATE_UPDATE, pieces, count, &response);
    }
    if (status == STATUS_OK)
        status = gate_answer_decode(response, answer);
    free(pieces);
    free(heads);
    return status;
}

/* An owner's request or an enrolment: one sealed message, perhaps in pieces. */
static enum status gate_sealed(struct host *host, enum gate_call call, struct view name, const struct view *chunks,
                               uint32_t count, struct gate_answer *answer)
{
    uint8_t start[256];
    struct buf start_buf = BUF_OF(start);
    struct writer writer = writer_to(&start_buf);
    struct view *pieces = calloc((size_t)count + 1, sizeof *pieces), response;
    size_t len = 0;
    enum status status = STATUS_NO_SPACE;

    for (uint32_t i = 0; i < count; i++)
        len += chunks[i].len;
    write_array(&writer, 3);
    write_uint(&writer, host->now);
    write_text(&writer, name);
    write_bytes_head(&writer, len);
    if (pieces != NULL)
        status = writer_end(&writer);
    if (status == STATUS_OK) {
        pieces[0] = buf_view(&start_buf);
        memcpy(pieces + 1, chunks, count * sizeof *chunks);
        status = host_gate(host, call, pieces, (size_t)count + 1, &response);
    }
    if (status == STATUS_OK)
        status = gate_answer_decode(response, answer);
    free(pieces);
    return status;
}

static void take_whole_update(struct host *host, const struct whole *whole)
{
    struct gate_answer answer;
    enum status status = gate_update(host, whole, &answer);

    if (status != STATUS_OK) {
        refuse(host, status, whole->name);
        assembly_finish(host->assembly, whole, (struct view){NULL, 0});
        return;
    }
    log_event(host->ports.log, LOG_LEVEL_DEBUG, "update", "%.*s round %u: %s", (int)whole->name.len,
              (const char *)whole->name.ptr, whole->round, status_name(answer.reason));
    if (answer.reason == STATUS_OK && (status = proofs_count(&host->proofs, whole)) != STATUS_OK)
        log_event(host->ports.log, LOG_LEVEL_WARN, "proofs_lost", "round %u: %s", whole->round, status_text(status));
    host_send_answer(host, whole->name, whole->round, answer.message);
    assembly_finish(host->assembly, whole, answer.message);
}

/* Whether the enclave holds anything now that its next boot should, compared with before the request. */
static bool is_worth_keeping(const struct host *host, const struct gate_status *now)
{
    const struct gate_status *before = &host->status;

    return now->phase != GATE_EMPTY &&
           (now->revocations != host->revocations_kept || !view_equal(now->model_digest, before->model_digest) ||
            now->rounds_left != before->rounds_left || now->target != before->target);
}

/* A request may have put a model, a plan or a list of revocations into the enclave: what it holds is kept for its next
 * boot. False while its list is not: then the owner must not take it for in force, for a crash would undo it. */
static bool keep_what_came(struct host *host)
{
    struct gate_status status;
    struct view response;

    if (host_gate(host, GATE_STATUS, NULL, 0, &response) != STATUS_OK ||
        gate_status_decode(response, &status) != STATUS_OK)
        return false;
    if (is_worth_keeping(host, &status))
        keep_state(host, status.revocations);
    return host_keep_revocations(host, status.revocations) == STATUS_OK;
}

static void take_whole_request(struct host *host, const struct whole *whole)
{
    struct gate_answer answer;
    struct kept message = {NULL, 0};
    enum status status = gate_sealed(host, GATE_OWNER, whole->name, whole->chunks, whole->count, &answer);

    if (status == STATUS_OK)
        status = kept_set(&message, answer.message);
    if (status != STATUS_OK) {
        refuse(host, status, whole->name);
        assembly_finish(host->assembly, whole, (struct view){NULL, 0});
        return;
    }
    log_event(host->ports.log, LOG_LEVEL_INFO, "owner_request", "%.*s: %s", (int)whole->name.len,
              (const char *)whole->name.ptr, status_name(answer.reason));
    if (answer.reason == STATUS_OK && !keep_what_came(host))
        kept_clear(&message); /* unanswered, the owner asks again */
    host_send_answer(host, whole->name, 0, kept_view(&message));
    assembly_finish(host->assembly, whole, kept_view(&message));
    kept_clear(&message);
}

void host_take_whole(void *ctx, const struct whole *whole)
{
    if (whole->round == 0)
        take_whole_request(ctx, whole);
    else
        take_whole_update(ctx, whole);
}

/* A device asks where its update stands under a record's root. What is not there was too late, or is too long ago. */
static enum status take_proof_request(struct host *host, const struct topic *topic, struct view payload)
{
    uint8_t bytes[MESSAGE_MAX];
    struct buf message = BUF_OF(bytes);
    struct topic names = for_device(host, topic->device);
    struct proof_request request;
    struct proof proof;
    enum status status;

    TRY(proof_request_decode(payload, &request));
    if (request.round != topic->round)
        return STATUS_WRONG_ROUND;
    status = proofs_find(&host->proofs, &request, &proof);
    if (status == STATUS_NOT_FOUND) {
        host->refused[status]++;
        log_event(host->ports.log, LOG_LEVEL_DEBUG, "no_proof", "%.*s round %u", (int)topic->device.len,
                  (const char *)topic->device.ptr, topic->round);
        return STATUS_OK;
    }
    TRY(status);
    TRY(proof_encode(&proof, &message));
    host_send(host, TOPIC_RECEIPT, &names, buf_view(&message));
    return STATUS_OK;
}

/* A chunk of an update: its numbers stand in the protected header, which the enclave will verify. */
static enum status take_update_chunk(struct host *host, const struct topic *topic, struct view payload)
{
    struct cose_encrypt0 parts;
    struct chunk chunk = {.name = topic->device, .round = topic->round, .message = payload};

    if (topic->chunk == 0 && proof_looks_like(payload))
        return take_proof_request(host, topic, payload);
    TRY(cose_encrypt0_decode(payload, &parts));
    if (parts.chunk.transfer.len != TRANSFER_SIZE || parts.chunk.index != topic->chunk)
        return STATUS_MALFORMED;
    chunk.transfer = parts.chunk.transfer;
    chunk.index = parts.chunk.index;
    chunk.count = parts.chunk.count;
    chunk.total = parts.chunk.total;
    return assembly_take(host->assembly, &chunk, host->now);
}

static enum status take_fragment(struct host *host, const struct topic *topic, struct view payload)
{
    struct fragment fragment;
    struct chunk chunk = {.name = topic->request, .round = 0};

    TRY(fragment_decode(payload, &fragment));
    if (fragment.index != topic->chunk)
        return STATUS_MALFORMED;
    chunk.transfer = fragment.transfer;
    chunk.index = fragment.index;
    chunk.count = fragment.count;
    chunk.total = fragment.total;
    chunk.message = fragment.piece;
    return assembly_take(host->assembly, &chunk, host->now);
}

static enum status take_enrolment(struct host *host, const struct topic *topic, struct view payload)
{
    struct topic names = for_device(host, topic->device);
    struct gate_answer answer;

    TRY(gate_sealed(host, GATE_ENROL, topic->device, &payload, 1, &answer));
    log_event(host->ports.log, answer.reason == STATUS_OK ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "enrolment", "%.*s: %s",
              (int)topic->device.len, (const char *)topic->device.ptr, status_name(answer.reason));
    if (answer.message.len > 0)
        host_send(host, TOPIC_CREDENTIAL, &names, answer.message);
    return STATUS_OK;
}

/* What is done with a message of each kind; kinds without a row are not for us. */
static enum status (*const take[TOPIC_KINDS])(struct host *, const struct topic *, struct view) = {
    [TOPIC_UPDATE] = take_update_chunk,
    [TOPIC_OWNER] = take_fragment,
    [TOPIC_ENROL] = take_enrolment,
};

static enum status outcome(const struct host *host)
{
    return host->enclave_gone ? STATUS_NO_CONNECTION : STATUS_OK;
}

enum status host_message(struct host *host, const char *text, struct view payload, uint64_t now)
{
    struct topic topic;
    enum status status = topic_parse(view_of_string(text), &topic);

    host->now = now > host->now ? now : host->now;
    if (!host->booted)
        return outcome(host);
    if (status != STATUS_OK || take[topic.kind] == NULL || !view_equal(topic.federation, host->names.federation) ||
        !view_equal(topic.aggregator, host->names.aggregator))
        return STATUS_OK;
    if (payload.len == 0 || payload.len > host->limits.max_packet)
        status = payload.len == 0 ? STATUS_TRUNCATED : STATUS_NO_SPACE;
    else
        status = take[topic.kind](host, &topic, payload);
    if (status != STATUS_OK && status != STATUS_NO_CONNECTION)
        refuse(host, status, view_of_string(text));
    rounds_go_on(host);
    return outcome(host);
}

/* The clock was set back for good. The enclave's time only moves forward, so what it signs would come from the future
 * and be refused: a new boot begins with the right time. */
static bool clock_was_ahead(struct host *host, uint64_t now)
{
    host->behind = now + HOST_CLOCK_SLACK_S < host->now ? host->behind + 1 : 0;
    if (host->behind < HOST_CLOCK_BACK_TICKS)
        return false;
    log_event(host->ports.log, LOG_LEVEL_WARN, "clock_set_back", "by %llu s: the enclave starts again",
              (unsigned long long)(host->now - now));
    host->behind = 0;
    host->now = now;
    host->status_due = host->collateral_due = host->keep_due = 0; /* the rest begins anew at the boot */
    host->booted = false;
    host->enclave_gone = true;
    return true;
}

enum status host_tick(struct host *host, uint64_t now)
{
    if (clock_was_ahead(host, now))
        return outcome(host);
    host->now = now > host->now ? now : host->now;
    if (!host->booted)
        return outcome(host);
    endorse_go_on(host);
    renew_go_on(host);
    assembly_tick(host->assembly, host->now);
    if (host_keep_revocations(host, host->revocations_held) == STATUS_OK && host->state_unkept)
        keep_state(host, host->status.revocations);
    if (host->now >= host->status_due) {
        host->status_due = host->now + HOST_STATUS_EVERY_S;
        announce(host, ANNOUNCE_STATUS);
    }
    rounds_go_on(host);
    return outcome(host);
}

enum status host_reload(struct host *host, uint64_t now)
{
    host->collateral_due = 0;
    return host_tick(host, now);
}

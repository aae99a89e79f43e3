/* member.c: a device's side: enrols, seals updates; see federation.h. */
#include <stdlib.h>
#include <string.h>

#include "credential.h"
#include "federation_private.h"
#include "sim.h"
#include "tensor.h"

static void make_evidence(struct federation *federation, const struct enrol_draft *draft,
                          const uint8_t report_data[static SHA512_SIZE], struct buf *out)
{
    const struct sim_evidence evidence = {
        .federation = draft->federation_in_evidence,
        .expires = draft->expires,
        .issued = draft->issued,
        .nonce = {report_data, SHA512_SIZE},
        .measurement = VIEW_OF(draft->measurement),
    };

    must(sim_attest(&evidence, &draft->root, &federation->random, out), "evidence");
}

static void seal_enrolment(struct federation *federation, struct enrol_draft *draft, const struct place *place,
                           struct buf *out)
{
    uint8_t claims[1024], evidence[1024], plain[MESSAGE_MAX], report_data[SHA512_SIZE];
    struct buf claims_buf = BUF_OF(claims), evidence_buf = BUF_OF(evidence), plain_buf = BUF_OF(plain);
    struct enrol_request request = {.kind = VIEW_TEXT(SIM_KIND)};

    must(device_claims_encode(&draft->claims, &claims_buf), "claims");
    must(sha512(buf_view(&claims_buf), report_data), "report data");
    if (draft->other_report_data)
        report_data[0] ^= 1;
    make_evidence(federation, draft, report_data, &evidence_buf);
    request.evidence = buf_view(&evidence_buf);
    if (draft->show != NULL)
        draft->show(report_data, &request);
    if (draft->after != NULL) {
        draft->after(draft);
        claims_buf.len = 0;
        must(device_claims_encode(&draft->claims, &claims_buf), "claims");
    }
    request.claims = buf_view(&claims_buf);
    must(enrol_request_encode(&request, &plain_buf), "enrol request");
    must(bind_seal(PURPOSE_ENROL, place, VIEW_OF(federation->sealing_point), &federation->random, buf_view(&plain_buf),
                   out),
         "enrol request");
}

static enum status take_answer(struct federation *federation, struct member *member, const struct place *place,
                               struct view message)
{
    uint8_t plain[MESSAGE_MAX];
    struct buf plain_buf = BUF_OF(plain);
    struct view payload;
    struct enrol_answer answer;
    struct credential credential;

    must(bind_open(PURPOSE_ENROL_ANSWER, place, &member->key, &federation->random, message, &plain_buf), "answer");
    must(bind_verify(PURPOSE_ENROL_ANSWER, place, VIEW_OF(federation->signing_point), buf_view(&plain_buf), &payload),
         "answer");
    must(enrol_answer_decode(payload, &answer), "answer");
    if (answer.reason != STATUS_OK)
        return answer.reason;
    must(credential_check(answer.credential, VIEW_OF(federation->signing_point), place, federation->now, &credential),
         "credential");
    memcpy(member->cti, credential.cti.ptr, sizeof member->cti);
    memcpy(member->update_key, answer.update_key.ptr, answer.update_key.len);
    memcpy(member->model_key, answer.model_key.ptr, answer.model_key.len);
    memcpy(member->credential, answer.credential.ptr, answer.credential.len);
    member->credential_len = answer.credential.len;
    member->expires = credential.expires;
    memcpy(member->identity, credential.identity.ptr, sizeof member->identity);
    return STATUS_OK;
}

enum status member_take_answer(struct federation *federation, struct member *member, struct view message)
{
    const struct place place = place_of(federation, view_of_string(member->name));

    return take_answer(federation, member, &place, message);
}

struct gate_answer federation_replay_enrol(struct federation *federation)
{
    struct gate_answer answer;

    must(federation_call(federation, GATE_ENROL, buf_view(&federation->enrol_body)), "enrol call");
    must(gate_answer_decode(buf_view(&federation->response), &answer), "answer");
    return answer;
}

enum status federation_open_enrolment(struct federation *federation, const char *device, const struct p256_key *key,
                                      struct view message, struct buf *out)
{
    const struct place place = place_of(federation, view_of_string(device));

    return bind_open(PURPOSE_ENROL_ANSWER, &place, key, &federation->random, message, out);
}

static void begin_draft(struct federation *federation, struct member *member, struct enrol_draft *draft)
{
    struct buf key_buf = BUF_OF(draft->claims_key);

    must(p256_generate(&federation->random, &member->key), "device key");
    must(cose_key_encode(VIEW_OF(member->key.point), &key_buf), "device key");
    memcpy(draft->measurement, federation->device_measurement, sizeof draft->measurement);
    draft->root = federation->root;
    draft->federation_in_evidence = draft->place_federation = VIEW_TEXT("fed");
    draft->place_aggregator = VIEW_TEXT("agg");
    draft->issued = federation->now;
    draft->expires = federation->now + 600;
    draft->claims = (struct device_claims){
        .federation = VIEW_TEXT("fed"),
        .aggregator = VIEW_TEXT("agg"),
        .device = view_of_string(member->name),
        .challenge = VIEW_OF(federation->challenge),
        .key = VIEW_OF(draft->claims_key),
        .policy_digest = VIEW_OF(federation->policy_digest),
        .role = ROLE_DEVICE,
        .alg = member->alg,
    };
}

/* draft: zeros; then what was asked for. */
static void ask(struct federation *federation, struct member *member, const char *name, enrol_tamper *tamper, void *ctx,
                struct enrol_draft *draft)
{
    uint8_t sealed_bytes[MESSAGE_MAX];
    struct buf sealed_buf = BUF_OF(sealed_bytes), *body = &federation->enrol_body;
    struct gate_sealed sealed;
    struct place place;

    if (member->alg == 0)
        member->alg = AEAD_A256GCM;
    strncpy(member->name, name, sizeof member->name - 1);
    begin_draft(federation, member, draft);
    if (tamper != NULL)
        tamper(draft, ctx);
    place = place_of(federation, view_of_string(draft->topic_name != NULL ? draft->topic_name : member->name));
    place.federation = draft->place_federation;
    place.aggregator = draft->place_aggregator;
    seal_enrolment(federation, draft, &place, &sealed_buf);
    sealed = (struct gate_sealed){federation->now, place.device, buf_view(&sealed_buf)};
    free(body->ptr);
    *body = (struct buf){.ptr = malloc(MESSAGE_MAX + 256), .cap = MESSAGE_MAX + 256};
    must(gate_sealed_encode(&sealed, body), "body");
}

void member_ask(struct federation *federation, struct member *member, const char *name, enrol_tamper *tamper, void *ctx)
{
    struct enrol_draft draft = {.topic_name = NULL};

    ask(federation, member, name, tamper, ctx, &draft);
}

enum status member_enrol(struct federation *federation, struct member *member, const char *name, enrol_tamper *tamper,
                         void *ctx)
{
    struct enrol_draft draft = {.topic_name = NULL};
    struct gate_answer answer;
    struct place place;

    ask(federation, member, name, tamper, ctx, &draft);
    answer = federation_replay_enrol(federation);
    if (answer.message.len == 0)
        return answer.reason;
    place = place_of(federation, draft.claims.device);
    return take_answer(federation, member, &place, answer.message);
}

struct update_draft *member_draft(struct federation *federation, const float *values, uint32_t count, uint32_t samples)
{
    struct update_draft *draft = calloc(1, sizeof *draft);
    struct buf tensors = BUF_OF(draft->tensors);
    struct writer writer = writer_to(&tensors);

    write_tensor_head(&writer, TENSOR_F32, count);
    must(writer_end(&writer), "tensor");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        write_le32(tensors.ptr + tensors.len, bits);
        tensors.len += 4;
    }
    draft->update = (struct update){
        .round = federation->manifest.round,
        .base = federation->manifest.base,
        .boot_id = federation->manifest.boot_id,
        .task = TASK_TRAIN,
        .samples = samples,
        .tensor_count = 1,
        .tensors = buf_view(&tensors),
        .metrics = {.count = 1, .list = {{VIEW_TEXT("accuracy"), 900000, samples ? samples : 1}}},
    };
    draft->topic_round = federation->manifest.round;
    must(federation->random.fill(federation->random.ctx, draft->transfer, sizeof draft->transfer), "transfer");
    memcpy(draft->boot_id_in_sender, federation->boot_id, sizeof draft->boot_id_in_sender);
    draft->role_in_sender = ROLE_DEVICE;
    draft->chunk_size = federation->manifest.chunk_size;
    return draft;
}

void draft_free(struct update_draft *draft)
{
    for (uint32_t i = 0; i < DRAFT_CHUNKS; i++)
        free(draft->chunks[i].ptr);
    free(draft);
}

static void seal_chunk(struct federation *federation, const struct member *member, struct update_draft *draft,
                       const struct cose_encrypt0 *common, struct view piece)
{
    struct place place = place_of(federation, view_of_string(member->name));
    struct cose_encrypt0 head = *common;
    struct buf *chunk = &draft->chunks[draft->count];
    uint8_t iv[AEAD_NONCE_MAX];

    must(federation->random.fill(federation->random.ctx, iv, sizeof iv), "iv");
    place.round = draft->topic_round;
    head.iv = (struct view){iv, aead_nonce_size(member->alg)};
    head.chunk.index = draft->count++;
    *chunk = (struct buf){.ptr = malloc(piece.len + COSE_OVERHEAD_MAX), .cap = piece.len + COSE_OVERHEAD_MAX};
    must(bind_seal0(PURPOSE_UPDATE, &place, (struct view){member->update_key, aead_key_size(member->alg)}, &head, piece,
                    chunk),
         "seal chunk");
}

void member_seal(struct federation *federation, const struct member *member, struct update_draft *draft,
                 struct view plain)
{
    static uint8_t encoded[1 << 17];
    struct buf encoded_buf = BUF_OF(encoded);
    uint8_t sender[128];
    struct buf sender_buf = BUF_OF(sender);
    struct update_sender said = {
        .identity = draft->other_identity ? VIEW_OF(draft->identity_in_sender) : VIEW_OF(member->identity),
        .boot_id = VIEW_OF(draft->boot_id_in_sender),
        .role = draft->role_in_sender,
        .expires = draft->expires_in_sender ? draft->expires_in_sender : member->expires,
    };
    struct cose_encrypt0 head = {.alg = member->alg, .kid = VIEW_OF(member->cti)};

    if (plain.len == 0) {
        must(update_encode(&draft->update, &encoded_buf), "update");
        plain = buf_view(&encoded_buf);
    }
    must(update_sender_encode(&said, &sender_buf), "sender");
    head.sender = buf_view(&sender_buf);
    head.chunk = (struct cose_chunk){.transfer = VIEW_OF(draft->transfer), .total = plain.len};
    head.chunk.count = (uint32_t)chunks_of(plain.len, draft->chunk_size);
    for (size_t at = 0; at < plain.len || at == 0; at += draft->chunk_size) {
        size_t len = plain.len - at < draft->chunk_size ? plain.len - at : draft->chunk_size;
        seal_chunk(federation, member, draft, &head, (struct view){plain.ptr + at, len});
    }
}

static void open_receipt(struct federation *federation, const struct member *member, struct view message,
                         struct receipt *receipt)
{
    static uint8_t plain[512];
    struct buf plain_buf = BUF_OF(plain);
    struct place place = place_of(federation, view_of_string(member->name));
    struct cose_encrypt0 parts;

    must(cose_encrypt0_decode(message, &parts), "receipt");
    if (bind_open0(PURPOSE_RECEIPT, &place, (struct view){member->update_key, aead_key_size(member->alg)}, &parts,
                   &plain_buf) == STATUS_OK)
        must(receipt_decode(buf_view(&plain_buf), receipt), "receipt");
}

void draft_body(const struct federation *federation, const struct member *member, const struct update_draft *draft,
                struct buf *body)
{
    size_t room = 1024;
    struct buf chunks;
    struct writer writer;
    struct gate_update update = {
        .now = federation->now,
        .device = view_of_string(member->name),
        .round = draft->topic_round,
        .count = draft->count,
    };

    for (uint32_t i = 0; i < draft->count; i++)
        room += draft->chunks[i].len + 16;
    chunks = (struct buf){.ptr = malloc(room), .cap = room};
    *body = (struct buf){.ptr = malloc(room), .cap = room};
    writer = writer_to(&chunks);
    for (uint32_t i = 0; i < draft->count; i++)
        write_bytes(&writer, buf_view(&draft->chunks[i]));
    must(writer_end(&writer), "chunks");
    update.chunks = buf_view(&chunks);
    must(gate_update_encode(&update, body), "body");
    free(chunks.ptr);
}

enum status member_send(struct federation *federation, const struct member *member, const struct update_draft *draft,
                        struct receipt *receipt)
{
    struct buf body;
    struct gate_answer answer;
    struct receipt opened = {.round = 0};

    draft_body(federation, member, draft, &body);
    must(federation_call(federation, GATE_UPDATE, buf_view(&body)), "update call");
    free(body.ptr);
    must(gate_answer_decode(buf_view(&federation->response), &answer), "answer");
    if (answer.message.len > 0)
        open_receipt(federation, member, answer.message, &opened);
    if (receipt != NULL)
        *receipt = opened;
    return answer.reason;
}

enum status member_update(struct federation *federation, const struct member *member, const float *values,
                          uint32_t count, uint32_t samples)
{
    struct update_draft *draft = member_draft(federation, values, count, samples);
    enum status status;

    member_seal(federation, member, draft, (struct view){NULL, 0});
    status = member_send(federation, member, draft, NULL);
    draft_free(draft);
    return status;
}

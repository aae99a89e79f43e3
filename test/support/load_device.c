/* load_device.c: the devices of a load; see load.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "credential.h"
#include "federation_private.h"
#include "load_private.h"
#include "sim.h"
#include "tensor.h"

#define SAMPLES 100

static void name_device(struct load *load, uint32_t device)
{
    snprintf(load->members[device].name, sizeof load->members[device].name, "device-%u", device);
}

/* What a device sends under its claims: evidence of a simulated TEE that binds them. */
static void make_evidence(struct load *load, struct view claims, struct buf *out)
{
    uint8_t report_data[SHA512_SIZE];
    struct sim_evidence evidence = {
        .federation = VIEW_TEXT("fed"),
        .expires = FEDERATION_NOW + 600,
        .issued = FEDERATION_NOW,
        .nonce = VIEW_OF(report_data),
        .measurement = VIEW_OF(load->measurement),
    };

    must(sha512(claims, report_data), "report data");
    must(sim_attest(&evidence, &load->root, &load->random, out), "evidence");
}

struct buf load_enrolment(struct load *load, uint32_t device)
{
    uint8_t key[PUBLIC_KEY_SIZE], claims[1024], evidence[1024], plain[MESSAGE_MAX], sealed[MESSAGE_MAX];
    struct buf key_buf = BUF_OF(key), claims_buf = BUF_OF(claims), evidence_buf = BUF_OF(evidence);
    struct buf plain_buf = BUF_OF(plain), sealed_buf = BUF_OF(sealed), body = bench_room(2 * MESSAGE_MAX);
    struct enrol_request request = {.kind = VIEW_TEXT(SIM_KIND)};
    struct device_claims said = {
        .federation = VIEW_TEXT("fed"),
        .aggregator = VIEW_TEXT("agg"),
        .challenge = VIEW_OF(load->challenge),
        .key = VIEW_OF(key),
        .policy_digest = VIEW_OF(load->policy_digest),
        .role = ROLE_DEVICE,
        .alg = AEAD_A256GCM,
    };
    struct place place;

    name_device(load, device);
    said.device = view_of_string(load->members[device].name);
    place = load_place(load, said.device);
    must(cose_key_encode(VIEW_OF(load->device.point), &key_buf), "key");
    must(device_claims_encode(&said, &claims_buf), "claims");
    make_evidence(load, buf_view(&claims_buf), &evidence_buf);
    request.claims = buf_view(&claims_buf);
    request.evidence = buf_view(&evidence_buf);
    must(enrol_request_encode(&request, &plain_buf), "enrolment");
    must(bind_seal(PURPOSE_ENROL, &place, VIEW_OF(load->sealing_point), &load->random, buf_view(&plain_buf),
                   &sealed_buf),
         "enrolment");
    must(gate_sealed_encode(&(struct gate_sealed){FEDERATION_NOW, said.device, buf_view(&sealed_buf)}, &body),
         "enrolment");
    return body;
}

static void take_answer(struct load *load, struct load_device *member, struct view message)
{
    uint8_t plain[MESSAGE_MAX];
    struct buf plain_buf = BUF_OF(plain);
    struct place place = load_place(load, view_of_string(member->name));
    struct cose_sign1 parts;
    struct enrol_answer answer;
    struct credential credential;

    must(bind_open(PURPOSE_ENROL_ANSWER, &place, &load->device, &load->random, message, &plain_buf), "answer");
    must(cose_sign1_decode(buf_view(&plain_buf), &parts), "answer");
    must(enrol_answer_decode(parts.payload, &answer), "answer");
    must(answer.reason, "enrolment");
    must(credential_check(answer.credential, VIEW_OF(load->signing_point), &place, FEDERATION_NOW, &credential),
         "credential");
    memcpy(member->cti, credential.cti.ptr, sizeof member->cti);
    memcpy(member->update_key, answer.update_key.ptr, sizeof member->update_key);
    member->expires = credential.expires;
    memcpy(member->identity, credential.identity.ptr, sizeof member->identity);
}

void load_enrol(struct load *load)
{
    struct buf body = load_enrolment(load, load->enrolled);
    struct gate_answer answer;

    must(gate_answer_decode(load_call(load, GATE_ENROL, buf_view(&body)), &answer), "answer");
    must(answer.reason, "enrolment");
    take_answer(load, &load->members[load->enrolled++], answer.message);
    free(body.ptr);
}

struct buf load_plain(struct load *load)
{
    struct buf tensors = bench_room(4 * (size_t)load->parameters + 16), plain;
    struct writer writer = writer_to(&tensors);
    struct update update = {
        .round = load->round,
        .base = VIEW_OF(load->base),
        .boot_id = VIEW_OF(load->boot_id),
        .task = TASK_TRAIN,
        .samples = SAMPLES,
        .tensor_count = 1,
        .metrics = {.count = 1, .list = {{VIEW_TEXT("accuracy"), 900000, SAMPLES}}},
    };

    write_tensor_head(&writer, TENSOR_F32, load->parameters);
    must(writer_end(&writer), "tensor");
    for (uint64_t i = 0; i < load->parameters; i++, tensors.len += 4) {
        float value = (float)((double)(i % 2001) * 1e-5 - 0.01);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        write_le32(tensors.ptr + tensors.len, bits);
    }
    update.tensors = buf_view(&tensors);
    plain = bench_room(update_encoded_max(load->parameters, 1));
    must(update_encode(&update, &plain), "update");
    free(tensors.ptr);
    return plain;
}

/* Seals the pieces of a plaintext into encoded chunk messages, one after the other. */
static struct buf seal_chunks(struct load *load, const struct load_device *member, struct view plain,
                              struct cose_encrypt0 *head, size_t *wire)
{
    struct buf chunks = bench_room(plain.len + head->chunk.count * (COSE_OVERHEAD_MAX + 9));
    struct buf message = bench_room(load->chunk_size + COSE_OVERHEAD_MAX);
    struct place place = load_place(load, view_of_string(member->name));
    struct writer writer = writer_to(&chunks);
    uint8_t iv[AEAD_NONCE_MAX];

    *wire = 0;
    head->iv = (struct view){iv, aead_nonce_size(AEAD_A256GCM)};
    for (uint32_t i = 0; i < head->chunk.count; i++) {
        size_t at = (size_t)i * load->chunk_size, left = plain.len - at;
        struct view piece = {plain.ptr + at, left < load->chunk_size ? left : load->chunk_size};
        head->chunk.index = i;
        message.len = 0;
        must(load->random.fill(load->random.ctx, iv, sizeof iv), "iv");
        must(bind_seal0(PURPOSE_UPDATE, &place, VIEW_OF(member->update_key), head, piece, &message), "chunk");
        write_bytes(&writer, buf_view(&message));
        *wire += message.len;
    }
    must(writer_end(&writer), "chunks");
    free(message.ptr);
    return chunks;
}

struct buf load_sealed(struct load *load, uint32_t device, struct view plain, size_t *wire)
{
    const struct load_device *member = &load->members[device];
    uint8_t said[128], transfer[TRANSFER_SIZE] = {1};
    struct buf said_buf = BUF_OF(said), chunks, body;
    struct update_sender sender = {VIEW_OF(load->boot_id), ROLE_DEVICE, member->expires, VIEW_OF(member->identity)};
    struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .kid = VIEW_OF(member->cti)};
    struct gate_update update = {FEDERATION_NOW, view_of_string(member->name), load->round, 0, {NULL, 0}};

    must(update_sender_encode(&sender, &said_buf), "sender");
    head.sender = buf_view(&said_buf);
    update.count = (uint32_t)chunks_of(plain.len, load->chunk_size);
    head.chunk = (struct cose_chunk){VIEW_OF(transfer), 0, update.count, plain.len};
    chunks = seal_chunks(load, member, plain, &head, wire);
    update.chunks = buf_view(&chunks);
    body = bench_room(chunks.len + 256);
    must(gate_update_encode(&update, &body), "body");
    free(chunks.ptr);
    return body;
}

void load_send(struct load *load, const struct buf *body)
{
    struct gate_answer answer;

    must(gate_answer_decode(load_call(load, GATE_UPDATE, buf_view(body)), &answer), "answer");
    must(answer.reason, "update");
}

/* recording.c: see recording.h. */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "challenge.h"
#include "core_private.h"
#include "federation_private.h"

#define PIECE 3000 /* bytes of an owner's request in a fragment */

static void put(struct recording *recording, const char *topic, struct view payload, bool retained)
{
    struct buf kept = {.ptr = malloc(payload.len + 1), .cap = payload.len + 1};
    struct captured message = {.topic = topic, .qos = 1, .retained = false, .at_us = recording->at_us};

    (void)retained; /* as whoever is connected sees them */
    recording->seen++;
    recording->at_us += 1000;
    must(buf_append(&kept, payload), "message");
    if (recording->keep == NULL || recording->keep(recording, topic, &kept)) {
        message.payload = buf_view(&kept);
        must(capture_put(recording->capture, &message), "capture");
    }
    free(kept.ptr);
}

/* A challenge that the owner and devices answer from now on. */
static void learn_challenge(struct recording *recording, struct view message)
{
    struct federation *federation = &recording->stage.federation;
    const struct place place = place_of(federation, (struct view){NULL, 0});
    struct challenge challenge;
    struct view payload;

    must(bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(federation->signing_point), message, &payload), "challenge");
    must(challenge_decode(payload, &challenge), "challenge");
    memcpy(federation->challenge, challenge.value.ptr, sizeof federation->challenge);
}

/* What the host published since the last time. */
static void flush(struct recording *recording)
{
    struct stage *stage = &recording->stage;
    const struct view manifest = stage_payload(stage, "round/agg");

    if (stage_payload(stage, "agg/challenge").len > 0)
        learn_challenge(recording, stage_payload(stage, "agg/challenge"));
    if (manifest.len > 0) {
        memcpy(recording->manifest, manifest.ptr, manifest.len);
        recording->manifest_len = manifest.len;
    }
    for (unsigned int i = 0; i < stage->count; i++)
        put(recording, stage->published[i].topic, buf_view(&stage->published[i].payload), stage->published[i].retained);
    stage_clear(stage);
}

void recording_open(struct recording *recording, const char *path)
{
    const struct capture_about about = {.federation = "fed", .maker = "test", .part = 1, .from_inside = true};
    struct reason reason;

    memset(recording, 0, sizeof *recording);
    stage_open(&recording->stage);
    recording->at_us = (int64_t)recording->stage.federation.now * 1000000;
    must(capture_create(path, &about, &recording->capture, &reason), "capture");
    must(capture_begin_session(recording->capture, recording->at_us, "broker", "client"), "session");
}

void recording_close(struct recording *recording)
{
    if (recording->capture != NULL)
        must(capture_end_session(recording->capture, recording->at_us, "the end"), "session");
    capture_close(&recording->capture);
    stage_close(&recording->stage);
}

static void put_secret(struct recording *recording)
{
    const struct boot_keys *keys = &recording->stage.federation.core->keys;
    uint8_t secret[ESCROW_SIZE];

    memcpy(secret, keys->epoch_secret, 32);
    memcpy(secret + 32, keys->model_key, 32);
    memcpy(secret + 64, keys->signing.scalar, 32);
    memcpy(secret + 96, keys->sealing.scalar, 32);
    if (recording->wrong_secret)
        secret[64 + 31] ^= 1;
    if (!recording->no_secret)
        must(capture_put_secret(recording->capture, recording->at_us, VIEW_TEXT("agg"), VIEW_OF(keys->boot_id),
                                VIEW_OF(secret)),
             "secret");
}

static void booted(struct recording *recording)
{
    must(host_connected(recording->stage.host, recording->stage.federation.now), "connected");
    flush(recording);
    put_secret(recording);
}

void recording_boot(struct recording *recording)
{
    struct stage *stage = &recording->stage;

    /* Not stage_boot: it draws a challenge past the host, which nobody would see. */
    federation_new_core(&stage->federation);
    stage->gone = false;
    must(host_boot(stage->host, (struct view){NULL, 0}, stage->federation.now), "boot");
    booted(recording);
}

void recording_reboot(struct recording *recording)
{
    struct stage *stage = &recording->stage;
    struct view message;
    struct buf state;

    must(federation_call(&stage->federation, GATE_SEAL, (struct view){NULL, 0}), "state");
    must(gate_message_decode(buf_view(&stage->federation.response), &message), "state");
    state = (struct buf){.ptr = malloc(message.len), .cap = message.len};
    must(buf_append(&state, message), "state");
    stage->gone = true;
    (void)host_tick(stage->host, ++stage->federation.now);
    federation_new_core(&stage->federation);
    stage->gone = false;
    must(host_boot(stage->host, buf_view(&state), stage->federation.now), "boot");
    free(state.ptr);
    booted(recording);
}

void recording_tick(struct recording *recording)
{
    struct stage *stage = &recording->stage;

    stage->federation.now++;
    recording->at_us += 1000000;
    must(host_tick(stage->host, stage->federation.now), "tick");
    flush(recording);
}

void recording_receive(struct recording *recording, const char *topic, struct view payload)
{
    put(recording, topic, payload, false);
    must(host_message(recording->stage.host, topic, payload, recording->stage.federation.now), "message");
    flush(recording);
}

void recording_request(struct recording *recording, const struct owner_request *request)
{
    struct federation *federation = &recording->stage.federation;
    const struct view sealed = federation_owner_message(federation, request);
    struct buf copy = {.ptr = malloc(sealed.len), .cap = sealed.len};
    static uint8_t bytes[PIECE + MESSAGE_MAX];
    uint8_t transfer[TRANSFER_SIZE];
    struct fragment fragment = {.transfer = VIEW_OF(transfer), .total = sealed.len};
    char topic[128];

    must(buf_append(&copy, sealed), "request");
    must(federation->random.fill(federation->random.ctx, transfer, sizeof transfer), "transfer");
    fragment.count = (uint32_t)((copy.len + PIECE - 1) / PIECE);
    for (fragment.index = 0; fragment.index < fragment.count; fragment.index++) {
        struct buf out = BUF_OF(bytes);
        const size_t at = (size_t)fragment.index * PIECE;
        fragment.piece = (struct view){copy.ptr + at, copy.len - at < PIECE ? copy.len - at : PIECE};
        must(fragment_encode(&fragment, &out), "fragment");
        snprintf(topic, sizeof topic, "tacit/1/fed/owner/agg/request-1.%u", (unsigned int)fragment.index);
        recording_receive(recording, topic, buf_view(&out));
    }
    free(copy.ptr);
}

void recording_model(struct recording *recording, float first)
{
    static uint8_t bytes[8 * RECORDING_PARAMETERS];
    struct buf model = BUF_OF(bytes);
    const struct model_tensor tensor = {
        .name = VIEW_TEXT("w"), .dims = 1, .shape = {RECORDING_PARAMETERS}, .elements = RECORDING_PARAMETERS};

    must(model_encode_head(1, &model), "model");
    must(model_encode_tensor_head(&tensor, &model), "model");
    for (uint32_t i = 0; i < RECORDING_PARAMETERS; i++) {
        const float value = first + (float)i / 512;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        write_le32(model.ptr + model.len, bits);
        model.len += 4;
    }
    recording_request(recording, &(struct owner_request){.command = OWNER_PUT_MODEL, .model = buf_view(&model)});
}

void recording_start(struct recording *recording, uint32_t rounds, uint32_t target, bool evaluate)
{
    const struct owner_request request = {
        .command = OWNER_START,
        .plan = {.rounds = rounds, .target = target, .deadline_s = 600, .evaluate = evaluate, .lasting = true}};

    recording_request(recording, &request);
}

void recording_learn(struct recording *recording)
{
    struct federation *federation = &recording->stage.federation;
    const struct place place = place_of(federation, (struct view){NULL, 0});
    struct view payload;

    must(bind_verify(PURPOSE_MANIFEST, &place, VIEW_OF(federation->signing_point),
                     (struct view){recording->manifest, recording->manifest_len}, &payload),
         "manifest");
    memcpy(federation->manifest_bytes, payload.ptr, payload.len);
    must(manifest_decode((struct view){federation->manifest_bytes, payload.len}, &federation->manifest), "manifest");
}

void recording_enrol(struct recording *recording, struct member *member, const char *name)
{
    if (member->alg == 0)
        member->alg = AEAD_A256GCM;
    must(member_enrol(&recording->stage.federation, member, name, NULL, NULL), "enrolment");
}

void recording_update(struct recording *recording, const struct member *member, float value, uint32_t samples,
                      recording_change *change)
{
    static float values[RECORDING_PARAMETERS];
    struct update_draft *draft;

    for (uint32_t i = 0; i < RECORDING_PARAMETERS; i++)
        values[i] = value * (float)((i * 37) % 101) / 128;
    draft = member_draft(&recording->stage.federation, values, RECORDING_PARAMETERS, samples);
    if (change != NULL)
        change(draft);
    member_seal(&recording->stage.federation, member, draft, (struct view){NULL, 0});
    for (uint32_t i = 0; i < draft->count; i++) {
        char topic[128];
        snprintf(topic, sizeof topic, "tacit/1/fed/update/agg/%s/%u.%u", member->name, draft->topic_round, i);
        recording_receive(recording, topic, buf_view(&draft->chunks[i]));
    }
    draft_free(draft);
}

static void evaluate_only(struct update_draft *draft)
{
    draft->update.task = TASK_EVALUATE;
    draft->update.tensor_count = 0;
    draft->update.tensors = (struct view){NULL, 0};
}

void recording_rounds(struct recording *recording, uint32_t rounds)
{
    static const char *const names[] = {"device-01", "device-02", "device-03"};
    static const int64_t algs[] = {AEAD_A256GCM, AEAD_CHACHA20_POLY1305, AEAD_A128GCM};
    struct member members[3];

    recording_model(recording, 1);
    for (size_t i = 0; i < 3; i++) {
        members[i] = (struct member){.alg = algs[i]};
        recording_enrol(recording, &members[i], names[i]);
    }
    recording_start(recording, rounds, 3, true);
    for (uint32_t round = 0; round <= rounds; round++) {
        recording_learn(recording);
        for (size_t i = 0; i < 3; i++)
            recording_update(recording, &members[i], (float)(i + 1 + round) / 8, 10 + 7 * (uint32_t)i,
                             round == rounds ? evaluate_only : NULL);
        recording_tick(recording);
    }
}

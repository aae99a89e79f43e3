/* load.c: the owner's side and the core of a load; see load.h. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bundle.h"
#include "challenge.h"
#include "cose.h"
#include "federation_private.h"
#include "load_private.h"
#include "model.h"
#include "sim.h"

struct place load_place(const struct load *load, struct view device)
{
    return (struct place){
        .federation = VIEW_TEXT("fed"),
        .aggregator = VIEW_TEXT("agg"),
        .device = device,
        .boot_id = VIEW_OF(load->boot_id),
        .round = load->round,
    };
}

static void make_policy(struct load *load)
{
    uint8_t rules[512], root_key[PUBLIC_KEY_SIZE], payload[4096];
    struct buf rules_buf = BUF_OF(rules), root_buf = BUF_OF(root_key), payload_buf = BUF_OF(payload);
    struct buf signed_buf = BUF_OF(load->signed_policy);
    struct sim_rules sim = {.root = VIEW_OF(root_key), .count = 1, .max_age_s = 86400};
    struct place place = {.federation = VIEW_TEXT("fed")};
    struct policy policy = {
        .federation = place.federation,
        .version = 1,
        .not_before = FEDERATION_NOW - 1000,
        .not_after = FEDERATION_NOW + 100000000,
        .aggregator_count = 1,
        .device_count = 1,
        .min_cohort = 1,
        .max_cohort = load->devices,
        .max_samples = 1000,
        .fraction_bits = 27,
        .credential_s = 86400,
        .max_parameters = load->parameters,
        .alg_count = 1,
        .algs = {AEAD_A256GCM},
        .max_packet = load->max_packet,
        .challenge_s = 3600,
    };

    must(cose_key_encode(VIEW_OF(load->root.point), &root_buf), "root key");
    sim.measurements[0] = VIEW_OF(load->measurement);
    must(sim_rules_encode(&sim, &rules_buf), "rules");
    policy.aggregator[0].kind = policy.device[0].kind = VIEW_TEXT(SIM_KIND);
    policy.aggregator[0].rules = policy.device[0].rules = buf_view(&rules_buf);
    must(policy_encode(&policy, &payload_buf), "policy");
    must(bind_sign(PURPOSE_POLICY, &place, &load->owner, &load->random, buf_view(&payload_buf), &signed_buf), "policy");
    load->signed_policy_len = signed_buf.len;
}

void load_init(struct load *load, uint64_t parameters, uint32_t devices, const uint8_t measurement[static 32])
{
    memset(load, 0, sizeof *load);
    load->seed.state = 7;
    load->random = seeded_random_port(&load->seed);
    load->parameters = parameters;
    load->devices = devices;
    load->max_packet = 256 * 1024;
    memcpy(load->measurement, measurement, sizeof load->measurement);
    load->members = calloc(devices, sizeof *load->members);
    must(load->members != NULL ? STATUS_OK : STATUS_NO_SPACE, "members");
    must(p256_generate(&load->random, &load->owner), "owner");
    must(p256_generate(&load->random, &load->root), "root");
    must(p256_generate(&load->random, &load->device), "device");
    make_policy(load);
}

struct view load_call(struct load *load, enum gate_call call, struct view body)
{
    struct view response;

    must(load->gate.call(load->gate.ctx, call, body, &response), gate_find(call)->name);
    return response;
}

static struct view call_with_time(struct load *load, enum gate_call call)
{
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);
    struct view message;

    must(gate_number_encode(FEDERATION_NOW, &body), "time");
    must(gate_message_decode(load_call(load, call, buf_view(&body)), &message), "message");
    return message;
}

static void learn(struct load *load, const struct gate_booted *booted)
{
    struct bundle bundle;
    struct enclave_claims claims;

    load->max_body = booted->max_body;
    load->chunk_size = booted->chunk_size;
    must(bundle_decode(booted->bundle, &bundle), "bundle");
    must(enclave_claims_decode(bundle.claims, &claims), "claims");
    memcpy(load->boot_id, claims.boot_id.ptr, sizeof load->boot_id);
    memcpy(load->policy_digest, claims.policy_digest.ptr, sizeof load->policy_digest);
    must(cose_key_decode(claims.signing_key, load->signing_point), "signing key");
    must(cose_key_decode(claims.sealing_key, load->sealing_point), "sealing key");
}

/* Signs, seals and sends a request of the owner; it must be done. */
static void owner(struct load *load, struct owner_request *request)
{
    size_t room = request->model.len + 4 * MESSAGE_MAX;
    struct buf plain = bench_room(room), signed_buf = bench_room(room), message = bench_room(room),
               body = bench_room(room);
    struct place place = load_place(load, VIEW_TEXT("request-1"));
    uint8_t reply_key[PUBLIC_KEY_SIZE];
    struct buf reply_buf = BUF_OF(reply_key);
    struct gate_answer answer;

    must(cose_key_encode(VIEW_OF(load->device.point), &reply_buf), "reply key");
    request->reply_key = VIEW_OF(reply_key);
    request->challenge = VIEW_OF(load->challenge);
    must(owner_request_encode(request, &plain), "request");
    must(bind_sign(PURPOSE_OWNER, &place, &load->owner, &load->random, buf_view(&plain), &signed_buf), "request");
    must(bind_seal(PURPOSE_OWNER, &place, VIEW_OF(load->sealing_point), &load->random, buf_view(&signed_buf), &message),
         "request");
    must(gate_sealed_encode(&(struct gate_sealed){FEDERATION_NOW, place.device, buf_view(&message)}, &body), "request");
    must(gate_answer_decode(load_call(load, GATE_OWNER, buf_view(&body)), &answer), "answer");
    must(answer.reason, "request");
    free(plain.ptr);
    free(signed_buf.ptr);
    free(message.ptr);
    free(body.ptr);
}

static void put_model(struct load *load)
{
    struct buf model = bench_room(model_encoded_max(load->parameters));
    struct model_tensor tensor = {.name = VIEW_TEXT("w"), .dims = 1, .elements = load->parameters};
    struct owner_request request = {.command = OWNER_PUT_MODEL};

    tensor.shape[0] = (uint32_t)load->parameters;
    must(model_encode_head(1, &model), "model");
    must(model_encode_tensor_head(&tensor, &model), "model");
    memset(model.ptr + model.len, 0, 4 * (size_t)load->parameters);
    model.len += 4 * (size_t)load->parameters;
    request.model = buf_view(&model);
    owner(load, &request);
    free(model.ptr);
}

void load_boot(struct load *load, const struct load_gate *gate)
{
    uint8_t owner_key[PUBLIC_KEY_SIZE], bytes[2 * POLICY_MAX];
    struct buf owner_buf = BUF_OF(owner_key), body = BUF_OF(bytes);
    struct gate_boot boot = {
        .now = FEDERATION_NOW,
        .aggregator = VIEW_TEXT("agg"),
        .owner_key = VIEW_OF(owner_key),
        .policy = {load->signed_policy, load->signed_policy_len},
    };
    struct owner_request start = {
        .command = OWNER_START,
        .plan = {.rounds = 1000, .target = load->devices, .deadline_s = 600},
    };
    struct gate_booted booted;
    struct place place;
    struct view payload;
    struct challenge challenge;

    load->gate = *gate;
    must(cose_key_encode(VIEW_OF(load->owner.point), &owner_buf), "owner key");
    must(gate_boot_encode(&boot, &body), "boot");
    must(gate_booted_decode(load_call(load, GATE_BOOT, buf_view(&body)), &booted), "booted");
    learn(load, &booted);
    place = load_place(load, (struct view){NULL, 0});
    must(bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(load->signing_point), call_with_time(load, GATE_CHALLENGE),
                     &payload),
         "challenge");
    must(challenge_decode(payload, &challenge), "challenge");
    memcpy(load->challenge, challenge.value.ptr, sizeof load->challenge);
    put_model(load);
    owner(load, &start);
}

void load_open_round(struct load *load)
{
    struct cose_sign1 parts;
    struct manifest manifest;

    must(cose_sign1_decode(call_with_time(load, GATE_OPEN), &parts), "manifest");
    must(manifest_decode(parts.payload, &manifest), "manifest");
    load->round = manifest.round;
    memcpy(load->base, manifest.base.ptr, sizeof load->base);
}

void load_close_round(struct load *load)
{
    (void)call_with_time(load, GATE_CLOSE);
}

void load_end(struct load *load)
{
    free(load->members);
}

static enum status attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                          struct buf *endorsement)
{
    static const uint8_t measurement[32] = {0xe1};
    struct load_core *core = ctx;
    struct sim_evidence claims = {
        .federation = request->federation,
        .expires = request->now + 86400,
        .issued = request->now,
        .nonce = VIEW_OF(request->report_data),
        .measurement = VIEW_OF(measurement),
    };

    (void)endorsement;
    *kind = VIEW_TEXT(SIM_KIND);
    return sim_attest(&claims, &core->root, &core->random, evidence);
}

static enum status sealing_key(void *ctx, uint8_t out[static AEAD_KEY_MAX])
{
    (void)ctx;
    (void)out;
    return STATUS_UNSUPPORTED;
}

static void *lend(void *ctx, size_t size)
{
    struct load_core *core = ctx;

    return core->lent[core->lent_count++] = calloc(1, size);
}

void load_core_start(struct load_core *core, const struct load *load)
{
    struct core_ports ports = {core, load->random, attest, sealing_key, lend};

    *core = (struct load_core){.root = load->root, .random = load->random, .memory = malloc(core_size())};
    must(core->memory != NULL ? STATUS_OK : STATUS_NO_SPACE, "core");
    core->response = bench_room(GATE_BODY_MAX);
    core->core = core_init(core->memory, &ports);
}

enum status load_core_call(void *ctx, enum gate_call call, struct view body, struct view *response)
{
    struct load_core *core = ctx;
    enum status status;
    bool fatal;

    core->response.len = 0;
    status = core_call(core->core, call, body, &core->response, &fatal);
    *response = buf_view(&core->response);
    return status;
}

void load_core_end(struct load_core *core)
{
    core_wipe(core->core);
    for (unsigned int i = 0; i < core->lent_count; i++)
        free(core->lent[i]);
    free(core->memory);
    free(core->response.ptr);
}

/* federation.c: the owner's side and the core; see federation.h. */
#include "federation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "challenge.h"
#include "cose.h"
#include "federation_private.h"
#include "model.h"
#include "sim.h"
#include "tensor.h"

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static enum status fill(void *ctx, uint8_t *out, size_t len)
{
    struct seeded_random *random = ctx;

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(next_random(&random->state) >> 32);
    return STATUS_OK;
}

struct random_port seeded_random_port(struct seeded_random *random)
{
    return (struct random_port){fill, random};
}

void must(enum status status, const char *what)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "test plumbing: %s: %s\n", what, status_name(status));
        abort();
    }
}

/* Ports of the core under test. */
static enum status simulate(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                            struct buf *endorsement)
{
    struct federation *federation = ctx;
    struct sim_evidence claims = {
        .federation = request->federation,
        .expires = request->now + 86400,
        .issued = request->now,
        .nonce = VIEW_OF(request->report_data),
        .measurement = VIEW_OF(federation->enclave_measurement),
    };

    *kind = VIEW_TEXT(SIM_KIND);
    TRY(buf_append(endorsement, federation->endorsement));
    return sim_attest(&claims, &federation->root, &federation->random, evidence);
}

static enum status attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                          struct buf *endorsement)
{
    struct federation *federation = ctx;

    return federation->attest(federation->attest_ctx, request, kind, evidence, endorsement);
}

static enum status sealing_key(void *ctx, uint8_t out[static AEAD_KEY_MAX])
{
    (void)ctx;
    memset(out, 0x5e, AEAD_KEY_MAX);
    return STATUS_OK;
}

static void *lend(void *ctx, size_t size)
{
    struct federation *federation = ctx;

    return federation->lent[federation->lent_count++] = calloc(1, size);
}

static void make_policy(struct federation *federation, const struct federation_options *options)
{
    static uint8_t rules[2][512], root_key[PUBLIC_KEY_SIZE];
    struct buf rules_buf[2] = {BUF_OF(rules[0]), BUF_OF(rules[1])}, root_buf = BUF_OF(root_key);
    struct sim_rules sim = {.root = VIEW_OF(root_key), .count = 1, .max_age_s = 86400};
    uint8_t payload[3 * ACCEPTED_SIZE_MAX];
    struct buf payload_buf = BUF_OF(payload), signed_buf = BUF_OF(federation->signed_policy);
    struct place place = {.federation = VIEW_TEXT("fed")};
    struct policy *policy = &federation->policy;

    must(cose_key_encode(VIEW_OF(federation->root.point), &root_buf), "root key");
    sim.measurements[0] = VIEW_OF(federation->enclave_measurement);
    must(sim_rules_encode(&sim, &rules_buf[0]), "rules");
    sim.measurements[0] = VIEW_OF(federation->device_measurement);
    if (options->second_device_measurement != NULL)
        sim.measurements[sim.count++] = (struct view){options->second_device_measurement, DIGEST_SIZE};
    must(sim_rules_encode(&sim, &rules_buf[1]), "rules");
    *policy = (struct policy){
        .federation = place.federation,
        .version = 1,
        .not_before = federation->now - 1000,
        .not_after = federation->now + 100000000,
        .aggregator_count = 1,
        .device_count = 1,
        .aggregator = {{VIEW_TEXT(SIM_KIND), buf_view(&rules_buf[0])}},
        .device = {{VIEW_TEXT(SIM_KIND), buf_view(&rules_buf[1])}},
        .min_cohort = options->min_cohort ? options->min_cohort : 2,
        .max_cohort = options->max_cohort ? options->max_cohort : 64,
        .max_samples = options->max_samples ? options->max_samples : 1000,
        .fraction_bits = 27,
        .credential_s = 3600,
        .max_parameters = options->max_parameters ? options->max_parameters : 4096,
        .alg_count = 4,
        .algs = {AEAD_A256GCM, AEAD_A128GCM, AEAD_CHACHA20_POLY1305, AEAD_CCM_16_128_256},
        .max_packet = options->max_packet ? options->max_packet : 4096,
        .challenge_s = 60,
    };
    if (options->only_alg != 0) {
        policy->alg_count = 1;
        policy->algs[0] = options->only_alg;
    }
    if (options->aggregator.kind.len > 0)
        policy->aggregator[0] = options->aggregator;
    if (options->device.kind.len > 0)
        policy->device[0] = options->device;
    must(policy_encode(policy, &payload_buf), "policy");
    must(
        bind_sign(PURPOSE_POLICY, &place, &federation->owner, &federation->random, buf_view(&payload_buf), &signed_buf),
        "policy");
    federation->signed_policy_len = signed_buf.len;
}

static void free_core(struct federation *federation)
{
    if (federation->core != NULL)
        core_wipe(federation->core);
    for (unsigned int i = 0; i < federation->lent_count; i++)
        free(federation->lent[i]);
    federation->lent_count = 0;
    free(federation->core_memory);
    federation->core = NULL;
    federation->core_memory = NULL;
}

enum status federation_call(struct federation *federation, enum gate_call call, struct view body)
{
    size_t room = core_max_body(federation->core);

    if (room == GATE_BODY_BOOT) /* what a boot answers is small */
        room = GATE_BODY_MAX;
    if (federation->response.cap < room) {
        free(federation->response.ptr);
        federation->response = (struct buf){.ptr = malloc(room), .cap = room};
    }
    federation->response.len = 0;
    return core_call(federation->core, call, body, &federation->response, &federation->fatal);
}

enum status call_number(struct federation *federation, enum gate_call call, uint64_t number, struct view *message)
{
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);
    enum status status;

    must(gate_number_encode(number, &body), "number");
    status = federation_call(federation, call, buf_view(&body));
    if (status == STATUS_OK)
        must(gate_message_decode(buf_view(&federation->response), message), "message");
    return status;
}

void federation_learn(struct federation *federation, struct view bundle_bytes)
{
    struct bundle bundle;
    struct enclave_claims claims;

    must(bundle_decode(bundle_bytes, &bundle), "bundle");
    must(enclave_claims_decode(bundle.claims, &claims), "claims");
    memcpy(federation->boot_id, claims.boot_id.ptr, sizeof federation->boot_id);
    memcpy(federation->policy_digest, claims.policy_digest.ptr, sizeof federation->policy_digest);
    must(cose_key_decode(claims.signing_key, federation->signing_point), "signing key");
    must(cose_key_decode(claims.sealing_key, federation->sealing_point), "sealing key");
}

void federation_new_core(struct federation *federation)
{
    struct core_ports ports = {federation, federation->random, attest, sealing_key, lend};

    free_core(federation);
    federation->core_memory = malloc(core_size());
    federation->core = core_init(federation->core_memory, &ports);
}

enum status federation_boot(struct federation *federation, struct view state, struct gate_booted *out)
{
    uint8_t owner_key[PUBLIC_KEY_SIZE];
    struct buf owner_buf = BUF_OF(owner_key);
    size_t room = state.len + federation->revoked.len + 2 * POLICY_MAX;
    struct buf body = {.ptr = malloc(room), .cap = room};
    struct gate_boot boot = {
        .now = federation->now,
        .aggregator = view_of_string(federation->aggregator),
        .owner_key = VIEW_OF(owner_key),
        .policy = {federation->signed_policy, federation->signed_policy_len},
        .state = state,
        .revoked = federation->revoked,
    };
    enum status status;

    must(cose_key_encode(VIEW_OF(federation->owner.point), &owner_buf), "owner key");
    must(gate_boot_encode(&boot, &body), "boot");
    federation_new_core(federation);
    status = federation_call(federation, GATE_BOOT, buf_view(&body));
    free(body.ptr);
    if (status == STATUS_OK) {
        must(gate_booted_decode(buf_view(&federation->response), out), "booted");
        federation_learn(federation, out->bundle);
    }
    return status;
}

struct gate_booted federation_reboot(struct federation *federation, struct view state)
{
    struct gate_booted booted;

    must(federation_boot(federation, state, &booted), "boot");
    return booted;
}

void federation_prepare(struct federation *federation, const struct federation_options *options)
{
    memset(federation, 0, sizeof *federation);
    federation->seed.state = options->seed ? options->seed : 1;
    federation->random = seeded_random_port(&federation->seed);
    federation->now = options->now ? options->now : FEDERATION_NOW;
    federation->attest = options->attest ? options->attest : simulate;
    federation->attest_ctx = options->attest ? options->attest_ctx : federation;
    federation->aggregator = "agg";
    memset(federation->enclave_measurement, 0xe1, sizeof federation->enclave_measurement);
    memset(federation->device_measurement, 0xd1, sizeof federation->device_measurement);
    must(p256_generate(&federation->random, &federation->owner), "owner");
    must(p256_generate(&federation->random, &federation->root), "root");
    make_policy(federation, options);
}

void federation_start(struct federation *federation, const struct federation_options *options)
{
    federation_prepare(federation, options);
    if (options->unbooted)
        return;
    federation_reboot(federation, (struct view){NULL, 0});
    federation_new_challenge(federation);
}

void federation_end(struct federation *federation)
{
    free_core(federation);
    free(federation->response.ptr);
    free(federation->owner_body.ptr);
    free(federation->enrol_body.ptr);
    federation->response = federation->owner_body = federation->enrol_body = (struct buf){NULL, 0, 0};
}

struct place place_of(const struct federation *federation, struct view device)
{
    return (struct place){
        .federation = VIEW_TEXT("fed"),
        .aggregator = view_of_string(federation->aggregator),
        .device = device,
        .boot_id = VIEW_OF(federation->boot_id),
    };
}

void federation_new_challenge(struct federation *federation)
{
    struct place place = place_of(federation, (struct view){NULL, 0});
    struct view message, payload;
    struct challenge challenge;

    must(call_number(federation, GATE_CHALLENGE, federation->now, &message), "challenge");
    must(bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(federation->signing_point), message, &payload), "challenge");
    must(challenge_decode(payload, &challenge), "challenge");
    memcpy(federation->challenge, challenge.value.ptr, sizeof federation->challenge);
}

/* Signs and seals a request as `tacit` does; room for the largest model of the test. */
static void seal_request(struct federation *federation, const struct place *place, const struct owner_request *request,
                         struct buf *out)
{
    size_t room = request->model.len + request->revoked.len + MESSAGE_MAX;
    struct buf plain = {.ptr = malloc(room), .cap = room}, signed_buf = {.ptr = malloc(room), .cap = room};

    *out = (struct buf){.ptr = malloc(room + MESSAGE_MAX), .cap = room + MESSAGE_MAX};
    must(owner_request_encode(request, &plain), "owner request");
    must(bind_sign(PURPOSE_OWNER, place, &federation->owner, &federation->random, buf_view(&plain), &signed_buf),
         "owner");
    must(bind_seal(PURPOSE_OWNER, place, VIEW_OF(federation->sealing_point), &federation->random, buf_view(&signed_buf),
                   out),
         "owner");
    free(plain.ptr);
    free(signed_buf.ptr);
}

static enum status open_answer(struct federation *federation, const struct place *place, const struct p256_key *key,
                               struct view message)
{
    uint8_t plain[MESSAGE_MAX];
    struct buf plain_buf = BUF_OF(plain);
    struct view payload;
    struct owner_answer answer;

    must(bind_open(PURPOSE_OWNER_ANSWER, place, key, &federation->random, message, &plain_buf), "answer");
    must(bind_verify(PURPOSE_OWNER_ANSWER, place, VIEW_OF(federation->signing_point), buf_view(&plain_buf), &payload),
         "answer");
    must(owner_answer_decode(payload, &answer), "answer");
    return answer.reason;
}

/* The sealed request, and the gate's body that carries it; what its answer is sealed to. */
static struct view make_owner_body(struct federation *federation, const struct owner_request *request,
                                   struct p256_key *reply)
{
    struct place place = place_of(federation, VIEW_TEXT("request-1"));
    struct owner_request full = *request;
    struct gate_sealed sealed = {.now = federation->now, .name = place.device};
    uint8_t reply_key[PUBLIC_KEY_SIZE];
    struct buf reply_buf = BUF_OF(reply_key), message, *body = &federation->owner_body;

    must(p256_generate(&federation->random, reply), "reply key");
    must(cose_key_encode(VIEW_OF(reply->point), &reply_buf), "reply key");
    full.reply_key = VIEW_OF(reply_key);
    if (full.challenge.len == 0)
        full.challenge = VIEW_OF(federation->challenge);
    seal_request(federation, &place, &full, &message);
    sealed.message = buf_view(&message);
    free(body->ptr);
    *body = (struct buf){.ptr = malloc(message.len + 256), .cap = message.len + 256};
    must(gate_sealed_encode(&sealed, body), "sealed");
    free(message.ptr);
    must(gate_sealed_decode(buf_view(body), &sealed), "sealed");
    return sealed.message;
}

struct view federation_owner_message(struct federation *federation, const struct owner_request *request)
{
    struct p256_key reply;

    return make_owner_body(federation, request, &reply);
}

enum status federation_owner(struct federation *federation, const struct owner_request *request)
{
    struct place place = place_of(federation, VIEW_TEXT("request-1"));
    struct p256_key reply;
    struct gate_answer answer;

    (void)make_owner_body(federation, request, &reply);
    must(federation_call(federation, GATE_OWNER, buf_view(&federation->owner_body)), "owner call");
    must(gate_answer_decode(buf_view(&federation->response), &answer), "answer");
    if (answer.message.len == 0)
        return answer.reason;
    return open_answer(federation, &place, &reply, answer.message);
}

enum status federation_replay_owner(struct federation *federation)
{
    struct gate_answer answer;

    must(federation_call(federation, GATE_OWNER, buf_view(&federation->owner_body)), "owner call");
    must(gate_answer_decode(buf_view(&federation->response), &answer), "answer");
    return answer.reason;
}

void federation_put_model(struct federation *federation, const float *values, uint32_t count)
{
    size_t room = model_encoded_max(count);
    struct buf model = {.ptr = malloc(room), .cap = room};
    struct model_tensor tensor = {.name = VIEW_TEXT("w"), .dims = 1, .shape = {count}, .elements = count};
    struct owner_request request = {.command = OWNER_PUT_MODEL};

    must(model_encode_head(1, &model), "model");
    must(model_encode_tensor_head(&tensor, &model), "model");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        write_le32(model.ptr + model.len, bits);
        model.len += 4;
    }
    request.model = buf_view(&model);
    must(federation_owner(federation, &request), "put model");
    free(model.ptr);
}

enum status federation_start_lasting_rounds(struct federation *federation, uint32_t rounds, uint32_t target)
{
    struct owner_request request = {
        .command = OWNER_START,
        .plan = {.rounds = rounds, .target = target, .deadline_s = 600, .evaluate = true, .lasting = true},
    };

    return federation_owner(federation, &request);
}

enum status federation_start_rounds(struct federation *federation, uint32_t rounds, uint32_t target)
{
    struct owner_request request = {
        .command = OWNER_START,
        .plan = {.rounds = rounds, .target = target, .deadline_s = 600, .evaluate = false},
    };

    return federation_owner(federation, &request);
}

void federation_take_manifest(struct federation *federation, struct view message)
{
    struct place place = place_of(federation, (struct view){NULL, 0});
    struct view payload;

    must(bind_verify(PURPOSE_MANIFEST, &place, VIEW_OF(federation->signing_point), message, &payload), "manifest");
    memcpy(federation->manifest_bytes, payload.ptr, payload.len);
    must(manifest_decode((struct view){federation->manifest_bytes, payload.len}, &federation->manifest), "manifest");
}

void federation_open_round(struct federation *federation)
{
    struct view message;

    must(call_number(federation, GATE_OPEN, federation->now, &message), "open");
    federation_take_manifest(federation, message);
}

enum status federation_close_round(struct federation *federation, struct record *out)
{
    struct place place = place_of(federation, (struct view){NULL, 0});
    struct view message, payload;
    enum status status = call_number(federation, GATE_CLOSE, federation->now, &message);

    if (status != STATUS_OK)
        return status;
    place.round = federation->manifest.round;
    must(bind_verify(PURPOSE_RECORD, &place, VIEW_OF(federation->signing_point), message, &payload), "record");
    must(record_decode(payload, out), "record");
    return STATUS_OK;
}

struct gate_status federation_status(struct federation *federation)
{
    struct gate_status status;

    must(federation_call(federation, GATE_STATUS, (struct view){NULL, 0}), "status");
    must(gate_status_decode(buf_view(&federation->response), &status), "status");
    return status;
}

void federation_read_model(struct federation *federation, const struct member *member, struct buf *out)
{
    struct place place = place_of(federation, (struct view){NULL, 0});
    uint8_t digest[DIGEST_SIZE];

    place.round = federation->manifest.round;
    place.digest = federation->manifest.base;
    place.chunks = (uint32_t)chunks_of(federation->manifest.model_size, federation->manifest.chunk_size);
    out->len = 0;
    for (place.chunk = 0; place.chunk < place.chunks; place.chunk++) {
        struct view message;
        must(call_number(federation, GATE_MODEL_CHUNK, place.chunk, &message), "chunk");
        must(bind_open_model_chunk(&place, VIEW_OF(member->model_key), message, out), "chunk");
    }
    must(sha256(buf_view(out), digest), "digest");
    must(view_equal(VIEW_OF(digest), federation->manifest.base) ? STATUS_OK : STATUS_MODEL_OTHER, "model digest");
}

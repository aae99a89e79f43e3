/* enclave_double.c: see enclave_double.h. */
#include "enclave_double.h"

#include <stdio.h>
#include <string.h>

#include "bundle.h"
#include "challenge.h"
#include "credential.h"
#include "enrol.h"
#include "federation_private.h"
#include "model.h"
#include "policy.h"
#include "sim.h"
#include "tensor.h"

static struct seeded_random seed_of_double = {42};

static struct random_port randomness(void)
{
    return seeded_random_port(&seed_of_double);
}

static struct p256_key key_of(uint8_t seed)
{
    uint8_t scalar[P256_SCALAR_SIZE];
    const struct random_port random = randomness();
    struct p256_key key;

    memset(scalar, seed, sizeof scalar);
    must(p256_from_scalar(VIEW_OF(scalar), &random, &key), "key");
    return key;
}

static struct buf *fresh(struct enclave_double *enclave)
{
    enclave->out = (struct buf){.ptr = enclave->out_bytes, .cap = sizeof enclave->out_bytes};
    return &enclave->out;
}

static struct view sign(struct enclave_double *enclave, enum purpose purpose, const struct place *place,
                        struct view payload)
{
    const struct random_port random = randomness();

    must(bind_sign(purpose, place, enclave->signer, &random, payload, fresh(enclave)), "signature");
    return buf_view(&enclave->out);
}

/* ---- what an owner prepares ---- */

static void make_model(struct enclave_double *enclave)
{
    static const struct model_tensor tensors[] = {
        {.name = {(const uint8_t *)"a", 1}, .dims = 2, .shape = {3, 50}, .elements = 150},
        {.name = {(const uint8_t *)"b", 1}, .dims = 1, .shape = {50}, .elements = 50},
    };
    struct buf out = BUF_OF(enclave->model);

    must(model_encode_head(ARRAY_LEN(tensors), &out), "model");
    for (size_t t = 0; t < ARRAY_LEN(tensors); t++) {
        must(model_encode_tensor_head(&tensors[t], &out), "tensor");
        for (uint64_t i = 0; i < tensors[t].elements; i++, out.len += 4)
            write_le32(out.ptr + out.len, 0x3f000000u);
    }
    enclave->model_len = out.len;
    must(sha256(buf_view(&out), enclave->base), "model digest");
}

static void make_policy(struct enclave_double *enclave)
{
    uint8_t rules[512], root[PUBLIC_KEY_SIZE], payload[1024];
    struct buf rules_buf = BUF_OF(rules), root_buf = BUF_OF(root), payload_buf = BUF_OF(payload);
    struct buf signed_buf = BUF_OF(enclave->policy);
    const struct random_port random = randomness();
    const struct place place = {.federation = VIEW_TEXT("fed")};
    struct sim_rules sim = {.root = VIEW_OF(root), .count = 1, .max_age_s = 86400};
    struct policy policy = {
        .federation = place.federation,
        .version = enclave->policy_version,
        .not_before = DOUBLE_NOW - 1000,
        .not_after = DOUBLE_NOW + 10000000,
        .aggregator_count = 1,
        .device_count = 1,
        .min_cohort = 1,
        .max_cohort = 8,
        .max_samples = 1000,
        .fraction_bits = 27,
        .credential_s = 3600,
        .max_parameters = 4096,
        .alg_count = 2,
        .algs = {AEAD_A256GCM, AEAD_CHACHA20_POLY1305},
        .max_packet = 1024,
        .challenge_s = 60,
    };

    must(cose_key_encode(VIEW_OF(enclave->root.point), &root_buf), "root");
    sim.measurements[0] = VIEW_OF(enclave->measurement);
    must(sim_rules_encode(&sim, &rules_buf), "rules");
    policy.aggregator[0] = policy.device[0] = (struct accepted){VIEW_TEXT(SIM_KIND), buf_view(&rules_buf)};
    must(policy_encode(&policy, &payload_buf), "policy");
    must(bind_sign(PURPOSE_POLICY, &place, &enclave->owner, &random, buf_view(&payload_buf), &signed_buf), "policy");
    enclave->policy_len = signed_buf.len;
    must(sha256(buf_view(&signed_buf), enclave->policy_digest), "policy digest");
}

void enclave_reboot(struct enclave_double *enclave, uint8_t seed)
{
    enclave->signing = key_of((uint8_t)(seed + 1));
    enclave->sealing = key_of((uint8_t)(seed + 2));
    enclave->signer = &enclave->signing;
    memset(enclave->boot_id, seed, sizeof enclave->boot_id);
    memset(enclave->model_key, seed + 3, sizeof enclave->model_key);
    memset(enclave->update_key, seed + 4, sizeof enclave->update_key);
    memset(enclave->cti, seed + 5, sizeof enclave->cti);
    memset(enclave->challenge, seed + 6, sizeof enclave->challenge);
    enclave->place = (struct place){
        .federation = VIEW_TEXT("fed"),
        .aggregator = VIEW_TEXT("agg"),
        .device = VIEW_TEXT("dev"),
        .boot_id = VIEW_OF(enclave->boot_id),
    };
}

void enclave_start(struct enclave_double *enclave, uint8_t seed)
{
    memset(enclave, 0, sizeof *enclave);
    enclave->owner = key_of(0x11);
    enclave->root = key_of(0x33);
    enclave->federation = "fed";
    enclave->aggregator = "agg";
    enclave->policy_version = 2;
    enclave->now = DOUBLE_NOW;
    memset(enclave->measurement, 0x77, sizeof enclave->measurement);
    make_model(enclave);
    enclave_reboot(enclave, seed);
}

/* ---- what the enclave says ---- */

static void make_claims(const struct enclave_double *enclave, struct buf *out)
{
    uint8_t signing[PUBLIC_KEY_SIZE], sealing[PUBLIC_KEY_SIZE], digest[DIGEST_SIZE];
    struct buf signing_buf = BUF_OF(signing), sealing_buf = BUF_OF(sealing);
    const struct enclave_claims claims = {
        .federation = view_of_string(enclave->federation),
        .aggregator = view_of_string(enclave->aggregator),
        .boot_id = VIEW_OF(enclave->boot_id),
        .signing_key = VIEW_OF(signing),
        .sealing_key = VIEW_OF(sealing),
        .policy_digest = VIEW_OF(digest),
        .booted = DOUBLE_NOW,
    };

    memcpy(digest, enclave->policy_digest, sizeof digest);
    if (enclave->other_policy_digest)
        digest[0] ^= 1;
    must(cose_key_encode(VIEW_OF(enclave->signing.point), &signing_buf), "signing key");
    must(cose_key_encode(VIEW_OF(enclave->sealing.point), &sealing_buf), "sealing key");
    must(enclave_claims_encode(&claims, out), "claims");
}

struct view enclave_bundle(struct enclave_double *enclave)
{
    uint8_t claims[1024], evidence[1024], nonce[SHA512_SIZE], measurement[DIGEST_SIZE];
    struct buf claims_buf = BUF_OF(claims), evidence_buf = BUF_OF(evidence);
    const struct random_port random = randomness();
    const struct sim_evidence sim = {
        .federation = VIEW_TEXT("fed"),
        .issued = enclave->now,
        .expires = enclave->now + 3600,
        .nonce = VIEW_OF(nonce),
        .measurement = VIEW_OF(measurement),
    };
    struct bundle bundle = {.kind = VIEW_TEXT(SIM_KIND)};

    memcpy(measurement, enclave->measurement, sizeof measurement);
    if (enclave->other_program)
        measurement[0] ^= 1;
    make_policy(enclave);
    make_claims(enclave, &claims_buf);
    must(sha512(buf_view(&claims_buf), nonce), "nonce");
    if (enclave->unbound)
        nonce[0] ^= 1;
    must(sim_attest(&sim, &enclave->root, &random, &evidence_buf), "evidence");
    bundle.evidence = buf_view(&evidence_buf);
    bundle.claims = buf_view(&claims_buf);
    bundle.policy = (struct view){enclave->policy, enclave->policy_len};
    must(bundle_encode(&bundle, fresh(enclave)), "bundle");
    return buf_view(&enclave->out);
}

struct view enclave_challenge(struct enclave_double *enclave, uint64_t expires)
{
    uint8_t payload[128];
    struct buf payload_buf = BUF_OF(payload);
    const struct challenge challenge = {VIEW_OF(enclave->challenge), expires, VIEW_OF(enclave->boot_id)};

    must(challenge_encode(&challenge, &payload_buf), "challenge");
    return sign(enclave, PURPOSE_CHALLENGE, &enclave->place, buf_view(&payload_buf));
}

void enclave_take_request(struct enclave_double *enclave, const struct published *request)
{
    struct buf plain_buf = BUF_OF(enclave->request);
    const struct random_port random = randomness();
    struct enrol_request opened;
    struct device_claims claims;

    must(bind_open(PURPOSE_ENROL, &enclave->place, &enclave->sealing, &random,
                   (struct view){request->bytes, request->len}, &plain_buf),
         "request");
    must(enrol_request_decode(buf_view(&plain_buf), &opened), "request");
    must(device_claims_decode(opened.claims, &claims), "device claims");
    enclave->evidence = opened.evidence;
    enclave->endorsements = opened.endorsements;
    memcpy(enclave->asked, claims.challenge.ptr, sizeof enclave->asked);
    memcpy(enclave->device_key, claims.key.ptr, sizeof enclave->device_key);
}

struct view enclave_answer(struct enclave_double *enclave, enum status reason)
{
    uint8_t payload[2048], signed_bytes[4096], credential_bytes[CREDENTIAL_MAX], point[P256_POINT_SIZE];
    struct buf payload_buf = BUF_OF(payload), signed_buf = BUF_OF(signed_bytes), cwt = BUF_OF(credential_bytes);
    const struct random_port random = randomness();
    struct credential credential = {
        .aggregator = VIEW_TEXT("agg"),
        .device = VIEW_TEXT("dev"),
        .federation = VIEW_TEXT("fed"),
        .issued = enclave->now,
        .expires = enclave->now + 3600,
        .cti = VIEW_OF(enclave->cti),
        .key = VIEW_OF(enclave->device_key),
        .role = ROLE_DEVICE,
        .boot_id = VIEW_OF(enclave->boot_id),
        .identity = VIEW_OF(enclave->measurement),
        .kind = VIEW_TEXT(SIM_KIND),
        .ear_status = EAR_CONTRAINDICATED,
    };
    struct enrol_answer answer = {.challenge = VIEW_OF(enclave->asked), .reason = reason};

    if (reason == STATUS_OK) {
        answer.update_key = VIEW_OF(enclave->update_key);
        answer.model_key = VIEW_OF(enclave->model_key);
        if (enclave->grant != NULL)
            enclave->grant(&credential, &answer);
        must(credential_issue(&credential, enclave->signer, &random, &cwt), "credential");
        answer.credential = buf_view(&cwt);
        enclave->expires = credential.expires;
    }
    must(enrol_answer_encode(&answer, &payload_buf), "answer");
    must(
        bind_sign(PURPOSE_ENROL_ANSWER, &enclave->place, enclave->signer, &random, buf_view(&payload_buf), &signed_buf),
        "answer");
    must(cose_key_decode(VIEW_OF(enclave->device_key), point), "device key");
    must(bind_seal(PURPOSE_ENROL_ANSWER, &enclave->place, VIEW_OF(point), &random, buf_view(&signed_buf),
                   fresh(enclave)),
         "answer");
    return buf_view(&enclave->out);
}

struct manifest enclave_plan(const struct enclave_double *enclave, uint32_t round)
{
    return (struct manifest){
        .round = round,
        .task = TASK_TRAIN,
        .base = VIEW_OF(enclave->base),
        .model_size = enclave->model_len,
        .chunk_size = DOUBLE_CHUNK,
        .target = 4,
        .minimum = 1,
        .deadline = DOUBLE_NOW + 1000,
        .max_samples = 1000,
        .fraction_bits = 27,
        .alg_count = 2,
        .algs = {AEAD_A256GCM, AEAD_CHACHA20_POLY1305},
        .boot_id = VIEW_OF(enclave->boot_id),
        .policy_digest = VIEW_OF(enclave->policy_digest),
        .simulated = true,
    };
}

struct view enclave_manifest(struct enclave_double *enclave, const struct manifest *manifest)
{
    uint8_t payload[512];
    struct buf payload_buf = BUF_OF(payload);

    must(manifest_encode(manifest, &payload_buf), "manifest");
    return sign(enclave, PURPOSE_MANIFEST, &enclave->place, buf_view(&payload_buf));
}

struct view enclave_chunk(struct enclave_double *enclave, const struct manifest *manifest, uint32_t chunk)
{
    const size_t offset = (size_t)chunk * manifest->chunk_size, left = enclave->model_len - offset;
    const struct view piece = {enclave->model + offset, left < manifest->chunk_size ? left : manifest->chunk_size};
    struct place place = enclave->place;

    place.round = manifest->round;
    place.chunk = chunk;
    place.chunks = (uint32_t)chunks_of(manifest->model_size, manifest->chunk_size);
    place.digest = manifest->base;
    must(bind_seal_model_chunk(&place, VIEW_OF(enclave->model_key), piece, fresh(enclave)), "chunk");
    return buf_view(&enclave->out);
}

/* The last message of each chunk; all must be there, each time the same. */
struct update enclave_open_update(struct enclave_double *enclave, const struct device_double *device, uint32_t round,
                                  uint8_t digest[static DIGEST_SIZE], struct receipt *receipt)
{
    static uint8_t plain[8192], transfer[TRANSFER_SIZE];
    struct buf plain_buf = BUF_OF(plain);
    struct place place = enclave->place;
    struct view messages[32];
    struct cose_encrypt0 head = {.chunk = {.count = 1}};
    struct update update;
    uint32_t chunk = 0;

    place.round = round;
    for (; chunk < head.chunk.count; chunk++) {
        char suffix[64];
        snprintf(suffix, sizeof suffix, "update/agg/dev/%u.%u", round, chunk);
        const struct published *message = device_said(device, suffix);
        must(message != NULL ? STATUS_OK : STATUS_CHUNK_MISSING, suffix);
        messages[chunk] = (struct view){message->bytes, message->len};
        must(cose_encrypt0_decode(messages[chunk], &head), "chunk");
        must(bind_open0(PURPOSE_UPDATE, &place, VIEW_OF(enclave->update_key), &head, &plain_buf), "chunk");
    }
    must(sha256_pieces(messages, chunk, digest), "digest");
    memcpy(transfer, head.chunk.transfer.ptr, sizeof transfer);
    *receipt = (struct receipt){round, VIEW_OF(transfer), STATUS_OK, {digest, DIGEST_SIZE}};
    must(update_decode(buf_view(&plain_buf), &update), "update");
    return update;
}

struct view enclave_receipt(struct enclave_double *enclave, const struct receipt *receipt)
{
    uint8_t payload[256], iv[12] = {9};
    struct buf payload_buf = BUF_OF(payload);
    const struct cose_encrypt0 head = {.alg = AEAD_A256GCM, .kid = VIEW_OF(enclave->cti), .iv = VIEW_OF(iv)};

    must(receipt_encode(receipt, &payload_buf), "receipt");
    must(bind_seal0(PURPOSE_RECEIPT, &enclave->place, VIEW_OF(enclave->update_key), &head, buf_view(&payload_buf),
                    fresh(enclave)),
         "receipt");
    return buf_view(&enclave->out);
}

struct record enclave_result(const struct enclave_double *enclave, uint32_t round, struct view previous)
{
    return (struct record){
        .round = round,
        .task = TASK_TRAIN,
        .previous = previous,
        .base = VIEW_OF(enclave->base),
        .model = VIEW_OF(enclave->policy_digest),
        .counted = 1,
        .samples = 100,
        .root = VIEW_OF(enclave->base),
        .metrics = {.count = 1, .list = {{VIEW_TEXT("accuracy"), 912000, 100}}},
        .closed = DOUBLE_NOW,
        .boot_id = VIEW_OF(enclave->boot_id),
        .policy_digest = VIEW_OF(enclave->policy_digest),
        .simulated = true,
    };
}

struct view enclave_record(struct enclave_double *enclave, const struct record *record,
                           uint8_t digest[static DIGEST_SIZE])
{
    uint8_t payload[1024];
    struct buf payload_buf = BUF_OF(payload);
    struct place place = enclave->place;

    place.round = record->round;
    must(record_encode(record, &payload_buf), "record");
    must(sha256(buf_view(&payload_buf), digest), "record digest");
    return sign(enclave, PURPOSE_RECORD, &place, buf_view(&payload_buf));
}

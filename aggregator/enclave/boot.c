/* boot.c: what happens once: the policy is verified, keys are made, evidence is taken, memory is lent. */
#include <string.h>

#include "bundle.h"
#include "challenge.h"
#include "core_private.h"
#include "escrow.h"

/* The table of counted devices is kept at most half full. */
#define COUNTED_SLOTS(cohort) (2 * (size_t)(cohort))

static enum status take_policy(struct core *core, const struct gate_boot *boot)
{
    struct buf kept = BUF_OF(core->policy_bytes);
    uint64_t max_plain;

    TRY(cose_key_decode(boot->owner_key, core->owner_point));
    TRY(buf_append(&kept, boot->policy));
    core->signed_policy = buf_view(&kept);
    TRY(policy_verify(core->signed_policy, VIEW_OF(core->owner_point), (struct view){NULL, 0}, core->now,
                      &core->policy));
    TRY(sha256(core->signed_policy, core->policy_digest));
    core->simulated = policy_is_simulated(&core->policy);
    TRY(escrow_permits(core));

    if (boot->aggregator.len > sizeof core->aggregator_name)
        return STATUS_OUT_OF_RANGE;
    memcpy(core->aggregator_name, boot->aggregator.ptr, boot->aggregator.len);
    core->place = (struct place){
        .federation = core->policy.federation,
        .aggregator = {(const uint8_t *)core->aggregator_name, boot->aggregator.len},
        .boot_id = VIEW_OF(core->keys.boot_id),
    };
    max_plain = update_encoded_max(core->policy.max_parameters, MODEL_MAX_TENSORS);
    return chunks_of(max_plain, policy_chunk_size(&core->policy)) <= CHUNKS_MAX ? STATUS_OK : STATUS_OUT_OF_RANGE;
}

static enum status make_keys(struct core *core)
{
    const struct random_port *random = &core->ports.random;
    struct boot_keys *keys = &core->keys;

    TRY(random->fill(random->ctx, keys->boot_id, sizeof keys->boot_id));
    TRY(random->fill(random->ctx, keys->epoch_secret, sizeof keys->epoch_secret));
    TRY(random->fill(random->ctx, keys->model_key, sizeof keys->model_key));
    TRY(p256_generate(random, &keys->signing));
    return p256_generate(random, &keys->sealing);
}

static enum status lend(struct core *core, size_t size, void *out)
{
    void *memory = core->ports.lend(core->ports.ctx, size);

    if (memory == NULL)
        return STATUS_NO_SPACE;
    memcpy(out, &memory, sizeof memory);
    return STATUS_OK;
}

/* The buffer has its capacity once it has memory: until then there is nothing to wipe in it. */
static enum status lend_buf(struct core *core, size_t cap, struct buf *out)
{
    TRY(lend(core, cap, &out->ptr));
    out->cap = cap;
    return STATUS_OK;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* All the memory that the core will ever use, by the limits of the policy. */
static enum status lend_memory(struct core *core)
{
    const struct policy *policy = &core->policy;
    size_t model = model_encoded_max(policy->max_parameters);
    size_t update = update_encoded_max(policy->max_parameters, MODEL_MAX_TENSORS);

    core->tally.capacity = policy->max_cohort;
    core->tally.slot_count = COUNTED_SLOTS(policy->max_cohort);
    TRY(lend_buf(core, model, &core->model.encoded));
    TRY(lend_buf(core, larger(larger(model, update) + MESSAGE_MAX, SEALED_MAX), &core->plain));
    TRY(lend_buf(core, BUNDLE_PARTS_MAX + BUNDLE_MAX, &core->attested));
    TRY(lend_buf(core, APPRAISAL_SPACE, &core->appraisal_space));
    TRY(lend(core, (size_t)policy->max_parameters * sizeof(int64_t), &core->sum.sums));
    TRY(lend(core, core->tally.capacity * sizeof *core->tally.leaves, &core->tally.leaves));
    TRY(lend(core, REVOKED_ROOM, &core->revoked.room));
    return lend(core, core->tally.slot_count * sizeof *core->tally.slots, &core->tally.slots);
}

/* The claims that the evidence binds, the same for the whole boot. */
static enum status make_claims(const struct core *core, struct buf *out)
{
    uint8_t signing[PUBLIC_KEY_SIZE], sealing[PUBLIC_KEY_SIZE];
    struct buf signing_buf = BUF_OF(signing), sealing_buf = BUF_OF(sealing);
    struct enclave_claims claims = {
        .federation = core->place.federation,
        .aggregator = core->place.aggregator,
        .boot_id = core->place.boot_id,
        .signing_key = VIEW_OF(signing),
        .sealing_key = VIEW_OF(sealing),
        .policy_digest = VIEW_OF(core->policy_digest),
        .booted = core->booted,
    };

    TRY(cose_key_encode(VIEW_OF(core->keys.signing.point), &signing_buf));
    TRY(cose_key_encode(VIEW_OF(core->keys.sealing.point), &sealing_buf));
    return enclave_claims_encode(&claims, out);
}

/* A bundle with evidence of now, and what its platform gave to verify it with. All of it lies in core->attested, until
 * the next one; it has a place of its own because a state is unsealed while the first one waits. */
static enum status make_bundle(struct core *core, struct view *out)
{
    uint8_t *memory = core->attested.ptr;
    struct buf evidence = {.ptr = memory, .cap = EVIDENCE_MAX};
    struct buf endorsement = {.ptr = memory + EVIDENCE_MAX, .cap = ENDORSEMENT_MAX};
    struct buf claims = {.ptr = memory + EVIDENCE_MAX + ENDORSEMENT_MAX, .cap = MESSAGE_MAX};
    struct buf encoded = {.ptr = memory + BUNDLE_PARTS_MAX, .cap = BUNDLE_MAX};
    struct attest_request request = {.federation = core->place.federation, .now = core->now};
    struct bundle bundle = {.policy = core->signed_policy};

    TRY(make_claims(core, &claims));
    TRY(sha512(buf_view(&claims), request.report_data));
    TRY(core->ports.attest(core->ports.ctx, &request, &bundle.kind, &evidence, &endorsement));
    bundle.evidence = buf_view(&evidence);
    bundle.claims = buf_view(&claims);
    if (endorsement.len > 0)
        bundle.endorsements = (struct endorsements){1, {buf_view(&endorsement)}};
    TRY(bundle_encode(&bundle, &encoded));
    *out = buf_view(&encoded);
    return STATUS_OK;
}

enum status core_boot(struct core *core, const struct gate_boot *boot, struct buf *out)
{
    struct gate_booted booted = {.restored = STATUS_NOT_FOUND};

    core->phase = GATE_NONE; /* until all of it is done; memory is never lent twice, nor keys made over others */
    TRY(take_policy(core, boot));
    TRY(make_keys(core));
    TRY(lend_memory(core));
    if (boot->revoked.len > 0)
        TRY(core_revoke(core, boot->revoked));
    core->booted = core->now;
    TRY(make_bundle(core, &booted.bundle));
    core->phase = GATE_EMPTY;
    if (boot->state.len > 0)
        booted.restored = core_unseal(core, boot->state);
    booted.max_body = core_max_body(core);
    booted.chunk_size = policy_chunk_size(&core->policy);
    booted.max_packet = core->policy.max_packet;
    return gate_booted_encode(&booted, out);
}

enum status core_attest(struct core *core, struct buf *out)
{
    struct view bundle;

    TRY(make_bundle(core, &bundle));
    return gate_message_encode(bundle, out);
}

enum status core_challenge(struct core *core, struct buf *out)
{
    struct challenges *known = &core->challenges;
    uint8_t fresh[CHALLENGE_SIZE], payload[MESSAGE_MAX], message[MESSAGE_MAX];
    struct buf payload_buf = BUF_OF(payload), message_buf = BUF_OF(message);
    /* Twice its time: it is replaced after challenge_s and then accepted as the one before for as long again. */
    struct challenge challenge = {
        .value = VIEW_OF(fresh),
        .expires = core->now + 2 * (uint64_t)core->policy.challenge_s,
        .boot_id = core->place.boot_id,
    };

    if (challenge.expires > TIME_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(core->ports.random.fill(core->ports.random.ctx, fresh, sizeof fresh));
    TRY(challenge_encode(&challenge, &payload_buf));
    TRY(bind_sign(PURPOSE_CHALLENGE, &core->place, &core->keys.signing, &core->ports.random, buf_view(&payload_buf),
                  &message_buf));
    memcpy(known->value[1], known->value[0], CHALLENGE_SIZE);
    known->expires[1] = known->expires[0];
    memcpy(known->value[0], fresh, CHALLENGE_SIZE);
    known->expires[0] = challenge.expires;
    return gate_message_encode(buf_view(&message_buf), out);
}

bool core_knows_challenge(const struct core *core, struct view value)
{
    bool known = false;

    for (int i = 0; i < 2; i++)
        known |=
            core->now < core->challenges.expires[i] && view_equal_secret(value, VIEW_OF(core->challenges.value[i]));
    return known;
}

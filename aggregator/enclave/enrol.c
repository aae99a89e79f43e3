/* enrol.c: a device proves itself and is given what it needs to take part. Source: PROTOCOL.md section 5. */
#include "core_private.h"
#include "credential.h"
#include "enrol.h"

/* What a successful enrolment hands out. */
struct grant {
    uint8_t cti[CTI_SIZE], update_key[AEAD_KEY_MAX], credential[CREDENTIAL_MAX];
    struct buf update_key_buf, credential_buf;
};

static void grant_wipe(struct grant *grant)
{
    wipe(grant, sizeof *grant);
}

static bool alg_allowed(const struct policy *policy, int64_t alg)
{
    for (uint32_t i = 0; i < policy->alg_count; i++)
        if (policy->algs[i] == alg)
            return true;
    return false;
}

/* Is the request for this enclave, under its policy, made just now, by the device whose topic it came on? */
static enum status check_claims(const struct core *core, const struct device_claims *claims, struct view device)
{
    if (!view_equal(claims->federation, core->place.federation) ||
        !view_equal(claims->aggregator, core->place.aggregator) || !view_equal(claims->device, device))
        return STATUS_EVIDENCE_FEDERATION;
    if (!core_knows_challenge(core, claims->challenge))
        return STATUS_EVIDENCE_STALE;
    if (!view_equal(claims->policy_digest, VIEW_OF(core->policy_digest)))
        return STATUS_POLICY_OTHER;
    if (claims->role != ROLE_DEVICE)
        return STATUS_CREDENTIAL_ROLE;
    return alg_allowed(&core->policy, claims->alg) ? STATUS_OK : STATUS_UNSUPPORTED;
}

static enum status appraise_device(struct core *core, const struct enrol_request *request, struct view device,
                                   struct appraisal *appraisal)
{
    uint8_t report_data[SHA512_SIZE];
    const struct evidence evidence = {
        .kind = request->kind,
        .bytes = request->evidence,
        .endorsements = &request->endorsements,
        .federation = core->place.federation,
        .subject = device,
        .report_data = VIEW_OF(report_data),
        .now = core->now,
        .space = &core->appraisal_space,
    };

    TRY(sha512(request->claims, report_data));
    return appraise(&evidence, core->policy.device, core->policy.device_count, appraisal);
}

static enum status make_grant(struct core *core, const struct device_claims *claims, const struct appraisal *appraisal,
                              struct grant *grant)
{
    uint64_t expires = core->now + core->policy.credential_s;
    struct credential credential = {
        .aggregator = core->place.aggregator,
        .device = claims->device,
        .federation = core->place.federation,
        .expires = expires < core->policy.not_after ? expires : core->policy.not_after,
        .issued = core->now,
        .cti = VIEW_OF(grant->cti),
        .key = claims->key,
        .role = claims->role,
        .boot_id = core->place.boot_id,
        .kind = appraisal->kind,
        .ear_status = appraisal->ear_status,
    };
    struct update_key_of of = {
        .federation = credential.federation,
        .aggregator = credential.aggregator,
        .device = credential.device,
        .boot_id = credential.boot_id,
        .cti = credential.cti,
        .role = credential.role,
        .expires = credential.expires,
        .alg = claims->alg,
    };

    TRY(core->ports.random.fill(core->ports.random.ctx, grant->cti, sizeof grant->cti));
    TRY(credential_issue(&credential, &core->keys.signing, &core->ports.random, &grant->credential_buf));
    return update_key_derive(&of, VIEW_OF(core->keys.epoch_secret), &grant->update_key_buf);
}

/* Signs and seals the answer to the key in the claims: only the device that the evidence spoke of can read it. */
static enum status seal_answer(struct core *core, const struct device_claims *claims, const struct enrol_answer *answer,
                               struct buf *out)
{
    uint8_t point[P256_POINT_SIZE], payload[MESSAGE_MAX], message[MESSAGE_MAX];
    CLEANUP(buf_wipe) struct buf payload_buf = BUF_OF(payload);
    CLEANUP(buf_wipe) struct buf signed_buf = BUF_OF(message);
    struct place place = core_place(core, claims->device);

    TRY(cose_key_decode(claims->key, point));
    TRY(enrol_answer_encode(answer, &payload_buf));
    TRY(bind_sign(PURPOSE_ENROL_ANSWER, &place, &core->keys.signing, &core->ports.random, buf_view(&payload_buf),
                  &signed_buf));
    return bind_seal(PURPOSE_ENROL_ANSWER, &place, VIEW_OF(point), &core->ports.random, buf_view(&signed_buf), out);
}

static enum status open_request(struct core *core, const struct gate_sealed *sealed, struct enrol_request *request,
                                struct device_claims *claims)
{
    struct place place = core_place(core, sealed->name);

    core->plain.len = 0;
    TRY(bind_open(PURPOSE_ENROL, &place, &core->keys.sealing, &core->ports.random, sealed->message, &core->plain));
    TRY(enrol_request_decode(buf_view(&core->plain), request));
    return device_claims_decode(request->claims, claims);
}

/* Judges an opened request and answers it, whatever the verdict. */
static enum status answer_request(struct core *core, const struct gate_sealed *sealed,
                                  const struct enrol_request *request, const struct device_claims *claims,
                                  struct gate_answer *answer, struct buf *message)
{
    CLEANUP(grant_wipe) struct grant grant = {.update_key_buf = {.cap = 0}};
    struct enrol_answer inner = {.challenge = claims->challenge};
    struct appraisal appraisal;

    grant.update_key_buf = BUF_OF(grant.update_key);
    grant.credential_buf = BUF_OF(grant.credential);
    inner.reason = check_claims(core, claims, sealed->name);
    if (inner.reason == STATUS_OK)
        inner.reason = appraise_device(core, request, claims->device, &appraisal);
    if (inner.reason == STATUS_OK)
        inner.reason = make_grant(core, claims, &appraisal, &grant);
    if (inner.reason == STATUS_OK) {
        inner.credential = buf_view(&grant.credential_buf);
        inner.update_key = buf_view(&grant.update_key_buf);
        inner.model_key = VIEW_OF(core->keys.model_key);
    }
    TRY(seal_answer(core, claims, &inner, message));
    answer->reason = inner.reason;
    answer->message = buf_view(message);
    return STATUS_OK;
}

enum status core_enrol(struct core *core, const struct gate_sealed *sealed, struct buf *out)
{
    uint8_t message[MESSAGE_MAX];
    struct buf message_buf = BUF_OF(message);
    struct gate_answer answer = {.reason = STATUS_OK};
    struct enrol_request request;
    struct device_claims claims;

    answer.reason = open_request(core, sealed, &request, &claims);
    if (answer.reason == STATUS_OK) {
        enum status sealed_status = answer_request(core, sealed, &request, &claims, &answer, &message_buf);
        if (sealed_status != STATUS_OK)
            answer.reason = sealed_status;
    }
    if (answer.reason == STATUS_OK)
        core->enrolled++;
    else
        core->refused[answer.reason]++;
    return gate_answer_encode(&answer, out);
}

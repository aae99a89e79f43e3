/* trust.c: see trust.h. */
#include "trust.h"

#include <string.h>

static enum status appraise_enclave(const struct bundle *bundle, const struct trust_question *question,
                                    const struct policy *policy, struct appraisal *out)
{
    uint8_t report_data[SHA512_SIZE];
    static uint8_t memory[APPRAISAL_SPACE];
    struct buf space = BUF_OF(memory);
    const struct evidence evidence = {
        .kind = bundle->kind,
        .bytes = bundle->evidence,
        .endorsements = &bundle->endorsements,
        .federation = question->federation,
        .subject = question->aggregator,
        .report_data = VIEW_OF(report_data),
        .now = question->now,
        .space = &space,
    };

    TRY(sha512(bundle->claims, report_data));
    return appraise(&evidence, policy->aggregator, policy->aggregator_count, out);
}

/* What the claims say must be what was asked for. */
static enum status check_claims(const struct enclave_claims *claims, const struct bundle *bundle,
                                const struct trust_question *question)
{
    uint8_t digest[DIGEST_SIZE];

    if (!view_equal(claims->federation, question->federation) || !view_equal(claims->aggregator, question->aggregator))
        return STATUS_EVIDENCE_FEDERATION;
    TRY(sha256(bundle->policy, digest));
    return view_equal(claims->policy_digest, VIEW_OF(digest)) ? STATUS_OK : STATUS_POLICY_OTHER;
}

enum status trust_bundle(struct view bytes, const struct trust_question *question, struct trust *out)
{
    struct bundle bundle;
    struct enclave_claims claims;
    struct appraisal appraisal;
    struct trust trust;

    TRY(bundle_decode(bytes, &bundle));
    TRY(policy_verify(bundle.policy, question->owner_point, question->federation, question->now, &trust.policy));
    TRY(appraise_enclave(&bundle, question, &trust.policy, &appraisal));
    TRY(enclave_claims_decode(bundle.claims, &claims));
    TRY(check_claims(&claims, &bundle, question));
    TRY(cose_key_decode(claims.signing_key, trust.signing_point));
    TRY(cose_key_decode(claims.sealing_key, trust.sealing_point));
    memcpy(trust.policy_digest, claims.policy_digest.ptr, DIGEST_SIZE);
    memcpy(trust.boot_id, claims.boot_id.ptr, BOOT_ID_SIZE);
    trust.simulated = policy_is_simulated(&trust.policy);
    *out = trust;
    return STATUS_OK;
}

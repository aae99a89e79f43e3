/* trust.c: is this the enclave that the owner's policy describes? Source: PROTOCOL.md sections 3, 4, 16. */
#include "steps_private.h"

#include "account.h"
#include "appraise.h"
#include "challenge.h"

#include <string.h>

/* A bundle, taken apart and believed step by step. */
struct candidate {
    struct bundle bundle;
    struct enclave_claims claims;
    struct policy policy;
    struct trust trust;
    struct appraisal appraisal; /* nothing in it before check_evidence */
};

/* What the device would like if the policy allows it, else the policy's best. */
static int64_t choose_alg(const struct policy *policy, int64_t wanted)
{
    for (uint32_t i = 0; i < policy->alg_count; i++)
        if (policy->algs[i] == wanted)
            return wanted;
    return policy->algs[0];
}

/* The highest that was seen; 0 before any. */
static uint64_t kept_policy_version(struct tacit_node *node)
{
    uint8_t bytes[8];
    struct buf kept = BUF_OF(bytes);

    return node_load(node, "policy", &kept) == STATUS_OK && kept.len == sizeof bytes ? read_be64(bytes) : 0;
}

static enum status check_policy(struct tacit_node *node, struct candidate *candidate)
{
    struct policy *policy = &candidate->policy;

    TRY(policy_verify(candidate->bundle.policy, VIEW_OF(node->owner), view_of_string(node->federation), node->now,
                      policy));
    TRY(sha256(candidate->bundle.policy, candidate->trust.policy_digest));
    if (policy->version < kept_policy_version(node))
        return STATUS_POLICY_ROLLBACK;
    candidate->trust.alg = choose_alg(policy, node->wanted_alg);
    candidate->trust.challenge_s = policy->challenge_s;
    candidate->trust.max_packet = policy->max_packet;
    return STATUS_OK;
}

/* The claims are believed only when check_evidence has found them bound. */
static enum status check_claims(const struct tacit_node *node, struct candidate *candidate)
{
    struct enclave_claims *claims = &candidate->claims;
    struct trust *trust = &candidate->trust;

    TRY(enclave_claims_decode(candidate->bundle.claims, claims));
    if (!view_equal(claims->federation, view_of_string(node->federation)) ||
        !view_equal(claims->aggregator, view_of_string(node->aggregator)))
        return STATUS_EVIDENCE_FEDERATION;
    if (!view_equal(claims->policy_digest, VIEW_OF(trust->policy_digest)))
        return STATUS_POLICY_OTHER;
    TRY(cose_key_decode(claims->signing_key, trust->signing));
    TRY(cose_key_decode(claims->sealing_key, trust->sealing));
    memcpy(trust->boot_id, claims->boot_id.ptr, sizeof trust->boot_id);
    return STATUS_OK;
}

static enum status check_evidence(struct tacit_node *node, struct candidate *candidate)
{
    struct buf space = {.ptr = node->message.ptr, .cap = node->message.cap};
    const struct evidence evidence = {
        .kind = candidate->bundle.kind,
        .bytes = candidate->bundle.evidence,
        .endorsements = &candidate->bundle.endorsements,
        .federation = view_of_string(node->federation),
        .subject = view_of_string(node->aggregator),
        .report_data = VIEW_OF(candidate->trust.claims_digest),
        .now = node->now,
        .space = &space,
    };

    return appraise(&evidence, candidate->policy.aggregator, candidate->policy.aggregator_count, &candidate->appraisal);
}

/* The order is the argument: what the owner signed, what the enclave says, and that it is such an enclave that says so. */
static enum status judge(struct tacit_node *node, struct candidate *candidate)
{
    TRY(check_policy(node, candidate));
    TRY(check_claims(node, candidate));
    return check_evidence(node, candidate);
}

/* What the account says beside the appraisal. Believed are a policy that was verified, and claims that evidence binds. */
static enum status begin_account(const struct tacit_node *node, const struct candidate *candidate, enum status verdict,
                                 uint8_t evidence_digest[static DIGEST_SIZE], struct account *out)
{
    *out = (struct account){
        .at = node->now,
        .aggregator = view_of_string(node->aggregator),
        .verdict = verdict,
        .evidence_digest = {evidence_digest, DIGEST_SIZE},
        .policy_version = candidate->policy.version,
    };
    account_of(&candidate->appraisal, out);
    out->kind = candidate->bundle.kind;
    if (candidate->policy.aggregator_count > 0)
        out->policy_digest = VIEW_OF(candidate->trust.policy_digest);
    if (verdict == STATUS_OK)
        out->boot_id = VIEW_OF(candidate->trust.boot_id);
    return sha256(candidate->bundle.evidence, evidence_digest);
}

/* Why it is trusted, or not: for `tacit explain`. Nothing rests on it, so a store that fails stops nothing. */
static void keep_account(struct tacit_node *node, const struct candidate *candidate, enum status verdict)
{
    struct buf encoded = {.ptr = node->request.ptr, .cap = node->request.cap};
    uint8_t digest[DIGEST_SIZE];
    struct account account;

    /* A stranger may send what is refused as often as it likes; the disk is spared. */
    if (verdict != STATUS_OK && node->refusal_kept > 0 && node->now - node->refusal_kept < REFUSAL_EVERY_S)
        return;
    if (begin_account(node, candidate, verdict, digest, &account) == STATUS_OK &&
        account_encode(&account, &encoded) == STATUS_OK)
        (void)node_keep(node, verdict == STATUS_OK ? ACCOUNT_TRUST : ACCOUNT_REFUSAL, buf_view(&encoded));
    if (verdict != STATUS_OK)
        node->refusal_kept = node->now;
}

/* Which check it was; the end of the window tells of what was in its time once. */
static void tell_failed_check(struct tacit_node *node, const struct appraisal *appraisal)
{
    const struct check *failed = appraisal_failed(appraisal);

    if (failed != NULL)
        node_event(node, "appraisal", "kind=%.*s failed=\"%s\" reason=%s until=%llu", (int)appraisal->kind.len,
                   (const char *)appraisal->kind.ptr, failed->name, status_name(failed->reason),
                   (unsigned long long)appraisal->not_after);
}

static enum status keep_policy_version(struct tacit_node *node, uint64_t version)
{
    uint8_t bytes[8];

    if (version == kept_policy_version(node))
        return STATUS_OK;
    write_be64(bytes, version);
    return node_keep(node, "policy", VIEW_OF(bytes));
}

enum status trust_take_bundle(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    struct candidate candidate = {.claims = {.booted = 0}};
    char boot[2 * BOOT_ID_SIZE + 1];
    enum status verdict;

    (void)topic;
    TRY(bundle_decode(payload, &candidate.bundle));
    TRY(sha512(candidate.bundle.claims, candidate.trust.claims_digest));
    /* Fresh evidence of the boot that is trusted already. */
    if (node->membership != STRANGER &&
        view_equal(VIEW_OF(candidate.trust.claims_digest), VIEW_OF(node->trust.claims_digest)))
        return STATUS_EXISTS;
    verdict = judge(node, &candidate);
    keep_account(node, &candidate, verdict);
    tell_failed_check(node, &candidate.appraisal);
    TRY(verdict);
    TRY(keep_policy_version(node, candidate.policy.version));
    candidate.trust.policy_version = candidate.policy.version;
    TRY(membership_step(node, BOOTED, &candidate.trust));
    hex_encode(VIEW_OF(node->trust.boot_id), boot);
    node_event(node, "trusted", "policy=%llu simulated=%d boot=%s", (unsigned long long)candidate.policy.version,
               policy_is_simulated(&candidate.policy), boot);
    return STATUS_OK;
}

enum status trust_take_challenge(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    const struct place place = node_place(node);
    struct challenge challenge;
    struct view bytes;

    (void)topic;
    TRY(bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(node->trust.signing), payload, &bytes));
    TRY(challenge_decode(bytes, &challenge));
    if (!view_equal(challenge.boot_id, place.boot_id))
        return STATUS_CREDENTIAL_FOREIGN;
    /* The enclave's time only moves forward, so what expires earlier than the one seen is older. */
    if (challenge.expires <= node->now || challenge.expires < node->trust.challenge_expires)
        return STATUS_STALE_CHALLENGE;
    memcpy(node->trust.challenge, challenge.value.ptr, sizeof node->trust.challenge);
    node->trust.challenge_expires = challenge.expires;
    return STATUS_OK;
}

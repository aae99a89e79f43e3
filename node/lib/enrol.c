/* enrol.c: the membership of a device: it asks with its evidence, and is given keys. Source: PROTOCOL.md section 5. */
#include "steps_private.h"

#include "credential.h"

#include <string.h>

static void grant_wipe(struct grant *grant)
{
    wipe(grant, sizeof *grant);
}

bool enrol_is_member(const struct tacit_node *node)
{
    return node->membership == MEMBER || node->membership == RENEWING;
}

/* ---- actions; what each is given with its event stands beside it in the table ---- */

/* Another enclave is trusted: all that came from the one before is void. The update is kept: it is sealed again. */
static enum status begin_boot(struct tacit_node *node, const void *with)
{
    static const enum topic_kind topics[] = {TOPIC_CREDENTIAL, TOPIC_CHALLENGE, TOPIC_NEED,
                                             TOPIC_RECEIPT,    TOPIC_RECORD,    TOPIC_ROUND};
    struct p256_key key;

    TRY(p256_generate(&node->random, &key));
    round_supersede(node);
    grant_wipe(&node->grant);
    node->trust = *(const struct trust *)with;
    node->key = key;
    p256_key_wipe(&key);
    node->round = (struct round){.known = false};
    retry_now(&node->ask, node->now);
    retry_now(&node->denied, node->now);
    /* Again, even if they are subscribed: what they retain came before its signer was known. */
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        node_subscribe(node, topics[i], 0);
    return STATUS_OK;
}

static enum status encode_claims(const struct tacit_node *node, struct buf *out)
{
    uint8_t key[PUBLIC_KEY_SIZE];
    struct buf key_buf = BUF_OF(key);
    const struct device_claims claims = {
        .federation = view_of_string(node->federation),
        .aggregator = view_of_string(node->aggregator),
        .device = view_of_string(node->device),
        .challenge = VIEW_OF(node->trust.challenge),
        .key = VIEW_OF(key),
        .policy_digest = VIEW_OF(node->trust.policy_digest),
        .role = ROLE_DEVICE,
        .alg = node->trust.alg,
    };

    TRY(cose_key_encode(VIEW_OF(node->key.point), &key_buf));
    return device_claims_encode(&claims, out);
}

/* Evidence over the claims, and the request of both. */
static enum status encode_request(struct tacit_node *node, struct buf *out)
{
    uint8_t claims[1024], report_data[SHA512_SIZE];
    char kind[KIND_MAX + 1];
    struct buf claims_buf = BUF_OF(claims);
    struct enrol_request request;

    TRY(encode_claims(node, &claims_buf));
    TRY(sha512(buf_view(&claims_buf), report_data));
    TRY(node_attest(node, report_data, kind, &request));
    request.claims = buf_view(&claims_buf);
    return enrol_request_encode(&request, out);
}

static enum status ask(struct tacit_node *node, const void *with)
{
    const struct place place = node_place(node);
    struct buf *request = &node->request, *message = &node->message;

    (void)with;
    request->len = message->len = 0;
    TRY(encode_request(node, request));
    TRY(bind_seal(PURPOSE_ENROL, &place, VIEW_OF(node->trust.sealing), &node->random, buf_view(request), message));
    /* The host would drop it without a word. */
    if (message->len > node->trust.max_packet)
        return STATUS_NO_SPACE;
    TRY(node_publish(node, TOPIC_ENROL, &(struct topic){.chunk = 0}, buf_view(message)));
    memcpy(node->asked, node->trust.challenge, sizeof node->asked);
    retry_later(node, &node->ask, RETRY_MIN_S, RETRY_MAX_S);
    return STATUS_OK;
}

static enum status take_grant(struct tacit_node *node, const void *with)
{
    char id[2 * CTI_SIZE + 1];

    node->grant = *(const struct grant *)with;
    retry_now(&node->ask, node->now);
    retry_now(&node->denied, node->now);
    hex_encode(VIEW_OF(node->grant.cti), id);
    node_event(node, "enrolled", "credential=%s expires=%llu alg=%d", id, (unsigned long long)node->grant.expires,
               (int)node->grant.alg);
    return STATUS_OK;
}

static enum status take_denial(struct tacit_node *node, const void *with)
{
    const enum status reason = *(const enum status *)with;

    /* A challenge that rolled over on the way is nobody's fault. */
    if (reason == STATUS_EVIDENCE_STALE)
        retry_later(node, &node->ask, RETRY_MIN_S, RETRY_MAX_S);
    else
        retry_later(node, &node->denied, DENIED_MIN_S, DENIED_MAX_S);
    node_event(node, "refused", "enrolment: %s", status_text(reason));
    return STATUS_OK;
}

static enum status lapse(struct tacit_node *node, const void *with)
{
    (void)with;
    grant_wipe(&node->grant);
    retry_now(&node->ask, node->now);
    return STATUS_OK;
}

static const struct {
    enum membership state;
    enum membership_event event;
    enum membership next;
    enum status (*action)(struct tacit_node *node, const void *with);
} table[] = {
    {STRANGER, BOOTED, TRUSTING, begin_boot}, /* struct trust: evidence was appraised */
    {TRUSTING, BOOTED, TRUSTING, begin_boot}, /* struct trust, here and below: of another boot */
    {ASKING, BOOTED, TRUSTING, begin_boot},   /* its answer would be void */
    {MEMBER, BOOTED, TRUSTING, begin_boot},   /* its credential is void */
    {RENEWING, BOOTED, TRUSTING, begin_boot}, /* both are */
    {TRUSTING, ASK_DUE, ASKING, ask},         /* there is a live challenge */
    {ASKING, ASK_DUE, ASKING, ask},           /* no answer came */
    {MEMBER, ASK_DUE, RENEWING, ask},         /* three quarters of the credential's life are over */
    {RENEWING, ASK_DUE, RENEWING, ask},       /* no answer came */
    {ASKING, GRANTED, MEMBER, take_grant},    /* struct grant */
    {RENEWING, GRANTED, MEMBER, take_grant},  /* struct grant */
    {ASKING, DENIED, TRUSTING, take_denial},  /* enum status: why */
    {RENEWING, DENIED, MEMBER, take_denial},  /* enum status: why; what it has still serves */
    {MEMBER, LAPSED, TRUSTING, lapse},        /* expired, or refused by a receipt */
    {RENEWING, LAPSED, TRUSTING, lapse},      /* the same */
};

enum status membership_step(struct tacit_node *node, enum membership_event event, const void *with)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].state == node->membership && table[i].event == event) {
            TRY(table[i].action(node, with));
            node->membership = table[i].next;
            return STATUS_OK;
        }
    return STATUS_NOT_PERMITTED;
}

/* ---- the answer ---- */

/* A credential of this device, by this enclave, for its present key; and keys of the right sizes with it. */
static enum status check_grant(const struct tacit_node *node, const struct enrol_answer *answer, struct grant *out)
{
    const struct place place = node_place(node);
    uint8_t key[PUBLIC_KEY_SIZE];
    struct buf key_buf = BUF_OF(key);
    struct credential credential;

    TRY(credential_check(answer->credential, VIEW_OF(node->trust.signing), &place, node->now, &credential));
    TRY(cose_key_encode(VIEW_OF(node->key.point), &key_buf));
    if (!view_equal(credential.device, place.device) || !view_equal(credential.key, buf_view(&key_buf)))
        return STATUS_CREDENTIAL_FOREIGN;
    if (credential.role != ROLE_DEVICE)
        return STATUS_CREDENTIAL_ROLE;
    if (answer->update_key.len != aead_key_size(node->trust.alg) || answer->model_key.len != sizeof out->model_key)
        return STATUS_BAD_KEY;
    if (credential.issued >= credential.expires)
        return STATUS_OUT_OF_RANGE;
    memcpy(out->cti, credential.cti.ptr, sizeof out->cti);
    memcpy(out->identity, credential.identity.ptr, sizeof out->identity);
    memcpy(out->update_key, answer->update_key.ptr, answer->update_key.len);
    memcpy(out->model_key, answer->model_key.ptr, answer->model_key.len);
    out->alg = node->trust.alg;
    out->issued = credential.issued;
    out->expires = credential.expires;
    return STATUS_OK;
}

enum status enrol_take_answer(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    const struct place place = node_place(node);
    uint8_t plain[MESSAGE_MAX];
    CLEANUP(buf_wipe) struct buf plain_buf = BUF_OF(plain);
    CLEANUP(grant_wipe) struct grant grant = {.alg = 0};
    struct enrol_answer answer;
    struct view bytes;

    (void)topic;
    if (node->membership != ASKING && node->membership != RENEWING)
        return STATUS_NOT_PERMITTED;
    TRY(bind_open(PURPOSE_ENROL_ANSWER, &place, &node->key, &node->random, payload, &plain_buf));
    TRY(bind_verify(PURPOSE_ENROL_ANSWER, &place, VIEW_OF(node->trust.signing), buf_view(&plain_buf), &bytes));
    TRY(enrol_answer_decode(bytes, &answer));
    if (!view_equal_secret(answer.challenge, VIEW_OF(node->asked)))
        return STATUS_STALE_CHALLENGE;
    if (answer.reason != STATUS_OK)
        return membership_step(node, DENIED, &answer.reason);
    TRY(check_grant(node, &answer, &grant));
    return membership_step(node, GRANTED, &grant);
}

/* ---- time ---- */

static bool must_ask(const struct tacit_node *node)
{
    const struct grant *grant = &node->grant;

    if (!node->connected || node->now >= node->trust.challenge_expires || !retry_due(&node->ask, node->now) ||
        !retry_due(&node->denied, node->now))
        return false;
    /* A credential is renewed after three quarters of its life. */
    return !enrol_is_member(node) || node->now >= grant->expires - (grant->expires - grant->issued) / 4;
}

void enrol_advance(struct tacit_node *node)
{
    enum status status;

    if (node->membership == STRANGER)
        return;
    if (enrol_is_member(node) && node->now >= node->grant.expires)
        (void)membership_step(node, LAPSED, NULL);
    if (!must_ask(node))
        return;
    status = membership_step(node, ASK_DUE, NULL);
    if (status == STATUS_OK || status == STATUS_BUSY)
        return;
    node_event(node, "failed", "enrolment: %s", status_text(status));
    retry_later(node, &node->ask, RETRY_MIN_S, RETRY_MAX_S);
}

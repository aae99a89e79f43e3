/* owner.c: the owner, by MQTT as `tacit` is: sees by the status what is wanted, and asks for it until it is so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "bundle.h"
#include "challenge.h"
#include "cose.h"
#include "federation_private.h"
#include "model.h"
#include "need.h"
#include "simulation.h"

#define ASK_AGAIN_MS   20000
#define OFFER_AGAIN_MS 4000
#define DEADLINE_S     40

static struct topic names_of(const struct owner_desk *desk)
{
    return (struct topic){
        .federation = VIEW_TEXT("fed"),
        .aggregator = view_of_string(desk->machine->name),
        .request = VIEW_TEXT("request-1"),
    };
}

static void forget_request(struct owner_desk *desk)
{
    free(desk->sealed.ptr);
    desk->sealed = (struct buf){NULL, 0, 0};
}

static void send_fragment(struct owner_desk *desk, uint32_t index)
{
    const uint32_t size = policy_chunk_size(&desk->machine->federation.policy);
    const size_t offset = (size_t)index * size, rest = desk->sealed.len - offset;
    uint8_t bytes[MESSAGE_MAX], text[TOPIC_MAX];
    struct buf message = BUF_OF(bytes), topic = BUF_OF(text);
    struct topic names = names_of(desk);
    const struct fragment fragment = {
        .transfer = VIEW_OF(desk->transfer),
        .index = index,
        .count = (uint32_t)chunks_of(desk->sealed.len, size),
        .total = desk->sealed.len,
        .piece = {desk->sealed.ptr + offset, rest < size ? rest : size},
    };

    names.chunk = index;
    must(fragment_encode(&fragment, &message), "fragment");
    must(topic_format(TOPIC_OWNER, &names, &topic), "topic");
    (void)client_publish(&desk->sim->owner, (const char *)text, buf_view(&message), false);
}

/* Whether the list that the enclave holds, as its host says, is older than the owner's. */
static bool is_list_old(const struct owner_desk *desk)
{
    const char *told = strstr(desk->status, "\"revocations\":");
    unsigned long long version;

    return told != NULL && sscanf(told, "\"revocations\":%llu", &version) == 1 && version < desk->sim->revoking.version;
}

/* What the status asks for; false when nothing is missing. */
static bool wish(struct owner_desk *desk, struct owner_request *out)
{
    const struct revoking *revoking = &desk->sim->revoking;
    const bool waiting = strstr(desk->status, "\"state\":\"waiting\"") != NULL;
    const bool idle =
        strstr(desk->status, "\"state\":\"idle\"") != NULL && strstr(desk->status, "\"rounds_left\":0,") != NULL;

    if (is_list_old(desk)) {
        *out = (struct owner_request){.command = OWNER_REVOKE,
                                      .revoked = buf_view(&revoking->list[revoking->version].signed_list)};
        return true;
    }
    if (waiting) {
        const struct ledger *ledger = &desk->sim->ledger;
        *out = (struct owner_request){.command = OWNER_PUT_MODEL, .model = buf_view(&ledger->models[0].bytes)};
    } else if (idle) {
        *out = (struct owner_request){
            .command = OWNER_START,
            .plan = {.rounds = 20, .target = desk->target, .deadline_s = DEADLINE_S, .evaluate = true},
        };
    }
    return waiting || idle;
}

static void note_sent(struct owner_desk *desk, uint64_t revoked)
{
    struct sent *sent = &desk->sent[desk->sent_count++ % SIM_SENT];

    *sent = (struct sent){.revoked = revoked};
    must(sha256(buf_view(&desk->sealed), sent->digest), "request");
}

static void ask(struct owner_desk *desk)
{
    struct sim *sim = desk->sim;
    struct owner_request request;

    /* What is retained may have been lost on its way, or be of another boot by now. */
    client_subscribe(&sim->owner, "tacit/1/fed/aggregator/+/evidence");
    client_subscribe(&sim->owner, "tacit/1/fed/aggregator/+/challenge");
    if (!desk->knows_boot || !desk->knows_challenge || !wish(desk, &request)) {
        desk->asked_ms = sim->clock.now_ms;
        return;
    }
    forget_request(desk);
    buf_replace(&desk->sealed, federation_owner_message(&desk->machine->federation, &request));
    note_sent(desk, request.command == OWNER_REVOKE ? sim->revoking.version : 0);
    write_be64(desk->transfer, dice_next(&sim->dice));
    desk->asked_ms = desk->offered_ms = sim->clock.now_ms;
    sim_trace(sim, "owner", "asks %s: %s", desk->machine->name,
              request.command == OWNER_START    ? "start"
              : request.command == OWNER_REVOKE ? "revoke"
                                                : "put model");
    send_fragment(desk, 0);
}

static void tick(void *ctx, uint64_t number)
{
    struct owner_desk *desk = ctx;
    const uint64_t now = desk->sim->clock.now_ms;

    clockwork_after(&desk->sim->clock, 1000, tick, desk, number);
    if (desk->sim->owner_rests && !is_list_old(desk))
        return;
    if (desk->sealed.len == 0 || now - desk->asked_ms >= ASK_AGAIN_MS) {
        if (now - desk->asked_ms >= 3000)
            ask(desk);
    } else if (now - desk->offered_ms >= OFFER_AGAIN_MS) {
        desk->offered_ms = now;
        send_fragment(desk, 0);
    }
}

/* `tacit` appraises what it gets; here it is enough to take it for what it says. */
static enum status learn(struct owner_desk *desk, struct view bytes)
{
    struct federation *federation = &desk->machine->federation;
    struct bundle bundle;
    struct enclave_claims claims;

    TRY(bundle_decode(bytes, &bundle));
    TRY(enclave_claims_decode(bundle.claims, &claims));
    if (!view_equal(claims.boot_id, VIEW_OF(federation->boot_id))) {
        desk->knows_challenge = false;
        forget_request(desk);
    }
    TRY(cose_key_decode(claims.signing_key, federation->signing_point));
    TRY(cose_key_decode(claims.sealing_key, federation->sealing_point));
    TRY(p256_check_point(VIEW_OF(federation->sealing_point)));
    memcpy(federation->boot_id, claims.boot_id.ptr, sizeof federation->boot_id);
    desk->knows_boot = true;
    /* What is retained may have come before its signer was known. */
    client_subscribe(&desk->sim->owner, "tacit/1/fed/aggregator/+/challenge");
    return STATUS_OK;
}

static enum status learn_challenge(struct owner_desk *desk, struct view bytes)
{
    struct federation *federation = &desk->machine->federation;
    const struct place place = place_of(federation, (struct view){NULL, 0});
    struct challenge challenge;
    struct view payload;

    if (!desk->knows_boot)
        return STATUS_OK;
    TRY(bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(federation->signing_point), bytes, &payload));
    TRY(challenge_decode(payload, &challenge));
    memcpy(federation->challenge, challenge.value.ptr, sizeof federation->challenge);
    desk->knows_challenge = true;
    return STATUS_OK;
}

static void take_need(struct owner_desk *desk, struct view bytes)
{
    struct need need;

    if (need_decode(bytes, &need) != STATUS_OK || !view_equal(need.transfer, VIEW_OF(desk->transfer)) ||
        desk->sealed.len == 0)
        return;
    for (uint32_t i = 0; i < chunks_of(desk->sealed.len, policy_chunk_size(&desk->machine->federation.policy)); i++)
        if (need_has(&need, i))
            send_fragment(desk, i);
}

static struct owner_desk *desk_of(struct sim *sim, struct view aggregator)
{
    for (unsigned int i = 0; i < sim->machine_count; i++)
        if (view_equal(view_of_string(sim->machines[i].name), aggregator))
            return &sim->desks[i];
    return NULL;
}

/* What was obeyed is known from the gate. */
static void take_answer(struct owner_desk *desk, struct view answer)
{
    uint8_t digest[DIGEST_SIZE];

    must(sha256(answer, digest), "answer");
    for (uint32_t i = 0; i < SIM_SENT; i++) {
        const struct sent *sent = &desk->sent[i];
        if (sent->obeyed && memcmp(sent->answer, digest, DIGEST_SIZE) == 0 &&
            sent->revoked > desk->machine->revoked_told)
            desk->machine->revoked_told = sent->revoked;
    }
    forget_request(desk);
}

static void message(void *ctx, const char *text, struct view payload)
{
    struct sim *sim = ctx;
    struct topic topic;
    struct owner_desk *desk;

    if (topic_parse(view_of_string(text), &topic) != STATUS_OK)
        return;
    desk = desk_of(sim, topic.aggregator);
    for (unsigned int i = 0; topic.kind == TOPIC_NEED && i < sim->machine_count; i++)
        take_need(&sim->desks[i], payload);
    if (desk == NULL)
        return;
    if (topic.kind == TOPIC_EVIDENCE)
        (void)learn(desk, payload);
    else if (topic.kind == TOPIC_CHALLENGE)
        (void)learn_challenge(desk, payload);
    else if (topic.kind == TOPIC_ANSWER)
        take_answer(desk, payload);
    else if (topic.kind == TOPIC_STATUS)
        snprintf(desk->status, sizeof desk->status, "%.*s", (int)payload.len, (const char *)payload.ptr);
}

/* The next version of the same policy: what an owner gives out whose devices say that the chain forked. */
void owner_raise_policy(struct machine *machine)
{
    struct federation *federation = &machine->federation;
    const struct place place = {.federation = VIEW_TEXT("fed")};
    uint8_t payload[POLICY_MAX];
    struct buf payload_buf = BUF_OF(payload), signed_buf = BUF_OF(federation->signed_policy);

    federation->policy.version++;
    must(policy_encode(&federation->policy, &payload_buf), "policy");
    must(
        bind_sign(PURPOSE_POLICY, &place, &federation->owner, &federation->random, buf_view(&payload_buf), &signed_buf),
        "policy");
    federation->signed_policy_len = signed_buf.len;
    sim_trace(machine->sim, "owner", "raises the policy of %s to version %llu", machine->name,
              (unsigned long long)federation->policy.version);
    machine_crash(machine, "starts with another policy");
}

static void nothing(void *ctx)
{
    (void)ctx;
}

/* One tensor and another, of values from the seed. */
static void make_model(struct sim *sim)
{
    uint8_t bytes[2048];
    struct buf model = BUF_OF(bytes);
    const struct model_tensor tensors[] = {
        {.name = VIEW_TEXT("bias"), .dims = 1, .shape = {MODEL_VALUES / 3}, .elements = MODEL_VALUES / 3},
        {.name = VIEW_TEXT("weight"),
         .dims = 1,
         .shape = {MODEL_VALUES - MODEL_VALUES / 3},
         .elements = MODEL_VALUES - MODEL_VALUES / 3},
    };

    must(model_encode_head(ARRAY_LEN(tensors), &model), "model");
    for (size_t t = 0; t < ARRAY_LEN(tensors); t++) {
        must(model_encode_tensor_head(&tensors[t], &model), "model");
        for (uint64_t i = 0; i < tensors[t].elements; i++, model.len += 4) {
            const float value = (float)dice_below(&sim->dice, 1000) / 1000.0f;
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            write_le32(model.ptr + model.len, bits);
        }
    }
    ledger_add_model(&sim->ledger, buf_view(&model));
}

void owner_add(struct sim *sim)
{
    static const struct client_handlers handlers = {nothing, nothing, message, nothing};
    static const char *const filters[] = {"tacit/1/fed/aggregator/+/evidence", "tacit/1/fed/aggregator/+/challenge",
                                          "tacit/1/fed/aggregator/+/status", "tacit/1/fed/need/owner",
                                          "tacit/1/fed/answer/+/+"};

    make_model(sim);
    client_add(&sim->broker, &sim->owner, "owner", &handlers, sim);
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        client_subscribe(&sim->owner, filters[i]);
    client_start(&sim->owner, 10);
    for (unsigned int i = 0; i < sim->machine_count; i++) {
        unsigned int members = 0;
        for (unsigned int d = 0; d < sim->device_count; d++)
            members += sim->devices[d].machine == &sim->machines[i];
        sim->desks[i].sim = sim;
        sim->desks[i].machine = &sim->machines[i];
        sim->desks[i].target = dice_between(&sim->dice, sim->options.min_cohort, members);
        clockwork_after(&sim->clock, 1000, tick, &sim->desks[i], 0);
    }
}

void owner_end(struct sim *sim)
{
    for (unsigned int i = 0; i < sim->machine_count; i++)
        forget_request(&sim->desks[i]);
}

/* owner_client.c: see owner_client.h.
 *
 *   trusted -> challenge -> request sealed, fragment 0 published -> need: the granted ones -> answer
 *
 * Fragment 0 is an offer: it is repeated, ever more slowly, until the answer is here. */
#include "owner_client.h"

#include <string.h>

#include "challenge.h"
#include "clock.h"
#include "heap.h"
#include "keys.h"
#include "manifest.h"
#include "need.h"
#include "session.h"

#define REQUEST_ID_SIZE  16   /* hexadecimal digits */
#define OFFER_FIRST_MS   2000 /* until the offer is repeated; doubled each time */
#define OFFER_SLOWEST_MS 16000
#define ATTEMPTS_MAX     3 /* requests with a fresh challenge each */

struct asking {
    const struct owner_wish *wish;
    struct owner_outcome *out;
    struct p256_key owner, reply;

    uint8_t challenge[CHALLENGE_SIZE], transfer[TRANSFER_SIZE];
    char request[REQUEST_ID_SIZE + 1];
    struct buf sealed;        /* the request, or {0} when there is none under way */
    uint32_t size, count;     /* of a fragment; how many */
    bool granted[CHUNKS_MAX]; /* and not yet sent */
    struct loop_timer offer;
    struct session *session; /* set once the aggregator is trusted */
    uint64_t offer_ms;
    unsigned int attempts;
};

void owner_outcome_wipe(struct owner_outcome *outcome)
{
    wipe(outcome, sizeof *outcome);
}

static void asking_end(struct asking *asking)
{
    p256_key_wipe(&asking->owner);
    p256_key_wipe(&asking->reply);
    heap_give(&asking->sealed);
}

/* ---- making a request ---- */

static struct place place_of(const struct asking *asking)
{
    struct place place = session_place(asking->session);

    place.device = view_of_string(asking->request);
    return place;
}

static enum status fresh_names(struct asking *asking)
{
    uint8_t id[REQUEST_ID_SIZE / 2];

    TRY(keys_random.fill(keys_random.ctx, id, sizeof id));
    TRY(keys_random.fill(keys_random.ctx, asking->transfer, sizeof asking->transfer));
    hex_encode(VIEW_OF(id), asking->request);
    return p256_generate(&keys_random, &asking->reply);
}

static enum status encode_request(const struct asking *asking, struct buf *out)
{
    uint8_t key[PUBLIC_KEY_SIZE];
    struct buf reply_key = BUF_OF(key);
    struct owner_request request = {
        .challenge = VIEW_OF(asking->challenge),
        .command = asking->wish->command,
        .model = asking->wish->model,
        .plan = asking->wish->plan,
        .revoked = asking->wish->revoked,
    };

    if (request.plan.target == 0)
        request.plan.target = session_trust(asking->session)->policy.min_cohort;
    TRY(cose_key_encode(VIEW_OF(asking->reply.point), &reply_key));
    request.reply_key = buf_view(&reply_key);
    TRY(heap_take(asking->wish->model.len + asking->wish->revoked.len + MESSAGE_MAX, out));
    return owner_request_encode(&request, out);
}

/* Signed first, then sealed (PROTOCOL.md section 2). */
static enum status seal_request(struct asking *asking)
{
    const struct trust *trust = session_trust(asking->session);
    const struct place place = place_of(asking);
    CLEANUP(heap_give) struct buf payload = {0};
    CLEANUP(heap_give) struct buf signed_ = {0};

    TRY(encode_request(asking, &payload));
    TRY(heap_take(payload.len + COSE_OVERHEAD_MAX, &signed_));
    TRY(bind_sign(PURPOSE_OWNER, &place, &asking->owner, &keys_random, buf_view(&payload), &signed_));
    heap_give(&payload);
    TRY(heap_take(signed_.len + COSE_OVERHEAD_MAX, &asking->sealed));
    TRY(bind_seal(PURPOSE_OWNER, &place, VIEW_OF(trust->sealing_point), &keys_random, buf_view(&signed_),
                  &asking->sealed));
    asking->size = policy_chunk_size(&trust->policy);
    if (chunks_of(asking->sealed.len, asking->size) > CHUNKS_MAX)
        return STATUS_NO_SPACE;
    asking->count = (uint32_t)chunks_of(asking->sealed.len, asking->size);
    memset(asking->granted, 0, sizeof asking->granted);
    return STATUS_OK;
}

/* ---- sending it ---- */

static enum status send_fragment(struct asking *asking, uint32_t index)
{
    const size_t offset = (size_t)index * asking->size, rest = asking->sealed.len - offset;
    struct fragment fragment = {
        .transfer = VIEW_OF(asking->transfer),
        .index = index,
        .count = asking->count,
        .total = asking->sealed.len,
        .piece = {asking->sealed.ptr + offset, rest < asking->size ? rest : asking->size},
    };
    CLEANUP(heap_give) struct buf message = {0};
    struct topic names = session_names(asking->session);

    names.request = view_of_string(asking->request);
    names.chunk = index;
    TRY(heap_take(fragment.piece.len + MESSAGE_MAX, &message));
    TRY(fragment_encode(&fragment, &message));
    return session_publish(asking->session, TOPIC_OWNER, &names, buf_view(&message));
}

/* The granted ones that find room; the rest follows on `writable`. */
static void send_granted(struct asking *asking)
{
    for (uint32_t i = 0; i < asking->count; i++) {
        if (!asking->granted[i])
            continue;
        if (send_fragment(asking, i) != STATUS_OK)
            return;
        asking->granted[i] = false;
    }
}

static void offer_again(void *ctx)
{
    struct asking *asking = ctx;

    asking->granted[0] = true;
    send_granted(asking);
    asking->offer_ms = asking->offer_ms < OFFER_SLOWEST_MS ? 2 * asking->offer_ms : OFFER_SLOWEST_MS;
    loop_timer_start(session_loop(asking->session), &asking->offer, asking->offer_ms, 0);
}

static void forget_request(struct asking *asking)
{
    heap_give(&asking->sealed);
    loop_timer_stop(session_loop(asking->session), &asking->offer);
}

static void begin_request(struct asking *asking)
{
    enum status status = fresh_names(asking);

    asking->attempts++;
    if (status == STATUS_OK)
        status = seal_request(asking);
    if (status != STATUS_OK) {
        session_finish(asking->session, status, "no request can be made: %s", status_text(status));
        return;
    }
    session_note(asking->session, "request %s: %zu bytes in %u fragments", asking->request, asking->sealed.len,
                 (unsigned int)asking->count);
    asking->offer = (struct loop_timer){.fn = offer_again, .ctx = asking};
    asking->offer_ms = OFFER_FIRST_MS / 2;
    offer_again(asking);
}

/* ---- what comes ---- */

static void on_trusted(void *ctx, struct session *session)
{
    struct asking *asking = ctx;

    asking->session = session;
    forget_request(asking); /* it was sealed to an enclave that is gone */
    memcpy(asking->out->boot_id, session_trust(session)->boot_id, BOOT_ID_SIZE);
    asking->out->simulated = session_trust(session)->simulated;
}

static void take_challenge(struct asking *asking, struct view message)
{
    const struct trust *trust = session_trust(asking->session);
    const struct place place = session_place(asking->session);
    struct challenge challenge;
    struct view payload;

    if (bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(trust->signing_point), message, &payload) != STATUS_OK ||
        challenge_decode(payload, &challenge) != STATUS_OK || !view_equal(challenge.boot_id, VIEW_OF(trust->boot_id)) ||
        challenge.expires <= clock_unix_seconds()) {
        session_note(asking->session, "a challenge that is not this enclave's, or is over, is passed over");
        return;
    }
    memcpy(asking->challenge, challenge.value.ptr, CHALLENGE_SIZE);
    if (asking->sealed.ptr == NULL)
        begin_request(asking);
}

static void take_need(struct asking *asking, struct view message)
{
    struct need need;
    uint32_t granted = 0;

    if (asking->sealed.ptr == NULL || need_decode(message, &need) != STATUS_OK || need.round != 0 ||
        !view_equal(need.transfer, VIEW_OF(asking->transfer)))
        return;
    session_moved(asking->session);
    for (uint32_t i = 0; i < asking->count; i++)
        if (need_has(&need, i)) {
            asking->granted[i] = true;
            granted++;
        }
    session_progress(asking->session, "sending %u of %u fragments", (unsigned int)granted, (unsigned int)asking->count);
    send_granted(asking);
}

/* Opens, verifies and decodes an answer; its views lie in memory that opened lends. */
static enum status open_answer(const struct asking *asking, struct view message, struct buf *opened,
                               struct owner_answer *out)
{
    const struct place place = place_of(asking);
    struct view payload;

    TRY(bind_open(PURPOSE_OWNER_ANSWER, &place, &asking->reply, &keys_random, message, opened));
    TRY(bind_verify(PURPOSE_OWNER_ANSWER, &place, VIEW_OF(session_trust(asking->session)->signing_point),
                    buf_view(opened), &payload));
    return owner_answer_decode(payload, out);
}

static void keep_answer(struct owner_outcome *out, const struct owner_answer *answer)
{
    out->has_model = answer->model_digest.len > 0;
    if (out->has_model)
        memcpy(out->model_digest, answer->model_digest.ptr, DIGEST_SIZE);
    if (answer->model_key.len == sizeof out->model_key)
        memcpy(out->model_key, answer->model_key.ptr, sizeof out->model_key);
    if (answer->escrow.len == sizeof out->escrow)
        memcpy(out->escrow, answer->escrow.ptr, sizeof out->escrow);
    out->round = answer->round;
    out->revocations = answer->revocations;
}

static void take_answer(struct asking *asking, struct view message)
{
    uint8_t bytes[MESSAGE_MAX];
    CLEANUP(buf_wipe) struct buf opened = BUF_OF(bytes);
    struct owner_answer answer;

    if (asking->sealed.ptr == NULL || open_answer(asking, message, &opened, &answer) != STATUS_OK) {
        session_note(asking->session, "an answer that is not the enclave's to this request is passed over");
        return;
    }
    if (answer.reason == STATUS_STALE_CHALLENGE && asking->attempts < ATTEMPTS_MAX) {
        /* The challenge comes again with its subscription. */
        const struct topic names = session_names(asking->session);
        forget_request(asking);
        session_subscribe(asking->session, TOPIC_CHALLENGE, &names);
        return;
    }
    keep_answer(asking->out, &answer);
    session_finish(asking->session, answer.reason, answer.reason == STATUS_OK ? NULL : "the enclave refuses: %s",
                   status_text(answer.reason));
}

static void on_message(void *ctx, struct session *session, const struct topic *topic, struct view payload)
{
    struct asking *asking = ctx;

    (void)session;
    switch (topic->kind) {
    case TOPIC_CHALLENGE:
        take_challenge(asking, payload);
        break;
    case TOPIC_NEED:
        take_need(asking, payload);
        break;
    case TOPIC_ANSWER:
        if (view_equal(topic->request, view_of_string(asking->request)))
            take_answer(asking, payload);
        break;
    default:
        break;
    }
}

static void on_writable(void *ctx, struct session *session)
{
    (void)session;
    send_granted(ctx);
}

enum status owner_ask(const struct profile *profile, const struct owner_wish *wish, struct owner_outcome *out,
                      struct reason *reason)
{
    /* The answer's topic first: nothing is asked before it is listened to. */
    static const enum topic_kind kinds[] = {TOPIC_ANSWER, TOPIC_NEED, TOPIC_CHALLENGE};
    CLEANUP(asking_end) struct asking asking = {.wish = wish, .out = out};
    const struct session_use use = {
        .ctx = &asking,
        .kinds = kinds,
        .count = ARRAY_LEN(kinds),
        .trusted = on_trusted,
        .message = on_message,
        .writable = on_writable,
    };

    *out = (struct owner_outcome){.round = 0};
    TRY(profile_owner_key(profile, &asking.owner, reason));
    return session_run(profile, &use, reason);
}

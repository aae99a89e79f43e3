/* core_call, by programs: an input is a list of steps {what, a, b}, three bytes each, that make the calls of the gate in
 * any order: boots with and without a state, challenges, enrolments, the owner's requests, rounds, updates good and
 * bad, replays, jumps of the clock, and calls out of their moment.
 *
 * Beside the core goes an account of what it must be (struct account). After every call: the answer is the one that the
 * account expects; what was refused changed nothing; nobody is counted twice; the sum is that of exactly the counted;
 * nothing is released below the minimum cohort; time did not go back; memory was borrowed at boot only; and no secret
 * stands in an answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_private.h"
#include "cose.h"
#include "federation_private.h"
#include "revocation_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARAMETERS  4
#define MEMBERS     4
#define MIN_COHORT  2
#define MAX_COHORT  3 /* less than there are members */
#define STEPS_MAX   48
#define CHALLENGE_S 60
#define BODIES      4
#define STATES      3

static void check_at(bool holds, const char *what, int line)
{
    if (!holds) {
        fprintf(stderr, "gate_calls_fuzz.c:%d: does not hold: %s\n", line, what);
        abort();
    }
}
#define CHECK(holds) check_at((holds), #holds, __LINE__)

/* What a sealed state is worth. */
struct kept_state {
    uint8_t bytes[4096];
    size_t len;
    float value;
    uint32_t number;
    bool lasting, evaluate;
    uint32_t rounds_left, target;
    uint64_t revocations;
    uint8_t last_record[DIGEST_SIZE];
    bool has_record;
};

/* What the core must be by now. */
static struct account {
    enum gate_phase phase;
    uint64_t now, challenge_until;
    bool has_model;
    float value; /* of each parameter */
    uint32_t rounds_left, target, deadline_s;
    bool evaluate, lasting;
    uint32_t number, announced_from; /* the round's; the numbers from here on are of this boot */
    bool used;
    enum task task;
    uint64_t deadline;
    bool counted[MEMBERS];
    uint32_t count;
    int64_t sum;
    uint64_t weight;
    uint64_t revocations;
    unsigned int revoked; /* the devices on the list, as bits */
    uint8_t last_record[DIGEST_SIZE];
    bool has_record;
    unsigned int lent;
} account;

static struct federation federation;
static struct member members[MEMBERS];
static unsigned int boot, member_boot[MEMBERS]; /* counts boots; 0: never enrolled */
static bool has_manifest;
static struct buf bodies[BODIES]; /* of updates: what a host may send again */
static unsigned int next_body;
static struct kept_state states[STATES];
static unsigned int next_state;
static bool over; /* the process has ended */

/* ---- what is checked around every call ---- */

static bool holds_bytes(struct view haystack, const void *needle, size_t len)
{
    return memmem(haystack.ptr, haystack.len, needle, len) != NULL;
}

static void check_no_secret(struct view response)
{
    const struct boot_keys *keys = &federation.core->keys;

    if (account.phase == GATE_NEW || response.len == 0)
        return;
    CHECK(!holds_bytes(response, keys->signing.scalar, sizeof keys->signing.scalar));
    CHECK(!holds_bytes(response, keys->sealing.scalar, sizeof keys->sealing.scalar));
    CHECK(!holds_bytes(response, keys->epoch_secret, sizeof keys->epoch_secret));
    CHECK(!holds_bytes(response, keys->model_key, sizeof keys->model_key));
    for (int i = 0; i < MEMBERS; i++)
        if (member_boot[i] != 0)
            CHECK(!holds_bytes(response, members[i].update_key, sizeof members[i].update_key));
    if (federation.core->model.there)
        CHECK(!holds_bytes(response, federation.core->model.encoded.ptr, federation.core->model.encoded.len));
}

/* The core against the account. */
static void check_core(void)
{
    const struct core *core = federation.core;

    CHECK(core->phase == account.phase);
    CHECK(federation.lent_count == account.lent);
    if (account.phase == GATE_NEW)
        return;
    CHECK(core->now == account.now);
    CHECK(core->work.rounds_left == account.rounds_left && core->work.evaluate == account.evaluate);
    CHECK(core->round.number == account.number);
    CHECK(revoked_version(&core->revoked) == account.revocations);
    CHECK(core->has_record == account.has_record);
    CHECK(!account.has_record || memcmp(core->last_record, account.last_record, DIGEST_SIZE) == 0);
    CHECK(core->model.there == account.has_model);
    if (account.has_model) {
        for (uint32_t i = 0; i < PARAMETERS; i++)
            CHECK(memcmp(core->model.encoded.ptr + core->model.layout.tensors[0].offset + 4 * i, &account.value, 4) ==
                  0);
    }
    if (account.phase == GATE_ROUND) {
        CHECK(core->sum.members == account.count && core->tally.count == account.count);
        CHECK(core->sum.weight == account.weight && core->round.deadline == account.deadline);
        for (uint32_t i = 0; i < PARAMETERS; i++)
            CHECK(core->sum.sums[i] == account.sum);
    }
}

static bool in_moment(enum gate_call call)
{
    const unsigned int phase = account.phase;

    switch (call) {
    case GATE_BOOT:
        return phase == GATE_NEW;
    case GATE_OPEN:
        return phase == GATE_IDLE;
    case GATE_CLOSE:
        return phase == GATE_ROUND;
    case GATE_MODEL_CHUNK:
    case GATE_SEAL:
        return phase == GATE_IDLE || phase == GATE_ROUND;
    default:
        return phase != GATE_NEW;
    }
}

/* A call with a body that decodes. Out of its moment it ends the process, and nothing else has come of it. */
static enum status call(enum gate_call number, struct view body, bool *served)
{
    const enum status status = federation_call(&federation, number, body);

    *served = in_moment(number);
    CHECK(federation.fatal == !*served);
    CHECK(*served || status == STATUS_NOT_PERMITTED);
    CHECK(status == STATUS_OK || federation.response.len == 0);
    over |= federation.fatal;
    check_no_secret(buf_view(&federation.response));
    if (over)
        check_core();
    return status;
}

static void pass_time(void)
{
    if (federation.now > account.now)
        account.now = federation.now;
}

/* A call whose body is a number and whose answer a message; false when it was not served. */
static bool call_with(enum gate_call number, uint64_t value, enum status want, struct view *message)
{
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);
    enum status status;
    bool served;

    CHECK(gate_number_encode(value, &body) == STATUS_OK);
    status = call(number, buf_view(&body), &served);
    if (!served)
        return false;
    if (number != GATE_MODEL_CHUNK && value > account.now)
        account.now = value;
    CHECK(status == want);
    if (status == STATUS_OK)
        CHECK(gate_message_decode(buf_view(&federation.response), message) == STATUS_OK);
    return status == STATUS_OK;
}

/* ---- boots ---- */

static void empty_account(void)
{
    const struct account before = account;

    account = (struct account){.phase = GATE_EMPTY, .now = before.now, .lent = 8};
}

static void expect_state(const struct kept_state *state)
{
    account.phase = GATE_IDLE;
    account.has_model = account.used = true;
    account.value = state->value;
    account.number = state->number;
    account.has_record = state->has_record;
    memcpy(account.last_record, state->last_record, DIGEST_SIZE);
    if (state->lasting && (state->rounds_left > 0 || state->evaluate)) {
        account.rounds_left = state->rounds_left;
        account.evaluate = state->evaluate;
        account.target = state->target;
        account.lasting = true;
    }
    account.deadline_s = 600;
}

/* A new process. a: which state, and a byte of it that is changed; b: whether the revocations come along. */
static void do_boot(uint8_t a, uint8_t b)
{
    static uint8_t list[4096], bytes[4096];
    struct kept_state *state = &states[a % STATES];
    struct buf given = BUF_OF(bytes);
    const uint64_t version = account.revocations;
    const unsigned int revoked = account.revoked;
    const bool changed = a >= 128, with_list = b % 2 == 1 && version > 0;
    enum status want = STATUS_NOT_FOUND;
    struct gate_booted booted;

    if (with_list) {
        const struct view held = federation.core->revoked.held->signed_list;

        memcpy(list, held.ptr, held.len);
        federation.revoked = (struct view){list, held.len};
    } else {
        federation.revoked = (struct view){NULL, 0};
    }
    CHECK(buf_append(&given, (struct view){state->bytes, state->len}) == STATUS_OK);
    if (given.len > 0 && changed)
        bytes[b * given.len / 256] ^= 1;
    federation.now = account.now;
    account.phase = GATE_NEW;
    CHECK(federation_boot(&federation, buf_view(&given), &booted) == STATUS_OK);
    boot++;
    has_manifest = false;
    empty_account();
    if (with_list) {
        account.revocations = version;
        account.revoked = revoked;
    }
    if (given.len > 0 && !changed) {
        want = state->revocations > account.revocations ? STATUS_REVOCATIONS_ROLLBACK : STATUS_OK;
        CHECK(booted.restored == want);
        if (want == STATUS_OK)
            expect_state(state);
    } else {
        CHECK(booted.restored != STATUS_OK && (given.len > 0 || booted.restored == want));
    }
    check_no_secret(buf_view(&federation.response));
}

/* ---- quiet calls ---- */

static void do_challenge(void)
{
    struct place place = place_of(&federation, (struct view){NULL, 0});
    struct view message, payload;

    if (!call_with(GATE_CHALLENGE, federation.now, STATUS_OK, &message))
        return;
    CHECK(bind_verify(PURPOSE_CHALLENGE, &place, VIEW_OF(federation.signing_point), message, &payload) == STATUS_OK);
    memcpy(federation.challenge, federation.core->challenges.value[0], sizeof federation.challenge);
    account.challenge_until = account.now + 2 * CHALLENGE_S;
}

static void do_seal(void)
{
    struct kept_state *state = &states[next_state++ % STATES];
    struct view message;
    bool served;

    if (call(GATE_SEAL, (struct view){NULL, 0}, &served) != STATUS_OK)
        return;
    CHECK(gate_message_decode(buf_view(&federation.response), &message) == STATUS_OK);
    CHECK(message.len <= sizeof state->bytes);
    *state = (struct kept_state){
        .len = message.len,
        .value = account.value,
        .number = account.number - (account.phase == GATE_ROUND),
        .lasting = account.lasting,
        .evaluate = account.evaluate,
        .rounds_left = account.rounds_left,
        .target = account.target,
        .revocations = account.revocations,
        .has_record = account.has_record,
    };
    memcpy(state->bytes, message.ptr, message.len);
    memcpy(state->last_record, account.last_record, DIGEST_SIZE);
}

static void do_status(void)
{
    struct gate_status status;
    bool served;

    if (call(GATE_STATUS, (struct view){NULL, 0}, &served) != STATUS_OK)
        return;
    CHECK(gate_status_decode(buf_view(&federation.response), &status) == STATUS_OK);
    CHECK(status.phase == account.phase && status.round == account.number);
    CHECK(status.rounds_left == account.rounds_left + account.evaluate);
    CHECK(status.minimum == MIN_COHORT && status.simulated && status.revocations == account.revocations);
    CHECK(account.phase != GATE_ROUND || status.counted == account.count);
}

static void do_revocations(void)
{
    struct view message;
    bool served;
    const enum status status = call(GATE_REVOCATIONS, (struct view){NULL, 0}, &served);

    if (!served)
        return;
    CHECK(status == (account.revocations > 0 ? STATUS_OK : STATUS_NOT_FOUND));
    if (status == STATUS_OK)
        CHECK(gate_message_decode(buf_view(&federation.response), &message) == STATUS_OK);
}

/* Any number of a call with any bytes: it is refused, or it is one of the calls that a short body serves. */
static void do_anything(uint8_t number, uint8_t byte)
{
    const uint8_t body[] = {0xff, byte};
    enum status status;

    status = federation_call(&federation, (enum gate_call)number, VIEW_OF(body));
    CHECK(status != STATUS_OK && federation.fatal && federation.response.len == 0);
    CHECK(number == 0 || number >= GATE_CALLS || in_moment(number) || status == STATUS_NOT_PERMITTED);
    over = true;
}

/* ---- devices and the owner ---- */

static const char *const names[MEMBERS] = {"a", "b", "c", "d"};

static void show_other_program(struct enrol_draft *draft, void *ctx)
{
    (void)ctx;
    draft->measurement[0] ^= 1;
}

static void do_enrol(uint8_t a, uint8_t b)
{
    const unsigned int m = a % MEMBERS;
    struct member fresh = {.alg = federation.policy.algs[b % 4]};
    const bool other_program = b >= 192;
    enum status want = STATUS_OK, got;

    if (account.phase == GATE_NEW)
        return;
    pass_time();
    if (account.now >= account.challenge_until)
        want = STATUS_EVIDENCE_STALE;
    else if (account.revoked & 1u << m)
        want = STATUS_CREDENTIAL_REVOKED;
    else if (other_program)
        want = STATUS_EVIDENCE_MEASUREMENT;
    got = member_enrol(&federation, &fresh, names[m], other_program ? show_other_program : NULL, NULL);
    CHECK(!federation.fatal && got == want);
    check_no_secret(buf_view(&federation.response));
    if (got == STATUS_OK) {
        members[m] = fresh;
        member_boot[m] = boot;
    }
}

static enum status expect_start(uint32_t target)
{
    if (!account.has_model)
        return STATUS_NO_MODEL;
    if (account.phase == GATE_ROUND || account.rounds_left > 0)
        return STATUS_BUSY;
    return target < MIN_COHORT || target > MAX_COHORT ? STATUS_OUT_OF_RANGE : STATUS_OK;
}

static void encode_model(float value, struct buf *out)
{
    const struct model_tensor tensor = {
        .name = VIEW_TEXT("w"), .dims = 1, .shape = {PARAMETERS}, .elements = PARAMETERS};
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    CHECK(model_encode_head(1, out) == STATUS_OK && model_encode_tensor_head(&tensor, out) == STATUS_OK);
    for (uint32_t i = 0; i < PARAMETERS; i++, out->len += 4)
        write_le32(out->ptr + out->len, bits);
}

static enum status command(const struct owner_request *request)
{
    const enum status got = federation_owner(&federation, request);

    CHECK(!federation.fatal);
    check_no_secret(buf_view(&federation.response));
    return got;
}

static void put_model(uint8_t b)
{
    uint8_t bytes[256];
    struct buf model = BUF_OF(bytes);
    enum status want = account.phase == GATE_ROUND || account.rounds_left > 0 ? STATUS_BUSY : STATUS_OK;
    const float value = (float)b / 8;

    pass_time();
    encode_model(value, &model);
    if (account.now >= account.challenge_until)
        want = STATUS_STALE_CHALLENGE;
    CHECK(command(&(struct owner_request){.command = OWNER_PUT_MODEL, .model = buf_view(&model)}) == want);
    if (want != STATUS_OK)
        return;
    account.has_model = true;
    account.value = value;
    account.phase = GATE_IDLE;
}

static void start_rounds(uint8_t b)
{
    const struct plan plan = {1 + b % 3, b / 4 % 6, 600, b & 0x40, b & 0x80};
    enum status want;

    if (plan.target == 0)
        return; /* is not encoded */
    pass_time();
    want = account.now < account.challenge_until ? expect_start(plan.target) : STATUS_STALE_CHALLENGE;
    CHECK(command(&(struct owner_request){.command = OWNER_START, .plan = plan}) == want);
    if (want != STATUS_OK)
        return;
    account.rounds_left = plan.rounds;
    account.target = plan.target;
    account.evaluate = plan.evaluate;
    account.lasting = plan.lasting;
    account.deadline_s = 600;
}

static void stop_rounds(void)
{
    bool in_time;

    pass_time();
    in_time = account.now < account.challenge_until;
    CHECK(command(&(struct owner_request){.command = OWNER_STOP}) == (in_time ? STATUS_OK : STATUS_STALE_CHALLENGE));
    if (in_time)
        account.rounds_left = account.phase == GATE_ROUND && account.task == TASK_TRAIN;
}

/* b: the version in its low bits, and the one device that is on the list. */
static void revoke(uint8_t b)
{
    const unsigned int m = b / 16 % MEMBERS;
    const uint64_t version = 1 + b % 8;
    const struct revocation_draft draft = {.version = version, .devices = {names[m]}};
    enum status want = STATUS_OK;
    const enum status got = federation_revoke(&federation, &draft);

    pass_time();
    CHECK(!federation.fatal);
    if (account.now >= account.challenge_until)
        want = STATUS_STALE_CHALLENGE;
    else if (version < account.revocations || (version == account.revocations && account.revoked != 1u << m))
        want = STATUS_REVOCATIONS_ROLLBACK;
    CHECK(got == want);
    if (got == STATUS_OK) {
        account.revocations = version;
        account.revoked = 1u << m;
    }
}

static void do_owner(uint8_t a, uint8_t b)
{
    if (account.phase == GATE_NEW)
        return;
    switch (a % 6) {
    case 0:
        put_model(b);
        break;
    case 1:
        start_rounds(b);
        break;
    case 2:
        stop_rounds();
        break;
    case 3:
        revoke(b);
        break;
    case 4:
        pass_time();
        CHECK(command(&(struct owner_request){.command = OWNER_MODEL_KEY}) == (account.now >= account.challenge_until
                                                                                   ? STATUS_STALE_CHALLENGE
                                                                               : !account.has_model ? STATUS_NO_MODEL
                                                                                                    : STATUS_OK));
        break;
    default: /* what was asked before is not obeyed again, by this boot or another */
        if (federation.owner_body.len > 0)
            CHECK(federation_replay_owner(&federation) != STATUS_OK);
    }
}

/* ---- rounds ---- */

static uint32_t number_expected(const uint8_t *sealed_digest)
{
    const struct core *core = federation.core;

    if (account.number == 0 || account.used || memcmp(sealed_digest, core->model.digest, DIGEST_SIZE) != 0)
        return account.number + 1;
    return account.number;
}

static void do_open(void)
{
    const uint32_t number = number_expected(federation.core->round.sealed_digest);
    struct view message;

    if (!call_with(GATE_OPEN, federation.now, STATUS_OK, &message))
        return;
    federation_take_manifest(&federation, message);
    has_manifest = true;
    account.number = number;
    account.task = account.rounds_left > 0 ? TASK_TRAIN : account.evaluate ? TASK_EVALUATE : TASK_NONE;
    account.used = account.task != TASK_NONE;
    account.deadline = federation.core->round.deadline;
    CHECK(federation.manifest.round == number && federation.manifest.task == account.task);
    CHECK(federation.manifest.minimum == MIN_COHORT && federation.manifest.target >= MIN_COHORT);
    CHECK(view_equal(federation.manifest.base, VIEW_OF(federation.core->model.digest)));
    if (!account.used)
        return;
    CHECK(account.deadline == account.now + account.deadline_s);
    account.phase = GATE_ROUND;
    memset(account.counted, 0, sizeof account.counted);
    account.count = 0;
    account.sum = 0;
    account.weight = 0;
}

/* Chunk a: of the announced model, opened with its key, or refused. */
static void do_chunk(uint8_t a)
{
    struct place place = place_of(&federation, (struct view){NULL, 0});
    const struct core *core = federation.core;
    uint8_t bytes[1024];
    struct buf piece = BUF_OF(bytes);
    struct view message;
    enum status want = STATUS_OK;

    if (account.number == 0)
        want = STATUS_NO_ROUND;
    else if (a > 0)
        want = STATUS_OUT_OF_RANGE;
    else if (memcmp(core->round.sealed_digest, core->model.digest, DIGEST_SIZE) != 0)
        want = STATUS_MODEL_OTHER;
    if (!call_with(GATE_MODEL_CHUNK, a, want, &message))
        return;
    place.round = account.number;
    place.chunks = 1;
    place.digest = VIEW_OF(core->model.digest);
    CHECK(bind_open_model_chunk(&place, VIEW_OF(core->keys.model_key), message, &piece) == STATUS_OK);
    CHECK(view_equal(buf_view(&piece), buf_view(&core->model.encoded)));
}

static enum status expect_update(unsigned int m, const struct update_draft *draft)
{
    const struct update *update = &draft->update;

    if (account.phase != GATE_ROUND || draft->topic_round != account.number)
        return STATUS_WRONG_ROUND;
    if (account.now >= members[m].expires)
        return STATUS_CREDENTIAL_EXPIRED;
    if (account.revoked & 1u << m)
        return STATUS_CREDENTIAL_REVOKED;
    if (account.counted[m])
        return STATUS_ALREADY_COUNTED;
    if (account.count >= account.target)
        return STATUS_COHORT_FULL;
    if (member_boot[m] != boot)
        return STATUS_FORGED; /* under a key of another boot */
    if (update->task != account.task)
        return STATUS_WRONG_TASK;
    return update->samples == 0 ? STATUS_NO_SAMPLES : STATUS_OK;
}

static void keep_body(const struct buf *body)
{
    struct buf *kept = &bodies[next_body++ % BODIES];

    free(kept->ptr);
    *kept = *body;
}

/* Sends a body; it is counted exactly when that is expected. */
static void send_body(unsigned int m, struct view body, enum status want, float value, uint64_t samples)
{
    struct gate_answer answer;
    bool served;

    if (call(GATE_UPDATE, body, &served) != STATUS_OK)
        CHECK(!served);
    if (!served)
        return;
    pass_time();
    CHECK(gate_answer_decode(buf_view(&federation.response), &answer) == STATUS_OK);
    CHECK(answer.reason == want);
    if (want != STATUS_OK)
        return;
    CHECK(!account.counted[m] && account.count < account.target);
    account.counted[m] = true;
    account.count++;
    account.weight += samples;
    if (account.task == TASK_TRAIN)
        account.sum += (int64_t)(value * (float)(1 << 27)) * (int64_t)samples;
}

/* Member a sends b samples. kind 0: good; 1: a byte of it changed; 2: for another round; 3: of the other task. */
static void do_update(uint8_t a, uint8_t b, unsigned int kind)
{
    const unsigned int m = a % MEMBERS;
    const float value = (float)(int8_t)(a * 37 + b) / 64;
    float values[PARAMETERS] = {value, value, value, value};
    struct update_draft *draft;
    struct buf body;
    enum status want;

    if (member_boot[m] == 0 || !has_manifest || account.phase == GATE_NEW)
        return;
    draft = member_draft(&federation, values, PARAMETERS, b);
    if ((account.task == TASK_EVALUATE) != (kind == 3)) {
        draft->update.task = TASK_EVALUATE;
        draft->update.tensor_count = 0;
    }
    if (kind == 2)
        draft->topic_round++;
    member_seal(&federation, &members[m], draft, (struct view){NULL, 0});
    pass_time();
    want = expect_update(m, draft);
    if (kind == 1) {
        draft->chunks[0].ptr[(size_t)b * draft->chunks[0].len / 256] ^= (uint8_t)(a | 1);
        draft_body(&federation, &members[m], draft, &body);
        const uint32_t before = federation.core->sum.members;
        bool served;
        (void)call(GATE_UPDATE, buf_view(&body), &served);
        CHECK(!served || federation.core->sum.members == before);
    } else {
        draft_body(&federation, &members[m], draft, &body);
        send_body(m, buf_view(&body), want, value, b);
    }
    keep_body(&body);
    draft_free(draft);
}

/* What was sent before is counted only if it is whole and was not counted: then it stands as its sender's. */
static void do_replay(uint8_t a)
{
    const struct buf *body = &bodies[a % BODIES];
    const struct core *core = federation.core;
    const uint32_t before = core->sum.members;
    struct gate_answer answer;
    struct gate_update update;
    bool served;

    if (body->len == 0 || account.phase == GATE_NEW)
        return;
    CHECK(gate_update_decode(buf_view(body), &update) == STATUS_OK);
    CHECK(call(GATE_UPDATE, buf_view(body), &served) == STATUS_OK && served);
    CHECK(gate_answer_decode(buf_view(&federation.response), &answer) == STATUS_OK);
    if (update.now > account.now)
        account.now = update.now;
    if (answer.reason != STATUS_OK) {
        CHECK(core->sum.members == before);
        return;
    }
    /* Nobody had it counted in this boot and round, so it was refused for a reason that has passed. */
    unsigned int m = (unsigned int)(update.device.ptr[0] - 'a');
    CHECK(m < MEMBERS && !account.counted[m] && member_boot[m] == boot && update.round == account.number);
    CHECK(core->sum.members == before + 1 && account.count < account.target);
    account.counted[m] = true;
    account.count++;
    account.sum = core->sum.sums[0];
    account.weight = core->sum.weight;
}

/* Checks the record, and what became of the model, against the account. */
static void judge_record(const struct record *record, struct view payload)
{
    const bool enough = account.count >= MIN_COHORT;

    CHECK(record->reason == (enough ? STATUS_OK : STATUS_COHORT_TOO_SMALL));
    CHECK(record->round == account.number && record->task == account.task);
    CHECK(record->counted == account.count && record->samples == account.weight);
    CHECK(view_equal(record->model, VIEW_OF(federation.core->model.digest)));
    CHECK(record->previous.len == (account.has_record ? DIGEST_SIZE : 0));
    CHECK(!account.has_record || view_equal(record->previous, VIEW_OF(account.last_record)));
    CHECK(sha256(payload, account.last_record) == STATUS_OK);
    account.has_record = true;
    account.phase = GATE_IDLE;
    if (!enough || account.task != TASK_TRAIN)
        CHECK(view_equal(record->model, record->base));
    if (!enough)
        return;
    if (account.task == TASK_EVALUATE) {
        account.evaluate = false;
        return;
    }
    account.rounds_left--;
    account.value = (float)((double)account.value + (double)account.sum / ((double)account.weight * (double)(1 << 27)));
}

static void do_close(void)
{
    struct place place = place_of(&federation, (struct view){NULL, 0});
    const bool due = account.count >= account.target ||
                     (federation.now > account.now ? federation.now : account.now) >= account.deadline;
    struct view message, payload;
    struct record record;

    if (!call_with(GATE_CLOSE, federation.now, due ? STATUS_OK : STATUS_BUSY, &message))
        return;
    place.round = account.number;
    CHECK(bind_verify(PURPOSE_RECORD, &place, VIEW_OF(federation.signing_point), message, &payload) == STATUS_OK);
    CHECK(record_decode(payload, &record) == STATUS_OK);
    judge_record(&record, payload);
}

/* The host's clock: forward by up to some hours; or one call with a time that has passed, which changes nothing. */
static void do_time(uint8_t a, uint8_t b)
{
    struct view message;

    if (a % 2 == 0)
        federation.now += (uint64_t)b << a / 2 % 7;
    else
        (void)call_with(GATE_ATTEST, federation.now - b, STATUS_OK, &message);
}

/* ---- the program ---- */

static void step(uint8_t what, uint8_t a, uint8_t b)
{
    switch (what % 20) {
    case 0:
        do_boot(a, b);
        break;
    case 1: /* once more, or with bytes that are no boot */
        do_anything(GATE_BOOT, b);
        break;
    case 2:
        do_challenge();
        break;
    case 3:
    case 4:
        do_enrol(a, b);
        break;
    case 5:
    case 6:
        do_owner(a, b);
        break;
    case 7:
    case 8:
        do_open();
        break;
    case 9:
        do_chunk(a);
        break;
    case 10:
    case 11:
        do_update(a, b, 0);
        break;
    case 12:
        do_update(a, b, 1 + b % 3);
        break;
    case 13:
        do_replay(a);
        break;
    case 14:
    case 15:
        do_close();
        break;
    case 16:
        do_seal();
        break;
    case 17:
        if (a % 2 == 0)
            do_status();
        else
            do_revocations();
        break;
    case 18:
        do_time(a, b);
        break;
    default:
        do_anything(a, b);
        break;
    }
}

static void begin(void)
{
    static const struct federation_options options = {
        .max_parameters = PARAMETERS, .min_cohort = MIN_COHORT, .max_cohort = MAX_COHORT, .unbooted = true};

    federation_start(&federation, &options);
    federation_new_core(&federation);
    memset(members, 0, sizeof members);
    memset(member_boot, 0, sizeof member_boot);
    memset(states, 0, sizeof states);
    account = (struct account){.phase = GATE_NEW, .now = federation.now};
    boot = next_body = next_state = 0;
    over = has_manifest = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    for (unsigned int steps = 0; size >= 3 && steps < STEPS_MAX && !over; steps++, data += 3, size -= 3) {
        step(data[0], data[1], data[2]);
        check_core();
    }
    for (size_t i = 0; i < BODIES; i++) {
        free(bodies[i].ptr);
        bodies[i] = (struct buf){NULL, 0, 0};
    }
    federation_end(&federation);
    return 0;
}

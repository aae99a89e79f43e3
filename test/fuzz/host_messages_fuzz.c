/* host_message and the host's other events, by programs: an input is a list of steps {what, a, b}, three bytes each,
 * between a real core and a broker that remembers: good and damaged messages of devices and the owner in any order,
 * twice, in part; time; a broker without room; a disk without space; an enclave that ends and is booted again.
 *
 * After every step: the host made no call out of its moment, for such a call would have ended its enclave; what it
 * published has a topic of the protocol; nobody was told of a record that was not kept; the core counted nobody twice;
 * and nothing was released below the minimum cohort. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_private.h"
#include "cose.h"
#include "federation_private.h"
#include "proof.h"
#include "revocation_support.h"
#include "stage.h"
#include "topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARAMETERS  300 /* of float32: some chunks, so that transfers can be cut and mixed */
#define MEMBERS     3
#define STEPS_MAX   40
#define RECORDS_MAX 256

static void check_at(bool holds, const char *what, int line)
{
    if (!holds) {
        fprintf(stderr, "host_messages_fuzz.c:%d: does not hold: %s\n", line, what);
        abort();
    }
}
#define CHECK(holds) check_at((holds), #holds, __LINE__)

static const char *const names[MEMBERS] = {"a", "b", "c"};

static struct stage stage;
static struct member members[MEMBERS];
static bool enrolled[MEMBERS];
static bool has_manifest;
static uint8_t told[RECORDS_MAX][DIGEST_SIZE]; /* records that anybody heard of: of their messages */
static unsigned int told_count;

/* ---- what was published is looked at, then forgotten ---- */

/* Whether nobody heard of this record before; from now on somebody has. */
static bool is_news(struct view message)
{
    uint8_t digest[DIGEST_SIZE];

    CHECK(sha256(message, digest) == STATUS_OK);
    for (unsigned int i = 0; i < told_count; i++)
        if (memcmp(told[i], digest, sizeof digest) == 0)
            return false;
    CHECK(told_count < RECORDS_MAX);
    memcpy(told[told_count++], digest, sizeof digest);
    return true;
}

static void take_record(const struct topic *topic, struct view message)
{
    struct place place = place_of(&stage.federation, (struct view){NULL, 0});
    struct record record;
    struct view payload;

    if (message.len == 0 || !is_news(message))
        return; /* cleared, or once more */
    CHECK(told_count <= stage.kept_rounds);
    place.round = topic->round;
    CHECK(bind_verify(PURPOSE_RECORD, &place, VIEW_OF(stage.federation.signing_point), message, &payload) == STATUS_OK);
    CHECK(record_decode(payload, &record) == STATUS_OK);
    CHECK(record.round == topic->round);
    CHECK(record.reason == STATUS_OK ? record.counted >= 2 : record.reason == STATUS_COHORT_TOO_SMALL);
    CHECK(record.reason == STATUS_OK || view_equal(record.base, record.model));
}

static void take_credential(const struct topic *topic, struct view message)
{
    for (int i = 0; i < MEMBERS; i++)
        if (view_equal(topic->device, view_of_string(names[i])) && stage.federation.enrol_body.len > 0) {
            struct member fresh = members[i];
            uint8_t plain[MESSAGE_MAX];
            struct buf opened = BUF_OF(plain);

            /* It may answer an earlier request, to a key that is gone. */
            if (federation_open_enrolment(&stage.federation, names[i], &fresh.key, message, &opened) != STATUS_OK)
                continue;
            enrolled[i] = member_take_answer(&stage.federation, &fresh, message) == STATUS_OK;
            members[i] = fresh;
        }
}

static void look(void)
{
    for (unsigned int i = 0; i < stage.count; i++) {
        const struct view payload = buf_view(&stage.published[i].payload);
        struct topic topic;

        CHECK(topic_parse(view_of_string(stage.published[i].topic), &topic) == STATUS_OK);
        CHECK(topic.kind != TOPIC_UPDATE && topic.kind != TOPIC_ENROL && topic.kind != TOPIC_OWNER);
        if (topic.kind == TOPIC_RECORD) {
            take_record(&topic, payload);
        } else if (topic.kind == TOPIC_CREDENTIAL) {
            take_credential(&topic, payload);
        } else if (topic.kind == TOPIC_ROUND && payload.len > 0) {
            federation_take_manifest(&stage.federation, payload);
            has_manifest = true;
        }
    }
    stage_clear(&stage);
}

static void check_core(void)
{
    const struct core *core = stage.federation.core;

    CHECK(stage.gone || !stage.federation.fatal);
    CHECK(stage.federation.lent_count <= 8);
    if (core->phase != GATE_ROUND)
        return;
    CHECK(core->sum.members == core->tally.count && core->sum.members <= core->work.target);
    CHECK(core->sum.members <= MEMBERS); /* as many as there are names: nobody twice */
}

/* ---- events ---- */

static void heed(enum status status)
{
    CHECK(status == (stage.gone ? STATUS_NO_CONNECTION : STATUS_OK) || (stage.gone && status == STATUS_OK));
}

static void say(const char *topic, struct view payload)
{
    heed(host_message(stage.host, topic, payload, stage.federation.now));
}

/* One of the many ways in which a message may be damaged: nothing, a byte, its end, all. */
static struct view damaged(struct view message, uint8_t b)
{
    static uint8_t bytes[16384];
    struct view out = {bytes, message.len};

    CHECK(message.len <= sizeof bytes);
    memcpy(bytes, message.ptr, message.len);
    if (b >= 248)
        out.len = 0;
    else if (b >= 240)
        out.len = message.len * (b - 239u) / 9;
    else if (b >= 200)
        bytes[message.len * (b - 200u) / 40] ^= b;
    return out;
}

static void do_enrol(uint8_t a, uint8_t b)
{
    const unsigned int m = a % MEMBERS;
    struct gate_sealed sealed;
    char topic[64];

    members[m] = (struct member){.alg = AEAD_A256GCM};
    enrolled[m] = false;
    member_ask(&stage.federation, &members[m], names[m], NULL, NULL);
    CHECK(gate_sealed_decode(buf_view(&stage.federation.enrol_body), &sealed) == STATUS_OK);
    snprintf(topic, sizeof topic, "tacit/1/fed/enrol/agg/%s", names[a / MEMBERS % 16 == 0 ? (m + 1) % MEMBERS : m]);
    say(topic, damaged(sealed.message, b));
}

/* A request in fragments of `piece` bytes, of which one may be damaged, lost or sent twice. */
static void send_request(const struct owner_request *request, uint8_t b)
{
    const struct view message = federation_owner_message(&stage.federation, request);
    const size_t piece = 900;
    uint8_t transfer[TRANSFER_SIZE], bytes[1200];
    struct fragment fragment = {.transfer = VIEW_OF(transfer), .total = message.len};

    memcpy(transfer, message.ptr + message.len - sizeof transfer, sizeof transfer);
    fragment.count = (uint32_t)((message.len + piece - 1) / piece);
    for (uint32_t i = 0; i < fragment.count; i++) {
        struct buf encoded = BUF_OF(bytes);
        char topic[64];

        fragment.index = i;
        CHECK(view_slice(message, i * piece, i + 1 < fragment.count ? piece : message.len - i * piece,
                         &fragment.piece) == STATUS_OK);
        CHECK(fragment_encode(&fragment, &encoded) == STATUS_OK);
        snprintf(topic, sizeof topic, "tacit/1/fed/owner/agg/request-1.%u", i);
        say(topic, b % fragment.count == i ? damaged(buf_view(&encoded), b) : buf_view(&encoded));
        if (b % 8 == 1)
            say(topic, buf_view(&encoded));
    }
}

static void do_put_model(uint8_t b)
{
    static uint8_t bytes[8192];
    const struct model_tensor tensor = {
        .name = VIEW_TEXT("w"), .dims = 1, .shape = {PARAMETERS}, .elements = PARAMETERS};
    struct buf model = BUF_OF(bytes);

    CHECK(model_encode_head(1, &model) == STATUS_OK && model_encode_tensor_head(&tensor, &model) == STATUS_OK);
    memset(model.ptr + model.len, b & 0x3f, 4 * PARAMETERS);
    model.len += 4 * PARAMETERS;
    send_request(&(struct owner_request){.command = OWNER_PUT_MODEL, .model = buf_view(&model)}, b);
}

static void do_owner(uint8_t a, uint8_t b)
{
    struct owner_request request = {.command = OWNER_START,
                                    .plan = {1 + a % 3, 2 + a / 8 % 2, 60 + a, a & 64, a & 128}};
    struct revocation_draft draft = {.version = 1 + a / 32, .devices = {names[a / 8 % MEMBERS]}};
    struct buf list;

    switch (a % 8) {
    case 0:
    case 1:
        do_put_model(b);
        break;
    case 2:
        send_request(&(struct owner_request){.command = OWNER_STOP}, b);
        break;
    case 3:
        list = sign_revocations(&stage.federation, &draft);
        send_request(&(struct owner_request){.command = OWNER_REVOKE, .revoked = buf_view(&list)}, b);
        free(list.ptr);
        break;
    default:
        send_request(&request, b);
    }
}

/* An update of member a: in order or backwards, damaged, in part, or under another chunk's number. */
static void do_update(uint8_t a, uint8_t b)
{
    const unsigned int m = a % MEMBERS;
    float values[PARAMETERS] = {0};
    struct update_draft *draft;

    if (!enrolled[m] || !has_manifest)
        return;
    values[0] = (float)b / 64;
    draft = member_draft(&stage.federation, values, PARAMETERS, 1 + b % 16);
    if (stage.federation.manifest.task == TASK_EVALUATE) {
        draft->update.task = TASK_EVALUATE;
        draft->update.tensor_count = 0;
    }
    draft->chunk_size = 400;
    member_seal(&stage.federation, &members[m], draft, (struct view){NULL, 0});
    for (uint32_t i = 0; i < draft->count; i++) {
        const uint32_t index = a & 64 ? draft->count - 1 - i : i;
        const struct view chunk = buf_view(&draft->chunks[index]);
        char topic[96];

        if ((a & 128) != 0 && b % draft->count == index)
            continue;
        snprintf(topic, sizeof topic, "tacit/1/fed/update/agg/%s/%u.%u", names[m], draft->topic_round,
                 b == 199 ? index + 1 : index);
        say(topic, b % 4 == index % 4 ? damaged(chunk, b) : chunk);
    }
    draft_free(draft);
}

static void do_proof_request(uint8_t a, uint8_t b)
{
    uint8_t bytes[128], digest[DIGEST_SIZE] = {b};
    struct buf encoded = BUF_OF(bytes);
    const struct proof_request request = {1 + a % 4, VIEW_OF(digest), VIEW_OF(digest)};
    char topic[96];

    CHECK(proof_request_encode(&request, &encoded) == STATUS_OK);
    snprintf(topic, sizeof topic, "tacit/1/fed/update/agg/a/%u.0", 1 + (a + (b == 7)) % 4);
    say(topic, damaged(buf_view(&encoded), b));
}

static void do_time(uint8_t a, uint8_t b)
{
    const unsigned int ticks = 1 + a % 4;

    for (unsigned int i = 0; i < ticks; i++) {
        stage.federation.now += 1 + (uint64_t)b;
        heed(host_tick(stage.host, stage.federation.now));
    }
    if (!stage.gone && stage.federation.core->phase != GATE_NEW)
        memcpy(stage.federation.challenge, stage.federation.core->challenges.value[0],
               sizeof stage.federation.challenge);
}

/* The broker, the disk and the enclave, as they fail and come back. */
static void do_fault(uint8_t a, uint8_t b)
{
    switch (a % 8) {
    case 0:
        stage.room = b;
        break;
    case 1:
        stage.room = UINT32_MAX;
        heed(host_writable(stage.host, stage.federation.now));
        break;
    case 2:
        host_disconnected(stage.host);
        break;
    case 3:
        heed(host_connected(stage.host, stage.federation.now));
        break;
    case 4:
        stage.no_disk = b % 2 == 0;
        break;
    case 5:
        stage.gone = true;
        break;
    case 6:
        stage_boot(&stage);
        has_manifest = false;
        memset(enrolled, 0, sizeof enrolled);
        break;
    default:
        stage.no_bulk = b % 2 == 0;
    }
}

static void step(uint8_t what, uint8_t a, uint8_t b)
{
    switch (what % 12) {
    case 0:
    case 1:
        do_enrol(a, b);
        break;
    case 2:
    case 3:
        do_owner(a, b);
        break;
    case 4:
    case 5:
    case 6:
        do_update(a, b);
        break;
    case 7:
        do_proof_request(a, b);
        break;
    case 8:
    case 9:
        do_time(a, b);
        break;
    default:
        do_fault(a, b);
    }
    look();
    check_core();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stage_open(&stage);
    stage_boot(&stage);
    memset(enrolled, 0, sizeof enrolled);
    has_manifest = false;
    told_count = 0;
    heed(host_connected(stage.host, stage.federation.now));
    look();
    for (unsigned int steps = 0; size >= 3 && steps < STEPS_MAX; steps++, data += 3, size -= 3)
        step(data[0], data[1], data[2]);
    stage_close(&stage);
    return 0;
}

/* A member, by programs: an input is a list of steps {what, a, b}, three bytes each: true messages of an enclave in any
 * order, damaged or forged ones, grants, receipts and records of the very update that was sent, work that ends or fails,
 * boots of the enclave, restarts of the device with what it kept, storage that fails, a broker without room.
 *
 * After every step: what was published stands under a topic that a device may use; no key is in it; no IV was used for
 * two different chunks; an update is taken as counted only by a receipt over its own digest; and the records that the member
 * took form one chain that only goes forward. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cose.h"
#include "enclave_double.h"
#include "federation.h"
#include "need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX  40
#define SEALED_MAX 512

static void check_at(bool holds, const char *what, int line)
{
    if (!holds) {
        fprintf(stderr, "node_events_fuzz.c:%d: does not hold: %s\n", line, what);
        abort();
    }
}
#define CHECK(holds) check_at((holds), #holds, __LINE__)

static struct enclave_double enclave;
static struct device_double device;
static struct manifest manifest;
static bool has_request; /* that can be answered */
static bool damage;      /* the next message */
static uint8_t damage_at, boots;
static unsigned int works; /* that were begun, since the device started */

/* Chunks that were sealed: their IV under which key, and what was published. */
static struct sealed_chunk {
    uint8_t boot, iv[AEAD_NONCE_MAX], digest[DIGEST_SIZE];
} sealed[SEALED_MAX];
static unsigned int sealed_count;

/* The last record that the member took, and the last that was said to it. */
static struct head {
    uint32_t round;
    uint8_t digest[DIGEST_SIZE];
    uint8_t previous[DIGEST_SIZE];
    bool has_previous;
} head, said;
static bool has_head;

/* ---- what the member does ---- */

static void take_chunk(const struct published *message)
{
    const struct view bytes = {message->bytes, message->len};
    struct sealed_chunk chunk = {.boot = boots};
    struct cose_encrypt0 parts;

    if (cose_encrypt0_decode(bytes, &parts) != STATUS_OK)
        return; /* a request for a proof */
    memcpy(chunk.iv, parts.iv.ptr, parts.iv.len);
    CHECK(sha256(bytes, chunk.digest) == STATUS_OK);
    for (unsigned int i = 0; i < sealed_count; i++)
        if (sealed[i].boot == chunk.boot && memcmp(sealed[i].iv, chunk.iv, sizeof chunk.iv) == 0) {
            CHECK(memcmp(sealed[i].digest, chunk.digest, DIGEST_SIZE) == 0);
            return;
        }
    if (sealed_count < SEALED_MAX)
        sealed[sealed_count++] = chunk;
}

static bool holds_bytes(const struct published *message, const void *needle, size_t len)
{
    return memmem(message->bytes, message->len, needle, len) != NULL;
}

static void look(void)
{
    static const char enrolments[] = "tacit/1/fed/enrol/agg/dev", updates[] = "tacit/1/fed/update/agg/dev/";

    for (unsigned int i = 0; i < device.count && i < DOUBLE_PUBLISHED; i++) {
        const struct published *message = &device.published[i];
        const bool is_update = strncmp(message->topic, updates, strlen(updates)) == 0;

        CHECK(is_update || strcmp(message->topic, enrolments) == 0);
        CHECK(!holds_bytes(message, enclave.update_key, sizeof enclave.update_key));
        CHECK(!holds_bytes(message, enclave.model_key, sizeof enclave.model_key));
        if (is_update)
            take_chunk(message);
    }
}

/* Opens the last request, unless it is for the boot before. */
static void take_request(void)
{
    const struct published *request = device_said(&device, "enrol/agg/dev");
    struct seeded_random seeded = {1};
    const struct random_port random = seeded_random_port(&seeded);
    uint8_t plain[8192];
    struct buf opened = BUF_OF(plain);

    if (request == NULL || bind_open(PURPOSE_ENROL, &enclave.place, &enclave.sealing, &random,
                                     (struct view){request->bytes, request->len}, &opened) != STATUS_OK)
        return;
    enclave_take_request(&enclave, request);
    has_request = true;
}

/* Whether an event of that name was told in this step. */
static bool told(const char *name)
{
    const size_t len = strlen(name);

    for (const char *line = device.events; *line != '\0'; line = strchr(line, '\n') + 1)
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            return true;
    return false;
}

/* The package has its own copy of the model, whatever becomes of the member's. */
static void take_work(void)
{
    static uint8_t model[4096];

    if (device.works == works)
        return;
    works = device.works;
    CHECK(device.work.model_size <= sizeof model);
    memcpy(model, device.work.model, device.work.model_size);
    device.work.model = model;
}

/* A record was taken: it goes on from the last one that was. */
static void follow(void)
{
    if (!told("record"))
        return;
    CHECK(!has_head || said.round > head.round);
    CHECK(!has_head || said.has_previous);
    CHECK(!has_head || said.round != head.round + 1 || memcmp(said.previous, head.digest, DIGEST_SIZE) == 0);
    head = said;
    has_head = true;
}

/* ---- what it hears ---- */

static void hear(const char *suffix, struct view message)
{
    static uint8_t bytes[16384];

    CHECK(message.len > 0 && message.len <= sizeof bytes);
    memcpy(bytes, message.ptr, message.len);
    if (damage) {
        bytes[message.len * damage_at / 256] ^= 1;
        damage = false;
    }
    device_hear(&device, suffix, (struct view){bytes, message.len});
}

static void hear_manifest(uint8_t a, uint8_t b)
{
    manifest = enclave_plan(&enclave, 1 + a % 8);
    if (b % 8 == 1)
        manifest.task = TASK_EVALUATE;
    else if (b % 8 == 2)
        manifest.task = TASK_NONE;
    if (has_head && b % 4 != 3)
        manifest.previous = VIEW_OF(head.digest);
    hear("round/agg", enclave_manifest(&enclave, &manifest));
}

static void hear_chunks(uint8_t a, uint8_t b)
{
    const uint32_t count = (uint32_t)chunks_of(enclave.model_len, DOUBLE_CHUNK);

    for (uint32_t i = 0; i < count && manifest.round != 0; i++) {
        const uint32_t chunk = a % 2 == 0 ? i : count - 1 - i;
        char suffix[64];

        if (b % 8 == 7 && chunk == b / 8 % count)
            continue;
        snprintf(suffix, sizeof suffix, "model/agg/%u", chunk);
        hear(suffix, enclave_chunk(&enclave, &manifest, chunk));
    }
}

/* What the last chunk of an update says of its transfer; false when none was sent. */
static bool last_sent(uint32_t *round, struct cose_encrypt0 *parts)
{
    for (unsigned int i = device.count < DOUBLE_PUBLISHED ? device.count : DOUBLE_PUBLISHED; i > 0; i--) {
        const struct published *message = &device.published[i - 1];
        unsigned int chunk;

        if (sscanf(message->topic, "tacit/1/fed/update/agg/dev/%u.%u", round, &chunk) == 2 &&
            cose_encrypt0_decode((struct view){message->bytes, message->len}, parts) == STATUS_OK)
            return true;
    }
    return false;
}

static void hear_need(uint8_t a, uint8_t b)
{
    const uint8_t bitmap[] = {a % 2 == 0 ? 0xff : a, b};
    uint8_t bytes[128];
    struct buf encoded = BUF_OF(bytes);
    struct cose_encrypt0 parts;
    uint32_t round;

    if (!last_sent(&round, &parts))
        return;
    CHECK(need_encode(&(struct need){round, parts.chunk.transfer, VIEW_OF(bitmap)}, &encoded) == STATUS_OK);
    hear("need/dev", buf_view(&encoded));
}

/* Of the very update, when all of it was sent since the last look; or one that is not true. */
static void hear_receipt(uint8_t a, uint8_t b)
{
    uint8_t digest[DIGEST_SIZE] = {b};
    struct cose_encrypt0 parts;
    struct receipt receipt;
    uint32_t round;
    bool receipt_is_true = false;

    if (!last_sent(&round, &parts))
        return;
    receipt = (struct receipt){round, parts.chunk.transfer, STATUS_OK, VIEW_OF(digest)};
    for (uint32_t i = 0; i < parts.chunk.count; i++) {
        char suffix[64];
        snprintf(suffix, sizeof suffix, "update/agg/dev/%u.%u", round, i);
        if (device_said(&device, suffix) == NULL)
            a |= 1;
    }
    if (a % 2 == 0 && view_equal(parts.kid, VIEW_OF(enclave.cti))) {
        (void)enclave_open_update(&enclave, &device, round, digest, &receipt);
        receipt_is_true = true;
    }
    if (b % 4 == 3)
        receipt.reason = b % 8 == 7 ? STATUS_WRONG_ROUND : STATUS_ALREADY_COUNTED;
    hear("receipt/dev", enclave_receipt(&enclave, &receipt));
    /* That it was counted before is the enclave's word, whatever its digest was. */
    CHECK(receipt_is_true || receipt.reason == STATUS_ALREADY_COUNTED || !told("counted"));
}

/* kind 0: goes on from the head; 1: from another; 2: from nothing; 3: of a round that has passed. */
static void hear_record(uint8_t a, uint8_t b)
{
    const unsigned int kind = b % 8;
    uint8_t other[DIGEST_SIZE] = {a};
    struct record record;
    char suffix[64];

    said = (struct head){.round = head.round + 1 + (kind < 4 ? 0 : a % 4), .has_previous = kind == 1 || has_head};
    memcpy(said.previous, kind == 1 ? other : head.digest, DIGEST_SIZE);
    if (kind == 2)
        said.has_previous = false;
    if (kind == 3 && head.round > 0)
        said.round = 1 + a % head.round;
    record = enclave_result(&enclave, said.round, said.has_previous ? VIEW_OF(said.previous) : (struct view){NULL, 0});
    if (a >= 192)
        record.reason = STATUS_COHORT_TOO_SMALL;
    if (record.reason != STATUS_OK) {
        record.model = record.base;
        record.metrics.count = 0;
    }
    snprintf(suffix, sizeof suffix, "record/agg/%u", said.round);
    hear(suffix, enclave_record(&enclave, &record, said.digest));
    follow();
}

static void do_work(uint8_t a, uint8_t b)
{
    const struct tacit_result bad = {.model = &b, .model_size = 1, .samples = 1};

    if (works == 0)
        return;
    if (a % 4 == 0)
        tacit_node_trained(device.node, &bad, device.now);
    else
        device_finish(&device, (float)b / 64);
}

static void do_fault(uint8_t a, uint8_t b)
{
    switch (a % 8) {
    case 0:
        device.keep_fails = b % 2 == 0;
        break;
    case 1:
        device.train_fails = b % 2 == 0;
        break;
    case 2:
        device.attest_fails = b % 2 == 0;
        break;
    case 3:
        device.room = b;
        break;
    case 4: /* the same keys for members, but another boot: a double has one update key for each */
        if (boots < 8)
            enclave_reboot(&enclave, (uint8_t)(1 + 16 * ++boots));
        manifest.round = 0;
        has_request = false;
        memset(enclave.device_key, 0, sizeof enclave.device_key);
        break;
    case 5:
    case 6:
        device_stop(&device);
        device_start(&device, &enclave, NULL);
        device.works = works = 0;
        break;
    default:
        damage = true;
        damage_at = b;
    }
}

static void step(uint8_t what, uint8_t a, uint8_t b)
{
    switch (what % 16) {
    case 0:
        hear("aggregator/agg/evidence", enclave_bundle(&enclave));
        break;
    case 1:
        hear("aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 1000));
        break;
    case 2:
        if (has_request)
            hear("credential/dev", enclave_answer(&enclave, a < 224 ? STATUS_OK : STATUS_EVIDENCE_STALE));
        break;
    case 3:
    case 4:
        hear_manifest(a, b);
        break;
    case 5:
        hear_chunks(a, b);
        break;
    case 6:
        do_work(a, b);
        break;
    case 7:
    case 8:
        hear_need(a, b);
        break;
    case 9:
        hear_receipt(a, b);
        break;
    case 10:
    case 11:
        hear_record(a, b);
        break;
    case 12:
    case 13:
        device_wait(&device, 1 + a % 8);
        break;
    default:
        do_fault(a, b);
    }
    look();
    take_request();
    take_work();
    /* What was sent is needed for grants and receipts; what was told is old after each step. */
    device.events[0] = '\0';
    if (device.count > DOUBLE_PUBLISHED / 2)
        device_forget(&device);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(&device, 0, sizeof device);
    memset(&manifest, 0, sizeof manifest);
    memset(&head, 0, sizeof head);
    has_head = has_request = damage = false;
    sealed_count = works = boots = 0;
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    device.room = UINT32_MAX;
    for (unsigned int steps = 0; size >= 3 && steps < STEPS_MAX; steps++, data += 3, size -= 3)
        step(data[0], data[1], data[2]);
    device_stop(&device);
    return 0;
}

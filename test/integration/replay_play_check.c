/* replay_play_check.c: makes a capture of a small federation. Nothing in it is sealed; its manifests are signed, since
 * players read them. Run by replay_play_test.sh: FILE FEDERATION DEVICES ROUNDS MICROSECONDS-BETWEEN-MESSAGES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cose.h"
#include "manifest.h"
#include "random.h"

#define MODEL_CHUNKS  6
#define UPDATE_CHUNKS 3
#define CHUNK         20000

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static struct capture *capture;
static const char *federation;
static int64_t now_us = INT64_C(1790000000000000), between_us;
static uint32_t serial;

static void put(enum topic_kind kind, const char *device, uint32_t round, uint32_t chunk, struct view payload)
{
    const struct topic names = {
        .federation = view_of_string(federation),
        .aggregator = VIEW_TEXT("gateway"),
        .device = view_of_string(device),
        .request = VIEW_TEXT("request"),
        .round = round,
        .chunk = chunk,
    };
    uint8_t bytes[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes);
    struct captured message = {.at_us = now_us, .topic = (const char *)bytes, .payload = payload, .qos = 1};

    EXPECT(topic_format(kind, &names, &topic) == STATUS_OK);
    EXPECT(capture_put(capture, &message) == STATUS_OK);
    now_us += between_us;
}

static void put_bytes(enum topic_kind kind, const char *device, uint32_t round, uint32_t chunk, size_t size)
{
    static uint8_t bytes[CHUNK];

    memset(bytes, (int)kind, size);
    write_be32(bytes, ++serial);
    put(kind, device, round, chunk, (struct view){bytes, size});
}

static void put_manifest(uint32_t round)
{
    static const uint8_t zeros[DIGEST_SIZE];
    const struct random_port random = {os_random, NULL};
    const struct manifest manifest = {
        .round = round,
        .task = TASK_TRAIN,
        .base = VIEW_OF(zeros),
        .model_size = (MODEL_CHUNKS - 1) * CHUNK + 1,
        .chunk_size = CHUNK,
        .target = 2,
        .minimum = 1,
        .deadline = 1800000000,
        .max_samples = 1000,
        .fraction_bits = 24,
        .alg_count = 1,
        .algs = {AEAD_A256GCM},
        .boot_id = {zeros, BOOT_ID_SIZE},
        .policy_digest = VIEW_OF(zeros),
        .simulated = true,
    };
    uint8_t payload[1024], message[2048];
    struct buf payload_buf = BUF_OF(payload), message_buf = BUF_OF(message);
    struct p256_key key;
    const struct cose_signer signer = {.key = &key, .random = &random};

    EXPECT(p256_generate(&random, &key) == STATUS_OK);
    EXPECT(manifest_encode(&manifest, &payload_buf) == STATUS_OK);
    EXPECT(cose_sign1_sign(&signer, buf_view(&payload_buf), &message_buf) == STATUS_OK);
    put(TOPIC_ROUND, "", round, 0, buf_view(&message_buf));
}

static const char *device(int index)
{
    static char name[32];

    (void)snprintf(name, sizeof name, "device-%d", index + 1);
    return name;
}

static void put_round(uint32_t round, int devices)
{
    for (uint32_t chunk = 0; chunk < MODEL_CHUNKS; chunk++)
        put_bytes(TOPIC_MODEL, "", round, chunk, CHUNK);
    put_manifest(round);
    for (int i = 0; i < devices; i++)
        put_bytes(TOPIC_UPDATE, device(i), round, 0, CHUNK);
    for (int i = 0; i < devices; i++)
        put_bytes(TOPIC_NEED, device(i), 0, 0, 40);
    for (uint32_t chunk = 1; chunk < UPDATE_CHUNKS; chunk++)
        for (int i = 0; i < devices; i++)
            put_bytes(TOPIC_UPDATE, device(i), round, chunk, CHUNK);
    for (int i = 0; i < devices; i++)
        put_bytes(TOPIC_RECEIPT, device(i), 0, 0, 100);
    put_bytes(TOPIC_RECORD, "", round, 0, 400);
}

int main(int argc, char **argv)
{
    struct capture_about about = {.maker = "replay_play_check", .part = 1, .from_inside = true};
    struct captured foreign = {.topic = "elsewhere/entirely", .payload = VIEW_TEXT("x"), .qos = 1};
    struct reason reason = {""};
    int devices, rounds;

    EXPECT(argc == 6);
    about.federation = federation = argv[2];
    devices = atoi(argv[3]);
    rounds = atoi(argv[4]);
    between_us = atoll(argv[5]);
    EXPECT(capture_create(argv[1], &about, &capture, &reason) == STATUS_OK);
    EXPECT(capture_begin_session(capture, now_us, "nowhere:1", "check") == STATUS_OK);
    put_bytes(TOPIC_EVIDENCE, "", 0, 0, 3000);
    put_bytes(TOPIC_CHALLENGE, "", 0, 0, 200);
    put_bytes(TOPIC_STATUS, "", 0, 0, 300);
    for (int i = 0; i < devices; i++) {
        put_bytes(TOPIC_PRESENCE, device(i), 0, 0, 6);
        put_bytes(TOPIC_ENROL, device(i), 0, 0, 2000);
        put_bytes(TOPIC_CREDENTIAL, device(i), 0, 0, 1000);
    }
    put_bytes(TOPIC_OWNER, "", 0, 0, 500);
    put_bytes(TOPIC_NEED, "owner", 0, 0, 40);
    put_bytes(TOPIC_ANSWER, "", 0, 0, 200);
    foreign.at_us = now_us;
    EXPECT(capture_put(capture, &foreign) == STATUS_OK);
    for (int i = 0; i < rounds; i++)
        put_round((uint32_t)i + 1, devices);
    EXPECT(capture_commit(capture) == STATUS_OK);
    capture_close(&capture);
    return 0;
}

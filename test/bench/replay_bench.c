/* replay_bench.c: how fast 1000 captured updates are replayed, of the demo's model on MNIST, and in how much memory. The
 * capture is made by a core in this process before anything is timed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "bundle.h"
#include "core_private.h"
#include "federation_private.h"
#include "load.h"
#include "verdict.h"

#define PARAMETERS 52650 /* 784 64 32 10, as the demo trains */
#define DEVICES    50
#define ROUNDS     20

/* A gate that writes down what went over the broker. */
struct recorder {
    struct load_core core;
    struct capture *capture;
    int64_t at_us;
    struct buf response; /* a copy of the last one */
};

static void put(struct recorder *recorder, const struct topic *names, enum topic_kind kind, struct view payload)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes);
    struct captured message = {.qos = 1, .at_us = recorder->at_us++, .payload = payload};

    must(topic_format(kind, names, &topic), "topic");
    message.topic = (const char *)topic.ptr;
    must(capture_put(recorder->capture, &message), "capture");
}

static struct topic names_of(struct view device, uint32_t round, uint32_t chunk)
{
    return (struct topic){.federation = VIEW_TEXT("fed"),
                          .aggregator = VIEW_TEXT("agg"),
                          .device = device,
                          .round = round,
                          .chunk = chunk};
}

static void put_boot(struct recorder *recorder, struct view response)
{
    const struct boot_keys *keys = &recorder->core.core->keys;
    const struct topic names = names_of((struct view){NULL, 0}, 1, 0);
    struct gate_booted booted;
    uint8_t secret[ESCROW_SIZE];

    must(gate_booted_decode(response, &booted), "boot");
    put(recorder, &names, TOPIC_EVIDENCE, booted.bundle);
    memcpy(secret, keys->epoch_secret, 32);
    memcpy(secret + 32, keys->model_key, 32);
    memcpy(secret + 64, keys->signing.scalar, 32);
    memcpy(secret + 96, keys->sealing.scalar, 32);
    must(capture_put_secret(recorder->capture, recorder->at_us, names.aggregator, VIEW_OF(keys->boot_id),
                            VIEW_OF(secret)),
         "secret");
}

/* The model's chunks, then its manifest, as a host publishes them. */
static void put_round(struct recorder *recorder, struct view manifest_message)
{
    struct cose_sign1 parts;
    struct manifest manifest;
    struct view message, response;

    must(cose_sign1_decode(manifest_message, &parts), "manifest");
    must(manifest_decode(parts.payload, &manifest), "manifest");
    for (uint32_t i = 0; i < chunks_of(manifest.model_size, manifest.chunk_size); i++) {
        const struct topic names = names_of((struct view){NULL, 0}, manifest.round, i);
        uint8_t bytes[16];
        struct buf body = BUF_OF(bytes);
        must(gate_number_encode(i, &body), "chunk");
        must(load_core_call(&recorder->core, GATE_MODEL_CHUNK, buf_view(&body), &response), "chunk");
        must(gate_message_decode(response, &message), "chunk");
        put(recorder, &names, TOPIC_MODEL, message);
    }
    put(recorder, &(struct topic){.federation = VIEW_TEXT("fed"), .aggregator = VIEW_TEXT("agg")}, TOPIC_ROUND,
        manifest_message);
}

static void put_update(struct recorder *recorder, struct view body, struct view response)
{
    struct gate_update update;
    struct gate_answer answer;
    struct reader chunks;
    struct topic names;

    must(gate_update_decode(body, &update), "update");
    must(gate_answer_decode(response, &answer), "receipt");
    chunks = reader_of(update.chunks);
    for (uint32_t i = 0; i < update.count; i++) {
        names = names_of(update.device, update.round, i);
        put(recorder, &names, TOPIC_UPDATE, read_bytes(&chunks, 1, PACKET_MAX));
    }
    names = names_of(update.device, update.round, 0);
    put(recorder, &names, TOPIC_RECEIPT, answer.message);
}

static void put_call(struct recorder *recorder, enum gate_call call, struct view body, struct view response)
{
    const struct topic names = names_of((struct view){NULL, 0}, 1, 0);
    struct cose_sign1 parts;
    struct record record;
    struct view message;

    if (call == GATE_BOOT)
        put_boot(recorder, response);
    else if (call == GATE_UPDATE)
        put_update(recorder, body, response);
    if (call != GATE_CHALLENGE && call != GATE_OPEN && call != GATE_CLOSE)
        return;
    must(gate_message_decode(response, &message), "message");
    if (call == GATE_CHALLENGE)
        put(recorder, &names, TOPIC_CHALLENGE, message);
    else if (call == GATE_OPEN)
        put_round(recorder, message);
    else {
        struct topic of;
        must(cose_sign1_decode(message, &parts), "record");
        must(record_decode(parts.payload, &record), "record");
        of = names_of((struct view){NULL, 0}, record.round, 0);
        put(recorder, &of, TOPIC_RECORD, message);
    }
}

static enum status recording_call(void *ctx, enum gate_call call, struct view body, struct view *response)
{
    struct recorder *recorder = ctx;
    struct view said;

    TRY(load_core_call(&recorder->core, call, body, &said));
    free(recorder->response.ptr);
    recorder->response = bench_room(said.len + 1);
    must(buf_append(&recorder->response, said), "response");
    *response = buf_view(&recorder->response);
    put_call(recorder, call, body, *response);
    return STATUS_OK;
}

static void make_capture(const char *path, uint8_t owner_point[static P256_POINT_SIZE])
{
    static const uint8_t measurement[32] = {1};
    const struct capture_about about = {.federation = "fed", .maker = "bench", .part = 1, .from_inside = true};
    struct recorder recorder = {.at_us = (int64_t)FEDERATION_NOW * 1000000};
    struct load load;
    struct reason reason;

    must(capture_create(path, &about, &recorder.capture, &reason), reason.text);
    must(capture_begin_session(recorder.capture, recorder.at_us, "broker", "client"), "session");
    load_init(&load, PARAMETERS, DEVICES, measurement);
    memcpy(owner_point, load.owner.point, P256_POINT_SIZE);
    load_core_start(&recorder.core, &load);
    load_boot(&load, &(struct load_gate){recording_call, &recorder});
    while (load.enrolled < load.devices)
        load_enrol(&load);
    for (int round = 0; round < ROUNDS; round++) {
        struct buf plain;
        load_open_round(&load);
        plain = load_plain(&load);
        for (uint32_t i = 0; i < DEVICES; i++) {
            size_t wire;
            struct buf body = load_sealed(&load, i, buf_view(&plain), &wire);
            load_send(&load, &body);
            free(body.ptr);
        }
        free(plain.ptr);
        load_close_round(&load);
        must(capture_commit(recorder.capture), "commit");
    }
    capture_close(&recorder.capture);
    free(recorder.response.ptr);
    load_core_end(&recorder.core);
    load_end(&load);
}

static void take_round(void *ctx, const struct verify_round *round)
{
    (void)ctx;
    must(round->verdict == VERDICT_SAME && round->receipts == DEVICES ? STATUS_OK : STATUS_MODEL_OTHER, round->why);
}

static void take_note(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "%s\n", text);
}

int main(void)
{
    const char *build = getenv("BUILD");
    const struct verify_sink sink = {NULL, take_round, take_note, NULL};
    struct verify_options options = {.federation = VIEW_TEXT("fed"), .aggregator = VIEW_TEXT("agg")};
    struct source source = {.parts = {.count = 0}};
    struct index index = {0};
    struct verify_totals totals;
    struct rusage after;
    struct stat file;
    struct reason reason;
    char path[512];
    double start, took;

    (void)snprintf(path, sizeof path, "%s/replay_bench.%d.tacit", build != NULL ? build : "build", (int)getpid());
    make_capture(path, options.owner_point);
    start = bench_seconds();
    must(capture_parts_open((const char *const[]){path}, 1, &source.parts, NULL, NULL, &reason), path);
    must(index_read(&source, options.aggregator, &index), "index");
    must(verify_run(&source, &index, &options, &sink, &totals), "replay");
    took = bench_seconds() - start;
    (void)getrusage(RUSAGE_SELF, &after);
    must(stat(path, &file) == 0 ? STATUS_OK : STATUS_IO, path);
    must(totals.receipts == DEVICES * ROUNDS ? STATUS_OK : STATUS_NOT_COUNTED, "updates");
    printf("BENCH name=replay parameters=%d updates=%llu rounds=%d seconds=%.2f updates_per_s=%.1f mb_per_s=%.1f "
           "capture_mb=%.1f rss_kb=%ld\n",
           PARAMETERS, (unsigned long long)totals.receipts, ROUNDS, took, (double)totals.receipts / took,
           (double)totals.bytes / took / 1e6, (double)file.st_size / 1e6, after.ru_maxrss);
    index_free(&index);
    source_close(&source);
    (void)unlink(path);
    return 0;
}

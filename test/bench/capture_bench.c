/* capture_bench.c: captures of several hundred megabytes: how fast they are written, opened, searched and checked, and that
 * memory does not grow with them. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "capture_parts.h"
#include "capture_tape.h"
#include "survey.h"

#define CHUNK         (256u << 10)
#define GROWTH_MAX_KB 16384 /* from 10 rounds to all of them */
#define DEVICES       20u
#define CHUNKS        4u

static char path[64];

static void must(enum status status, const char *what)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "capture_bench: %s: %s\n", what, status_text(status));
    exit(1);
}

static long rss_kb(void)
{
    char line[128];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "VmHWM: %ld", &kb);
    if (file != NULL)
        fclose(file);
    return kb;
}

static void remove_file(void)
{
    (void)unlink(path);
}

static void write_capture(uint32_t rounds)
{
    struct capture_tape tape = {.path = path, .about = {.federation = "fed", .maker = "bench"}};
    struct buf payload = bench_room(CHUNK);
    char topic[TOPIC_MAX];

    memset(payload.ptr, 0xa5, CHUNK);
    must(capture_tape_open(&tape, NULL), "open");
    must(capture_tape_begin(&tape, 1, "broker", "me"), "begin");
    for (uint32_t i = 0; i < rounds * DEVICES * CHUNKS; i++) {
        struct captured message = {.at_us = i, .topic = topic, .payload = {payload.ptr, CHUNK}, .qos = 1};

        snprintf(topic, sizeof topic, "tacit/1/fed/update/agg/device-%u/%u.%u", i / CHUNKS % DEVICES,
                 i / CHUNKS / DEVICES + 1, i % CHUNKS);
        write_be32(payload.ptr, i);
        must(capture_tape_put(&tape, &message, NULL), "put");
    }
    must(capture_tape_commit(&tape, 1, NULL), "commit");
    capture_tape_close(&tape);
    free(payload.ptr);
}

static void note_fault(void *ctx, const struct capture_fault *fault)
{
    (void)ctx;
    fprintf(stderr, "capture_bench: %s %" PRId64 " %s\n", fault->table, fault->row, fault->what);
    exit(1);
}

/* All messages of the last round. */
static void find_last(struct capture *capture, uint32_t round)
{
    struct capture_query query = CAPTURE_ALL;
    struct capture_cursor *cursor;
    struct captured message;
    size_t count = 0;

    query.round = round;
    must(capture_find(capture, &query, &cursor), "find");
    while (capture_next(cursor, &message) == STATUS_OK)
        count++;
    capture_cursor_free(&cursor);
    if (count != DEVICES * CHUNKS)
        must(STATUS_NOT_FOUND, "find");
}

static long run(uint32_t rounds)
{
    const struct capture_watch watch = {NULL, note_fault, NULL};
    const char *const paths[] = {path};
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};
    CLEANUP(survey_free) struct survey survey = {.rounds = NULL};
    double begun = bench_seconds(), written, opened, found, checked, surveyed;
    double megabytes = (double)rounds * DEVICES * CHUNKS * CHUNK / 1e6;

    remove_file();
    write_capture(rounds);
    written = bench_seconds();
    must(capture_parts_open(paths, 1, &parts, NULL, NULL, NULL), "open");
    opened = bench_seconds();
    find_last(parts.list[0], rounds);
    found = bench_seconds();
    must(capture_check(parts.list[0], &watch), "check");
    checked = bench_seconds();
    must(survey_run(&parts, &survey), "survey");
    surveyed = bench_seconds();
    printf("BENCH name=capture megabytes=%.0f write_mb_s=%.0f open_ms=%.2f find_round_ms=%.1f check_mb_s=%.0f "
           "survey_ms=%.0f rss_kb=%ld\n",
           megabytes, megabytes / (written - begun), (opened - written) * 1e3, (found - opened) * 1e3,
           megabytes / (checked - found), (surveyed - checked) * 1e3, rss_kb());
    return rss_kb();
}

int main(void)
{
    long small, large;

    snprintf(path, sizeof path, P_tmpdir "/capture_bench_%d.tacit", (int)getpid());
    atexit(remove_file);
    small = run(3);
    large = run(30);
    if (large - small <= GROWTH_MAX_KB)
        return 0;
    fprintf(stderr, "capture_bench: memory grew by %ld kB, over %d\n", large - small, GROWTH_MAX_KB);
    return 1;
}

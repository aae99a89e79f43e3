/* live.c: `tacit capture`: one connection that reads everything of a federation onto a tape. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_command.h"
#include "capture_tape.h"
#include "clock.h"
#include "glance.h"
#include "log_stderr.h"
#include "mqtt.h"
#include "network.h"
#include "survey.h"

#define COMMIT_MS        500
#define DRAW_MS          500
#define TELL_MS          60000 /* where nobody looks at a terminal */
#define LINGER_MS        2000  /* after the last round: what the broker sends on, until it is quiet */
#define LINGER_MOST_MS   15000
#define SESSION_EXPIRY_S 3600 /* so long the broker keeps for us what comes while we are away */
#define RECEIVE_BYTES    ((size_t)64 << 20)
#define RECEIVE_COUNT    65536
#define BOOTS_MAX        256

/* The highest round of a boot whose record was seen: rounds ascend within one. */
struct last_round {
    uint8_t boot_id[BOOT_ID_SIZE];
    uint32_t round;
};

struct live {
    const char *path, *size;
    int64_t rounds, seconds;

    const struct profile *profile;
    struct reason *reason;
    struct loop *loop;
    struct mqtt *mqtt;
    enum log_level level;
    struct log log;
    struct capture_tape tape;
    struct loop_timer commit, draw, end, linger, linger_end, patience;

    bool connected, was_connected, ending, drawn;
    struct last_round last[BOOTS_MAX];
    size_t boots;
    int64_t closed; /* rounds */
    uint64_t drawn_messages, drawn_ms;
    struct reason trouble; /* why there is no connection */
    enum status result;
};

static void stop(struct live *live, enum status status)
{
    if (live->ending)
        return;
    live->ending = true;
    live->result = status;
    loop_stop(live->loop);
}

/* A failure of the tape ends the capture: what was committed is whole. */
static bool fine(struct live *live, enum status status)
{
    if (status != STATUS_OK)
        stop(live, status);
    return status == STATUS_OK;
}

/* ---- progress ---- */

static void draw(struct live *live)
{
    const uint64_t now = clock_monotonic_ms(), passed = now - live->drawn_ms;
    const uint64_t rate = passed == 0 ? 0 : (live->tape.messages - live->drawn_messages) * 1000 / passed;
    const bool terminal = isatty(STDERR_FILENO) != 0;

    fprintf(stderr, "%s%" PRIu64 " messages  %.1f MB  %" PRId64 " rounds closed  %" PRIu64 "/s  part %" PRIu32 "%s%s",
            terminal ? "\r" : "tacit capture: ", live->tape.messages, (double)live->tape.bytes / 1e6, live->closed,
            rate, live->tape.about.part, live->connected ? "" : "  (not connected)", terminal ? "\033[K" : "\n");
    fflush(stderr);
    live->drawn = terminal;
    live->drawn_ms = now;
    live->drawn_messages = live->tape.messages;
}

static void on_draw(void *ctx)
{
    draw(ctx);
}

/* A line of its own, also where a progress line stands. */
static void say(struct live *live, const char *what, const char *detail)
{
    fprintf(stderr, "%stacit capture: %s%s%s\n", live->drawn ? "\r\033[K" : "", what, detail[0] == '\0' ? "" : ": ",
            detail);
    live->drawn = false;
}

/* ---- rounds ---- */

static struct last_round *last_of(struct live *live, struct view boot_id)
{
    struct last_round *row;

    for (size_t i = 0; i < live->boots; i++)
        if (view_equal(VIEW_OF(live->last[i].boot_id), boot_id))
            return &live->last[i];
    if (live->boots == BOOTS_MAX)
        return NULL;
    row = &live->last[live->boots++];
    memcpy(row->boot_id, boot_id.ptr, BOOT_ID_SIZE);
    return row;
}

/* A record that the broker had when the capture began is of no round of it. The aggregator publishes its records again
 * whenever it connects. */
static void count_round(struct live *live, const struct captured *message)
{
    uint8_t digest[DIGEST_SIZE];
    struct record record;
    struct last_round *last;

    if (message->where.kind != TOPIC_RECORD || glance_record(message, &record, digest) != STATUS_OK)
        return;
    last = last_of(live, record.boot_id);
    if (last == NULL || last->round >= record.round)
        return;
    last->round = record.round;
    if (message->retained && message->session == 1)
        return;
    live->closed++;
    if (live->closed == live->rounds)
        loop_timer_start(live->loop, &live->linger_end, LINGER_MOST_MS, 0);
}

/* ---- the connection ---- */

static void on_message(void *ctx, const struct mqtt_message *got)
{
    struct live *live = ctx;
    struct captured message = {
        .at_us = clock_unix_us(),
        .topic = got->topic,
        .payload = got->payload,
        .qos = got->qos,
        .retained = got->retained,
        .properties = got->properties,
    };

    if (live->ending || !fine(live, capture_tape_put(&live->tape, &message, live->reason)))
        return;
    message.parsed = topic_parse(view_of_string(message.topic), &message.where) == STATUS_OK;
    if (!message.parsed || message.where.kind == TOPIC_STATUS) /* which comes as long as an aggregator lives */
        return;
    count_round(live, &message);
    if (live->rounds > 0 && live->closed >= live->rounds)
        loop_timer_start(live->loop, &live->linger, LINGER_MS, 0);
}

static void on_connected(void *ctx)
{
    struct live *live = ctx;
    char broker[CAPTURE_TEXT_MAX];

    snprintf(broker, sizeof broker, "%.100s:%d", live->profile->host, (int)live->profile->port);
    if (live->was_connected)
        say(live, "connected again", "");
    live->connected = live->was_connected = true;
    loop_timer_stop(live->loop, &live->patience);
    (void)fine(live, capture_tape_begin(&live->tape, clock_unix_us(), broker, live->profile->id));
}

static void on_disconnected(void *ctx, const char *why)
{
    struct live *live = ctx;

    reason_set(&live->trouble, "%s", why);
    if (!live->connected)
        return;
    live->connected = false;
    say(live, "the connection is lost, messages may be", why);
    (void)fine(live, capture_tape_end(&live->tape, clock_unix_us(), why));
}

static void on_commit(void *ctx)
{
    struct live *live = ctx;

    (void)fine(live, capture_tape_commit(&live->tape, clock_unix_us(), live->reason));
}

static void on_end(void *ctx)
{
    stop(ctx, STATUS_OK);
}

static void on_signal(void *ctx, int number)
{
    if (number == SIGINT || number == SIGTERM)
        stop(ctx, STATUS_OK);
}

static void on_patience(void *ctx)
{
    struct live *live = ctx;

    reason_set(live->reason, "no connection to the broker %.200s port %d: %.200s", live->profile->host,
               (int)live->profile->port, live->trouble.text);
    stop(live, STATUS_NO_CONNECTION);
}

/* ---- one capture ---- */

static enum status connect(struct live *live)
{
    const struct profile *profile = live->profile;
    const struct mqtt_options options = {
        .host = profile->host,
        .port = (uint16_t)profile->port,
        .client_id = profile->id,
        .cafile = profile->cafile,
        .certfile = profile->certfile,
        .keyfile = profile->keyfile,
        .durable = true,
        .session_expiry_s = SESSION_EXPIRY_S,
        .retry_max_ms = 5000,
        .receive_bytes = RECEIVE_BYTES,
        .receive_count = RECEIVE_COUNT,
        .keep_properties = true,
    };
    const struct mqtt_handlers handlers = {
        .ctx = live, .connected = on_connected, .disconnected = on_disconnected, .message = on_message};
    char filter[TOPIC_MAX];

    snprintf(filter, sizeof filter, "tacit/1/%.100s/#", profile->federation);
    TRY(mqtt_new(&options, &handlers, live->loop, &live->log, &live->mqtt, live->reason));
    return mqtt_subscribe(live->mqtt, filter);
}

static void start_timers(struct live *live)
{
    const uint64_t drawing = isatty(STDERR_FILENO) ? DRAW_MS : TELL_MS;

    live->commit = (struct loop_timer){.fn = on_commit, .ctx = live};
    live->draw = (struct loop_timer){.fn = on_draw, .ctx = live};
    live->end = live->linger = live->linger_end = (struct loop_timer){.fn = on_end, .ctx = live};
    live->patience = (struct loop_timer){.fn = on_patience, .ctx = live};
    live->drawn_ms = clock_monotonic_ms();
    loop_timer_start(live->loop, &live->commit, COMMIT_MS, COMMIT_MS);
    loop_timer_start(live->loop, &live->draw, drawing, drawing);
    loop_timer_start(live->loop, &live->patience, (uint64_t)live->profile->timeout_s * 1000, 0);
    if (live->seconds > 0)
        loop_timer_start(live->loop, &live->end, (uint64_t)live->seconds * 1000, 0);
}

static enum status listen_to(struct live *live)
{
    live->level = live->profile->debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR;
    live->log = log_stderr(&live->level);
    TRY(loop_new(&live->loop));
    TRY(loop_watch_signals(live->loop, on_signal, live));
    start_timers(live);
    TRY(connect(live));
    say(live, live->profile->observer ? "as the observer" : "no observer in the defaults file; with the certificate of",
        live->profile->id);
    TRY(loop_run(live->loop));
    return live->result;
}

/* The session's last words: how the capture ended, and what the client had to drop. */
static enum status close_tape(struct live *live, enum status ended)
{
    const uint64_t dropped = live->mqtt == NULL ? 0 : mqtt_counts(live->mqtt).dropped;
    const char *because = ended == STATUS_OK ? "asked to end" : status_text(ended);
    char why[CAPTURE_TEXT_MAX];

    snprintf(why, sizeof why, "%s", because);
    if (dropped > 0) {
        snprintf(why, sizeof why, "%s; %" PRIu64 " messages dropped for want of room", because, dropped);
        say(live, "NOT ALL WAS KEPT", why);
    }
    TRY(capture_tape_end(&live->tape, clock_unix_us(), why));
    return capture_commit(live->tape.capture);
}

static void live_end(struct live *live)
{
    if (live->mqtt != NULL)
        mqtt_forget(live->mqtt);
    mqtt_free(&live->mqtt);
    loop_free(&live->loop);
    capture_tape_close(&live->tape);
}

/* Bytes: digits, and k, M or G. */
static bool read_size(const char *text, uint64_t *out)
{
    static const char units[] = "kMG";
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end == '\0' ? NULL : strchr(units, *end);

    if (end == text || text[0] == '-' || (*end != '\0' && (unit == NULL || end[1] != '\0')) || number > UINT32_MAX)
        return false;
    *out = number;
    for (ptrdiff_t i = 0; unit != NULL && i <= unit - units; i++)
        *out *= 1000;
    return *out >= 100000;
}

/* What was made is read again from the beginning: what it says of itself is what a reader will find. */
static enum status survey_parts(const struct live *live, uint32_t parts, struct reason *reason)
{
    static char paths[CAPTURE_PARTS_MAX][CAPTURE_PATH_MAX];
    const char *list[CAPTURE_PARTS_MAX];
    size_t count = 0;

    for (uint32_t part = 1; part <= parts && count < CAPTURE_PARTS_MAX; part++) {
        TRY(capture_part_path(live->path, part, paths[count]));
        list[count] = paths[count];
        count++;
    }
    return survey_print_missing(list, count, stdout, reason);
}

static enum status capture(void *ctx, const struct profile *profile, struct reason *reason)
{
    struct live *live = ctx;
    enum status status, closed;
    uint32_t parts;

    live->profile = profile;
    live->reason = reason;
    live->tape.path = live->path;
    live->tape.about = (struct capture_about){.federation = profile->federation, .maker = "tacit capture"};
    TRY(capture_tape_open(&live->tape, reason));
    status = listen_to(live);
    closed = close_tape(live, status);
    if (live->drawn)
        fputs("\r\033[K", stderr);
    if (live->mqtt != NULL)
        mqtt_forget(live->mqtt);
    parts = live->tape.about.part;
    capture_tape_close(&live->tape);
    if (!live->was_connected) {
        (void)unlink(live->path); /* an empty file would be in the way of the next attempt */
        if (status == STATUS_OK)
            reason_set(reason, "ended before there was a connection: nothing is kept");
        return status == STATUS_OK ? STATUS_NO_CONNECTION : status;
    }
    TRY(status);
    TRY(closed);
    printf("%s: %" PRIu64 " messages, %" PRIu64 " bytes, %" PRId64 " rounds closed, %" PRIu32 " files\n", live->path,
           live->tape.messages, live->tape.bytes, live->closed, parts);
    return survey_parts(live, parts, reason);
}

static const char *check(void *ctx)
{
    struct live *live = ctx;

    if (live->path == NULL)
        return "-o FILE is needed";
    if (live->size != NULL && !read_size(live->size, &live->tape.rotate))
        return "--rotate: a size of at least 100k, such as 500M or 2G";
    return NULL;
}

int capture_command(const struct command *self, int argc, char *argv[])
{
    CLEANUP(live_end) struct live live = {.result = STATUS_OK};
    const struct argument table[] = {
        {"-o", ARGUMENT_TEXT, &live.path, 0, 0},
        {"--rounds", ARGUMENT_NUMBER, &live.rounds, 1, UINT32_MAX},
        {"--for", ARGUMENT_NUMBER, &live.seconds, 1, 31536000},
        {"--rotate", ARGUMENT_TEXT, &live.size, 0, 0},
        {0},
    };
    const struct network_command command = {
        .options = table, .observes = true, .ctx = &live, .check = check, .work = capture};

    return network_run(self, &command, argc, argv);
}

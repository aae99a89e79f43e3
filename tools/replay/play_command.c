/* play_command.c: the command line of the player, and its run. See play.h, play_private.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "play_private.h"

#define WATCH_MS   1000
#define QUIET_US   2000000 /* when nothing moves for so long after the last message, what is missing is lost */
#define SPEED_MOST 1000000.0

/* ---- the run ---- */

void play_soon(struct play *play, uint64_t delay_ms)
{
    if (play->phase != PLAY_OVER)
        loop_timer_start(play->loop, &play->step, delay_ms, 0);
}

void play_end(struct play *play, enum status status)
{
    if (play->phase == PLAY_OVER)
        return;
    if (play->ended_us == 0)
        play->ended_us = stats_now_us();
    play->phase = PLAY_OVER;
    play->result = status;
    play_progress(play);
    loop_stop(play->loop);
}

static void looked(struct play *play)
{
    if (play->live && !play->options->force) {
        reason_set(
            play->reason,
            "the broker holds evidence of the aggregator %s of the federation %s: played messages would mix with "
            "its own. --federation NAME plays under another name; --force plays all the same",
            play->live_name, play->federation);
        play_end(play, STATUS_EXISTS);
        return;
    }
    play->phase = PLAY_GATHERING;
    play_soon(play, 0);
}

static void begin(struct play *play)
{
    play->phase = PLAY_PLAYING;
    play->began_us = stats_now_us();
    fprintf(stderr,
            "tacit replay: %" PRIu64 " messages of %zu devices, played for %zu; they take %.0f s at this speed\n",
            play->survey.messages - play->survey.skipped, play->survey.devices.count, play->devices,
            (double)play_scaled_us(play, play->survey.last_us) / 1e6);
    play_soon(play, 0);
}

static void played(struct play *play)
{
    if (play->phase != PLAY_PLAYING)
        return;
    play->all_read = !play->interrupted;
    play->phase = PLAY_WAITING;
    play->moved_us = stats_now_us();
    play_soon(play, 0);
}

/* All is here, or does not come any more. A live federation keeps what is its own. */
static void waited(struct play *play, uint64_t since_us)
{
    play->ended_us = since_us;
    if (play->options->keep || play->live) {
        play_end(play, STATUS_OK);
        return;
    }
    play->phase = PLAY_CLEANING;
    play_soon(play, 0);
}

static void on_step(void *ctx)
{
    struct play *play = ctx;

    switch (play->phase) {
    case PLAY_LOOKING:
        if (play_crowd_gather(play))
            looked(play);
        break;
    case PLAY_GATHERING:
        if (play_crowd_gather(play))
            begin(play);
        break;
    case PLAY_PLAYING:
        if (play_stream(play))
            played(play);
        break;
    case PLAY_WAITING:
        if (play_crowd_drained(play) && play_lost(play) == 0)
            waited(play, stats_now_us());
        break;
    case PLAY_CLEANING:
        if (play_clean(play) && play_crowd_drained(play))
            play_end(play, STATUS_OK);
        break;
    case PLAY_OVER:
        break;
    }
}

/* A number that changes when anything moves. */
static uint64_t movement(const struct play *play)
{
    uint64_t sum = play->ready + play->acknowledged.count + play->clean_at;

    for (size_t i = 0; i < TOPIC_KINDS; i++)
        sum += play->counts[i].messages + play->counts[i].received + play->counts[i].repeated + play->counts[i].refused;
    return sum;
}

static void on_watch(void *ctx)
{
    struct play *play = ctx;
    const uint64_t now = stats_now_us(), moved = movement(play);
    const bool resting = play->phase == PLAY_PLAYING && play_crowd_connected(play) && play_crowd_drained(play);
    uint64_t quiet;

    if (moved != play->watched || resting)
        play->moved_us = now;
    play->watched = moved;
    quiet = now - play->moved_us;
    play_progress(play);
    if (play->phase == PLAY_PLAYING && play->held && quiet >= QUIET_US)
        play->forgiven += play_ahead(play);
    if (play->phase == PLAY_WAITING && quiet >= QUIET_US && play_crowd_drained(play) && play_crowd_connected(play)) {
        waited(play, play->moved_us);
    } else if (quiet >= (uint64_t)play->options->timeout_s * 1000000) {
        reason_set(play->reason, "%s:%u: nothing moves any more: %.300s", play->options->host, play->options->port,
                   play->trouble.text[0] != '\0' ? play->trouble.text : "the broker does not answer");
        play_end(play, STATUS_NO_CONNECTION);
    } else if (!play->step.running) {
        play_soon(play, 0);
    }
}

static void on_signal(void *ctx, int signal)
{
    struct play *play = ctx;

    (void)signal;
    if (play->interrupted || play->phase < PLAY_PLAYING || play->phase > PLAY_WAITING) {
        play_end(play, STATUS_TIMEOUT);
        return;
    }
    play->interrupted = true;
    waited(play, stats_now_us());
}

static enum status prepare(struct play *play, struct reason *reason)
{
    const struct capture_query all = CAPTURE_ALL;
    const char *name;

    if (capture_open(play->options->capture, &play->capture, reason) != STATUS_OK ||
        play_survey(play->capture, play->options->capture, &play->survey, reason) != STATUS_OK)
        return STATUS_CONFIG;
    name = play->options->federation != NULL ? play->options->federation : capture_about(play->capture)->federation;
    if (!name_valid(view_of_string(name))) {
        reason_set(reason, "%.300s: its federation has no name: --federation NAME", play->options->capture);
        return STATUS_CONFIG;
    }
    (void)snprintf(play->federation, sizeof play->federation, "%s", name);
    TRY(capture_find(play->capture, &all, &play->cursor));
    TRY(loop_new(&play->loop));
    TRY(loop_watch_signals(play->loop, on_signal, play));
    return play_crowd_new(play, reason);
}

static void play_free(struct play **play)
{
    if (*play == NULL)
        return;
    play_crowd_free(*play);
    capture_cursor_free(&(*play)->cursor);
    capture_close(&(*play)->capture);
    loop_free(&(*play)->loop);
    play_survey_free(&(*play)->survey);
    free((*play)->records);
    free(*play);
}

static enum status verdict(const struct play *play, struct reason *reason)
{
    if (play->result != STATUS_OK)
        return play->result;
    if (play->interrupted)
        reason_set(reason, "interrupted");
    else if (play_lost(play) + play_refused(play) > 0)
        reason_set(reason, "%" PRIu64 " messages did not arrive, %" PRIu64 " were refused%s%.300s", play_lost(play),
                   play_refused(play), play->trouble.text[0] == '\0' ? "" : ": ", play->trouble.text);
    else if (play->damaged > 0)
        reason_set(reason, "%" PRIu64 " messages of the capture are damaged: `tacit capture info` says which",
                   play->damaged);
    else
        return STATUS_OK;
    return STATUS_NOT_FOUND;
}

static int run(const struct command *self, const struct play_options *options)
{
    CLEANUP(play_free) struct play *play = calloc(1, sizeof *play);
    struct reason reason = {""};
    enum status status = STATUS_IO;

    if (play == NULL)
        return command_end(self, status, &reason);
    play->options = options;
    play->reason = &reason;
    play->step = (struct loop_timer){.fn = on_step, .ctx = play};
    play->watch = (struct loop_timer){.fn = on_watch, .ctx = play};
    status = prepare(play, &reason);
    if (status == STATUS_OK) {
        play->moved_us = stats_now_us();
        play_soon(play, 0);
        loop_timer_start(play->loop, &play->watch, WATCH_MS, WATCH_MS);
        status = loop_run(play->loop);
    }
    if (status == STATUS_OK) {
        play_report(play);
        status = verdict(play, &reason);
    }
    return command_end(self, status, &reason);
}

/* ---- the command line ---- */

static bool read_place(const char *text, struct play_options *out)
{
    const char *colon = strrchr(text, ':');
    char *end;
    unsigned long port;

    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof out->host)
        return false;
    port = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || port < 1 || port > 65535)
        return false;
    /* An address of version 6 stands in brackets. */
    if (text[0] == '[' && colon[-1] == ']')
        (void)snprintf(out->host, sizeof out->host, "%.*s", (int)(colon - text - 2), text + 1);
    else
        (void)snprintf(out->host, sizeof out->host, "%.*s", (int)(colon - text), text);
    out->port = (uint16_t)port;
    return true;
}

static bool read_speed(const char *text, uint64_t *out)
{
    char *end;
    double speed;

    if (strcmp(text, "max") == 0) {
        *out = 0;
        return true;
    }
    speed = strtod(text, &end);
    if (end == text || !(strcmp(end, "") == 0 || strcmp(end, "x") == 0) || !(speed >= 0.001 && speed <= SPEED_MOST))
        return false;
    *out = (uint64_t)(speed * PLAY_SPEED_ONE + 0.5);
    return true;
}

/* What is wrong with the command line, or NULL. */
static const char *check(struct play_options *options, const struct argument_texts *words, const char *to,
                         const char *speed)
{
    if (words->count != 1)
        return "one capture is needed";
    if (to == NULL || !read_place(to, options))
        return "--to needs HOST:PORT";
    if (!read_speed(speed, &options->speed))
        return "--speed takes a number from 0.001 to 1000000, with or without an x, or max";
    if (options->federation != NULL && !name_valid(view_of_string(options->federation)))
        return "--federation: names are 1 to 64 characters of 0-9 A-Z a-z _ -";
    if (options->plain == (options->cafile != NULL || options->certfile != NULL || options->keyfile != NULL))
        return "either --plain, or --cafile, --cert and --key";
    if (!options->plain && (options->cafile == NULL || options->certfile == NULL || options->keyfile == NULL))
        return "TLS takes --cafile, --cert and --key together";
    return NULL;
}

int replay_play_command(const struct command *self, int argc, char *argv[])
{
    struct play_options o = {.devices = -1, .timeout_s = 30};
    const char *to = NULL, *speed = "1", *wrong;
    const struct argument options[] = {
        {"--to", ARGUMENT_TEXT, &to, 0, 0},
        {"--speed", ARGUMENT_TEXT, &speed, 0, 0},
        {"--devices", ARGUMENT_NUMBER, &o.devices, 1, PLAY_DEVICES_MAX},
        {"--federation", ARGUMENT_TEXT, &o.federation, 0, 0},
        {"--force", ARGUMENT_FLAG, &o.force, 0, 0},
        {"--keep", ARGUMENT_FLAG, &o.keep, 0, 0},
        {"--plain", ARGUMENT_FLAG, &o.plain, 0, 0},
        {"--cafile", ARGUMENT_TEXT, &o.cafile, 0, 0},
        {"--cert", ARGUMENT_TEXT, &o.certfile, 0, 0},
        {"--key", ARGUMENT_TEXT, &o.keyfile, 0, 0},
        {"--timeout", ARGUMENT_NUMBER, &o.timeout_s, 1, 86400},
        {"--json", ARGUMENT_FLAG, &o.json, 0, 0},
        {NULL, ARGUMENT_FLAG, NULL, 0, 0},
    };
    const struct argument *const tables[] = {options, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    wrong = check(&o, &words, to, speed);
    if (wrong != NULL) {
        reason_set(&reason, "%s", wrong);
        return command_usage(self, &reason);
    }
    o.capture = words.list[0];
    return run(self, &o);
}

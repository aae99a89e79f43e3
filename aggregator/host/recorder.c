/* recorder.c: see recorder.h. */
#include "recorder.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "topic.h"

#define RETRY_MS   10000
#define PROPERTIES "{\"content-type\":\"application/cose\"}" /* of all that we publish */

/* What was not committed is lost; the file is closed as it is. */
static void fail(struct recorder *recorder, const struct reason *reason)
{
    if (!recorder->told)
        log_event(recorder->log, LOG_LEVEL_ERROR, "capture_failed",
                  "%s; the federation goes on, and the capture when there is room", reason->text);
    recorder->told = true;
    recorder->running = false;
    capture_tape_close(&recorder->tape);
}

static bool fine(struct recorder *recorder, enum status status, struct reason *reason)
{
    if (status == STATUS_OK)
        return true;
    if (reason->text[0] == '\0')
        reason_set(reason, "%.300s: %s", recorder->path, status_text(status));
    fail(recorder, reason);
    return false;
}

static void start(struct recorder *recorder, const char *why)
{
    struct reason reason = {""};

    recorder->tape = (struct capture_tape){
        .path = recorder->path,
        .about = {.federation = recorder->federation, .maker = "tacit-aggregator", .from_inside = true},
        .rotate = recorder->rotate,
        .resume = true,
    };
    if (!fine(recorder, capture_tape_open(&recorder->tape, &reason), &reason) ||
        !fine(recorder, capture_tape_begin(&recorder->tape, clock_unix_us(), recorder->broker, recorder->aggregator),
              &reason))
        return;
    recorder->running = true;
    log_event(recorder->log, LOG_LEVEL_INFO, "capture_begun", "%s part %u%s", recorder->path,
              (unsigned int)recorder->tape.about.part, why);
}

void recorder_begin(struct recorder *recorder, const char *own_topic, const char *broker, uint64_t now_ms)
{
    struct topic names;

    if (recorder->path == NULL || topic_parse(view_of_string(own_topic), &names) != STATUS_OK)
        return;
    snprintf(recorder->federation, sizeof recorder->federation, "%.*s", (int)names.federation.len,
             (const char *)names.federation.ptr);
    snprintf(recorder->aggregator, sizeof recorder->aggregator, "%.*s", (int)names.aggregator.len,
             (const char *)names.aggregator.ptr);
    snprintf(recorder->broker, sizeof recorder->broker, "%s", broker);
    recorder->begun = true;
    recorder->retry_ms = now_ms + RETRY_MS;
    start(recorder, "");
}

void recorder_connected(struct recorder *recorder)
{
    struct reason reason = {""};

    if (recorder->running)
        (void)fine(recorder,
                   capture_tape_begin(&recorder->tape, clock_unix_us(), recorder->broker, recorder->aggregator),
                   &reason);
}

/* What is said from then on waits for the broker: it is of a session too. */
void recorder_disconnected(struct recorder *recorder, const char *why)
{
    struct reason reason = {""};

    if (recorder->running && fine(recorder, capture_tape_end(&recorder->tape, clock_unix_us(), why), &reason))
        (void)fine(recorder,
                   capture_tape_begin(&recorder->tape, clock_unix_us(), "(not connected)", recorder->aggregator),
                   &reason);
}

void recorder_heard(struct recorder *recorder, const struct mqtt_message *message)
{
    struct captured copy = {
        .at_us = clock_unix_us(),
        .topic = message->topic,
        .payload = message->payload,
        .qos = message->qos,
        .retained = message->retained,
        .properties = message->properties,
    };
    struct reason reason = {""};

    if (recorder->running)
        (void)fine(recorder, capture_tape_put(&recorder->tape, &copy, &reason), &reason);
}

void recorder_said(struct recorder *recorder, const char *topic, struct view payload, bool retained)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .retained = retained, .qos = 1, .properties = VIEW_TEXT(PROPERTIES)};

    recorder_heard(recorder, &message);
}

void recorder_tick(struct recorder *recorder, uint64_t now_ms)
{
    struct reason reason = {""};

    if (recorder->running) {
        (void)fine(recorder, capture_tape_commit(&recorder->tape, clock_unix_us(), &reason), &reason);
        recorder->retry_ms = now_ms + RETRY_MS;
        return;
    }
    if (!recorder->begun || now_ms < recorder->retry_ms)
        return;
    recorder->retry_ms = now_ms + RETRY_MS;
    start(recorder, ": it failed before, and messages are missing");
    recorder->told = recorder->told && !recorder->running;
}

const char *recorder_state(const struct recorder *recorder)
{
    if (!recorder->begun)
        return NULL;
    return recorder->running ? "writing" : "failing";
}

void recorder_end(struct recorder *recorder)
{
    struct reason reason = {""};

    if (recorder->running)
        (void)fine(recorder, capture_tape_end(&recorder->tape, clock_unix_us(), "the aggregator ended"), &reason);
    recorder->running = recorder->begun = false;
    capture_tape_close(&recorder->tape);
}

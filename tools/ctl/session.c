/* session.c: see session.h. */
#include "session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "heap.h"
#include "log_stderr.h"

struct session {
    const struct profile *profile;
    const struct session_use *use;
    struct reason *reason;
    struct loop *loop;
    struct mqtt *mqtt;
    enum log_level least;
    struct log log;
    struct loop_timer timeout, quiet;

    uint8_t owner_point[P256_POINT_SIZE];
    struct buf bundle; /* what trust's views lie in */
    struct trust trust;
    bool is_trusted, was_connected, finished;
    enum status result;
    struct reason trouble; /* why there is no connection, or no trust; "" for neither */
};

/* ---- what a command may ask ---- */

void session_finish(struct session *session, enum status status, const char *sentence, ...)
{
    va_list arguments;

    if (session->finished)
        return;
    session->finished = true;
    session->result = status;
    if (sentence != NULL) {
        va_start(arguments, sentence);
        (void)vsnprintf(session->reason->text, sizeof session->reason->text, sentence, arguments);
        va_end(arguments);
    }
    loop_stop(session->loop);
}

void session_note(struct session *session, const char *format, ...)
{
    char detail[LOG_MAX_DETAIL];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    log_event(&session->log, LOG_LEVEL_DEBUG, "tacit", "%s", detail);
}

void session_progress(struct session *session, const char *format, ...)
{
    va_list arguments;

    if (!session->profile->debug && !isatty(STDERR_FILENO))
        return;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void session_moved(struct session *session)
{
    loop_timer_start(session->loop, &session->timeout, (uint64_t)session->profile->timeout_s * 1000, 0);
}

const struct trust *session_trust(const struct session *session)
{
    return &session->trust;
}

struct view session_bundle(const struct session *session)
{
    return buf_view(&session->bundle);
}

struct topic session_names(const struct session *session)
{
    return (struct topic){
        .federation = view_of_string(session->profile->federation),
        .aggregator = view_of_string(session->profile->aggregator),
        .device = view_of_string(session->profile->id),
    };
}

struct place session_place(const struct session *session)
{
    return (struct place){
        .federation = view_of_string(session->profile->federation),
        .aggregator = view_of_string(session->profile->aggregator),
    };
}

struct loop *session_loop(const struct session *session)
{
    return session->loop;
}

void session_subscribe(struct session *session, enum topic_kind kind, const struct topic *names)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf filter = BUF_OF(bytes);
    enum status status = topic_filter(kind, names, &filter);

    if (status == STATUS_OK)
        status = mqtt_subscribe(session->mqtt, (const char *)filter.ptr);
    if (status != STATUS_OK)
        session_finish(session, status, NULL);
}

void session_subscribe_one(struct session *session, enum topic_kind kind, const struct topic *names)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes);
    enum status status = topic_format(kind, names, &topic);

    if (status == STATUS_OK)
        status = mqtt_subscribe(session->mqtt, (const char *)topic.ptr);
    if (status != STATUS_OK)
        session_finish(session, status, NULL);
}

void session_unsubscribe_one(struct session *session, enum topic_kind kind, const struct topic *names)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes);

    if (topic_format(kind, names, &topic) == STATUS_OK)
        mqtt_unsubscribe(session->mqtt, (const char *)topic.ptr);
}

enum status session_publish(struct session *session, enum topic_kind kind, const struct topic *names,
                            struct view payload)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes);
    enum status status = topic_format(kind, names, &topic);

    if (status == STATUS_OK)
        status =
            mqtt_publish(session->mqtt, &(struct mqtt_publish){.topic = (const char *)topic.ptr, .payload = payload});
    if (status != STATUS_OK && status != STATUS_BUSY)
        session_finish(session, status, NULL);
    return status;
}

/* ---- what happens ---- */

static void subscribe_all(struct session *session)
{
    const struct topic names = session_names(session);

    for (size_t i = 0; i < session->use->count; i++)
        session_subscribe(session, session->use->kinds[i], &names);
}

/* Other evidence of the enclave that is trusted already says nothing new; of another one everything begins anew. */
static void take_bundle(struct session *session, struct view payload)
{
    const struct trust_question question = {
        .federation = view_of_string(session->profile->federation),
        .aggregator = view_of_string(session->profile->aggregator),
        .owner_point = VIEW_OF(session->owner_point),
        .now = clock_unix_seconds(),
    };
    struct buf copy = {0};
    struct trust trust;
    enum status status = heap_take(payload.len, &copy);

    if (status == STATUS_OK)
        status = buf_append(&copy, payload);
    if (status == STATUS_OK)
        status = trust_bundle(buf_view(&copy), &question, &trust);
    if (status != STATUS_OK) {
        heap_give(&copy);
        session_finish(session, status, "the aggregator is not to be trusted: %s", status_text(status));
        return;
    }
    if (session->is_trusted && memcmp(trust.boot_id, session->trust.boot_id, BOOT_ID_SIZE) == 0) {
        heap_give(&copy);
        return;
    }
    heap_give(&session->bundle);
    session->bundle = copy;
    session->trust = trust;
    session->is_trusted = true;
    session_note(session, "the aggregator's enclave is trusted%s", trust.simulated ? " (simulated)" : "");
    if (session->use->trusted != NULL)
        session->use->trusted(session->use->ctx, session);
    subscribe_all(session);
}

static void on_message(void *ctx, const struct mqtt_message *message)
{
    struct session *session = ctx;
    struct topic topic;

    if (session->finished || topic_parse(view_of_string(message->topic), &topic) != STATUS_OK)
        return;
    /* Only what the broker kept from before delays the moment at which all of it is here. */
    if (message->retained)
        loop_timer_start(session->loop, &session->quiet, SESSION_QUIET_MS, 0);
    if (topic.kind == TOPIC_EVIDENCE) {
        session_moved(session);
        take_bundle(session, message->payload);
    } else if (session->use->message != NULL) {
        session->use->message(session->use->ctx, session, &topic, message->payload);
    }
}

static void on_connected(void *ctx)
{
    struct session *session = ctx;

    session->was_connected = true;
    session->trouble.text[0] = '\0';
    session_moved(session);
    loop_timer_start(session->loop, &session->quiet, SESSION_QUIET_MS, 0);
}

static void on_disconnected(void *ctx, const char *why)
{
    struct session *session = ctx;

    loop_timer_stop(session->loop, &session->quiet);
    reason_set(&session->trouble, "%s", why);
}

static void on_writable(void *ctx)
{
    struct session *session = ctx;

    session_moved(session);
    if (!session->finished && session->use->writable != NULL)
        session->use->writable(session->use->ctx, session);
}

static void on_refused(void *ctx, const char *topic, int reason_code)
{
    session_finish(ctx, STATUS_NOT_PERMITTED, "the broker refuses %.160s (reason code 0x%02x)", topic,
                   (unsigned int)reason_code);
}

static void on_quiet(void *ctx)
{
    struct session *session = ctx;

    if (!session->finished && session->use->quiet != NULL && (session->use->untrusted || session->is_trusted))
        session->use->quiet(session->use->ctx, session);
}

static void on_timeout(void *ctx)
{
    struct session *session = ctx;

    if (session->use->patient && session->was_connected && (session->use->untrusted || session->is_trusted))
        return;
    if (session->trouble.text[0] != '\0')
        session_finish(session, STATUS_NO_CONNECTION, "no connection to the broker: %.400s", session->trouble.text);
    else if (!session->was_connected)
        session_finish(session, STATUS_NO_CONNECTION, "no connection to the broker %.200s port %d",
                       session->profile->host, (int)session->profile->port);
    else if (!session->use->untrusted && !session->is_trusted)
        session_finish(session, STATUS_TIMEOUT, "there is no evidence of the aggregator %s at the broker",
                       session->profile->aggregator);
    else
        session_finish(session, STATUS_TIMEOUT, "the aggregator %s does not answer", session->profile->aggregator);
}

/* ---- one visit ---- */

static enum status connect(struct session *session)
{
    const struct profile *profile = session->profile;
    const struct mqtt_options options = {
        .host = profile->host,
        .port = (uint16_t)profile->port,
        .client_id = profile->id,
        .cafile = profile->cafile,
        .certfile = profile->certfile,
        .keyfile = profile->keyfile,
        .receive_bytes = (size_t)32 << 20,
    };
    const struct mqtt_handlers handlers = {
        .ctx = session,
        .connected = on_connected,
        .disconnected = on_disconnected,
        .message = on_message,
        .writable = on_writable,
        .refused = on_refused,
    };
    const struct topic names = session_names(session);

    TRY(loop_new(&session->loop));
    TRY(mqtt_new(&options, &handlers, session->loop, &session->log, &session->mqtt, session->reason));
    session->timeout = (struct loop_timer){.fn = on_timeout, .ctx = session};
    session->quiet = (struct loop_timer){.fn = on_quiet, .ctx = session};
    session_moved(session);
    if (session->use->untrusted)
        subscribe_all(session);
    else
        session_subscribe(session, TOPIC_EVIDENCE, &names);
    return STATUS_OK;
}

static void session_end(struct session *session)
{
    if (session->mqtt != NULL)
        mqtt_stop(session->mqtt, false);
    mqtt_free(&session->mqtt);
    loop_free(&session->loop);
    heap_give(&session->bundle);
}

enum status session_run(const struct profile *profile, const struct session_use *use, struct reason *reason)
{
    CLEANUP(session_end) struct session session = {.profile = profile, .use = use, .reason = reason};

    session.least = profile->debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR;
    session.log = log_stderr(&session.least);
    if (!use->untrusted)
        TRY(profile_owner_point(profile, session.owner_point, reason));
    TRY(connect(&session));
    if (!session.finished)
        TRY(loop_run(session.loop));
    return session.result;
}

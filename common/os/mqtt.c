/* mqtt.c: the life of a client. See mqtt_private.h for the files and their parts. */
#include "mqtt_private.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "random.h"

#define ANSWER_MS 15000 /* from the first step of connecting to the broker's answer */
#define TICK_MS   1000  /* how often libmosquitto looks after its keepalive */

static void on_descriptor(void *ctx, unsigned int events);

/* Between retry_ms / 2 and retry_ms: clients that lost the same broker do not come back at the same moment. */
static uint64_t with_jitter(uint32_t retry_ms)
{
    uint8_t random[4] = {0};

    if (os_random(NULL, random, sizeof random) != STATUS_OK)
        return retry_ms;
    return retry_ms / 2 + read_le32(random) % (retry_ms / 2 + 1);
}

static void retry_later(struct mqtt *mqtt)
{
    uint32_t most = mqtt->options.retry_max_ms;

    if (mqtt->retry_ms == 0)
        mqtt->retry_ms = mqtt->options.retry_min_ms;
    else
        mqtt->retry_ms = mqtt->retry_ms > most / 2 ? most : mqtt->retry_ms * 2;
    loop_timer_start(mqtt->loop, &mqtt->retry, with_jitter(mqtt->retry_ms), 0);
}

/* A broker without MQTT 5 says so; then 3.1.1 is tried at once. After a connection was lost, 5 gets its chance again:
 * the broker may be another one by now. */
static bool falls_back(struct mqtt *mqtt)
{
    int code = mqtt->news.connack;

    if (mqtt->state == MQTT_CONNECTED) {
        mqtt->protocol = MQTT_PROTOCOL_V5;
        return false;
    }
    if (mqtt->protocol != MQTT_PROTOCOL_V5 ||
        (code != MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION && code != CONNACK_REFUSED_PROTOCOL_VERSION))
        return false;
    mqtt->protocol = MQTT_PROTOCOL_V311;
    return true;
}

/* The connection is lost, or could not be made. */
static void lose(struct mqtt *mqtt, const struct reason *reason)
{
    bool at_once = falls_back(mqtt);

    mqtt_session_end(mqtt);
    loop_timer_stop(mqtt->loop, &mqtt->tick);
    loop_timer_stop(mqtt->loop, &mqtt->work);
    mqtt_send_restart(mqtt);
    mqtt->state = MQTT_WAITING;
    if (at_once) {
        log_event(mqtt->log, LOG_LEVEL_INFO, "mqtt_older_version", "the broker does not speak MQTT 5; trying 3.1.1");
        loop_timer_start(mqtt->loop, &mqtt->retry, 0, 0);
        return;
    }
    retry_later(mqtt);
    if (strcmp(mqtt->last_reason.text, reason->text) != 0)
        log_event(mqtt->log, LOG_LEVEL_WARN, "mqtt_disconnected", "%s:%u: %s", mqtt->options.host, mqtt->options.port,
                  reason->text);
    mqtt->last_reason = *reason;
    if (mqtt->handlers.disconnected != NULL)
        mqtt->handlers.disconnected(mqtt->handlers.ctx, reason->text);
}

static void lose_to(struct mqtt *mqtt, int code, int error)
{
    struct reason reason;

    mqtt_session_explain(mqtt, code, error, &reason);
    lose(mqtt, &reason);
}

/* Watches the session's descriptor for what libmosquitto wants now. */
static bool watch(struct mqtt *mqtt)
{
    unsigned int wanted = LOOP_READ | (mosquitto_want_write(mqtt->session) ? (unsigned int)LOOP_WRITE : 0u);
    enum status status;

    if (mqtt->fd >= 0 && wanted == mqtt->watched)
        return true;
    if (mqtt->fd >= 0) {
        status = loop_modify(mqtt->loop, mqtt->fd, wanted);
    } else {
        mqtt->fd = mosquitto_socket(mqtt->session);
        status = loop_add(mqtt->loop, mqtt->fd, wanted, on_descriptor, mqtt);
    }
    mqtt->watched = wanted;
    return status == STATUS_OK;
}

static void take_answer(struct mqtt *mqtt)
{
    mqtt->state = MQTT_CONNECTED;
    mqtt->retry_ms = 0;
    mqtt->drop_told = false;
    mqtt->last_reason.text[0] = '\0';
    mqtt->broker_max_packet = mqtt->news.max_packet;
    mqtt->counts.connects++;
    log_event(mqtt->log, LOG_LEVEL_INFO, "mqtt_connected", "%s:%u with MQTT %s", mqtt->options.host, mqtt->options.port,
              mqtt->protocol == MQTT_PROTOCOL_V5 ? "5" : "3.1.1");
    if (mqtt->handlers.connected != NULL)
        mqtt->handlers.connected(mqtt->handlers.ctx);
}

static void hand_over(struct mqtt *mqtt)
{
    struct mqtt_item *item;

    while (mqtt->state != MQTT_STOPPED && (item = mqtt_queue_pop(&mqtt->received)) != NULL) {
        mqtt->counts.received++;
        if (mqtt->handlers.message != NULL)
            mqtt->handlers.message(mqtt->handlers.ctx, &item->message);
        free(item);
    }
}

/* Acts on what libmosquitto told and on the code that it returned last. Handlers may stop the client at any point. */
static void proceed(struct mqtt *mqtt, int code, int error)
{
    if (mqtt->state == MQTT_CONNECTING && mqtt->news.connack == 0)
        take_answer(mqtt);
    hand_over(mqtt);
    mqtt_send_tell(mqtt);
    if (mqtt->state == MQTT_STOPPED)
        return;
    if (code == MOSQ_ERR_SUCCESS && mosquitto_socket(mqtt->session) < 0)
        code = MOSQ_ERR_CONN_LOST;
    if (code == MOSQ_ERR_SUCCESS && mqtt->state == MQTT_CONNECTED) {
        errno = 0;
        code = mqtt_send_pending(mqtt);
        error = code == MOSQ_ERR_ERRNO ? errno : 0;
    }
    if (code != MOSQ_ERR_SUCCESS || mqtt->news.connack > 0)
        lose_to(mqtt, code, error);
    else if (!watch(mqtt))
        lose_to(mqtt, MOSQ_ERR_ERRNO, errno);
    else if (mqtt->answered.first != NULL)
        loop_timer_start(mqtt->loop, &mqtt->work, 0, 0);
}

/* Why the descriptor hung up, such as a refused connection. The handshake may have taken the error from the socket
 * within the first step of connecting. */
static int hangup_error(const struct mqtt *mqtt)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(mqtt->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0)
        return error;
    return mqtt->state == MQTT_CONNECTING ? mqtt->news.connect_error : 0;
}

static void on_descriptor(void *ctx, unsigned int events)
{
    struct mqtt *mqtt = ctx;
    int code = MOSQ_ERR_SUCCESS, error = 0;

    if ((events & LOOP_HANGUP) != 0)
        error = hangup_error(mqtt);
    errno = 0;
    if (error == 0 && (events & (LOOP_READ | LOOP_HANGUP)) != 0)
        code = mosquitto_loop_read(mqtt->session, 1);
    if (error == 0 && code == MOSQ_ERR_SUCCESS && (events & LOOP_WRITE) != 0)
        code = mosquitto_loop_write(mqtt->session, 1);
    if (code == MOSQ_ERR_ERRNO)
        error = errno;
    /* libmosquitto takes a failed connection for one that is still being made. */
    if ((events & LOOP_HANGUP) != 0 && code == MOSQ_ERR_SUCCESS)
        code = MOSQ_ERR_CONN_LOST;
    proceed(mqtt, code, error);
}

static void on_work(void *ctx)
{
    proceed(ctx, MOSQ_ERR_SUCCESS, 0);
}

static void on_tick(void *ctx)
{
    struct mqtt *mqtt = ctx;

    if (mqtt->state == MQTT_CONNECTING && clock_monotonic_ms() >= mqtt->deadline_ms)
        proceed(mqtt, MOSQ_ERR_CONN_LOST, ETIMEDOUT);
    else
        proceed(mqtt, mosquitto_loop_misc(mqtt->session), 0);
}

static void on_retry(void *ctx)
{
    struct mqtt *mqtt = ctx;
    int code;

    mqtt->state = MQTT_CONNECTING;
    mqtt->deadline_ms = clock_monotonic_ms() + ANSWER_MS;
    loop_timer_start(mqtt->loop, &mqtt->tick, TICK_MS, TICK_MS);
    errno = 0;
    code = mqtt_session_begin(mqtt);
    /* libmosquitto calls it a success when its handshake meets a refused connection. */
    if (code == MOSQ_ERR_ERRNO || errno == ECONNREFUSED)
        mqtt->news.connect_error = errno;
    proceed(mqtt, code, code == MOSQ_ERR_SUCCESS ? 0 : mqtt->news.connect_error);
}

enum status mqtt_new(const struct mqtt_options *options, const struct mqtt_handlers *handlers, struct loop *loop,
                     const struct log *log, struct mqtt **out, struct reason *reason)
{
    struct mqtt *mqtt;

    TRY(mqtt_options_check(options, reason));
    mqtt = calloc(1, sizeof *mqtt);
    if (mqtt == NULL)
        return STATUS_IO;
    mqtt->handlers = *handlers;
    mqtt->loop = loop;
    mqtt->log = log;
    mqtt->fd = -1;
    mqtt->protocol = MQTT_PROTOCOL_V5;
    mqtt->broker_max_packet = MQTT_MAX_PACKET;
    mqtt->retry = (struct loop_timer){.fn = on_retry, .ctx = mqtt};
    mqtt->tick = (struct loop_timer){.fn = on_tick, .ctx = mqtt};
    mqtt->work = (struct loop_timer){.fn = on_work, .ctx = mqtt};
    (void)mosquitto_lib_init();
    if (mqtt_options_copy(options, &mqtt->options) != STATUS_OK) {
        mqtt_free(&mqtt);
        return STATUS_IO;
    }
    mqtt->state = MQTT_WAITING;
    loop_timer_start(loop, &mqtt->retry, 0, 0);
    *out = mqtt;
    return STATUS_OK;
}

static void stop(struct mqtt *mqtt)
{
    mqtt_session_end(mqtt);
    loop_timer_stop(mqtt->loop, &mqtt->retry);
    loop_timer_stop(mqtt->loop, &mqtt->tick);
    loop_timer_stop(mqtt->loop, &mqtt->work);
    mqtt->state = MQTT_STOPPED;
}

void mqtt_stop(struct mqtt *mqtt, bool with_will)
{
    if (mqtt->state == MQTT_CONNECTED)
        mqtt_session_say_goodbye(mqtt, with_will);
    stop(mqtt);
}

void mqtt_forget(struct mqtt *mqtt)
{
    if (mqtt->state == MQTT_CONNECTED)
        mqtt_session_forget(mqtt);
    stop(mqtt);
}

void mqtt_free(struct mqtt **mqtt)
{
    if (*mqtt == NULL)
        return;
    stop(*mqtt);
    mqtt_queue_clear(&(*mqtt)->waiting);
    mqtt_queue_clear(&(*mqtt)->in_flight);
    mqtt_queue_clear(&(*mqtt)->received);
    mqtt_queue_clear(&(*mqtt)->answered);
    for (size_t i = 0; i < (*mqtt)->subscription_count; i++)
        free((*mqtt)->subscriptions[i].filter);
    mqtt_options_free(&(*mqtt)->options);
    free(*mqtt);
    *mqtt = NULL;
    (void)mosquitto_lib_cleanup();
}

bool mqtt_is_connected(const struct mqtt *mqtt)
{
    return mqtt->state == MQTT_CONNECTED;
}

uint32_t mqtt_broker_max_packet(const struct mqtt *mqtt)
{
    return mqtt->broker_max_packet;
}

struct mqtt_counts mqtt_counts(const struct mqtt *mqtt)
{
    struct mqtt_counts counts = mqtt->counts;

    counts.in_flight = (unsigned int)mqtt->in_flight.count;
    counts.queued_bytes = mqtt->waiting.bytes + mqtt->in_flight.bytes;
    return counts;
}

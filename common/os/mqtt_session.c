/* mqtt_session.c: one connection, made of a struct mosquitto of its own. See mqtt_private.h. */
#include "mqtt_private.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* How long a good-bye may take: the broker closes as soon as it has read it. */
#define GOODBYE_MS 500

static void on_log(struct mosquitto *session, void *ctx, int level, const char *text)
{
    struct mqtt *mqtt = ctx;

    (void)session;
    /* The first is the cause: "host name verification failed" comes before OpenSSL's "certificate verify failed". */
    if ((level & (MOSQ_LOG_ERR | MOSQ_LOG_WARNING)) != 0 && mqtt->news.error[0] == '\0')
        (void)snprintf(mqtt->news.error, sizeof mqtt->news.error, "%s", text);
}

static void on_connect(struct mosquitto *session, void *ctx, int code, int flags, const mosquitto_property *properties)
{
    struct mqtt *mqtt = ctx;
    uint32_t max_packet;
    uint16_t receive_maximum;

    (void)session;
    (void)flags;
    mqtt->news.connack = code;
    if (mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, &max_packet, false) != NULL &&
        max_packet < MQTT_MAX_PACKET)
        mqtt->news.max_packet = max_packet;
    if (mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM, &receive_maximum, false) != NULL &&
        receive_maximum < MQTT_MAX_IN_FLIGHT)
        mqtt->news.max_in_flight = receive_maximum;
}

static void on_disconnect(struct mosquitto *session, void *ctx, int code, const mosquitto_property *properties)
{
    struct mqtt *mqtt = ctx;

    (void)session;
    (void)properties;
    mqtt->news.farewell = code;
}

static void on_publish(struct mosquitto *session, void *ctx, int id, int code, const mosquitto_property *properties)
{
    struct mqtt *mqtt = ctx;
    struct mqtt_item *item = mqtt_queue_take(&mqtt->in_flight, id);

    (void)session;
    (void)properties;
    if (item == NULL)
        return;
    item->reason_code = code;
    mqtt_queue_push(&mqtt->answered, item);
}

static void on_subscribe(struct mosquitto *session, void *ctx, int id, int count, const int *granted)
{
    (void)session;
    if (count > 0)
        mqtt_send_subscribed(ctx, id, granted[0]);
}

/* Copies and returns. The protocol above sends again what finds no room. */
static void on_message(struct mosquitto *session, void *ctx, const struct mosquitto_message *got,
                       const mosquitto_property *properties)
{
    struct mqtt *mqtt = ctx;
    struct mqtt_message message = {
        .topic = got->topic,
        .payload = {got->payload, (size_t)got->payloadlen},
        .retained = got->retain,
        .qos = got->qos,
    };
    uint8_t text[MQTT_MAX_PROPERTIES];
    struct buf json = BUF_OF(text);
    struct mqtt_item *item = NULL;

    (void)session;
    if (mqtt->options.keep_properties)
        mqtt_properties_write(properties, &json);
    message.properties = buf_view(&json);
    if (mqtt->received.count < mqtt->options.receive_count &&
        mqtt_item_bytes(&message) <= mqtt->options.receive_bytes - mqtt->received.bytes)
        item = mqtt_item_new(&message);
    if (item != NULL) {
        mqtt_queue_push(&mqtt->received, item);
        return;
    }
    mqtt->counts.dropped++;
    if (!mqtt->drop_told)
        log_event(mqtt->log, LOG_LEVEL_WARN, "mqtt_dropped", "no room for what arrives: %zu messages, %zu bytes wait",
                  mqtt->received.count, mqtt->received.bytes);
    mqtt->drop_told = true;
}

/* A key with a password would make OpenSSL ask at the terminal. */
static int no_password(char *out, int size, int writing, void *ctx)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)ctx;
    return 0;
}

static int set_tls(const struct mqtt *mqtt)
{
    const struct mqtt_options *options = &mqtt->options;
    int code;

    if (options->plain)
        return MOSQ_ERR_SUCCESS;
    code = mosquitto_tls_set(mqtt->session, options->cafile, NULL, options->certfile, options->keyfile, no_password);
    if (code != MOSQ_ERR_SUCCESS)
        return code;
    /* Verify the peer; 1.2 is the least version that is spoken. The name is verified unless told otherwise. */
    return mosquitto_tls_opts_set(mqtt->session, 1, "tlsv1.2", NULL);
}

static int set_will(const struct mqtt *mqtt)
{
    const struct mqtt_options *options = &mqtt->options;

    if (options->will_topic == NULL)
        return MOSQ_ERR_SUCCESS;
    return mosquitto_will_set(mqtt->session, options->will_topic, (int)options->will_payload.len,
                              options->will_payload.ptr, 1, options->will_retained);
}

/* libmosquitto 2.0 takes CONNECT properties only in its blocking call, which keeps them before it looks at the host.
 * So it is called without one, which it refuses, and the properties are there for the call that does not block. */
static int set_session_expiry(const struct mqtt *mqtt)
{
    mosquitto_property *properties = NULL;
    int code;

    if (!mqtt->options.durable || mqtt->protocol != MQTT_PROTOCOL_V5)
        return MOSQ_ERR_SUCCESS;
    code = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, mqtt->options.session_expiry_s);
    if (code == MOSQ_ERR_SUCCESS)
        code = mosquitto_connect_bind_v5(mqtt->session, NULL, mqtt->options.port, mqtt->options.keepalive_s, NULL,
                                         properties);
    mosquitto_property_free_all(&properties);
    return code == MOSQ_ERR_INVAL ? MOSQ_ERR_SUCCESS : MOSQ_ERR_NOMEM;
}

static void set_callbacks(struct mosquitto *session)
{
    mosquitto_log_callback_set(session, on_log);
    mosquitto_connect_v5_callback_set(session, on_connect);
    mosquitto_disconnect_v5_callback_set(session, on_disconnect);
    mosquitto_publish_v5_callback_set(session, on_publish);
    mosquitto_subscribe_callback_set(session, on_subscribe);
    mosquitto_message_v5_callback_set(session, on_message);
}

int mqtt_session_begin(struct mqtt *mqtt)
{
    const struct mqtt_options *options = &mqtt->options;
    int code;

    mqtt->news = (struct mqtt_news){
        .connack = -1,
        .max_packet = MQTT_MAX_PACKET,
        .max_in_flight = MQTT_MAX_IN_FLIGHT,
    };
    mqtt->session = mosquitto_new(options->client_id, !options->durable, mqtt);
    if (mqtt->session == NULL)
        return MOSQ_ERR_NOMEM;
    set_callbacks(mqtt->session);
    code = mosquitto_int_option(mqtt->session, MOSQ_OPT_PROTOCOL_VERSION, mqtt->protocol);
    if (code == MOSQ_ERR_SUCCESS)
        code = mosquitto_int_option(mqtt->session, MOSQ_OPT_TCP_NODELAY, 1);
    if (code == MOSQ_ERR_SUCCESS)
        code = mosquitto_int_option(mqtt->session, MOSQ_OPT_RECEIVE_MAXIMUM, MQTT_MAX_IN_FLIGHT);
    if (code == MOSQ_ERR_SUCCESS)
        code = set_tls(mqtt);
    if (code == MOSQ_ERR_SUCCESS)
        code = set_will(mqtt);
    if (code == MOSQ_ERR_SUCCESS)
        code = set_session_expiry(mqtt);
    if (code != MOSQ_ERR_SUCCESS)
        return code;
    return mosquitto_connect_bind_async(mqtt->session, options->host, options->port, options->keepalive_s, NULL);
}

void mqtt_session_end(struct mqtt *mqtt)
{
    if (mqtt->fd >= 0)
        loop_remove(mqtt->loop, mqtt->fd);
    mqtt->fd = -1;
    if (mqtt->session != NULL)
        mosquitto_destroy(mqtt->session);
    mqtt->session = NULL;
}

static void say_goodbye(struct mqtt *mqtt, int code, const mosquitto_property *properties)
{
    int fd = mosquitto_socket(mqtt->session);
    char unread[4096];

    if (fd < 0 || mosquitto_disconnect_v5(mqtt->session, code, properties) != MOSQ_ERR_SUCCESS)
        return;
    /* Closing while something is unread would reset the connection, and the broker might lose the good-bye. */
    (void)shutdown(fd, SHUT_WR);
    while (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, GOODBYE_MS) > 0)
        if (recv(fd, unread, sizeof unread, MSG_DONTWAIT) <= 0)
            return;
}

void mqtt_session_say_goodbye(struct mqtt *mqtt, bool with_will)
{
    /* 3.1.1 has no DISCONNECT that keeps the will: there the closed connection is what publishes it. */
    if (!with_will || mqtt->protocol == MQTT_PROTOCOL_V5)
        say_goodbye(mqtt, with_will ? MQTT_RC_DISCONNECT_WITH_WILL_MSG : 0, NULL);
}

void mqtt_session_forget(struct mqtt *mqtt)
{
    mosquitto_property *properties = NULL;

    if (mqtt->protocol == MQTT_PROTOCOL_V5 &&
        mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 0) != MOSQ_ERR_SUCCESS)
        properties = NULL;
    say_goodbye(mqtt, 0, properties);
    mosquitto_property_free_all(&properties);
}

void mqtt_session_explain(const struct mqtt *mqtt, int code, int error, struct reason *reason)
{
    const struct mqtt_news *news = &mqtt->news;

    if (news->connack > 0)
        reason_set(reason, "the broker refuses the connection: %s",
                   mqtt->protocol == MQTT_PROTOCOL_V5 ? mosquitto_reason_string(news->connack)
                                                      : mosquitto_connack_string(news->connack));
    else if (news->farewell >= MQTT_RC_UNSPECIFIED)
        reason_set(reason, "the broker ends the connection: %s", mosquitto_reason_string(news->farewell));
    else if (error != 0)
        reason_set(reason, "%s", strerror(error));
    else if (news->error[0] != '\0')
        reason_set(reason, "%s %s", mosquitto_strerror(code), news->error);
    else
        reason_set(reason, "%s", code == MOSQ_ERR_SUCCESS ? "the connection was closed" : mosquitto_strerror(code));
}

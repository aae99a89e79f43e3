/* mqtt_send.c: what goes out: subscriptions and publishes. See mqtt_private.h. */
#include "mqtt_private.h"

#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static struct mqtt_subscription *find(struct mqtt *mqtt, const char *filter)
{
    for (size_t i = 0; i < mqtt->subscription_count; i++)
        if (strcmp(mqtt->subscriptions[i].filter, filter) == 0)
            return &mqtt->subscriptions[i];
    return NULL;
}

static void work_soon(struct mqtt *mqtt)
{
    if (mqtt->state == MQTT_CONNECTED && !mqtt->work.running)
        loop_timer_start(mqtt->loop, &mqtt->work, 0, 0);
}

enum status mqtt_subscribe(struct mqtt *mqtt, const char *filter)
{
    struct mqtt_subscription *subscription = find(mqtt, filter);
    char *copy;

    if (strlen(filter) > MQTT_MAX_TOPIC || mosquitto_sub_topic_check(filter) != MOSQ_ERR_SUCCESS)
        return STATUS_OUT_OF_RANGE;
    if (subscription == NULL) {
        if (mqtt->subscription_count == MQTT_MAX_SUBSCRIPTIONS)
            return STATUS_NO_SPACE;
        copy = strdup(filter);
        if (copy == NULL)
            return STATUS_IO;
        subscription = &mqtt->subscriptions[mqtt->subscription_count++];
        *subscription = (struct mqtt_subscription){.filter = copy};
    }
    subscription->sent = subscription->leaving = false;
    work_soon(mqtt);
    return STATUS_OK;
}

void mqtt_unsubscribe(struct mqtt *mqtt, const char *filter)
{
    struct mqtt_subscription *subscription = find(mqtt, filter);

    if (subscription == NULL)
        return;
    subscription->leaving = true;
    work_soon(mqtt);
}

/* Unsubscribes and forgets one. */
static int send_leaving(struct mqtt *mqtt, size_t place)
{
    struct mqtt_subscription *subscription = &mqtt->subscriptions[place];
    int code = mosquitto_unsubscribe(mqtt->session, NULL, subscription->filter);

    if (code != MOSQ_ERR_SUCCESS)
        return code;
    free(subscription->filter);
    *subscription = mqtt->subscriptions[--mqtt->subscription_count];
    return MOSQ_ERR_SUCCESS;
}

static int send_subscriptions(struct mqtt *mqtt)
{
    size_t place = 0;

    while (place < mqtt->subscription_count) {
        struct mqtt_subscription *subscription = &mqtt->subscriptions[place];
        int code;

        /* Another one takes the place of one that leaves, and is looked at next. */
        if (subscription->leaving) {
            code = send_leaving(mqtt, place);
            if (code != MOSQ_ERR_SUCCESS)
                return code;
            continue;
        }
        if (!subscription->sent) {
            code = mosquitto_subscribe(mqtt->session, &subscription->id, subscription->filter, 1);
            if (code != MOSQ_ERR_SUCCESS)
                return code;
            subscription->sent = true;
        }
        place++;
    }
    return MOSQ_ERR_SUCCESS;
}

void mqtt_send_subscribed(struct mqtt *mqtt, int id, int granted)
{
    if (granted < MQTT_RC_UNSPECIFIED)
        return;
    for (size_t i = 0; i < mqtt->subscription_count; i++)
        if (mqtt->subscriptions[i].sent && mqtt->subscriptions[i].id == id)
            log_event(mqtt->log, LOG_LEVEL_WARN, "mqtt_subscription_refused", "%s: %s", mqtt->subscriptions[i].filter,
                      mosquitto_reason_string(granted));
}

/* The whole PUBLISH packet, its variable lengths taken at their longest (MQTT 5, section 3.3). */
static size_t packet_size(const struct mqtt_publish *message)
{
    const size_t fixed_header = 5, packet_id = 2, property_length = 4, expiry = 5;
    size_t content_type = message->content_type == NULL ? 0 : 3 + strlen(message->content_type);

    return fixed_header + 2 + strlen(message->topic) + packet_id + property_length + expiry + content_type +
           message->payload.len;
}

enum status mqtt_publish(struct mqtt *mqtt, const struct mqtt_publish *message)
{
    struct mqtt_message copied = {.topic = message->topic, .payload = message->payload, .retained = message->retained};
    size_t limit = mqtt->options.send_bytes, bytes = mqtt_item_bytes(&copied);
    struct mqtt_item *item;

    if (strlen(message->topic) > MQTT_MAX_TOPIC || mosquitto_pub_topic_check(message->topic) != MOSQ_ERR_SUCCESS)
        return STATUS_OUT_OF_RANGE;
    if (packet_size(message) > mqtt->broker_max_packet || bytes > limit)
        return STATUS_NO_SPACE;
    if (bytes > limit - mqtt->waiting.bytes - mqtt->in_flight.bytes) {
        mqtt->busy_told = true;
        return STATUS_BUSY;
    }
    item = mqtt_item_new(&copied);
    if (item == NULL)
        return STATUS_IO;
    item->content_type = message->content_type;
    item->expires_ms = message->expiry_s == 0 ? 0 : clock_monotonic_ms() + (uint64_t)message->expiry_s * 1000;
    mqtt_queue_push(&mqtt->waiting, item);
    mqtt->undrained = true;
    work_soon(mqtt);
    return STATUS_OK;
}

/* What is left of an expiry, in seconds rounded up. */
static uint32_t seconds_left(const struct mqtt_item *item, uint64_t now_ms)
{
    return item->expires_ms <= now_ms ? 0 : (uint32_t)((item->expires_ms - now_ms + 999) / 1000);
}

static int add_properties(const struct mqtt *mqtt, const struct mqtt_item *item, mosquitto_property **properties)
{
    int code = MOSQ_ERR_SUCCESS;

    if (mqtt->protocol != MQTT_PROTOCOL_V5)
        return MOSQ_ERR_SUCCESS;
    if (item->expires_ms != 0)
        code = mosquitto_property_add_int32(properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                            seconds_left(item, clock_monotonic_ms()));
    if (code == MOSQ_ERR_SUCCESS && item->content_type != NULL)
        code = mosquitto_property_add_string(properties, MQTT_PROP_CONTENT_TYPE, item->content_type);
    return code;
}

static int send_item(struct mqtt *mqtt, struct mqtt_item *item)
{
    const struct mqtt_message *message = &item->message;
    mosquitto_property *properties = NULL;
    int code = add_properties(mqtt, item, &properties);

    if (code == MOSQ_ERR_SUCCESS)
        code = mosquitto_publish_v5(mqtt->session, &item->id, message->topic, (int)message->payload.len,
                                    message->payload.ptr, 1, message->retained, properties);
    mosquitto_property_free_all(&properties);
    return code;
}

/* The reason code of a message that libmosquitto itself refuses, because the broker announced that it would; 0: it
 * does not. */
static int refusal_of(int code)
{
    switch (code) {
    case MOSQ_ERR_OVERSIZE_PACKET:
    case MOSQ_ERR_PAYLOAD_SIZE:
        return MQTT_RC_PACKET_TOO_LARGE;
    case MOSQ_ERR_RETAIN_NOT_SUPPORTED:
        return MQTT_RC_RETAIN_NOT_SUPPORTED;
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
        return MQTT_RC_QOS_NOT_SUPPORTED;
    default:
        return 0;
    }
}

/* Sends the first that waits, or finds it of no use. What cannot be sent now waits on, in its place. */
static int send_first(struct mqtt *mqtt)
{
    struct mqtt_queue again = {0};
    struct mqtt_item *item = mqtt_queue_pop(&mqtt->waiting);
    int code;

    if (item->expires_ms != 0 && seconds_left(item, clock_monotonic_ms()) == 0) {
        mqtt->counts.expired++;
        free(item);
        return MOSQ_ERR_SUCCESS;
    }
    code = send_item(mqtt, item);
    item->reason_code = refusal_of(code);
    if (item->reason_code != 0) {
        mqtt_queue_push(&mqtt->answered, item);
        return MOSQ_ERR_SUCCESS;
    }
    if (code != MOSQ_ERR_SUCCESS) {
        mqtt_queue_push(&again, item);
        mqtt_queue_prepend(&mqtt->waiting, &again);
        return code;
    }
    mqtt_queue_push(&mqtt->in_flight, item);
    if (mqtt->in_flight.count > mqtt->counts.most_in_flight)
        mqtt->counts.most_in_flight = (unsigned int)mqtt->in_flight.count;
    return MOSQ_ERR_SUCCESS;
}

int mqtt_send_pending(struct mqtt *mqtt)
{
    int code = send_subscriptions(mqtt);

    while (code == MOSQ_ERR_SUCCESS && mqtt->waiting.first != NULL && mqtt->in_flight.count < mqtt->news.max_in_flight)
        code = send_first(mqtt);
    return code;
}

void mqtt_send_restart(struct mqtt *mqtt)
{
    for (size_t i = 0; i < mqtt->subscription_count; i++)
        mqtt->subscriptions[i].sent = false;
    mqtt_queue_prepend(&mqtt->waiting, &mqtt->in_flight);
}

static void tell_answer(struct mqtt *mqtt, const struct mqtt_item *item)
{
    const char *topic = item->message.topic;

    if (item->reason_code < MQTT_RC_UNSPECIFIED) {
        mqtt->counts.acknowledged++;
        mqtt->counts.no_subscribers += item->reason_code == MQTT_RC_NO_MATCHING_SUBSCRIBERS;
        mqtt->refusal_told = 0;
        return;
    }
    mqtt->counts.refused++;
    if (mqtt->refusal_told != item->reason_code)
        log_event(mqtt->log, LOG_LEVEL_WARN, "mqtt_publish_refused", "%s: %s", topic,
                  mosquitto_reason_string(item->reason_code));
    mqtt->refusal_told = item->reason_code;
    if (mqtt->handlers.refused != NULL)
        mqtt->handlers.refused(mqtt->handlers.ctx, topic, item->reason_code);
}

void mqtt_send_tell(struct mqtt *mqtt)
{
    struct mqtt_item *item;

    while ((item = mqtt_queue_pop(&mqtt->answered)) != NULL) {
        tell_answer(mqtt, item);
        free(item);
    }
    /* Half of the room, so that a caller who waits is not told for every message. */
    if (mqtt->busy_told && mqtt->waiting.bytes + mqtt->in_flight.bytes <= mqtt->options.send_bytes / 2) {
        mqtt->busy_told = false;
        if (mqtt->handlers.writable != NULL)
            mqtt->handlers.writable(mqtt->handlers.ctx);
    }
    if (mqtt->undrained && mqtt->waiting.first == NULL && mqtt->in_flight.first == NULL) {
        mqtt->undrained = false;
        if (mqtt->handlers.drained != NULL)
            mqtt->handlers.drained(mqtt->handlers.ctx);
    }
}

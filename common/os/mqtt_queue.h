/* mqtt_queue.h: messages that wait, counted in bytes; first in, first out. Used by mqtt*.c alone. */
#ifndef OS_MQTT_QUEUE_H
#define OS_MQTT_QUEUE_H

#include "mqtt.h"

/** One message, in one allocation. */
struct mqtt_item {
    struct mqtt_item *next;
    struct mqtt_message message; /* topic, payload and properties lie behind this struct */
    uint64_t expires_ms;         /* on the monotonic clock; 0: never */
    const char *content_type;
    int id;          /* libmosquitto's, while it is in flight */
    int reason_code; /* of its acknowledgement */
};

struct mqtt_queue {
    struct mqtt_item *first, *last;
    size_t bytes, count; /* bytes: of topics, payloads and the items themselves */
};

/** A copy of a message. Returns NULL when there is no memory. */
struct mqtt_item *mqtt_item_new(const struct mqtt_message *message);

/** What a message takes of a queue's bytes. */
size_t mqtt_item_bytes(const struct mqtt_message *message);

void mqtt_queue_push(struct mqtt_queue *queue, struct mqtt_item *item);

/** The first item, which is the caller's to free() then; NULL when there is none. */
struct mqtt_item *mqtt_queue_pop(struct mqtt_queue *queue);

/** Takes the item with this id out; NULL when there is none. */
struct mqtt_item *mqtt_queue_take(struct mqtt_queue *queue, int id);

/** Puts all of `before` in front of what is in queue; before is empty then. */
void mqtt_queue_prepend(struct mqtt_queue *queue, struct mqtt_queue *before);

void mqtt_queue_clear(struct mqtt_queue *queue);

#endif

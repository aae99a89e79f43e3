/* mqtt_queue.c: see mqtt_queue.h. */
#include "mqtt_queue.h"

#include <stdlib.h>
#include <string.h>

size_t mqtt_item_bytes(const struct mqtt_message *message)
{
    return sizeof(struct mqtt_item) + strlen(message->topic) + 1 + message->payload.len + message->properties.len;
}

struct mqtt_item *mqtt_item_new(const struct mqtt_message *message)
{
    size_t topic_size = strlen(message->topic) + 1;
    struct mqtt_item *item = malloc(mqtt_item_bytes(message));
    char *topic, *properties;

    if (item == NULL)
        return NULL;
    topic = (char *)(item + 1);
    memcpy(topic, message->topic, topic_size);
    if (message->payload.len > 0)
        memcpy(topic + topic_size, message->payload.ptr, message->payload.len);
    properties = topic + topic_size + message->payload.len;
    if (message->properties.len > 0)
        memcpy(properties, message->properties.ptr, message->properties.len);
    *item = (struct mqtt_item){
        .message = {.topic = topic,
                    .payload = {(uint8_t *)topic + topic_size, message->payload.len},
                    .retained = message->retained,
                    .qos = message->qos,
                    .properties = {(uint8_t *)properties, message->properties.len}},
    };
    return item;
}

void mqtt_queue_push(struct mqtt_queue *queue, struct mqtt_item *item)
{
    item->next = NULL;
    if (queue->last == NULL)
        queue->first = item;
    else
        queue->last->next = item;
    queue->last = item;
    queue->bytes += mqtt_item_bytes(&item->message);
    queue->count++;
}

/* Takes the item after `before` out, or the first one when that is NULL. */
static struct mqtt_item *unlink_after(struct mqtt_queue *queue, struct mqtt_item *before)
{
    struct mqtt_item *item = before == NULL ? queue->first : before->next;

    if (item == NULL)
        return NULL;
    if (before == NULL)
        queue->first = item->next;
    else
        before->next = item->next;
    if (queue->last == item)
        queue->last = before;
    item->next = NULL;
    queue->bytes -= mqtt_item_bytes(&item->message);
    queue->count--;
    return item;
}

struct mqtt_item *mqtt_queue_pop(struct mqtt_queue *queue)
{
    return unlink_after(queue, NULL);
}

struct mqtt_item *mqtt_queue_take(struct mqtt_queue *queue, int id)
{
    struct mqtt_item *before = NULL;

    for (struct mqtt_item *item = queue->first; item != NULL; before = item, item = item->next)
        if (item->id == id)
            return unlink_after(queue, before);
    return NULL;
}

void mqtt_queue_prepend(struct mqtt_queue *queue, struct mqtt_queue *before)
{
    if (before->first == NULL)
        return;
    before->last->next = queue->first;
    if (queue->last == NULL)
        queue->last = before->last;
    queue->first = before->first;
    queue->bytes += before->bytes;
    queue->count += before->count;
    *before = (struct mqtt_queue){0};
}

void mqtt_queue_clear(struct mqtt_queue *queue)
{
    struct mqtt_item *item;

    while ((item = mqtt_queue_pop(queue)) != NULL)
        free(item);
}

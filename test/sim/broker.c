/* broker.c: routing, sessions, retained messages; see broker.h. */
#include "broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_private.h"

struct packet *packet_new(struct broker *broker, const char *topic, struct view payload, bool retained)
{
    struct packet *packet = calloc(1, sizeof *packet);

    if (packet == NULL || (packet->payload = malloc(payload.len + 1)) == NULL)
        abort();
    packet->id = ++broker->ids;
    snprintf(packet->topic, sizeof packet->topic, "%s", topic);
    if (payload.len > 0)
        memcpy(packet->payload, payload.ptr, payload.len);
    packet->size = payload.len;
    packet->retained = retained;
    return packet;
}

void packets_append(struct packets *packets, struct packet *packet)
{
    struct packet **at = &packets->first;

    while (*at != NULL)
        at = &(*at)->next;
    packet->next = NULL;
    *at = packet;
    packets->count++;
}

struct packet *packets_find(const struct packets *packets, uint64_t id)
{
    struct packet *packet = packets->first;

    while (packet != NULL && packet->id != id)
        packet = packet->next;
    return packet;
}

static void free_packet(struct packet *packet)
{
    free(packet->payload);
    free(packet);
}

void packets_remove(struct packets *packets, const struct packet *packet)
{
    for (struct packet **at = &packets->first; *at != NULL; at = &(*at)->next)
        if (*at == packet) {
            struct packet *gone = *at;
            *at = gone->next;
            packets->count--;
            free_packet(gone);
            return;
        }
}

void packets_clear(struct packets *packets)
{
    while (packets->first != NULL)
        packets_remove(packets, packets->first);
}

bool filter_matches(const char *filter, const char *topic)
{
    while (*filter != '\0' && *topic != '\0') {
        if (*filter == '#')
            return true;
        if (*filter == '+') {
            while (*topic != '\0' && *topic != '/')
                topic++;
            filter++;
        } else if (*filter++ != *topic++) {
            return false;
        }
    }
    return *filter == '\0' && *topic == '\0';
}

bool filters_match(const struct filters *filters, const char *topic)
{
    for (uint32_t i = 0; i < filters->count; i++)
        if (filter_matches(filters->list[i], topic))
            return true;
    return false;
}

void filters_add(struct filters *filters, const char *filter)
{
    for (uint32_t i = 0; i < filters->count; i++)
        if (strcmp(filters->list[i], filter) == 0)
            return;
    if (filters->count == BROKER_FILTERS)
        abort();
    snprintf(filters->list[filters->count++], BROKER_FILTER_MAX, "%s", filter);
}

void filters_remove(struct filters *filters, const char *filter)
{
    for (uint32_t i = 0; i < filters->count; i++)
        if (strcmp(filters->list[i], filter) == 0) {
            filters->count--;
            memmove(filters->list[i], filters->list[filters->count], BROKER_FILTER_MAX);
            return;
        }
}

static bool is_unqueued(const struct client *client, const char *topic)
{
    const size_t len = client->unqueued != NULL ? strlen(client->unqueued) : 0, all = strlen(topic);

    return len > 0 && !client->connected && all >= len && strcmp(topic + all - len, client->unqueued) == 0;
}

/* The word to forget what is retained. One that a bridge does not hear leaves it retained at the other end, for good. */
static bool is_clear(const struct client *to, const struct packet *packet)
{
    return to->across != NULL && packet->retained && packet->size == 0;
}

/* To one session: held until its client has it. A bridge is told what is retained, so that it is so on its other end. */
void session_give(struct client *client, const struct packet *given)
{
    struct broker *broker = client->broker;
    struct packet *packet;

    if (!client->unchecked && !broker_allows(broker, client->name, given->topic, false)) {
        broker->denied++;
        return;
    }
    if (is_unqueued(client, given->topic))
        return;
    if (client->in.count >= client->queue_max) {
        broker->lost_clears += is_clear(client, given);
        return;
    }
    packet = packet_new(broker, given->topic, (struct view){given->payload, given->size},
                        client->across != NULL && given->retained);
    packets_append(&client->in, packet);
    if (client->connected)
        session_send(client, packet);
}

void session_give_retained(struct client *client, const char *filter)
{
    for (const struct packet *kept = client->broker->retained.first; kept != NULL; kept = kept->next)
        if (filter_matches(filter, kept->topic))
            session_give(client, kept);
}

static void retain(struct broker *broker, const struct packet *packet)
{
    for (const struct packet *kept = broker->retained.first; kept != NULL; kept = kept->next)
        if (strcmp(kept->topic, packet->topic) == 0) {
            packets_remove(&broker->retained, kept);
            break;
        }
    if (packet->size > 0)
        packets_append(&broker->retained,
                       packet_new(broker, packet->topic, (struct view){packet->payload, packet->size}, true));
}

void broker_route(struct broker *broker, const struct client *from, const struct packet *packet)
{
    const bool allowed = from->unchecked || broker_allows(broker, from->name, packet->topic, true);

    if (broker->spy != NULL)
        broker->spy(broker->spy_ctx, from, packet, allowed);
    if (!allowed) {
        broker->denied++;
        return;
    }
    broker->routed++;
    if (packet->retained)
        retain(broker, packet);
    for (uint32_t i = 0; i < broker->client_count; i++)
        if (filters_match(&broker->clients[i]->session, packet->topic))
            session_give(broker->clients[i], packet);
        else if (broker->clients[i]->session.count == 0) /* it was forgotten */
            broker->lost_clears += is_clear(broker->clients[i], packet);
}

struct view broker_retained(const struct broker *broker, const char *topic)
{
    for (const struct packet *kept = broker->retained.first; kept != NULL; kept = kept->next)
        if (strcmp(kept->topic, topic) == 0)
            return (struct view){kept->payload, kept->size};
    return (struct view){NULL, 0};
}

static void come_up(void *ctx, uint64_t number)
{
    struct broker *broker = ctx;

    (void)number;
    broker->up = true;
}

static void copy_packets(struct broker *broker, const struct packets *from, struct packets *to)
{
    packets_clear(to);
    for (const struct packet *kept = from->first; kept != NULL; kept = kept->next)
        packets_append(to, packet_new(broker, kept->topic, (struct view){kept->payload, kept->size}, true));
}

void broker_save(struct broker *broker)
{
    copy_packets(broker, &broker->retained, &broker->saved);
}

static void forget(struct broker *broker, enum memory memory)
{
    for (uint32_t i = 0; i < broker->client_count; i++) {
        struct client *client = broker->clients[i];

        for (const struct packet *waiting = client->in.first; waiting != NULL; waiting = waiting->next)
            broker->lost_clears += is_clear(client, waiting);
        packets_clear(&client->in);
        if (memory == MEMORY_NONE)
            client->session.count = 0;
    }
    packets_clear(&broker->retained);
    if (memory == MEMORY_OLD) {
        copy_packets(broker, &broker->saved, &broker->retained);
        broker->revived += broker->retained.count;
    }
}

void broker_restart(struct broker *broker, enum memory memory, uint64_t down_ms)
{
    broker->up = false;
    for (uint32_t i = 0; i < broker->client_count; i++) {
        client_drop(broker->clients[i]);
        if (broker->clients[i]->across != NULL)
            client_drop(broker->clients[i]->across);
    }
    if (memory != MEMORY_WHOLE)
        forget(broker, memory);
    clockwork_after(broker->clock, down_ms, come_up, broker, 0);
}

void broker_free(struct broker *broker)
{
    packets_clear(&broker->retained);
    packets_clear(&broker->saved);
    for (uint32_t i = 0; i < broker->client_count; i++) {
        packets_clear(&broker->clients[i]->in);
        packets_clear(&broker->clients[i]->out);
        free(broker->clients[i]->will.ptr);
    }
}

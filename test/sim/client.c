/* client.c: connections and the clients' end of them; see broker.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_private.h"

#define RECONNECT_MS 2000

static void arrive_up(void *ctx, uint64_t number);
static void arrive_down(void *ctx, uint64_t number);
static void try_connect(void *ctx, uint64_t number);

/* What a broker retains comes in order and is not lost: MQTT sends it again, in its order, until it is acknowledged. All
 * else may be dropped at some limit, and who sends it must not rely on an order. */
static const struct weather *weather_of(const struct client *client, const struct packet *packet)
{
    static const struct weather fair = {.lost = 0};

    return packet->retained ? &fair : &client->broker->weather;
}

/* How long a message is under way; after the one before it, but for those that swap. */
static uint64_t transit(struct client *client, const struct packet *packet, uint64_t *last_ms)
{
    struct broker *broker = client->broker;
    const struct weather *weather = weather_of(client, packet);
    uint64_t at = broker->clock->now_ms + dice_between(broker->dice, 2, 60) + client->slow_ms;

    if (dice_chance(broker->dice, weather->late))
        at += dice_between(broker->dice, 500, 12000);
    else if (!dice_chance(broker->dice, weather->swapped) && at <= *last_ms)
        at = *last_ms;
    if (at > *last_ms)
        *last_ms = at;
    return at - broker->clock->now_ms;
}

static void send_up(struct client *client, const struct packet *packet)
{
    clockwork_after(client->broker->clock, transit(client, packet, &client->up_ms), arrive_up, client, packet->id);
}

void session_send(struct client *client, const struct packet *packet)
{
    clockwork_after(client->broker->clock, transit(client, packet, &client->down_ms), arrive_down, client, packet->id);
}

static void make_room(struct client *client)
{
    if (client->was_busy && client->out.count < CLIENT_OUT_MAX / 2) {
        client->was_busy = false;
        client->handlers->writable(client->ctx);
    }
}

/* A message reaches the broker. When the acknowledgement gets lost it comes once more. */
static void arrive_up(void *ctx, uint64_t number)
{
    struct client *client = ctx;
    struct broker *broker = client->broker;
    const struct weather *weather;
    struct packet *packet = packets_find(&client->out, number);

    if (packet == NULL || !client->connected)
        return;
    weather = weather_of(client, packet);
    if (dice_chance(broker->dice, weather->lost))
        broker->lost++;
    else
        broker_route(broker, client, packet);
    if (dice_chance(broker->dice, weather->twice)) {
        broker->repeated++;
        clockwork_after(broker->clock, dice_between(broker->dice, 1000, 20000), arrive_up, client, packet->id);
        return;
    }
    packets_remove(&client->out, packet);
    make_room(client);
}

static void arrive_down(void *ctx, uint64_t number)
{
    struct client *client = ctx;
    struct broker *broker = client->broker;
    struct packet *packet = packets_find(&client->in, number), copy;

    if (packet == NULL || !client->connected)
        return;
    copy = *packet;
    copy.payload = malloc(packet->size + 1);
    if (copy.payload == NULL)
        abort();
    memcpy(copy.payload, packet->payload, packet->size);
    if (dice_chance(broker->dice, broker->weather.twice)) {
        broker->repeated++;
        clockwork_after(broker->clock, dice_between(broker->dice, 1000, 20000), arrive_down, client, packet->id);
    } else {
        packets_remove(&client->in, packet);
    }
    if (dice_chance(broker->dice, broker->weather.lost))
        broker->lost++;
    else if (client->across != NULL)
        broker_route(client->across->broker, client->across, &copy);
    else
        client->handlers->message(client->ctx, copy.topic, (struct view){copy.payload, copy.size});
    free(copy.payload);
}

void client_add(struct broker *broker, struct client *client, const char *name, const struct client_handlers *handlers,
                void *ctx)
{
    *client = (struct client){.broker = broker, .handlers = handlers, .ctx = ctx, .queue_max = BROKER_QUEUE_MAX};
    snprintf(client->name, sizeof client->name, "%s", name);
    if (broker->client_count == BROKER_CLIENTS)
        abort();
    broker->clients[broker->client_count++] = client;
}

static void send_waiting(struct client *client)
{
    for (const struct packet *packet = client->in.first; packet != NULL; packet = packet->next)
        session_send(client, packet);
    for (const struct packet *packet = client->out.first; packet != NULL; packet = packet->next)
        send_up(client, packet);
}

/* A bridge is connected to both of its brokers or to none. */
static bool is_reachable(const struct client *client)
{
    return !client->cut && client->broker->up && (client->across == NULL || client->across->broker->up);
}

static void try_connect(void *ctx, uint64_t number)
{
    struct client *client = ctx;

    (void)number;
    if (!client->alive || client->connected)
        return;
    if (!is_reachable(client)) {
        clockwork_after(client->broker->clock, RECONNECT_MS, try_connect, client, 0);
        return;
    }
    client->connected = true;
    send_waiting(client);
    for (uint32_t i = 0; i < client->wanted.count; i++) {
        filters_add(&client->session, client->wanted.list[i]);
        session_give_retained(client, client->wanted.list[i]);
    }
    client->handlers->connected(client->ctx);
}

void client_start(struct client *client, uint64_t wait_ms)
{
    client->alive = true;
    clockwork_after(client->broker->clock, wait_ms, try_connect, client, 0);
}

static void publish_will(struct client *client)
{
    struct packet *will;

    if (client->will_topic[0] == '\0' || !client->broker->up)
        return;
    will = packet_new(client->broker, client->will_topic, buf_view(&client->will), true);
    broker_route(client->broker, client, will);
    free(will->payload);
    free(will);
}

void client_drop(struct client *client)
{
    if (!client->connected)
        return;
    client->connected = false;
    publish_will(client);
    client->handlers->disconnected(client->ctx);
    clockwork_after(client->broker->clock, RECONNECT_MS + dice_below(client->broker->dice, 1000), try_connect, client,
                    0);
}

/* Of what a process had published when it ended, some was with the kernel already: in order, up to some message. */
static void send_last(struct client *client)
{
    const struct packet *packet = client->out.first;

    for (; client->connected && packet != NULL && dice_chance(client->broker->dice, 400); packet = packet->next)
        broker_route(client->broker, client, packet);
}

void client_end(struct client *client)
{
    const bool connected = client->connected;

    send_last(client);
    client->alive = client->connected = false;
    client->was_busy = false;
    packets_clear(&client->out);
    client->wanted.count = 0;
    if (connected)
        publish_will(client);
}

enum status client_publish(struct client *client, const char *topic, struct view payload, bool retained)
{
    struct packet *packet;

    if (client->out.count >= CLIENT_OUT_MAX) {
        client->was_busy = true;
        return STATUS_BUSY;
    }
    packet = packet_new(client->broker, topic, payload, retained);
    packets_append(&client->out, packet);
    if (client->connected)
        send_up(client, packet);
    return STATUS_OK;
}

void client_subscribe(struct client *client, const char *filter)
{
    filters_add(&client->wanted, filter);
    if (!client->connected)
        return;
    filters_add(&client->session, filter);
    session_give_retained(client, filter);
}

void client_unsubscribe(struct client *client, const char *filter)
{
    filters_remove(&client->wanted, filter);
    if (client->connected)
        filters_remove(&client->session, filter);
}

void client_will(struct client *client, const char *topic, struct view payload)
{
    snprintf(client->will_topic, sizeof client->will_topic, "%s", topic);
    free(client->will.ptr);
    client->will = (struct buf){.ptr = malloc(payload.len + 1), .cap = payload.len};
    if (client->will.ptr == NULL || buf_append(&client->will, payload) != STATUS_OK)
        abort();
}

/* mqtt_check.c: our MQTT client and a real broker that do their work, and go and come back. Run by mqtt_test.sh. */
#include <string.h>

#include "peer.h"

/* ---- 1000 messages of mixed sizes: all arrive, in order, never more than ten in flight ---- */

#define FLOW 1000u

static uint8_t payload[256 << 10];

static void push_flow(struct peer *peer)
{
    static const size_t sizes[] = {4, 100, 1024, 5000, 16384, 65536, 100000, sizeof payload};

    while (peer->connected > 0 && peer->sent < FLOW) {
        struct mqtt_publish message = {.topic = UPLOAD, .payload = {payload, sizes[peer->sent % ARRAY_LEN(sizes)]}};
        enum status status;

        memset(payload, (uint8_t)(peer->sent + 1), message.payload.len);
        write_le32(payload, peer->sent + 1);
        status = mqtt_publish(peer->mqtt, &message);
        if (status == STATUS_BUSY)
            return;
        EXPECT(status == STATUS_OK);
        peer->sent++;
    }
}

/* alpha's presence arrives when both subscriptions are in force, since it is the later one. */
static void begin_flow(struct peer *peer)
{
    if (peer->uploads == 0 && peer_alpha.step == NULL && peer->messages > 0) {
        peer_alpha.step = push_flow;
        push_flow(&peer_alpha);
    }
}

static void watch_flow_end(void *ctx)
{
    (void)ctx;
    if (peer_agg.uploads == FLOW && mqtt_counts(peer_alpha.mqtt).acknowledged == FLOW + 1)
        loop_stop(peer_loop);
}

static void flow(const struct peer_place *place)
{
    struct loop_timer timer = {.fn = watch_flow_end};
    struct mqtt_options writer = peer_options(place, "alpha"), reader = peer_options(place, "agg");
    struct mqtt_counts counts;

    writer.send_bytes = 1 << 20;
    peer_agg.step = begin_flow;
    peer_start(&peer_agg, &reader);
    EXPECT(mqtt_subscribe(peer_agg.mqtt, "tacit/1/fed/update/agg/+/+") == STATUS_OK);
    EXPECT(mqtt_subscribe(peer_agg.mqtt, "tacit/1/fed/presence/+") == STATUS_OK);
    peer_start(&peer_alpha, &writer);
    peer_publish_text(&peer_alpha, PRESENCE, "online", true);
    loop_timer_start(peer_loop, &timer, 10, 10);
    peer_run();
    counts = mqtt_counts(peer_alpha.mqtt);
    EXPECT(counts.refused == 0 && counts.queued_bytes == 0 && counts.in_flight == 0);
    EXPECT(counts.most_in_flight == MQTT_MAX_IN_FLIGHT);
    EXPECT(peer_alpha.writable > 0 && peer_alpha.drained > 0);
    EXPECT(mqtt_counts(peer_agg.mqtt).dropped == 0 && mqtt_broker_max_packet(peer_alpha.mqtt) == 300000);
    loop_timer_stop(peer_loop, &timer);
}

/* ---- the broker goes and comes back: mqtt_test.sh restarts it whenever this step says so ---- */

/* The highest number that arrived: the broker may repeat an older one that it had no time to see received. */
static unsigned int last_number(void)
{
    static unsigned int highest;
    unsigned int number = (unsigned int)strtoul(peer_alpha.text, NULL, 10);

    highest = number > highest ? number : highest;
    return highest;
}

/* Sends the next number again and again, as the protocol above would: one for every connection of both. */
static void send_number(void *ctx)
{
    unsigned int next = last_number() + 1;
    char text[16];

    (void)ctx;
    if (!mqtt_is_connected(peer_agg.mqtt) || !mqtt_is_connected(peer_alpha.mqtt) || peer_alpha.connected < next ||
        peer_agg.connected < next)
        return;
    snprintf(text, sizeof text, "%u", next);
    peer_publish_text(&peer_agg, RECEIPT, text, false);
}

static void say_restart(struct peer *peer)
{
    (void)peer;
    if (last_number() == 3)
        loop_stop(peer_loop);
    if (last_number() == 3 || last_number() == peer_agg.sent)
        return;
    peer_agg.sent = last_number();
    printf("restart the broker\n");
    fflush(stdout);
}

static void restart(const struct peer_place *place)
{
    struct mqtt_options device = peer_options(place, "alpha"), writer = peer_options(place, "agg");
    struct loop_timer timer = {.fn = send_number};

    device.durable = true;
    device.session_expiry_s = 3600;
    peer_alpha.step = say_restart;
    loop_timer_start(peer_loop, &timer, 50, 50);
    peer_start(&peer_agg, &writer);
    peer_start(&peer_alpha, &device);
    EXPECT(mqtt_subscribe(peer_alpha.mqtt, RECEIPT) == STATUS_OK);
    peer_run();
    EXPECT(peer_alpha.disconnected >= 2 && peer_alpha.connected >= 3);
    loop_timer_stop(peer_loop, &timer);
}

/* ---- wills ---- */

/* Connects with a will, says so, and waits to be killed. */
static void with_will(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");

    options.will_topic = PRESENCE;
    options.will_payload = VIEW_TEXT("offline");
    options.will_retained = true;
    peer_alpha.step = peer_stop_when_connected;
    peer_start(&peer_alpha, &options);
    peer_run();
    peer_alpha.step = NULL;
    peer_publish_text(&peer_alpha, PRESENCE, "online", true);
    printf("connected\n");
    fflush(stdout);
    peer_run();
}

static void end(const struct peer_place *place, bool will)
{
    struct mqtt_options options = peer_options(place, "alpha");

    options.will_topic = PRESENCE;
    options.will_payload = VIEW_TEXT("offline");
    options.will_retained = true;
    peer_alpha.step = peer_stop_when_drained;
    peer_start(&peer_alpha, &options);
    peer_publish_text(&peer_alpha, PRESENCE, "online", true);
    peer_run();
    mqtt_stop(peer_alpha.mqtt, will);
}

static void stop_with_will(const struct peer_place *place)
{
    end(place, true);
}

static void stop_without_will(const struct peer_place *place)
{
    end(place, false);
}

/* ---- a durable session keeps what came while its client was away, and forgets what it unsubscribed ---- */

static void stop_at_message(struct peer *peer)
{
    if (peer->messages == 1)
        loop_stop(peer_loop);
}

static void durable(const struct peer_place *place)
{
    struct mqtt_options device = peer_options(place, "alpha"), writer = peer_options(place, "agg");

    device.durable = true;
    device.session_expiry_s = 3600;
    peer_alpha.step = stop_at_message;
    peer_start(&peer_alpha, &device);
    EXPECT(mqtt_subscribe(peer_alpha.mqtt, RECEIPT) == STATUS_OK);
    EXPECT(mqtt_subscribe(peer_alpha.mqtt, "tacit/1/fed/need/alpha") == STATUS_OK);
    EXPECT(mqtt_subscribe(peer_alpha.mqtt, "tacit/1/fed/+/#/bad") == STATUS_OUT_OF_RANGE);
    peer_start(&peer_agg, &writer);
    peer_publish_text(&peer_agg, RECEIPT, "retained", true);
    peer_run();
    peer_alpha.step = peer_agg.step = NULL;
    mqtt_unsubscribe(peer_alpha.mqtt, "tacit/1/fed/need/alpha");
    peer_publish_text(&peer_alpha, PRESENCE, "x", false);
    peer_alpha.drained = 0;
    peer_alpha.step = peer_stop_when_drained;
    peer_run();
    mqtt_stop(peer_alpha.mqtt, false);
    mqtt_free(&peer_alpha.mqtt);

    peer_agg.drained = 0;
    peer_agg.step = peer_stop_when_drained;
    peer_publish_text(&peer_agg, "tacit/1/fed/need/alpha", "unsubscribed", false);
    peer_publish_text(&peer_agg, RECEIPT, "kept", false);
    peer_run();
    peer_alpha = (struct peer){.step = stop_at_message};
    peer_start(&peer_alpha, &device);
    peer_run();
    EXPECT(strcmp(peer_alpha.text, "kept") == 0);
}

int main(int argc, char **argv)
{
    static const struct peer_step steps[] = {
        {"flow", flow},
        {"restart", restart},
        {"with_will", with_will},
        {"stop_with_will", stop_with_will},
        {"stop_without_will", stop_without_will},
        {"durable", durable},
        {NULL, NULL},
    };

    return peer_main(argc, argv, steps);
}

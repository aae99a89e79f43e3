/* mqtt_refusal_check.c: what our MQTT client refuses and is refused, and its bounds. Run by mqtt_test.sh. */
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

static uint8_t payload[256 << 10];

/* ---- what is refused ---- */

static void stop_after_two_failures(struct peer *peer)
{
    EXPECT(peer->connected == 0);
    if (peer->disconnected == 2)
        loop_stop(peer_loop);
}

static void wrong_authority(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");
    char path[512];

    snprintf(path, sizeof path, "%s/foreign.crt", place->folder);
    options.cafile = path;
    peer_alpha.step = stop_after_two_failures;
    peer_start(&peer_alpha, &options);
    peer_run();
    printf("%s\n", peer_alpha.reason);
    EXPECT(strstr(peer_alpha.reason, "certificate verify failed") != NULL);
}

static void wrong_name(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");

    options.host = "127.0.0.2";
    peer_alpha.step = stop_after_two_failures;
    peer_start(&peer_alpha, &options);
    peer_run();
    printf("%s\n", peer_alpha.reason);
    EXPECT(strstr(peer_alpha.reason, "host name verification failed") != NULL);
}

static void nobody_there(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");

    options.port = 1;
    peer_alpha.step = stop_after_two_failures;
    peer_start(&peer_alpha, &options);
    peer_run();
    EXPECT(strcmp(peer_alpha.reason, "Connection refused") == 0);
}

static void plain_elsewhere(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");
    struct mqtt_handlers none = {0};
    struct reason reason;

    options.plain = true;
    options.host = "192.0.2.1";
    EXPECT(mqtt_new(&options, &none, peer_loop, &peer_log, &peer_alpha.mqtt, &reason) == STATUS_CONFIG);
    EXPECT(strstr(reason.text, "192.0.2.1 is not") != NULL);
}

static void stop_when_refused_and_drained(struct peer *peer)
{
    if (peer->refused == 1 && peer->drained == 1)
        loop_stop(peer_loop);
}

static void forbidden_publish(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");
    struct mqtt_publish large = {.topic = UPLOAD, .payload = {payload, 0}};
    uint8_t *bytes = calloc(1, 300000);

    peer_alpha.step = stop_when_refused_and_drained;
    peer_start(&peer_alpha, &options);
    peer_publish_text(&peer_alpha, "tacit/1/fed/presence/beta", "x", false);
    peer_publish_text(&peer_alpha, PRESENCE, "x", false);
    peer_run();
    EXPECT(peer_alpha.reason_code == MQTT_RC_NOT_AUTHORIZED);
    EXPECT(mqtt_counts(peer_alpha.mqtt).refused == 1 && mqtt_counts(peer_alpha.mqtt).acknowledged == 1);
    EXPECT(mqtt_counts(peer_alpha.mqtt).no_subscribers == 1);
    large.payload = (struct view){bytes, 300000};
    EXPECT(mqtt_publish(peer_alpha.mqtt, &large) == STATUS_NO_SPACE);
    large.topic = "no/+/topic";
    EXPECT(mqtt_publish(peer_alpha.mqtt, &large) == STATUS_OUT_OF_RANGE);
    free(bytes);
}

/* ---- bounds ---- */

static void push_large_and_small(struct peer *peer)
{
    if (peer->connected == 1 && peer->sent == 0) {
        peer->sent = 1;
        EXPECT(mqtt_publish(peer->mqtt, &(struct mqtt_publish){.topic = "tacit/1/fed/update/agg/alpha/2.0",
                                                               .payload = {payload, sizeof payload}}) == STATUS_OK);
        peer_publish_text(peer, "tacit/1/fed/update/agg/alpha/2.1", "end", false);
    }
}

static void start_writer_then_stop(struct peer *peer)
{
    if (strcmp(peer->text, "end") == 0)
        loop_stop(peer_loop);
}

static void drop(const struct peer_place *place)
{
    struct mqtt_options reader = peer_options(place, "agg"), writer = peer_options(place, "alpha");

    reader.receive_bytes = 100000;
    peer_agg.step = start_writer_then_stop;
    peer_alpha.step = push_large_and_small;
    peer_start(&peer_agg, &reader);
    EXPECT(mqtt_subscribe(peer_agg.mqtt, "tacit/1/fed/update/agg/+/+") == STATUS_OK);
    while (!mqtt_is_connected(peer_agg.mqtt)) {
        peer_agg.step = peer_stop_when_connected;
        peer_run();
    }
    peer_agg.step = start_writer_then_stop;
    peer_start(&peer_alpha, &writer);
    peer_run();
    EXPECT(mqtt_counts(peer_agg.mqtt).dropped == 1 && mqtt_counts(peer_agg.mqtt).received == 1);
}

/* While there is no connection the queue takes its bytes and no more. */
static void queue_is_bounded(const struct peer_place *place)
{
    struct mqtt_options options = peer_options(place, "alpha");
    struct mqtt_publish message = {.topic = UPLOAD, .payload = {payload, 1000}};
    enum status status = STATUS_OK;

    options.send_bytes = 100000;
    peer_start(&peer_alpha, &options);
    for (int i = 0; i < 200 && status == STATUS_OK; i++) {
        status = mqtt_publish(peer_alpha.mqtt, &message);
        peer_alpha.sent += status == STATUS_OK;
    }
    EXPECT(status == STATUS_BUSY && peer_alpha.sent > 50 && mqtt_counts(peer_alpha.mqtt).queued_bytes <= 100000);
    message.payload.len = 100000;
    EXPECT(mqtt_publish(peer_alpha.mqtt, &message) == STATUS_NO_SPACE);
    peer_alpha.step = peer_stop_when_drained;
    peer_run();
    EXPECT(peer_alpha.writable == 1 && mqtt_counts(peer_alpha.mqtt).acknowledged == peer_alpha.sent);
}

/* ---- a broker that speaks 3.1.1 only ---- */

struct old_broker {
    int listener, connection;
    unsigned int refused; /* CONNECTs of MQTT 5 */
    bool subscribed;
};

static void old_broker_read(void *ctx, unsigned int events)
{
    static const uint8_t wrong_version[] = {0x20, 2, 0, 1}, welcome[] = {0x20, 2, 0, 0};
    struct old_broker *broker = ctx;
    uint8_t bytes[512];
    ssize_t got = read(broker->connection, bytes, sizeof bytes);

    (void)events;
    if (got <= 0 || bytes[0] == 0xe0) {
        loop_remove(peer_loop, broker->connection);
        close(broker->connection);
        return;
    }
    if (bytes[0] == 0x10) {
        bool five = bytes[8] == 5;

        EXPECT(write(broker->connection, five ? wrong_version : welcome, 4) == 4);
        broker->refused += five;
    }
    /* SUBSCRIBE with the fields of 3.1.1: id, then at once the filter. */
    if (bytes[0] == 0x82) {
        EXPECT(memcmp(bytes + 4, "\0\1a\1", 4) == 0);
        broker->subscribed = true;
        loop_stop(peer_loop);
    }
}

static void old_broker_accept(void *ctx, unsigned int events)
{
    struct old_broker *broker = ctx;

    (void)events;
    broker->connection = accept4(broker->listener, NULL, NULL, SOCK_CLOEXEC);
    EXPECT(loop_add(peer_loop, broker->connection, LOOP_READ, old_broker_read, broker) == STATUS_OK);
}

static void fallback(const struct peer_place *place)
{
    struct old_broker broker = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct mqtt_options options = peer_options(place, "alpha");

    EXPECT(bind(broker.listener, (struct sockaddr *)&address, size) == 0 && listen(broker.listener, 5) == 0);
    EXPECT(getsockname(broker.listener, (struct sockaddr *)&address, &size) == 0);
    EXPECT(loop_add(peer_loop, broker.listener, LOOP_READ, old_broker_accept, &broker) == STATUS_OK);
    options.plain = true;
    options.port = ntohs(address.sin_port);
    peer_start(&peer_alpha, &options);
    EXPECT(mqtt_subscribe(peer_alpha.mqtt, "a") == STATUS_OK);
    peer_run();
    EXPECT(broker.refused == 1 && broker.subscribed && mqtt_is_connected(peer_alpha.mqtt) &&
           peer_alpha.disconnected == 0);
    mqtt_stop(peer_alpha.mqtt, false);
    close(broker.listener);
}

int main(int argc, char **argv)
{
    static const struct peer_step steps[] = {
        {"wrong_authority", wrong_authority},
        {"wrong_name", wrong_name},
        {"nobody_there", nobody_there},
        {"plain_elsewhere", plain_elsewhere},
        {"forbidden_publish", forbidden_publish},
        {"drop", drop},
        {"queue_is_bounded", queue_is_bounded},
        {"fallback", fallback},
        {NULL, NULL},
    };

    return peer_main(argc, argv, steps);
}

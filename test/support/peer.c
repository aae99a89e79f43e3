/* peer.c: see peer.h. */
#include "peer.h"

#include <string.h>

#include "log_stderr.h"
#include "tune.h"

#define PATIENCE_MS 30000

struct loop *peer_loop;
struct log peer_log;
static enum log_level least = LOG_LEVEL_DEBUG;
static struct loop_timer patience;
struct peer peer_alpha, peer_agg;

static void after(struct peer *peer)
{
    if (peer->step != NULL)
        peer->step(peer);
}

static void on_connected(void *ctx)
{
    struct peer *peer = ctx;

    peer->connected++;
    after(peer);
}

static void on_disconnected(void *ctx, const char *reason)
{
    struct peer *peer = ctx;

    peer->disconnected++;
    snprintf(peer->reason, sizeof peer->reason, "%s", reason);
    after(peer);
}

static void on_message(void *ctx, const struct mqtt_message *message)
{
    struct peer *peer = ctx;

    peer->messages++;
    snprintf(peer->text, sizeof peer->text, "%.*s", (int)(message->payload.len < 60 ? message->payload.len : 60),
             (const char *)message->payload.ptr);
    /* A payload of the flow begins with its number and goes on with that number's low byte. */
    if (strcmp(message->topic, UPLOAD) == 0 && message->payload.len >= 4) {
        EXPECT(read_le32(message->payload.ptr) == ++peer->uploads);
        for (size_t i = 4; i < message->payload.len; i++)
            EXPECT(message->payload.ptr[i] == (uint8_t)peer->uploads);
    }
    after(peer);
}

static void on_writable(void *ctx)
{
    struct peer *peer = ctx;

    peer->writable++;
    after(peer);
}

static void on_drained(void *ctx)
{
    struct peer *peer = ctx;

    peer->drained++;
    after(peer);
}

static void on_refused(void *ctx, const char *topic, int reason_code)
{
    struct peer *peer = ctx;

    (void)topic;
    peer->refused++;
    peer->reason_code = reason_code;
    after(peer);
}

static void on_patience(void *ctx)
{
    (void)ctx;
    printf("nothing more happened\n");
    exit(1);
}

/* The usual options of a client; paths live as long as the program. */
struct mqtt_options peer_options(const struct peer_place *place, const char *name)
{
    static char paths[2][3][512];
    static unsigned int used;
    char(*path)[512] = paths[used++ % 2];

    snprintf(path[0], sizeof path[0], "%s/ca.crt", place->folder);
    snprintf(path[1], sizeof path[1], "%s/%s.crt", place->folder, name);
    snprintf(path[2], sizeof path[2], "%s/%s.key", place->folder, name);
    return (struct mqtt_options){
        .host = "127.0.0.1",
        .port = place->port,
        .client_id = name,
        .cafile = path[0],
        .certfile = path[1],
        .keyfile = path[2],
        .retry_min_ms = 50,
        .retry_max_ms = 200,
    };
}

void peer_start(struct peer *peer, const struct mqtt_options *options)
{
    struct mqtt_handlers handlers = {
        .ctx = peer,
        .connected = on_connected,
        .disconnected = on_disconnected,
        .message = on_message,
        .writable = on_writable,
        .drained = on_drained,
        .refused = on_refused,
    };
    struct reason reason = {0};

    if (mqtt_new(options, &handlers, peer_loop, &peer_log, &peer->mqtt, &reason) != STATUS_OK) {
        printf("%s\n", reason.text);
        exit(1);
    }
}

void peer_publish_text(struct peer *peer, const char *topic, const char *text, bool retained)
{
    EXPECT(mqtt_publish(peer->mqtt, &(struct mqtt_publish){.topic = topic,
                                                           .payload = view_of_string(text),
                                                           .retained = retained,
                                                           .expiry_s = 60,
                                                           .content_type = "text/plain"}) == STATUS_OK);
}

void peer_run(void)
{
    EXPECT(loop_run(peer_loop) == STATUS_OK);
}

void peer_stop_when_connected(struct peer *peer)
{
    if (peer->connected > 0)
        loop_stop(peer_loop);
}

void peer_stop_when_drained(struct peer *peer)
{
    if (peer->drained > 0)
        loop_stop(peer_loop);
}

int peer_main(int argc, char **argv, const struct peer_step *steps)
{
    struct peer_place place;

    os_tune_malloc();
    if (argc != 4)
        return 2;
    place = (struct peer_place){argv[2], (uint16_t)strtoul(argv[3], NULL, 10)};
    peer_log = log_stderr(&least);
    EXPECT(loop_new(&peer_loop) == STATUS_OK);
    patience = (struct loop_timer){.fn = on_patience};
    loop_timer_start(peer_loop, &patience, PATIENCE_MS, 0);
    while (steps->name != NULL && strcmp(steps->name, argv[1]) != 0)
        steps++;
    EXPECT(steps->name != NULL);
    steps->fn(&place);
    mqtt_free(&peer_alpha.mqtt);
    mqtt_free(&peer_agg.mqtt);
    loop_free(&peer_loop);
    return 0;
}

/* play_client.c: one client of the broker. See play_private.h. */
#include <stdio.h>
#include <string.h>

#include "play_private.h"

/* What is published there shows that the broker has read what was sent before it. Whether it is allowed does not matter. */
#define PROBE "tacit-replay/"

bool play_retained(enum topic_kind kind)
{
    return kind == TOPIC_EVIDENCE || kind == TOPIC_CHALLENGE || kind == TOPIC_STATUS || kind == TOPIC_ROUND ||
           kind == TOPIC_MODEL || kind == TOPIC_RECORD || kind == TOPIC_PRESENCE;
}

/* How many clients get a message once, chunks of models apart, which devices ask for. */
static uint64_t readers_of(const struct play *play, const struct topic *names)
{
    switch (names->kind) {
    case TOPIC_EVIDENCE:
    case TOPIC_ROUND:
    case TOPIC_RECORD:
        return play->devices + 1;
    case TOPIC_CHALLENGE:
        return play->devices;
    case TOPIC_PRESENCE:
        return play->survey.aggregators.count;
    case TOPIC_ENROL:
    case TOPIC_UPDATE:
    case TOPIC_OWNER:
        return names_find(&play->survey.aggregators, names->aggregator) != SIZE_MAX;
    case TOPIC_MODEL:
        return 0;
    default:
        return 1;
    }
}

/* ---- what happens ---- */

static void on_disconnected(void *ctx, const char *reason)
{
    struct play_client *client = ctx;
    struct play *play = client->play;

    /* Attempts that fail are told too; a connection was lost where there was one. */
    play->disconnections += client->ready;
    client->ready = false;
    reason_set(&play->trouble, "%s", reason);
}

static void on_connected(void *ctx)
{
    struct play_client *client = ctx;

    client->ready = client->counted;
    play_soon(client->play, 0);
}

/* The first time: the broker has read the subscriptions. */
static void on_drained(void *ctx)
{
    struct play_client *client = ctx;

    if (!client->counted)
        client->play->ready++;
    client->counted = client->ready = true;
    play_soon(client->play, 0);
}

static void on_writable(void *ctx)
{
    struct play_client *client = ctx;

    play_soon(client->play, 0);
}

/* Reading goes on when half of what was on its way is there. */
static void go_on(struct play *play)
{
    if (!play->held || play->queued > PLAY_QUEUED_MAX / 2 || play_ahead(play) > PLAY_AHEAD / 2)
        return;
    play->held = false;
    play_soon(play, 0);
}

/* The oldest that waits for an answer has one. */
static struct stats_sent answered(struct play_client *client)
{
    struct play *play = client->play;
    const struct stats_sent sent = stats_line_pop(&client->sent);

    play->queued -= sent.bytes;
    go_on(play);
    return sent;
}

static void on_acknowledged(void *ctx, const char *topic)
{
    struct play_client *client = ctx;
    struct play *play = client->play;
    struct stats_sent sent;

    if (strncmp(topic, PROBE, strlen(PROBE)) == 0)
        return;
    sent = answered(client);
    if (sent.at_us != 0 && play->phase < PLAY_CLEANING)
        stats_add(&play->acknowledged, stats_now_us() - sent.at_us);
}

static void on_refused(void *ctx, const char *topic, int reason_code)
{
    struct play_client *client = ctx;
    struct play *play = client->play;
    struct topic where;

    if (topic_parse(view_of_string(topic), &where) != STATUS_OK)
        return;
    (void)answered(client);
    if (play->phase >= PLAY_CLEANING)
        return;
    play->counts[where.kind].refused++;
    play->counts[where.kind].expected -= readers_of(play, &where);
    reason_set(&play->trouble, "the broker refuses %.200s (reason code 0x%02x)", topic, (unsigned int)reason_code);
}

static void look_out(struct play *play, const struct topic *where, struct view payload)
{
    if (where->kind != TOPIC_EVIDENCE || payload.len == 0)
        return;
    play->live = true;
    (void)snprintf(play->live_name, sizeof play->live_name, "%.*s", (int)where->aggregator.len,
                   (const char *)where->aggregator.ptr);
}

static void count_arrival(struct play *play, const struct topic *where, const struct mqtt_message *message)
{
    struct play_count *count = &play->counts[where->kind];
    const uint64_t at = stats_published_at(&play->recent, stats_key(message->topic, message->payload));

    count->received_bytes += message->payload.len;
    if (!message->retained && at != 0)
        stats_add(&play->arrived, stats_now_us() - at);
    if (where->kind == TOPIC_MODEL)
        return;
    if (message->retained)
        count->repeated++;
    else
        count->received++;
    go_on(play);
}

static void on_message(void *ctx, const struct mqtt_message *message)
{
    struct play_client *client = ctx;
    struct play *play = client->play;
    struct topic where;

    if (topic_parse(view_of_string(message->topic), &where) != STATUS_OK)
        return;
    if (play->phase == PLAY_LOOKING)
        look_out(play, &where, message->payload);
    if (client->role == PLAY_LOOKOUT || play->phase < PLAY_PLAYING || play->phase >= PLAY_CLEANING)
        return;
    count_arrival(play, &where, message);
    if (client->role == PLAY_DEVICE && where.kind == TOPIC_ROUND)
        play_fetch_manifest(client, &where, message->payload);
    if (client->role == PLAY_DEVICE && where.kind == TOPIC_MODEL)
        play_fetch_chunk(client, &where);
}

/* ---- its making ---- */

static enum status subscribe(struct play_client *client, enum topic_kind kind, struct view aggregator,
                             struct view device)
{
    const struct topic names = {
        .federation = view_of_string(client->play->federation), .aggregator = aggregator, .device = device};
    uint8_t bytes[TOPIC_MAX];
    struct buf filter = BUF_OF(bytes);

    TRY(topic_filter(kind, &names, &filter));
    return mqtt_subscribe(client->mqtt, (const char *)bytes);
}

static enum status subscribe_kinds(struct play_client *client, const enum topic_kind *kinds, size_t count)
{
    const struct view any = {NULL, 0}, name = view_of_string(client->name);

    for (size_t i = 0; i < count; i++)
        TRY(subscribe(client, kinds[i], client->role == PLAY_AGGREGATOR ? name : any,
                      client->role == PLAY_DEVICE ? name : any));
    return STATUS_OK;
}

/* What its like subscribes: PROTOCOL.md section 19, node/lib, aggregator/host. */
static enum status subscribe_all(struct play_client *client)
{
    static const enum topic_kind of_device[] = {TOPIC_EVIDENCE, TOPIC_CHALLENGE, TOPIC_CREDENTIAL, TOPIC_NEED,
                                                TOPIC_RECEIPT,  TOPIC_RECORD,    TOPIC_ROUND};
    static const enum topic_kind of_aggregator[] = {TOPIC_ENROL, TOPIC_UPDATE, TOPIC_OWNER, TOPIC_PRESENCE};
    static const enum topic_kind of_owner[] = {TOPIC_EVIDENCE, TOPIC_STATUS, TOPIC_ROUND, TOPIC_RECORD, TOPIC_ANSWER};
    static const enum topic_kind of_lookout[] = {TOPIC_EVIDENCE};
    const struct names *owners = &client->play->survey.owners;

    switch (client->role) {
    case PLAY_DEVICE:
        return subscribe_kinds(client, of_device, ARRAY_LEN(of_device));
    case PLAY_AGGREGATOR:
        return subscribe_kinds(client, of_aggregator, ARRAY_LEN(of_aggregator));
    case PLAY_LOOKOUT:
        return subscribe_kinds(client, of_lookout, ARRAY_LEN(of_lookout));
    case PLAY_OWNER:
        break;
    }
    for (size_t i = 0; i < owners->count; i++)
        TRY(subscribe(client, TOPIC_NEED, (struct view){NULL, 0}, view_of_string(owners->list[i])));
    return subscribe_kinds(client, of_owner, ARRAY_LEN(of_owner));
}

enum status play_client_make(struct play *play, struct play_client *client, struct reason *reason)
{
    const struct play_options *options = play->options;
    const struct mqtt_options mqtt_options = {
        .host = options->host,
        .port = options->port,
        .client_id = client->id,
        .cafile = options->cafile,
        .certfile = options->certfile,
        .keyfile = options->keyfile,
        .plain = options->plain,
        .retry_min_ms = 200,
        .retry_max_ms = 5000,
        .send_bytes = client->role == PLAY_AGGREGATOR ? PLAY_BULK_BYTES : PLAY_SEND_BYTES,
    };
    const struct mqtt_handlers handlers = {
        .ctx = client,
        .connected = on_connected,
        .disconnected = on_disconnected,
        .message = on_message,
        .writable = on_writable,
        .drained = on_drained,
        .acknowledged = on_acknowledged,
        .refused = on_refused,
    };
    char probe[sizeof PROBE + PLAY_ID_MAX];

    (void)snprintf(probe, sizeof probe, PROBE "%s", client->id);
    TRY(mqtt_new(&mqtt_options, &handlers, play->loop, NULL, &client->mqtt, reason));
    TRY(subscribe_all(client));
    return mqtt_publish(client->mqtt, &(struct mqtt_publish){.topic = probe, .payload = VIEW_TEXT("ready")});
}

void play_client_free(struct play_client *client)
{
    if (client->mqtt != NULL && mqtt_is_connected(client->mqtt))
        mqtt_stop(client->mqtt, false);
    mqtt_free(&client->mqtt);
    stats_line_free(&client->sent);
}

enum status play_client_publish(struct play_client *client, const struct topic *names, struct view payload)
{
    struct play *play = client->play;
    struct play_count *count = &play->counts[names->kind];
    uint8_t bytes[TOPIC_MAX];
    struct buf topic = BUF_OF(bytes);
    const uint64_t now = stats_now_us();
    enum status status = topic_format(names->kind, names, &topic);
    struct mqtt_publish message = {
        .topic = (const char *)bytes, .payload = payload, .retained = play_retained(names->kind)};

    if (status == STATUS_OK)
        status = mqtt_publish(client->mqtt, &message);
    if (status == STATUS_BUSY || play->phase >= PLAY_CLEANING)
        return status;
    if (status != STATUS_OK) {
        count->refused++;
        reason_set(&play->trouble, "%.200s: %s", message.topic, status_text(status));
        return status;
    }
    count->messages++;
    count->bytes += payload.len;
    count->expected += readers_of(play, names);
    stats_published(&play->recent, stats_key(message.topic, payload), now);
    if (message.retained)
        play_clean_note(play, names);
    play->queued += payload.len;
    return stats_line_push(&client->sent, (struct stats_sent){now, payload.len});
}

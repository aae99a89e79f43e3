/* play_fetch.c: a device fetches the model of each round a few chunks at a time, as node/lib does, so that the broker has
 * the queues that it would have. Manifests are read, not believed. See play_private.h. */
#include "cose.h"
#include "manifest.h"
#include "play_private.h"

static enum status filter_of(const struct play_client *client, uint32_t chunk, struct buf *out)
{
    const struct topic names = {
        .federation = view_of_string(client->play->federation),
        .aggregator = client->aggregator,
        .chunk = chunk,
    };

    return topic_format(TOPIC_MODEL, &names, out);
}

static void ask(struct play_client *client, uint32_t *place)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf filter = BUF_OF(bytes);

    if (client->next == client->chunks || filter_of(client, client->next, &filter) != STATUS_OK ||
        mqtt_subscribe(client->mqtt, (const char *)bytes) != STATUS_OK)
        return;
    *place = ++client->next;
    client->play->counts[TOPIC_MODEL].expected++;
}

static void leave(struct play_client *client, uint32_t *place)
{
    uint8_t bytes[TOPIC_MAX];
    struct buf filter = BUF_OF(bytes);

    if (filter_of(client, *place - 1, &filter) == STATUS_OK)
        mqtt_unsubscribe(client->mqtt, (const char *)bytes);
    *place = 0;
}

/* Another round: what was being fetched is of no use any more. */
static void abandon(struct play_client *client)
{
    bool any = false;

    for (size_t i = 0; i < PLAY_WINDOW; i++)
        if (client->asked[i] != 0) {
            leave(client, &client->asked[i]);
            client->play->counts[TOPIC_MODEL].expected--;
            any = true;
        }
    client->play->abandoned += any;
}

void play_fetch_manifest(struct play_client *client, const struct topic *topic, struct view payload)
{
    const struct names *aggregators = &client->play->survey.aggregators;
    const size_t index = names_find(aggregators, topic->aggregator);
    struct cose_sign1 sign1;
    struct manifest manifest;

    if (index == SIZE_MAX || cose_sign1_decode(payload, &sign1) != STATUS_OK ||
        manifest_decode(sign1.payload, &manifest) != STATUS_OK || manifest.task == TASK_NONE ||
        manifest.round == client->round)
        return;
    abandon(client);
    client->aggregator = view_of_string(aggregators->list[index]);
    client->round = manifest.round;
    client->chunks = (uint32_t)chunks_of(manifest.model_size, manifest.chunk_size);
    client->next = 0;
    client->play->fetches++;
    for (size_t i = 0; i < PLAY_WINDOW; i++)
        ask(client, &client->asked[i]);
}

void play_fetch_chunk(struct play_client *client, const struct topic *topic)
{
    struct play_count *count = &client->play->counts[TOPIC_MODEL];
    bool waits = false;

    for (size_t i = 0; i < PLAY_WINDOW; i++)
        if (client->asked[i] == topic->chunk + 1) {
            leave(client, &client->asked[i]);
            count->received++;
            ask(client, &client->asked[i]);
            for (size_t k = 0; k < PLAY_WINDOW; k++)
                waits |= client->asked[k] != 0;
            client->play->fetched += !waits;
            return;
        }
    count->repeated++;
}

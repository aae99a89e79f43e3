/* model_fetch.c: see model_fetch.h. A few chunk topics are subscribed at a time, as devices do it: the pace is ours. */
#include "model_fetch.h"

#include <string.h>

#include "heap.h"
#include "manifest.h"
#include "model.h"
#include "session.h"

#define WINDOW 8 /* chunk topics that are subscribed at a time */

struct fetching {
    const struct model_fetch_key *key;
    struct fetched_model *out;
    uint32_t chunk_size, count; /* of the manifest; count 0: none was seen yet */
    uint32_t next, arrived;     /* next to subscribe to; how many are here */
    bool have[CHUNKS_MAX];
};

static void on_trusted(void *ctx, struct session *session)
{
    const struct fetching *fetching = ctx;

    if (!view_equal(VIEW_OF(session_trust(session)->boot_id), fetching->key->boot_id))
        session_finish(session, STATUS_CREDENTIAL_FOREIGN, "the aggregator was started anew meanwhile; try again");
}

static void subscribe_next(struct fetching *fetching, struct session *session)
{
    struct topic names = session_names(session);

    if (fetching->next == fetching->count)
        return;
    names.chunk = fetching->next++;
    session_subscribe_one(session, TOPIC_MODEL, &names);
}

static void unsubscribe(struct session *session, uint32_t chunk)
{
    struct topic names = session_names(session);

    names.chunk = chunk;
    session_unsubscribe_one(session, TOPIC_MODEL, &names);
}

/* Begins with the model of a manifest; what was fetched of another one is forgotten. */
static enum status begin(struct fetching *fetching, struct session *session, const struct manifest *manifest)
{
    if (manifest->model_size > model_encoded_max(session_trust(session)->policy.max_parameters))
        return STATUS_OUT_OF_RANGE;
    for (uint32_t i = 0; i < fetching->next; i++)
        if (!fetching->have[i])
            unsubscribe(session, i);
    heap_give(&fetching->out->encoded);
    TRY(heap_take((size_t)manifest->model_size, &fetching->out->encoded));
    fetching->out->encoded.len = (size_t)manifest->model_size;
    memcpy(fetching->out->digest, manifest->base.ptr, DIGEST_SIZE);
    fetching->out->round = manifest->round;
    fetching->out->simulated = manifest->simulated;
    fetching->chunk_size = manifest->chunk_size;
    fetching->count = (uint32_t)chunks_of(manifest->model_size, manifest->chunk_size);
    fetching->next = fetching->arrived = 0;
    memset(fetching->have, 0, sizeof fetching->have);
    for (int i = 0; i < WINDOW; i++)
        subscribe_next(fetching, session);
    return STATUS_OK;
}

static void take_manifest(struct fetching *fetching, struct session *session, struct view message)
{
    const struct trust *trust = session_trust(session);
    const struct place place = session_place(session);
    struct manifest manifest;
    struct view payload;
    enum status status = bind_verify(PURPOSE_MANIFEST, &place, VIEW_OF(trust->signing_point), message, &payload);

    if (status == STATUS_OK)
        status = manifest_decode(payload, &manifest);
    if (status != STATUS_OK || !view_equal(manifest.boot_id, VIEW_OF(trust->boot_id))) {
        session_note(session, "a manifest that is not this enclave's is passed over: %s", status_text(status));
        return;
    }
    if (fetching->count > 0 && manifest.round == fetching->out->round)
        return;
    session_moved(session);
    status = begin(fetching, session, &manifest);
    if (status != STATUS_OK)
        session_finish(session, status, "the model cannot be fetched: %s", status_text(status));
}

/* Opens a chunk to its place in the model. */
static enum status open_chunk(const struct fetching *fetching, const struct session *session, uint32_t chunk,
                              struct view message)
{
    const size_t offset = (size_t)chunk * fetching->chunk_size, rest = fetching->out->encoded.len - offset;
    const size_t size = rest < fetching->chunk_size ? rest : fetching->chunk_size;
    struct buf piece = {.ptr = fetching->out->encoded.ptr + offset, .cap = size};
    struct place place = session_place(session);

    place.round = fetching->out->round;
    place.chunk = chunk;
    place.chunks = fetching->count;
    place.digest = VIEW_OF(fetching->out->digest);
    TRY(bind_open_model_chunk(&place, fetching->key->model_key, message, &piece));
    return piece.len == size ? STATUS_OK : STATUS_TRUNCATED;
}

static void finish(const struct fetching *fetching, struct session *session)
{
    uint8_t digest[DIGEST_SIZE];
    enum status status = sha256(buf_view(&fetching->out->encoded), digest);

    if (status == STATUS_OK && !view_equal(VIEW_OF(digest), VIEW_OF(fetching->out->digest)))
        status = STATUS_MODEL_OTHER;
    session_finish(session, status, NULL);
}

static void take_chunk(struct fetching *fetching, struct session *session, uint32_t chunk, struct view message)
{
    if (chunk >= fetching->count || fetching->have[chunk])
        return;
    if (open_chunk(fetching, session, chunk, message) != STATUS_OK) {
        /* Of the round before, most likely: the broker will have the new one soon. */
        session_note(session, "chunk %u is not of round %u", (unsigned int)chunk, (unsigned int)fetching->out->round);
        return;
    }
    fetching->have[chunk] = true;
    fetching->arrived++;
    session_moved(session);
    unsubscribe(session, chunk);
    session_progress(session, "chunk %u of %u", (unsigned int)fetching->arrived, (unsigned int)fetching->count);
    if (fetching->arrived == fetching->count)
        finish(fetching, session);
    else
        subscribe_next(fetching, session);
}

static void on_message(void *ctx, struct session *session, const struct topic *topic, struct view payload)
{
    if (topic->kind == TOPIC_ROUND)
        take_manifest(ctx, session, payload);
    else if (topic->kind == TOPIC_MODEL)
        take_chunk(ctx, session, topic->chunk, payload);
}

enum status model_fetch(const struct profile *profile, const struct model_fetch_key *key, struct fetched_model *out,
                        struct reason *reason)
{
    static const enum topic_kind kinds[] = {TOPIC_ROUND};
    struct fetching fetching = {.key = key, .out = out};
    const struct session_use use = {
        .ctx = &fetching,
        .kinds = kinds,
        .count = ARRAY_LEN(kinds),
        .trusted = on_trusted,
        .message = on_message,
    };

    return session_run(profile, &use, reason);
}

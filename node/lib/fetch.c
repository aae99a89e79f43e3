/* fetch.c: the base model, fetched a few chunks at a time and given to the work. Source: PROTOCOL.md section 8. */
#include "steps_private.h"

#include "manifest.h"

static bool has(const struct fetch *fetch, uint32_t chunk)
{
    return (fetch->have[chunk / 8] >> (chunk % 8) & 1) != 0;
}

/* Asks for more while the window has room. */
static void widen(struct tacit_node *node)
{
    struct fetch *fetch = &node->fetch;

    while (fetch->next < fetch->chunks && fetch->next - fetch->received < FETCH_WINDOW)
        node_subscribe(node, TOPIC_MODEL, fetch->next++);
}

enum status fetch_begin(struct tacit_node *node, const void *with)
{
    const struct round *round = &node->round;

    (void)with;
    plain_forget(node);
    node->job = *round;
    node->fetch = (struct fetch){.chunks = (uint32_t)chunks_of(round->model_size, round->chunk_size)};
    node->model.len = 0;
    widen(node);
    retry_later(node, &node->fetch.retry, RETRY_MIN_S, RETRY_MAX_S);
    return STATUS_OK;
}

enum status fetch_stop(struct tacit_node *node, const void *with)
{
    (void)with;
    for (uint32_t chunk = 0; chunk < node->fetch.next; chunk++)
        if (!has(&node->fetch, chunk))
            node_unsubscribe(node, TOPIC_MODEL, chunk);
    return STATUS_OK;
}

/* The whole model is there: is it the announced one? Then the work begins. */
enum status fetch_finish(struct tacit_node *node, const void *with)
{
    uint8_t digest[DIGEST_SIZE];
    const struct tacit_work work = {
        .round = node->job.number,
        .task = node->job.task == TASK_TRAIN ? TACIT_TRAIN : TACIT_EVALUATE,
        .model = node->model.ptr,
        .model_size = node->model.len,
        .simulated = node->job.simulated,
    };

    (void)with;
    TRY(sha256(buf_view(&node->model), digest));
    if (!view_equal(VIEW_OF(digest), VIEW_OF(node->job.base)))
        return STATUS_MODEL_OTHER;
    TRY(model_decode(buf_view(&node->model), node->max_parameters, &node->layout));
    node_event(node, "working", "round=%u", (unsigned int)work.round);
    return node_train(node, &work);
}

/* Opens a chunk to its place in the model. A chunk of another round does not open: its replacement is on its way. */
static enum status open_chunk(struct tacit_node *node, uint32_t chunk, struct view payload)
{
    const struct round *round = &node->round;
    const size_t offset = (size_t)chunk * round->chunk_size, left = (size_t)round->model_size - offset;
    struct buf piece = {.ptr = node->model.ptr + offset, .cap = left < round->chunk_size ? left : round->chunk_size};
    struct place place = node_place(node);

    place.round = round->number;
    place.chunk = chunk;
    place.chunks = node->fetch.chunks;
    place.digest = VIEW_OF(round->base);
    TRY(bind_open_model_chunk(&place, VIEW_OF(node->grant.model_key), payload, &piece));
    return piece.len == piece.cap ? STATUS_OK : STATUS_TRUNCATED;
}

enum status fetch_take_chunk(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    struct fetch *fetch = &node->fetch;

    if (node->work != FETCHING)
        return STATUS_NOT_PERMITTED;
    if (topic->chunk >= fetch->next || has(fetch, topic->chunk))
        return STATUS_EXISTS;
    TRY(open_chunk(node, topic->chunk, payload));
    fetch->have[topic->chunk / 8] |= (uint8_t)(1u << topic->chunk % 8);
    fetch->received++;
    node_unsubscribe(node, TOPIC_MODEL, topic->chunk);
    widen(node);
    fetch->retry.wait_s = 0;
    retry_later(node, &fetch->retry, RETRY_MIN_S, RETRY_MAX_S);
    if (fetch->received == fetch->chunks) {
        node->model.len = (size_t)node->round.model_size;
        work_try(node, FETCHED, NULL);
    }
    return STATUS_OK;
}

/* Asks again for what does not come: brokers lose what they retained. */
void fetch_advance(struct tacit_node *node)
{
    if (node->work != FETCHING || !node->connected || !retry_due(&node->fetch.retry, node->now))
        return;
    for (uint32_t chunk = 0; chunk < node->fetch.next; chunk++)
        if (!has(&node->fetch, chunk))
            node_subscribe(node, TOPIC_MODEL, chunk);
    retry_later(node, &node->fetch.retry, RETRY_MIN_S, RETRY_MAX_S);
}

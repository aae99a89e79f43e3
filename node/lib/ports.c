/* ports.c: the ports of a node in the terms of its insides. */
#include "steps_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EVENT_DETAIL_MAX 1024

void node_event(struct tacit_node *node, const char *name, const char *format, ...)
{
    char detail[EVENT_DETAIL_MAX];
    va_list arguments;

    if (node->ports.event == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    node->ports.event(node->ctx, name, detail);
}

/* A port may give any number; those that are no reason say that it failed. */
static enum status status_of(tacit_reason reason)
{
    return reason >= 0 && reason < STATUS_LIMIT ? (enum status)reason : STATUS_IO;
}

enum status node_random(void *ctx, uint8_t *out, size_t len)
{
    struct tacit_node *node = ctx;

    return status_of(node->ports.random(node->ctx, out, len)) == STATUS_OK ? STATUS_OK : STATUS_IO;
}

static struct topic names_of(const struct tacit_node *node, const struct topic *numbers)
{
    struct topic names = *numbers;

    names.federation = view_of_string(node->federation);
    names.aggregator = view_of_string(node->aggregator);
    names.device = view_of_string(node->device);
    return names;
}

enum status node_publish(struct tacit_node *node, enum topic_kind kind, const struct topic *numbers,
                         struct view payload)
{
    char text[TOPIC_MAX];
    struct buf topic = {.ptr = (uint8_t *)text, .cap = sizeof text};
    const struct topic names = names_of(node, numbers);

    TRY(topic_format(kind, &names, &topic));
    return status_of(node->ports.publish(node->ctx, text, payload.ptr, payload.len));
}

/* The filters are made of checked names and a chunk below CHUNKS_MAX, so making one cannot fail. */
static void give_filter(struct tacit_node *node, void (*port)(void *, const char *), enum topic_kind kind,
                        uint32_t chunk)
{
    char text[TOPIC_MAX];
    struct buf filter = {.ptr = (uint8_t *)text, .cap = sizeof text};
    const struct topic names = names_of(node, &(struct topic){.chunk = chunk});

    /* A number is a wildcard in a filter; a chunk is asked for by its very topic. */
    if ((kind == TOPIC_MODEL ? topic_format : topic_filter)(kind, &names, &filter) == STATUS_OK)
        port(node->ctx, text);
}

void node_subscribe(struct tacit_node *node, enum topic_kind kind, uint32_t chunk)
{
    give_filter(node, node->ports.subscribe, kind, chunk);
}

void node_unsubscribe(struct tacit_node *node, enum topic_kind kind, uint32_t chunk)
{
    give_filter(node, node->ports.unsubscribe, kind, chunk);
}

/* The sizes are the port's; where the bytes lie is ours. */
static enum status take_endorsements(const struct tacit_evidence *given, struct view room, struct endorsements *out)
{
    struct endorsements found = {.count = 0};
    size_t at = 0;

    if (given->endorsement_count > TACIT_MAX_ENDORSEMENTS)
        return STATUS_OUT_OF_RANGE;
    for (; found.count < given->endorsement_count; found.count++) {
        const size_t size = given->endorsement_sizes[found.count];

        if (size == 0 || size > room.len - at)
            return STATUS_OUT_OF_RANGE;
        found.list[found.count] = (struct view){room.ptr + at, size};
        at += size;
    }
    *out = found;
    return STATUS_OK;
}

enum status node_attest(struct tacit_node *node, const uint8_t report_data[static SHA512_SIZE],
                        char kind[static KIND_MAX + 1], struct enrol_request *out)
{
    uint8_t *const bytes = node->message.ptr, *const endorsements = bytes + EVIDENCE_MAX;
    struct tacit_evidence given = {
        .bytes = bytes,
        .size = EVIDENCE_MAX,
        .endorsements = endorsements,
        .endorsements_size = node->max_endorsements,
    };

    TRY(status_of(node->ports.attest(node->ctx, report_data, node->now, &given)));
    if (given.size == 0 || given.size > EVIDENCE_MAX || given.kind[0] == '\0' || given.kind[KIND_MAX] != '\0')
        return STATUS_OUT_OF_RANGE;
    TRY(take_endorsements(&given, (struct view){endorsements, node->max_endorsements}, &out->endorsements));
    memcpy(kind, given.kind, sizeof given.kind);
    out->kind = view_of_string(kind);
    out->evidence = (struct view){bytes, given.size};
    return STATUS_OK;
}

enum status node_train(struct tacit_node *node, const struct tacit_work *work)
{
    return status_of(node->ports.train(node->ctx, work));
}

enum status node_keep(struct tacit_node *node, const char *key, struct view bytes)
{
    enum status status = status_of(node->ports.keep(node->ctx, key, bytes.ptr, bytes.len));

    if (status != STATUS_OK)
        node_event(node, "store_failed", "%s: %s", key, status_text(status));
    return status;
}

enum status node_load(struct tacit_node *node, const char *key, struct buf *out)
{
    size_t size = out->cap;

    TRY(status_of(node->ports.load(node->ctx, key, out->ptr, &size)));
    if (size > out->cap)
        return STATUS_NO_SPACE;
    out->len = size;
    return STATUS_OK;
}

struct place node_place(const struct tacit_node *node)
{
    return (struct place){
        .federation = view_of_string(node->federation),
        .aggregator = view_of_string(node->aggregator),
        .device = view_of_string(node->device),
        .boot_id = VIEW_OF(node->trust.boot_id),
    };
}

void retry_now(struct retry *retry, uint64_t now)
{
    *retry = (struct retry){.at = now};
}

void retry_later(struct tacit_node *node, struct retry *retry, uint32_t min_s, uint32_t max_s)
{
    uint8_t bytes[4] = {0};
    uint32_t half;

    if (retry->wait_s < min_s)
        retry->wait_s = min_s;
    half = (retry->wait_s + 1) / 2;
    /* Without randomness there is no jitter; what must be random fails elsewhere. */
    if (node_random(node, bytes, sizeof bytes) != STATUS_OK)
        write_be32(bytes, 0);
    retry->at = node->now + half + read_be32(bytes) % (half + 1);
    retry->wait_s = retry->wait_s < max_s / 2 ? 2 * retry->wait_s : max_s;
}

bool retry_due(const struct retry *retry, uint64_t now)
{
    /* Further away than any wait: the clock was set back. */
    return now >= retry->at || retry->at - now > 2 * (uint64_t)DENIED_MAX_S;
}

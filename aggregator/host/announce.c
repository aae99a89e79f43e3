/* announce.c: the retained messages, published in order while the broker has room, and all anew at every connection,
 * since brokers lose theirs. */
#include "host_private.h"

#include <stdlib.h>
#include <string.h>

enum status kept_set(struct kept *kept, struct view bytes)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);

    if (copy == NULL)
        return STATUS_NO_SPACE;
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    free(kept->bytes);
    *kept = (struct kept){copy, bytes.len};
    return STATUS_OK;
}

void kept_clear(struct kept *kept)
{
    free(kept->bytes);
    *kept = (struct kept){NULL, 0};
}

struct view kept_view(const struct kept *kept)
{
    return (struct view){kept->bytes, kept->len};
}

static enum status publish(struct host *host, enum topic_kind kind, const struct topic *names, struct view payload)
{
    uint8_t text[TOPIC_MAX];
    struct buf topic = BUF_OF(text);

    TRY(topic_format(kind, names, &topic));
    return host->ports.publish(host->ports.ctx, (const char *)text, payload, true);
}

/* One message that may not be there yet. */
static enum status publish_kept(struct host *host, enum topic_kind kind, const struct kept *kept)
{
    return kept->bytes == NULL ? STATUS_OK : publish(host, kind, &host->names, kept_view(kept));
}

/* The broker is told once to forget a record; from then on it is none of ours. */
static void forget_record(struct host *host, uint32_t at)
{
    kept_clear(&host->records[at].message);
    host->record_count--;
    memmove(&host->records[at], &host->records[at + 1], (host->record_count - at) * sizeof *host->records);
    host->records[host->record_count] = (struct kept_record){0};
}

static enum status publish_records(struct host *host)
{
    while (host->cursor[ANNOUNCE_RECORDS] < host->record_count) {
        struct kept_record *record = &host->records[host->cursor[ANNOUNCE_RECORDS]];
        struct topic names = host->names;
        names.round = record->round;
        TRY(publish(host, TOPIC_RECORD, &names, record->stale ? (struct view){NULL, 0} : kept_view(&record->message)));
        if (record->stale)
            forget_record(host, host->cursor[ANNOUNCE_RECORDS]);
        else
            host->cursor[ANNOUNCE_RECORDS]++;
    }
    return STATUS_OK;
}

static enum status publish_model(struct host *host)
{
    uint32_t *next = &host->cursor[ANNOUNCE_MODEL];

    while (host->has_manifest && *next < host->chunks) {
        struct topic names = host->names;
        struct view message;
        if (!host->ports.has_room(host->ports.ctx))
            return STATUS_BUSY;
        names.chunk = *next;
        TRY(host_gate_number(host, GATE_MODEL_CHUNK, *next, &message));
        TRY(publish(host, TOPIC_MODEL, &names, message));
        (*next)++;
    }
    return STATUS_OK;
}

static enum status publish_status(struct host *host)
{
    uint8_t text[4096];
    struct buf json = BUF_OF(text);

    TRY(status_json(host, status_state(host), &json));
    return publish(host, TOPIC_STATUS, &host->names, buf_view(&json));
}

static enum status publish_evidence(struct host *host)
{
    return publish_kept(host, TOPIC_EVIDENCE, &host->bundle);
}

static enum status publish_challenge(struct host *host)
{
    return publish_kept(host, TOPIC_CHALLENGE, &host->challenge);
}

static enum status publish_manifest(struct host *host)
{
    return publish_kept(host, TOPIC_ROUND, &host->manifest);
}

static enum status (*const publish_it[ANNOUNCEMENTS])(struct host *) = {
    [ANNOUNCE_EVIDENCE] = publish_evidence, [ANNOUNCE_CHALLENGE] = publish_challenge,
    [ANNOUNCE_RECORDS] = publish_records,   [ANNOUNCE_MODEL] = publish_model,
    [ANNOUNCE_MANIFEST] = publish_manifest, [ANNOUNCE_STATUS] = publish_status,
};

void announce(struct host *host, enum announcement what)
{
    host->due[what] = true;
    host->cursor[what] = 0;
}

void announce_all(struct host *host)
{
    for (unsigned int i = 0; i < ANNOUNCEMENTS; i++)
        announce(host, (enum announcement)i);
}

void announce_go_on(struct host *host)
{
    if (!host->connected || !host->booted)
        return;
    for (unsigned int i = 0; i < ANNOUNCEMENTS; i++) {
        enum status status = host->due[i] ? publish_it[i](host) : STATUS_OK;
        if (status == STATUS_BUSY || status == STATUS_NO_CONNECTION)
            return; /* goes on when there is room, or at the next boot */
        if (status != STATUS_OK)
            log_event(host->ports.log, LOG_LEVEL_ERROR, "announce_failed", "%u: %s", i, status_text(status));
        host->due[i] = false;
    }
}

/* audit_live.c: the records that the broker retains, and the evidence of the enclave that is there; see audit.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit.h"
#include "clock.h"
#include "heap.h"
#include "session.h"

/* What came, until all of it is there: a record is judged by the enclave that is trusted in the end. */
struct arrived {
    uint32_t round; /* 0: the manifest */
    struct buf message;
};

struct listening {
    struct audit *audit;
    struct arrived *list;
    size_t count;
};

static enum status hear(struct listening *listening, uint32_t round, struct view message)
{
    struct arrived one = {.round = round}, *grown;

    TRY(heap_take(message.len, &one.message));
    TRY(buf_append(&one.message, message));
    grown = realloc(listening->list, (listening->count + 1) * sizeof *grown);
    if (grown == NULL) {
        heap_give(&one.message);
        return STATUS_IO;
    }
    listening->list = grown;
    listening->list[listening->count++] = one;
    return STATUS_OK;
}

static void on_message(void *ctx, struct session *session, const struct topic *topic, struct view payload)
{
    session_moved(session);
    if (payload.len > 0 && (topic->kind == TOPIC_RECORD || topic->kind == TOPIC_ROUND) &&
        hear(ctx, topic->kind == TOPIC_RECORD ? topic->round : 0, payload) != STATUS_OK)
        session_finish(session, STATUS_IO, NULL);
}

static enum status take_all(struct listening *listening, struct session *session)
{
    struct audit *audit = listening->audit;

    TRY(audit_take_bundle(audit, session_bundle(session), clock_unix_seconds()));
    for (size_t i = 0; i < listening->count; i++) {
        const struct arrived *one = &listening->list[i];
        if (one->round == 0)
            audit_take_manifest(audit, buf_view(&one->message));
        else
            TRY(audit_take_record(audit, one->round, buf_view(&one->message)));
    }
    return STATUS_OK;
}

static void on_quiet(void *ctx, struct session *session)
{
    session_finish(session, take_all(ctx, session), NULL);
}

enum status audit_read_live(struct audit *audit, const struct profile *profile, struct reason *reason)
{
    static const enum topic_kind kinds[] = {TOPIC_RECORD, TOPIC_ROUND};
    struct listening listening = {.audit = audit};
    const struct session_use use = {
        .ctx = &listening,
        .kinds = kinds,
        .count = ARRAY_LEN(kinds),
        .message = on_message,
        .quiet = on_quiet,
    };
    const enum status status = session_run(profile, &use, reason);

    for (size_t i = 0; i < listening.count; i++)
        heap_give(&listening.list[i].message);
    free(listening.list);
    return status;
}

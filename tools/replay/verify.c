/* verify.c: the messages of a capture in their order; see verdict.h and verify_private.h. */
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "heap.h"
#include "verify_private.h"

#define PROGRESS_EVERY 4096 /* messages */

void verify_note(struct verifying *verifying, const char *format, ...)
{
    char text[DIFFER_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    verifying->sink->note(verifying->sink->ctx, text);
}

void verify_judge(struct verifying *verifying, enum verdict verdict, const char *format, ...)
{
    char why[DIFFER_MAX];
    va_list arguments;

    if (verifying->round.verdict != VERDICT_SAME || (verifying->told && verdict == VERDICT_NO_KEYS))
        return;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    if (verifying->told) {
        /* Of an announcement, or behind a round's record. */
        verifying->totals.differences += verdict == VERDICT_DIFFERENT;
        verify_note(verifying, "%s %u: %s",
                    verifying->round.of->task == TASK_NONE ? "announcement" : "after the record of round",
                    (unsigned int)verifying->round.of->round, why);
        return;
    }
    verifying->round.verdict = verdict;
    memcpy(verifying->round.why, why, sizeof why);
}

void verify_tell(struct verifying *verifying)
{
    const struct verify_round *round = &verifying->round;

    if (verifying->told)
        return;
    verifying->told = true;
    verifying->totals.verdicts[round->verdict]++;
    verifying->totals.receipts += round->receipts;
    verifying->totals.bytes += round->bytes;
    verifying->sink->round(verifying->sink->ctx, round);
}

struct gather_boot verify_keys(const struct verifying *verifying)
{
    struct gather_boot keys = {verifying->place, {verifying->boot->secret, 32}};

    keys.place.boot_id = VIEW_OF(verifying->boot->boot_id);
    return keys;
}

/* Evidence of a boot that no round was seen of yet: its core is there from now on. */
static enum status take_evidence(struct verifying *verifying, const struct captured *message)
{
    const struct index *index = verifying->index;
    const char *why;

    for (size_t i = 0; i < index->boot_count; i++)
        if (index->boots[i].evidence == message->id && (verifying->at == NULL || verifying->at->boot != i))
            (void)verify_enter_boot(verifying, i, &why);
    return STATUS_OK;
}

static enum status take(struct verifying *verifying, const struct captured *message)
{
    const struct view aggregator = verifying->place.aggregator;

    if (!message->parsed || !view_equal(message->where.federation, verifying->place.federation))
        return STATUS_OK;
    if (message->where.kind == TOPIC_RECEIPT)
        return verify_receipt(verifying, message);
    if (!view_equal(message->where.aggregator, aggregator))
        return STATUS_OK;
    switch (message->where.kind) {
    case TOPIC_EVIDENCE:
        return take_evidence(verifying, message);
    case TOPIC_CHALLENGE:
        return verify_challenge(verifying, message);
    case TOPIC_ROUND:
        return verify_manifest(verifying, message);
    case TOPIC_RECORD:
        return verify_record(verifying, message);
    case TOPIC_ANSWER:
        return verify_request(verifying, message);
    default:
        return STATUS_OK;
    }
}

static enum status take_all(struct verifying *verifying)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    const struct verify_sink *sink = verifying->sink;
    const uint64_t all = capture_parts_count(&verifying->source->parts);
    struct captured message;
    enum status status;
    uint64_t done = 0;

    TRY(source_find(verifying->source, &CAPTURE_ALL, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK) {
        TRY(take(verifying, &message));
        if (++done % PROGRESS_EVERY == 0 && sink->progress != NULL)
            sink->progress(sink->ctx, done, all);
    }
    verify_leave_round(verifying);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status verifying_begin(struct verifying *verifying, struct source *source, const struct index *index,
                            const struct verify_options *options, const struct verify_sink *sink)
{
    struct buf owner_key = BUF_OF(verifying->owner_key);

    *verifying = (struct verifying){
        .source = source,
        .index = index,
        .options = options,
        .sink = sink,
        .place = {.federation = options->federation, .aggregator = options->aggregator},
        .bad_secret = SIZE_MAX,
    };
    return cose_key_encode(VIEW_OF(options->owner_point), &owner_key);
}

void verifying_end(struct verifying *verifying)
{
    replayed_end(&verifying->core);
    heap_give(&verifying->revoked);
    seen_free(&verifying->seen);
    seen_free(&verifying->answered);
}

enum status verify_run(struct source *source, const struct index *index, const struct verify_options *options,
                       const struct verify_sink *sink, struct verify_totals *out)
{
    CLEANUP(verifying_end) struct verifying verifying = {.source = NULL};

    TRY(verifying_begin(&verifying, source, index, options, sink));
    TRY(take_all(&verifying));
    *out = verifying.totals;
    return STATUS_OK;
}

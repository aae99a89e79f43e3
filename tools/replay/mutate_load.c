/* mutate_load.c: see mutate_private.h. */
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "mutate_private.h"
#include "proof.h"

void mutating_end(struct mutating *mutating)
{
    verifying_end(&mutating->verifying);
    free(mutating->rounds);
    free(mutating->counted);
    heap_give(&mutating->manifest);
    heap_give(&mutating->model);
    heap_give(&mutating->record_message);
}

/* ---- which rounds ---- */

static void keep_round(void *ctx, const struct verify_round *round)
{
    struct mutating *mutating = ctx;

    if (round->verdict == VERDICT_SAME && round->counted > 0)
        mutating->rounds[mutating->round_count++] = round->of;
}

static void pass_note(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

const struct verify_sink mutate_quiet = {NULL, NULL, pass_note, NULL};

enum status mutate_find_rounds(struct mutating *mutating)
{
    const struct verifying *with = &mutating->verifying;
    const struct verify_sink sink = {mutating, keep_round, pass_note, NULL};
    struct verify_totals totals;

    mutating->rounds = calloc(with->index->round_count + 1, sizeof *mutating->rounds);
    if (mutating->rounds == NULL)
        return STATUS_IO;
    TRY(verify_run(with->source, with->index, with->options, &sink, &totals));
    return mutating->round_count > 0 ? STATUS_OK : STATUS_NOT_FOUND;
}

/* ---- a round, loaded ---- */

static enum status read_message(struct mutating *mutating, int64_t id, struct buf *out, struct view *payload)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    struct cose_sign1 parts;

    query.from = query.to = id;
    TRY(source_find(mutating->verifying.source, &query, &cursor));
    TRY(source_next(cursor, &message));
    heap_give(out);
    TRY(heap_take(message.payload.len, out));
    TRY(buf_append(out, message.payload));
    TRY(cose_sign1_decode(buf_view(out), &parts));
    *payload = parts.payload;
    return STATUS_OK;
}

static enum status add_counted(struct mutating *mutating, const struct captured *message,
                               const struct gather_receipt *receipt)
{
    struct counted *one, *grown;

    if (mutating->counted_count % 64 == 0) {
        grown = realloc(mutating->counted, (mutating->counted_count + 64) * sizeof *grown);
        if (grown == NULL)
            return STATUS_IO;
        mutating->counted = grown;
    }
    one = &mutating->counted[mutating->counted_count++];
    memcpy(one->device, message->where.device.ptr, message->where.device.len);
    one->device_len = message->where.device.len;
    memcpy(one->transfer, receipt->receipt.transfer.ptr, TRANSFER_SIZE);
    return STATUS_OK;
}

static enum status take_receipt(struct mutating *mutating, const struct captured *message)
{
    struct verifying *verifying = &mutating->verifying;
    struct gather_receipt receipt;
    struct cose_encrypt0 parts;
    enum status status = STATUS_OK;
    bool was;

    if (proof_looks_like(message->payload) || cose_encrypt0_decode(message->payload, &parts) != STATUS_OK)
        return STATUS_OK;
    TRY(seen_add(&verifying->seen, message->where.device, message->payload, &was));
    if (was || verify_open_receipt(verifying, message, &parts, &receipt) != STATUS_OK)
        return STATUS_OK;
    if (receipt.receipt.reason == STATUS_OK && receipt.receipt.round == mutating->loaded->round)
        status = add_counted(mutating, message, &receipt);
    wipe(receipt.key_bytes, sizeof receipt.key_bytes);
    return status;
}

static enum status find_counted(struct mutating *mutating)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    enum status status;

    mutating->counted_count = 0;
    query.kind = TOPIC_RECEIPT;
    query.from = mutating->loaded->manifest;
    query.to = mutating->loaded->record;
    TRY(source_find(mutating->verifying.source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK)
        if (message.parsed)
            TRY(take_receipt(mutating, &message));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status mutate_load(struct mutating *mutating, const struct index_round *round)
{
    struct verifying *verifying = &mutating->verifying;
    struct view payload;
    uint32_t chunk;

    if (mutating->loaded == round)
        return STATUS_OK;
    verifying->at = mutating->loaded = round;
    verifying->boot = NULL;
    heap_give(&mutating->model);
    TRY(read_message(mutating, round->manifest, &mutating->manifest, &payload));
    TRY(manifest_decode(payload, &mutating->start.manifest));
    TRY(read_message(mutating, round->record, &mutating->record_message, &payload));
    TRY(record_decode(payload, &mutating->record));
    if (verify_base(verifying, round, &mutating->start.manifest, &mutating->model, &chunk) != STATUS_OK)
        return STATUS_NOT_FOUND;
    mutating->start.model = buf_view(&mutating->model);
    verifying->boot = &verifying->index->boots[round->boot];
    TRY(find_counted(mutating));
    return mutating->counted_count == mutating->record.counted ? STATUS_OK : STATUS_NOT_FOUND;
}

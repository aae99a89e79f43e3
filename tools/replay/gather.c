/* gather.c: see gather.h. */
#include "gather.h"

#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "owner.h"
#include "proof.h"

void gathered_free(struct gathered *gathered)
{
    for (uint32_t i = 0; i < gathered->count && gathered->messages != NULL; i++)
        heap_give(&gathered->messages[i]);
    free(gathered->messages);
    free(gathered->chunks);
    *gathered = (struct gathered){0};
}

/* Is it a chunk of that transfer, as its host takes it? */
static bool is_chunk_of(const struct captured *message, const struct gather_of *of, struct cose_encrypt0 *parts)
{
    return message->parsed && message->where.round == of->round &&
           view_equal(message->where.aggregator, of->aggregator) && !proof_looks_like(message->payload) &&
           cose_encrypt0_decode(message->payload, parts) == STATUS_OK &&
           view_equal(parts->chunk.transfer, VIEW_OF(of->transfer)) && parts->chunk.index == message->where.chunk;
}

static enum status keep_chunk(struct gathered *gathered, const struct cose_encrypt0 *parts,
                              const struct captured *message)
{
    const uint32_t index = parts->chunk.index;

    if (gathered->count == 0) {
        gathered->messages = calloc(parts->chunk.count, sizeof *gathered->messages);
        gathered->chunks = calloc(parts->chunk.count, sizeof *gathered->chunks);
        gathered->count = gathered->missing = parts->chunk.count;
        gathered->first = message->id;
        if (gathered->messages == NULL || gathered->chunks == NULL)
            return STATUS_IO;
    }
    if (parts->chunk.count != gathered->count)
        return STATUS_CHUNK_MIXED;
    if (gathered->messages[index].ptr != NULL)
        return STATUS_OK; /* the first one counts: its host leaves the next aside */
    TRY(heap_take(message->payload.len, &gathered->messages[index]));
    TRY(buf_append(&gathered->messages[index], message->payload));
    gathered->chunks[index] = buf_view(&gathered->messages[index]);
    gathered->missing--;
    gathered->bytes += message->payload.len;
    gathered->last = message->id;
    return STATUS_OK;
}

static enum status query_device(struct source *source, struct view device, int64_t from, struct source_cursor **out)
{
    struct capture_query query = CAPTURE_ALL;

    query.kind = TOPIC_UPDATE;
    query.device = device;
    query.from = from;
    return source_find(source, &query, out);
}

enum status gather_update(struct source *source, const struct gather_of *of, struct gathered *out)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct captured message;
    struct cose_encrypt0 parts;
    enum status status;

    TRY(query_device(source, of->device, of->from, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK) {
        if (!is_chunk_of(&message, of, &parts))
            continue;
        TRY(keep_chunk(out, &parts, &message));
        if (out->missing == 0)
            return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND || out->count == 0)
        return status;
    for (out->missing = 0; out->chunks[out->missing].ptr != NULL; out->missing++)
        ;
    return STATUS_CHUNK_MISSING;
}

enum status gathered_digest(const struct gathered *gathered, uint8_t out[static DIGEST_SIZE])
{
    return sha256_pieces(gathered->chunks, gathered->count, out);
}

enum status gather_key(const struct gather_boot *boot, struct view device, const struct cose_encrypt0 *chunk,
                       struct update_sender *sender, struct buf *key)
{
    struct update_key_of of = {
        .federation = boot->place.federation,
        .aggregator = boot->place.aggregator,
        .device = device,
        .boot_id = boot->place.boot_id,
        .cti = chunk->kid,
        .alg = chunk->alg,
    };

    if (chunk->kid.len != CTI_SIZE)
        return STATUS_MALFORMED;
    TRY(update_sender_decode(chunk->sender, sender));
    of.role = sender->role;
    of.expires = sender->expires;
    of.identity = sender->identity;
    return update_key_derive(&of, boot->epoch_secret, key);
}

static enum status open_with(const struct gather_boot *boot, struct view device, const struct cose_encrypt0 *message,
                             const struct cose_encrypt0 *chunk, struct gather_receipt *out)
{
    struct buf key = BUF_OF(out->key_bytes), plain = BUF_OF(out->plain);
    struct place place = boot->place;
    struct update_sender sender;

    if (chunk->alg != message->alg || !view_equal(chunk->kid, message->kid))
        return STATUS_NOT_FOUND;
    place.device = device;
    TRY(gather_key(boot, device, chunk, &sender, &key));
    TRY(bind_open0(PURPOSE_RECEIPT, &place, buf_view(&key), message, &plain));
    out->expires = sender.expires;
    out->key_len = key.len;
    return receipt_decode(buf_view(&plain), &out->receipt);
}

enum status gather_open_receipt(struct source *source, const struct gather_boot *boot, struct view device,
                                const struct cose_encrypt0 *message, int64_t from, struct gather_receipt *out)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct captured candidate;
    struct cose_encrypt0 chunk;
    enum status status;

    TRY(query_device(source, device, from, &cursor));
    while ((status = source_next(cursor, &candidate)) == STATUS_OK)
        if (!proof_looks_like(candidate.payload) && cose_encrypt0_decode(candidate.payload, &chunk) == STATUS_OK &&
            open_with(boot, device, message, &chunk, out) == STATUS_OK)
            return STATUS_OK;
    return status;
}

/* ---- requests of the owner ---- */

/* Room for one more piece: what a fragment says of the whole is no reason to set all of it aside. */
static enum status append_growing(struct buf *out, struct view piece)
{
    struct buf grown;

    if (out->ptr == NULL)
        return heap_take(piece.len, out) == STATUS_OK ? buf_append(out, piece) : STATUS_IO;
    if (piece.len > out->cap - out->len) {
        TRY(heap_take(2 * (out->len + piece.len), &grown));
        memcpy(grown.ptr, out->ptr, out->len);
        grown.len = out->len;
        heap_give(out);
        *out = grown;
    }
    return buf_append(out, piece);
}

/* Those of the last transfer under this name, in their order: an owner sends them so. */
static enum status take_fragments(struct source_cursor *cursor, struct view request, struct buf *out)
{
    uint8_t transfer[TRANSFER_SIZE] = {0};
    uint32_t next = 0, count = 0;
    struct captured message;
    struct fragment fragment;
    enum status status;

    while ((status = source_next(cursor, &message)) == STATUS_OK) {
        if (!message.parsed || !view_equal(message.where.request, request) ||
            fragment_decode(message.payload, &fragment) != STATUS_OK)
            continue;
        if (fragment.index == 0 && (count == 0 || !view_equal(fragment.transfer, VIEW_OF(transfer)))) {
            memcpy(transfer, fragment.transfer.ptr, sizeof transfer);
            next = 0;
            count = fragment.count;
            heap_give(out);
        }
        if (count == 0 || fragment.index != next || !view_equal(fragment.transfer, VIEW_OF(transfer)))
            continue;
        TRY(append_growing(out, fragment.piece));
        next++;
    }
    if (status != STATUS_NOT_FOUND)
        return status;
    if (count == 0)
        return STATUS_NOT_FOUND;
    return next == count ? STATUS_OK : STATUS_CHUNK_MISSING;
}

enum status gather_request(struct source *source, struct view aggregator, struct view request, int64_t before,
                           struct buf *out)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    char name[NAME_MAX_LEN];

    if (request.len > sizeof name)
        return STATUS_OUT_OF_RANGE;
    memcpy(name, request.ptr, request.len);
    query.kind = TOPIC_OWNER;
    query.aggregator = aggregator;
    query.to = before;
    TRY(source_find(source, &query, &cursor));
    return take_fragments(cursor, (struct view){(const uint8_t *)name, request.len}, out);
}

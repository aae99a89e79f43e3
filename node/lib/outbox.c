/* outbox.c: an update is sealed, offered, and sent as it is granted. Source: PROTOCOL.md sections 9, 10. */
#include "steps_private.h"

#include "manifest.h"
#include "need.h"

#include <string.h>

#define CHUNK_SIZE_MIN     256 /* of a manifest */
#define CHUNK_OVERHEAD_MAX 224 /* what a chunk message has besides its piece: headers 91, sender 66, heads, IV, tag */
#define CROSSING_S         3   /* a need within it may have crossed the chunks; the host asks again after 5 s */
#define OFFER              0   /* the chunk that is sent without being asked for */

size_t outbox_sealed_max(size_t plain)
{
    const uint64_t chunks = chunks_of(plain, CHUNK_SIZE_MIN);

    return plain + CHUNK_OVERHEAD_MAX * (size_t)(chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX);
}

static void set_bit(uint8_t map[static CHUNK_MAP], uint32_t chunk)
{
    map[chunk / 8] |= (uint8_t)(1u << chunk % 8);
}

static bool has_bit(const uint8_t map[static CHUNK_MAP], uint32_t chunk)
{
    return (map[chunk / 8] >> chunk % 8 & 1) != 0;
}

/* ---- sealing ---- */

static bool alg_allowed(const struct round *round, int64_t alg)
{
    for (uint32_t i = 0; i < round->alg_count; i++)
        if (round->algs[i] == alg)
            return true;
    return false;
}

static void show_sealed(struct tacit_node *node, uint32_t chunk, struct view message)
{
    const struct grant *grant = &node->transfer.grant;

    if (node->ports.sealed != NULL && node->round.simulated)
        node->ports.sealed(node->ctx, node->round.number, chunk, message.ptr, message.len, grant->update_key,
                           aead_key_size(grant->alg));
}

static enum status seal_chunk(struct tacit_node *node, const struct cose_encrypt0 *common, uint32_t chunk,
                              struct buf *out)
{
    const struct grant *grant = &node->transfer.grant;
    const size_t offset = (size_t)chunk * node->round.chunk_size, left = node->plain.len - offset, start = out->len;
    const struct view key = {grant->update_key, aead_key_size(grant->alg)};
    struct place place = node_place(node);
    struct cose_encrypt0 head = *common;
    uint8_t iv[AEAD_NONCE_MAX];
    struct buf iv_buf = {.ptr = iv, .cap = aead_nonce_size(grant->alg)};
    struct view piece;

    place.round = node->round.number;
    head.chunk.index = chunk;
    TRY(sealed_iv(node, chunk, &iv_buf));
    head.iv = buf_view(&iv_buf);
    TRY(view_slice(buf_view(&node->plain), offset, left < node->round.chunk_size ? left : node->round.chunk_size,
                   &piece));
    TRY(bind_seal0(PURPOSE_UPDATE, &place, key, &head, piece, out));
    show_sealed(node, chunk, (struct view){out->ptr + start, out->len - start});
    return STATUS_OK;
}

/* All chunks, one behind the other: what is sent again is the same, and their digest is that of the whole. */
static enum status seal_chunks(struct tacit_node *node, uint32_t count)
{
    struct transfer *transfer = &node->transfer;
    uint8_t sender[128];
    struct buf sender_buf = BUF_OF(sender), *sealed = &node->model;
    const struct update_sender said = {
        .boot_id = VIEW_OF(node->trust.boot_id),
        .role = ROLE_DEVICE,
        .expires = transfer->grant.expires,
        .identity = VIEW_OF(transfer->grant.identity),
    };
    struct cose_encrypt0 head = {
        .alg = transfer->grant.alg,
        .kid = VIEW_OF(transfer->grant.cti),
        .chunk = {.transfer = VIEW_OF(transfer->id), .count = count, .total = node->plain.len},
    };

    TRY(update_sender_encode(&said, &sender_buf));
    head.sender = buf_view(&sender_buf);
    sealed->len = 0;
    for (uint32_t chunk = 0; chunk < count; chunk++) {
        transfer->start[chunk] = sealed->len;
        TRY(seal_chunk(node, &head, chunk, sealed));
    }
    transfer->start[count] = sealed->len;
    return sha256(buf_view(sealed), transfer->digest);
}

/* With what it was sealed with before, for this round of this boot: by an earlier run, or before a broker that came back
 * with old retained messages led us to another boot for a while. Else anew. */
static enum status choose_seal(struct tacit_node *node)
{
    struct transfer *transfer = &node->transfer;

    TRY(sha256(buf_view(&node->plain), transfer->plain));
    if (sealed_restore(node) == STATUS_OK && alg_allowed(&node->round, transfer->grant.alg))
        return STATUS_OK;
    transfer->grant = node->grant;
    TRY(node_random(node, transfer->id, sizeof transfer->id));
    TRY(node_random(node, transfer->seed, sizeof transfer->seed));
    sealed_keep(node);
    return STATUS_OK;
}

enum status outbox_seal(struct tacit_node *node, const void *with)
{
    struct transfer *transfer = &node->transfer;
    uint64_t count;

    (void)with;
    if (!alg_allowed(&node->round, node->grant.alg))
        return STATUS_UNSUPPORTED;
    TRY(plain_readdress(node));
    count = chunks_of(node->plain.len, node->round.chunk_size);
    if (count > CHUNKS_MAX)
        return STATUS_NO_SPACE;
    TRY(choose_seal(node));
    TRY(seal_chunks(node, (uint32_t)count));
    TRY(claim_sealed(node));
    transfer->count = (uint32_t)count;
    memset(transfer->due, 0, sizeof transfer->due);
    memset(transfer->sent, 0, sizeof transfer->sent);
    retry_now(&transfer->retry, node->now);
    return STATUS_OK;
}

/* ---- sending ---- */

enum status outbox_take_need(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    struct transfer *transfer = &node->transfer;
    struct need need;

    (void)topic;
    TRY(need_decode(payload, &need));
    if (node->work != SENDING || need.round != node->round.number || !view_equal(need.transfer, VIEW_OF(transfer->id)))
        return STATUS_WRONG_ROUND;
    if (node->now < transfer->sent_at || node->now >= transfer->sent_at + CROSSING_S)
        memset(transfer->sent, 0, sizeof transfer->sent);
    for (uint32_t chunk = 0; chunk < transfer->count; chunk++)
        if (need_has(&need, chunk) && !has_bit(transfer->sent, chunk))
            set_bit(transfer->due, chunk);
    /* The host has the offer: the next one is due only when nothing is heard for a while. */
    retry_later(node, &transfer->retry, RETRY_MAX_S / 2, RETRY_MAX_S);
    return STATUS_OK;
}

static enum status publish_chunk(struct tacit_node *node, uint32_t chunk)
{
    const struct transfer *transfer = &node->transfer;
    const size_t start = transfer->start[chunk];

    return node_publish(node, TOPIC_UPDATE, &(struct topic){.round = node->round.number, .chunk = chunk},
                        (struct view){node->model.ptr + start, transfer->start[chunk + 1] - start});
}

/* Publishes what is due until there is no more room. A chunk that fails is left: the host asks for it again. */
static void publish_due(struct tacit_node *node)
{
    struct transfer *transfer = &node->transfer;

    for (uint32_t chunk = 0; chunk < transfer->count; chunk++) {
        enum status status;

        if (!has_bit(transfer->due, chunk))
            continue;
        status = publish_chunk(node, chunk);
        if (status == STATUS_BUSY)
            return;
        if (status != STATUS_OK)
            node_event(node, "failed", "chunk %u: %s", (unsigned int)chunk, status_text(status));
        transfer->due[chunk / 8] &= (uint8_t) ~(1u << chunk % 8);
        if (status != STATUS_OK || chunk == OFFER)
            continue;
        set_bit(transfer->sent, chunk);
        transfer->sent_at = node->now;
    }
}

void outbox_advance(struct tacit_node *node)
{
    struct transfer *transfer = &node->transfer;

    if (node->work != SENDING || !node->connected)
        return;
    if (retry_due(&transfer->retry, node->now)) {
        set_bit(transfer->due, OFFER);
        retry_later(node, &transfer->retry, RETRY_MIN_S, RETRY_MAX_S);
    }
    publish_due(node);
}

/* sealed.c: what an update is sealed with. It is durable before the first chunk goes out, so that a device that restarts
 * in the middle of a round sends the very bytes again that may be counted already: their receipt, their digest and their
 * place in the record's tree are still about them. Source: PROTOCOL.md section 9. */
#include "steps_private.h"

#include <string.h>

static const char key[] = "sealed";

#define ABOUT_SIZE (4 + 4 + BOOT_ID_SIZE + DIGEST_SIZE)

/* round, size of its chunks, boot, digest of the plain update, transfer, seed, cti, identity, alg, expires, update key */
#define KEPT_SIZE (ABOUT_SIZE + TRANSFER_SIZE + SEED_SIZE + CTI_SIZE + DIGEST_SIZE + 1 + 8 + AEAD_KEY_MAX)

/* What the bytes depend on besides what is kept: where these differ the update is sealed anew. */
static enum status write_about(const struct tacit_node *node, struct buf *out)
{
    uint8_t numbers[8], digest[DIGEST_SIZE];

    write_be32(numbers, node->round.number);
    write_be32(numbers + 4, node->round.chunk_size);
    TRY(sha256(buf_view(&node->plain), digest));
    TRY(buf_append(out, VIEW_OF(numbers)));
    TRY(buf_append(out, VIEW_OF(node->trust.boot_id)));
    return buf_append(out, VIEW_OF(digest));
}

void sealed_keep(struct tacit_node *node)
{
    const struct transfer *transfer = &node->transfer;
    const struct grant *grant = &transfer->grant;
    const uint8_t alg = (uint8_t)grant->alg;
    uint8_t bytes[KEPT_SIZE], expires[8];
    CLEANUP(buf_wipe) struct buf kept = BUF_OF(bytes);
    const struct view parts[] = {
        VIEW_OF(transfer->id), VIEW_OF(transfer->seed),   VIEW_OF(grant->cti), VIEW_OF(grant->identity), {&alg, 1},
        VIEW_OF(expires),      VIEW_OF(grant->update_key)};
    enum status status = write_about(node, &kept);

    write_be64(expires, grant->expires);
    for (size_t i = 0; i < ARRAY_LEN(parts) && status == STATUS_OK; i++)
        status = buf_append(&kept, parts[i]);
    /* What cannot be kept is still sent: only a restart seals it anew. */
    if (status == STATUS_OK)
        (void)node_keep(node, key, buf_view(&kept));
}

void sealed_forget(struct tacit_node *node)
{
    (void)node_keep(node, key, (struct view){NULL, 0});
}

static const uint8_t *take(const uint8_t **at, size_t size)
{
    const uint8_t *part = *at;

    *at += size;
    return part;
}

static void read_transfer(const uint8_t *at, struct transfer *out)
{
    memcpy(out->id, take(&at, sizeof out->id), sizeof out->id);
    memcpy(out->seed, take(&at, sizeof out->seed), sizeof out->seed);
    memcpy(out->grant.cti, take(&at, sizeof out->grant.cti), sizeof out->grant.cti);
    memcpy(out->grant.identity, take(&at, sizeof out->grant.identity), sizeof out->grant.identity);
    out->grant.alg = *take(&at, 1);
    out->grant.expires = read_be64(take(&at, 8));
    memcpy(out->grant.update_key, take(&at, sizeof out->grant.update_key), sizeof out->grant.update_key);
}

enum status sealed_restore(struct tacit_node *node)
{
    uint8_t bytes[KEPT_SIZE], about_bytes[ABOUT_SIZE];
    CLEANUP(buf_wipe) struct buf kept = BUF_OF(bytes);
    struct buf about = BUF_OF(about_bytes);

    TRY(node_load(node, key, &kept));
    TRY(write_about(node, &about));
    if (kept.len != sizeof bytes || !view_equal((struct view){bytes, about.len}, buf_view(&about)))
        return STATUS_NOT_FOUND;
    read_transfer(bytes + about.len, &node->transfer);
    return node->now < node->transfer.grant.expires ? STATUS_OK : STATUS_CREDENTIAL_EXPIRED;
}

enum status sealed_iv(const struct tacit_node *node, uint32_t chunk, struct buf *out)
{
    const struct transfer *transfer = &node->transfer;
    uint8_t bytes[DIGEST_SIZE + 4];

    /* Another plaintext could never get the same IV, whatever became of what was kept. */
    memcpy(bytes, transfer->plain, DIGEST_SIZE);
    write_be32(bytes + DIGEST_SIZE, chunk);
    return hkdf_sha256(VIEW_OF(transfer->id), VIEW_OF(transfer->seed), VIEW_OF(bytes), out);
}

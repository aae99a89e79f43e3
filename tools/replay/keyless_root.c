/* keyless_root.c: see keyless_root.h. */
#include "keyless_root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "proof.h"
#include "recompute_tree.h"
#include "record.h"

struct leaves {
    struct recompute_leaf *list;
    size_t count, incomplete; /* transfers that lack a chunk */
};

static void leaves_free(struct leaves *leaves)
{
    free(leaves->list);
}

static int compare_leaves(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_SIZE);
}

static bool has_leaf(const struct leaves *leaves, const struct recompute_leaf *leaf)
{
    for (size_t i = 0; i < leaves->count; i++)
        if (memcmp(&leaves->list[i], leaf, sizeof *leaf) == 0)
            return true;
    return false;
}

static enum status add_leaf(struct leaves *leaves, const struct recompute_leaf *leaf)
{
    struct recompute_leaf *grown;

    if (has_leaf(leaves, leaf))
        return STATUS_OK; /* offered twice */
    if (leaves->count % 64 == 0) {
        grown = realloc(leaves->list, (leaves->count + 64) * sizeof *grown);
        if (grown == NULL)
            return STATUS_IO;
        leaves->list = grown;
    }
    leaves->list[leaves->count++] = *leaf;
    return STATUS_OK;
}

static enum status take_offer(struct source *source, struct leaves *leaves, const struct captured *message,
                              const struct cose_encrypt0 *parts)
{
    CLEANUP(gathered_free) struct gathered update = {0};
    char device[NAME_MAX_LEN];
    struct gather_of of = {.aggregator = message->where.aggregator, .round = message->where.round, .from = message->id};
    struct recompute_leaf leaf;
    uint8_t digest[DIGEST_SIZE];
    enum status status;

    memcpy(device, message->where.device.ptr, message->where.device.len);
    of.device = (struct view){(const uint8_t *)device, message->where.device.len};
    memcpy(of.transfer, parts->chunk.transfer.ptr, TRANSFER_SIZE);
    status = gather_update(source, &of, &update);
    leaves->incomplete += status == STATUS_CHUNK_MISSING;
    if (status != STATUS_OK)
        return status == STATUS_IO ? status : STATUS_OK;
    TRY(gathered_digest(&update, digest));
    TRY(recompute_leaf_of(of.device, of.round, VIEW_OF(digest), &leaf));
    return add_leaf(leaves, &leaf);
}

static enum status find_leaves(struct source *source, struct view aggregator, uint32_t round, struct leaves *leaves)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    struct cose_encrypt0 parts;
    enum status status;

    query.kind = TOPIC_UPDATE;
    query.aggregator = aggregator;
    query.round = round;
    query.chunk = 0;
    TRY(source_find(source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK)
        if (message.parsed && !proof_looks_like(message.payload) &&
            cose_encrypt0_decode(message.payload, &parts) == STATUS_OK && parts.chunk.transfer.len == TRANSFER_SIZE)
            TRY(take_offer(source, leaves, &message, &parts));
    qsort(leaves->list, leaves->count, sizeof *leaves->list, compare_leaves);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status read_record(struct source *source, int64_t id, uint32_t *counted, uint8_t root[static DIGEST_SIZE])
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    struct cose_sign1 parts;
    struct record record;

    query.from = query.to = id;
    TRY(source_find(source, &query, &cursor));
    TRY(source_next(cursor, &message));
    TRY(cose_sign1_decode(message.payload, &parts));
    TRY(record_decode(parts.payload, &record));
    *counted = record.counted;
    memcpy(root, record.root.ptr, DIGEST_SIZE);
    return STATUS_OK;
}

static void free_flags(bool **flags)
{
    free(*flags);
}

enum status keyless_root(struct source *source, struct view aggregator, const struct index_round *round,
                         char why[static DIFFER_MAX])
{
    CLEANUP(leaves_free) struct leaves leaves = {0};
    CLEANUP(free_flags) bool *chosen = NULL;
    uint8_t root[DIGEST_SIZE];
    uint32_t counted = 0;
    enum status status = read_record(source, round->record, &counted, root);

    if (status == STATUS_OK)
        status = find_leaves(source, aggregator, round->round, &leaves);
    if (status == STATUS_OK && counted == 0)
        return STATUS_OK;
    chosen = calloc(leaves.count + 1, sizeof *chosen);
    if (chosen == NULL)
        return STATUS_IO;
    if (status == STATUS_OK)
        status = leaves.count < counted ? STATUS_NOT_FOUND
                                        : recompute_choose(leaves.list, leaves.count, counted, VIEW_OF(root), chosen);
    (void)snprintf(
        why, DIFFER_MAX,
        "round %u: its %u counted updates are not all in the capture: of its round %zu are whole and %zu lack "
        "a chunk%s",
        (unsigned int)round->round, (unsigned int)counted, leaves.count, leaves.incomplete,
        status == STATUS_OUT_OF_RANGE ? "; there are too many choices to try" : "");
    return status;
}

/* index.c: see index.h. */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "cose.h"
#include "heap.h"
#include "record.h"

void index_free(struct index *index)
{
    for (size_t i = 0; i < index->boot_count; i++) {
        heap_give(&index->boots[i].bundle);
        wipe(index->boots[i].secret, ESCROW_SIZE);
    }
    free(index->boots);
    free(index->rounds);
    *index = (struct index){0};
}

static size_t find_boot(const struct index *index, struct view boot_id)
{
    for (size_t i = 0; i < index->boot_count; i++)
        if (view_equal(VIEW_OF(index->boots[i].boot_id), boot_id))
            return i;
    return INDEX_NO_BOOT;
}

const struct index_boot *index_boot_of(const struct index *index, struct view boot_id)
{
    const size_t at = find_boot(index, boot_id);

    return at == INDEX_NO_BOOT ? NULL : &index->boots[at];
}

const struct index_round *index_round_at(const struct index *index, int64_t manifest)
{
    size_t low = 0, high = index->round_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (index->rounds[middle].manifest < manifest)
            low = middle + 1;
        else
            high = middle;
    }
    return low < index->round_count && index->rounds[low].manifest == manifest ? &index->rounds[low] : NULL;
}

/* One more of a list that grows by half. STATUS_IO. */
static enum status grow(void *list, size_t count, size_t size)
{
    void *old, *grown;

    memcpy(&old, list, sizeof old);
    if (count < 16 ? count > 0 && count % 4 != 0 : (count & (count - 1)) != 0)
        return STATUS_OK;
    grown = realloc(old, (count < 16 ? count + 4 : 2 * count) * size);
    if (grown == NULL)
        return STATUS_IO;
    memcpy(list, &grown, sizeof grown);
    return STATUS_OK;
}

static enum status read_boot(struct index_boot *boot, const struct captured *message, bool *usable)
{
    struct bundle bundle;
    struct enclave_claims claims;
    struct cose_sign1 policy;

    *usable = false;
    TRY(heap_take(message->payload.len, &boot->bundle));
    TRY(buf_append(&boot->bundle, message->payload));
    *usable = bundle_decode(buf_view(&boot->bundle), &bundle) == STATUS_OK &&
              enclave_claims_decode(bundle.claims, &claims) == STATUS_OK &&
              cose_sign1_decode(bundle.policy, &policy) == STATUS_OK &&
              policy_decode(policy.payload, &boot->policy) == STATUS_OK &&
              cose_key_decode(claims.signing_key, boot->signing_point) == STATUS_OK &&
              cose_key_decode(claims.sealing_key, boot->sealing_point) == STATUS_OK;
    if (!*usable)
        return STATUS_OK;
    memcpy(boot->boot_id, claims.boot_id.ptr, BOOT_ID_SIZE);
    boot->booted = claims.booted;
    boot->evidence = message->id;
    boot->at_us = message->at_us;
    return STATUS_OK;
}

static enum status take_evidence(struct index *index, struct source *source, const struct captured *message)
{
    struct index_boot boot = {.evidence = 0};
    struct buf secret = BUF_OF(boot.secret);
    bool usable;
    enum status status = read_boot(&boot, message, &usable);

    if (status == STATUS_OK && usable && find_boot(index, VIEW_OF(boot.boot_id)) == INDEX_NO_BOOT) {
        boot.has_secret = capture_parts_secret(&source->parts, VIEW_OF(boot.boot_id), &secret) == STATUS_OK &&
                          secret.len == secret.cap;
        status = grow(&index->boots, index->boot_count, sizeof boot);
        if (status == STATUS_OK) {
            index->boots[index->boot_count++] = boot;
            wipe(boot.secret, sizeof boot.secret);
            return STATUS_OK;
        }
    }
    heap_give(&boot.bundle);
    return status;
}

static bool manifest_of(struct view message, struct manifest *out, uint8_t digest[static DIGEST_SIZE])
{
    struct cose_sign1 parts;

    return cose_sign1_decode(message, &parts) == STATUS_OK && manifest_decode(parts.payload, out) == STATUS_OK &&
           sha256(parts.payload, digest) == STATUS_OK;
}

static enum status take_manifest(struct index *index, const struct captured *message)
{
    struct index_round *last = index->round_count > 0 ? &index->rounds[index->round_count - 1] : NULL;
    struct index_round round = {.manifest = message->id, .retained = message->retained};
    struct manifest manifest;

    if (!manifest_of(message->payload, &manifest, round.digest) ||
        (last != NULL && view_equal(VIEW_OF(last->digest), VIEW_OF(round.digest))))
        return STATUS_OK;
    memcpy(round.boot_id, manifest.boot_id.ptr, BOOT_ID_SIZE);
    round.round = manifest.round;
    round.task = manifest.task;
    if (last != NULL)
        last->until = message->id;
    TRY(grow(&index->rounds, index->round_count, sizeof round));
    index->rounds[index->round_count++] = round;
    return STATUS_OK;
}

static void take_record(struct index *index, const struct captured *message)
{
    struct cose_sign1 parts;
    struct record record;

    if (cose_sign1_decode(message->payload, &parts) != STATUS_OK || record_decode(parts.payload, &record) != STATUS_OK)
        return;
    for (size_t i = index->round_count; i-- > 0;) {
        struct index_round *round = &index->rounds[i];
        if (round->round == record.round && round->task == record.task && round->record == 0 &&
            view_equal(VIEW_OF(round->boot_id), record.boot_id)) {
            round->record = message->id;
            return;
        }
    }
}

/* One kind after the other: each is found by its index, and a record may stand before its manifest. */
static enum status take_kind(struct index *index, struct source *source, struct view aggregator, enum topic_kind kind)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    enum status status;

    query.kind = (int)kind;
    query.aggregator = aggregator;
    TRY(source_find(source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK) {
        if (kind == TOPIC_EVIDENCE)
            TRY(take_evidence(index, source, &message));
        else if (kind == TOPIC_ROUND)
            TRY(take_manifest(index, &message));
        else
            take_record(index, &message);
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status count_aggregators(struct index *index, struct source *source, struct view ours)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    enum status status;

    query.kind = TOPIC_EVIDENCE;
    index->aggregators = 1;
    TRY(source_find(source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK)
        if (message.parsed && !view_equal(message.where.aggregator, ours))
            index->aggregators = 2;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status index_read(struct source *source, struct view aggregator, struct index *out)
{
    TRY(take_kind(out, source, aggregator, TOPIC_EVIDENCE));
    TRY(take_kind(out, source, aggregator, TOPIC_ROUND));
    TRY(take_kind(out, source, aggregator, TOPIC_RECORD));
    for (size_t i = 0; i < out->round_count; i++)
        out->rounds[i].boot = find_boot(out, VIEW_OF(out->rounds[i].boot_id));
    return count_aggregators(out, source, aggregator);
}

enum status index_aggregator(struct source *source, char name[static NAME_MAX_LEN + 1])
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;

    query.kind = TOPIC_EVIDENCE;
    TRY(source_find(source, &query, &cursor));
    TRY(source_next(cursor, &message));
    if (!message.parsed)
        return STATUS_NOT_FOUND;
    memcpy(name, message.where.aggregator.ptr, message.where.aggregator.len);
    name[message.where.aggregator.len] = '\0';
    return STATUS_OK;
}

/* verify_quiet.c: updates that were refused without a word, or whose receipt is not in the capture: a record tells that
 * they were there. They leave no trace but a number in it, or a place under its root; see verify_private.h. */
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "proof.h"
#include "verify_private.h"

/* A transfer that was offered. */
struct offer {
    char device[NAME_MAX_LEN];
    size_t device_len;
    struct gather_of of;
};

struct offers {
    struct offer *list;
    size_t count;
};

static void offers_free(struct offers *offers)
{
    free(offers->list);
}

static enum status add_offer(struct offers *offers, const struct captured *message, const struct cose_encrypt0 *parts)
{
    struct offer *grown;
    struct offer *offer;

    if (offers->count % 16 == 0) {
        grown = realloc(offers->list, (offers->count + 16) * sizeof *grown);
        if (grown == NULL)
            return STATUS_IO;
        offers->list = grown;
    }
    offer = &offers->list[offers->count++];
    memset(offer, 0, sizeof *offer);
    memcpy(offer->device, message->where.device.ptr, message->where.device.len);
    offer->device_len = message->where.device.len;
    offer->of.round = message->where.round;
    memcpy(offer->of.transfer, parts->chunk.transfer.ptr, TRANSFER_SIZE);
    return STATUS_OK;
}

/* Every time that a first chunk came while the round was open, unless its transfer has a receipt. */
static enum status find_offers(struct verifying *verifying, struct offers *offers)
{
    CLEANUP(source_cursor_free) struct source_cursor *cursor = NULL;
    struct capture_query query = CAPTURE_ALL;
    struct captured message;
    struct cose_encrypt0 parts;
    enum status status;

    query.kind = TOPIC_UPDATE;
    query.aggregator = verifying->place.aggregator;
    query.chunk = 0;
    query.from = verifying->at->manifest;
    query.to = verifying->at->record;
    TRY(source_find(verifying->source, &query, &cursor));
    while ((status = source_next(cursor, &message)) == STATUS_OK)
        if (message.parsed && !proof_looks_like(message.payload) &&
            cose_encrypt0_decode(message.payload, &parts) == STATUS_OK && parts.chunk.transfer.len == TRANSFER_SIZE &&
            !seen_has(&verifying->answered, message.where.device, parts.chunk.transfer))
            TRY(add_offer(offers, &message, &parts));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A core of the same boot that holds no model: it says why an update is refused before it may be counted. */
static enum status boot_probe(const struct verifying *verifying, struct replayed *probe)
{
    struct bundle bundle;
    struct gate_booted booted;
    struct replayed_boot from = {
        .aggregator = verifying->place.aggregator,
        .owner_key = VIEW_OF(verifying->owner_key),
        .boot_id = VIEW_OF(verifying->boot->boot_id),
        .secret = VIEW_OF(verifying->boot->secret),
        .booted = verifying->boot->booted,
    };

    TRY(bundle_decode(buf_view(&verifying->boot->bundle), &bundle));
    from.policy = bundle.policy;
    from.kind = bundle.kind;
    from.evidence = bundle.evidence;
    return replayed_boot(probe, &from, &booted);
}

static uint64_t wanted(const struct record *record, enum status reason)
{
    for (uint32_t i = 0; i < record->refusals.count; i++)
        if (record->refusals.list[i].reason == reason)
            return record->refusals.list[i].count;
    return 0;
}

/* Does the record need an update that is answered so? */
static bool is_needed(const struct verifying *verifying, const struct record *record, const struct gate_answer *probed,
                      uint32_t round)
{
    if (probed->message.len == 0)
        return verifying->refused[probed->reason] < wanted(record, probed->reason);
    return round == record->round && verifying->round.counted < record->counted;
}

static enum status try_offer(struct verifying *verifying, const struct record *record, struct replayed *probe,
                             struct offer *offer)
{
    CLEANUP(gathered_free) struct gathered update = {0};
    struct replayed_update sealed = {.device = {(const uint8_t *)offer->device, offer->device_len},
                                     .round = offer->of.round};
    struct gate_answer probed, made;
    bool was;

    offer->of.aggregator = verifying->place.aggregator;
    offer->of.device = sealed.device;
    if (gather_update(verifying->source, &offer->of, &update) != STATUS_OK)
        return STATUS_OK;
    sealed.count = update.count;
    sealed.chunks = update.chunks;
    TRY(replayed_update(probe, &sealed, &probed));
    if (!is_needed(verifying, record, &probed, sealed.round))
        return STATUS_OK;
    if (probed.message.len > 0)
        TRY(seen_add(&verifying->answered, sealed.device, VIEW_OF(offer->of.transfer), &was));
    else
        was = false;
    verifying->totals.unreceipted += probed.message.len > 0 && !was;
    return was ? STATUS_OK : verify_hand(verifying, &sealed, &made);
}

static bool is_short(const struct verifying *verifying, const struct record *record)
{
    for (uint32_t i = 0; i < record->refusals.count; i++)
        if (record->refusals.list[i].count > verifying->refused[record->refusals.list[i].reason])
            return true;
    return record->counted > verifying->round.counted;
}

enum status verify_quiet(struct verifying *verifying, const struct record *record)
{
    CLEANUP(offers_free) struct offers offers = {0};
    CLEANUP(replayed_end) struct replayed probe = {.core = NULL};
    enum status status;

    if (!is_short(verifying, record))
        return STATUS_OK;
    TRY(find_offers(verifying, &offers));
    if (offers.count == 0)
        return STATUS_OK;
    TRY(boot_probe(verifying, &probe));
    for (size_t i = 0; i < offers.count; i++) {
        status = try_offer(verifying, record, &probe, &offers.list[i]);
        if (status == STATUS_IO)
            return status;
    }
    return STATUS_OK;
}

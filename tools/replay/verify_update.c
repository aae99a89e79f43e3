/* verify_update.c: receipts, and the updates that they answer; see verify_private.h. */
#include <stdio.h>
#include <string.h>

#include "proof.h"
#include "verify_private.h"

/* So far behind a manifest the search for an update begins first: its chunks stand near it, for most. */
static int64_t near_start(const struct verifying *verifying)
{
    const struct index_round *at = verifying->at;

    return at == NULL || at == verifying->index->rounds ? 0 : (at - 1)->manifest;
}

enum status verify_hand(struct verifying *verifying, const struct replayed_update *update, struct gate_answer *out)
{
    TRY(replayed_update(&verifying->core, update, out));
    if (out->reason != STATUS_OK && (uint32_t)out->reason < STATUS_LIMIT)
        verifying->refused[out->reason]++;
    verifying->round.counted += out->reason == STATUS_OK && verifying->open;
    for (uint32_t i = 0; i < update->count; i++)
        verifying->round.bytes += update->chunks[i].len;
    return STATUS_OK;
}

/* Which chunk is to blame when an update is refused that was counted, or the other way round. */
static void blame_chunk(const struct verifying *verifying, struct view device, const struct gathered *update,
                        const struct gather_receipt *receipt, char out[static 64])
{
    struct place place = verifying->place;

    out[0] = '\0';
    place.device = device;
    place.round = receipt->receipt.round;
    for (uint32_t i = 0; i < update->count; i++) {
        static uint8_t memory[PACKET_MAX];
        struct buf plain = BUF_OF(memory);
        struct cose_encrypt0 parts;
        enum status status = cose_encrypt0_decode(update->chunks[i], &parts);
        if (status == STATUS_OK)
            status =
                bind_open0(PURPOSE_UPDATE, &place, (struct view){receipt->key_bytes, receipt->key_len}, &parts, &plain);
        wipe(memory, plain.len);
        if (status == STATUS_OK)
            continue;
        (void)snprintf(out, 64, "chunk %u does not open (%s): ", (unsigned int)i, status_name(status));
        return;
    }
}

/* What the replay said instead. */
static void tell_difference(struct verifying *verifying, const struct captured *message, const struct gathered *update,
                            const struct gather_receipt *receipt, const struct gate_answer *made)
{
    const struct view device = message->where.device, key = {receipt->key_bytes, receipt->key_len};
    uint8_t bytes[256];
    struct buf plain = BUF_OF(bytes);
    char why[DIFFER_MAX], blame[64];
    struct place place = verifying->place;
    struct cose_encrypt0 parts;
    struct receipt other;

    place.device = device;
    if (made->message.len == 0)
        (void)snprintf(why, sizeof why, "receipt: captured %s, replayed none (%s)",
                       status_name(receipt->receipt.reason), status_name(made->reason));
    else if (cose_encrypt0_decode(made->message, &parts) == STATUS_OK &&
             bind_open0(PURPOSE_RECEIPT, &place, key, &parts, &plain) == STATUS_OK &&
             receipt_decode(buf_view(&plain), &other) == STATUS_OK)
        differ_receipt(&receipt->receipt, &other, why);
    else
        (void)snprintf(why, sizeof why, "receipt: the replayed one does not open");
    blame_chunk(verifying, device, update, receipt, blame);
    verify_judge(verifying, VERDICT_DIFFERENT, "%.*s: %s%s%s", (int)device.len, (const char *)device.ptr, blame, why,
                 receipt->receipt.reason == STATUS_CREDENTIAL_REVOKED && verifying->revoked.len == 0
                     ? "; the revocation list that its boot began with is not in the capture"
                     : "");
}

static enum status replay_update(struct verifying *verifying, const struct captured *message,
                                 const struct cose_encrypt0 *parts, const struct gather_receipt *receipt,
                                 const struct gathered *update)
{
    const struct replayed_update sealed = {
        /* Its time is not known. It is the one that is left, unless the credential had to be over. */
        .now = receipt->receipt.reason == STATUS_CREDENTIAL_EXPIRED ? receipt->expires : 0,
        .device = message->where.device,
        .round = receipt->receipt.round,
        .count = update->count,
        .chunks = update->chunks,
        .iv = parts->iv,
    };
    struct gate_answer made;
    bool was;

    TRY(seen_add(&verifying->answered, message->where.device, receipt->receipt.transfer, &was));
    TRY(verify_hand(verifying, &sealed, &made));
    verifying->round.receipts++;
    if (!view_equal(made.message, message->payload))
        tell_difference(verifying, message, update, receipt, &made);
    return STATUS_OK;
}

/* Its update is looked for near the manifest first, then from the beginning. */
static enum status gather(struct verifying *verifying, struct gather_of *of, struct gathered *out)
{
    enum status status = gather_update(verifying->source, of, out);

    if (of->from == 0 || (status != STATUS_NOT_FOUND && status != STATUS_CHUNK_MISSING))
        return status;
    gathered_free(out);
    of->from = 0;
    return gather_update(verifying->source, of, out);
}

enum status verify_open_receipt(struct verifying *verifying, const struct captured *message,
                                const struct cose_encrypt0 *parts, struct gather_receipt *out)
{
    const struct gather_boot keys = verify_keys(verifying);
    const int64_t from = near_start(verifying);
    enum status status = gather_open_receipt(verifying->source, &keys, message->where.device, parts, from, out);

    if (status == STATUS_NOT_FOUND && from > 0)
        status = gather_open_receipt(verifying->source, &keys, message->where.device, parts, 0, out);
    return status;
}

static enum status answer(struct verifying *verifying, const struct captured *message,
                          const struct cose_encrypt0 *parts)
{
    CLEANUP(gathered_free) struct gathered update = {0};
    struct gather_receipt receipt;
    struct gather_of of = {
        .aggregator = verifying->place.aggregator, .device = message->where.device, .from = near_start(verifying)};
    const int name_len = (int)message->where.device.len;
    const char *name = (const char *)message->where.device.ptr;
    enum status status = verify_open_receipt(verifying, message, parts, &receipt);

    if (status == STATUS_NOT_FOUND) {
        /* In a capture of several aggregators it may be another's. */
        if (verifying->index->aggregators == 1)
            verify_judge(verifying, VERDICT_MISSING, "%.*s: no update that its receipt could answer is in the capture",
                         name_len, name);
        return STATUS_OK;
    }
    TRY(status);
    of.round = receipt.receipt.round;
    memcpy(of.transfer, receipt.receipt.transfer.ptr, TRANSFER_SIZE);
    status = gather(verifying, &of, &update);
    if (status == STATUS_CHUNK_MISSING)
        verify_judge(verifying, VERDICT_MISSING, "%.*s chunk %u is not in the capture: the round cannot be recomputed",
                     name_len, name, (unsigned int)update.missing);
    else if (status == STATUS_NOT_FOUND)
        verify_judge(verifying, VERDICT_MISSING, "%.*s: its update is not in the capture", name_len, name);
    else if (status == STATUS_CHUNK_MIXED)
        verify_judge(verifying, VERDICT_DIFFERENT, "%.*s: %s", name_len, name, status_text(status));
    else if (status == STATUS_OK)
        status = replay_update(verifying, message, parts, &receipt, &update);
    wipe(receipt.key_bytes, sizeof receipt.key_bytes);
    return status == STATUS_IO || status == STATUS_NO_SPACE ? status : STATUS_OK;
}

enum status verify_receipt(struct verifying *verifying, const struct captured *message)
{
    struct cose_encrypt0 parts;
    bool was;

    if (proof_looks_like(message->payload))
        return STATUS_OK;
    TRY(seen_add(&verifying->seen, message->where.device, message->payload, &was));
    if (was || verifying->boot == NULL || (verifying->at != NULL && verifying->round.verdict != VERDICT_SAME))
        return STATUS_OK;
    if (cose_encrypt0_decode(message->payload, &parts) != STATUS_OK) {
        verify_note(verifying, "%.*s: what came as a receipt is none", (int)message->where.device.len,
                    (const char *)message->where.device.ptr);
        return STATUS_OK;
    }
    return answer(verifying, message, &parts);
}

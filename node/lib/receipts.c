/* receipts.c: what the enclave says of an update. Source: PROTOCOL.md section 11. */
#include "steps_private.h"

#include "proof.h"
#include "receipt.h"

/* What a reason means for the update; any other than these: it is worthless. */
enum verdict { COUNTED, TOO_LATE, DAMAGED, UNENTITLED, WORTHLESS };

static enum verdict verdict_of(enum status reason)
{
    static const struct {
        enum status reason;
        enum verdict verdict;
    } table[] = {
        {STATUS_OK, COUNTED},
        {STATUS_ALREADY_COUNTED, COUNTED},
        {STATUS_WRONG_ROUND, TOO_LATE},
        {STATUS_NO_ROUND, TOO_LATE},
        {STATUS_COHORT_FULL, TOO_LATE},
        {STATUS_MALFORMED, DAMAGED},
        {STATUS_TRUNCATED, DAMAGED},
        {STATUS_FORGED, DAMAGED},
        {STATUS_CHUNK_MISSING, DAMAGED},
        {STATUS_CHUNK_REPEATED, DAMAGED},
        {STATUS_CHUNK_ORDER, DAMAGED},
        {STATUS_CHUNK_MIXED, DAMAGED},
        {STATUS_CREDENTIAL_EXPIRED, UNENTITLED},
        {STATUS_CREDENTIAL_FOREIGN, UNENTITLED},
        {STATUS_CREDENTIAL_ROLE, UNENTITLED},
        {STATUS_CREDENTIAL_NOT_YET, UNENTITLED},
        {STATUS_CREDENTIAL_REVOKED, UNENTITLED},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].reason == reason)
            return table[i].verdict;
    return WORTHLESS;
}

/* Opened with the key that the update was sealed with, and about that very update. */
static enum status check_receipt(const struct tacit_node *node, struct view payload, struct buf *plain,
                                 struct receipt *out)
{
    const struct transfer *transfer = &node->transfer;
    const struct view key = {transfer->grant.update_key, aead_key_size(transfer->grant.alg)};
    const struct place place = node_place(node);
    struct cose_encrypt0 message;

    if (node->work != SENDING)
        return STATUS_NOT_PERMITTED;
    TRY(cose_encrypt0_decode(payload, &message));
    if (message.alg != transfer->grant.alg || !view_equal(message.kid, VIEW_OF(transfer->grant.cti)))
        return STATUS_CREDENTIAL_FOREIGN;
    TRY(bind_open0(PURPOSE_RECEIPT, &place, key, &message, plain));
    TRY(receipt_decode(buf_view(plain), out));
    if (out->round != node->round.number || !view_equal(out->transfer, VIEW_OF(transfer->id)))
        return STATUS_WRONG_ROUND;
    /* A refused update may have been damaged on its way, so its digest may be another. */
    if (out->reason == STATUS_OK && !view_equal(out->update_digest, VIEW_OF(transfer->digest)))
        return STATUS_FORGED;
    return STATUS_OK;
}

static void try_again(struct tacit_node *node, enum verdict verdict)
{
    if (node->round.reseals++ >= RESEALS_MAX) {
        work_try(node, SETTLED, NULL);
        return;
    }
    sealed_forget(node); /* these bytes are worth nothing */
    if (verdict == DAMAGED) {
        work_try(node, UNSETTLED, NULL);
        return;
    }
    /* It is sealed again as soon as there is a new credential. */
    round_supersede(node);
    (void)membership_step(node, LAPSED, NULL);
}

enum status receipt_take(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    uint8_t bytes[MESSAGE_MAX];
    struct buf plain = BUF_OF(bytes);
    struct receipt receipt;
    enum verdict verdict;

    (void)topic;
    if (proof_looks_like(payload))
        return claim_take_proof(node, payload);
    TRY(check_receipt(node, payload, &plain, &receipt));
    verdict = verdict_of(receipt.reason);
    node_event(node, verdict == COUNTED ? "counted" : "not_counted", "round=%u: %s", (unsigned int)node->round.number,
               status_text(receipt.reason));
    claim_receipted(node, receipt.reason);
    if (verdict == DAMAGED || verdict == UNENTITLED)
        try_again(node, verdict);
    else
        work_try(node, SETTLED, NULL);
    if (verdict == WORTHLESS)
        plain_forget(node);
    return STATUS_OK;
}

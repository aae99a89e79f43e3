/* claim.c: whether what this device sent is in a record: the enclave's receipt is its word, the proof shows it. Nothing
 * but events comes of it: a proof that is lost or withheld keeps no device from its work. Source: PROTOCOL.md section 12. */
#include "steps_private.h"

#include "proof.h"

#include <string.h>

#define TRIES_RECEIPTED   12 /* how often a proof is asked for: some hours */
#define TRIES_UNRECEIPTED 4  /* it may well not have been counted */

static const char key[] = "claim";

/* ---- the durable copy ---- */

#define CLAIM_SIZE     (4 + BOOT_ID_SIZE + SHA256_SIZE + 1 + 4 + 2 * DIGEST_SIZE)
#define FLAG_RECEIPTED 1
#define FLAG_RECORDED  2

static void pack(const struct claim *claim, uint8_t *at)
{
    write_be32(at, claim->round);
    memcpy(at += 4, claim->boot_id, BOOT_ID_SIZE);
    memcpy(at += BOOT_ID_SIZE, claim->leaf.bytes, SHA256_SIZE);
    *(at += SHA256_SIZE) = (uint8_t)((claim->receipted ? FLAG_RECEIPTED : 0) | (claim->recorded ? FLAG_RECORDED : 0));
    write_be32(at += 1, claim->counted);
    memcpy(at += 4, claim->record, DIGEST_SIZE);
    memcpy(at + DIGEST_SIZE, claim->root, DIGEST_SIZE);
}

static void unpack(const uint8_t *at, struct claim *claim)
{
    *claim = (struct claim){.round = read_be32(at)};
    memcpy(claim->boot_id, at += 4, BOOT_ID_SIZE);
    memcpy(claim->leaf.bytes, at += BOOT_ID_SIZE, SHA256_SIZE);
    at += SHA256_SIZE;
    claim->receipted = (*at & FLAG_RECEIPTED) != 0;
    claim->recorded = (*at & FLAG_RECORDED) != 0;
    claim->counted = read_be32(at += 1);
    memcpy(claim->record, at += 4, DIGEST_SIZE);
    memcpy(claim->root, at + DIGEST_SIZE, DIGEST_SIZE);
}

/* What cannot be kept is only forgotten by a restart. */
static void keep(struct tacit_node *node)
{
    uint8_t bytes[CLAIMS_MAX * CLAIM_SIZE];

    for (uint32_t i = 0; i < node->claim_count; i++)
        pack(&node->claims[i], bytes + i * CLAIM_SIZE);
    (void)node_keep(node, key, (struct view){bytes, node->claim_count * CLAIM_SIZE});
}

void claim_restore(struct tacit_node *node)
{
    uint8_t bytes[CLAIMS_MAX * CLAIM_SIZE];
    struct buf kept = BUF_OF(bytes);

    node->claim_count = 0;
    if (node_load(node, key, &kept) != STATUS_OK || kept.len % CLAIM_SIZE != 0)
        return;
    for (; node->claim_count < kept.len / CLAIM_SIZE; node->claim_count++)
        unpack(bytes + node->claim_count * CLAIM_SIZE, &node->claims[node->claim_count]);
}

/* ---- how they go on ---- */

static struct claim *find(struct tacit_node *node, uint32_t round, struct view boot_id)
{
    for (uint32_t i = node->claim_count; i > 0; i--)
        if (node->claims[i - 1].round == round && view_equal(VIEW_OF(node->claims[i - 1].boot_id), boot_id))
            return &node->claims[i - 1];
    return NULL;
}

static void drop(struct tacit_node *node, struct claim *claim)
{
    const size_t behind = (size_t)(node->claims + node->claim_count - (claim + 1));

    memmove(claim, claim + 1, behind * sizeof *claim);
    node->claim_count--;
    keep(node);
}

/* What was not receipted was never promised. */
static void give_up(struct tacit_node *node, struct claim *claim, const char *why)
{
    if (claim->receipted)
        node_event(node, "unproven", "round=%u: counted by its receipt, but %s", (unsigned int)claim->round, why);
    drop(node, claim);
}

enum status claim_sealed(struct tacit_node *node)
{
    struct claim claim = {.round = node->round.number}, *before;

    memcpy(claim.boot_id, node->trust.boot_id, sizeof claim.boot_id);
    TRY(merkle_leaf(view_of_string(node->device), claim.round, VIEW_OF(node->transfer.digest), &claim.leaf));
    before = find(node, claim.round, VIEW_OF(claim.boot_id));
    if (before != NULL)
        drop(node, before); /* sealed anew */
    if (node->claim_count == CLAIMS_MAX && node->claims[0].recorded)
        give_up(node, &node->claims[0], "no proof of it came");
    else if (node->claim_count == CLAIMS_MAX)
        drop(node, &node->claims[0]);
    node->claims[node->claim_count++] = claim;
    keep(node);
    return STATUS_OK;
}

void claim_receipted(struct tacit_node *node, enum status reason)
{
    struct claim *claim = find(node, node->round.number, VIEW_OF(node->trust.boot_id));

    if (claim == NULL)
        return;
    if (reason != STATUS_OK) {
        drop(node, claim); /* ALREADY_COUNTED speaks of one that was sealed before this one */
        return;
    }
    claim->receipted = true;
    keep(node);
}

/* Index and path lead from the leaf to the root of the record. */
static enum status verify(struct tacit_node *node, struct claim *claim, const struct proof *proof)
{
    const struct merkle_claim said = {claim->leaf, proof->index, claim->counted, proof->path, proof->path_len};

    TRY(merkle_verify(&said, VIEW_OF(claim->root)));
    node_event(node, "included", "round=%u leaf=%u of %u", (unsigned int)claim->round, (unsigned int)proof->index,
               (unsigned int)claim->counted);
    drop(node, claim);
    return STATUS_OK;
}

void claim_recorded(struct tacit_node *node, const struct record *record, const uint8_t digest[static DIGEST_SIZE])
{
    struct claim *claim = find(node, record->round, record->boot_id);
    const struct proof no_path = {.index = 0};

    if (claim == NULL || claim->recorded)
        return;
    claim->recorded = true;
    claim->counted = record->counted;
    memcpy(claim->record, digest, sizeof claim->record);
    memcpy(claim->root, record->root.ptr, sizeof claim->root);
    if (claim->counted > 1) {
        keep(node);
        /* Not all devices at once. */
        retry_later(node, &claim->retry, RETRY_MIN_S, DENIED_MAX_S);
        return;
    }
    /* An only leaf is the root. */
    if (claim->counted == 0 || verify(node, claim, &no_path) != STATUS_OK)
        give_up(node, claim, "the round's record has no room for it");
}

enum status claim_take_proof(struct tacit_node *node, struct view payload)
{
    struct proof proof;

    TRY(proof_decode(payload, &proof));
    for (uint32_t i = 0; i < node->claim_count; i++) {
        struct claim *claim = &node->claims[i];
        if (claim->recorded && claim->round == proof.round && view_equal(VIEW_OF(claim->record), proof.record))
            return verify(node, claim, &proof);
    }
    return STATUS_EXISTS; /* once more, or of a round that was given up */
}

static void ask(struct tacit_node *node, struct claim *claim)
{
    const struct proof_request request = {claim->round, VIEW_OF(claim->record), VIEW_OF(claim->leaf.bytes)};
    uint8_t bytes[128];
    struct buf message = BUF_OF(bytes);

    if (proof_request_encode(&request, &message) != STATUS_OK ||
        node_publish(node, TOPIC_UPDATE, &(struct topic){.round = claim->round}, buf_view(&message)) == STATUS_BUSY)
        return;
    claim->tries++;
    retry_later(node, &claim->retry, RETRY_MIN_S, DENIED_MAX_S);
}

void claim_advance(struct tacit_node *node)
{
    /* From the last on, for giving one up moves those behind it. */
    for (uint32_t i = node->claim_count; i > 0 && node->connected; i--) {
        struct claim *claim = &node->claims[i - 1];
        if (!claim->recorded || !retry_due(&claim->retry, node->now))
            continue;
        if (claim->tries == (claim->receipted ? TRIES_RECEIPTED : TRIES_UNRECEIPTED))
            give_up(node, claim, "no proof of it came");
        else
            ask(node, claim);
    }
}

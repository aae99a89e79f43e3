/* records.c: the chain of round records, of which this device remembers the head. Source: PROTOCOL.md section 12. */
#include "steps_private.h"

#include <stdio.h>
#include <string.h>

#define METRICS_TEXT_MAX 768

static const char key[] = "head";

#define HEAD_SIZE (4 + DIGEST_SIZE + 8) /* round, digest, version of the policy that it was seen under */

void record_restore(struct tacit_node *node)
{
    uint8_t bytes[HEAD_SIZE];
    struct buf kept = BUF_OF(bytes);

    if (node_load(node, key, &kept) != STATUS_OK || kept.len != sizeof bytes)
        return;
    node->head.known = true;
    node->head.round = read_be32(bytes);
    memcpy(node->head.digest, bytes + 4, DIGEST_SIZE);
    node->head.policy_version = read_be64(bytes + 4 + DIGEST_SIZE);
}

bool record_head_binds(const struct tacit_node *node)
{
    return node->head.known && node->head.policy_version == node->trust.policy_version;
}

/* Durable before it is believed: what was seen once cannot be unseen. */
static enum status keep_head(struct tacit_node *node, const struct record *record,
                             const uint8_t digest[static DIGEST_SIZE])
{
    uint8_t bytes[HEAD_SIZE];

    write_be32(bytes, record->round);
    memcpy(bytes + 4, digest, DIGEST_SIZE);
    write_be64(bytes + 4 + DIGEST_SIZE, node->trust.policy_version);
    TRY(node_keep(node, key, VIEW_OF(bytes)));
    if (record_head_binds(node) && !view_equal(record->previous, VIEW_OF(node->head.digest))) {
        node->gap = node->head;
        memcpy(node->behind_gap, record->previous.ptr, DIGEST_SIZE);
    }
    node->head = (struct seen){.known = true, .round = record->round, .policy_version = node->trust.policy_version};
    memcpy(node->head.digest, digest, DIGEST_SIZE);
    return STATUS_OK;
}

enum status record_follows(const struct tacit_node *node, uint32_t round, struct view previous)
{
    const struct view head = VIEW_OF(node->head.digest);

    if (!record_head_binds(node))
        return STATUS_OK;
    if (round == node->head.round)
        return STATUS_EXISTS;
    if (round < node->head.round)
        return STATUS_CHAIN_BACK;
    /* Of a later round than the next, records between may have been missed; that there was none before is a lie. */
    if (previous.len == 0 || (round == node->head.round + 1 && !view_equal(previous, head)) ||
        links_lead_to(node, &node->head, previous) == STATUS_CHAIN_FORK)
        return STATUS_CHAIN_FORK;
    return STATUS_OK;
}

/* An old one, which is signed itself: of the round seen and another record, or of the next round and behind another. */
static bool contradicts_gap(const struct tacit_node *node, const struct record *record, struct view digest)
{
    const struct seen *gap = &node->gap;
    const struct view before = VIEW_OF(gap->digest);

    if (!gap->known || gap->policy_version != node->head.policy_version)
        return false;
    return (record->round == gap->round && !view_equal(digest, before)) ||
           (record->round == gap->round + 1 && !view_equal(record->previous, before));
}

/* It is of the enclave that is trusted now, and of the place where it came. */
static enum status check_place(const struct tacit_node *node, const struct record *record, uint32_t round)
{
    if (record->round != round)
        return STATUS_MALFORMED;
    if (!view_equal(record->boot_id, VIEW_OF(node->trust.boot_id)))
        return STATUS_CREDENTIAL_FOREIGN;
    if (!view_equal(record->policy_digest, VIEW_OF(node->trust.policy_digest)))
        return STATUS_POLICY_OTHER;
    return STATUS_OK;
}

static enum status check_record(const struct tacit_node *node, const struct record *record, struct view digest)
{
    const struct round *now = &node->round;
    const uint32_t round = record->round;
    enum status follows = record_follows(node, round, record->previous);

    if ((follows == STATUS_EXISTS && !view_equal(digest, VIEW_OF(node->head.digest))) ||
        (follows == STATUS_CHAIN_BACK && contradicts_gap(node, record, digest)))
        return STATUS_CHAIN_FORK;
    /* Older ones are retained beside the last. */
    TRY(follows == STATUS_CHAIN_BACK ? STATUS_EXISTS : follows);
    /* The round behind it may have been announced before it came. */
    if (now->known && now->number == round + 1 && (!now->has_previous || !view_equal(digest, VIEW_OF(now->previous))))
        return STATUS_CHAIN_FORK;
    return STATUS_OK;
}

static void tell_record(struct tacit_node *node, const struct record *record)
{
    char metrics[METRICS_TEXT_MAX] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < record->metrics.count; i++) {
        const struct metric *metric = &record->metrics.list[i];

        len += (size_t)snprintf(metrics + len, sizeof metrics - len, " %.*s=%.6f", (int)metric->name.len,
                                (const char *)metric->name.ptr, (double)metric->value / 1e6);
    }
    node_event(node, "record", "round=%u reason=%s counted=%u samples=%llu simulated=%d%s", (unsigned int)record->round,
               status_name(record->reason), (unsigned int)record->counted, (unsigned long long)record->samples,
               record->simulated, metrics);
}

/* What was missed may come behind what it came before; it is believed when the head, which was, leads to it. */
static void watch_gap(struct tacit_node *node)
{
    const struct seen head = node->head;
    enum status status;

    if (!node->gap.known || !record_head_binds(node) || node->gap.policy_version != head.policy_version)
        return;
    status = links_lead_to(node, &node->gap, VIEW_OF(node->behind_gap));
    if (status == STATUS_NOT_FOUND)
        return;
    node->gap.known = false;
    if (status == STATUS_CHAIN_FORK)
        fork_seen(node, head.round, head.digest);
}

enum status record_take(struct tacit_node *node, const struct topic *topic, struct view payload)
{
    struct place place = node_place(node);
    uint8_t digest[DIGEST_SIZE];
    enum status status;
    struct record record;
    struct view bytes;

    links_hear(node, topic->round, payload);
    watch_gap(node);
    place.round = topic->round;
    TRY(bind_verify(PURPOSE_RECORD, &place, VIEW_OF(node->trust.signing), payload, &bytes));
    TRY(record_decode(bytes, &record));
    TRY(sha256(bytes, digest));
    TRY(check_place(node, &record, topic->round));
    TRY(fork_check(node));
    status = check_record(node, &record, VIEW_OF(digest));
    /* What the trusted enclave signed, and nothing else: a manifest of a round that was never closed proves no fork. */
    if (status == STATUS_CHAIN_FORK)
        fork_seen(node, record.round, digest);
    if (status == STATUS_OK || status == STATUS_EXISTS)
        claim_recorded(node, &record, digest);
    TRY(status);
    TRY(keep_head(node, &record, digest));
    tell_record(node, &record);
    if (node->round.known && node->round.number <= record.round)
        round_supersede(node);
    /* Without a release the next round asks for the same work: then the update serves once more. */
    if (node->plain.len > 0 && node->about.round <= record.round && record.reason == STATUS_OK)
        plain_forget(node);
    return STATUS_OK;
}

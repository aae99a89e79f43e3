/* fork.c: a fork of the record chain is remembered, and nothing is taken that builds on it, until the owner raises the
 * policy's version. Source: PROTOCOL.md section 12, docs/adr/0013. */
#include "steps_private.h"

#include "account.h"

#include <string.h>

void fork_restore(struct tacit_node *node)
{
    uint8_t bytes[ACCOUNT_FORK_SIZE];
    struct buf kept = BUF_OF(bytes);

    if (node_load(node, ACCOUNT_FORK, &kept) != STATUS_OK || kept.len != sizeof bytes)
        return;
    node->fork = (struct seen){.known = true, .round = read_be32(bytes + 8), .policy_version = read_be64(bytes)};
    memcpy(node->fork.digest, bytes + 12, DIGEST_SIZE);
    node->fork_kept = true;
}

/* A device takes no policy of a lower version than it has seen; if it did, it would be no word of the owner's. */
static bool binds(const struct tacit_node *node)
{
    return node->fork.known && node->trust.policy_version <= node->fork.policy_version;
}

/* What could not be kept is refused all the same, until a restart; it is tried again with each refusal. */
static void keep(struct tacit_node *node)
{
    uint8_t bytes[ACCOUNT_FORK_SIZE];

    write_be64(bytes, node->fork.policy_version);
    write_be32(bytes + 8, node->fork.round);
    memcpy(bytes + 12, node->fork.digest, DIGEST_SIZE);
    node->fork_kept = node_keep(node, ACCOUNT_FORK, VIEW_OF(bytes)) == STATUS_OK;
}

void fork_seen(struct tacit_node *node, uint32_t round, const uint8_t digest[static DIGEST_SIZE])
{
    char text[2 * DIGEST_SIZE + 1];

    node->fork = (struct seen){.known = true, .round = round, .policy_version = node->trust.policy_version};
    memcpy(node->fork.digest, digest, DIGEST_SIZE);
    keep(node);
    hex_encode(VIEW_OF(node->fork.digest), text);
    node_event(node, "fork",
               "round=%u record=%s policy=%llu: it contradicts a record seen before: no round is taken part "
               "in until the owner's policy has a higher version",
               (unsigned int)round, text, (unsigned long long)node->fork.policy_version);
    node->fork_told = node->now;
    /* What is under way may be for the fork. */
    round_supersede(node);
    node->round.known = false;
}

enum status fork_check(struct tacit_node *node)
{
    if (!binds(node))
        return STATUS_OK;
    if (!node->fork_kept)
        keep(node);
    return STATUS_CHAIN_STOPPED;
}

void fork_tell(struct tacit_node *node, const char *what)
{
    if (node->fork_told > 0 && node->now >= node->fork_told && node->now - node->fork_told < REFUSAL_EVERY_S)
        return;
    node->fork_told = node->now;
    node_event(node, "fork", "%s: %s (round %u, policy %llu)", what, status_text(STATUS_CHAIN_STOPPED),
               (unsigned int)node->fork.round, (unsigned long long)node->fork.policy_version);
}

/* links.c: how records lead back to one that this device has seen. What a record says of the one before it needs no signature
 * when its digest stands in something that is signed: so a chain can be followed over boots of the enclave that this device
 * slept through. Source: PROTOCOL.md section 12. */
#include "steps_private.h"

#include "cose.h"

#include <string.h>

void links_hear(struct tacit_node *node, uint32_t round, struct view message)
{
    struct link *link = &node->links[round % LINKS_MAX];
    struct cose_sign1 parts;
    struct record record;
    uint8_t digest[DIGEST_SIZE];

    if (cose_sign1_decode(message, &parts) != STATUS_OK || record_decode(parts.payload, &record) != STATUS_OK ||
        record.round != round || sha256(parts.payload, digest) != STATUS_OK)
        return;
    *link = (struct link){.round = round, .has_previous = record.previous.len > 0};
    memcpy(link->digest, digest, DIGEST_SIZE);
    if (link->has_previous)
        memcpy(link->previous, record.previous.ptr, DIGEST_SIZE);
}

static const struct link *find(const struct tacit_node *node, struct view digest)
{
    for (size_t i = 0; i < LINKS_MAX; i++)
        if (node->links[i].round > 0 && view_equal(VIEW_OF(node->links[i].digest), digest))
            return &node->links[i];
    return NULL;
}

enum status links_lead_to(const struct tacit_node *node, const struct seen *seen, struct view digest)
{
    for (size_t i = 0; i < LINKS_MAX && !view_equal(digest, VIEW_OF(seen->digest)); i++) {
        const struct link *link = find(node, digest);

        if (link == NULL)
            return STATUS_NOT_FOUND;
        digest = VIEW_OF(link->previous);
        /* Numbers ascend along a chain: there is nothing between what was seen and the next one. */
        if (link->round <= seen->round || !link->has_previous ||
            (link->round == seen->round + 1 && !view_equal(digest, VIEW_OF(seen->digest))))
            return STATUS_CHAIN_FORK;
    }
    return STATUS_OK;
}

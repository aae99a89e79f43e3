/* node_step.c: what must hold of a node's state after each event; see each_step.c. (Its headers and the enclave's do not go
 * together.) */
#include <string.h>

#include "node_private.h"
#include "simulation.h"
#include "steps_private.h"

/* The node lives in what its caller lent: what it says of it, and that it did not write beyond. */
static void check_node(struct sim *sim, const struct device *device)
{
    const struct tacit_node *node = device->node;
    static const uint8_t canary[] = SIM_CANARY;

    invariant_memory_bounded(sim, memcmp(device->memory + device->memory_size, canary, sizeof canary - 1) == 0,
                             "the lent memory", device->name);
    invariant_memory_bounded(sim, node->model.len <= node->model.cap && node->plain.len <= node->plain.cap, "a buffer",
                             device->name);
    invariant_memory_bounded(sim, node->claim_count <= CLAIMS_MAX, "the proofs that are awaited", device->name);
    invariant_memory_bounded(sim, device->client.wanted.count <= 12 + FETCH_WINDOW, "the subscriptions", device->name);
}

/* What a node believes is what it kept, or, when a write was in doubt, what it kept before that. */
static void check_head(struct sim *sim, const struct device *device)
{
    const struct tacit_node *node = device->node;
    const struct chain_head *kept = &device->accepted;

    if (!node->head.known)
        return;
    if (!kept->any || node->head.round > kept->round ||
        (node->head.round == kept->round && memcmp(node->head.digest, kept->digest, DIGEST_SIZE) != 0))
        sim_violate(sim, "no_fork_accepted", "%s believes a record of round %u that it did not keep", device->name,
                    node->head.round);
}

void invariants_of_node(struct device *device)
{
    check_node(device->sim, device);
    check_head(device->sim, device);
}

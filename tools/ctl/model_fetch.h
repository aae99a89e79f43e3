/* model_fetch.h: fetches the model that the aggregator announces: manifest and sealed chunks, as the broker retains
 * them. Source: PROTOCOL.md sections 7, 8. */
#ifndef CTL_MODEL_FETCH_H
#define CTL_MODEL_FETCH_H

#include "profile.h"
#include "wire_limits.h"

/** Which key opens the chunks: of one boot of the enclave. */
struct model_fetch_key {
    struct view model_key, boot_id;
};

/** A model, whose digest is the one that the enclave signed. Starts as {0}; encoded is given back with heap_give. */
struct fetched_model {
    struct buf encoded;
    uint8_t digest[DIGEST_SIZE];
    uint32_t round; /* under whose number it was announced */
    bool simulated;
};

/** Returns what session_run returns; STATUS_CREDENTIAL_FOREIGN when the enclave was started anew meanwhile. */
MUST_USE enum status model_fetch(const struct profile *profile, const struct model_fetch_key *key,
                                 struct fetched_model *out, struct reason *reason);

#endif

/* owner_client.h: asks the enclave something as the owner. Source: PROTOCOL.md section 6. */
#ifndef CTL_OWNER_CLIENT_H
#define CTL_OWNER_CLIENT_H

#include "owner.h"
#include "profile.h"

/** What is asked. */
struct owner_wish {
    enum owner_command command;
    struct view model;   /* OWNER_PUT_MODEL: encoded */
    struct plan plan;    /* OWNER_START; target 0: the policy's minimum cohort */
    struct view revoked; /* OWNER_REVOKE: the signed list */
};

/** What was answered. Wipe with owner_outcome_wipe. */
struct owner_outcome {
    bool has_model, simulated;
    uint32_t round;       /* the last one that was opened, 0 for none */
    uint64_t revocations; /* version of the list that the enclave holds, 0 for none */
    uint8_t model_digest[DIGEST_SIZE], model_key[AEAD_KEY_MAX], boot_id[BOOT_ID_SIZE];
    uint8_t escrow[ESCROW_SIZE]; /* OWNER_ESCROW, when it was answered STATUS_OK with it; else zeros */
};

void owner_outcome_wipe(struct owner_outcome *outcome);

/**
 * Connects, appraises the aggregator, sends one request in as many fragments as it needs, and waits for its answer. A
 * request whose challenge was too old is made anew, with a new name.
 *
 * Returns the enclave's reason; what session_run returns; STATUS_CONFIG for the owner's key. reason says more.
 */
MUST_USE enum status owner_ask(const struct profile *profile, const struct owner_wish *wish, struct owner_outcome *out,
                               struct reason *reason);

#endif

/* chain.h: the records of rounds, and which of them can be believed. Source: PROTOCOL.md section 12.
 *
 * A record is believed when the enclave that is trusted signed it, or when a record that is believed, or the enclave's
 * manifest, names its digest: so those of earlier boots, whose keys are gone, still count. */
#ifndef CTL_CHAIN_H
#define CTL_CHAIN_H

#include "bind.h"
#include "record.h"

struct chain_entry {
    struct buf message;          /* the signed record, on the heap */
    struct record record;        /* views into it */
    uint8_t digest[DIGEST_SIZE]; /* of the payload */
    bool is_signed;              /* by the enclave that is trusted */
    bool believed;
};

/** Starts as {0}; freed with chain_free. */
struct chain {
    struct chain_entry *entries; /* ascending rounds, none twice */
    size_t count;
};

/** Whose signature counts. */
struct chain_signer {
    struct place place; /* federation, aggregator */
    struct view point, boot_id;
};

/**
 * Takes a record; one of the same round is replaced. `believed` is decided by chain_believe.
 * Returns STATUS_FORGED for a record that says it is of the signer's boot and is not signed by it; STATUS_WRONG_ROUND
 * when it is not of this round; STATUS_IO; an encoding reason.
 */
MUST_USE enum status chain_take(struct chain *chain, const struct chain_signer *signer, uint32_t round,
                                struct view message);

/** Decides which records are believed. head: the digest that the enclave's manifest names, or empty. */
void chain_believe(struct chain *chain, struct view head);

void chain_free(struct chain *chain);

#endif

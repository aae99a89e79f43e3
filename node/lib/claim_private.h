/* claim_private.h: updates that this device sealed, until they are seen in a record. Pure. Source: PROTOCOL.md section 12. */
#ifndef NODE_CLAIM_PRIVATE_H
#define NODE_CLAIM_PRIVATE_H

#include "merkle.h"
#include "retry_private.h"

#define CLAIMS_MAX 4 /* rounds whose proofs may be on their way */

struct claim {
    uint32_t round;
    uint8_t boot_id[BOOT_ID_SIZE];
    struct merkle_hash leaf;
    bool receipted; /* the enclave said that it is in the sum */
    bool recorded;  /* what follows is of its round's record, which is believed */
    uint32_t counted;
    uint8_t record[DIGEST_SIZE], root[DIGEST_SIZE];

    uint32_t tries; /* how often the proof was asked for; not durable */
    struct retry retry;
};

#endif

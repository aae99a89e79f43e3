/* chain_private.h: what a node remembers of the chain of records. Pure. Source: PROTOCOL.md section 12. */
#ifndef NODE_CHAIN_PRIVATE_H
#define NODE_CHAIN_PRIVATE_H

#include "bind.h"

#define LINKS_MAX 64 /* as many records as a host has retained by default */

/** A record of the chain. */
struct seen {
    bool known;
    uint32_t round;
    uint8_t digest[DIGEST_SIZE];
    uint64_t policy_version; /* that it was seen under */
};

/** What a record that was heard says of the one before it. It need not be signed by anybody that is trusted. */
struct link {
    uint32_t round; /* 0: none was heard */
    bool has_previous;
    uint8_t digest[DIGEST_SIZE], previous[DIGEST_SIZE];
};

#endif

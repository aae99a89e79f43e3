/* revocation_support.h: for tests: revocation lists that an owner signs, and has a core take. */
#ifndef SUPPORT_REVOCATION_H
#define SUPPORT_REVOCATION_H

#include "federation.h"

/** What of a list varies; zeros stand for nothing in it, and for the federation's own name. */
struct revocation_draft {
    uint64_t version;
    const char *devices[4];     /* ascending; those that are there come first */
    const uint8_t *cti;         /* 16 bytes */
    const uint8_t *measurement; /* 32 bytes, of kind sim */
    const char *federation;
};

/** The signed list, malloc'ed. */
struct buf sign_revocations(struct federation *federation, const struct revocation_draft *draft);

/** Has the core take it by a request of the owner; gives the answer's reason. */
enum status federation_revoke(struct federation *federation, const struct revocation_draft *draft);

/** The same with a message that is signed already. */
enum status federation_revoke_signed(struct federation *federation, struct view signed_list);

#endif

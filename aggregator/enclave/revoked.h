/* revoked.h: what the owner took back, held so that asking costs little. Pure. Source: PROTOCOL.md section 21. */
#ifndef ENCLAVE_REVOKED_H
#define ENCLAVE_REVOKED_H

#include "crypto.h"
#include "revocations.h"

struct identity {
    uint8_t digest[SHA256_SIZE];
};

/** One list, taken: the message, and where its entries stand in it. */
struct revoked_list {
    uint8_t bytes[REVOCATIONS_SIGNED_MAX];
    struct view signed_list, payload; /* in bytes */
    uint64_t version;
    uint32_t devices, credentials, programs;
    struct view entries[REVOCATIONS_MAX];        /* devices, then credentials, each ascending; in bytes */
    struct identity identities[REVOCATIONS_MAX]; /* of the programs, ascending */
};

/** All of a new list is made before it takes the place of the one that is held: so there is room for two. */
struct revoked {
    struct revoked_list *room;       /* lent by the caller: two */
    const struct revoked_list *held; /* one of them, or NULL */
};
#define REVOKED_ROOM (2 * sizeof(struct revoked_list))

/**
 * Takes a signed list: all of it or nothing. What is held already is taken again without effect.
 * Returns STATUS_REVOCATIONS_ROLLBACK for an older version than the one held, or for another list of the same version;
 * STATUS_NO_SPACE when it is longer than a list can be; what revocations_verify returns; STATUS_CRYPTO.
 */
MUST_USE enum status revoked_take(struct revoked *revoked, struct view signed_list, struct view owner_point,
                                  struct view federation);

/** What is held; nothing is in no list. */
bool revoked_device(const struct revoked *revoked, struct view device);
bool revoked_credential(const struct revoked *revoked, struct view cti);
bool revoked_identity(const struct revoked *revoked, struct view identity);

/** Version of the list that is held, 0 for none; how many entries it has. */
uint64_t revoked_version(const struct revoked *revoked);
uint32_t revoked_count(const struct revoked *revoked);

#endif

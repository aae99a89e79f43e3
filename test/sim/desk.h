/* desk.h: the owner of the federation: it wants a model in each aggregator, rounds, and some devices out. */
#ifndef SIM_DESK_H
#define SIM_DESK_H

#include "machine.h"

#define SIM_LISTS 64 /* versions of the revocation list in a run */
#define SIM_SENT  16 /* requests that are remembered */

/** A request as it was sealed, to know it again at the gate. */
struct sent {
    uint8_t digest[DIGEST_SIZE], answer[DIGEST_SIZE];
    uint64_t revoked; /* version of the revocation list in it, 0 when it is about something else */
    bool obeyed;
};

/** The owner's part in one aggregator. */
struct owner_desk {
    struct sim *sim;
    struct machine *machine;
    char status[1024];
    bool knows_boot, knows_challenge;
    struct buf sealed; /* the request under way; empty when there is none */
    uint8_t transfer[TRANSFER_SIZE];
    uint32_t target;
    uint64_t asked_ms, offered_ms;
    struct sent sent[SIM_SENT];
    uint32_t sent_count; /* of all; the last is sent[(sent_count - 1) % SIM_SENT] */
};

/** A version of the revocation list. */
struct revoked_version {
    uint32_t devices; /* a bit for each */
    bool program;     /* the second of the policy */
    bool credential;
    uint8_t cti[CTI_SIZE];
    struct buf signed_list;
};

/** The list as the owner keeps it, in all its versions; list[0] stands for none. */
struct revoking {
    struct revoked_version list[SIM_LISTS];
    uint64_t version; /* the last */
};

void owner_add(struct sim *sim);
void owner_end(struct sim *sim);
/** The next version of the same policy, and a new boot under it. */
void owner_raise_policy(struct machine *machine);

/** revoking.c: a new version of the list: with something else in it, or with nothing. */
void revoking_change(struct sim *sim);
void revoking_take_back(struct sim *sim);
void revoking_end(struct sim *sim);
/** Version of the list that a signed message holds, 0 when it is none. */
uint64_t revoking_version_of(struct view signed_list);

/* What must hold, each at a call of the gate that was answered. */
void invariant_revoked_obeyed(struct machine *machine, struct view sealed, struct view answer);
void invariant_revoked_stays(struct machine *machine, struct view signed_list);
void invariant_revoked_not_counted(struct machine *machine, unsigned int device, struct view first_chunk);
void invariant_revoked_not_enrolled(struct machine *machine, unsigned int device);

#endif

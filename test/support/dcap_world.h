/* dcap_world.h: a platform with SGX and TDX, its certificates, collateral and one quote of it, under a root of our own: a
 * test changes what it is about, then makes it all. The test itself answers dcap_is_root (dcap_chain.h). */
#ifndef SUPPORT_DCAP_WORLD_H
#define SUPPORT_DCAP_WORLD_H

#include "bundle.h"
#include "dcap.h"

#define DCAP_WORLD_NOW        1750000000 /* 2025-06-15T15:06:40Z */
#define DCAP_WORLD_ISSUED     (DCAP_WORLD_NOW - 86400)
#define DCAP_WORLD_ENDS       (DCAP_WORLD_NOW + 29 * 86400)
#define DCAP_WORLD_SVN        5  /* of every component of the platform */
#define DCAP_WORLD_PCESVN     13 /* of it */
#define DCAP_WORLD_EVALUATION 17
#define DCAP_WORLD_BODY_MAX   885

struct dcap_world {
    /* What is made. */
    uint16_t version; /* of the quote: 3, 4, 5 */
    bool is_tdx;
    uint16_t body_type; /* of version 5: 1 SGX, 2 TD 1.0, 3 TD 1.5, 4 TD 1.5 extended */
    uint8_t body[DCAP_WORLD_BODY_MAX];
    const char *status, *qe_status; /* of the one level there is of platform and quoting enclave */
    const char *advisories;         /* of that level, as JSON */
    unsigned level_svn;             /* what the level demands of each component */
    bool revoke_leaf, revoke_authority, revoke_signer;

    /* What was made. */
    uint8_t root_point[64];
    struct view quote;
    struct endorsements endorsements;
    uint8_t memory[65536];
    struct buf used;
};

/** An SGX enclave, or a domain of TD 1.0, in a quote of that version, on a platform that is up to date. Its measurement is
 *  bytes of 0xe1, its report data bytes of 0xda, all else zero but for SGX's INIT and MODE64BIT. */
void dcap_world_plan(struct dcap_world *world, uint16_t version, bool is_tdx);

/** Makes all of it. A mistake fails the test. */
void dcap_world_make(struct dcap_world *world);

#endif

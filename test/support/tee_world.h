/* tee_world.h: for tests: a world whose enclave shows evidence of a real kind of TEE, and devices that appraise it by the
 * owner's signed policy. The evidence comes out of an attester of common/attest, or of a double of one. */
#ifndef SUPPORT_TEE_WORLD_H
#define SUPPORT_TEE_WORLD_H

#include "account.h"
#include "world.h"

#define TEE_WORLD_EVIDENCE "tacit/1/fed/aggregator/agg/evidence"

struct tee_plan {
    struct view kind, rules; /* the one kind that the policy accepts of aggregators */
    uint64_t now;
    federation_attest *attest;
    void *attest_ctx;
    struct endorsements collateral; /* the operator's files */
};

/** What a device came to. */
struct tee_verdict {
    enum status reason;               /* STATUS_OK: it trusts, and is enrolled */
    char check[ACCOUNT_NAME_MAX + 1]; /* that failed; "" for none */
    uint64_t until;                   /* the end of the window, of the event where it refused */
};

/** The enclave is booted, and what the host publishes about it comes with the operator's collateral. */
void tee_world_start(struct world *world, const struct tee_plan *plan);

/** What is published of the enclave; views into what the model of the broker keeps, until something else is published. */
struct bundle tee_world_bundle(const struct world *world);

/** Publishes this in its place, as a host or a broker may: devices that come later see it. */
void tee_world_publish(struct world *world, const struct bundle *bundle);

/** A new device looks at what is published. Fails the test unless the account that the node kept, its events and its
 *  membership say the same. */
struct tee_verdict tee_world_judge(struct world *world);

/** The device, which trusts, and a second one do a round to its end. Fails the test when they do not. */
void tee_world_round(struct world *world);

#endif

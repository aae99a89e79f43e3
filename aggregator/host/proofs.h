/* proofs.h: what the host keeps of the rounds that it carried, so that a device can be shown its update under a record's
 * root. The enclave has no part in it: a proof that does not lead to the root that it signed convinces nobody.
 * Source: PROTOCOL.md section 12. */
#ifndef HOST_PROOFS_H
#define HOST_PROOFS_H

#include "assembly.h"
#include "host.h"
#include "merkle.h"
#include "proof.h"

/** A round that was closed, and the tree over what was counted in it. */
struct provable {
    uint8_t record[DIGEST_SIZE]; /* of its payload */
    uint32_t count;              /* leaves, 1 and up */
    struct merkle_hash *tree;    /* malloc'ed; its leaves ascend */
};

/** Starts as {0}; freed with proofs_free. */
struct proofs {
    struct merkle_hash *leaves; /* malloc'ed: of what was counted in the open round */
    uint32_t leaf_count, leaf_room;
    struct provable rounds[HOST_PROVABLE_MAX]; /* oldest first */
    uint32_t round_count;
};

/** A round is opened, or the open one is lost. */
void proofs_begin(struct proofs *proofs);

/** An update was counted. STATUS_NO_SPACE, STATUS_CRYPTO: nothing of this round can be proven. */
MUST_USE enum status proofs_count(struct proofs *proofs, const struct whole *whole);

/** The leaves of all that was counted, ascending and joined; lent until the next one. */
struct view proofs_leaves(struct proofs *proofs);

/** A round was closed, with these leaves. STATUS_NOT_COUNTED: they are not those under its root; STATUS_NO_SPACE;
 *  STATUS_CRYPTO; an encoding reason. */
MUST_USE enum status proofs_remember(struct proofs *proofs, struct view message, struct view leaves);

/** out views into request and proofs. STATUS_NOT_FOUND: not counted, or too long ago. */
MUST_USE enum status proofs_find(const struct proofs *proofs, const struct proof_request *request, struct proof *out);

void proofs_free(struct proofs *proofs);

#endif

/* revocations.h: the owner's revocation list, signed. Pure. Source: PROTOCOL.md section 21. */
#ifndef APPRAISE_REVOCATIONS_H
#define APPRAISE_REVOCATIONS_H

#include "bind.h"
#include "revocation.h"

/**
 * Verifies a signed list with the owner's public point: the signature first, then that it is of this federation, then
 * all of its entries. Whether a newer one is known is for the caller to compare.
 *
 * payload  what was signed: the same list may carry several signatures.
 *
 * Returns STATUS_FORGED, STATUS_REVOCATIONS_FOREIGN, or what revocations_decode does. out and payload view into
 * signed_list.
 */
MUST_USE enum status revocations_verify(struct view signed_list, struct view owner_point, struct view federation,
                                        struct revocations *out, struct view *payload);

#endif

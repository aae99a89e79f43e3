/* named_private.h: signatures over payloads that begin with the name of their federation. Pure. */
#ifndef APPRAISE_NAMED_PRIVATE_H
#define APPRAISE_NAMED_PRIVATE_H

#include "bind.h"

/** Verified. Views into the message. */
struct named {
    struct view federation, payload;
};

/**
 * Verifies a COSE_Sign1 with the binding to the federation that its own payload names, so that the caller can tell
 * "of another federation" from "forged". Before the signature is verified, that name alone is read.
 *
 * first  the key of the name, which is the first pair of the payload's map.
 *
 * Returns STATUS_FORGED, STATUS_BAD_KEY or an encoding reason.
 */
MUST_USE enum status named_verify(enum purpose purpose, int64_t first, struct view point, struct view message,
                                  struct named *out);

#endif

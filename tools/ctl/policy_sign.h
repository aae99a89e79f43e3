/* policy_sign.h: from the text of a policy to what the owner hands out. */
#ifndef CTL_POLICY_SIGN_H
#define CTL_POLICY_SIGN_H

#include "wire_limits.h"
#include "crypto.h"
#include "policy.h"
#include "reason.h"

#define POLICY_SIGNED_MAX POLICY_MAX /* bytes: what a bundle can carry */

/**
 * Reads a policy's text from a file and signs it: the COSE_Sign1 is appended to out.
 * Returns STATUS_CONFIG with a reason (file:line); STATUS_NO_SPACE when it is larger than a bundle can carry.
 */
MUST_USE enum status policy_sign_file(const char *path, const struct p256_key *owner, struct buf *out,
                                      struct reason *reason);

/** Reads a policy's text from a file: the payload that the owner signs is appended to out, policy views into it. As
 *  policy_text_read; keys come out of files. */
MUST_USE enum status policy_from_file(const char *path, struct buf *out, struct policy *policy, struct reason *reason);

#endif

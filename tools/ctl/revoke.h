/* revoke.h: sends the owner's revocation list. */
#ifndef CTL_REVOKE_H
#define CTL_REVOKE_H

#include "profile.h"
#include "revocation_list.h"

/**
 * Signs the list and has the enclave take it.
 *
 * path  of the file that it was read from, for sentences.
 *
 * Returns what owner_ask returns; reason says more, of STATUS_REVOCATIONS_ROLLBACK also what to do.
 */
MUST_USE enum status revoke_send(const struct profile *profile, const struct revocation_list *list, const char *path,
                                 bool *simulated, struct reason *reason);

/** Reads the profile's list and sends it; nothing to do where there is none. *version is that of the list, or 0. */
MUST_USE enum status revoke_send_again(const struct profile *profile, int64_t *version, struct reason *reason);

#endif

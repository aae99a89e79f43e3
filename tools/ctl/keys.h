/* keys.h: P-256 keys in PEM files, and the random port of the program. */
#ifndef CTL_KEYS_H
#define CTL_KEYS_H

#include "crypto.h"
#include "reason.h"

/** The kernel's random bytes as a port. */
extern const struct random_port keys_random;

/** Reads a private key; the file must be the caller's alone (0600). STATUS_CONFIG with a reason. */
MUST_USE enum status keys_read_private(const char *path, struct p256_key *out, struct reason *reason);

/** Reads a public key. STATUS_CONFIG with a reason. */
MUST_USE enum status keys_read_public(const char *path, uint8_t point[static P256_POINT_SIZE], struct reason *reason);

#endif

/* pem.h: P-256 keys in PEM files as openssl writes them. Pure: bytes in, bytes out. */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H

#include "crypto.h"

#define PEM_MAX 4096 /* bytes of a PEM key, either way */

/** A private key (SEC 1 or PKCS #8, not encrypted). STATUS_MALFORMED, or STATUS_BAD_KEY for another curve or kind. */
MUST_USE enum status pem_private_key(struct view pem, struct p256_key *out);

/** A public key (SubjectPublicKeyInfo), as x || y. STATUS_MALFORMED, STATUS_BAD_KEY. */
MUST_USE enum status pem_public_key(struct view pem, uint8_t point[static P256_POINT_SIZE]);

/** Appends PEM text. STATUS_NO_SPACE, STATUS_CRYPTO. */
MUST_USE enum status pem_write_private(const struct p256_key *key, struct buf *out);
MUST_USE enum status pem_write_public(struct view point, struct buf *out);

#endif

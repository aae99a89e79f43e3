/* crypto.h: the only cryptography that the rest of the tree knows. Pure; never knows COSE.
 *
 * mbedTLS stands behind it; the bulk AEAD has a second provider (aead.h). Every function that needs randomness takes it
 * as a port, so that tests and replays own it. All sizes in bytes. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base.h"

#define SHA256_SIZE      32
#define SHA512_SIZE      64
#define P256_SCALAR_SIZE 32
#define P256_POINT_SIZE  64 /* x || y, big endian, leading zeros kept */
#define P256_SIG_SIZE    64 /* r || s */
#define AEAD_KEY_MAX     32
#define AEAD_NONCE_MAX   13
#define AEAD_TAG_SIZE    16 /* of every algorithm in enum aead_alg */

/** Where random bytes come from. fill returns STATUS_OK with out wholly filled, or STATUS_IO. */
struct random_port {
    enum status (*fill)(void *ctx, uint8_t *out, size_t len);
    void *ctx;
};

/** The numbers are COSE's (IANA COSE Algorithms; RFC 9053 section 4). */
enum aead_alg {
    AEAD_A128GCM = 1,
    AEAD_A256GCM = 3,
    AEAD_CHACHA20_POLY1305 = 24,
    AEAD_CCM_16_128_256 = 31,
};

/** Key or nonce length of an algorithm; 0 for one that is not supported. */
size_t aead_key_size(int64_t alg);
size_t aead_nonce_size(int64_t alg);

/** What an AEAD works with. key and nonce must have exactly the algorithm's sizes. */
struct aead {
    int64_t alg;
    struct view key, nonce, aad;
};

/**
 * Seals plain: appends ciphertext || tag (plain.len + AEAD_TAG_SIZE bytes) to out, by the bulk provider that the build
 * chose. plain may not overlap out.
 * Returns STATUS_UNSUPPORTED (alg), STATUS_BAD_KEY (key or nonce size), STATUS_NO_SPACE, STATUS_CRYPTO.
 */
MUST_USE enum status aead_seal(const struct aead *aead, struct view plain, struct buf *out);

/**
 * Opens sealed = ciphertext || tag: appends the plaintext to out. On any failure out's length is as it was and what was
 * written behind it is wiped.
 * Returns STATUS_FORGED (tag does not verify), STATUS_TRUNCATED (shorter than a tag), STATUS_UNSUPPORTED,
 * STATUS_BAD_KEY, STATUS_NO_SPACE, STATUS_CRYPTO.
 */
MUST_USE enum status aead_open(const struct aead *aead, struct view sealed, struct buf *out);

MUST_USE enum status sha256(struct view data, uint8_t out[static SHA256_SIZE]);
/** Of several pieces, one after the other, without joining them first. */
MUST_USE enum status sha256_pieces(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE]);
MUST_USE enum status sha512(struct view data, uint8_t out[static SHA512_SIZE]);

/** HKDF-SHA-256 (RFC 5869): fills out to its capacity (at most 255 * 32). salt may be empty. */
MUST_USE enum status hkdf_sha256(struct view salt, struct view secret, struct view info, struct buf *out);

/** A P-256 key pair. Wipe with p256_key_wipe. */
struct p256_key {
    uint8_t scalar[P256_SCALAR_SIZE];
    uint8_t point[P256_POINT_SIZE];
};
void p256_key_wipe(struct p256_key *key);

MUST_USE enum status p256_generate(const struct random_port *random, struct p256_key *out);
/** The pair of a given private scalar. STATUS_BAD_KEY when it is not in 1..n-1. */
MUST_USE enum status p256_from_scalar(struct view scalar, const struct random_port *random, struct p256_key *out);
/** STATUS_BAD_KEY unless the 64 bytes are a point on the curve. */
MUST_USE enum status p256_check_point(struct view point);

/** ECDSA over a SHA-256 digest, deterministic nonce (RFC 6979); random blinds the computation. */
MUST_USE enum status p256_sign(const struct p256_key *key, const uint8_t digest[static SHA256_SIZE],
                               const struct random_port *random, uint8_t out[static P256_SIG_SIZE]);
/** STATUS_FORGED when the signature is not by point over the digest; STATUS_BAD_KEY when point is no point. */
MUST_USE enum status p256_verify(struct view point, const uint8_t digest[static SHA256_SIZE], struct view signature);

/** ECDH: the x coordinate of scalar * point. STATUS_BAD_KEY when peer is not on the curve. */
MUST_USE enum status p256_shared(const struct p256_key *key, struct view peer, const struct random_port *random,
                                 uint8_t out[static P256_SCALAR_SIZE]);

#endif

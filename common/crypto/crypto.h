/* crypto.h: the only cryptography that the rest of the tree knows. Pure; never knows COSE.
 *
 * mbedTLS stands behind it; the AEAD has a second provider (docs/adr/0003-aead-providers.md). Every function that needs
 * randomness takes it as a port, so that tests and replays own it. All sizes in bytes. Outputs are set on STATUS_OK
 * only. Everywhere STATUS_CRYPTO says that the library failed (out of memory), STATUS_IO that the random port did. */
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
#define AEAD_TAG_SIZE    16    /* of every algorithm in enum aead_alg */
#define AEAD_AAD_MAX     65279 /* the most that CCM encodes in two bytes (RFC 3610 section 2.2) */

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

/** The longest plaintext of an algorithm; 0 for one that is not supported. Only 65535 for CCM with its nonce of 13 bytes. */
size_t aead_plain_max(int64_t alg);

/** What an AEAD works with. key and nonce must have exactly the algorithm's sizes; a nonce serves a key once. */
struct aead {
    int64_t alg;
    struct view key, nonce, aad;
};

/**
 * Seals plain: appends ciphertext || tag (plain.len + AEAD_TAG_SIZE bytes) to out, by the provider that the build chose.
 * Nothing that is read may overlap out's free space (asserted).
 * Returns STATUS_UNSUPPORTED (alg), STATUS_BAD_KEY (key or nonce size), STATUS_OUT_OF_RANGE (plain past aead_plain_max,
 * aad past AEAD_AAD_MAX), STATUS_NO_SPACE, STATUS_CRYPTO. On any of them out's length is as it was.
 */
MUST_USE enum status aead_seal(const struct aead *aead, struct view plain, struct buf *out);

/**
 * Opens sealed = ciphertext || tag: appends the plaintext to out. Nothing that is read may overlap out's free space
 * (asserted). On any failure out's length is as it was and what was written behind it is wiped.
 * Returns STATUS_FORGED (tag does not verify), STATUS_TRUNCATED (shorter than a tag) and what aead_seal returns.
 */
MUST_USE enum status aead_open(const struct aead *aead, struct view sealed, struct buf *out);

/**
 * Seals and opens one byte with each algorithm, so that all that the AEAD library sets up at its first use is set up
 * now: tables, detection of the processor, libcrypto's providers. Keeps libcrypto from reading its configuration file, which
 * could name code to load. To be called once, before a second thread starts and before the process gives up the right to
 * open files; from then on no call of this header needs a file. A program that also speaks TLS by libcrypto leaves it out.
 * Returns STATUS_CRYPTO when an algorithm does not work.
 */
MUST_USE enum status crypto_warm_up(void);

/** FIPS 180-4. */
MUST_USE enum status sha256(struct view data, uint8_t out[static SHA256_SIZE]);
/** Of several pieces, one after the other, without joining them first. */
MUST_USE enum status sha256_pieces(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE]);
MUST_USE enum status sha512(struct view data, uint8_t out[static SHA512_SIZE]);

/** HKDF-SHA-256 (RFC 5869): fills what out has free. salt may be empty. STATUS_OUT_OF_RANGE past 255 * SHA256_SIZE. */
MUST_USE enum status hkdf_sha256(struct view salt, struct view secret, struct view info, struct buf *out);

/** A P-256 key pair. Wipe with p256_key_wipe. */
struct p256_key {
    uint8_t scalar[P256_SCALAR_SIZE]; /* secret, 1..n-1, big endian */
    uint8_t point[P256_POINT_SIZE];
};
void p256_key_wipe(struct p256_key *key);

/** A new pair from as many random bytes as a scalar has (again when they are no scalar, which is one time in 2^32). */
MUST_USE enum status p256_generate(const struct random_port *random, struct p256_key *out);
/** The pair of a given private scalar; random blinds the computation. STATUS_BAD_KEY when it is not in 1..n-1. */
MUST_USE enum status p256_from_scalar(struct view scalar, const struct random_port *random, struct p256_key *out);
/** STATUS_BAD_KEY unless the 64 bytes are a point on the curve. */
MUST_USE enum status p256_check_point(struct view point);

/** ECDSA over a SHA-256 digest, deterministic nonce (RFC 6979); random blinds the computation.
 *  STATUS_BAD_KEY when the key's scalar is not in 1..n-1. */
MUST_USE enum status p256_sign(const struct p256_key *key, const uint8_t digest[static SHA256_SIZE],
                               const struct random_port *random, uint8_t out[static P256_SIG_SIZE]);
/** STATUS_FORGED when the signature is not by point over the digest; STATUS_BAD_KEY when point is no point. */
MUST_USE enum status p256_verify(struct view point, const uint8_t digest[static SHA256_SIZE], struct view signature);

/** ECDH: the x coordinate of scalar * peer, a secret that the caller wipes. STATUS_BAD_KEY when peer is not on the
 *  curve or the key's scalar not in 1..n-1. */
MUST_USE enum status p256_shared(const struct p256_key *key, struct view peer, const struct random_port *random,
                                 uint8_t out[static P256_SCALAR_SIZE]);

#endif

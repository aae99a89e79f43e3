/* verify.h: what the evidence of other makers and their certificates are signed with: ECDSA on the NIST curves, RSA PKCS#1
 * v1.5 and PSS, HMAC. Public keys and checking only, nothing that signs. Pure. Tacit's own messages are ES256 alone:
 * crypto.h.
 *
 * Everywhere STATUS_CRYPTO says that the library failed (out of memory). */
#ifndef CRYPTO_VERIFY_H
#define CRYPTO_VERIFY_H

#include "base.h"

#define DIGEST_BYTES_MAX     64  /* of SHA-512 */
#define PUBLIC_KEY_BYTES_MAX 512 /* a modulus of 4096 bits */
#define PUBLIC_KEY_TEXT_MAX  4096
#define ECDSA_PAIR_MAX       132 /* r || s on P-521 */

enum digest_alg { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

struct digest {
    enum digest_alg alg;
    uint8_t bytes[DIGEST_BYTES_MAX]; /* the first digest_size(alg) of them */
};

/** 32, 48 or 64. */
size_t digest_size(enum digest_alg alg);
/** What was computed. Lives as long as digest. */
struct view digest_view(const struct digest *digest);

/** FIPS 180-4, over pieces one after the other. STATUS_CRYPTO. */
MUST_USE enum status digest_pieces(enum digest_alg alg, const struct view *pieces, size_t count, struct digest *out);
/** HMAC (RFC 2104) likewise. A tag is compared with view_equal_secret. STATUS_CRYPTO. */
MUST_USE enum status digest_hmac(enum digest_alg alg, struct view key, const struct view *pieces, size_t count,
                                 struct digest *out);

enum public_key_kind { PUBLIC_KEY_P256, PUBLIC_KEY_P384, PUBLIC_KEY_P521, PUBLIC_KEY_RSA };

/** A public key; made by one of the functions below, which check it. */
struct public_key {
    enum public_key_kind kind;
    uint8_t bytes[PUBLIC_KEY_BYTES_MAX]; /* curves: x || y; RSA: the modulus; big endian */
    size_t len;
    uint32_t exponent; /* of RSA; else 0 */
};

/** Bytes of a coordinate (32, 48, 66), which is half a signature; for RSA 0. */
size_t public_key_coordinate_size(enum public_key_kind kind);

/** A point of a curve: coordinates of at most their size, big endian. STATUS_BAD_KEY (not on the curve), STATUS_CRYPTO. */
MUST_USE enum status public_key_from_point(enum public_key_kind kind, struct view x, struct view y,
                                           struct public_key *out);
/** 2048 to 4096 bits, exponent odd and not 1; without leading zeros. STATUS_BAD_KEY. */
MUST_USE enum status public_key_from_modulus(struct view modulus, uint32_t exponent, struct public_key *out);
/** A SubjectPublicKeyInfo in PEM or DER. STATUS_MALFORMED, STATUS_NO_SPACE (more than PUBLIC_KEY_TEXT_MAX bytes),
 *  STATUS_BAD_KEY (another kind or size of key), STATUS_CRYPTO. */
MUST_USE enum status public_key_from_spki(struct view text, struct public_key *out);

/** True for the same key. */
bool public_key_equal(const struct public_key *a, const struct public_key *b);

/** Of PSS: the salt may have any length: where nothing says which (a TPM takes the digest's, or the longest). */
#define SIGNATURE_SALT_ANY UINT32_MAX

enum signature_scheme { SIGNATURE_ECDSA, SIGNATURE_RSA_PKCS1, SIGNATURE_RSA_PSS };

struct signature {
    enum signature_scheme scheme;
    uint32_t salt_len; /* of PSS: bytes, or SIGNATURE_SALT_ANY */
    struct view value; /* ECDSA: r || s of fixed size (RFC 9053 section 2.1); RSA: a number as long as the modulus */
};

/**
 * Whether signature is by key over digest: ECDSA (FIPS 186-4), RSASSA-PKCS1-v1_5 or RSASSA-PSS (RFC 8017 section 8), the
 * latter with MGF1 of the same digest. Returns STATUS_FORGED when it is not, for a wrong size too; STATUS_BAD_KEY for
 * a key that the scheme is not for; STATUS_CRYPTO.
 */
MUST_USE enum status public_key_verify(const struct public_key *key, const struct digest *digest,
                                       const struct signature *signature);

/** Makes r || s of fixed size out of two numbers of any length, big endian: *out lies in pair. STATUS_FORGED for a number
 *  that the curve has no room for, STATUS_BAD_KEY when kind is no curve. */
MUST_USE enum status ecdsa_pair(enum public_key_kind kind, struct view r, struct view s,
                                uint8_t pair[static ECDSA_PAIR_MAX], struct view *out);

/** The same out of an Ecdsa-Sig-Value (RFC 3279 section 2.2.3). Also what der.h returns. */
MUST_USE enum status ecdsa_pair_from_der(enum public_key_kind kind, struct view der,
                                         uint8_t pair[static ECDSA_PAIR_MAX], struct view *out);

#endif

/* cose.h: COSE_Sign1 (ES256), COSE_Encrypt0, COSE_Encrypt with ECDH-ES + HKDF-256, COSE_Key (RFC 9052, 9053). Pure.
 *
 * Every call takes an external_aad, which the caller builds with cose_aad (purpose, federation, aggregator, and what the
 * topic says), so that nothing can be moved to another place. Never knows a message kind.
 *
 * Strict. Decoders refuse, besides what reader.h refuses,
 *   STATUS_UNSUPPORTED    an algorithm that the structure does not take; any header label that is not named here, `crit` and
 *                         `Partial IV` among them;
 *   STATUS_MALFORMED      a message without its tag; alg or another named label missing or in the wrong bucket; a detached
 *                         (nil) payload; a text where a label or an algorithm is to be;
 *   STATUS_DUPLICATE_KEY  a label twice, also when it stands once in each bucket;
 *   STATUS_OUT_OF_RANGE   a kid, IV, signature or chunk number of another size than allowed.
 * A function that appends leaves out's length as it was unless it returns STATUS_OK. What it reads may not overlap out's
 * free space. An external_aad of more than COSE_AAD_MAX bytes is STATUS_NO_SPACE everywhere. */
#ifndef COSE_COSE_H
#define COSE_COSE_H

#include "crypto.h"
#include "reader.h"
#include "writer.h"

#define COSE_ES256            (-7)
#define COSE_ESP256           (-9)
#define COSE_ECDH_ES_HKDF_256 (-25)
#define COSE_AAD_MAX          512 /* bytes of an external_aad */
#define COSE_KID_MAX          64  /* 1..64 bytes; no kid is no label */
#define COSE_PROTECTED_MAX    256 /* bytes of an encoded protected bucket */
#define COSE_KEY_P256_SIZE    75  /* encoded public COSE_Key of a P-256 point without a kid */
#define COSE_OVERHEAD_MAX     512 /* more than what any of these structures adds to its payload, chunk header included */

/* Private-use header labels (below -65536), always protected. PROTOCOL.md "Chunk header". */
#define COSE_LABEL_CHUNK  (-65537)
#define COSE_LABEL_SENDER (-65538)

/** A part of an external_aad: a text, bytes, or a number. */
struct cose_aad_part {
    enum { AAD_TEXT, AAD_BYTES, AAD_UINT } kind;
    struct view bytes;
    uint64_t number;
};
#define AAD_T(view_)   ((struct cose_aad_part){AAD_TEXT, (view_), 0})
#define AAD_B(view_)   ((struct cose_aad_part){AAD_BYTES, (view_), 0})
#define AAD_N(number_) ((struct cose_aad_part){AAD_UINT, {NULL, 0}, (number_)})

/** Appends the CBOR array [purpose, parts...] to out; a purpose reads "tacit/1 update". STATUS_NO_SPACE. */
MUST_USE enum status cose_aad(const char *purpose, const struct cose_aad_part *parts, size_t count, struct buf *out);

/**
 * The point x || y of an encoded public COSE_Key {1: 2, -1: 1, -2: x, -3: y}. kid is passed over; alg must be one of
 * COSE_ES256, COSE_ESP256, COSE_ECDH_ES_HKDF_256, key_ops a list of verify, derive key, derive bits.
 * Returns STATUS_BAD_KEY (another type, curve or use; another label, a private part among them; not on the curve),
 * STATUS_MALFORMED (also for a compressed point) or another encoding reason.
 */
MUST_USE enum status cose_key_decode(struct view encoded, uint8_t point[static P256_POINT_SIZE]);
/** Appends the COSE_KEY_P256_SIZE bytes of a public key. STATUS_BAD_KEY when point is not on the curve, STATUS_NO_SPACE. */
MUST_USE enum status cose_key_encode(struct view point, struct buf *out);

/** A signed message, taken apart. Views into the input. */
struct cose_sign1 {
    struct view protected_, kid, payload, signature; /* kid, of either bucket, empty when there is none */
    int64_t alg;                                     /* COSE_ES256 or COSE_ESP256, which mean the same */
};

/** Who signs, and for what. */
struct cose_signer {
    const struct p256_key *key;
    const struct random_port *random; /* blinds the computation; the signature depends on key and message alone */
    struct view kid, external_aad;
};

/**
 * Signs payload; appends a tagged COSE_Sign1 (18) with protected {1: -7} and, when kid is not empty, unprotected {4: kid}.
 * The Sig_structure is hashed in pieces, so a payload of any size costs no copy but the one into out.
 * Returns STATUS_NO_SPACE, STATUS_OUT_OF_RANGE (kid), STATUS_BAD_KEY, STATUS_IO, STATUS_CRYPTO.
 */
MUST_USE enum status cose_sign1_sign(const struct cose_signer *signer, struct view payload, struct buf *out);

/** Takes a message apart without verifying it: nothing in it may be believed. Tag 18 is required. */
MUST_USE enum status cose_sign1_decode(struct view message, struct cose_sign1 *out);

/**
 * Decodes and verifies; *payload is a view into message. No copy and no scratch: the Sig_structure is hashed in pieces.
 * Returns STATUS_FORGED, STATUS_UNSUPPORTED (alg), STATUS_BAD_KEY or an encoding reason.
 */
MUST_USE enum status cose_sign1_verify(struct view message, struct view point, struct view external_aad,
                                       struct view *payload);

/** Which piece of which transfer a COSE_Encrypt0 is. All of it stands in the protected header. */
struct cose_chunk {
    struct view transfer;  /* 8 bytes that name the transfer; empty when there is no chunk header */
    uint32_t index, count; /* index < count */
    uint64_t total;        /* plaintext bytes of all chunks together */
};

struct cose_encrypt0 {
    struct view protected_, iv, ciphertext; /* ciphertext || tag */
    int64_t alg;
    struct view kid;    /* protected; empty when there is none */
    struct view sender; /* protected, label COSE_LABEL_SENDER: encoded CBOR; empty when there is none */
    struct cose_chunk chunk;
};

/** Takes a COSE_Encrypt0 (tag 16) apart without opening it: nothing in it may be believed. iv has the algorithm's nonce
 *  size, ciphertext at least AEAD_TAG_SIZE bytes (else STATUS_TRUNCATED). */
MUST_USE enum status cose_encrypt0_decode(struct view message, struct cose_encrypt0 *out);

/**
 * Seals payload under key; appends the tagged message. alg, iv, kid, sender and chunk are taken from `head`, of which kid,
 * sender and chunk.transfer may be empty; iv must have the algorithm's nonce size and serves a key once.
 * Returns STATUS_OUT_OF_RANGE (kid, chunk; payload past aead_plain_max), STATUS_UNSUPPORTED, STATUS_BAD_KEY (key or iv
 * size), STATUS_NO_SPACE, STATUS_CRYPTO.
 */
MUST_USE enum status cose_encrypt0_seal(const struct cose_encrypt0 *head, struct view key, struct view external_aad,
                                        struct view payload, struct buf *out);

/** Opens a message taken apart by cose_encrypt0_decode: appends the plaintext to out. On a failure what was written behind
 *  out is wiped. STATUS_FORGED, STATUS_BAD_KEY (key size), STATUS_NO_SPACE, STATUS_OUT_OF_RANGE, STATUS_CRYPTO. */
MUST_USE enum status cose_encrypt0_open(const struct cose_encrypt0 *message, struct view key, struct view external_aad,
                                        struct buf *out);

/**
 * Seals payload to a P-256 public point: tagged COSE_Encrypt (96), A256GCM, one recipient ECDH-ES + HKDF-256 with a fresh
 * ephemeral key; random IV. The KDF context is RFC 9053 section 5.2 with empty party info; external_aad binds the rest.
 * Returns STATUS_BAD_KEY (point), STATUS_NO_SPACE, STATUS_IO, STATUS_CRYPTO.
 */
MUST_USE enum status cose_encrypt_seal(struct view point, const struct random_port *random, struct view external_aad,
                                       struct view payload, struct buf *out);

/** Decodes and opens: appends the plaintext to out; any algorithm of enum aead_alg. On a failure what was written behind
 *  out is wiped. STATUS_FORGED, STATUS_BAD_KEY (ephemeral key), STATUS_NO_SPACE, an encoding reason, STATUS_IO... */
MUST_USE enum status cose_encrypt_open(struct view message, const struct p256_key *key,
                                       const struct random_port *random, struct view external_aad, struct buf *out);

#endif

/* psa_private.h: what the files of PSA tokens share: a reader of CBOR as devices emit it, the envelope, the claims. */
#ifndef APPRAISE_PSA_PRIVATE_H
#define APPRAISE_PSA_PRIVATE_H

#include "psa.h"
#include "psa_terms.h"

#define LOOSE_DEPTH_MAX 8
#define LOOSE_KEYS_MAX  128 /* keys of all the maps that are open at one moment */

enum loose_major {
    LOOSE_UINT,
    LOOSE_NEGATIVE,
    LOOSE_BYTES,
    LOOSE_TEXT,
    LOOSE_ARRAY,
    LOOSE_MAP,
    LOOSE_TAG,
    LOOSE_SIMPLE
};

/** A head, and the bytes of a string. */
struct loose_item {
    enum loose_major major;
    uint64_t value; /* number (negative: -1 - value), length, count, tag */
    struct view bytes;
};

/** Reads definite-length CBOR (RFC 8949) without asking for its deterministic form. Its failure sticks, as in reader.h. */
struct loose {
    struct view rest;
    enum status status;
    struct loose_item keys[LOOSE_KEYS_MAX]; /* read so far, of the maps that are open, to find one that stands twice */
    size_t key_count;
};

void loose_start(struct loose *loose, struct view bytes);
void loose_fail(struct loose *loose, enum status why);
/** STATUS_OK when nothing failed and nothing is left (else STATUS_TRAILING). */
MUST_USE enum status loose_end(const struct loose *loose);

/** The next head, with a string's bytes; after a failure a zero one. */
struct loose_item loose_next(struct loose *loose);
/** One whole item, as a view of its encoding: well-formed, without duplicate keys. */
struct view loose_any(struct loose *loose);
/** Exactly these; another type fails with STATUS_MALFORMED, a size or value past its limit with STATUS_OUT_OF_RANGE. */
int64_t loose_int(struct loose *loose, int64_t min, int64_t max);
struct view loose_bytes(struct loose *loose, size_t min, size_t max);
struct view loose_text(struct loose *loose, size_t max); /* not empty, printable */
size_t loose_array(struct loose *loose, size_t min, size_t max);

/** A map under way. */
struct loose_map {
    struct loose *loose;
    uint64_t left;
    size_t first; /* of its keys */
};
struct loose_map loose_map(struct loose *loose);
/** True when there is another pair with an integer key; its value is read next. Pairs with text keys are passed over. */
bool loose_key(struct loose_map *map, int64_t *key);

enum envelope_kind { ENVELOPE_SIGN1, ENVELOPE_MAC0 };

/** A COSE_Sign1 or COSE_Mac0, taken apart. Views into the token. */
struct envelope {
    enum envelope_kind kind;
    enum digest_alg digest;
    enum public_key_kind key;               /* that the algorithm takes; of ENVELOPE_SIGN1 */
    struct view protected_, payload, proof; /* proof: signature or tag */
};

/** Nothing in it may be believed. What PSATOKEN_CHECK_ENVELOPE says. */
MUST_USE enum status envelope_decode(struct view token, bool allow_untagged, struct envelope *out);
/** STATUS_FORGED, STATUS_BAD_KEY (no key of the envelope's kind), STATUS_CRYPTO. */
MUST_USE enum status envelope_verify(const struct envelope *envelope, const struct psatoken_rules *rules);

/** What PSATOKEN_CHECK_CLAIMS says; out is set on STATUS_OK only. */
MUST_USE enum status claims_decode(struct view payload, struct psatoken_claims *out);

/** As the token says it. */
struct view claims_profile_name(enum psatoken_profile profile);

/** psatoken_terms_decode without a look at the keys and at what contradicts: for terms that were decoded before. out is
 *  to be used on STATUS_OK only, but may change on any: it is too large for a copy. */
MUST_USE enum status psatoken_terms_read(struct view bytes, struct psatoken_terms *out);
/** The instance of a device: as it says, or by its key. STATUS_BAD_KEY, STATUS_CRYPTO. */
MUST_USE enum status psatoken_device_instance(const struct psatoken_device *device,
                                              uint8_t out[static PSATOKEN_INSTANCE_SIZE]);

/** Sets what an authentic token says: fields, measurement, debug. Computed values lie in space. */
void psatoken_describe(const struct psatoken_result *result, struct buf *space, struct appraisal *out);

#endif

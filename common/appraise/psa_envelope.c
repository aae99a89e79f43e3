/* psa_envelope.c: the COSE_Sign1 or COSE_Mac0 around the claims of a token (see psa_private.h). */
#include "psa_private.h"

#define TAG_MAC0  17
#define TAG_SIGN1 18

#define LABEL_ALG  1
#define LABEL_CRIT 2

#define ENVELOPE_ITEMS 4
#define HEAD_MAX       9 /* bytes of the head of a string */

/* RFC 9053 sections 2.1, 3.1; an algorithm takes the curve of its size only. */
static const struct {
    int64_t alg;
    enum envelope_kind kind;
    enum digest_alg digest;
    enum public_key_kind key;
} algorithms[] = {
    {-7, ENVELOPE_SIGN1, DIGEST_SHA256, PUBLIC_KEY_P256},  /* ES256 */
    {-35, ENVELOPE_SIGN1, DIGEST_SHA384, PUBLIC_KEY_P384}, /* ES384 */
    {-36, ENVELOPE_SIGN1, DIGEST_SHA512, PUBLIC_KEY_P521}, /* ES512 */
    {5, ENVELOPE_MAC0, DIGEST_SHA256, PUBLIC_KEY_P256},    /* HMAC 256/256; the key kind does not count */
    {6, ENVELOPE_MAC0, DIGEST_SHA384, PUBLIC_KEY_P256},    /* HMAC 384/384 */
    {7, ENVELOPE_MAC0, DIGEST_SHA512, PUBLIC_KEY_P256},    /* HMAC 512/512 */
};

static enum status find_algorithm(int64_t alg, struct envelope *out)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        if (algorithms[i].alg != alg)
            continue;
        out->kind = algorithms[i].kind;
        out->digest = algorithms[i].digest;
        out->key = algorithms[i].key;
        return STATUS_OK;
    }
    return STATUS_UNSUPPORTED;
}

/* Reads the labels of a bucket. alg counts in the protected one only. */
static bool read_bucket(struct loose *loose, bool protected_, int64_t *alg)
{
    struct loose_map map = loose_map(loose);
    bool seen = false;
    int64_t label;

    while (loose_key(&map, &label)) {
        if (label == LABEL_CRIT)
            loose_fail(loose, STATUS_UNSUPPORTED);
        if (label == LABEL_ALG && protected_) {
            *alg = loose_int(loose, INT32_MIN, INT32_MAX);
            seen = true;
        } else {
            if (label == LABEL_ALG)
                loose_fail(loose, STATUS_MALFORMED);
            (void)loose_any(loose);
        }
    }
    return seen;
}

static enum status decode_protected(struct view protected_, struct envelope *out)
{
    struct loose loose;
    int64_t alg = 0;
    bool seen;

    if (protected_.len == 0)
        return STATUS_MALFORMED; /* RFC 9052's empty bucket, which names no algorithm */
    loose_start(&loose, protected_);
    seen = read_bucket(&loose, true, &alg);
    TRY(loose_end(&loose));
    return seen ? find_algorithm(alg, out) : STATUS_MALFORMED;
}

/* Takes the tag, if there is one, and the head of the array behind it. tag: 0 for none. */
static void read_start(struct loose *loose, bool allow_untagged, uint64_t *tag)
{
    struct loose_item item = loose_next(loose);

    *tag = 0;
    if (item.major == LOOSE_TAG) {
        *tag = item.value;
        if (*tag != TAG_SIGN1 && *tag != TAG_MAC0)
            loose_fail(loose, STATUS_MALFORMED);
        item = loose_next(loose);
    } else if (!allow_untagged) {
        loose_fail(loose, STATUS_MALFORMED);
    }
    if (item.major != LOOSE_ARRAY || item.value != ENVELOPE_ITEMS)
        loose_fail(loose, STATUS_MALFORMED);
}

enum status envelope_decode(struct view token, bool allow_untagged, struct envelope *out)
{
    struct loose loose;
    struct envelope envelope;
    int64_t unused;
    uint64_t tag;

    if (token.len > PSATOKEN_MAX)
        return STATUS_NO_SPACE;
    loose_start(&loose, token);
    read_start(&loose, allow_untagged, &tag);
    envelope.protected_ = loose_bytes(&loose, 0, PSATOKEN_MAX);
    (void)read_bucket(&loose, false, &unused);
    envelope.payload = loose_bytes(&loose, 1, PSATOKEN_MAX);
    envelope.proof = loose_bytes(&loose, 1, PSATOKEN_MAX);
    TRY(loose_end(&loose));
    TRY(decode_protected(envelope.protected_, &envelope));
    if (tag != 0 && tag != (envelope.kind == ENVELOPE_SIGN1 ? TAG_SIGN1 : TAG_MAC0))
        return STATUS_UNSUPPORTED;
    *out = envelope;
    return STATUS_OK;
}

/* The head of a byte string in its shortest form, as the authenticated structures want it. */
static struct view head_of(size_t len, uint8_t out[static HEAD_MAX])
{
    if (len < 24) {
        out[0] = (uint8_t)(0x40 | len);
        return (struct view){out, 1};
    }
    if (len <= UINT8_MAX) {
        out[0] = 0x58;
        out[1] = (uint8_t)len;
        return (struct view){out, 2};
    }
    out[0] = 0x59; /* PSATOKEN_MAX has two bytes */
    out[1] = (uint8_t)(len >> 8);
    out[2] = (uint8_t)len;
    return (struct view){out, 3};
}

/* The tag that should be there would let its finder forge this token, so it leaves no trace. */
static enum status verify_mac(const struct envelope *envelope, struct view secret, const struct view *pieces,
                              size_t count)
{
    struct digest digest;
    enum status status = digest_hmac(envelope->digest, secret, pieces, count, &digest);

    if (status == STATUS_OK && !view_equal_secret(digest_view(&digest), envelope->proof))
        status = STATUS_FORGED;
    wipe(&digest, sizeof digest);
    return status;
}

enum status envelope_verify(const struct envelope *envelope, const struct psatoken_rules *rules)
{
    static const uint8_t no_aad = 0x40; /* an empty byte string */
    const bool mac = envelope->kind == ENVELOPE_MAC0;
    uint8_t protected_head[HEAD_MAX], payload_head[HEAD_MAX];
    const struct view pieces[] = {
        mac ? VIEW_TEXT("\x84\x64MAC0") : VIEW_TEXT("\x84\x6aSignature1"),
        head_of(envelope->protected_.len, protected_head),
        envelope->protected_,
        {&no_aad, sizeof no_aad},
        head_of(envelope->payload.len, payload_head),
        envelope->payload,
    };
    const struct signature signature = {.scheme = SIGNATURE_ECDSA, .value = envelope->proof};
    struct digest digest;

    if (mac) {
        if (rules->secret.len == 0)
            return STATUS_BAD_KEY;
        return verify_mac(envelope, rules->secret, pieces, ARRAY_LEN(pieces));
    }
    if (rules->key == NULL || rules->key->kind != envelope->key)
        return STATUS_BAD_KEY;
    TRY(digest_pieces(envelope->digest, pieces, ARRAY_LEN(pieces), &digest));
    return public_key_verify(rules->key, &digest, &signature);
}

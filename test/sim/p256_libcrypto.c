/* p256_libcrypto.c: P-256 of crypto.h by libcrypto, in place of common/crypto/p256.c, for the simulation alone: it needs
 * as many signatures in a second as a federation does in a month. The same keys and curve, and checks of the same points;
 * a signature's nonce follows from key and digest, so that the same seed gives the same bytes. What was computed is
 * remembered for a while, since many devices verify the same signature. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>

/* One of each for the whole program: it has one thread. */
static struct {
    EC_GROUP *group;
    const BIGNUM *order;
    BN_CTX *ctx;
    EC_POINT *point;
    BIGNUM *scalar, *x, *y, *k;
} lib;

static void set_up(void)
{
    if (lib.group != NULL)
        return;
    lib.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    lib.ctx = BN_CTX_new();
    lib.scalar = BN_new();
    lib.x = BN_new();
    lib.y = BN_new();
    lib.k = BN_new();
    if (lib.group == NULL || lib.ctx == NULL || lib.scalar == NULL || lib.x == NULL || lib.y == NULL || lib.k == NULL)
        abort();
    lib.order = EC_GROUP_get0_order(lib.group);
    lib.point = EC_POINT_new(lib.group);
    if (lib.point == NULL)
        abort();
}

static enum status load_scalar(struct view bytes)
{
    if (bytes.len != P256_SCALAR_SIZE || BN_bin2bn(bytes.ptr, P256_SCALAR_SIZE, lib.scalar) == NULL ||
        BN_is_zero(lib.scalar) || BN_cmp(lib.scalar, lib.order) >= 0)
        return STATUS_BAD_KEY;
    return STATUS_OK;
}

static enum status load_point(struct view bytes)
{
    if (bytes.len != P256_POINT_SIZE || BN_bin2bn(bytes.ptr, P256_SCALAR_SIZE, lib.x) == NULL ||
        BN_bin2bn(bytes.ptr + P256_SCALAR_SIZE, P256_SCALAR_SIZE, lib.y) == NULL ||
        EC_POINT_set_affine_coordinates(lib.group, lib.point, lib.x, lib.y, lib.ctx) != 1)
        return STATUS_BAD_KEY;
    return STATUS_OK;
}

static enum status store_pair(const BIGNUM *first, const BIGNUM *second, uint8_t *out)
{
    return BN_bn2binpad(first, out, P256_SCALAR_SIZE) < 0 ||
                   BN_bn2binpad(second, out + P256_SCALAR_SIZE, P256_SCALAR_SIZE) < 0
               ? STATUS_CRYPTO
               : STATUS_OK;
}

#define REMEMBERED 8192

/* Answers by a digest of the question. */
struct memory {
    uint8_t question[SHA256_SIZE], answer[P256_SCALAR_SIZE];
};
static struct memory verified[REMEMBERED], shared[REMEMBERED];

/* The place of a question; *known tells whether its answer stands there. */
static struct memory *remember(struct memory *memory, const struct view *pieces, size_t count, bool *known)
{
    uint8_t question[SHA256_SIZE];
    struct memory *place;

    if (sha256_pieces(pieces, count, question) != STATUS_OK)
        abort();
    place = &memory[read_be32(question) % REMEMBERED];
    *known = memcmp(place->question, question, sizeof question) == 0;
    memcpy(place->question, question, sizeof question);
    return place;
}

void p256_key_wipe(struct p256_key *key)
{
    wipe(key, sizeof *key);
}

enum status p256_from_scalar(struct view scalar, const struct random_port *random, struct p256_key *out)
{
    (void)random;
    set_up();
    TRY(load_scalar(scalar));
    if (EC_POINT_mul(lib.group, lib.point, lib.scalar, NULL, NULL, lib.ctx) != 1 ||
        EC_POINT_get_affine_coordinates(lib.group, lib.point, lib.x, lib.y, lib.ctx) != 1)
        return STATUS_CRYPTO;
    memcpy(out->scalar, scalar.ptr, sizeof out->scalar);
    return store_pair(lib.x, lib.y, out->point);
}

enum status p256_generate(const struct random_port *random, struct p256_key *out)
{
    uint8_t bytes[P256_SCALAR_SIZE];
    enum status status = STATUS_BAD_KEY;

    while (status == STATUS_BAD_KEY) {
        TRY(random->fill(random->ctx, bytes, sizeof bytes));
        status = p256_from_scalar(VIEW_OF(bytes), random, out);
    }
    return status;
}

enum status p256_check_point(struct view point)
{
    set_up();
    return load_point(point);
}

/* k from key and digest; r = x(kG) mod n, s = (z + r d) / k mod n. */
enum status p256_sign(const struct p256_key *key, const uint8_t digest[static SHA256_SIZE],
                      const struct random_port *random, uint8_t out[static P256_SIG_SIZE])
{
    const struct view pieces[] = {VIEW_OF(key->scalar), {digest, SHA256_SIZE}};
    uint8_t nonce[SHA256_SIZE];
    bool done;

    (void)random;
    set_up();
    TRY(load_scalar(VIEW_OF(key->scalar)));
    TRY(sha256_pieces(pieces, ARRAY_LEN(pieces), nonce));
    done = BN_bin2bn(nonce, sizeof nonce, lib.k) != NULL && BN_mod(lib.k, lib.k, lib.order, lib.ctx) == 1 &&
           EC_POINT_mul(lib.group, lib.point, lib.k, NULL, NULL, lib.ctx) == 1 &&
           EC_POINT_get_affine_coordinates(lib.group, lib.point, lib.x, NULL, lib.ctx) == 1 &&
           BN_nnmod(lib.x, lib.x, lib.order, lib.ctx) == 1 &&
           BN_mod_mul(lib.scalar, lib.scalar, lib.x, lib.order, lib.ctx) == 1 &&
           BN_bin2bn(digest, SHA256_SIZE, lib.y) != NULL &&
           BN_mod_add(lib.y, lib.y, lib.scalar, lib.order, lib.ctx) == 1 &&
           BN_mod_inverse(lib.k, lib.k, lib.order, lib.ctx) != NULL &&
           BN_mod_mul(lib.y, lib.y, lib.k, lib.order, lib.ctx) == 1;
    return done ? store_pair(lib.x, lib.y, out) : STATUS_CRYPTO;
}

static bool verifies(const uint8_t digest[static SHA256_SIZE], struct view signature)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    EC_KEY *key = EC_KEY_new();
    int verdict = -1;

    if (pair != NULL && key != NULL && EC_KEY_set_group(key, lib.group) == 1 &&
        EC_KEY_set_public_key(key, lib.point) == 1 &&
        ECDSA_SIG_set0(pair, BN_bin2bn(signature.ptr, P256_SCALAR_SIZE, NULL),
                       BN_bin2bn(signature.ptr + P256_SCALAR_SIZE, P256_SCALAR_SIZE, NULL)) == 1)
        verdict = ECDSA_do_verify(digest, SHA256_SIZE, pair, key);
    ECDSA_SIG_free(pair);
    EC_KEY_free(key);
    return verdict == 1;
}

enum status p256_verify(struct view point, const uint8_t digest[static SHA256_SIZE], struct view signature)
{
    const struct view question[] = {point, {digest, SHA256_SIZE}, signature};
    struct memory *place;
    bool known;

    set_up();
    TRY(load_point(point));
    if (signature.len != P256_SIG_SIZE)
        return STATUS_FORGED;
    place = remember(verified, question, ARRAY_LEN(question), &known);
    if (!known)
        place->answer[0] = verifies(digest, signature);
    return place->answer[0] ? STATUS_OK : STATUS_FORGED;
}

/* Either side of a pair asks the same question. */
enum status p256_shared(const struct p256_key *key, struct view peer, const struct random_port *random,
                        uint8_t out[static P256_SCALAR_SIZE])
{
    const bool first = peer.len == P256_POINT_SIZE && memcmp(key->point, peer.ptr, P256_POINT_SIZE) < 0;
    const struct view own = VIEW_OF(key->point), question[] = {first ? own : peer, first ? peer : own};
    struct memory *place;
    bool known;

    (void)random;
    set_up();
    TRY(load_scalar(VIEW_OF(key->scalar)));
    TRY(load_point(peer));
    place = remember(shared, question, ARRAY_LEN(question), &known);
    if (!known && (EC_POINT_mul(lib.group, lib.point, NULL, lib.point, lib.scalar, lib.ctx) != 1 ||
                   EC_POINT_get_affine_coordinates(lib.group, lib.point, lib.x, NULL, lib.ctx) != 1 ||
                   BN_bn2binpad(lib.x, place->answer, P256_SCALAR_SIZE) < 0))
        return STATUS_CRYPTO;
    memcpy(out, place->answer, P256_SCALAR_SIZE);
    return STATUS_OK;
}

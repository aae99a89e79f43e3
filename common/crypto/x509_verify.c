/* x509_verify.c: signatures under certificates; see x509.h. */
#include "x509.h"

#define RSA_MODULUS_MIN  256 /* bytes: 2048 bits */
#define RSA_EXPONENT_MAX 4

static enum status point_of(enum public_key_kind kind, struct view point, struct public_key *out)
{
    const size_t half = point.len / 2;

    return public_key_from_point(kind, (struct view){point.ptr, half}, (struct view){point.ptr + half, half}, out);
}

/* What the size of the numbers makes costly is refused before any work. */
static enum status modulus_of(const struct x509_key *key, struct public_key *out)
{
    uint32_t exponent = 0;

    if (key->modulus.len < RSA_MODULUS_MIN || key->modulus.len > PUBLIC_KEY_BYTES_MAX ||
        key->exponent.len > RSA_EXPONENT_MAX)
        return STATUS_UNSUPPORTED;
    for (size_t i = 0; i < key->exponent.len; i++)
        exponent = exponent << 8 | key->exponent.ptr[i];
    return public_key_from_modulus(key->modulus, exponent, out);
}

enum status x509_public_key(const struct x509_key *key, struct public_key *out)
{
    switch (key->kind) {
    case X509_KEY_P256:
        return point_of(PUBLIC_KEY_P256, key->point, out);
    case X509_KEY_P384:
        return point_of(PUBLIC_KEY_P384, key->point, out);
    case X509_KEY_P521:
        return point_of(PUBLIC_KEY_P521, key->point, out);
    case X509_KEY_RSA:
        return modulus_of(key, out);
    case X509_KEY_OTHER:
        break;
    }
    return STATUS_UNSUPPORTED;
}

static enum status verify_ecdsa(const struct digest *digest, struct view value, const struct public_key *key)
{
    uint8_t pair[ECDSA_PAIR_MAX];
    struct signature signature = {.scheme = SIGNATURE_ECDSA};

    if (ecdsa_pair_from_der(key->kind, value, pair, &signature.value) != STATUS_OK)
        return STATUS_FORGED;
    return public_key_verify(key, digest, &signature);
}

enum status x509_verify(struct view data, const struct x509_signature *signature, const struct x509_key *key)
{
    const struct signature rsa = {
        .scheme = signature->scheme == X509_RSA_PSS ? SIGNATURE_RSA_PSS : SIGNATURE_RSA_PKCS1,
        .salt_len = signature->salt_len,
        .value = signature->value,
    };
    struct public_key public;
    struct digest digest;

    if (signature->scheme == X509_SCHEME_OTHER || (signature->scheme == X509_ECDSA) == (key->kind == X509_KEY_RSA))
        return STATUS_UNSUPPORTED;
    TRY(x509_public_key(key, &public));
    TRY(digest_pieces(signature->hash, &data, 1, &digest));
    if (signature->scheme == X509_ECDSA)
        return verify_ecdsa(&digest, signature->value, &public);
    return public_key_verify(&public, &digest, &rsa);
}

enum status x509_verify_p384(struct view data, struct view r, struct view s, const struct x509_key *key)
{
    uint8_t pair[ECDSA_PAIR_MAX];
    struct signature signature = {.scheme = SIGNATURE_ECDSA};
    struct public_key public;
    struct digest digest;

    if (key->kind != X509_KEY_P384)
        return STATUS_UNSUPPORTED;
    TRY(x509_public_key(key, &public));
    TRY(digest_pieces(DIGEST_SHA384, &data, 1, &digest));
    TRY(ecdsa_pair(PUBLIC_KEY_P384, r, s, pair, &signature.value));
    return public_key_verify(&public, &digest, &signature);
}

/* x509_signature.c: names of algorithms and the frame that certificates and CRLs have in common; see x509.h. */
#include "x509_private.h"

#define OID_PKCS1        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01
#define OID_ANSI_X9_62   0x2a, 0x86, 0x48, 0xce, 0x3d
#define OID_NIST_HASH    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02
#define PSS_SALT_DEFAULT 20 /* RFC 4055 section 3.1 */
#define PSS_SALT_MAX     512
#define PSS_TRAILER      1 /* the only one */

static const uint8_t oid_pss[] = {OID_PKCS1, 0x0a}, oid_mgf1[] = {OID_PKCS1, 0x08}, oid_rsa[] = {OID_PKCS1, 0x01};
static const uint8_t oid_rsa_sha256[] = {OID_PKCS1, 0x0b}, oid_rsa_sha384[] = {OID_PKCS1, 0x0c};
static const uint8_t oid_rsa_sha512[] = {OID_PKCS1, 0x0d};
static const uint8_t oid_ecdsa_sha256[] = {OID_ANSI_X9_62, 0x04, 0x03, 0x02};
static const uint8_t oid_ecdsa_sha384[] = {OID_ANSI_X9_62, 0x04, 0x03, 0x03};
static const uint8_t oid_ecdsa_sha512[] = {OID_ANSI_X9_62, 0x04, 0x03, 0x04};
static const uint8_t oid_sha256[] = {OID_NIST_HASH, 0x01}, oid_sha384[] = {OID_NIST_HASH, 0x02};
static const uint8_t oid_sha512[] = {OID_NIST_HASH, 0x03};
static const uint8_t oid_ec[] = {OID_ANSI_X9_62, 0x02, 0x01}, oid_p256[] = {OID_ANSI_X9_62, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22}, oid_p521[] = {0x2b, 0x81, 0x04, 0x00, 0x23};

/* Takes an AlgorithmIdentifier whose parameters are absent or NULL. */
static enum status take_plain_algorithm(struct view *from, struct view *oid)
{
    struct view algorithm, none;

    TRY(der_take(from, DER_SEQUENCE, &algorithm));
    TRY(der_take(&algorithm, DER_OID, oid));
    if (algorithm.len != 0) {
        TRY(der_take(&algorithm, DER_NULL, &none));
        TRY(der_end(none));
    }
    return der_end(algorithm);
}

static bool find_hash(struct view oid, enum digest_alg *out)
{
    const struct view known[] = {
        [DIGEST_SHA256] = VIEW_OF(oid_sha256),
        [DIGEST_SHA384] = VIEW_OF(oid_sha384),
        [DIGEST_SHA512] = VIEW_OF(oid_sha512),
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (view_equal(oid, known[i])) {
            *out = (enum digest_alg)i;
            return true;
        }
    return false;
}

/* Takes the hash of RSASSA-PSS-params and of its mask. supported stays false when they are not there (the default is
 * SHA-1), not known or not the same. */
static enum status take_pss_hashes(struct view *parameters, enum digest_alg *hash, bool *supported)
{
    struct view field, mask, oid;
    enum digest_alg mask_hash;

    *supported = false;
    if (!der_next_is(*parameters, DER_CONTEXT_CONSTRUCTED | 0))
        return STATUS_OK;
    TRY(der_take(parameters, DER_CONTEXT_CONSTRUCTED | 0, &field));
    TRY(take_plain_algorithm(&field, &oid));
    TRY(der_end(field));
    if (!find_hash(oid, hash) || !der_next_is(*parameters, DER_CONTEXT_CONSTRUCTED | 1))
        return STATUS_OK;
    TRY(der_take(parameters, DER_CONTEXT_CONSTRUCTED | 1, &field));
    TRY(der_take(&field, DER_SEQUENCE, &mask));
    TRY(der_end(field));
    TRY(der_take(&mask, DER_OID, &oid));
    if (!view_equal(oid, VIEW_OF(oid_mgf1)))
        return STATUS_OK;
    TRY(take_plain_algorithm(&mask, &oid));
    TRY(der_end(mask));
    *supported = find_hash(oid, &mask_hash) && mask_hash == *hash;
    return STATUS_OK;
}

/* Takes a number of RSASSA-PSS-params that may be left out. */
static enum status take_pss_number(struct view *parameters, uint8_t number, uint32_t most, uint32_t *out)
{
    struct view field;

    if (!der_next_is(*parameters, DER_CONTEXT_CONSTRUCTED | number))
        return STATUS_OK;
    TRY(der_take(parameters, DER_CONTEXT_CONSTRUCTED | number, &field));
    TRY(der_take_number(&field, DER_INTEGER, most, out));
    return der_end(field);
}

/* RSASSA-PSS-params (RFC 4055 section 3.1). */
static enum status parse_pss(struct view rest, struct x509_signature *out)
{
    struct view parameters;
    uint32_t trailer = PSS_TRAILER;
    bool supported;

    out->scheme = X509_SCHEME_OTHER;
    out->salt_len = PSS_SALT_DEFAULT;
    TRY(der_take(&rest, DER_SEQUENCE, &parameters));
    TRY(der_end(rest));
    TRY(take_pss_hashes(&parameters, &out->hash, &supported));
    if (!supported)
        return STATUS_OK;
    TRY(take_pss_number(&parameters, 2, PSS_SALT_MAX, &out->salt_len));
    TRY(take_pss_number(&parameters, 3, PSS_TRAILER, &trailer));
    TRY(der_end(parameters));
    if (trailer == PSS_TRAILER)
        out->scheme = X509_RSA_PSS;
    return STATUS_OK;
}

/* The schemes that take no parameters. */
static const struct scheme {
    struct view oid;
    enum x509_scheme scheme;
    enum digest_alg hash;
} schemes[] = {
    {{oid_ecdsa_sha256, sizeof oid_ecdsa_sha256}, X509_ECDSA, DIGEST_SHA256},
    {{oid_ecdsa_sha384, sizeof oid_ecdsa_sha384}, X509_ECDSA, DIGEST_SHA384},
    {{oid_ecdsa_sha512, sizeof oid_ecdsa_sha512}, X509_ECDSA, DIGEST_SHA512},
    {{oid_rsa_sha256, sizeof oid_rsa_sha256}, X509_RSA_PKCS1, DIGEST_SHA256},
    {{oid_rsa_sha384, sizeof oid_rsa_sha384}, X509_RSA_PKCS1, DIGEST_SHA384},
    {{oid_rsa_sha512, sizeof oid_rsa_sha512}, X509_RSA_PKCS1, DIGEST_SHA512},
};

static enum status parse_scheme(struct view algorithm, struct x509_signature *out)
{
    struct view whole = algorithm, contents, oid;

    TRY(der_take(&algorithm, DER_SEQUENCE, &contents));
    TRY(der_take(&contents, DER_OID, &oid));
    if (view_equal(oid, VIEW_OF(oid_pss)))
        return parse_pss(contents, out);
    out->scheme = X509_SCHEME_OTHER;
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (view_equal(oid, schemes[i].oid)) {
            TRY(take_plain_algorithm(&whole, &oid));
            out->scheme = schemes[i].scheme;
            out->hash = schemes[i].hash;
        }
    return STATUS_OK;
}

enum status x509_take_signed(struct view der, size_t max, struct view *tbs, struct view *algorithm,
                             struct x509_signature *out)
{
    struct view contents;

    if (der.len > max)
        return STATUS_OUT_OF_RANGE;
    TRY(der_take(&der, DER_SEQUENCE, &contents));
    TRY(der_end(der));
    TRY(der_take_element(&contents, DER_SEQUENCE, tbs));
    TRY(der_take_element(&contents, DER_SEQUENCE, algorithm));
    TRY(der_take_bytes_of_bits(&contents, &out->value));
    TRY(der_end(contents));
    return parse_scheme(*algorithm, out);
}

static enum status parse_ec_key(struct view curve, struct view point, struct x509_key *out)
{
    struct view oid;
    enum x509_key_kind kind = X509_KEY_OTHER;
    size_t size = 0;

    if (!der_next_is(curve, DER_OID))
        return STATUS_OK;
    TRY(der_take(&curve, DER_OID, &oid));
    TRY(der_end(curve));
    if (view_equal(oid, VIEW_OF(oid_p256))) {
        kind = X509_KEY_P256;
        size = 64;
    } else if (view_equal(oid, VIEW_OF(oid_p384))) {
        kind = X509_KEY_P384;
        size = 2 * P384_COORDINATE_SIZE;
    } else if (view_equal(oid, VIEW_OF(oid_p521))) {
        kind = X509_KEY_P521;
        size = 2 * P521_COORDINATE_SIZE;
    }
    if (kind == X509_KEY_OTHER || point.len != 1 + size ||
        point.ptr[0] != 4) /* 4: not compressed (SEC 1 section 2.3.3) */
        return STATUS_OK;
    out->kind = kind;
    out->point = (struct view){point.ptr + 1, size};
    return STATUS_OK;
}

static enum status parse_rsa_key(struct view bits, struct x509_key *out)
{
    struct view numbers;

    TRY(der_take(&bits, DER_SEQUENCE, &numbers));
    TRY(der_end(bits));
    TRY(der_take_magnitude(&numbers, &out->modulus));
    TRY(der_take_magnitude(&numbers, &out->exponent));
    TRY(der_end(numbers));
    out->kind = X509_KEY_RSA;
    return STATUS_OK;
}

enum status x509_key_parse(struct view der, struct x509_key *out)
{
    struct x509_key key = {.kind = X509_KEY_OTHER, .info = der};
    struct view contents, algorithm, oid, bits;

    TRY(der_take(&der, DER_SEQUENCE, &contents));
    TRY(der_end(der));
    TRY(der_take(&contents, DER_SEQUENCE, &algorithm));
    TRY(der_take_bytes_of_bits(&contents, &bits));
    TRY(der_end(contents));
    TRY(der_take(&algorithm, DER_OID, &oid));
    if (view_equal(oid, VIEW_OF(oid_ec)))
        TRY(parse_ec_key(algorithm, bits, &key));
    else if (view_equal(oid, VIEW_OF(oid_rsa)))
        TRY(parse_rsa_key(bits, &key));
    *out = key;
    return STATUS_OK;
}

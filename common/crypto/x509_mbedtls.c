/* x509_mbedtls.c: signatures under certificates (see x509.h) by mbedTLS. */
#include "crypto.h"
#include "der.h"
#include "x509.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha512.h>

#define RSA_MODULUS_MIN  256 /* bytes: 2048 bits */
#define RSA_MODULUS_MAX  512 /* 4096 bits */
#define RSA_EXPONENT_MAX 4

struct digest {
    mbedtls_md_type_t kind;
    unsigned size;
    uint8_t bytes[SHA384_SIZE];
};

enum status sha384(struct view data, uint8_t out[static SHA384_SIZE])
{
    uint8_t bytes[SHA512_SIZE]; /* mbedTLS speaks of 64 bytes for both */

    if (mbedtls_sha512_ret(data.ptr, data.len, bytes, 1) != 0)
        return STATUS_CRYPTO;
    for (size_t i = 0; i < SHA384_SIZE; i++)
        out[i] = bytes[i];
    return STATUS_OK;
}

static enum status digest_of(struct view data, enum x509_hash hash, struct digest *out)
{
    if (hash == X509_SHA384) {
        *out = (struct digest){.kind = MBEDTLS_MD_SHA384, .size = SHA384_SIZE};
        return sha384(data, out->bytes);
    }
    *out = (struct digest){.kind = MBEDTLS_MD_SHA256, .size = SHA256_SIZE};
    return sha256(data, out->bytes);
}

/* The numbers of one ECDSA verification. */
struct ecdsa {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi r, s;
};

static void ecdsa_free(struct ecdsa *ecdsa)
{
    mbedtls_ecp_group_free(&ecdsa->group);
    mbedtls_ecp_point_free(&ecdsa->point);
    mbedtls_mpi_free(&ecdsa->r);
    mbedtls_mpi_free(&ecdsa->s);
}

static void ecdsa_init(struct ecdsa *ecdsa)
{
    mbedtls_ecp_group_init(&ecdsa->group);
    mbedtls_ecp_point_init(&ecdsa->point);
    mbedtls_mpi_init(&ecdsa->r);
    mbedtls_mpi_init(&ecdsa->s);
}

static enum status load_point(struct ecdsa *ecdsa, const struct x509_key *key)
{
    const size_t half = key->point.len / 2;

    if (mbedtls_ecp_group_load(&ecdsa->group,
                               key->kind == X509_KEY_P384 ? MBEDTLS_ECP_DP_SECP384R1 : MBEDTLS_ECP_DP_SECP256R1) != 0)
        return STATUS_CRYPTO;
    if (mbedtls_mpi_read_binary(&ecdsa->point.X, key->point.ptr, half) != 0 ||
        mbedtls_mpi_read_binary(&ecdsa->point.Y, key->point.ptr + half, half) != 0 ||
        mbedtls_mpi_lset(&ecdsa->point.Z, 1) != 0)
        return STATUS_CRYPTO;
    return mbedtls_ecp_check_pubkey(&ecdsa->group, &ecdsa->point) == 0 ? STATUS_OK : STATUS_BAD_KEY;
}

static enum status verify_ecdsa(const struct digest *digest, struct view r, struct view s, const struct x509_key *key)
{
    CLEANUP(ecdsa_free) struct ecdsa ecdsa;
    int error;

    ecdsa_init(&ecdsa);
    if (key->kind != X509_KEY_P256 && key->kind != X509_KEY_P384)
        return STATUS_UNSUPPORTED;
    if (r.len > key->point.len / 2 || s.len > key->point.len / 2)
        return STATUS_FORGED;
    TRY(load_point(&ecdsa, key));
    if (mbedtls_mpi_read_binary(&ecdsa.r, r.ptr, r.len) != 0 || mbedtls_mpi_read_binary(&ecdsa.s, s.ptr, s.len) != 0)
        return STATUS_CRYPTO;
    error = mbedtls_ecdsa_verify(&ecdsa.group, digest->bytes, digest->size, &ecdsa.point, &ecdsa.r, &ecdsa.s);
    if (error == 0)
        return STATUS_OK;
    return error == MBEDTLS_ERR_ECP_VERIFY_FAILED ? STATUS_FORGED : STATUS_CRYPTO;
}

/* Ecdsa-Sig-Value (RFC 3279 section 2.2.3). */
static enum status verify_ecdsa_value(const struct digest *digest, struct view value, const struct x509_key *key)
{
    struct view numbers, r, s;

    if (der_take(&value, DER_SEQUENCE, &numbers) != STATUS_OK || der_end(value) != STATUS_OK ||
        der_take_magnitude(&numbers, &r) != STATUS_OK || der_take_magnitude(&numbers, &s) != STATUS_OK ||
        der_end(numbers) != STATUS_OK)
        return STATUS_FORGED;
    return verify_ecdsa(digest, r, s, key);
}

/* What the size of the numbers makes costly is refused before any work. */
static enum status load_rsa(mbedtls_rsa_context *rsa, const struct x509_key *key)
{
    if (key->kind != X509_KEY_RSA || key->modulus.len < RSA_MODULUS_MIN || key->modulus.len > RSA_MODULUS_MAX ||
        key->exponent.len > RSA_EXPONENT_MAX)
        return STATUS_UNSUPPORTED;
    if (mbedtls_rsa_import_raw(rsa, key->modulus.ptr, key->modulus.len, NULL, 0, NULL, 0, NULL, 0, key->exponent.ptr,
                               key->exponent.len) != 0)
        return STATUS_CRYPTO;
    return mbedtls_rsa_complete(rsa) == 0 && mbedtls_rsa_check_pubkey(rsa) == 0 ? STATUS_OK : STATUS_BAD_KEY;
}

static enum status verify_rsa(const struct digest *digest, const struct x509_signature *signature,
                              const struct x509_key *key)
{
    CLEANUP(mbedtls_rsa_free) mbedtls_rsa_context rsa;
    int error;

    mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE);
    TRY(load_rsa(&rsa, key));
    if (signature->value.len != key->modulus.len)
        return STATUS_FORGED;
    if (signature->scheme == X509_RSA_PKCS1) {
        error = mbedtls_rsa_pkcs1_verify(&rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, digest->kind, digest->size,
                                         digest->bytes, signature->value.ptr);
    } else {
        mbedtls_rsa_set_padding(&rsa, MBEDTLS_RSA_PKCS_V21, (int)digest->kind);
        error = mbedtls_rsa_rsassa_pss_verify_ext(&rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, digest->kind, digest->size,
                                                  digest->bytes, digest->kind, (int)signature->salt_len,
                                                  signature->value.ptr);
    }
    if (error == 0)
        return STATUS_OK;
    return error == MBEDTLS_ERR_MPI_ALLOC_FAILED ? STATUS_CRYPTO : STATUS_FORGED;
}

enum status x509_verify(struct view data, const struct x509_signature *signature, const struct x509_key *key)
{
    struct digest digest;

    if (signature->scheme == X509_SCHEME_OTHER)
        return STATUS_UNSUPPORTED;
    TRY(digest_of(data, signature->hash, &digest));
    if (signature->scheme == X509_ECDSA)
        return verify_ecdsa_value(&digest, signature->value, key);
    return verify_rsa(&digest, signature, key);
}

enum status x509_verify_p384(struct view data, struct view r, struct view s, const struct x509_key *key)
{
    struct digest digest;

    if (key->kind != X509_KEY_P384)
        return STATUS_UNSUPPORTED;
    TRY(digest_of(data, X509_SHA384, &digest));
    return verify_ecdsa(&digest, r, s, key);
}

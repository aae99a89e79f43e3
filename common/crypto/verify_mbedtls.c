/* verify_mbedtls.c: see verify.h. */
#include "verify.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <string.h>

#define MODULUS_BYTES_MIN 256 /* 2048 bits */
#define POINT_BYTES_MAX   132 /* of P-521 */

static const mbedtls_md_type_t md_types[] = {
    [DIGEST_SHA256] = MBEDTLS_MD_SHA256,
    [DIGEST_SHA384] = MBEDTLS_MD_SHA384,
    [DIGEST_SHA512] = MBEDTLS_MD_SHA512,
};

static const struct {
    mbedtls_ecp_group_id id;
    size_t size; /* of a coordinate */
} curves[] = {
    [PUBLIC_KEY_P256] = {MBEDTLS_ECP_DP_SECP256R1, 32},
    [PUBLIC_KEY_P384] = {MBEDTLS_ECP_DP_SECP384R1, 48},
    [PUBLIC_KEY_P521] = {MBEDTLS_ECP_DP_SECP521R1, 66},
    [PUBLIC_KEY_RSA] = {MBEDTLS_ECP_DP_NONE, 0},
};

size_t digest_size(enum digest_alg alg)
{
    return mbedtls_md_get_size(mbedtls_md_info_from_type(md_types[alg]));
}

struct view digest_view(const struct digest *digest)
{
    return (struct view){digest->bytes, digest_size(digest->alg)};
}

enum status digest_pieces(enum digest_alg alg, const struct view *pieces, size_t count, struct digest *out)
{
    CLEANUP(mbedtls_md_free) mbedtls_md_context_t md;

    mbedtls_md_init(&md);
    if (mbedtls_md_setup(&md, mbedtls_md_info_from_type(md_types[alg]), 0) != 0 || mbedtls_md_starts(&md) != 0)
        return STATUS_CRYPTO;
    for (size_t i = 0; i < count; i++)
        if (mbedtls_md_update(&md, pieces[i].ptr, pieces[i].len) != 0)
            return STATUS_CRYPTO;
    out->alg = alg;
    return mbedtls_md_finish(&md, out->bytes) == 0 ? STATUS_OK : STATUS_CRYPTO;
}

enum status digest_hmac(enum digest_alg alg, struct view key, const struct view *pieces, size_t count,
                        struct digest *out)
{
    CLEANUP(mbedtls_md_free) mbedtls_md_context_t md;

    mbedtls_md_init(&md);
    if (mbedtls_md_setup(&md, mbedtls_md_info_from_type(md_types[alg]), 1) != 0 ||
        mbedtls_md_hmac_starts(&md, key.ptr, key.len) != 0)
        return STATUS_CRYPTO;
    for (size_t i = 0; i < count; i++)
        if (mbedtls_md_hmac_update(&md, pieces[i].ptr, pieces[i].len) != 0)
            return STATUS_CRYPTO;
    out->alg = alg;
    return mbedtls_md_hmac_finish(&md, out->bytes) == 0 ? STATUS_OK : STATUS_CRYPTO;
}

size_t public_key_coordinate_size(enum public_key_kind kind)
{
    return curves[kind].size;
}

/* The numbers of one ECDSA check. */
struct work {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi r, s;
};

static void work_free(struct work *work)
{
    mbedtls_ecp_group_free(&work->group);
    mbedtls_ecp_point_free(&work->point);
    mbedtls_mpi_free(&work->r);
    mbedtls_mpi_free(&work->s);
}

/* Loads a curve and the point x || y on it. work can be freed whatever is returned. */
static enum status work_start(struct work *work, enum public_key_kind kind, const uint8_t *point)
{
    const size_t size = curves[kind].size;

    mbedtls_ecp_group_init(&work->group);
    mbedtls_ecp_point_init(&work->point);
    mbedtls_mpi_init(&work->r);
    mbedtls_mpi_init(&work->s);
    if (mbedtls_ecp_group_load(&work->group, curves[kind].id) != 0 ||
        mbedtls_mpi_read_binary(&work->point.X, point, size) != 0 ||
        mbedtls_mpi_read_binary(&work->point.Y, point + size, size) != 0 || mbedtls_mpi_lset(&work->point.Z, 1) != 0)
        return STATUS_CRYPTO;
    return mbedtls_ecp_check_pubkey(&work->group, &work->point) == 0 ? STATUS_OK : STATUS_BAD_KEY;
}

/* Puts a number at the end of size zero bytes. */
static enum status pad(struct view number, size_t size, uint8_t *out)
{
    if (number.len == 0 || number.len > size)
        return STATUS_BAD_KEY;
    memset(out, 0, size - number.len);
    memcpy(out + (size - number.len), number.ptr, number.len);
    return STATUS_OK;
}

enum status public_key_from_point(enum public_key_kind kind, struct view x, struct view y, struct public_key *out)
{
    CLEANUP(work_free) struct work work = {0};
    const size_t size = curves[kind].size;
    uint8_t point[POINT_BYTES_MAX];

    TRY(pad(x, size, point));
    TRY(pad(y, size, point + size));
    TRY(work_start(&work, kind, point));
    *out = (struct public_key){.kind = kind, .len = 2 * size};
    memcpy(out->bytes, point, 2 * size);
    return STATUS_OK;
}

enum status public_key_from_modulus(struct view modulus, uint32_t exponent, struct public_key *out)
{
    if (modulus.len < MODULUS_BYTES_MIN || modulus.len > PUBLIC_KEY_BYTES_MAX || (modulus.ptr[0] & 0x80) == 0 ||
        (modulus.ptr[modulus.len - 1] & 1) == 0)
        return STATUS_BAD_KEY;
    if ((exponent & 1) == 0 || exponent == 1)
        return STATUS_BAD_KEY;
    *out = (struct public_key){.kind = PUBLIC_KEY_RSA, .len = modulus.len, .exponent = exponent};
    memcpy(out->bytes, modulus.ptr, modulus.len);
    return STATUS_OK;
}

static enum status from_ec(const mbedtls_ecp_keypair *pair, struct public_key *out)
{
    for (enum public_key_kind kind = PUBLIC_KEY_P256; kind <= PUBLIC_KEY_P521; kind++) {
        uint8_t point[POINT_BYTES_MAX];
        const size_t size = curves[kind].size;

        if (curves[kind].id != pair->grp.id)
            continue;
        if (mbedtls_mpi_write_binary(&pair->Q.X, point, size) != 0 ||
            mbedtls_mpi_write_binary(&pair->Q.Y, point + size, size) != 0)
            return STATUS_BAD_KEY;
        return public_key_from_point(kind, (struct view){point, size}, (struct view){point + size, size}, out);
    }
    return STATUS_BAD_KEY;
}

static enum status from_rsa(const mbedtls_rsa_context *rsa, struct public_key *out)
{
    uint8_t modulus[PUBLIC_KEY_BYTES_MAX], exponent[4];
    const size_t len = mbedtls_rsa_get_len(rsa);

    if (len > sizeof modulus ||
        mbedtls_rsa_export_raw(rsa, modulus, len, NULL, 0, NULL, 0, NULL, 0, exponent, sizeof exponent) != 0)
        return STATUS_BAD_KEY;
    return public_key_from_modulus((struct view){modulus, len}, read_be32(exponent), out);
}

enum status public_key_from_spki(struct view text, struct public_key *out)
{
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context pk;
    uint8_t ended[PUBLIC_KEY_TEXT_MAX + 1];
    bool pem;

    mbedtls_pk_init(&pk);
    if (text.len > PUBLIC_KEY_TEXT_MAX)
        return STATUS_NO_SPACE;
    if (text.len == 0)
        return STATUS_MALFORMED;
    memcpy(ended, text.ptr, text.len);
    ended[text.len] = 0; /* which mbedTLS wants to see at the end of PEM, and not of DER */
    pem = text.ptr[0] == '-';
    if (mbedtls_pk_parse_public_key(&pk, ended, text.len + pem) != 0)
        return STATUS_MALFORMED;
    if (mbedtls_pk_get_type(&pk) == MBEDTLS_PK_RSA)
        return from_rsa(mbedtls_pk_rsa(pk), out);
    return mbedtls_pk_can_do(&pk, MBEDTLS_PK_ECKEY) ? from_ec(mbedtls_pk_ec(pk), out) : STATUS_BAD_KEY;
}

bool public_key_equal(const struct public_key *a, const struct public_key *b)
{
    return a->kind == b->kind && a->exponent == b->exponent &&
           view_equal((struct view){a->bytes, a->len}, (struct view){b->bytes, b->len});
}

static enum status verify_ecdsa(const struct public_key *key, struct view digest, struct view signature)
{
    CLEANUP(work_free) struct work work = {0};
    const size_t size = curves[key->kind].size;
    int error;

    TRY(work_start(&work, key->kind, key->bytes));
    if (signature.len != 2 * size)
        return STATUS_FORGED;
    if (mbedtls_mpi_read_binary(&work.r, signature.ptr, size) != 0 ||
        mbedtls_mpi_read_binary(&work.s, signature.ptr + size, size) != 0)
        return STATUS_CRYPTO;
    error = mbedtls_ecdsa_verify(&work.group, digest.ptr, digest.len, &work.point, &work.r, &work.s);
    if (error == MBEDTLS_ERR_ECP_VERIFY_FAILED)
        return STATUS_FORGED;
    return error == 0 ? STATUS_OK : STATUS_CRYPTO;
}

/* What the scheme says of the number, once the key is loaded. */
static int verify_padded(mbedtls_rsa_context *rsa, const struct digest *digest, const struct signature *signature)
{
    const mbedtls_md_type_t md = md_types[digest->alg];
    const struct view hash = digest_view(digest);
    const unsigned int size = (unsigned int)hash.len;
    const bool any_salt = signature->salt_len == SIGNATURE_SALT_ANY;

    if (signature->scheme == SIGNATURE_RSA_PKCS1)
        return mbedtls_rsa_rsassa_pkcs1_v15_verify(rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, md, size, hash.ptr,
                                                   signature->value.ptr);
    mbedtls_rsa_set_padding(rsa, MBEDTLS_RSA_PKCS_V21, (int)md);
    return mbedtls_rsa_rsassa_pss_verify_ext(rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, md, size, hash.ptr, md,
                                             any_salt ? MBEDTLS_RSA_SALT_LEN_ANY : (int)signature->salt_len,
                                             signature->value.ptr);
}

static enum status verify_rsa(const struct public_key *key, const struct digest *digest,
                              const struct signature *signature)
{
    CLEANUP(mbedtls_rsa_free) mbedtls_rsa_context rsa;
    uint8_t exponent[4];
    int error;

    mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, 0);
    write_be32(exponent, key->exponent);
    if (mbedtls_rsa_import_raw(&rsa, key->bytes, key->len, NULL, 0, NULL, 0, NULL, 0, exponent, sizeof exponent) != 0 ||
        mbedtls_rsa_complete(&rsa) != 0)
        return STATUS_BAD_KEY;
    if (signature->value.len != key->len ||
        (signature->salt_len > PUBLIC_KEY_BYTES_MAX && signature->salt_len != SIGNATURE_SALT_ANY))
        return STATUS_FORGED;
    error = verify_padded(&rsa, digest, signature);
    if (error == 0)
        return STATUS_OK;
    return error == MBEDTLS_ERR_MPI_ALLOC_FAILED ? STATUS_CRYPTO : STATUS_FORGED;
}

enum status public_key_verify(const struct public_key *key, const struct digest *digest,
                              const struct signature *signature)
{
    if ((key->kind == PUBLIC_KEY_RSA) == (signature->scheme == SIGNATURE_ECDSA))
        return STATUS_BAD_KEY;
    if (key->kind == PUBLIC_KEY_RSA)
        return verify_rsa(key, digest, signature);
    return verify_ecdsa(key, digest_view(digest), signature->value);
}

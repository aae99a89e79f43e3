/* pem_mbedtls.c: see pem.h. */
#include "pem.h"

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <string.h>

/* mbedTLS wants the text with its terminating zero. */
static enum status with_end(struct view pem, uint8_t out[static PEM_MAX])
{
    if (pem.len >= PEM_MAX)
        return STATUS_NO_SPACE;
    memcpy(out, pem.ptr, pem.len);
    out[pem.len] = 0;
    return STATUS_OK;
}

static enum status point_of(const mbedtls_pk_context *pk, uint8_t point[static P256_POINT_SIZE])
{
    uint8_t encoded[1 + P256_POINT_SIZE];
    const mbedtls_ecp_keypair *pair;
    size_t len;

    if (!mbedtls_pk_can_do(pk, MBEDTLS_PK_ECKEY))
        return STATUS_BAD_KEY;
    pair = mbedtls_pk_ec(*pk);
    if (pair->grp.id != MBEDTLS_ECP_DP_SECP256R1 || mbedtls_ecp_check_pubkey(&pair->grp, &pair->Q) != 0)
        return STATUS_BAD_KEY;
    if (mbedtls_ecp_point_write_binary(&pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, encoded,
                                       sizeof encoded) != 0)
        return STATUS_CRYPTO;
    memcpy(point, encoded + 1, P256_POINT_SIZE);
    return STATUS_OK;
}

enum status pem_private_key(struct view pem, struct p256_key *out)
{
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context pk;
    uint8_t text[PEM_MAX];
    struct p256_key key;
    int parsed;

    mbedtls_pk_init(&pk);
    TRY(with_end(pem, text));
    parsed = mbedtls_pk_parse_key(&pk, text, pem.len + 1, NULL, 0);
    wipe(text, sizeof text);
    if (parsed != 0)
        return STATUS_MALFORMED;
    TRY(point_of(&pk, key.point));
    if (mbedtls_mpi_write_binary(&mbedtls_pk_ec(pk)->d, key.scalar, sizeof key.scalar) != 0)
        return STATUS_BAD_KEY;
    *out = key;
    wipe(&key, sizeof key);
    return STATUS_OK;
}

enum status pem_public_key(struct view pem, uint8_t point[static P256_POINT_SIZE])
{
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context pk;
    uint8_t text[PEM_MAX];

    mbedtls_pk_init(&pk);
    TRY(with_end(pem, text));
    if (mbedtls_pk_parse_public_key(&pk, text, pem.len + 1) != 0)
        return STATUS_MALFORMED;
    return point_of(&pk, point);
}

/* Fills an mbedTLS key pair; scalar may be NULL for a public key. */
static enum status load(mbedtls_pk_context *pk, const uint8_t *scalar, const uint8_t point[static P256_POINT_SIZE])
{
    uint8_t encoded[1 + P256_POINT_SIZE] = {4};
    mbedtls_ecp_keypair *pair;

    if (mbedtls_pk_setup(pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) != 0)
        return STATUS_CRYPTO;
    pair = mbedtls_pk_ec(*pk);
    memcpy(encoded + 1, point, P256_POINT_SIZE);
    if (mbedtls_ecp_group_load(&pair->grp, MBEDTLS_ECP_DP_SECP256R1) != 0 ||
        mbedtls_ecp_point_read_binary(&pair->grp, &pair->Q, encoded, sizeof encoded) != 0)
        return STATUS_BAD_KEY;
    if (scalar != NULL && mbedtls_mpi_read_binary(&pair->d, scalar, P256_SCALAR_SIZE) != 0)
        return STATUS_BAD_KEY;
    return STATUS_OK;
}

enum status pem_write_private(const struct p256_key *key, struct buf *out)
{
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context pk;
    uint8_t text[PEM_MAX];
    CLEANUP(buf_wipe) struct buf secret = BUF_OF(text);

    mbedtls_pk_init(&pk);
    TRY(load(&pk, key->scalar, key->point));
    if (mbedtls_pk_write_key_pem(&pk, text, sizeof text) != 0)
        return STATUS_CRYPTO;
    secret.len = strlen((const char *)text);
    return buf_append(out, buf_view(&secret));
}

enum status pem_write_public(struct view point, struct buf *out)
{
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context pk;
    uint8_t text[PEM_MAX];

    mbedtls_pk_init(&pk);
    if (point.len != P256_POINT_SIZE)
        return STATUS_BAD_KEY;
    TRY(load(&pk, NULL, point.ptr));
    if (mbedtls_pk_write_pubkey_pem(&pk, text, sizeof text) != 0)
        return STATUS_CRYPTO;
    return buf_append(out, view_of_string((const char *)text));
}

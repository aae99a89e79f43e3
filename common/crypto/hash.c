/* hash.c: SHA-2 and HKDF (see crypto.h) by mbedTLS; SHA-256 over bulk by the provider that the build chose. */
#include "aead_private.h"

#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

#define HKDF_BLOCKS_MAX 255 /* RFC 5869 section 2.3 */

enum status sha256(struct view data, uint8_t out[static SHA256_SIZE])
{
    return sha256_pieces(&data, 1, out);
}

enum status sha256_pieces(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE])
{
    return AEAD_PROVIDER.sha256(pieces, count, out);
}

enum status sha256_mbedtls(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE])
{
    CLEANUP(mbedtls_sha256_free) mbedtls_sha256_context context;

    mbedtls_sha256_init(&context);
    if (mbedtls_sha256_starts_ret(&context, 0) != 0)
        return STATUS_CRYPTO;
    for (size_t i = 0; i < count; i++)
        if (mbedtls_sha256_update_ret(&context, pieces[i].ptr, pieces[i].len) != 0)
            return STATUS_CRYPTO;
    return mbedtls_sha256_finish_ret(&context, out) == 0 ? STATUS_OK : STATUS_CRYPTO;
}

enum status sha512(struct view data, uint8_t out[static SHA512_SIZE])
{
    return mbedtls_sha512_ret(data.ptr, data.len, out, 0) == 0 ? STATUS_OK : STATUS_CRYPTO;
}

enum status hkdf_sha256(struct view salt, struct view secret, struct view info, struct buf *out)
{
    const size_t wanted = out->cap - out->len;

    if (wanted > (size_t)HKDF_BLOCKS_MAX * SHA256_SIZE)
        return STATUS_OUT_OF_RANGE;
    if (mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), salt.ptr, salt.len, secret.ptr, secret.len, info.ptr,
                     info.len, out->ptr + out->len, wanted) != 0) {
        wipe(out->ptr + out->len, wanted);
        return STATUS_CRYPTO;
    }
    out->len = out->cap;
    return STATUS_OK;
}

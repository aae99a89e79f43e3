/* aead_mbedtls.c: the AEAD of mbedTLS 2.28. */
#include "aead_private.h"

#include <mbedtls/ccm.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>

/* Each algorithm in mbedTLS's own terms: tag apart from the text. Zero is success, any other value is mbedTLS's error;
 * open gives `forged` of its row when the tag does not verify. */
struct algorithm {
    int64_t alg;
    int (*seal)(const struct aead *aead, struct view plain, uint8_t *out, uint8_t *tag);
    int (*open)(const struct aead *aead, struct view text, const uint8_t *tag, uint8_t *out);
    int forged;
};

static unsigned int key_bits(const struct aead *aead)
{
    return (unsigned int)aead->key.len * 8;
}

static int gcm_start(mbedtls_gcm_context *context, const struct aead *aead)
{
    mbedtls_gcm_init(context);
    return mbedtls_gcm_setkey(context, MBEDTLS_CIPHER_ID_AES, aead->key.ptr, key_bits(aead));
}

static int gcm_seal(const struct aead *aead, struct view plain, uint8_t *out, uint8_t *tag)
{
    CLEANUP(mbedtls_gcm_free) mbedtls_gcm_context context;
    int error = gcm_start(&context, aead);

    if (error != 0)
        return error;
    return mbedtls_gcm_crypt_and_tag(&context, MBEDTLS_GCM_ENCRYPT, plain.len, aead->nonce.ptr, aead->nonce.len,
                                     aead->aad.ptr, aead->aad.len, plain.ptr, out, AEAD_TAG_SIZE, tag);
}

static int gcm_open(const struct aead *aead, struct view text, const uint8_t *tag, uint8_t *out)
{
    CLEANUP(mbedtls_gcm_free) mbedtls_gcm_context context;
    int error = gcm_start(&context, aead);

    if (error != 0)
        return error;
    return mbedtls_gcm_auth_decrypt(&context, text.len, aead->nonce.ptr, aead->nonce.len, aead->aad.ptr, aead->aad.len,
                                    tag, AEAD_TAG_SIZE, text.ptr, out);
}

static int ccm_start(mbedtls_ccm_context *context, const struct aead *aead)
{
    mbedtls_ccm_init(context);
    return mbedtls_ccm_setkey(context, MBEDTLS_CIPHER_ID_AES, aead->key.ptr, key_bits(aead));
}

static int ccm_seal(const struct aead *aead, struct view plain, uint8_t *out, uint8_t *tag)
{
    CLEANUP(mbedtls_ccm_free) mbedtls_ccm_context context;
    int error = ccm_start(&context, aead);

    if (error != 0)
        return error;
    return mbedtls_ccm_encrypt_and_tag(&context, plain.len, aead->nonce.ptr, aead->nonce.len, aead->aad.ptr,
                                       aead->aad.len, plain.ptr, out, tag, AEAD_TAG_SIZE);
}

static int ccm_open(const struct aead *aead, struct view text, const uint8_t *tag, uint8_t *out)
{
    CLEANUP(mbedtls_ccm_free) mbedtls_ccm_context context;
    int error = ccm_start(&context, aead);

    if (error != 0)
        return error;
    return mbedtls_ccm_auth_decrypt(&context, text.len, aead->nonce.ptr, aead->nonce.len, aead->aad.ptr, aead->aad.len,
                                    text.ptr, out, tag, AEAD_TAG_SIZE);
}

static int chachapoly_start(mbedtls_chachapoly_context *context, const struct aead *aead)
{
    mbedtls_chachapoly_init(context);
    return mbedtls_chachapoly_setkey(context, aead->key.ptr);
}

static int chachapoly_seal(const struct aead *aead, struct view plain, uint8_t *out, uint8_t *tag)
{
    CLEANUP(mbedtls_chachapoly_free) mbedtls_chachapoly_context context;
    int error = chachapoly_start(&context, aead);

    if (error != 0)
        return error;
    return mbedtls_chachapoly_encrypt_and_tag(&context, plain.len, aead->nonce.ptr, aead->aad.ptr, aead->aad.len,
                                              plain.ptr, out, tag);
}

static int chachapoly_open(const struct aead *aead, struct view text, const uint8_t *tag, uint8_t *out)
{
    CLEANUP(mbedtls_chachapoly_free) mbedtls_chachapoly_context context;
    int error = chachapoly_start(&context, aead);

    if (error != 0)
        return error;
    return mbedtls_chachapoly_auth_decrypt(&context, text.len, aead->nonce.ptr, aead->aad.ptr, aead->aad.len, tag,
                                           text.ptr, out);
}

static const struct algorithm algorithms[] = {
    {AEAD_A128GCM, gcm_seal, gcm_open, MBEDTLS_ERR_GCM_AUTH_FAILED},
    {AEAD_A256GCM, gcm_seal, gcm_open, MBEDTLS_ERR_GCM_AUTH_FAILED},
    {AEAD_CHACHA20_POLY1305, chachapoly_seal, chachapoly_open, MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED},
    {AEAD_CCM_16_128_256, ccm_seal, ccm_open, MBEDTLS_ERR_CCM_AUTH_FAILED},
};

static const struct algorithm *algorithm_of(int64_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (algorithms[i].alg == alg)
            return &algorithms[i];
    return NULL;
}

static enum status prepare(void)
{
    return STATUS_OK;
}

static enum status seal(const struct aead *aead, struct view plain, uint8_t *out)
{
    const struct algorithm *algorithm = algorithm_of(aead->alg);

    if (algorithm == NULL)
        return STATUS_UNSUPPORTED;
    return algorithm->seal(aead, plain, out, out + plain.len) == 0 ? STATUS_OK : STATUS_CRYPTO;
}

static enum status open(const struct aead *aead, struct view sealed, uint8_t *out)
{
    const struct algorithm *algorithm = algorithm_of(aead->alg);
    const struct view text = {sealed.ptr, sealed.len - AEAD_TAG_SIZE};
    int error;

    if (algorithm == NULL)
        return STATUS_UNSUPPORTED;
    error = algorithm->open(aead, text, sealed.ptr + text.len, out);
    if (error == algorithm->forged)
        return STATUS_FORGED;
    return error == 0 ? STATUS_OK : STATUS_CRYPTO;
}

const struct aead_provider aead_mbedtls = {.prepare = prepare, .seal = seal, .open = open, .sha256 = sha256_mbedtls};

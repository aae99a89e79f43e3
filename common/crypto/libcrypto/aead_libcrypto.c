/* aead_libcrypto.c: AEAD and SHA-256 of OpenSSL's libcrypto 3, for bulk data on servers. In a folder of its own, so that a build
 * with BULK_AEAD=mbedtls does not link libcrypto. */
#include "aead_private.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

struct algorithm {
    int64_t alg;
    const EVP_CIPHER *(*cipher)(void);
    bool lengths_first; /* CCM: the sizes of tag and text are said before the text */
};

static const struct algorithm algorithms[] = {
    {AEAD_A128GCM, EVP_aes_128_gcm, false},
    {AEAD_A256GCM, EVP_aes_256_gcm, false},
    {AEAD_CHACHA20_POLY1305, EVP_chacha20_poly1305, false},
    {AEAD_CCM_16_128_256, EVP_aes_256_ccm, true},
};

static const struct algorithm *algorithm_of(int64_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (algorithms[i].alg == alg)
            return &algorithms[i];
    return NULL;
}

/* One use of a cipher. A failure here must not be taken for one of TLS by another user of libcrypto on this thread, so
 * its error queue is put back to how it was. */
struct operation {
    EVP_CIPHER_CTX *context;
    bool sealing;
};

static struct operation operation_of(bool sealing)
{
    (void)ERR_set_mark();
    return (struct operation){EVP_CIPHER_CTX_new(), sealing};
}

static void operation_end(struct operation *operation)
{
    EVP_CIPHER_CTX_free(operation->context); /* wipes what it frees */
    (void)ERR_pop_to_mark();
}

/* tag: the one to be verified; NULL when sealing. */
static bool operation_start(struct operation *operation, const struct aead *aead, size_t text_len, const uint8_t *tag)
{
    const struct algorithm *algorithm = algorithm_of(aead->alg);
    EVP_CIPHER_CTX *context = operation->context;
    uint8_t tag_copy[AEAD_TAG_SIZE]; /* libcrypto's call takes no const */
    int ignored;

    if (algorithm == NULL || context == NULL)
        return false;
    if (EVP_CipherInit_ex(context, algorithm->cipher(), NULL, NULL, NULL, operation->sealing) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)aead->nonce.len, NULL) != 1)
        return false;
    if (tag != NULL)
        memcpy(tag_copy, tag, sizeof tag_copy);
    if ((tag != NULL || algorithm->lengths_first) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_SIZE, tag == NULL ? NULL : tag_copy) != 1)
        return false;
    if (EVP_CipherInit_ex(context, NULL, NULL, aead->key.ptr, aead->nonce.ptr, operation->sealing) != 1)
        return false;
    if (algorithm->lengths_first && EVP_CipherUpdate(context, NULL, &ignored, NULL, (int)text_len) != 1)
        return false;
    return aead->aad.len == 0 || EVP_CipherUpdate(context, NULL, &ignored, aead->aad.ptr, (int)aead->aad.len) == 1;
}

/* Runs the text through the cipher. When opening, false means that the tag does not verify (CCM tells by the first
 * call, the others by the second): every size was checked before. */
static bool operation_run(const struct operation *operation, struct view text, uint8_t *out)
{
    static const uint8_t nothing; /* for libcrypto a NULL in or out is another request than no bytes */
    const uint8_t *from = text.len == 0 ? &nothing : text.ptr;
    uint8_t no_block[EVP_MAX_BLOCK_LENGTH]; /* AEADs have no last block */
    int written, rest;

    return EVP_CipherUpdate(operation->context, out, &written, from, (int)text.len) == 1 &&
           EVP_CipherFinal_ex(operation->context, no_block, &rest) == 1;
}

static enum status prepare(void)
{
    return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 ? STATUS_OK : STATUS_CRYPTO;
}

static enum status seal(const struct aead *aead, struct view plain, uint8_t *out)
{
    CLEANUP(operation_end) struct operation operation = operation_of(true);

    if (!operation_start(&operation, aead, plain.len, NULL) || !operation_run(&operation, plain, out))
        return STATUS_CRYPTO;
    if (EVP_CIPHER_CTX_ctrl(operation.context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, out + plain.len) != 1)
        return STATUS_CRYPTO;
    return STATUS_OK;
}

static enum status open(const struct aead *aead, struct view sealed, uint8_t *out)
{
    CLEANUP(operation_end) struct operation operation = operation_of(false);
    const struct view text = {sealed.ptr, sealed.len - AEAD_TAG_SIZE};

    if (!operation_start(&operation, aead, text.len, sealed.ptr + text.len))
        return STATUS_CRYPTO;
    return operation_run(&operation, text, out) ? STATUS_OK : STATUS_FORGED;
}

static void digest_end(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
    (void)ERR_pop_to_mark();
}

static enum status digest(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE])
{
    (void)ERR_set_mark();
    CLEANUP(digest_end) EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        return STATUS_CRYPTO;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].len > 0 && EVP_DigestUpdate(context, pieces[i].ptr, pieces[i].len) != 1)
            return STATUS_CRYPTO;
    return EVP_DigestFinal_ex(context, out, NULL) == 1 ? STATUS_OK : STATUS_CRYPTO;
}

const struct aead_provider aead_libcrypto = {.prepare = prepare, .seal = seal, .open = open, .sha256 = digest};

/* aead_private.h: what a provider of bulk work is: AEAD, and the hash over what was sealed. One is chosen at build by
 * AEAD_PROVIDER; tests call both. */
#ifndef CRYPTO_AEAD_PRIVATE_H
#define CRYPTO_AEAD_PRIVATE_H

#include "crypto.h"

/* aead.c has checked the algorithm and every size before it calls a provider, gives an out that is not NULL, and
 * wipes it when the provider fails.
 * Returns STATUS_CRYPTO; open also STATUS_FORGED. */
struct aead_provider {
    /* Once, before the first use, where files must not be read later. */
    enum status (*prepare)(void);
    /* Writes plain.len + AEAD_TAG_SIZE bytes. */
    enum status (*seal)(const struct aead *aead, struct view plain, uint8_t *out);
    /* Writes sealed.len - AEAD_TAG_SIZE bytes; sealed holds a tag at least. */
    enum status (*open)(const struct aead *aead, struct view sealed, uint8_t *out);
    /* SHA-256 over pieces, joined. */
    enum status (*sha256)(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE]);
};

/* hash.c, for the provider that is mbedTLS. */
enum status sha256_mbedtls(const struct view *pieces, size_t count, uint8_t out[static SHA256_SIZE]);

extern const struct aead_provider aead_mbedtls;
extern const struct aead_provider aead_libcrypto;

/** aead_seal, aead_open and crypto_warm_up with a provider of the caller's choice. */
MUST_USE enum status aead_seal_with(const struct aead_provider *provider, const struct aead *aead, struct view plain,
                                    struct buf *out);
MUST_USE enum status aead_open_with(const struct aead_provider *provider, const struct aead *aead, struct view sealed,
                                    struct buf *out);
MUST_USE enum status aead_warm_up_with(const struct aead_provider *provider);

#endif

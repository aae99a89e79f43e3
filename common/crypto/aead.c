/* aead.c: see crypto.h. What every provider of AEAD has in common: sizes, checks, and what becomes of out. */
#include "aead_private.h"

#include <assert.h>

/* EVP counts in int; more than a packet or a model in one piece is not needed. */
#define PLAIN_MAX (INT32_MAX - AEAD_TAG_SIZE)

struct shape {
    int64_t alg;
    size_t key_size, nonce_size, plain_max;
};

/* CCM with a nonce of 13 bytes has two bytes left for the length (RFC 9053 section 4.2). */
static const struct shape shapes[] = {
    {AEAD_A128GCM, 16, 12, PLAIN_MAX},
    {AEAD_A256GCM, 32, 12, PLAIN_MAX},
    {AEAD_CHACHA20_POLY1305, 32, 12, PLAIN_MAX},
    {AEAD_CCM_16_128_256, 32, 13, UINT16_MAX},
};
static const struct shape no_shape;

static const struct shape *shape_of(int64_t alg)
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (shapes[i].alg == alg)
            return &shapes[i];
    return &no_shape;
}

size_t aead_key_size(int64_t alg)
{
    return shape_of(alg)->key_size;
}

size_t aead_nonce_size(int64_t alg)
{
    return shape_of(alg)->nonce_size;
}

size_t aead_plain_max(int64_t alg)
{
    return shape_of(alg)->plain_max;
}

/* What can be said before any byte is looked at, for a plaintext of plain_len bytes. */
static enum status check(const struct aead *aead, size_t plain_len)
{
    const struct shape *shape = shape_of(aead->alg);

    if (shape == &no_shape)
        return STATUS_UNSUPPORTED;
    if (aead->key.len != shape->key_size || aead->nonce.len != shape->nonce_size)
        return STATUS_BAD_KEY;
    if (plain_len > shape->plain_max || aead->aad.len > AEAD_AAD_MAX)
        return STATUS_OUT_OF_RANGE;
    return STATUS_OK;
}

/* Whether reading from `from` and writing len bytes at `to` touch no common byte. */
static bool apart(struct view from, const uint8_t *to, size_t len)
{
    const uintptr_t a = (uintptr_t)from.ptr, b = (uintptr_t)to;

    return from.len == 0 || len == 0 || (a < b ? b - a >= from.len : a - b >= len);
}

/* Where len bytes may be written behind out while input is read. Never NULL, also when there is nothing to write. */
static enum status reserve(const struct buf *out, size_t len, const struct aead *aead, struct view input, uint8_t **end)
{
    static uint8_t nothing; /* stays as it is: no byte of it is written */
    uint8_t *to;

    if (len > out->cap - out->len)
        return STATUS_NO_SPACE;
    to = len == 0 ? &nothing : out->ptr + out->len;
    assert(apart(input, to, len) && apart(aead->aad, to, len));
    assert(apart(aead->key, to, len) && apart(aead->nonce, to, len));
    *end = to;
    return STATUS_OK;
}

/* Counts what the provider wrote, or wipes it. */
static enum status finish(enum status status, uint8_t *end, size_t written, struct buf *out)
{
    if (status == STATUS_OK)
        out->len += written;
    else
        wipe(end, written);
    return status;
}

enum status aead_seal_with(const struct aead_provider *provider, const struct aead *aead, struct view plain,
                           struct buf *out)
{
    enum status status;
    size_t written;
    uint8_t *end;

    TRY(check(aead, plain.len));
    written = plain.len + AEAD_TAG_SIZE;
    TRY(reserve(out, written, aead, plain, &end));
    status = provider->seal(aead, plain, end);
    return finish(status, end, written, out);
}

enum status aead_open_with(const struct aead_provider *provider, const struct aead *aead, struct view sealed,
                           struct buf *out)
{
    enum status status;
    size_t written;
    uint8_t *end;

    if (sealed.len < AEAD_TAG_SIZE)
        return STATUS_TRUNCATED;
    written = sealed.len - AEAD_TAG_SIZE;
    TRY(check(aead, written));
    TRY(reserve(out, written, aead, sealed, &end));
    status = provider->open(aead, sealed, end);
    return finish(status, end, written, out);
}

static enum status try_algorithm(const struct aead_provider *provider, const struct shape *shape)
{
    static const uint8_t zeros[AEAD_KEY_MAX], plain[1] = {'t'};
    const struct aead aead = {
        .alg = shape->alg, .key = {zeros, shape->key_size}, .nonce = {zeros, shape->nonce_size}, .aad = VIEW_OF(plain)};
    uint8_t sealed_bytes[sizeof plain + AEAD_TAG_SIZE], opened_bytes[sizeof plain];
    struct buf sealed = BUF_OF(sealed_bytes), opened = BUF_OF(opened_bytes);

    TRY(aead_seal_with(provider, &aead, VIEW_OF(plain), &sealed));
    TRY(aead_open_with(provider, &aead, buf_view(&sealed), &opened));
    return view_equal(buf_view(&opened), VIEW_OF(plain)) ? STATUS_OK : STATUS_CRYPTO;
}

enum status aead_warm_up_with(const struct aead_provider *provider)
{
    uint8_t digest[SHA256_SIZE];

    TRY(provider->prepare());
    TRY(provider->sha256(NULL, 0, digest));
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (try_algorithm(provider, &shapes[i]) != STATUS_OK)
            return STATUS_CRYPTO;
    return STATUS_OK;
}

enum status aead_seal(const struct aead *aead, struct view plain, struct buf *out)
{
    return aead_seal_with(&AEAD_PROVIDER, aead, plain, out);
}

enum status aead_open(const struct aead *aead, struct view sealed, struct buf *out)
{
    return aead_open_with(&AEAD_PROVIDER, aead, sealed, out);
}

enum status crypto_warm_up(void)
{
    return aead_warm_up_with(&AEAD_PROVIDER);
}

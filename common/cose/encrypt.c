/* encrypt.c: COSE_Encrypt to one recipient by ECDH-ES + HKDF-256, direct (RFC 9052 section 5.1, RFC 9053 section 6.3). */
#include "cose_private.h"

static const char context[] = "Encrypt";
static const uint8_t protected_a256gcm[] = {0xa1, LABEL_ALG, AEAD_A256GCM};
static const uint8_t protected_ecdh_es[] = {0xa1, LABEL_ALG, 0x38, 0x18}; /* {1: -25} */

/* A message taken apart. */
struct envelope {
    struct headers content, recipient;
    struct view ciphertext;
};

static enum status envelope_decode(struct view message, struct envelope *out)
{
    struct reader reader = reader_of(message);

    read_tag(&reader, TAG_ENCRYPT);
    read_array(&reader, 4, 4);
    read_headers(&reader, &headers_encrypt, &out->content);
    out->ciphertext = read_bytes(&reader, 0, SIZE_MAX);
    read_array(&reader, 1, 1); /* with direct key agreement there is no other recipient */
    read_array(&reader, 3, 3);
    read_headers(&reader, &headers_recipient, &out->recipient);
    (void)read_bytes(&reader, 0, 0); /* no key is sent */
    read_close(&reader);
    read_close(&reader);
    read_close(&reader);
    TRY(reader_end(&reader));
    return out->ciphertext.len < AEAD_TAG_SIZE ? STATUS_TRUNCATED : STATUS_OK;
}

/* What the content key comes from: own * peer, for which algorithm, agreed on under which header. */
struct agreement {
    const struct p256_key *own;
    struct view peer;
    const struct random_port *random;
    int64_t alg;
    struct view recipient_protected;
};

/* Fills key, which has the capacity of the algorithm's key. */
static enum status derive(const struct agreement *agreement, struct buf *key)
{
    uint8_t info_bytes[KDF_CONTEXT_MAX], secret_bytes[P256_SCALAR_SIZE];
    CLEANUP(buf_wipe) struct buf secret = BUF_OF(secret_bytes);
    struct buf info = BUF_OF(info_bytes);

    TRY(kdf_context(agreement->alg, agreement->recipient_protected, &info));
    TRY(p256_shared(agreement->own, agreement->peer, agreement->random, secret.ptr));
    secret.len = secret.cap;
    return hkdf_sha256((struct view){0}, buf_view(&secret), buf_view(&info), key);
}

/* The message up to where the ciphertext begins. */
static void write_start(struct writer *writer, struct view iv, size_t ciphertext_len)
{
    write_tag(writer, TAG_ENCRYPT);
    write_array(writer, 4);
    write_bytes(writer, VIEW_OF(protected_a256gcm));
    write_map(writer, 1);
    write_int(writer, LABEL_IV);
    write_bytes(writer, iv);
    write_bytes_head(writer, ciphertext_len);
}

static void write_recipient(struct writer *writer, struct view ephemeral)
{
    write_array(writer, 1);
    write_array(writer, 3);
    write_bytes(writer, VIEW_OF(protected_ecdh_es));
    write_map(writer, 1);
    write_int(writer, LABEL_EPHEMERAL);
    write_key(writer, ephemeral);
    write_bytes(writer, (struct view){0});
}

enum status cose_encrypt_seal(struct view point, const struct random_port *random, struct view external_aad,
                              struct view payload, struct buf *out)
{
    CLEANUP(p256_key_wipe) struct p256_key ephemeral = {0};
    uint8_t key_bytes[AEAD_KEY_MAX], iv[AEAD_NONCE_MAX], aad_bytes[STRUCTURE_MAX];
    CLEANUP(buf_wipe) struct buf key = {.ptr = key_bytes, .cap = aead_key_size(AEAD_A256GCM)};
    const struct agreement agreement = {&ephemeral, point, random, AEAD_A256GCM, VIEW_OF(protected_ecdh_es)};
    const struct view nonce = {iv, aead_nonce_size(AEAD_A256GCM)};
    struct buf aad = BUF_OF(aad_bytes), end = *out;
    struct writer writer = writer_to(&end);

    TRY(enc_structure(context, VIEW_OF(protected_a256gcm), external_aad, &aad));
    /* First the IV, then the key, then what blinds: of a random port that repeats itself comes the same message, however
     * many bytes the library draws for blinding. */
    TRY(random->fill(random->ctx, iv, nonce.len));
    TRY(p256_generate(random, &ephemeral));
    TRY(derive(&agreement, &key));

    write_start(&writer, nonce, payload.len + AEAD_TAG_SIZE);
    TRY(writer_end(&writer));
    TRY(aead_seal(&(struct aead){AEAD_A256GCM, buf_view(&key), nonce, buf_view(&aad)}, payload, &end));
    write_recipient(&writer, VIEW_OF(ephemeral.point));
    TRY(writer_end(&writer));
    *out = end;
    return STATUS_OK;
}

enum status cose_encrypt_open(struct view message, const struct p256_key *key, const struct random_port *random,
                              struct view external_aad, struct buf *out)
{
    uint8_t peer[P256_POINT_SIZE], key_bytes[AEAD_KEY_MAX], aad_bytes[STRUCTURE_MAX];
    CLEANUP(buf_wipe) struct buf content_key = {.ptr = key_bytes};
    struct buf aad = BUF_OF(aad_bytes);
    struct envelope envelope;

    TRY(envelope_decode(message, &envelope));
    TRY(cose_key_decode(envelope.recipient.ephemeral, peer));
    TRY(enc_structure(context, envelope.content.protected_, external_aad, &aad));
    content_key.cap = aead_key_size(envelope.content.alg);
    TRY(derive(&(struct agreement){key, VIEW_OF(peer), random, envelope.content.alg, envelope.recipient.protected_},
               &content_key));
    return aead_open(&(struct aead){.alg = envelope.content.alg,
                                    .key = buf_view(&content_key),
                                    .nonce = envelope.content.iv,
                                    .aad = buf_view(&aad)},
                     envelope.ciphertext, out);
}

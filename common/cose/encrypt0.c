/* encrypt0.c: COSE_Encrypt0 (RFC 9052 section 5.2), with the chunk header of PROTOCOL.md section 9. */
#include "cose_private.h"

static const char context[] = "Encrypt0";

enum status cose_encrypt0_decode(struct view message, struct cose_encrypt0 *out)
{
    struct reader reader = reader_of(message);
    struct headers headers;
    struct view ciphertext;

    read_tag(&reader, TAG_ENCRYPT0);
    read_array(&reader, 3, 3);
    read_headers(&reader, &headers_encrypt0, &headers);
    ciphertext = read_bytes(&reader, 0, SIZE_MAX);
    read_close(&reader);
    TRY(reader_end(&reader));
    if (ciphertext.len < AEAD_TAG_SIZE)
        return STATUS_TRUNCATED;
    *out = (struct cose_encrypt0){.protected_ = headers.protected_,
                                  .iv = headers.iv,
                                  .ciphertext = ciphertext,
                                  .alg = headers.alg,
                                  .kid = headers.kid,
                                  .sender = headers.sender,
                                  .chunk = headers.chunk};
    return STATUS_OK;
}

static void write_chunk(struct writer *writer, const struct cose_chunk *chunk)
{
    write_int(writer, COSE_LABEL_CHUNK);
    write_array(writer, 4);
    write_bytes(writer, chunk->transfer);
    write_uint(writer, chunk->index);
    write_uint(writer, chunk->count);
    write_uint(writer, chunk->total);
}

/* The protected bucket in deterministic order: 1, 4, -65537, -65538. */
static enum status encode_protected(const struct cose_encrypt0 *head, struct buf *out)
{
    const bool has_kid = head->kid.len > 0, has_chunk = head->chunk.transfer.len > 0, has_sender = head->sender.len > 0;
    struct writer writer = writer_to(out);

    if (head->kid.len > COSE_KID_MAX || (has_chunk && !chunk_fits(&head->chunk)))
        return STATUS_OUT_OF_RANGE;
    write_map(&writer, 1u + has_kid + has_chunk + has_sender);
    write_int(&writer, LABEL_ALG);
    write_int(&writer, head->alg);
    if (has_kid) {
        write_int(&writer, LABEL_KID);
        write_bytes(&writer, head->kid);
    }
    if (has_chunk)
        write_chunk(&writer, &head->chunk);
    if (has_sender) {
        write_int(&writer, COSE_LABEL_SENDER);
        write_raw(&writer, head->sender);
    }
    return writer_end(&writer);
}

enum status cose_encrypt0_seal(const struct cose_encrypt0 *head, struct view key, struct view external_aad,
                               struct view payload, struct buf *out)
{
    uint8_t protected_bytes[COSE_PROTECTED_MAX], aad_bytes[STRUCTURE_MAX];
    struct buf protected_ = BUF_OF(protected_bytes), aad = BUF_OF(aad_bytes), end = *out;
    struct writer writer = writer_to(&end);

    TRY(encode_protected(head, &protected_));
    TRY(enc_structure(context, buf_view(&protected_), external_aad, &aad));

    write_tag(&writer, TAG_ENCRYPT0);
    write_array(&writer, 3);
    write_bytes(&writer, buf_view(&protected_));
    write_map(&writer, 1);
    write_int(&writer, LABEL_IV);
    write_bytes(&writer, head->iv);
    write_bytes_head(&writer, payload.len + AEAD_TAG_SIZE);
    TRY(writer_end(&writer));
    TRY(aead_seal(&(struct aead){.alg = head->alg, .key = key, .nonce = head->iv, .aad = buf_view(&aad)}, payload,
                  &end));
    *out = end;
    return STATUS_OK;
}

enum status cose_encrypt0_open(const struct cose_encrypt0 *message, struct view key, struct view external_aad,
                               struct buf *out)
{
    uint8_t aad_bytes[STRUCTURE_MAX];
    struct buf aad = BUF_OF(aad_bytes);

    TRY(enc_structure(context, message->protected_, external_aad, &aad));
    return aead_open(&(struct aead){.alg = message->alg, .key = key, .nonce = message->iv, .aad = buf_view(&aad)},
                     message->ciphertext, out);
}

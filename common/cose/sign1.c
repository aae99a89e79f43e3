/* sign1.c: COSE_Sign1 with ES256 (RFC 9052 section 4.2, RFC 9053 section 2.1). */
#include "cose_private.h"

static const uint8_t protected_es256[] = {0xa1, LABEL_ALG, 0x26}; /* {1: -7} */

/* SHA-256 of the Sig_structure, whose long part, the payload, stays where it is. */
static enum status digest(struct view protected_, struct view external_aad, struct view payload,
                          uint8_t out[static SHA256_SIZE])
{
    uint8_t start_bytes[STRUCTURE_MAX];
    struct buf start = BUF_OF(start_bytes);

    TRY(sig_structure_start(protected_, external_aad, payload.len, &start));
    return sha256_pieces((const struct view[]){buf_view(&start), payload}, 2, out);
}

enum status cose_sign1_sign(const struct cose_signer *signer, struct view payload, struct buf *out)
{
    uint8_t hash[SHA256_SIZE], signature[P256_SIG_SIZE];
    struct writer writer = writer_to(out);

    if (signer->kid.len > COSE_KID_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(digest(VIEW_OF(protected_es256), signer->external_aad, payload, hash));
    TRY(p256_sign(signer->key, hash, signer->random, signature));

    write_tag(&writer, TAG_SIGN1);
    write_array(&writer, 4);
    write_bytes(&writer, VIEW_OF(protected_es256));
    write_map(&writer, signer->kid.len > 0);
    if (signer->kid.len > 0) {
        write_int(&writer, LABEL_KID);
        write_bytes(&writer, signer->kid);
    }
    write_bytes(&writer, payload);
    write_bytes(&writer, VIEW_OF(signature));
    return writer_end(&writer);
}

enum status cose_sign1_decode(struct view message, struct cose_sign1 *out)
{
    struct reader reader = reader_of(message);
    struct headers headers;
    struct view payload, signature;

    read_tag(&reader, TAG_SIGN1);
    read_array(&reader, 4, 4);
    read_headers(&reader, &headers_sign1, &headers);
    payload = read_bytes(&reader, 0, SIZE_MAX);
    signature = read_bytes(&reader, P256_SIG_SIZE, P256_SIG_SIZE);
    read_close(&reader);
    TRY(reader_end(&reader));
    *out = (struct cose_sign1){.protected_ = headers.protected_,
                               .kid = headers.kid,
                               .payload = payload,
                               .signature = signature,
                               .alg = headers.alg};
    return STATUS_OK;
}

enum status cose_sign1_verify(struct view message, struct view point, struct view external_aad, struct view *payload)
{
    struct cose_sign1 sign1;
    uint8_t hash[SHA256_SIZE];

    TRY(cose_sign1_decode(message, &sign1));
    TRY(digest(sign1.protected_, external_aad, sign1.payload, hash));
    TRY(p256_verify(point, hash, sign1.signature));
    *payload = sign1.payload;
    return STATUS_OK;
}

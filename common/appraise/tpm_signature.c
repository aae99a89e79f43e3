/* tpm_signature.c: whether a quote is signed with an AK (see tpm_private.h). */
#include <string.h>

#include "tpm_private.h"

#define DER_SEQUENCE  0x30
#define DER_INTEGER   0x02
#define DER_SHORT_MAX 0x7f
#define PAIR_MAX      132 /* r || s of P-521 */

/* A signature taken apart: r || s or RSA's number. */
struct parts {
    struct view bytes;
    uint8_t pair[PAIR_MAX]; /* what bytes shows for ECDSA */
    enum digest_alg digest;
};

/* A number as size bytes: shorter ones are filled up, zeros in front of longer ones fall away. */
static enum status pad(struct view number, size_t size, uint8_t *out)
{
    while (number.len > size && number.ptr[0] == 0)
        number = (struct view){number.ptr + 1, number.len - 1};
    if (number.len > size)
        return STATUS_FORGED;
    memset(out, 0, size - number.len);
    if (number.len > 0)
        memcpy(out + (size - number.len), number.ptr, number.len);
    return STATUS_OK;
}

static enum status set_pair(struct view r, struct view s, size_t size, struct parts *out)
{
    TRY(pad(r, size, out->pair));
    TRY(pad(s, size, out->pair + size));
    out->bytes = (struct view){out->pair, 2 * size};
    return STATUS_OK;
}

/* An INTEGER of short length. */
static struct view read_integer(struct marshal *marshal)
{
    size_t len;

    if (marshal_number(marshal, 1) != DER_INTEGER)
        marshal_fail(marshal, STATUS_MALFORMED);
    len = (size_t)marshal_number(marshal, 1);
    if (len == 0 || len > DER_SHORT_MAX)
        marshal_fail(marshal, STATUS_MALFORMED);
    return marshal_bytes(marshal, len);
}

/* ECDSA-Sig-Value (RFC 3279 section 2.2.3), of curves up to P-384, where it stays short. */
static enum status split_der(struct view signature, size_t size, struct parts *out)
{
    struct marshal marshal = marshal_of(signature);
    struct view r, s;

    if (marshal_number(&marshal, 1) != DER_SEQUENCE || marshal_number(&marshal, 1) != marshal.rest.len)
        return STATUS_MALFORMED;
    r = read_integer(&marshal);
    s = read_integer(&marshal);
    TRY(marshal_end(&marshal));
    return set_pair(r, s, size, out);
}

/* Without TPMT_SIGNATURE around it the hash is not told: it is that of the PCR digest, which the TPM makes alike. */
static enum status split_bare(struct view signature, size_t coordinate, size_t pcr_digest_len, struct parts *out)
{
    for (out->digest = DIGEST_SHA256; digest_size(out->digest) != pcr_digest_len; out->digest++)
        if (out->digest == DIGEST_SHA512)
            return STATUS_UNSUPPORTED;
    if (coordinate > 0 && signature.len != 2 * coordinate)
        return split_der(signature, coordinate, out);
    out->bytes = signature;
    return STATUS_OK;
}

/* Whether an AK may sign in a way. */
static enum status check_scheme(const struct tpm_public *ak, uint16_t alg, uint16_t hash)
{
    const bool rsa = ak->key.kind == PUBLIC_KEY_RSA;

    if (alg != TPM_ALG_RSASSA && alg != TPM_ALG_ECDSA)
        return STATUS_UNSUPPORTED;
    if (rsa != (alg == TPM_ALG_RSASSA))
        return STATUS_BAD_KEY;
    return ak->scheme == 0 || (ak->scheme == alg && ak->scheme_hash == hash) ? STATUS_OK : STATUS_BAD_KEY;
}

/* TPMT_SIGNATURE. */
static enum status split_structure(struct view signature, const struct tpm_public *ak, struct parts *out)
{
    struct marshal marshal = marshal_of(signature);
    const uint16_t alg = marshal_u16(&marshal), hash = marshal_u16(&marshal);
    struct view first, second = {NULL, 0};

    TRY(marshal.status);
    TRY(check_scheme(ak, alg, hash));
    first = marshal_sized(&marshal, PUBLIC_KEY_BYTES_MAX);
    if (alg == TPM_ALG_ECDSA)
        second = marshal_sized(&marshal, PUBLIC_KEY_BYTES_MAX);
    TRY(marshal_end(&marshal));
    TRY(digest_of_alg(hash, &out->digest));
    if (alg == TPM_ALG_ECDSA)
        return set_pair(first, second, public_key_coordinate_size(ak->key.kind), out);
    out->bytes = first;
    return STATUS_OK;
}

static bool is_bare(struct view signature, const struct tpm_public *ak)
{
    const size_t coordinate = public_key_coordinate_size(ak->key.kind);

    if (coordinate == 0)
        return signature.len == ak->key.len;
    return signature.len == 2 * coordinate || (signature.len > 0 && signature.ptr[0] == DER_SEQUENCE);
}

enum status quote_verify(const struct tpm_evidence *evidence, const struct tpm_public *ak,
                         const struct tpm_quote *quote, enum digest_alg *digest)
{
    const struct view attest = unwrap_sized(evidence->attest);
    struct digest computed;
    struct parts parts;

    if (is_bare(evidence->signature, ak))
        TRY(split_bare(evidence->signature, public_key_coordinate_size(ak->key.kind), quote->pcr_digest.len, &parts));
    else
        TRY(split_structure(evidence->signature, ak, &parts));
    TRY(digest_pieces(parts.digest, &attest, 1, &computed));
    TRY(public_key_verify(&ak->key, &computed, parts.bytes));
    *digest = parts.digest;
    return STATUS_OK;
}

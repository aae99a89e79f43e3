/* tpm_signature.c: whether a quote is signed with an AK (see tpm_private.h). */
#include "tpm_private.h"

#define DER_SEQUENCE 0x30

/* A signature taken apart. */
struct parts {
    struct signature signature;
    uint8_t pair[ECDSA_PAIR_MAX]; /* what signature.value shows for ECDSA */
    enum digest_alg digest;
};

/* Without TPMT_SIGNATURE around it the hash is not told: it is that of the PCR digest, which the TPM makes alike. */
static enum status split_bare(struct view signature, enum public_key_kind kind, size_t pcr_digest_len,
                              struct parts *out)
{
    for (out->digest = DIGEST_SHA256; digest_size(out->digest) != pcr_digest_len; out->digest++)
        if (out->digest == DIGEST_SHA512)
            return STATUS_UNSUPPORTED;
    if (kind != PUBLIC_KEY_RSA && signature.len != 2 * public_key_coordinate_size(kind))
        return ecdsa_pair_from_der(kind, signature, out->pair, &out->signature.value);
    out->signature.value = signature;
    return STATUS_OK;
}

static enum signature_scheme scheme_of(uint16_t alg)
{
    if (alg == TPM_ALG_ECDSA)
        return SIGNATURE_ECDSA;
    return alg == TPM_ALG_RSAPSS ? SIGNATURE_RSA_PSS : SIGNATURE_RSA_PKCS1;
}

/* How a key signs when its signature does not say so. */
static uint16_t alg_of(const struct tpm_public *ak)
{
    if (ak->scheme != 0)
        return ak->scheme;
    return ak->key.kind == PUBLIC_KEY_RSA ? TPM_ALG_RSASSA : TPM_ALG_ECDSA;
}

/* Whether an AK may sign in a way. */
static enum status check_scheme(const struct tpm_public *ak, uint16_t alg, uint16_t hash)
{
    const bool rsa = ak->key.kind == PUBLIC_KEY_RSA;

    if (alg != TPM_ALG_RSASSA && alg != TPM_ALG_RSAPSS && alg != TPM_ALG_ECDSA)
        return STATUS_UNSUPPORTED;
    if (rsa == (alg == TPM_ALG_ECDSA))
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
    out->signature.scheme = scheme_of(alg);
    first = marshal_sized(&marshal, PUBLIC_KEY_BYTES_MAX);
    if (alg == TPM_ALG_ECDSA)
        second = marshal_sized(&marshal, PUBLIC_KEY_BYTES_MAX);
    TRY(marshal_end(&marshal));
    TRY(digest_of_alg(hash, &out->digest));
    if (alg == TPM_ALG_ECDSA)
        return ecdsa_pair(ak->key.kind, first, second, out->pair, &out->signature.value);
    out->signature.value = first;
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
    struct parts parts = {.signature = {.scheme = scheme_of(alg_of(ak)), .salt_len = SIGNATURE_SALT_ANY}};
    struct digest computed;

    if (is_bare(evidence->signature, ak))
        TRY(split_bare(evidence->signature, ak->key.kind, quote->pcr_digest.len, &parts));
    else
        TRY(split_structure(evidence->signature, ak, &parts));
    TRY(digest_pieces(parts.digest, &attest, 1, &computed));
    TRY(public_key_verify(&ak->key, &computed, &parts.signature));
    *digest = parts.digest;
    return STATUS_OK;
}

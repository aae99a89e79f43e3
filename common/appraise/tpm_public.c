/* tpm_public.c: attestation keys (see tpm.h). */
#include <string.h>

#include "tpm_private.h"

#define CURVE_P256 0x0003
#define CURVE_P384 0x0004
#define CURVE_P521 0x0005

#define DER_SEQUENCE     0x30
#define EXPONENT_DEFAULT 65537 /* which 0 stands for */
#define COORDINATE_MAX   66

/* TPMT_SYM_DEF_OBJECT: of a storage key, which an AK is not; read so that it is told from rubbish. */
static void skip_symmetric(struct marshal *marshal)
{
    if (marshal_u16(marshal) != TPM_ALG_NULL)
        (void)marshal_number(marshal, 4); /* bits, mode */
}

/* TPMT_..._SCHEME: the null one leaves it open; those that we know have a hash. */
static void read_scheme(struct marshal *marshal, struct tpm_public *out)
{
    const uint16_t scheme = marshal_u16(marshal);

    if (scheme == TPM_ALG_NULL)
        return;
    if (scheme != TPM_ALG_RSASSA && scheme != TPM_ALG_RSAPSS && scheme != TPM_ALG_ECDSA)
        marshal_fail(marshal, STATUS_UNSUPPORTED);
    out->scheme = scheme;
    out->scheme_hash = marshal_u16(marshal);
}

static enum status read_rsa(struct marshal *marshal, struct tpm_public *out)
{
    struct view modulus;
    uint32_t exponent;
    size_t bits;

    skip_symmetric(marshal);
    read_scheme(marshal, out);
    bits = marshal_u16(marshal);
    exponent = marshal_u32(marshal);
    modulus = marshal_sized(marshal, PUBLIC_KEY_BYTES_MAX);
    TRY(marshal_end(marshal));
    if (8 * modulus.len != bits)
        return STATUS_MALFORMED;
    return public_key_from_modulus(modulus, exponent == 0 ? EXPONENT_DEFAULT : exponent, &out->key);
}

static enum status find_curve(uint16_t curve, enum public_key_kind *out)
{
    switch (curve) {
    case CURVE_P256:
        *out = PUBLIC_KEY_P256;
        return STATUS_OK;
    case CURVE_P384:
        *out = PUBLIC_KEY_P384;
        return STATUS_OK;
    case CURVE_P521:
        *out = PUBLIC_KEY_P521;
        return STATUS_OK;
    default:
        return STATUS_UNSUPPORTED;
    }
}

static enum status read_ecc(struct marshal *marshal, struct tpm_public *out)
{
    enum public_key_kind kind;
    struct view x, y;
    uint16_t curve;

    skip_symmetric(marshal);
    read_scheme(marshal, out);
    curve = marshal_u16(marshal);
    if (marshal_u16(marshal) != TPM_ALG_NULL) /* key derivation: not of a key that signs */
        marshal_fail(marshal, STATUS_UNSUPPORTED);
    x = marshal_sized(marshal, COORDINATE_MAX);
    y = marshal_sized(marshal, COORDINATE_MAX);
    TRY(marshal_end(marshal));
    TRY(find_curve(curve, &kind));
    return public_key_from_point(kind, x, y, &out->key);
}

static enum status name_of(struct view encoded, uint16_t alg, struct tpm_public *out)
{
    enum digest_alg digest_alg;
    struct digest digest;

    TRY(digest_of_alg(alg, &digest_alg));
    TRY(digest_pieces(digest_alg, &encoded, 1, &digest));
    out->name[0] = (uint8_t)(alg >> 8);
    out->name[1] = (uint8_t)alg;
    memcpy(out->name + 2, digest.bytes, digest_size(digest_alg));
    out->name_len = 2 + digest_size(digest_alg);
    return STATUS_OK;
}

/* TPMT_PUBLIC. */
static enum status decode_public(struct view encoded, struct tpm_public *out)
{
    struct marshal marshal = marshal_of(encoded);
    const uint16_t type = marshal_u16(&marshal), name_alg = marshal_u16(&marshal);

    out->attributes = marshal_u32(&marshal);
    (void)marshal_sized(&marshal, DIGEST_BYTES_MAX); /* authPolicy */
    TRY(marshal.status);
    if (type == TPM_ALG_RSA)
        TRY(read_rsa(&marshal, out));
    else if (type == TPM_ALG_ECC)
        TRY(read_ecc(&marshal, out));
    else
        return STATUS_UNSUPPORTED;
    return name_of(encoded, name_alg, out);
}

enum status tpm_public_decode(struct view encoded, struct tpm_public *out)
{
    struct tpm_public public;

    memset(&public, 0, sizeof public);
    if (encoded.len == 0)
        return STATUS_TRUNCATED;
    if (encoded.ptr[0] == '-' || encoded.ptr[0] == DER_SEQUENCE) {
        public.bare = true;
        TRY(public_key_from_spki(encoded, &public.key));
    } else {
        TRY(decode_public(unwrap_sized(encoded), &public));
    }
    *out = public;
    return STATUS_OK;
}

/* tss_key.c: the attestation key: made once, found ever after; see tss_private.h. */
#include "tss_private.h"

#define AK_ATTRIBUTES \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH | \
     TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT)
#define PRIMARY_ATTRIBUTES \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH | \
     TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

/* A storage key, as the TCG's template for the storage root key has it. */
static const TPM2B_PUBLIC primary_template = {
    .publicArea =
        {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = PRIMARY_ATTRIBUTES,
            .parameters.eccDetail =
                {
                    .symmetric = {.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB},
                    .scheme = {.scheme = TPM2_ALG_NULL},
                    .curveID = TPM2_ECC_NIST_P256,
                    .kdf = {.scheme = TPM2_ALG_NULL},
                },
        },
};

static const TPM2B_PUBLIC ak_template = {
    .publicArea =
        {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = AK_ATTRIBUTES,
            .parameters.eccDetail =
                {
                    .symmetric = {.algorithm = TPM2_ALG_NULL},
                    .scheme = {.scheme = TPM2_ALG_ECDSA, .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
                    .curveID = TPM2_ECC_NIST_P256,
                    .kdf = {.scheme = TPM2_ALG_NULL},
                },
        },
};

/* Whether a key is one that was made of the template: never one that signs what others give it. */
static bool is_ak(const TPMT_PUBLIC *area)
{
    const TPMS_ECC_PARMS *parms = &area->parameters.eccDetail;

    return area->type == TPM2_ALG_ECC && area->nameAlg == TPM2_ALG_SHA256 && area->objectAttributes == AK_ATTRIBUTES &&
           area->authPolicy.size == 0 && parms->scheme.scheme == TPM2_ALG_ECDSA &&
           parms->scheme.details.ecdsa.hashAlg == TPM2_ALG_SHA256 && parms->curveID == TPM2_ECC_NIST_P256;
}

enum status tss_find_ak(struct tss *tss, uint32_t handle, ESYS_TR *key, TPM2B_PUBLIC **public, struct reason *reason)
{
    TRY(tss_check(Esys_TR_FromTPMPublic(tss->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, key),
                  "looking for the attestation key", reason));
    TRY(tss_check(Esys_ReadPublic(tss->esys, *key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, public, NULL, NULL),
                  "reading the attestation key", reason));
    if (!is_ak(&(*public)->publicArea)) {
        reason_set(reason, "tpm_handle 0x%08x: another kind of key is there; choose another handle", handle);
        return STATUS_EXISTS;
    }
    return STATUS_OK;
}

static enum status make_primary(struct tss *tss, ESYS_TR *out, struct reason *reason)
{
    static const TPM2B_SENSITIVE_CREATE no_secret = {.size = 0};
    static const TPM2B_DATA no_data = {.size = 0};
    static const TPML_PCR_SELECTION no_pcrs = {.count = 0};

    return tss_check(Esys_CreatePrimary(tss->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                        &no_secret, &primary_template, &no_data, &no_pcrs, out, NULL, NULL, NULL, NULL),
                     "making a primary key in the owner's hierarchy", reason);
}

static enum status make_child(struct tss *tss, ESYS_TR primary, ESYS_TR *out, struct reason *reason)
{
    static const TPM2B_SENSITIVE_CREATE no_secret = {.size = 0};
    static const TPM2B_DATA no_data = {.size = 0};
    static const TPML_PCR_SELECTION no_pcrs = {.count = 0};
    TPM2B_PRIVATE *sealed = NULL;
    TPM2B_PUBLIC *public = NULL;
    enum status status =
        tss_check(Esys_Create(tss->esys, primary, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &no_secret,
                              &ak_template, &no_data, &no_pcrs, &sealed, &public, NULL, NULL, NULL),
                  "making the attestation key", reason);

    if (status == STATUS_OK)
        status =
            tss_check(Esys_Load(tss->esys, primary, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, sealed, public, out),
                      "loading the attestation key", reason);
    Esys_Free(sealed);
    Esys_Free(public);
    return status;
}

/* What a refusal of the owner's hierarchy means for who reads it. */
static enum status explain(enum status status, struct reason *reason)
{
    struct reason what = *reason;

    if (status == STATUS_NOT_PERMITTED)
        reason_set(reason, "%.300s; the owner's hierarchy is locked or has an authorisation value: clear it to enrol",
                   what.text);
    return status;
}

enum status tss_make_ak(struct tss *tss, uint32_t handle, struct reason *reason)
{
    ESYS_TR kept = ESYS_TR_NONE;

    TRY(explain(make_primary(tss, &tss->loaded[0], reason), reason));
    TRY(make_child(tss, tss->loaded[0], &tss->loaded[1], reason));
    return explain(tss_check(Esys_EvictControl(tss->esys, ESYS_TR_RH_OWNER, tss->loaded[1], ESYS_TR_PASSWORD,
                                               ESYS_TR_NONE, ESYS_TR_NONE, handle, &kept),
                             "keeping the attestation key", reason),
                   reason);
}

/* snp_leaf.c: the extensions of a VCEK's or VLEK's certificate (AMD 57230 section 3.1, 58369). */
#include "der.h"
#include "snp_private.h"

#define OID_AMD 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01 /* 1.3.6.1.4.1.3704.1 */

static const uint8_t oid_product_name[] = {OID_AMD, 0x02};
static const uint8_t oid_chip[] = {OID_AMD, 0x04}, oid_provider[] = {OID_AMD, 0x05};
static const uint8_t oid_bootloader[] = {OID_AMD, 0x03, 0x01}, oid_tee[] = {OID_AMD, 0x03, 0x02};
static const uint8_t oid_snp[] = {OID_AMD, 0x03, 0x03}, oid_microcode[] = {OID_AMD, 0x03, 0x08};
static const uint8_t oid_fmc[] = {OID_AMD, 0x03, 0x09};

static enum status read_svn(struct view extensions, struct view oid, uint8_t *out)
{
    struct view value;
    uint32_t number;

    if (x509_extension(extensions, oid, &value) != STATUS_OK)
        return STATUS_MALFORMED;
    TRY(der_take_number(&value, DER_INTEGER, UINT8_MAX, &number));
    TRY(der_end(value));
    *out = (uint8_t)number;
    return STATUS_OK;
}

static enum status read_tcb(struct view extensions, struct snp_tcb *out)
{
    struct view value;

    out->fmc = 0;
    if (x509_extension(extensions, VIEW_OF(oid_fmc), &value) == STATUS_OK)
        TRY(read_svn(extensions, VIEW_OF(oid_fmc), &out->fmc));
    TRY(read_svn(extensions, VIEW_OF(oid_bootloader), &out->bootloader));
    TRY(read_svn(extensions, VIEW_OF(oid_tee), &out->tee));
    TRY(read_svn(extensions, VIEW_OF(oid_snp), &out->snp));
    return read_svn(extensions, VIEW_OF(oid_microcode), &out->microcode);
}

/* By name and by the one extension that each has and the other has not. */
static enum status find_kind(const struct x509_certificate *certificate, struct snp_leaf *out)
{
    struct view name, provider;
    bool has_chip = x509_extension(certificate->extensions, VIEW_OF(oid_chip), &out->chip) == STATUS_OK;
    bool has_provider = x509_extension(certificate->extensions, VIEW_OF(oid_provider), &provider) == STATUS_OK;

    if (certificate->is_ca || certificate->purposes.len > 0 || has_chip == has_provider ||
        x509_name_common(certificate->subject, &name) != STATUS_OK)
        return STATUS_EVIDENCE_SIGNER;
    out->kind = has_chip ? SNP_VCEK : SNP_VLEK;
    return view_equal(name, has_chip ? VIEW_TEXT("SEV-VCEK") : VIEW_TEXT("SEV-VLEK")) ? STATUS_OK
                                                                                      : STATUS_EVIDENCE_SIGNER;
}

enum status snp_leaf_parse(const struct x509_certificate *certificate, struct snp_leaf *out)
{
    struct snp_leaf leaf = {.kind = SNP_NO_KEY};
    struct view value;

    TRY(find_kind(certificate, &leaf));
    if (x509_extension(certificate->extensions, VIEW_OF(oid_product_name), &value) != STATUS_OK)
        return STATUS_MALFORMED;
    TRY(der_take(&value, DER_IA5_STRING, &leaf.product_name));
    TRY(der_end(value));
    TRY(read_tcb(certificate->extensions, &leaf.tcb));
    *out = leaf;
    return STATUS_OK;
}

/* snp_collect.c: certificates and CRLs out of endorsements in any order and encoding (see snp_private.h). */
#include "snp_private.h"

#include "endorsement.h"

static enum status add_certificate(struct view der, struct snp_collection *to)
{
    if (to->certificate_count == SNP_CERTIFICATES_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_certificate_parse(der, &to->certificates[to->certificate_count]));
    to->certificate_count++;
    return STATUS_OK;
}

static enum status add_crl(struct view der, struct snp_collection *to)
{
    if (to->crl_count == SNP_CRLS_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_crl_parse(der, &to->crls[to->crl_count]));
    to->crl_count++;
    return STATUS_OK;
}

static enum status collect_items(struct view bytes, struct buf *space, struct snp_collection *to)
{
    enum x509_item item;
    struct view der;

    while (bytes.len > 0) {
        TRY(x509_take(&bytes, space, &item, &der));
        TRY(item == X509_ITEM_CRL ? add_crl(der, to) : add_certificate(der, to));
    }
    return STATUS_OK;
}

static enum status collect_table(struct view table, struct buf *space, struct snp_collection *to)
{
    enum status status;
    struct view contents;
    size_t at = 0;

    while ((status = endorsement_table_next(table, &at, &contents)) == STATUS_OK)
        TRY(collect_items(contents, space, to));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status collect_hex(struct view text, struct buf *space, struct snp_collection *to)
{
    const size_t start = space->len;

    TRY(hex_decode(text, space));
    return collect_items((struct view){space->ptr + start, space->len - start}, space, to);
}

static enum status collect(struct view bytes, struct buf *space, struct snp_collection *to)
{
    struct view text;

    switch (endorsement_form(bytes, &text)) {
    case ENDORSEMENT_FORM_TABLE:
        return collect_table(bytes, space, to);
    case ENDORSEMENT_FORM_HEX:
        return collect_hex(text, space, to);
    case ENDORSEMENT_FORM_JSON:
        return STATUS_UNSUPPORTED; /* Intel's */
    default:
        return collect_items(bytes, space, to);
    }
}

enum status snp_collect(const struct endorsements *endorsements, struct buf *space, struct snp_collection *out)
{
    out->certificate_count = 0;
    out->crl_count = 0;
    for (uint32_t i = 0; endorsements != NULL && i < endorsements->count; i++)
        TRY(collect(endorsements->list[i], space, out));
    return STATUS_OK;
}

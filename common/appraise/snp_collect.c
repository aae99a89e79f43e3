/* snp_collect.c: certificates and CRLs out of endorsements in any order and encoding (see snp_private.h). */
#include "snp_private.h"

#include "endorsement.h"

static enum status add_certificate(void *ctx, struct view der)
{
    struct snp_collection *to = ctx;

    if (to->certificate_count == SNP_CERTIFICATES_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_certificate_parse(der, &to->certificates[to->certificate_count]));
    to->certificate_count++;
    return STATUS_OK;
}

static enum status add_crl(void *ctx, struct view der)
{
    struct snp_collection *to = ctx;

    if (to->crl_count == SNP_CRLS_MAX)
        return STATUS_NO_SPACE;
    TRY(x509_crl_parse(der, &to->crls[to->crl_count]));
    to->crl_count++;
    return STATUS_OK;
}

enum status snp_collect(const struct endorsements *endorsements, struct buf *space, struct snp_collection *out)
{
    const struct endorsement_taker taker = {.ctx = out, .certificate = add_certificate, .crl = add_crl, .tables = true};

    out->certificate_count = 0;
    out->crl_count = 0;
    for (uint32_t i = 0; endorsements != NULL && i < endorsements->count; i++)
        TRY(endorsement_walk(endorsements->list[i], space, &taker));
    return STATUS_OK;
}

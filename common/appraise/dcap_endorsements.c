/* dcap_endorsements.c: endorsements by kind; see dcap_chain.h. */
#include "dcap.h"
#include "dcap_chain.h"
#include "endorsement.h"

static enum status add_certificate(void *ctx, struct view der)
{
    struct dcap_endorsements *out = ctx;

    if (out->certificate_count == DCAP_CERTIFICATES_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(x509_certificate_parse(der, &out->certificates[out->certificate_count]));
    out->certificate_count++;
    return STATUS_OK;
}

static enum status add_crl(void *ctx, struct view der)
{
    struct dcap_endorsements *out = ctx;

    if (out->crl_count == DCAP_CRLS_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(x509_crl_parse(der, &out->crls[out->crl_count]));
    out->crl_count++;
    return STATUS_OK;
}

static enum status add_document(void *ctx, struct view text)
{
    struct dcap_endorsements *out = ctx;

    if (out->document_count == DCAP_DOCUMENTS_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(dcap_document_split(text, &out->documents[out->document_count]));
    out->document_count++;
    return STATUS_OK;
}

static bool is_bounded(const struct view *items, size_t count)
{
    size_t total = 0;

    if (count > DCAP_ENDORSEMENTS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (items[i].len > DCAP_ENDORSEMENTS_BYTES_MAX - total)
            return false;
        total += items[i].len;
    }
    return true;
}

enum status dcap_endorsements_sort(const struct view *items, size_t count, struct buf *space,
                                   struct dcap_endorsements *out)
{
    const struct endorsement_taker taker = {
        .ctx = out, .certificate = add_certificate, .crl = add_crl, .document = add_document};
    enum status reason = STATUS_OK;

    out->certificate_count = out->crl_count = out->document_count = 0;
    if (!is_bounded(items, count))
        return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < count; i++) {
        enum status status = endorsement_walk(items[i], space, &taker);

        if (reason == STATUS_OK)
            reason = status;
    }
    return reason;
}

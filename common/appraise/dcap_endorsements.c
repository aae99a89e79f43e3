/* dcap_endorsements.c: endorsements by kind; see dcap_chain.h. */
#include "dcap.h"
#include "dcap_chain.h"
#include "endorsement.h"

static enum status add_certificate(struct view der, struct dcap_endorsements *out)
{
    if (out->certificate_count == DCAP_CERTIFICATES_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(x509_certificate_parse(der, &out->certificates[out->certificate_count]));
    out->certificate_count++;
    return STATUS_OK;
}

static enum status add_crl(struct view der, struct dcap_endorsements *out)
{
    if (out->crl_count == DCAP_CRLS_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(x509_crl_parse(der, &out->crls[out->crl_count]));
    out->crl_count++;
    return STATUS_OK;
}

static enum status add_document(struct view text, struct dcap_endorsements *out)
{
    if (out->document_count == DCAP_DOCUMENTS_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(dcap_document_split(text, &out->documents[out->document_count]));
    out->document_count++;
    return STATUS_OK;
}

/* Certificates and lists, one after the other. */
static enum status add_x509(struct view from, struct buf *space, struct dcap_endorsements *out)
{
    enum status status;
    enum x509_item item;
    struct view der;

    while ((status = x509_take(&from, space, &item, &der)) == STATUS_OK)
        TRY(item == X509_ITEM_CERTIFICATE ? add_certificate(der, out) : add_crl(der, out));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status add_hex(struct view text, struct buf *space, struct dcap_endorsements *out)
{
    const size_t start = space->len;

    TRY(hex_decode(text, space));
    return add_x509((struct view){space->ptr + start, space->len - start}, space, out);
}

/* Certificate tables are AMD's: nothing that is understood here. */
static enum status add(struct view item, struct buf *space, struct dcap_endorsements *out)
{
    struct view text;
    const enum endorsement_form form = endorsement_form(item, &text);

    if (text.len == 0)
        return STATUS_MALFORMED;
    if (form == ENDORSEMENT_FORM_JSON)
        return add_document(text, out);
    if (form == ENDORSEMENT_FORM_HEX)
        return add_hex(text, space, out);
    return add_x509(item, space, out);
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
    enum status reason = STATUS_OK;

    out->certificate_count = out->crl_count = out->document_count = 0;
    if (!is_bounded(items, count))
        return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < count; i++) {
        enum status status = add(items[i], space, out);

        if (reason == STATUS_OK)
            reason = status;
    }
    return reason;
}

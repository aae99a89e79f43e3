/* endorsement.c: what a piece of endorsement is; see endorsement.h. */
#include "endorsement.h"

#include "dcap_collateral.h"
#include "x509.h"

#include <string.h>

/* ---- names ---- */

#define COMMON_NAME_MAX 64 /* characters of a certificate's name that are shown */

struct name {
    char *text;
    size_t len;
};

static void put_byte(struct name *to, uint8_t byte)
{
    if (to->len < ENDORSEMENT_NAME_MAX - 1)
        to->text[to->len++] = (char)byte;
}

/* What a certificate says may be anything: a person is shown printable ASCII. */
static void put(struct name *to, struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        put_byte(to, text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
}

static void put_common_name(struct name *to, struct view name)
{
    struct view common;

    if (x509_name_common(name, &common) != STATUS_OK || common.len == 0)
        common = VIEW_TEXT("one without a common name");
    if (common.len > COMMON_NAME_MAX)
        common.len = COMMON_NAME_MAX;
    put(to, common);
}

static void put_count(struct name *to, uint32_t count)
{
    if (count >= 10)
        put_byte(to, (uint8_t)('0' + count / 10));
    put_byte(to, (uint8_t)('0' + count % 10));
}

/* ---- certificates and lists ---- */

struct parts {
    uint32_t certificates, crls;
    struct view subject; /* of the first certificate */
    struct view issuer;  /* of the first list */
    int64_t not_before, not_after;
};

static void narrow(struct parts *parts, int64_t not_before, int64_t not_after)
{
    if (not_before > parts->not_before)
        parts->not_before = not_before;
    if (not_after < parts->not_after)
        parts->not_after = not_after;
}

static enum status take_certificate(void *ctx, struct view der)
{
    struct parts *parts = ctx;
    struct x509_certificate certificate;

    if (parts->certificates + parts->crls == ENDORSEMENT_PARTS_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(x509_certificate_parse(der, &certificate));
    if (parts->certificates++ == 0)
        parts->subject = certificate.subject;
    narrow(parts, certificate.not_before, certificate.not_after);
    return STATUS_OK;
}

static enum status take_crl(void *ctx, struct view der)
{
    struct parts *parts = ctx;
    struct x509_crl crl;

    if (parts->certificates + parts->crls == ENDORSEMENT_PARTS_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(x509_crl_parse(der, &crl));
    if (parts->crls++ == 0)
        parts->issuer = crl.issuer;
    narrow(parts, crl.this_update, crl.next_update);
    return STATUS_OK;
}

static enum endorsement_kind kind_of(enum endorsement_form form, const struct parts *parts)
{
    if (form == ENDORSEMENT_FORM_TABLE)
        return ENDORSEMENT_TABLE;
    if (parts->certificates == 0)
        return ENDORSEMENT_CRL;
    return parts->certificates + parts->crls == 1 ? ENDORSEMENT_CERTIFICATE : ENDORSEMENT_CHAIN;
}

static void name_parts(const struct parts *parts, struct endorsement *out)
{
    struct name name = {out->name, 0};
    const uint32_t count = parts->certificates + parts->crls;

    if (out->kind == ENDORSEMENT_TABLE)
        put(&name, VIEW_TEXT("certificate table: "));
    if (parts->certificates == 0)
        put(&name, VIEW_TEXT("CRL of "));
    put_common_name(&name, parts->certificates > 0 ? parts->subject : parts->issuer);
    if (count > 1) {
        put(&name, VIEW_TEXT(" and "));
        put_count(&name, count - 1);
        put(&name, VIEW_TEXT(" more"));
    }
}

static enum status tell_parts(enum endorsement_form form, struct view bytes, struct buf *space, struct endorsement *out)
{
    struct parts parts = {.not_before = INT64_MIN, .not_after = INT64_MAX};
    const struct endorsement_taker taker = {
        .ctx = &parts, .certificate = take_certificate, .crl = take_crl, .tables = true};

    TRY(endorsement_walk(bytes, space, &taker));
    if (parts.certificates + parts.crls == 0)
        return STATUS_NOT_FOUND;
    out->kind = kind_of(form, &parts);
    out->not_before = parts.not_before;
    out->not_after = parts.not_after;
    name_parts(&parts, out);
    return STATUS_OK;
}

/* ---- documents ---- */

static enum status tell_tcb_info(struct view object, struct endorsement *out)
{
    struct name name = {out->name, 0};
    struct dcap_tcb_info info;
    char fmspc[2 * DCAP_FMSPC_SIZE + 1];

    TRY(dcap_tcb_info_read(object, &info));
    out->kind = info.kind == DCAP_TDX ? ENDORSEMENT_TCB_INFO_TDX : ENDORSEMENT_TCB_INFO_SGX;
    out->not_before = info.issued;
    out->not_after = info.next_update;
    hex_encode(VIEW_OF(info.fmspc), fmspc);
    put(&name, info.kind == DCAP_TDX ? VIEW_TEXT("TCB info TDX fmspc ") : VIEW_TEXT("TCB info SGX fmspc "));
    put(&name, view_of_string(fmspc));
    return STATUS_OK;
}

static enum status tell_qe_identity(struct view object, struct endorsement *out)
{
    struct name name = {out->name, 0};
    struct dcap_qe_identity identity;

    TRY(dcap_qe_identity_read(object, &identity));
    out->kind = ENDORSEMENT_QE_IDENTITY;
    out->not_before = identity.issued;
    out->not_after = identity.next_update;
    put(&name, identity.kind == DCAP_TDX ? VIEW_TEXT("QE identity TDX") : VIEW_TEXT("QE identity SGX"));
    return STATUS_OK;
}

static enum status tell_document(struct view text, struct endorsement *out)
{
    struct dcap_document document;

    TRY(dcap_document_split(text, &document));
    return document.kind == DCAP_TCB_INFO ? tell_tcb_info(document.signed_part, out)
                                          : tell_qe_identity(document.signed_part, out);
}

/* ---- */

static enum status tell(struct view bytes, struct buf *space, struct endorsement *out)
{
    struct view text;
    const enum endorsement_form form = endorsement_form(bytes, &text);

    return form == ENDORSEMENT_FORM_JSON ? tell_document(text, out) : tell_parts(form, bytes, space, out);
}

enum status endorsement_tell(struct view bytes, struct buf *space, struct endorsement *out)
{
    struct endorsement found = {.kind = ENDORSEMENT_CERTIFICATE};

    if (bytes.len > ENDORSEMENT_MAX)
        return STATUS_OUT_OF_RANGE;
    TRY(tell(bytes, space, &found));
    *out = found;
    return STATUS_OK;
}

/* x509_crl.c: revocation lists; see x509.h. */
#include "x509_private.h"

#define VERSION_2 1u /* as the encoding counts */

/* A critical extension changes what a list means (part of one, changes to one, others' certificates): none is known. */
static const struct view none_known = {NULL, 0};

static enum status take_entry(struct view *from, struct view *serial)
{
    struct view contents, extensions;
    int64_t revoked_at;

    TRY(der_take(from, DER_SEQUENCE, &contents));
    TRY(der_take_integer(&contents, serial));
    TRY(der_take_time(&contents, &revoked_at));
    if (der_next_is(contents, DER_SEQUENCE)) {
        TRY(der_take(&contents, DER_SEQUENCE, &extensions));
        TRY(x509_check_extensions(extensions, none_known));
    }
    return der_end(contents);
}

static enum status parse_revoked(struct view *from, struct x509_crl *out)
{
    struct view rest, serial;

    if (!der_next_is(*from, DER_SEQUENCE))
        return STATUS_OK;
    TRY(der_take(from, DER_SEQUENCE, &out->revoked));
    for (rest = out->revoked; rest.len > 0;)
        TRY(take_entry(&rest, &serial));
    return STATUS_OK;
}

static enum status parse_extensions(struct view *from, struct x509_crl *out)
{
    struct view field;

    if (!der_next_is(*from, DER_CONTEXT_CONSTRUCTED | 0))
        return STATUS_OK;
    TRY(der_take(from, DER_CONTEXT_CONSTRUCTED | 0, &field));
    TRY(der_take(&field, DER_SEQUENCE, &out->extensions));
    TRY(der_end(field));
    return x509_check_extensions(out->extensions, none_known);
}

/* TBSCertList (RFC 5280 section 5.1.2). */
static enum status parse_tbs(struct view tbs, struct view outer_algorithm, struct x509_crl *out)
{
    struct view rest, algorithm;
    uint32_t version;

    TRY(der_take(&tbs, DER_SEQUENCE, &rest));
    if (der_next_is(rest, DER_INTEGER)) {
        TRY(der_take_number(&rest, DER_INTEGER, VERSION_2, &version));
        if (version != VERSION_2)
            return STATUS_MALFORMED;
    }
    TRY(der_take_element(&rest, DER_SEQUENCE, &algorithm));
    if (!view_equal(algorithm, outer_algorithm))
        return STATUS_MALFORMED;
    TRY(x509_take_name(&rest, &out->issuer));
    TRY(der_take_time(&rest, &out->this_update));
    TRY(der_take_time(&rest, &out->next_update));
    TRY(parse_revoked(&rest, out));
    TRY(parse_extensions(&rest, out));
    return der_end(rest);
}

enum status x509_crl_parse(struct view der, struct x509_crl *out)
{
    struct x509_crl crl = {.der = der};
    struct view algorithm;

    TRY(x509_take_signed(der, X509_CRL_MAX, &crl.tbs, &algorithm, &crl.signature));
    TRY(parse_tbs(crl.tbs, algorithm, &crl));
    *out = crl;
    return STATUS_OK;
}

enum status x509_crl_issued_by(const struct x509_crl *crl, const struct x509_certificate *issuer)
{
    if (!view_equal(crl->issuer, issuer->subject) || !issuer->is_ca || !issuer->signs_crls || issuer->purposes.len > 0)
        return STATUS_EVIDENCE_CRL;
    return x509_verify(crl->tbs, &crl->signature, &issuer->key);
}

enum status x509_crl_valid_at(const struct x509_crl *crl, int64_t time)
{
    return time < crl->this_update || time > crl->next_update ? STATUS_EVIDENCE_CRL : STATUS_OK;
}

bool x509_crl_revokes(const struct x509_crl *crl, struct view serial)
{
    struct view rest = crl->revoked, listed;

    while (rest.len > 0 && take_entry(&rest, &listed) == STATUS_OK)
        if (view_equal(listed, serial))
            return true;
    return false;
}

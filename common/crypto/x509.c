/* x509.c: certificates; see x509.h. */
#include "x509_private.h"

#define VERSION_3       2u /* as the encoding counts */
#define KEY_USAGE_BYTES 2
#define USAGE_SIGN      0x80 /* digitalSignature, bit 0 of the first byte, from the left (RFC 5280 section 4.2.1.3) */
#define USAGE_KEY_SIGN  0x04 /* bit 5 */
#define USAGE_CRL_SIGN  0x02 /* bit 6 */

static const uint8_t oid_key_usage[] = {0x55, 0x1d, 0x0f}, oid_basic_constraints[] = {0x55, 0x1d, 0x13};
static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_purposes[] = {0x55, 0x1d, 0x25}, oid_any_purpose[] = {0x55, 0x1d, 0x25, 0x00};
/* What is looked at here, so that it may be critical: elements with tag and length. Of subjectAltName (0x11) too, which is
 * critical where the subject holds nothing (RFC 5280 section 4.2.1.6): whatever a subject is called, its key counts. */
static const uint8_t known_critical[] = {DER_OID, 3, 0x55, 0x1d, 0x0f, DER_OID, 3, 0x55, 0x1d, 0x13,
                                         DER_OID, 3, 0x55, 0x1d, 0x11, DER_OID, 3, 0x55, 0x1d, 0x25};

struct extension {
    struct view oid, value;
    bool critical;
};

static enum status take_extension(struct view *from, struct extension *out)
{
    struct view contents;

    TRY(der_take(from, DER_SEQUENCE, &contents));
    TRY(der_take(&contents, DER_OID, &out->oid));
    out->critical = false;
    if (der_next_is(contents, DER_BOOLEAN))
        TRY(der_take_boolean(&contents, &out->critical));
    TRY(der_take(&contents, DER_OCTET_STRING, &out->value));
    return der_end(contents);
}

enum status x509_extension(struct view extensions, struct view oid, struct view *out)
{
    struct extension extension;

    while (extensions.len > 0) {
        TRY(take_extension(&extensions, &extension));
        if (view_equal(extension.oid, oid)) {
            *out = extension.value;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static enum status check_known(struct view oid, struct view critical)
{
    struct view known;

    while (critical.len > 0) {
        TRY(der_take(&critical, DER_OID, &known));
        if (view_equal(known, oid))
            return STATUS_OK;
    }
    return STATUS_UNSUPPORTED;
}

enum status x509_check_extensions(struct view extensions, struct view critical)
{
    struct view rest = extensions, same;
    struct extension extension;

    for (unsigned count = 0; rest.len > 0; count++) {
        struct view before = {extensions.ptr, extensions.len - rest.len};
        if (count == X509_EXTENSIONS_MAX)
            return STATUS_OUT_OF_RANGE;
        TRY(take_extension(&rest, &extension));
        if (x509_extension(before, extension.oid, &same) == STATUS_OK)
            return STATUS_DUPLICATE_KEY;
        if (extension.critical)
            TRY(check_known(extension.oid, critical));
    }
    return STATUS_OK;
}

static enum status parse_basic_constraints(struct view value, struct x509_certificate *out)
{
    struct view contents;

    TRY(der_take(&value, DER_SEQUENCE, &contents));
    TRY(der_end(value));
    if (der_next_is(contents, DER_BOOLEAN))
        TRY(der_take_boolean(&contents, &out->is_ca));
    if (der_next_is(contents, DER_INTEGER))
        TRY(der_take_number(&contents, DER_INTEGER, UINT32_MAX, &out->path_len));
    return der_end(contents);
}

static enum status parse_key_usage(struct view value, struct x509_certificate *out)
{
    struct view bits;

    TRY(der_take(&value, DER_BIT_STRING, &bits));
    TRY(der_end(value));
    if (bits.len < 1 || bits.len > 1 + KEY_USAGE_BYTES || bits.ptr[0] > 7)
        return STATUS_MALFORMED;
    out->signs = bits.len > 1 && (bits.ptr[1] & USAGE_SIGN) != 0;
    out->signs_certificates = bits.len > 1 && (bits.ptr[1] & USAGE_KEY_SIGN) != 0;
    out->signs_crls = bits.len > 1 && (bits.ptr[1] & USAGE_CRL_SIGN) != 0;
    return STATUS_OK;
}

/* RFC 5280 section 4.2.1.12. One that is not critical is advice, which authorities of TPMs' keys do not keep to. */
static enum status parse_purposes(struct view extensions, struct x509_certificate *out)
{
    struct extension extension;
    struct view rest, purpose;

    while (extensions.len > 0) {
        TRY(take_extension(&extensions, &extension));
        if (!extension.critical || !view_equal(extension.oid, VIEW_OF(oid_purposes)))
            continue;
        TRY(der_take(&extension.value, DER_SEQUENCE, &out->purposes));
        TRY(der_end(extension.value));
        if (out->purposes.len == 0)
            return STATUS_MALFORMED;
        for (rest = out->purposes; rest.len > 0;)
            TRY(der_take(&rest, DER_OID, &purpose));
    }
    return STATUS_OK;
}

bool x509_is_for(const struct x509_certificate *certificate, struct view purpose)
{
    struct view rest = certificate->purposes, listed;

    while (rest.len > 0 && der_take(&rest, DER_OID, &listed) == STATUS_OK)
        if (view_equal(listed, purpose) || view_equal(listed, VIEW_OF(oid_any_purpose)))
            return true;
    return certificate->purposes.len == 0;
}

static enum status parse_extensions(struct view *from, struct x509_certificate *out)
{
    struct view field, value;

    if (!der_next_is(*from, DER_CONTEXT_CONSTRUCTED | 3))
        return STATUS_OK;
    TRY(der_take(from, DER_CONTEXT_CONSTRUCTED | 3, &field));
    TRY(der_take(&field, DER_SEQUENCE, &out->extensions));
    TRY(der_end(field));
    TRY(x509_check_extensions(out->extensions, VIEW_OF(known_critical)));
    if (x509_extension(out->extensions, VIEW_OF(oid_basic_constraints), &value) == STATUS_OK)
        TRY(parse_basic_constraints(value, out));
    if (x509_extension(out->extensions, VIEW_OF(oid_key_usage), &value) == STATUS_OK)
        TRY(parse_key_usage(value, out));
    return parse_purposes(out->extensions, out);
}

static enum status take_version(struct view *from, uint32_t *out)
{
    struct view field;

    *out = 0;
    if (!der_next_is(*from, DER_CONTEXT_CONSTRUCTED | 0))
        return STATUS_OK;
    TRY(der_take(from, DER_CONTEXT_CONSTRUCTED | 0, &field));
    TRY(der_take_number(&field, DER_INTEGER, VERSION_3, out));
    return der_end(field);
}

enum status x509_take_name(struct view *from, struct view *name)
{
    TRY(der_take_element(from, DER_SEQUENCE, name));
    return name->len > 2 ? STATUS_OK : STATUS_MALFORMED;
}

static enum status take_validity(struct view *from, int64_t *not_before, int64_t *not_after)
{
    struct view validity;

    TRY(der_take(from, DER_SEQUENCE, &validity));
    TRY(der_take_time(&validity, not_before));
    TRY(der_take_time(&validity, not_after));
    return der_end(validity);
}

/* TBSCertificate (RFC 5280 section 4.1.2). */
static enum status parse_tbs(struct view tbs, struct view outer_algorithm, struct x509_certificate *out)
{
    struct view rest, algorithm, key, unique_id;
    uint32_t version;

    TRY(der_take(&tbs, DER_SEQUENCE, &rest));
    TRY(take_version(&rest, &version));
    TRY(der_take_integer(&rest, &out->serial));
    TRY(der_take_element(&rest, DER_SEQUENCE, &algorithm));
    if (!view_equal(algorithm, outer_algorithm))
        return STATUS_MALFORMED;
    TRY(x509_take_name(&rest, &out->issuer));
    TRY(take_validity(&rest, &out->not_before, &out->not_after));
    TRY(der_take_element(&rest, DER_SEQUENCE, &out->subject));
    TRY(der_take_element(&rest, DER_SEQUENCE, &key));
    TRY(x509_key_parse(key, &out->key));
    for (uint8_t number = 1; number <= 2; number++)
        if (der_next_is(rest, DER_CONTEXT | number))
            TRY(der_take(&rest, DER_CONTEXT | number, &unique_id));
    if (version == VERSION_3)
        TRY(parse_extensions(&rest, out));
    return der_end(rest);
}

enum status x509_certificate_parse(struct view der, struct x509_certificate *out)
{
    struct x509_certificate certificate = {
        .der = der, .path_len = UINT32_MAX, .signs_certificates = true, .signs_crls = true, .signs = true};
    struct view algorithm;

    TRY(x509_take_signed(der, X509_CERTIFICATE_MAX, &certificate.tbs, &algorithm, &certificate.signature));
    TRY(parse_tbs(certificate.tbs, algorithm, &certificate));
    *out = certificate;
    return STATUS_OK;
}

enum status x509_name_common(struct view name, struct view *out)
{
    struct view names, set, pair, type, value;
    uint8_t tag;

    TRY(der_take(&name, DER_SEQUENCE, &names));
    while (names.len > 0) {
        TRY(der_take(&names, DER_SET, &set));
        while (set.len > 0) {
            TRY(der_take(&set, DER_SEQUENCE, &pair));
            TRY(der_take(&pair, DER_OID, &type));
            TRY(der_take_any(&pair, &tag, &value));
            if (view_equal(type, VIEW_OF(oid_common_name))) {
                *out = value;
                return STATUS_OK;
            }
        }
    }
    return STATUS_NOT_FOUND;
}

enum status x509_certificate_issued_by(const struct x509_certificate *certificate,
                                       const struct x509_certificate *issuer)
{
    if (!view_equal(certificate->issuer, issuer->subject) || !issuer->is_ca || !issuer->signs_certificates ||
        issuer->purposes.len > 0)
        return STATUS_EVIDENCE_CHAIN;
    return x509_verify(certificate->tbs, &certificate->signature, &issuer->key);
}

enum status x509_certificate_valid_at(const struct x509_certificate *certificate, int64_t time)
{
    if (time < certificate->not_before)
        return STATUS_EVIDENCE_NOT_YET;
    return time > certificate->not_after ? STATUS_EVIDENCE_EXPIRED : STATUS_OK;
}

/* x509_take.c: certificates, CRLs and keys one after the other, in DER or PEM (RFC 7468); see x509.h. */
#include "x509_private.h"

#include <mbedtls/base64.h>
#include <string.h>

/* What a PEM block calls itself. */
static const struct label {
    const char *begin, *end;
    enum x509_item item;
} labels[] = {
    {"-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", X509_ITEM_CERTIFICATE},
    {"-----BEGIN X509 CRL-----", "-----END X509 CRL-----", X509_ITEM_CRL},
    {"-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", X509_ITEM_KEY},
};

static void skip(struct view *from, size_t len)
{
    from->ptr += len;
    from->len -= len;
}

/* Skips what must come next. */
static bool skip_text(struct view *from, const char *text)
{
    const size_t len = strlen(text);

    if (from->len < len || memcmp(from->ptr, text, len) != 0)
        return false;
    skip(from, len);
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' || byte == 0;
}

static void skip_blanks(struct view *from)
{
    while (from->len > 0 && is_blank(*from->ptr))
        skip(from, 1);
}

/* A certificate's signed part begins with its version or serial number and is told from a list by what comes at the
 * place of a list's first date: a version of its own kind ([0]) or, without one, a validity that is a SEQUENCE. A key has
 * nothing but bits behind its algorithm. */
static enum status tell(struct view der, enum x509_item *out)
{
    struct view contents, tbs, value;
    uint8_t tag;

    TRY(der_take(&der, DER_SEQUENCE, &contents));
    TRY(der_take(&contents, DER_SEQUENCE, &tbs));
    *out = X509_ITEM_KEY;
    if (der_next_is(contents, DER_BIT_STRING))
        return STATUS_OK;
    *out = X509_ITEM_CERTIFICATE;
    if (der_next_is(tbs, DER_CONTEXT_CONSTRUCTED | 0))
        return STATUS_OK;
    if (der_next_is(tbs, DER_INTEGER))
        TRY(der_take_any(&tbs, &tag, &value));
    TRY(der_take(&tbs, DER_SEQUENCE, &value)); /* algorithm */
    TRY(der_take(&tbs, DER_SEQUENCE, &value)); /* issuer */
    if (!der_next_is(tbs, DER_SEQUENCE))
        *out = X509_ITEM_CRL;
    return STATUS_OK;
}

static size_t size_max(enum x509_item item)
{
    return item == X509_ITEM_CRL ? X509_CRL_MAX : X509_CERTIFICATE_MAX;
}

static enum status take_der(struct view *from, enum x509_item *item, struct view *der)
{
    TRY(der_take_element(from, DER_SEQUENCE, der));
    TRY(tell(*der, item));
    return der->len > size_max(*item) ? STATUS_OUT_OF_RANGE : STATUS_OK;
}

/* Takes the text up to the next line of dashes. */
static enum status take_text(struct view *from, struct view *text)
{
    const uint8_t *end = memchr(from->ptr, '-', from->len);

    if (end == NULL)
        return STATUS_TRUNCATED;
    *text = (struct view){from->ptr, (size_t)(end - from->ptr)};
    skip(from, text->len);
    return STATUS_OK;
}

/* mbedTLS takes line ends and spaces before them. */
static enum status decode(struct view text, struct buf *space, struct view *der)
{
    size_t len;
    int error = mbedtls_base64_decode(space->ptr + space->len, space->cap - space->len, &len, text.ptr, text.len);

    if (error == MBEDTLS_ERR_BASE64_BUFFER_TOO_SMALL)
        return STATUS_NO_SPACE;
    if (error != 0)
        return STATUS_MALFORMED;
    *der = (struct view){space->ptr + space->len, len};
    return STATUS_OK;
}

static enum status take_pem(struct view *from, struct buf *space, enum x509_item *item, struct view *der)
{
    const struct label *label = NULL;
    struct view text, rest;

    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        if (label == NULL && skip_text(from, labels[i].begin))
            label = &labels[i];
    if (label == NULL)
        return STATUS_MALFORMED;
    skip_blanks(from);
    TRY(take_text(from, &text));
    if (!skip_text(from, label->end))
        return STATUS_MALFORMED;
    if (text.len > 2 * size_max(label->item)) /* letters are 4 for 3 bytes */
        return STATUS_OUT_OF_RANGE;
    TRY(decode(text, space, der));
    rest = *der;
    TRY(take_der(&rest, item, der));
    TRY(der_end(rest));
    if (*item != label->item)
        return STATUS_MALFORMED;
    space->len += der->len;
    return STATUS_OK;
}

enum status x509_take(struct view *from, struct buf *space, enum x509_item *item, struct view *der)
{
    skip_blanks(from);
    if (from->len == 0)
        return STATUS_NOT_FOUND;
    if (der_next_is(*from, DER_SEQUENCE))
        TRY(take_der(from, item, der));
    else
        TRY(take_pem(from, space, item, der));
    skip_blanks(from);
    return STATUS_OK;
}

enum status x509_authority_parse(struct view text, struct buf *space, struct x509_authority *out)
{
    struct x509_authority authority = {.any_name = false};
    enum x509_item item;
    struct view der;

    TRY(x509_take(&text, space, &item, &der));
    TRY(der_end(text));
    if (item == X509_ITEM_CRL)
        return STATUS_MALFORMED;
    if (item == X509_ITEM_CERTIFICATE) {
        TRY(x509_certificate_parse(der, &authority.certificate));
    } else {
        authority.any_name = true;
        authority.certificate = (struct x509_certificate){
            .not_before = INT64_MIN,
            .not_after = INT64_MAX,
            .path_len = UINT32_MAX,
            .is_ca = true,
            .signs_certificates = true,
            .signs_crls = true,
        };
        TRY(x509_key_parse(der, &authority.certificate.key));
    }
    *out = authority;
    return STATUS_OK;
}

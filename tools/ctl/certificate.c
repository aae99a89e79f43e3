/* certificate.c: see x509.h. Extensions: RFC 5280 section 4.2.1. */
#include "certificate.h"

#include <arpa/inet.h>
#include <mbedtls/asn1write.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "keys.h"
#include "pem.h"

#define SERIAL_SIZE     16
#define EARLIER_S       300
#define YEAR_S          (365u * 86400u)
#define EXTENSION_MAX   1024
#define CERTIFICATE_MAX (1u << 20) /* bytes of a file that a certificate is read from */

static int fill_random(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    return keys_random.fill(keys_random.ctx, out, len) == STATUS_OK ? 0 : MBEDTLS_ERR_PK_ALLOC_FAILED;
}

/* mbedTLS's calls answer 0 when all is well. */
static enum status crypto_status(int result)
{
    return result == 0 ? STATUS_OK : STATUS_CRYPTO;
}

static enum status load_key(const struct p256_key *key, mbedtls_pk_context *out)
{
    uint8_t text[PEM_MAX + 1] = {0};
    CLEANUP(buf_wipe) struct buf pem = {.ptr = text, .cap = PEM_MAX};

    TRY(pem_write_private(key, &pem));
    return crypto_status(mbedtls_pk_parse_key(out, text, pem.len + 1, NULL, 0));
}

static enum status set_serial(mbedtls_x509write_cert *certificate)
{
    CLEANUP(mbedtls_mpi_free) mbedtls_mpi serial;
    uint8_t bytes[SERIAL_SIZE];

    mbedtls_mpi_init(&serial);
    TRY(keys_random.fill(keys_random.ctx, bytes, sizeof bytes));
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and always of the same length */
    TRY(crypto_status(mbedtls_mpi_read_binary(&serial, bytes, sizeof bytes)));
    return crypto_status(mbedtls_x509write_crt_set_serial(certificate, &serial));
}

static enum status set_validity(mbedtls_x509write_cert *certificate, const struct certificate_request *request)
{
    const uint64_t years = request->kind == X509_AUTHORITY ? X509_AUTHORITY_YEARS : X509_LEAF_YEARS;
    const time_t from = (time_t)(request->now - EARLIER_S), to = (time_t)(request->now + years * YEAR_S);
    char text[2][sizeof "20261121080000"];
    struct tm fields;

    if (gmtime_r(&from, &fields) == NULL || strftime(text[0], sizeof text[0], "%Y%m%d%H%M%S", &fields) == 0)
        return STATUS_CRYPTO;
    if (gmtime_r(&to, &fields) == NULL || strftime(text[1], sizeof text[1], "%Y%m%d%H%M%S", &fields) == 0)
        return STATUS_CRYPTO;
    return crypto_status(mbedtls_x509write_crt_set_validity(certificate, text[0], text[1]));
}

static enum status set_names(mbedtls_x509write_cert *certificate, const struct certificate_request *request)
{
    char subject[96], issuer[96];

    (void)snprintf(subject, sizeof subject, "CN=%.80s", request->name);
    (void)snprintf(issuer, sizeof issuer, "CN=%.80s", request->issuer);
    TRY(crypto_status(mbedtls_x509write_crt_set_subject_name(certificate, subject)));
    return crypto_status(mbedtls_x509write_crt_set_issuer_name(certificate, issuer));
}

/* An extension is written from its end to its front, as mbedTLS does it; at is the first byte so far. */
struct extension {
    uint8_t bytes[EXTENSION_MAX], *at;
};

/* Puts tag and length before the bytes from `at` up to `end`. */
static enum status enclose(struct extension *extension, const uint8_t *end, unsigned char tag)
{
    const size_t len = (size_t)(end - extension->at);

    if (mbedtls_asn1_write_len(&extension->at, extension->bytes, len) < 0 ||
        mbedtls_asn1_write_tag(&extension->at, extension->bytes, tag) < 0)
        return STATUS_OUT_OF_RANGE;
    return STATUS_OK;
}

static enum status set_extension(mbedtls_x509write_cert *certificate, struct extension *extension, struct view oid)
{
    const uint8_t *end = extension->bytes + sizeof extension->bytes;

    TRY(enclose(extension, end, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE));
    return crypto_status(mbedtls_x509write_crt_set_extension(certificate, (const char *)oid.ptr, oid.len, 0,
                                                             extension->at, (size_t)(end - extension->at)));
}

static enum status set_purpose(mbedtls_x509write_cert *certificate, enum certificate_kind kind)
{
    struct extension extension;
    struct view purpose = kind == X509_SERVER ? VIEW_TEXT(MBEDTLS_OID_SERVER_AUTH) : VIEW_TEXT(MBEDTLS_OID_CLIENT_AUTH);

    extension.at = extension.bytes + sizeof extension.bytes;
    if (mbedtls_asn1_write_oid(&extension.at, extension.bytes, (const char *)purpose.ptr, purpose.len) < 0)
        return STATUS_CRYPTO;
    return set_extension(certificate, &extension, VIEW_TEXT(MBEDTLS_OID_EXTENDED_KEY_USAGE));
}

/* A GeneralName: dNSName [2] or iPAddress [7]. */
static enum status add_host(struct extension *extension, const char *host)
{
    const uint8_t *end = extension->at;
    unsigned char address[16], tag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2;
    struct view value = view_of_string(host);

    if (inet_pton(AF_INET, host, address) == 1)
        value = (struct view){address, 4};
    else if (inet_pton(AF_INET6, host, address) == 1)
        value = (struct view){address, 16};
    if (value.ptr == address)
        tag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7;
    if (mbedtls_asn1_write_raw_buffer(&extension->at, extension->bytes, value.ptr, value.len) < 0)
        return STATUS_OUT_OF_RANGE;
    return enclose(extension, end, tag);
}

static enum status set_hosts(mbedtls_x509write_cert *certificate, const char *const *hosts)
{
    struct extension extension;
    size_t count = 0;

    extension.at = extension.bytes + sizeof extension.bytes;
    while (hosts[count] != NULL)
        count++;
    while (count > 0)
        TRY(add_host(&extension, hosts[--count]));
    return set_extension(certificate, &extension, VIEW_TEXT(MBEDTLS_OID_SUBJECT_ALT_NAME));
}

static enum status set_extensions(mbedtls_x509write_cert *certificate, const struct certificate_request *request)
{
    const bool authority = request->kind == X509_AUTHORITY;
    const unsigned int usage =
        authority ? MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;

    TRY(crypto_status(mbedtls_x509write_crt_set_basic_constraints(certificate, authority, authority ? 0 : -1)));
    TRY(crypto_status(mbedtls_x509write_crt_set_key_usage(certificate, usage)));
    TRY(crypto_status(mbedtls_x509write_crt_set_subject_key_identifier(certificate)));
    TRY(crypto_status(mbedtls_x509write_crt_set_authority_key_identifier(certificate)));
    if (!authority)
        TRY(set_purpose(certificate, request->kind));
    return request->kind == X509_SERVER ? set_hosts(certificate, request->hosts) : STATUS_OK;
}

enum status certificate_issue(const struct certificate_request *request, const struct p256_key *subject,
                              const struct p256_key *issuer, struct buf *out)
{
    CLEANUP(mbedtls_x509write_crt_free) mbedtls_x509write_cert certificate;
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context subject_key;
    CLEANUP(mbedtls_pk_free) mbedtls_pk_context issuer_key;
    uint8_t text[X509_MAX];

    mbedtls_x509write_crt_init(&certificate);
    mbedtls_pk_init(&subject_key);
    mbedtls_pk_init(&issuer_key);
    TRY(load_key(subject, &subject_key));
    TRY(load_key(issuer, &issuer_key));
    mbedtls_x509write_crt_set_version(&certificate, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&certificate, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&certificate, &subject_key);
    mbedtls_x509write_crt_set_issuer_key(&certificate, &issuer_key);
    TRY(set_serial(&certificate));
    TRY(set_validity(&certificate, request));
    TRY(set_names(&certificate, request));
    TRY(set_extensions(&certificate, request));
    TRY(crypto_status(mbedtls_x509write_crt_pem(&certificate, text, sizeof text, fill_random, NULL)));
    return buf_append(out, view_of_string((const char *)text));
}

enum status certificate_common_name(const char *path, char *out, size_t size, struct reason *reason)
{
    CLEANUP(file_free) struct buf pem = {0};
    CLEANUP(mbedtls_x509_crt_free) mbedtls_x509_crt certificate;

    mbedtls_x509_crt_init(&certificate);
    if (file_read(path, CERTIFICATE_MAX, &pem, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (mbedtls_x509_crt_parse(&certificate, pem.ptr, pem.len + 1) != 0) {
        reason_set(reason, "%s: no certificate in PEM", path);
        return STATUS_CONFIG;
    }
    for (const mbedtls_x509_name *name = &certificate.subject; name != NULL; name = name->next)
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0 && name->val.len < size) {
            memcpy(out, name->val.p, name->val.len);
            out[name->val.len] = '\0';
            return STATUS_OK;
        }
    reason_set(reason, "%s: the certificate has no CN of at most %zu characters", path, size - 1);
    return STATUS_CONFIG;
}

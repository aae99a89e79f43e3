/* dcap_world.c: see dcap_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "dcap_world.h"
#include "x509_maker.h"

#define FMSPC      "00606a000000"
#define ISSUED     "2025-06-14T15:06:40Z"
#define ENDS       "2025-07-14T15:06:40Z"
#define FIRST      (DCAP_WORLD_NOW - 365 * 86400)
#define LAST       (DCAP_WORLD_NOW + 365 * 86400)
#define PART       4096
#define QE_SIGNER  0x8c
#define TD_QE_PROD 2

enum { ROOT = 1, AUTHORITY, LEAF, SIGNER, ATTESTATION, KEYS }; /* also the serial numbers of certificates */

static EVP_PKEY *keys[KEYS];

static void append(struct buf *out, struct view bytes)
{
    assert_int_equal(buf_append(out, bytes), STATUS_OK);
}

static void append_le(struct buf *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++, value >>= 8)
        append(out, (struct view){(const uint8_t[]){(uint8_t)value}, 1});
}

static struct view since(const struct buf *buf, size_t start)
{
    return (struct view){buf->ptr + start, buf->len - start};
}

/* ---- keys ---- */

static void make_keys(void)
{
    for (int i = ROOT; i < KEYS; i++)
        if (keys[i] == NULL)
            keys[i] = EVP_EC_gen("P-256");
}

static void point_of(const EVP_PKEY *key, uint8_t out[static 64])
{
    uint8_t encoded[65];
    size_t len;

    assert_int_equal(EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", encoded, sizeof encoded, &len), 1);
    assert_int_equal(len, sizeof encoded);
    memcpy(out, encoded + 1, 64);
}

/* r || s over the SHA-256 of data. */
static void sign(EVP_PKEY *key, struct view data, uint8_t out[static 64])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t der[128];
    const uint8_t *at = der;
    size_t len = sizeof der;
    ECDSA_SIG *signature;

    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, der, &len, data.ptr, data.len), 1);
    signature = d2i_ECDSA_SIG(NULL, &at, (long)len);
    assert_non_null(signature);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32), 32);
    ECDSA_SIG_free(signature);
    EVP_MD_CTX_free(context);
}

/* ---- certificates and lists ---- */

static X509_NAME *name_of(const char *common_name)
{
    X509_NAME *name = X509_NAME_new();

    assert_int_equal(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1, -1, 0), 1);
    return name;
}

static void add_extension(X509 *certificate, X509_EXTENSION *extension)
{
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_sgx_extension(X509 *certificate, struct view der)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();

    assert_int_equal(ASN1_OCTET_STRING_set(octets, der.ptr, (int)der.len), 1);
    add_extension(certificate, X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets));
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(oid);
}

/* sgx: the extension of a PCK certificate; empty for others. */
static X509 *certificate_of(int serial, const char *issuer, int by, const char *subject, struct view sgx)
{
    X509 *certificate = X509_new();
    X509_NAME *from = name_of(issuer), *to = name_of(subject);

    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial), 1);
    assert_int_equal(X509_set_issuer_name(certificate, from), 1);
    assert_int_equal(X509_set_subject_name(certificate, to), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), FIRST));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), LAST));
    assert_int_equal(X509_set_pubkey(certificate, keys[serial]), 1);
    if (serial == ROOT || serial == AUTHORITY)
        add_extension(certificate, X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE"));
    if (sgx.len > 0)
        add_sgx_extension(certificate, sgx);
    assert_true(X509_sign(certificate, keys[by], EVP_sha256()) > 0);
    X509_NAME_free(from);
    X509_NAME_free(to);
    return certificate;
}

static void append_certificate(struct buf *out, X509 *certificate, bool as_pem)
{
    uint8_t *der = NULL;
    const int len = i2d_X509(certificate, &der);

    assert_true(len > 0);
    if (as_pem)
        (void)maker_pem("CERTIFICATE", (struct view){der, (size_t)len}, out);
    else
        append(out, (struct view){der, (size_t)len});
    OPENSSL_free(der);
    X509_free(certificate);
}

static void revoke(X509_CRL *crl, int serial)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, DCAP_WORLD_ISSUED);

    assert_int_equal(ASN1_INTEGER_set(number, serial), 1);
    assert_int_equal(X509_REVOKED_set_serialNumber(entry, number), 1);
    assert_int_equal(X509_REVOKED_set_revocationDate(entry, time), 1);
    assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(time);
}

/* first, second: serial numbers; 0: none. */
static void append_crl(struct buf *out, const char *issuer, int by, int first, int second)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = name_of(issuer);
    ASN1_TIME *issued = ASN1_TIME_set(NULL, DCAP_WORLD_ISSUED), *ends = ASN1_TIME_set(NULL, DCAP_WORLD_ENDS);
    uint8_t *der = NULL;
    int len;

    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, name), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, issued), 1);
    assert_int_equal(X509_CRL_set1_nextUpdate(crl, ends), 1);
    if (first != 0)
        revoke(crl, first);
    if (second != 0)
        revoke(crl, second);
    assert_true(X509_CRL_sign(crl, keys[by], EVP_sha256()) > 0);
    len = i2d_X509_CRL(crl, &der);
    assert_true(len > 0);
    append(out, (struct view){der, (size_t)len});
    OPENSSL_free(der);
    X509_CRL_free(crl);
    X509_NAME_free(name);
    ASN1_TIME_free(issued);
    ASN1_TIME_free(ends);
}

/* ---- the SGX extension of the PCK certificate ---- */

/* A member: its name, below which arcs follow, and its value, which is DER. */
static void put_member(struct buf *out, const uint8_t *arcs, size_t arc_count, uint8_t tag, struct view value)
{
    uint8_t name_memory[16] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01}, memory[PART];
    struct buf part = BUF_OF(memory);

    memcpy(name_memory + 9, arcs, arc_count);
    maker_put(&part, DER_OID, (struct view){name_memory, 9 + arc_count});
    maker_put(&part, tag, value);
    maker_put(out, DER_SEQUENCE, buf_view(&part));
}

static void put_sgx_extension(struct buf *out)
{
    static const uint8_t zeros[16], fmspc[] = {0x00, 0x60, 0x6a, 0x00, 0x00, 0x00};
    uint8_t memory[PART], tcb_memory[PART];
    struct buf all = BUF_OF(memory), tcb = BUF_OF(tcb_memory);

    for (uint8_t i = 1; i <= DCAP_COMPONENTS; i++)
        put_member(&tcb, (const uint8_t[]){2, i}, 2, DER_INTEGER, (struct view){(const uint8_t[]){DCAP_WORLD_SVN}, 1});
    put_member(&tcb, (const uint8_t[]){2, 17}, 2, DER_INTEGER, (struct view){(const uint8_t[]){DCAP_WORLD_PCESVN}, 1});
    put_member(&tcb, (const uint8_t[]){2, 18}, 2, DER_OCTET_STRING, VIEW_OF(zeros));
    put_member(&all, (const uint8_t[]){1}, 1, DER_OCTET_STRING, VIEW_OF(zeros));
    put_member(&all, (const uint8_t[]){2}, 1, DER_SEQUENCE, buf_view(&tcb));
    put_member(&all, (const uint8_t[]){3}, 1, DER_OCTET_STRING, (struct view){zeros, DCAP_PCEID_SIZE});
    put_member(&all, (const uint8_t[]){4}, 1, DER_OCTET_STRING, VIEW_OF(fmspc));
    put_member(&all, (const uint8_t[]){5}, 1, DER_ENUMERATED, (struct view){zeros, 1});
    maker_put(out, DER_SEQUENCE, buf_view(&all));
}

static void append_pck_chain(struct buf *out)
{
    static const char root[] = "Intel SGX Root CA", authority[] = "Intel SGX PCK Platform CA";
    const struct view none = {NULL, 0};
    uint8_t memory[PART];
    struct buf extension = BUF_OF(memory);

    put_sgx_extension(&extension);
    append_certificate(
        out, certificate_of(LEAF, authority, AUTHORITY, "Intel SGX PCK Certificate", buf_view(&extension)), true);
    append_certificate(out, certificate_of(AUTHORITY, root, ROOT, authority, none), true);
    append_certificate(out, certificate_of(ROOT, root, ROOT, root, none), true);
}

/* ---- the quote ---- */

static size_t body_size(const struct dcap_world *world)
{
    static const size_t sizes[] = {0, 384, 584, 648, 885};

    return sizes[world->body_type];
}

static void append_head(const struct dcap_world *world, struct buf *out)
{
    static const uint8_t vendor[] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
    static const uint8_t user_data[20];

    append_le(out, world->version, 2);
    append_le(out, 2, 2);
    append_le(out, world->is_tdx ? 0x81 : 0, 4);
    append_le(out, 0, 4);
    append(out, VIEW_OF(vendor));
    append(out, VIEW_OF(user_data));
    if (world->version == 5) {
        append_le(out, world->body_type, 2);
        append_le(out, body_size(world), 4);
    }
    append(out, (struct view){world->body, body_size(world)});
}

/* The quoting enclave's report, which vouches for the attestation key; its signature; its chain. */
static void append_qe_part(const struct dcap_world *world, struct buf *out)
{
    uint8_t report[384] = {[48] = 0x15, [56] = 0xe7, [258] = 8}, bound[96], signature[64], memory[3 * PART];
    struct buf chain = BUF_OF(memory);

    memset(report + 128, QE_SIGNER, 32);
    report[256] = world->is_tdx ? TD_QE_PROD : 1;
    point_of(keys[ATTESTATION], bound);
    memset(bound + 64, 0xaa, 32);
    assert_int_equal(EVP_Digest(bound, sizeof bound, report + 320, NULL, EVP_sha256(), NULL), 1);
    append(out, VIEW_OF(report));
    sign(keys[LEAF], VIEW_OF(report), signature);
    append(out, VIEW_OF(signature));
    append_le(out, 32, 2);
    append(out, (struct view){bound + 64, 32});
    append_pck_chain(&chain);
    append_le(out, 5, 2);
    append_le(out, chain.len, 4);
    append(out, buf_view(&chain));
}

static void make_quote(struct dcap_world *world)
{
    const size_t start = world->used.len;
    uint8_t signature[64], point[64], part_memory[4 * PART];
    struct buf *out = &world->used, part = BUF_OF(part_memory);

    append_head(world, out);
    sign(keys[ATTESTATION], since(out, start), signature);
    point_of(keys[ATTESTATION], point);
    append_qe_part(world, &part);
    append_le(out, 128u + (world->version == 3 ? 0u : 6u) + part.len, 4);
    append(out, VIEW_OF(signature));
    append(out, VIEW_OF(point));
    if (world->version > 3) {
        append_le(out, 6, 2);
        append_le(out, part.len, 4);
    }
    append(out, buf_view(&part));
    world->quote = since(out, start);
}

/* ---- collateral ---- */

static void endorse(struct dcap_world *world, size_t start)
{
    world->endorsements.list[world->endorsements.count++] = since(&world->used, start);
}

__attribute__((format(printf, 2, 3))) static void append_text(struct buf *out, const char *format, ...)
{
    char text[PART];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert_true(len >= 0 && len < (int)sizeof text);
    append(out, view_of_string(text));
}

/* Wraps an object and signs it. */
static void endorse_document(struct dcap_world *world, const char *name, const struct buf *object)
{
    const size_t start = world->used.len;
    uint8_t signature[64];
    char hex[129];

    sign(keys[SIGNER], buf_view(object), signature);
    hex_encode(VIEW_OF(signature), hex);
    append_text(&world->used, "{\"%s\":", name);
    append(&world->used, buf_view(object));
    append_text(&world->used, ",\"signature\":\"%s\"}", hex);
    endorse(world, start);
}

static void append_components(struct buf *out, const char *name, unsigned svn)
{
    append_text(out, "\"%s\":[", name);
    for (int i = 0; i < DCAP_COMPONENTS; i++)
        append_text(out, "%s{\"svn\":%u}", i == 0 ? "" : ",", svn);
    append_text(out, "],");
}

static void endorse_tcb_info(struct dcap_world *world)
{
    uint8_t memory[PART];
    struct buf out = BUF_OF(memory);

    append_text(&out,
                "{\"id\":\"%s\",\"version\":3,\"issueDate\":\"" ISSUED "\",\"nextUpdate\":\"" ENDS
                "\",\"fmspc\":\"" FMSPC "\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":%d,",
                world->is_tdx ? "TDX" : "SGX", DCAP_WORLD_EVALUATION);
    if (world->is_tdx)
        append_text(&out,
                    "\"tdxModule\":{\"mrsigner\":\"%096d\",\"attributes\":\"0000000000000000\","
                    "\"attributesMask\":\"FFFFFFFFFFFFFFFF\"},",
                    0);
    append_text(&out, "\"tcbLevels\":[{\"tcb\":{");
    append_components(&out, "sgxtcbcomponents", world->level_svn);
    if (world->is_tdx)
        append_components(&out, "tdxtcbcomponents", 0);
    append_text(&out, "\"pcesvn\":%d},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"%s\",\"advisoryIDs\":%s}]}",
                DCAP_WORLD_PCESVN, world->status, world->advisories);
    endorse_document(world, "tcbInfo", &out);
}

static void endorse_qe_identity(struct dcap_world *world)
{
    uint8_t memory[PART], signer_bytes[32];
    struct buf out = BUF_OF(memory);
    char signer[65];

    memset(signer_bytes, QE_SIGNER, sizeof signer_bytes);
    hex_encode(VIEW_OF(signer_bytes), signer);
    append_text(&out,
                "{\"id\":\"%s\",\"version\":2,\"issueDate\":\"" ISSUED "\",\"nextUpdate\":\"" ENDS
                "\",\"tcbEvaluationDataNumber\":%d,\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
                "\"attributes\":\"1100000000000000%016d\",\"attributesMask\":\"FBFFFFFFFFFFFFFF%016d\","
                "\"mrsigner\":\"%s\",\"isvprodid\":%d,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":8},"
                "\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"%s\"}]}",
                world->is_tdx ? "TD_QE" : "QE", DCAP_WORLD_EVALUATION, 0, 0, signer, world->is_tdx ? TD_QE_PROD : 1,
                world->qe_status);
    endorse_document(world, "enclaveIdentity", &out);
}

static void endorse_lists(struct dcap_world *world)
{
    static const char root[] = "Intel SGX Root CA";
    size_t start = world->used.len;

    append_crl(&world->used, "Intel SGX PCK Platform CA", AUTHORITY, world->revoke_leaf ? LEAF : 0, 0);
    endorse(world, start);
    start = world->used.len;
    append_crl(&world->used, root, ROOT, world->revoke_authority ? AUTHORITY : 0, world->revoke_signer ? SIGNER : 0);
    endorse(world, start);
    start = world->used.len;
    append_certificate(&world->used,
                       certificate_of(SIGNER, root, ROOT, "Intel SGX TCB Signing", (struct view){NULL, 0}), false);
    endorse(world, start);
}

/* ---- all of it ---- */

void dcap_world_plan(struct dcap_world *world, uint16_t version, bool is_tdx)
{
    memset(world, 0, sizeof *world);
    world->version = version;
    world->is_tdx = is_tdx;
    world->body_type = is_tdx ? 2 : 1;
    world->status = world->qe_status = "UpToDate";
    world->advisories = "[]";
    world->level_svn = DCAP_WORLD_SVN;
    memset(world->body + (is_tdx ? 136 : 64), 0xe1, is_tdx ? DCAP_MEASUREMENT : 32);
    memset(world->body + (is_tdx ? 520 : 320), 0xda, DCAP_REPORT_DATA);
    if (!is_tdx)
        world->body[48] = 0x05;
}

void dcap_world_make(struct dcap_world *world)
{
    make_keys();
    world->used = BUF_OF(world->memory);
    world->endorsements.count = 0;
    point_of(keys[ROOT], world->root_point);
    make_quote(world);
    endorse_tcb_info(world);
    endorse_qe_identity(world);
    endorse_lists(world);
}

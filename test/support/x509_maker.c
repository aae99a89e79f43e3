/* x509_maker.c: see x509_maker.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <mbedtls/base64.h>
#include <mbedtls/ecdsa.h>

#include "x509_maker.h"

#define PART 4096 /* bytes of a part at most */

static const uint8_t ecdsa_sha384[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
static const uint8_t info_head[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};

static int same_bytes(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return 0;
}

static void append(struct buf *out, struct view bytes)
{
    assert_int_equal(buf_append(out, bytes), STATUS_OK);
}

struct maker_key maker_key_of(uint8_t number)
{
    struct maker_key key = {.scalar = {[46] = 1, [47] = number}};
    mbedtls_ecp_keypair pair;
    size_t len;

    mbedtls_ecp_keypair_init(&pair);
    assert_int_equal(mbedtls_ecp_group_load(&pair.grp, MBEDTLS_ECP_DP_SECP384R1), 0);
    assert_int_equal(mbedtls_mpi_read_binary(&pair.d, key.scalar, sizeof key.scalar), 0);
    assert_int_equal(mbedtls_ecp_mul(&pair.grp, &pair.Q, &pair.d, &pair.grp.G, same_bytes, NULL), 0);
    memcpy(key.info, info_head, sizeof info_head);
    assert_int_equal(mbedtls_ecp_point_write_binary(&pair.grp, &pair.Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &len,
                                                    key.info + sizeof info_head, sizeof key.info - sizeof info_head),
                     0);
    assert_int_equal(len + sizeof info_head, MAKER_INFO_SIZE);
    mbedtls_ecp_keypair_free(&pair);
    return key;
}

void maker_put(struct buf *out, uint8_t tag, struct view contents)
{
    const uint8_t high = (uint8_t)(contents.len >> 8), low = (uint8_t)contents.len;
    const uint8_t head[] = {tag, 0x82, high, low};

    assert_true(contents.len <= UINT16_MAX);
    if (contents.len < 0x80)
        append(out, (struct view){(const uint8_t[]){tag, low}, 2});
    else if (contents.len < 0x100)
        append(out, (struct view){(const uint8_t[]){tag, 0x81, low}, 3});
    else
        append(out, VIEW_OF(head));
    append(out, contents);
}

void maker_put_extension(struct buf *out, struct view oid, struct view value)
{
    uint8_t memory[PART];
    struct buf part = BUF_OF(memory);

    maker_put(&part, DER_OID, oid);
    maker_put(&part, DER_OCTET_STRING, value);
    maker_put(out, DER_SEQUENCE, buf_view(&part));
}

static void put_integer(struct buf *out, struct view magnitude)
{
    uint8_t number[64] = {0};

    while (magnitude.len > 1 && magnitude.ptr[0] == 0) {
        magnitude.ptr++;
        magnitude.len--;
    }
    memcpy(number + 1, magnitude.ptr, magnitude.len);
    if (magnitude.ptr[0] >= 0x80)
        maker_put(out, DER_INTEGER, (struct view){number, magnitude.len + 1});
    else
        maker_put(out, DER_INTEGER, magnitude);
}

void maker_sign(const struct maker_key *key, struct view data, uint8_t out[static 96])
{
    struct digest digest;
    mbedtls_ecp_group group;
    mbedtls_mpi d, r, s;

    mbedtls_ecp_group_init(&group);
    mbedtls_mpi_init(&d);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    assert_int_equal(digest_pieces(DIGEST_SHA384, &data, 1, &digest), STATUS_OK);
    assert_int_equal(mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP384R1), 0);
    assert_int_equal(mbedtls_mpi_read_binary(&d, key->scalar, sizeof key->scalar), 0);
    assert_int_equal(
        mbedtls_ecdsa_sign_det_ext(&group, &r, &s, &d, digest.bytes, 48, MBEDTLS_MD_SHA384, same_bytes, NULL), 0);
    assert_int_equal(mbedtls_mpi_write_binary(&r, out, 48), 0);
    assert_int_equal(mbedtls_mpi_write_binary(&s, out + 48, 48), 0);
    mbedtls_ecp_group_free(&group);
    mbedtls_mpi_free(&d);
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&s);
}

static void put_name(struct buf *out, const char *common_name)
{
    static const uint8_t oid[] = {0x55, 0x04, 0x03};
    uint8_t pair_memory[PART], set_memory[PART], names_memory[PART];
    struct buf pair = BUF_OF(pair_memory), set = BUF_OF(set_memory), names = BUF_OF(names_memory);

    maker_put(&pair, DER_OID, VIEW_OF(oid));
    maker_put(&pair, 0x0c, view_of_string(common_name));
    maker_put(&set, DER_SEQUENCE, buf_view(&pair));
    maker_put(&names, DER_SET, buf_view(&set));
    maker_put(out, DER_SEQUENCE, *common_name == '\0' ? (struct view){NULL, 0} : buf_view(&names));
}

/* tbs: contents. */
static struct view put_signed(struct view tbs, const struct maker_key *key, struct buf *out)
{
    uint8_t memory[PART], numbers_memory[PART], value_memory[PART], signature[96];
    struct buf whole = BUF_OF(memory), numbers = BUF_OF(numbers_memory), value = BUF_OF(value_memory);
    const size_t start = out->len;

    maker_put(&whole, DER_SEQUENCE, tbs);
    maker_sign(key, buf_view(&whole), signature);
    append(&whole, VIEW_OF(ecdsa_sha384));
    put_integer(&numbers, (struct view){signature, 48});
    put_integer(&numbers, (struct view){signature + 48, 48});
    append(&value, (struct view){(const uint8_t[]){0}, 1});
    maker_put(&value, DER_SEQUENCE, buf_view(&numbers));
    maker_put(&whole, DER_BIT_STRING, buf_view(&value));
    maker_put(out, DER_SEQUENCE, buf_view(&whole));
    return (struct view){out->ptr + start, out->len - start};
}

static void put_extensions(struct buf *out, bool is_ca, struct view further)
{
    static const uint8_t basic_constraints[] = {0x55, 0x1d, 0x13}, ca[] = {0x30, 0x03, 0x01, 0x01, 0xff};
    uint8_t list_memory[PART], memory[PART];
    struct buf list = BUF_OF(list_memory), part = BUF_OF(memory);

    if (is_ca)
        maker_put_extension(&list, VIEW_OF(basic_constraints), VIEW_OF(ca));
    append(&list, further);
    maker_put(&part, DER_SEQUENCE, buf_view(&list));
    maker_put(out, DER_CONTEXT_CONSTRUCTED | 3, buf_view(&part));
}

struct view maker_certificate(const struct maker_certificate *from, struct buf *out)
{
    static const uint8_t version[] = {0x02, 0x01, 0x02};
    uint8_t memory[PART], validity_memory[PART];
    struct buf tbs = BUF_OF(memory), validity = BUF_OF(validity_memory);

    maker_put(&tbs, DER_CONTEXT_CONSTRUCTED | 0, VIEW_OF(version));
    put_integer(&tbs, (struct view){&from->serial, 1});
    append(&tbs, VIEW_OF(ecdsa_sha384));
    put_name(&tbs, from->issuer);
    maker_put(&validity, DER_UTC_TIME, view_of_string(from->not_before));
    maker_put(&validity, DER_UTC_TIME, view_of_string(from->not_after));
    maker_put(&tbs, DER_SEQUENCE, buf_view(&validity));
    put_name(&tbs, from->subject);
    append(&tbs, (struct view){from->key->info, MAKER_INFO_SIZE});
    put_extensions(&tbs, from->is_ca, from->extensions);
    return put_signed(buf_view(&tbs), from->issuer_key, out);
}

struct view maker_crl(const struct maker_crl *from, struct buf *out)
{
    static const uint8_t version[] = {0x02, 0x01, 0x01};
    uint8_t memory[PART], entry_memory[PART], list_memory[PART];
    struct buf tbs = BUF_OF(memory), entry = BUF_OF(entry_memory), list = BUF_OF(list_memory);

    append(&tbs, VIEW_OF(version));
    append(&tbs, VIEW_OF(ecdsa_sha384));
    put_name(&tbs, from->issuer);
    maker_put(&tbs, DER_UTC_TIME, view_of_string(from->this_update));
    maker_put(&tbs, DER_UTC_TIME, view_of_string(from->next_update));
    if (from->revoked != 0) {
        put_integer(&entry, (struct view){&from->revoked, 1});
        maker_put(&entry, DER_UTC_TIME, view_of_string(from->this_update));
        maker_put(&list, DER_SEQUENCE, buf_view(&entry));
        maker_put(&tbs, DER_SEQUENCE, buf_view(&list));
    }
    return put_signed(buf_view(&tbs), from->issuer_key, out);
}

struct view maker_pem(const char *label, struct view der, struct buf *out)
{
    const size_t start = out->len;
    uint8_t text[2 * PART];
    char line[64];
    size_t len;

    assert_int_equal(mbedtls_base64_encode(text, sizeof text, &len, der.ptr, der.len), 0);
    (void)snprintf(line, sizeof line, "-----BEGIN %s-----\n", label);
    append(out, view_of_string(line));
    for (size_t at = 0; at < len; at += 64) {
        append(out, (struct view){text + at, len - at < 64 ? len - at : 64});
        append(out, VIEW_TEXT("\n"));
    }
    (void)snprintf(line, sizeof line, "-----END %s-----\n", label);
    append(out, view_of_string(line));
    return (struct view){out->ptr + start, out->len - start};
}

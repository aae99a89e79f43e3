/* Certificates and CRLs: those that OpenSSL made verify, and what is not as it must be is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto_support.h"
#include "der.h"
#include "x509.h"
#include "x509_golden.h"
#include "x509_maker.h"

static uint8_t memory[1 << 16];
static struct buf space;

static struct view take(const char *pem, enum x509_item wanted)
{
    struct view from = view_of_string(pem), der;
    enum x509_item item;

    assert_int_equal(x509_take(&from, &space, &item, &der), STATUS_OK);
    assert_int_equal(item, wanted);
    assert_int_equal(from.len, 0);
    return der;
}

static struct x509_certificate certificate(const char *pem)
{
    struct x509_certificate out;

    assert_int_equal(x509_certificate_parse(take(pem, X509_ITEM_CERTIFICATE), &out), STATUS_OK);
    return out;
}

static struct x509_crl crl(const char *pem)
{
    struct x509_crl out;

    assert_int_equal(x509_crl_parse(take(pem, X509_ITEM_CRL), &out), STATUS_OK);
    return out;
}

static int set_up(void **state)
{
    (void)state;
    space = BUF_OF(memory);
    return 0;
}

static void verifies_every_scheme_that_openssl_signs_with(void **state)
{
    (void)state;
    const struct {
        const char *pem, *issuer;
        enum x509_key_kind key;
        enum x509_scheme scheme;
        enum digest_alg hash;
        bool is_ca;
    } cases[] = {
        {GOLDEN_RSA_ROOT, GOLDEN_RSA_ROOT, X509_KEY_RSA, X509_RSA_PSS, DIGEST_SHA256, true},
        {GOLDEN_BY_PSS_384, GOLDEN_RSA_ROOT, X509_KEY_P256, X509_RSA_PSS, DIGEST_SHA384, false},
        {GOLDEN_BY_PKCS1_256, GOLDEN_RSA_ROOT, X509_KEY_P384, X509_RSA_PKCS1, DIGEST_SHA256, false},
        {GOLDEN_BY_PKCS1_384, GOLDEN_RSA_ROOT, X509_KEY_P256, X509_RSA_PKCS1, DIGEST_SHA384, false},
        {GOLDEN_EC_ROOT, GOLDEN_EC_ROOT, X509_KEY_P256, X509_ECDSA, DIGEST_SHA256, true},
        {GOLDEN_BY_EC, GOLDEN_EC_ROOT, X509_KEY_P384, X509_ECDSA, DIGEST_SHA384, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct x509_certificate one = certificate(cases[i].pem), issuer = certificate(cases[i].issuer), other;
        uint8_t changed[2048];

        assert_int_equal(one.key.kind, cases[i].key);
        assert_int_equal(one.signature.scheme, cases[i].scheme);
        assert_int_equal(one.signature.hash, cases[i].hash);
        assert_int_equal(one.is_ca, cases[i].is_ca);
        assert_int_equal(x509_certificate_issued_by(&one, &issuer), STATUS_OK);
        memcpy(changed, one.der.ptr, one.der.len);
        changed[one.der.len - 1] ^= 1;
        assert_int_equal(x509_certificate_parse((struct view){changed, one.der.len}, &other), STATUS_OK);
        assert_int_equal(x509_certificate_issued_by(&other, &issuer), STATUS_FORGED);
        one.signature.value.len--;
        assert_int_equal(x509_certificate_issued_by(&one, &issuer), STATUS_FORGED);
        one.signature.value.len++;
        one.signature.scheme = one.signature.scheme == X509_ECDSA ? X509_RSA_PSS : X509_ECDSA;
        assert_int_not_equal(x509_certificate_issued_by(&one, &issuer), STATUS_OK);
    }
}

static void tells_names_times_and_serials(void **state)
{
    (void)state;
    const struct x509_certificate root = certificate(GOLDEN_RSA_ROOT), leaf = certificate(GOLDEN_BY_EC);
    struct view name;

    assert_int_equal(x509_name_common(root.subject, &name), STATUS_OK);
    assert_true(view_equal(name, VIEW_TEXT("RSA root")));
    assert_true(view_equal(leaf.serial, HEX("0080ff")));
    assert_true(root.not_before == 1795255676 && root.not_after == 1795255676 + 9000ll * 86400);
    assert_int_equal(x509_certificate_valid_at(&root, root.not_before), STATUS_OK);
    assert_int_equal(x509_certificate_valid_at(&root, root.not_after), STATUS_OK);
    assert_int_equal(x509_certificate_valid_at(&root, root.not_before - 1), STATUS_EVIDENCE_NOT_YET);
    assert_int_equal(x509_certificate_valid_at(&root, root.not_after + 1), STATUS_EVIDENCE_EXPIRED);
    assert_true(root.signs_certificates && root.signs_crls && !leaf.signs_certificates && !leaf.signs_crls);
}

static void an_issuer_is_known_by_name_and_by_right(void **state)
{
    (void)state;
    const struct x509_certificate leaf = certificate(GOLDEN_BY_EC);
    struct x509_certificate rsa = certificate(GOLDEN_RSA_ROOT), ec = certificate(GOLDEN_EC_ROOT);
    const struct x509_crl list = crl(GOLDEN_CRL_EC);

    assert_int_equal(x509_certificate_issued_by(&leaf, &rsa), STATUS_EVIDENCE_CHAIN);
    assert_int_equal(x509_crl_issued_by(&list, &rsa), STATUS_EVIDENCE_CRL);
    rsa.subject = ec.subject;
    assert_int_equal(x509_certificate_issued_by(&leaf, &rsa), STATUS_UNSUPPORTED);
    ec.signs_crls = false;
    assert_int_equal(x509_crl_issued_by(&list, &ec), STATUS_EVIDENCE_CRL);
    ec.signs_certificates = false;
    assert_int_equal(x509_certificate_issued_by(&leaf, &ec), STATUS_EVIDENCE_CHAIN);
    ec.signs_certificates = true;
    ec.is_ca = false;
    assert_int_equal(x509_certificate_issued_by(&leaf, &ec), STATUS_EVIDENCE_CHAIN);
}

static void refuses_keys_that_are_none(void **state)
{
    (void)state;
    const struct x509_certificate leaf = certificate(GOLDEN_BY_EC), by_rsa = certificate(GOLDEN_BY_PKCS1_256);
    struct x509_certificate ec = certificate(GOLDEN_EC_ROOT), rsa = certificate(GOLDEN_RSA_ROOT);
    uint8_t point[64], modulus[513];

    memcpy(point, ec.key.point.ptr, sizeof point);
    point[63] ^= 1;
    ec.key.point = VIEW_OF(point);
    assert_int_equal(x509_certificate_issued_by(&leaf, &ec), STATUS_BAD_KEY);
    memset(modulus, 0xff, sizeof modulus);
    rsa.key.modulus = VIEW_OF(modulus);
    assert_int_equal(x509_certificate_issued_by(&by_rsa, &rsa), STATUS_UNSUPPORTED);
    rsa.key.modulus.len = 255;
    assert_int_equal(x509_certificate_issued_by(&by_rsa, &rsa), STATUS_UNSUPPORTED);
    rsa.key.modulus.len = 256;
    modulus[255] = 0xfe;
    assert_int_equal(x509_certificate_issued_by(&by_rsa, &rsa), STATUS_BAD_KEY);
    rsa.key.exponent = (struct view){modulus, 5};
    assert_int_equal(x509_certificate_issued_by(&by_rsa, &rsa), STATUS_UNSUPPORTED);
}

static void lists_revoke_the_serials_on_them_in_their_time(void **state)
{
    (void)state;
    const char *const lists[] = {GOLDEN_CRL_PSS, GOLDEN_CRL_EC}, *const issuers[] = {GOLDEN_RSA_ROOT, GOLDEN_EC_ROOT};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct x509_crl list = crl(lists[i]);
        const struct x509_certificate issuer = certificate(issuers[i]);

        assert_int_equal(x509_crl_issued_by(&list, &issuer), STATUS_OK);
        assert_true(x509_crl_revokes(&list, HEX("03")));
        assert_true(x509_crl_revokes(&list, HEX("0080ff")));
        assert_false(x509_crl_revokes(&list, HEX("04")));
        assert_false(x509_crl_revokes(&list, HEX("80ff")));
        assert_true(list.this_update == 1795255676 && list.next_update == 1795255676 + 30 * 86400);
        assert_int_equal(x509_crl_valid_at(&list, list.this_update), STATUS_OK);
        assert_int_equal(x509_crl_valid_at(&list, list.this_update - 1), STATUS_EVIDENCE_CRL);
        assert_int_equal(x509_crl_valid_at(&list, list.next_update), STATUS_OK);
        assert_int_equal(x509_crl_valid_at(&list, list.next_update + 1), STATUS_EVIDENCE_CRL);
    }
}

static void refuses_a_critical_extension_that_it_does_not_know(void **state)
{
    (void)state;
    struct x509_certificate out;

    assert_int_equal(x509_certificate_parse(take(GOLDEN_ODD, X509_ITEM_CERTIFICATE), &out), STATUS_UNSUPPORTED);
}

static void refuses_an_extension_that_stands_twice(void **state)
{
    (void)state;
    const struct maker_key key = maker_key_of(1);
    uint8_t twice_bytes[64];
    struct buf twice = BUF_OF(twice_bytes);
    struct x509_certificate out;
    struct maker_certificate from = {"a", "b", &key, &key, 1, "250101000000Z", "260101000000Z", false, {NULL, 0}};

    maker_put_extension(&twice, HEX("2a03"), HEX("0500"));
    from.extensions = buf_view(&twice);
    assert_int_equal(x509_certificate_parse(maker_certificate(&from, &space), &out), STATUS_OK);
    maker_put_extension(&twice, HEX("2a03"), HEX("0500"));
    from.extensions = buf_view(&twice);
    assert_int_equal(x509_certificate_parse(maker_certificate(&from, &space), &out), STATUS_DUPLICATE_KEY);
}

static void refuses_every_other_length(void **state)
{
    (void)state;
    const struct view ones[] = {take(GOLDEN_BY_PSS_384, X509_ITEM_CERTIFICATE), take(GOLDEN_CRL_PSS, X509_ITEM_CRL)};

    for (size_t i = 0; i < ARRAY_LEN(ones); i++) {
        uint8_t longer[2048] = {0};
        struct x509_certificate one;
        struct x509_crl list;

        for (size_t len = 0; len < ones[i].len; len++) {
            const struct view part = {ones[i].ptr, len};
            struct view from = part, der;
            enum x509_item item;

            assert_int_equal(x509_certificate_parse(part, &one), STATUS_TRUNCATED);
            assert_int_equal(x509_crl_parse(part, &list), STATUS_TRUNCATED);
            assert_int_equal(x509_take(&from, &space, &item, &der), len == 0 ? STATUS_NOT_FOUND : STATUS_TRUNCATED);
        }
        memcpy(longer, ones[i].ptr, ones[i].len);
        assert_int_equal(x509_certificate_parse((struct view){longer, ones[i].len + 1}, &one), STATUS_TRAILING);
        assert_int_equal(x509_crl_parse((struct view){longer, ones[i].len + 1}, &list), STATUS_TRAILING);
    }
}

/* Whatever byte changes, the certificate does not parse, has another issuer, or is not signed any more. */
static void refuses_every_changed_byte(void **state)
{
    (void)state;
    const struct x509_certificate root = certificate(GOLDEN_RSA_ROOT);
    const struct view whole = take(GOLDEN_BY_PSS_384, X509_ITEM_CERTIFICATE);
    uint8_t changed[2048];

    memcpy(changed, whole.ptr, whole.len);
    for (size_t at = 0; at < whole.len; at++)
        for (unsigned bit = 0; bit < 8; bit += 3) {
            struct x509_certificate one;

            changed[at] ^= (uint8_t)(1u << bit);
            if (x509_certificate_parse((struct view){changed, whole.len}, &one) == STATUS_OK)
                assert_int_not_equal(x509_certificate_issued_by(&one, &root), STATUS_OK);
            changed[at] ^= (uint8_t)(1u << bit);
        }
}

static void takes_items_one_after_the_other(void **state)
{
    (void)state;
    uint8_t mixed_bytes[8192];
    struct buf mixed = BUF_OF(mixed_bytes);
    struct view from, der;
    enum x509_item item;
    const enum x509_item wanted[] = {X509_ITEM_CERTIFICATE, X509_ITEM_CRL, X509_ITEM_CERTIFICATE, X509_ITEM_CRL};

    assert_int_equal(buf_append(&mixed, view_of_string("\r\n" GOLDEN_RSA_ROOT GOLDEN_CRL_EC "\n")), STATUS_OK);
    assert_int_equal(buf_append(&mixed, take(GOLDEN_EC_ROOT, X509_ITEM_CERTIFICATE)), STATUS_OK);
    assert_int_equal(buf_append(&mixed, take(GOLDEN_CRL_PSS, X509_ITEM_CRL)), STATUS_OK);
    assert_int_equal(buf_append(&mixed, HEX("0a00")), STATUS_OK);
    from = buf_view(&mixed);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_int_equal(x509_take(&from, &space, &item, &der), STATUS_OK);
        assert_int_equal(item, wanted[i]);
    }
    assert_int_equal(x509_take(&from, &space, &item, &der), STATUS_NOT_FOUND);
}

static void refuses_text_that_is_no_item(void **state)
{
    (void)state;
    const struct {
        const char *why, *text;
        size_t cap;
        enum status want;
    } cases[] = {
        {"nothing", "", 4096, STATUS_NOT_FOUND},
        {"blanks", " \r\n\t", 4096, STATUS_NOT_FOUND},
        {"words", "certificate", 4096, STATUS_MALFORMED},
        {"another label", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", 4096, STATUS_MALFORMED},
        {"a key that is none", "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", 4096, STATUS_TRUNCATED},
        {"no end", "-----BEGIN CERTIFICATE-----\nMAA=\n", 4096, STATUS_TRUNCATED},
        {"another end", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n", 4096, STATUS_MALFORMED},
        {"no base64", "-----BEGIN CERTIFICATE-----\nM*A=\n-----END CERTIFICATE-----\n", 4096, STATUS_MALFORMED},
        {"empty inside", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", 4096, STATUS_TRUNCATED},
        {"no room", GOLDEN_EC_ROOT, 300, STATUS_NO_SPACE},
        {"a list called a certificate", NULL, 4096, STATUS_MALFORMED},
    };
    char renamed[2048] = "-----BEGIN CERTIFICATE-----";

    strcat(renamed, strchr(GOLDEN_CRL_EC, '\n'));
    strcpy(strstr(renamed, "-----END"), "-----END CERTIFICATE-----\n");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct view from = view_of_string(cases[i].text != NULL ? cases[i].text : renamed), der;
        struct buf small = {.ptr = memory, .cap = cases[i].cap};
        enum x509_item item;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(x509_take(&from, &small, &item, &der), cases[i].want);
    }
}

static void an_authority_is_a_certificate_or_a_key(void **state)
{
    (void)state;
    const struct maker_key maker = maker_key_of(5);
    const struct view info = {maker.info, MAKER_INFO_SIZE};
    const struct x509_certificate root = certificate(GOLDEN_EC_ROOT);
    uint8_t bytes[4096], more[MAKER_INFO_SIZE + 1] = {0};
    struct buf text = BUF_OF(bytes);
    struct x509_authority out;

    assert_int_equal(x509_authority_parse(view_of_string(GOLDEN_EC_ROOT), &space, &out), STATUS_OK);
    assert_true(!out.any_name && view_equal(out.certificate.der, root.der));
    assert_int_equal(x509_authority_parse(root.der, &space, &out), STATUS_OK);
    assert_false(out.any_name);
    assert_int_equal(x509_authority_parse(info, &space, &out), STATUS_OK);
    assert_true(out.any_name && view_equal(out.certificate.key.info, info) && out.certificate.is_ca);
    assert_int_equal(x509_authority_parse(maker_pem("PUBLIC KEY", info, &text), &space, &out), STATUS_OK);
    assert_true(out.any_name && view_equal(out.certificate.key.info, info));
    assert_int_equal(x509_authority_parse(view_of_string(GOLDEN_CRL_EC), &space, &out), STATUS_MALFORMED);
    assert_int_equal(x509_authority_parse((struct view){NULL, 0}, &space, &out), STATUS_NOT_FOUND);
    memcpy(more, maker.info, MAKER_INFO_SIZE);
    more[MAKER_INFO_SIZE] = 1;
    assert_int_equal(x509_authority_parse(VIEW_OF(more), &space, &out), STATUS_TRAILING);
}

static void sizes_are_limited(void **state)
{
    (void)state;
    uint8_t large[X509_CERTIFICATE_MAX + 1] = {0x30, 0x82, (X509_CERTIFICATE_MAX - 3) >> 8,
                                               (uint8_t)(X509_CERTIFICATE_MAX - 3)};
    struct x509_certificate one;

    assert_int_equal(x509_certificate_parse(VIEW_OF(large), &one), STATUS_OUT_OF_RANGE);
}

static void p384_signatures_are_numbers_below_the_order(void **state)
{
    (void)state;
    const struct maker_key maker = maker_key_of(5);
    struct x509_key key;
    uint8_t signature[96], zero[48] = {0}, longer[49] = {0};
    const struct view data = VIEW_TEXT("abc"), r = {signature, 48}, s = {signature + 48, 48};

    assert_int_equal(x509_key_parse((struct view){maker.info, MAKER_INFO_SIZE}, &key), STATUS_OK);
    maker_sign(&maker, data, signature);
    assert_int_equal(x509_verify_p384(data, r, s, &key), STATUS_OK);
    assert_int_equal(x509_verify_p384(VIEW_TEXT("abd"), r, s, &key), STATUS_FORGED);
    assert_int_equal(x509_verify_p384(data, s, r, &key), STATUS_FORGED);
    assert_int_equal(x509_verify_p384(data, VIEW_OF(zero), s, &key), STATUS_FORGED);
    assert_int_equal(x509_verify_p384(data, r, VIEW_OF(zero), &key), STATUS_FORGED);
    assert_int_equal(x509_verify_p384(data, VIEW_OF(longer), s, &key), STATUS_FORGED);
    key.kind = X509_KEY_P256;
    assert_int_equal(x509_verify_p384(data, r, s, &key), STATUS_UNSUPPORTED);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(verifies_every_scheme_that_openssl_signs_with),
        TEST(tells_names_times_and_serials),
        TEST(an_issuer_is_known_by_name_and_by_right),
        TEST(refuses_keys_that_are_none),
        TEST(lists_revoke_the_serials_on_them_in_their_time),
        TEST(refuses_a_critical_extension_that_it_does_not_know),
        TEST(refuses_an_extension_that_stands_twice),
        TEST(refuses_every_other_length),
        TEST(refuses_every_changed_byte),
        TEST(takes_items_one_after_the_other),
        TEST(refuses_text_that_is_no_item),
        TEST(an_authority_is_a_certificate_or_a_key),
        TEST(sizes_are_limited),
        TEST(p384_signatures_are_numbers_below_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

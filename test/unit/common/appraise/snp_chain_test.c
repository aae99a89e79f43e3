/* Certificates and revocation lists of SEV-SNP, made here: in which order and encoding, from whom, when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "snp_world.h"

static void the_order_and_the_encoding_of_certificates_do_not_matter(void **state)
{
    (void)state;
    uint8_t memory[16384];
    struct buf text = BUF_OF(memory);
    struct view leaf = maker_certificate(&snp_world.leaf, &snp_world.used),
                root = maker_certificate(&snp_world.root, &snp_world.used);
    struct view issuer = maker_certificate(&snp_world.issuer, &snp_world.used);
    const struct view orders[][3] = {{leaf, issuer, root}, {leaf, root, issuer}, {issuer, leaf, root},
                                     {issuer, root, leaf}, {root, leaf, issuer}, {root, issuer, leaf}};

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        snp_world.endorsements = (struct endorsements){.count = 3};
        memcpy(snp_world.endorsements.list, orders[i], sizeof orders[i]);
        assert_snp_accepted();
        text.len = 0;
        for (size_t k = 0; k < 3; k++)
            (void)maker_pem("CERTIFICATE", orders[i][k], &text);
        snp_world.endorsements = (struct endorsements){.count = 1, .list = {buf_view(&text)}};
        assert_snp_accepted();
    }
    snp_world.endorsements = (struct endorsements){.count = 2, .list = {leaf, issuer}};
    assert_snp_accepted(); /* the root's key is pinned */
}

static void a_hosts_certificate_table_is_read(void **state)
{
    (void)state;
    static const uint8_t guids[][16] = {
        {0x12, 0x34, 0x56, 0x78},
        {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd},
        {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82},
    };
    uint8_t table[4096] = {0};
    const struct view contents[] = {VIEW_TEXT("of the host"), maker_certificate(&snp_world.leaf, &snp_world.used),
                                    maker_certificate(&snp_world.issuer, &snp_world.used)};
    uint32_t at = 4 * 24;

    for (size_t i = 0; i < ARRAY_LEN(guids); i++) {
        memcpy(table + 24 * i, guids[i], 16);
        write_le32(table + 24 * i + 16, at);
        write_le32(table + 24 * i + 20, (uint32_t)contents[i].len);
        memcpy(table + at, contents[i].ptr, contents[i].len);
        at += (uint32_t)contents[i].len;
    }
    snp_world_endorse(VIEW_OF(table));
    assert_snp_accepted();
    write_le32(table + 24 + 20, sizeof table);
    assert_int_equal(snp_world_examine(), STATUS_TRUNCATED);
    assert_snp_refused(SNP_CHECK_ENDORSEMENTS, STATUS_TRUNCATED);
}

static void refuses_chains_that_do_not_lead_to_the_pinned_key(void **state)
{
    (void)state;
    struct maker_key other = maker_key_of(9);

    snp_world.issuer.issuer_key = &other; /* signed by another root of the same name, which is given too */
    snp_world.root.issuer_key = snp_world.root.key = &other;
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_ROOT);
    snp_world.endorsements.count = 0;
    snp_world.leaf.issuer_key = &other; /* the leaf: by another issuer of the same name */
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHAIN, STATUS_FORGED);
    snp_world.endorsements.count = 1; /* the leaf only */
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_CHAIN);
    snp_world.endorsements.count = 0;
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_LEAF, STATUS_EVIDENCE_COLLATERAL);
}

static void an_issuer_must_be_allowed_to_issue(void **state)
{
    (void)state;
    snp_world.issuer.is_ca = false;
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_CHAIN);
}

static void a_root_serves_its_own_product_only(void **state)
{
    (void)state;
    snp_world.issuer.issuer = snp_world.root.subject = snp_world.root.issuer = "ARK-Genoa";
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_CHAIN);
}

static void takes_the_one_of_several_certificates_that_fits(void **state)
{
    (void)state;
    struct maker_key other = maker_key_of(9);
    struct maker_certificate leaf = snp_world.leaf, issuer = snp_world.issuer;

    leaf.key = &other;
    issuer.key = &other;
    snp_world_endorse(maker_certificate(&leaf, &snp_world.used));
    snp_world_endorse(maker_certificate(&issuer, &snp_world.used));
    snp_world_endorse_chain();
    assert_snp_accepted();
}

static void refuses_outside_the_time_of_each_certificate(void **state)
{
    (void)state;
    struct maker_certificate *const certificates[] = {&snp_world.leaf, &snp_world.issuer, &snp_world.root};

    for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
        const struct maker_certificate before = *certificates[i];

        snp_world.endorsements.count = 0;
        certificates[i]->not_after = "250615150639Z";
        snp_world_endorse_chain();
        (void)snp_world_examine();
        assert_snp_refused(SNP_CHECK_VALIDITY, STATUS_EVIDENCE_EXPIRED);
        snp_world.endorsements.count = 0;
        *certificates[i] = before;
        certificates[i]->not_before = "250615150641Z";
        snp_world_endorse_chain();
        (void)snp_world_examine();
        assert_snp_refused(SNP_CHECK_VALIDITY, STATUS_EVIDENCE_NOT_YET);
        *certificates[i] = before;
    }
}

static void revocation_lists_of_the_root_decide(void **state)
{
    (void)state;
    struct maker_key other = maker_key_of(9);
    const struct {
        const char *why;
        struct maker_crl crl;
        enum snp_outcome outcome;
        enum status reason;
    } cases[] = {
        {"none of it is on it",
         {"ARK-Milan", &snp_world.root_key, "250601000000Z", "250701000000Z", 7},
         SNP_PASSED,
         STATUS_OK},
        {"empty", {"ARK-Milan", &snp_world.root_key, "250601000000Z", "250701000000Z", 0}, SNP_PASSED, STATUS_OK},
        {"of another issuer",
         {"ARK-Genoa", &snp_world.root_key, "250601000000Z", "250701000000Z", 2},
         SNP_NOT_CHECKED,
         STATUS_OK},
        {"the issuer is on it",
         {"ARK-Milan", &snp_world.root_key, "250601000000Z", "250701000000Z", 2},
         SNP_FAILED,
         STATUS_EVIDENCE_REVOKED},
        {"on an old one",
         {"ARK-Milan", &snp_world.root_key, "240601000000Z", "240701000000Z", 2},
         SNP_FAILED,
         STATUS_EVIDENCE_REVOKED},
        {"old",
         {"ARK-Milan", &snp_world.root_key, "240601000000Z", "240701000000Z", 7},
         SNP_FAILED,
         STATUS_EVIDENCE_CRL},
        {"not yet",
         {"ARK-Milan", &snp_world.root_key, "250701000000Z", "250801000000Z", 7},
         SNP_FAILED,
         STATUS_EVIDENCE_CRL},
        {"forged", {"ARK-Milan", &other, "250601000000Z", "250701000000Z", 2}, SNP_FAILED, STATUS_FORGED},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        snp_world.endorsements.count = 0;
        snp_world.used.len = 0;
        snp_world_endorse(maker_crl(&cases[i].crl, &snp_world.used));
        snp_world_endorse_chain();
        (void)snp_world_examine();
        assert_int_equal(snp_world.result.checks[SNP_CHECK_REVOCATION].outcome, cases[i].outcome);
        assert_int_equal(snp_world.result.verdict, cases[i].reason);
        assert_int_equal(snp_world.result.authentic, cases[i].outcome != SNP_FAILED);
    }
}

static void a_good_list_is_enough_beside_bad_ones(void **state)
{
    (void)state;
    const struct maker_crl old = {"ARK-Milan", &snp_world.root_key, "240601000000Z", "240701000000Z", 7};
    const struct maker_crl good = {"ARK-Milan", &snp_world.root_key, "250601000000Z", "250701000000Z", 7};

    snp_world_endorse(maker_crl(&old, &snp_world.used));
    snp_world_endorse(maker_crl(&good, &snp_world.used));
    snp_world_endorse(maker_crl(&old, &snp_world.used));
    snp_world_endorse_chain();
    assert_snp_accepted();
    assert_int_equal(snp_world.result.checks[SNP_CHECK_REVOCATION].outcome, SNP_PASSED);
    assert_true(snp_world.result.not_after == 1751328000); /* the good list's end */
}

static void refuses_leaves_that_are_not_clear(void **state)
{
    (void)state;
    struct snp_claims both = snp_milan_claims, other = snp_milan_claims, small = snp_milan_claims;

    both.provider = "CN=cloud.example"; /* of a chip and of a provider */
    snp_world_claim(&both);
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_LEAF, STATUS_EVIDENCE_COLLATERAL);
    other.product = "Milanese";
    snp_world.endorsements.count = 0;
    snp_world_claim(&other);
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_PRODUCT, STATUS_EVIDENCE_PLATFORM);
    small.chip_len = 8;
    snp_world.endorsements.count = 0;
    snp_world_claim(&small);
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM);
}

/* Certificates of the same chip and TCB, with keys of their own, that anybody can make. */
static void endorse_impostors(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct maker_certificate impostor = snp_world.leaf;
        const struct maker_key key = maker_key_of((uint8_t)(100 + i));

        impostor.key = &key;
        snp_world_endorse(maker_certificate(&impostor, &snp_world.used));
    }
}

static void the_right_leaf_is_found_among_those_of_other_chips_and_tcbs(void **state)
{
    struct snp_claims claims = snp_milan_claims;

    (void)state;
    claims.microcode++;
    snp_world_claim(&claims);
    endorse_impostors(SNP_LEAVES_MAX + 2);
    claims = snp_milan_claims;
    claims.chip[0] ^= 1;
    snp_world_claim(&claims);
    endorse_impostors(SNP_LEAVES_MAX + 2);
    snp_world_claim(&snp_milan_claims);
    snp_world_endorse_chain();
    assert_snp_accepted();
}

static void leaves_and_issuers_beyond_the_limit_are_not_tried(void **state)
{
    (void)state;
    endorse_impostors(SNP_LEAVES_MAX - 1);
    snp_world_endorse_chain();
    assert_snp_accepted();
    snp_world.endorsements.count = 0;
    endorse_impostors(SNP_LEAVES_MAX);
    snp_world_endorse_chain();
    assert_int_equal(snp_world_examine(), STATUS_FORGED);
    assert_int_equal(snp_world.result.checks[SNP_CHECK_SIGNATURE].outcome, SNP_FAILED);
    for (unsigned int extra = 0; extra < 2; extra++) {
        snp_world.endorsements.count = 0;
        for (unsigned int i = 0; i < SNP_ISSUERS_MAX - 1 + extra; i++) {
            struct maker_certificate issuer = snp_world.issuer;
            const struct maker_key key = maker_key_of((uint8_t)(100 + i));

            issuer.key = &key;
            snp_world_endorse(maker_certificate(&issuer, &snp_world.used));
        }
        snp_world_endorse_chain();
        assert_int_equal(snp_world_examine(), extra == 0 ? STATUS_OK : STATUS_FORGED);
    }
}

static void too_many_or_garbled_endorsements_are_refused(void **state)
{
    (void)state;
    const size_t size = 10 * 1000 * 1000;
    uint8_t *garbage = malloc(size);
    const uint8_t starts[] = {0x30, '-', ' ', 1, 0xff};

    assert_non_null(garbage);
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        memset(garbage, starts[i], size);
        snp_world.endorsements.count = 0;
        snp_world_endorse_chain();
        snp_world_endorse((struct view){garbage, size});
        assert_int_not_equal(snp_world_examine(), STATUS_OK);
        assert_int_equal(snp_world.result.checks[SNP_CHECK_ENDORSEMENTS].outcome, SNP_FAILED);
        assert_false(snp_world.result.authentic);
    }
    free(garbage);
    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    while (snp_world.endorsements.count < ENDORSEMENTS_MAX)
        snp_world_endorse(snp_world.endorsements.list[0]);
    assert_snp_accepted();
    snp_world.endorsements.list[ENDORSEMENTS_MAX - 1].len *=
        2; /* the bytes behind a certificate of the chain: another one */
    assert_int_not_equal(snp_world_examine(), STATUS_OK);
}

#define TEST(name) cmocka_unit_test_setup(name, snp_world_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_order_and_the_encoding_of_certificates_do_not_matter),
        TEST(a_hosts_certificate_table_is_read),
        TEST(refuses_chains_that_do_not_lead_to_the_pinned_key),
        TEST(an_issuer_must_be_allowed_to_issue),
        TEST(a_root_serves_its_own_product_only),
        TEST(takes_the_one_of_several_certificates_that_fits),
        TEST(refuses_outside_the_time_of_each_certificate),
        TEST(revocation_lists_of_the_root_decide),
        TEST(a_good_list_is_enough_beside_bad_ones),
        TEST(refuses_leaves_that_are_not_clear),
        TEST(the_right_leaf_is_found_among_those_of_other_chips_and_tcbs),
        TEST(leaves_and_issuers_beyond_the_limit_are_not_tried),
        TEST(too_many_or_garbled_endorsements_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

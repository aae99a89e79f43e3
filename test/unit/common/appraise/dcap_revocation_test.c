/* Revocation lists: real ones, and a chain of which one serial number is that of a revoked certificate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dcap_cases.h"
#include "dcap_private.h"
#include "der.h"

#define CASE "quote_v3_platform_swhardening"

/* What the checks work with: the chain and the endorsements of a case at a time within its window. */
struct bench {
    uint8_t memory[DCAP_SPACE];
    struct buf space;
    struct dcap_evidence evidence;
    struct dcap_result result;
    struct dcap_work work;
};

static void set_up(struct bench *bench, const struct dcap_case *one)
{
    struct dcap_quote quote;

    memset(bench, 0, sizeof *bench);
    bench->space = BUF_OF(bench->memory);
    bench->evidence.time = one->not_before;
    bench->work.evidence = &bench->evidence;
    bench->work.out = &bench->result;
    bench->work.space = &bench->space;
    assert_int_equal(dcap_quote_parse(one->quote, &quote), STATUS_OK);
    assert_int_equal(dcap_chain_read(quote.pck_chain, &bench->space, &bench->work.chain), STATUS_OK);
    assert_int_equal(dcap_chain_verify(&bench->work.chain), STATUS_OK);
    assert_int_equal(dcap_pck_read(&bench->work.chain.leaf, &bench->work.pck), STATUS_OK);
    assert_int_equal(
        dcap_endorsements_sort(one->endorsements, one->endorsement_count, &bench->space, &bench->work.endorsements),
        STATUS_OK);
}

/* The serial number of the first entry of a list that has one. */
static struct view first_revoked(const struct dcap_endorsements *endorsements)
{
    for (size_t i = 0; i < endorsements->crl_count; i++) {
        struct view entries = endorsements->crls[i].revoked, entry, serial;

        if (entries.len == 0)
            continue;
        assert_int_equal(der_take(&entries, DER_SEQUENCE, &entry), STATUS_OK);
        assert_int_equal(der_take_integer(&entry, &serial), STATUS_OK);
        return serial;
    }
    fail_msg("no list revokes anything");
    return (struct view){NULL, 0};
}

static void revoke_the_leaf(const struct dcap_case *one)
{
    static struct bench bench;

    set_up(&bench, one);
    dcap_check_revocation(&bench.work);
    assert_int_equal(bench.result.checks[DCAP_CHECK_PCK_REVOCATION].outcome, DCAP_PASSED);
    bench.work.chain.leaf.serial = first_revoked(&bench.work.endorsements);
    dcap_check_revocation(&bench.work);
    assert_int_equal(bench.result.checks[DCAP_CHECK_PCK_CRL].outcome, DCAP_PASSED);
    assert_int_equal(bench.result.checks[DCAP_CHECK_PCK_REVOCATION].outcome, DCAP_FAILED);
    assert_int_equal(bench.result.checks[DCAP_CHECK_PCK_REVOCATION].reason, STATUS_EVIDENCE_REVOKED);
}

static void refuses_a_revoked_leaf(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", CASE, revoke_the_leaf))
        skip();
}

static void revoke_in_an_expired_list(const struct dcap_case *one)
{
    static struct bench bench;

    set_up(&bench, one);
    bench.evidence.time = one->not_after + 365 * 86400;
    bench.work.chain.leaf.serial = first_revoked(&bench.work.endorsements);
    dcap_check_revocation(&bench.work);
    assert_int_equal(bench.result.checks[DCAP_CHECK_PCK_CRL].reason, STATUS_EVIDENCE_CRL);
    assert_int_equal(bench.result.checks[DCAP_CHECK_PCK_REVOCATION].reason, STATUS_EVIDENCE_REVOKED);
}

static void believes_an_expired_list_about_what_it_revoked(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", CASE, revoke_in_an_expired_list))
        skip();
}

/* An intermediate's list under the root's name is not the root's. */
static void rename_a_list(const struct dcap_case *one)
{
    static struct bench bench;

    set_up(&bench, one);
    for (size_t i = 0; i < bench.work.endorsements.crl_count; i++)
        bench.work.endorsements.crls[i].issuer = bench.work.chain.root.subject;
    bench.work.endorsements.crl_count = 1;
    dcap_check_revocation(&bench.work);
    assert_int_equal(bench.result.checks[DCAP_CHECK_ROOT_CRL].outcome, DCAP_FAILED);
    assert_int_equal(bench.result.checks[DCAP_CHECK_ROOT_CRL].reason, STATUS_FORGED);
    assert_null(bench.work.root_crl);
}

static void refuses_a_list_that_its_issuer_did_not_sign(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", CASE, rename_a_list))
        skip();
}

/* A list that revokes the signer of collateral stands in for the root's. */
static void revoke_the_signer(const struct dcap_case *one)
{
    static struct bench bench;

    set_up(&bench, one);
    for (size_t i = 0; i < bench.work.endorsements.crl_count; i++)
        if (bench.work.endorsements.crls[i].revoked.len > 0)
            bench.work.root_crl = &bench.work.endorsements.crls[i];
    dcap_check_collateral(&bench.work);
    assert_int_equal(bench.result.checks[DCAP_CHECK_TCB_SIGNER].outcome, DCAP_PASSED);
    bench.work.signer = NULL;
    bench.work.endorsements.certificates[0].serial = first_revoked(&bench.work.endorsements);
    dcap_check_collateral(&bench.work);
    assert_int_equal(bench.result.checks[DCAP_CHECK_TCB_SIGNER].reason, STATUS_EVIDENCE_REVOKED);
    assert_null(bench.work.signer);
}

static void refuses_a_revoked_signer_of_collateral(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", CASE, revoke_the_signer))
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_revoked_leaf),
        cmocka_unit_test(believes_an_expired_list_about_what_it_revoked),
        cmocka_unit_test(refuses_a_list_that_its_issuer_did_not_sign),
        cmocka_unit_test(refuses_a_revoked_signer_of_collateral),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

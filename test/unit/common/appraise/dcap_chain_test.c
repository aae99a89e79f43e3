/* Chains of Intel's own certificates that are not what a quote needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dcap_cases.h"
#include "dcap_chain.h"

#define CASE "quote_v3_platform_swhardening"

static void misuse_certificates(const struct dcap_case *one)
{
    static uint8_t memory[DCAP_SPACE];
    static struct dcap_endorsements endorsements;
    struct buf space = BUF_OF(memory);
    struct dcap_quote quote;
    struct dcap_chain chain, changed;

    assert_int_equal(dcap_quote_parse(one->quote, &quote), STATUS_OK);
    assert_int_equal(dcap_chain_read(quote.pck_chain, &space, &chain), STATUS_OK);
    assert_int_equal(dcap_endorsements_sort(one->endorsements, one->endorsement_count, &space, &endorsements),
                     STATUS_OK);
    assert_int_equal(dcap_chain_verify(&chain), STATUS_OK);
    assert_true(dcap_is_tcb_signer(&endorsements.certificates[0]));

    print_message("  an authority in the place of the leaf\n");
    changed = (struct dcap_chain){chain.intermediate, chain.root, chain.root};
    assert_int_equal(dcap_chain_verify(&changed), STATUS_EVIDENCE_CHAIN);
    print_message("  the signer of collateral in the place of the leaf\n");
    changed = (struct dcap_chain){endorsements.certificates[0], chain.root, chain.root};
    assert_int_equal(dcap_chain_verify(&changed), STATUS_EVIDENCE_CHAIN);
    print_message("  the signer of collateral in the place of the authority\n");
    changed = (struct dcap_chain){chain.leaf, endorsements.certificates[0], chain.root};
    assert_int_equal(dcap_chain_verify(&changed), STATUS_EVIDENCE_CHAIN);
    print_message("  a leaf that is an authority\n");
    changed = chain;
    changed.leaf.is_ca = true;
    assert_int_equal(dcap_chain_verify(&changed), STATUS_EVIDENCE_CHAIN);
}

static void refuses_certificates_of_intel_in_places_that_are_not_theirs(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", CASE, misuse_certificates))
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_certificates_of_intel_in_places_that_are_not_theirs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

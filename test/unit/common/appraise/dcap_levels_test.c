/* The status of a platform when what Intel says of its parts is not what it says of the real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dcap_cases.h"
#include "dcap_private.h"

#define NEVER INT64_C(4000000000)

/* The last step of a verification, with collateral as it was read from a case. */
static struct dcap_work work;
static struct dcap_result result;

static void set_up(const struct dcap_case *one)
{
    static uint8_t memory[DCAP_SPACE];
    static struct buf space;

    memset(&work, 0, sizeof work);
    memset(&result, 0, sizeof result);
    space = BUF_OF(memory);
    work.out = &result;
    assert_int_equal(dcap_quote_parse(one->quote, &result.quote), STATUS_OK);
    assert_int_equal(dcap_chain_read(result.quote.pck_chain, &space, &work.chain), STATUS_OK);
    assert_int_equal(dcap_pck_read(&work.chain.leaf, &work.pck), STATUS_OK);
    assert_int_equal(dcap_endorsements_sort(one->endorsements, one->endorsement_count, &space, &work.endorsements),
                     STATUS_OK);
    for (size_t i = 0; i < work.endorsements.document_count; i++) {
        const struct dcap_document *document = &work.endorsements.documents[i];

        if (document->kind == DCAP_TCB_INFO)
            assert_int_equal(dcap_tcb_info_read(document->signed_part, &work.tcb_info), STATUS_OK);
        else
            assert_int_equal(dcap_qe_identity_read(document->signed_part, &work.qe_identity), STATUS_OK);
    }
    work.has_tcb_info = work.has_qe_identity = true;
}

static void set_platform(enum dcap_tcb status)
{
    for (uint32_t i = 0; i < work.tcb_info.level_count; i++)
        work.tcb_info.levels[i].level.status = status;
}

static void set_qe(enum dcap_tcb status)
{
    for (uint32_t i = 0; i < work.qe_identity.levels.count; i++)
        work.qe_identity.levels.at[i].level.status = status;
}

static void join_with_the_quoting_enclave(const struct dcap_case *one)
{
    static const struct {
        enum dcap_tcb platform, qe, wanted;
        enum status reason;
    } cases[] = {
        {DCAP_TCB_UP_TO_DATE, DCAP_TCB_OUT_OF_DATE, DCAP_TCB_OUT_OF_DATE, STATUS_OK},
        {DCAP_TCB_CONFIGURATION_NEEDED, DCAP_TCB_OUT_OF_DATE, DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, STATUS_OK},
        {DCAP_TCB_UP_TO_DATE, DCAP_TCB_REVOKED, DCAP_TCB_REVOKED, STATUS_EVIDENCE_REVOKED},
        {DCAP_TCB_REVOKED, DCAP_TCB_UP_TO_DATE, DCAP_TCB_REVOKED, STATUS_EVIDENCE_REVOKED},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set_up(one);
        set_platform(cases[i].platform);
        set_qe(cases[i].qe);
        dcap_check_levels(&work);
        assert_int_equal(result.tcb, cases[i].wanted);
        assert_int_equal(result.checks[DCAP_CHECK_TCB_LEVEL].reason, cases[i].reason);
    }
}

static void a_quoting_enclave_weighs_on_its_platform(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", "quote_v3_platform_swhardening", join_with_the_quoting_enclave) ||
        !dcap_case_run("tdx", "quote_v5_uptodate", join_with_the_quoting_enclave))
        skip();
}

static void refuse_the_quoting_enclave(const struct dcap_case *one)
{
    set_up(one);
    work.qe_identity.mr_signer[0] ^= 1;
    dcap_check_levels(&work);
    assert_int_equal(result.checks[DCAP_CHECK_QE].reason, STATUS_EVIDENCE_COMPONENT);
    assert_int_equal(result.checks[DCAP_CHECK_TCB_LEVEL].outcome, DCAP_NOT_CHECKED);
    assert_int_equal(result.tcb, DCAP_TCB_UNKNOWN);

    set_up(one);
    for (uint32_t i = 0; i < work.qe_identity.levels.count; i++)
        work.qe_identity.levels.at[i].isv_svn = UINT16_MAX;
    dcap_check_levels(&work);
    assert_int_equal(result.checks[DCAP_CHECK_QE].reason, STATUS_EVIDENCE_TCB);
    assert_int_equal(result.tcb, DCAP_TCB_UNKNOWN);
}

static void without_a_quoting_enclave_to_believe_there_is_no_status(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", "quote_v3_platform_swhardening", refuse_the_quoting_enclave))
        skip();
}

static void change_the_module(const struct dcap_case *one)
{
    set_up(one);
    for (uint32_t i = 0; i < work.tcb_info.module_count; i++)
        work.tcb_info.modules[i].mr_signer[0] ^= 1;
    dcap_check_levels(&work);
    assert_int_equal(result.checks[DCAP_CHECK_TDX_MODULE].reason, STATUS_EVIDENCE_COMPONENT);
    assert_int_equal(result.checks[DCAP_CHECK_TCB_LEVEL].reason, STATUS_EVIDENCE_TCB);
    assert_int_equal(result.tcb, DCAP_TCB_NOT_SUPPORTED);

    /* A relaunch is no help to a platform that is behind in all else. */
    set_up(one);
    set_platform(DCAP_TCB_OUT_OF_DATE);
    dcap_check_levels(&work);
    assert_int_equal(result.tcb, DCAP_TCB_OUT_OF_DATE);

    set_up(one);
    set_platform(DCAP_TCB_CONFIGURATION_NEEDED);
    dcap_check_levels(&work);
    assert_int_equal(result.tcb, DCAP_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
    assert_int_equal(result.tcb_now, DCAP_TCB_CONFIGURATION_NEEDED);
}

static void a_module_weighs_on_its_platform(void **state)
{
    (void)state;
    if (!dcap_case_run("tdx", "quote_v5_td_relaunch_advised", change_the_module))
        skip();
}

static void date_the_parts(const struct dcap_case *one)
{
    set_up(one);
    for (uint32_t i = 0; i < work.tcb_info.level_count; i++)
        work.tcb_info.levels[i].level.date = NEVER;
    for (uint32_t i = 0; i < work.qe_identity.levels.count; i++)
        work.qe_identity.levels.at[i].level.date = NEVER - 1;
    work.qe_identity.levels.at[0].level.advisories = VIEW_TEXT("[\"INTEL-SA-99999\"]");
    dcap_check_levels(&work);
    assert_int_equal(result.tcb_date, NEVER - 1);
    assert_true(view_equal(result.advisories.at[result.advisories.count - 1], VIEW_TEXT("INTEL-SA-99999")));
}

static void the_oldest_date_and_the_advisories_of_all_count(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", "quote_v3_platform_swhardening", date_the_parts))
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoting_enclave_weighs_on_its_platform),
        cmocka_unit_test(without_a_quoting_enclave_to_believe_there_is_no_status),
        cmocka_unit_test(a_module_weighs_on_its_platform),
        cmocka_unit_test(the_oldest_date_and_the_advisories_of_all_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

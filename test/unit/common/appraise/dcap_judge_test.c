/* What the rows "sgx" and "tdx" make of a verified quote, of which a test says what was found: needs no real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dcap_row_private.h"

#define NAME_STATUS     "the TCB status is accepted"
#define NAME_ADVISORY   "every advisory is accepted"
#define NAME_DEBUG      "debug is off or accepted"
#define NAME_INIT       "the enclave was initialised"
#define NAME_KEYS       "the enclave may use no provisioning or launch key"
#define NAME_ALLOWED    "no attribute is set that is not allowed"
#define NAME_REQUIRED   "every required attribute is set"
#define NAME_EVALUATION "collateral is of a recent enough evaluation"
#define NAME_AGE        "collateral is as recent as demanded"

static struct {
    struct sgx_terms sgx;
    struct tdx_terms tdx;
    struct appraisal out;
    struct evidence evidence;
    struct dcap_row row;
    uint8_t zeros[64], attributes[16];
} world;

/* A quote of zeros on a platform that is up to date, and terms that fit it and no more. */
static void set_up(enum dcap_kind kind)
{
    struct dcap_result *result = &world.row.result;
    struct dcap_terms *platform = kind == DCAP_SGX ? &world.sgx.platform : &world.tdx.platform;
    const struct view measurement = {world.zeros, kind == DCAP_SGX ? 32 : DCAP_MEASUREMENT};
    const struct allowed zeros = {.count = 1, .list = {measurement}};

    memset(&world, 0, sizeof world);
    world.row = (struct dcap_row){.evidence = &world.evidence,
                                  .kind = kind,
                                  .ruled = true,
                                  .platform = platform,
                                  .sgx = kind == DCAP_SGX ? &world.sgx : NULL,
                                  .tdx = kind == DCAP_TDX ? &world.tdx : NULL,
                                  .now = 1000,
                                  .out = &world.out};
    platform->statuses = 1 << DCAP_TCB_UP_TO_DATE;
    platform->max_age_s = 100;
    platform->min_evaluation = 5;
    world.sgx.mr_enclave = world.tdx.mr_td = world.tdx.mr_config_id = zeros;
    world.tdx.mr_owner = world.tdx.mr_owner_config = zeros;
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        world.tdx.rtmr[i] = zeros;
    result->authentic = true;
    result->tcb = DCAP_TCB_UP_TO_DATE;
    result->checks[DCAP_CHECK_TCB_LEVEL].outcome = DCAP_PASSED;
    result->tcb_issued = result->qe_issued = 900;
    result->tcb_evaluation = result->qe_evaluation = 5;
    result->quote.kind = kind;
    world.attributes[0] = kind == DCAP_SGX ? 0x05 : 0;
    result->quote.sgx.attributes = VIEW_OF(world.attributes);
    result->quote.tdx.td_attributes = (struct view){world.attributes, DCAP_TDX_ATTRIBUTES};
    result->quote.tdx.tee_tcb_svn = (struct view){world.zeros, DCAP_SVN_SIZE};
    result->quote.sgx.mr_enclave = result->quote.tdx.mr_td = result->quote.tdx.mr_config_id = measurement;
    result->quote.tdx.mr_owner = result->quote.tdx.mr_owner_config = measurement;
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        result->quote.tdx.rtmr[i] = measurement;
}

/* check: the one that fails, of STATUS_OK NULL. */
static void assert_judged(enum status want, const char *check)
{
    appraisal_begin(&world.out, VIEW_TEXT("kind"));
    dcap_row_judge(&world.row);
    assert_int_equal(appraisal_end(&world.out), want);
    if (want != STATUS_OK)
        assert_string_equal(appraisal_failed(&world.out)->name, check);
}

static enum check_outcome outcome_of(const char *check)
{
    for (uint32_t i = 0; i < world.out.check_count; i++)
        if (strcmp(world.out.checks[i].name, check) == 0)
            return world.out.checks[i].outcome;
    fail_msg("no check \"%s\"", check);
    return CHECK_NOT_MADE;
}

/* Each status is accepted by its own bit, and by no other. */
static void accepts_each_status_by_its_own_word(void **state)
{
    (void)state;
    for (unsigned status = DCAP_TCB_UP_TO_DATE; status < DCAP_TCB_REVOKED; status++) {
        print_message("  %s\n", dcap_tcb_name((enum dcap_tcb)status));
        set_up(status % 2 == 0 ? DCAP_SGX : DCAP_TDX);
        world.row.result.tcb = (enum dcap_tcb)status;
        world.sgx.platform.statuses = world.tdx.platform.statuses = 1u << status;
        assert_judged(STATUS_OK, NULL);
        world.sgx.platform.statuses = world.tdx.platform.statuses = ~(1u << status);
        assert_judged(STATUS_EVIDENCE_TCB, NAME_STATUS);
    }
}

static void accepts_no_status_that_is_none(void **state)
{
    static const enum dcap_tcb never[] = {DCAP_TCB_NOT_SUPPORTED, DCAP_TCB_REVOKED};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(never); i++) {
        set_up(DCAP_SGX);
        world.row.result.tcb = never[i];
        world.row.result.checks[DCAP_CHECK_TCB_LEVEL].outcome = DCAP_FAILED;
        world.sgx.platform.statuses = 0x3fc;
        assert_judged(STATUS_EVIDENCE_TCB, NAME_STATUS);
        assert_int_equal(outcome_of(NAME_ADVISORY), CHECK_NOT_MADE);
    }
    set_up(DCAP_SGX);
    world.row.result.tcb = DCAP_TCB_UNKNOWN;
    world.row.result.checks[DCAP_CHECK_TCB_LEVEL].outcome = DCAP_NOT_CHECKED;
    assert_judged(STATUS_OK, NULL);
    assert_int_equal(outcome_of(NAME_STATUS), CHECK_NOT_MADE);
    assert_int_equal(outcome_of(NAME_ADVISORY), CHECK_NOT_MADE);
    assert_int_equal(outcome_of(NAME_AGE), CHECK_NOT_MADE);
}

static void looks_at_every_advisory(void **state)
{
    static char names[DCAP_ADVISORIES_MAX][16];
    struct dcap_advisories *found = &world.row.result.advisories;

    (void)state;
    set_up(DCAP_TDX);
    found->count = DCAP_ADVISORIES_MAX;
    for (size_t i = 0; i < DCAP_ADVISORIES_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "SA-%zu", i % 10);
        found->at[i] = view_of_string(names[i]);
    }
    for (size_t i = 0; i < 10; i++)
        world.tdx.platform.advisories.list[i] = view_of_string(names[i]);
    world.tdx.platform.advisories.count = 10;
    assert_judged(STATUS_OK, NULL);
    found->at[DCAP_ADVISORIES_MAX - 1] = VIEW_TEXT("SA-10");
    assert_judged(STATUS_EVIDENCE_ADVISORY, NAME_ADVISORY);
    found->at[DCAP_ADVISORIES_MAX - 1] = found->at[0];
    found->at[0] = VIEW_TEXT("SA");
    assert_judged(STATUS_EVIDENCE_ADVISORY, NAME_ADVISORY);
    world.tdx.platform.advisories = (struct allowed){.count = 0};
    assert_judged(STATUS_EVIDENCE_ADVISORY, NAME_ADVISORY);
    found->count = 0;
    assert_judged(STATUS_OK, NULL);
}

/* Both documents count: neither may be too old, nor of too early an evaluation. */
static void looks_at_both_documents(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up(DCAP_SGX);
        int64_t *issued = i == 0 ? &world.row.result.tcb_issued : &world.row.result.qe_issued;
        uint32_t *evaluation = i == 0 ? &world.row.result.tcb_evaluation : &world.row.result.qe_evaluation;

        assert_judged(STATUS_OK, NULL);
        *issued = 899;
        assert_judged(STATUS_EVIDENCE_COLLATERAL_EXPIRED, NAME_AGE);
        *issued = 999;
        assert_judged(STATUS_OK, NULL);
        *evaluation = 4;
        assert_judged(STATUS_EVIDENCE_EVALUATION, NAME_EVALUATION);
        *evaluation = 6;
        assert_judged(STATUS_OK, NULL);
    }
}

static void refuses_enclaves_by_their_attributes(void **state)
{
    static const struct {
        const char *why;
        uint8_t flags;
        enum status want;
        const char *check;
    } cases[] = {
        {"initialised, 64 bit", 0x05, STATUS_OK, NULL},
        {"key separation and sharing", 0x85, STATUS_OK, NULL},
        {"not initialised", 0x04, STATUS_EVIDENCE_GUEST_POLICY, NAME_INIT},
        {"may derive the provisioning key", 0x15, STATUS_EVIDENCE_GUEST_POLICY, NAME_KEYS},
        {"may derive the key of launch tokens", 0x25, STATUS_EVIDENCE_GUEST_POLICY, NAME_KEYS},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        set_up(DCAP_SGX);
        world.attributes[0] = cases[i].flags;
        assert_judged(cases[i].want, cases[i].check);
    }
}

static void refuses_domains_by_their_attributes(void **state)
{
    static const struct {
        const char *why;
        uint8_t at, bits;
        uint64_t allowed, required;
        enum status want;
        const char *check;
    } cases[] = {
        {"none, none needed", 0, 0, 0, 0, STATUS_OK, NULL},
        {"SEPT_VE_DISABLE", 3, 0x10, TDX_SEPT_VE_DISABLE, TDX_SEPT_VE_DISABLE, STATUS_OK, NULL},
        {"SEPT_VE_DISABLE is missing", 0, 0, TDX_SEPT_VE_DISABLE, TDX_SEPT_VE_DISABLE, STATUS_EVIDENCE_GUEST_POLICY,
         NAME_REQUIRED},
        {"MIGRATABLE", 3, 0x20, TDX_SEPT_VE_DISABLE, 0, STATUS_EVIDENCE_GUEST_POLICY, NAME_ALLOWED},
        {"PKS", 3, 0x40, TDX_PKS, 0, STATUS_OK, NULL},
        {"KL", 3, 0x80, TDX_KL, TDX_KL, STATUS_OK, NULL},
        {"PERFMON", 7, 0x80, TDX_PERFMON, TDX_PERFMON, STATUS_OK, NULL},
        {"PERFMON is not allowed", 7, 0x80, TDX_KL, 0, STATUS_EVIDENCE_GUEST_POLICY, NAME_ALLOWED},
        {"an attribute without a name, just above debug", 1, 0x01, TDX_PKS, 0, STATUS_EVIDENCE_GUEST_POLICY,
         NAME_ALLOWED},
        {"an attribute without a name, in the middle", 4, 0x01, TDX_PKS, 0, STATUS_EVIDENCE_GUEST_POLICY, NAME_ALLOWED},
        {"a bit of debug is judged apart", 0, 0x80, 0, 0, STATUS_OK, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        set_up(DCAP_TDX);
        world.attributes[cases[i].at] = cases[i].bits;
        world.tdx.attributes_allowed = cases[i].allowed;
        world.tdx.attributes_required = cases[i].required;
        assert_judged(cases[i].want, cases[i].check);
    }
}

static void refuses_debug_of_both_kinds(void **state)
{
    (void)state;
    for (enum dcap_kind kind = DCAP_SGX; kind <= DCAP_TDX; kind++) {
        set_up(kind);
        world.row.result.debug = true;
        assert_judged(STATUS_EVIDENCE_DEBUG, NAME_DEBUG);
        world.sgx.platform.debug = world.tdx.platform.debug = true;
        assert_judged(STATUS_OK, NULL);
    }
}

/* Not one check is made of a quote that is not authentic, or without rules; but the report data needs none. */
static void makes_no_check_that_it_has_no_ground_for(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        set_up(i % 2 == 0 ? DCAP_SGX : DCAP_TDX);
        world.row.ruled = i >= 2;
        world.row.result.authentic = i < 2;
        world.evidence.report_data = VIEW_OF(world.zeros);
        world.row.result.quote.sgx.report_data = world.row.result.quote.tdx.report_data = VIEW_OF(world.zeros);
        assert_judged(STATUS_OK, NULL);
        for (uint32_t k = 0; k < world.out.check_count; k++)
            assert_int_equal(world.out.checks[k].outcome, i < 2 && strcmp(world.out.checks[k].name, "report data") == 0
                                                              ? CHECK_PASSED
                                                              : CHECK_NOT_MADE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_each_status_by_its_own_word),
        cmocka_unit_test(accepts_no_status_that_is_none),
        cmocka_unit_test(looks_at_every_advisory),
        cmocka_unit_test(looks_at_both_documents),
        cmocka_unit_test(refuses_enclaves_by_their_attributes),
        cmocka_unit_test(refuses_domains_by_their_attributes),
        cmocka_unit_test(refuses_debug_of_both_kinds),
        cmocka_unit_test(makes_no_check_that_it_has_no_ground_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

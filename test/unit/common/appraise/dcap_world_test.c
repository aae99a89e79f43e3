/* The rows "sgx" and "tdx" over a platform of our own, up to its root: what no real quote at hand shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "dcap_chain.h"
#include "dcap_terms.h"
#include "dcap_world.h"

static struct dcap_world world;
static struct sgx_terms sgx;
static struct tdx_terms tdx;
static struct appraisal out;
static uint64_t now;
static bool root_is_ours;

/* The double of the step that knows Intel's root. */
bool dcap_is_root(struct view point)
{
    return root_is_ours && view_equal(point, VIEW_OF(world.root_point));
}

static struct dcap_terms *platform(void)
{
    return world.is_tdx ? &tdx.platform : &sgx.platform;
}

/* A platform, and terms that fit it and no more. */
static void plan(uint16_t version, bool is_tdx)
{
    static uint8_t measurement[DCAP_MEASUREMENT];
    static const uint8_t zeros[DCAP_MEASUREMENT];
    const struct allowed none = {.count = 1, .list = {VIEW_OF(zeros)}};

    memset(measurement, 0xe1, sizeof measurement);
    dcap_world_plan(&world, version, is_tdx);
    memset(&sgx, 0, sizeof sgx);
    memset(&tdx, 0, sizeof tdx);
    sgx.mr_enclave = (struct allowed){.count = 1, .list = {{measurement, 32}}};
    tdx.mr_td = (struct allowed){.count = 1, .list = {VIEW_OF(measurement)}};
    tdx.mr_config_id = tdx.mr_owner = tdx.mr_owner_config = none;
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        tdx.rtmr[i] = none;
    platform()->statuses = 1 << DCAP_TCB_UP_TO_DATE;
    platform()->min_evaluation = DCAP_WORLD_EVALUATION;
    platform()->max_age_s = TIME_MAX;
    memset(platform()->min_components, DCAP_WORLD_SVN, SGX_COMPONENTS);
    platform()->min_pcesvn = DCAP_WORLD_PCESVN;
    now = DCAP_WORLD_NOW;
    root_is_ours = true;
}

static enum status appraise_world(bool ruled)
{
    static uint8_t memory[APPRAISAL_SPACE], rules_memory[ACCEPTED_SIZE_MAX];
    uint8_t report_data[DCAP_REPORT_DATA];
    struct buf space = BUF_OF(memory), rules = BUF_OF(rules_memory);
    struct evidence evidence = {
        .kind = world.is_tdx ? VIEW_TEXT(TDX_KIND) : VIEW_TEXT(SGX_KIND),
        .captured = true,
        .bytes = world.quote,
        .endorsements = &world.endorsements,
        .report_data = VIEW_OF(report_data),
        .now = now,
        .space = &space,
    };
    struct accepted accepted;

    memset(report_data, 0xda, sizeof report_data);
    assert_int_equal(world.is_tdx ? tdx_terms_encode(&tdx, &rules) : sgx_terms_encode(&sgx, &rules), STATUS_OK);
    accepted = (struct accepted){evidence.kind, buf_view(&rules)};
    return ruled ? appraise(&evidence, &accepted, 1, &out) : appraise_authenticity(&evidence, &out);
}

static enum status make_and_appraise(void)
{
    dcap_world_make(&world);
    return appraise_world(true);
}

static void assert_failed(enum dcap_check check)
{
    assert_string_equal(appraisal_failed(&out)->name, dcap_check_text(check));
}

static uint64_t number(const char *name)
{
    for (uint32_t i = 0; i < out.field_count; i++)
        if (strcmp(out.fields[i].name, name) == 0)
            return out.fields[i].number;
    fail_msg("no field %s", name);
    return 0;
}

/* ---- forms ---- */

static void takes_every_form_of_quote(void **state)
{
    static const struct {
        const char *why;
        uint16_t version;
        bool is_tdx;
        uint16_t body_type;
    } forms[] = {
        {"version 3, SGX", 3, false, 1},
        {"version 4, SGX", 4, false, 1},
        {"version 5, SGX", 5, false, 1},
        {"version 4, TD 1.0", 4, true, 2},
        {"version 5, TD 1.0", 5, true, 2},
        {"version 5, TD 1.5", 5, true, 3},
        {"version 5, TD 1.5 extended", 5, true, 4},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        print_message("  %s\n", forms[i].why);
        plan(forms[i].version, forms[i].is_tdx);
        world.body_type = forms[i].body_type;
        assert_int_equal(make_and_appraise(), STATUS_OK);
        assert_true(out.authentic);
        assert_int_equal(out.ear_status, EAR_AFFIRMING);
        assert_string_equal(out.tcb_status, "UpToDate");
        assert_int_equal(out.measurement.len, forms[i].is_tdx ? DCAP_MEASUREMENT : 32);
        assert_int_equal(out.measurement.ptr[out.measurement.len - 1], 0xe1);
        assert_int_equal(out.not_before, DCAP_WORLD_ISSUED);
        assert_int_equal(out.not_after, DCAP_WORLD_ENDS);
        assert_int_equal(number("version"), forms[i].version);
    }
}

static void refuses_another_root(void **state)
{
    (void)state;
    plan(3, false);
    dcap_world_make(&world);
    root_is_ours = false;
    assert_int_equal(appraise_world(true), STATUS_EVIDENCE_ROOT);
    assert_int_equal(appraise_world(false), STATUS_EVIDENCE_ROOT);
    assert_false(out.authentic);
}

static void refuses_every_changed_bit_of_what_is_signed(void **state)
{
    (void)state;
    for (int is_tdx = 0; is_tdx < 2; is_tdx++) {
        plan(5, is_tdx != 0);
        assert_int_equal(make_and_appraise(), STATUS_OK);
        /* Header and report: each byte; a flipped one makes the quote malformed, of another kind, or forged. */
        for (size_t i = 0; i < (is_tdx ? 638u : 438u); i += 5) {
            world.memory[i] ^= 0x40;
            assert_int_not_equal(appraise_world(true), STATUS_OK);
            assert_false(out.authentic);
            world.memory[i] ^= 0x40;
        }
        assert_int_equal(appraise_world(true), STATUS_OK);
    }
}

/* ---- statuses ---- */

/* Each word of collateral, from the level to the verdict. */
static void carries_each_status_from_collateral_to_verdict(void **state)
{
    static const struct {
        const char *platform, *qe, *want;
        enum dcap_tcb bit;
    } cases[] = {
        {"UpToDate", "UpToDate", "UpToDate", DCAP_TCB_UP_TO_DATE},
        {"SWHardeningNeeded", "UpToDate", "SWHardeningNeeded", DCAP_TCB_SW_HARDENING_NEEDED},
        {"ConfigurationNeeded", "UpToDate", "ConfigurationNeeded", DCAP_TCB_CONFIGURATION_NEEDED},
        {"ConfigurationAndSWHardeningNeeded", "UpToDate", "ConfigurationAndSWHardeningNeeded",
         DCAP_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED},
        {"OutOfDate", "UpToDate", "OutOfDate", DCAP_TCB_OUT_OF_DATE},
        {"OutOfDateConfigurationNeeded", "UpToDate", "OutOfDateConfigurationNeeded",
         DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
        {"UpToDate", "OutOfDate", "OutOfDate", DCAP_TCB_OUT_OF_DATE},
        {"ConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded", DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s with a quoting enclave that is %s\n", cases[i].platform, cases[i].qe);
        plan(i % 2 == 0 ? 3 : 4, i % 2 != 0);
        world.status = cases[i].platform;
        world.qe_status = cases[i].qe;
        platform()->statuses = 1u << cases[i].bit;
        assert_int_equal(make_and_appraise(), STATUS_OK);
        assert_string_equal(out.tcb_status, cases[i].want);
        assert_int_equal(out.ear_status, cases[i].bit == DCAP_TCB_UP_TO_DATE ? EAR_AFFIRMING : EAR_WARNING);
        platform()->statuses = 0x3fc & ~(1u << cases[i].bit);
        assert_int_equal(appraise_world(true), STATUS_EVIDENCE_TCB);
        assert_string_equal(appraisal_failed(&out)->name, "the TCB status is accepted");
    }
}

static void accepts_no_revoked_or_unsupported_platform(void **state)
{
    (void)state;
    plan(3, false);
    platform()->statuses = 0x3fc;
    world.status = "Revoked";
    assert_int_equal(make_and_appraise(), STATUS_EVIDENCE_REVOKED);
    assert_failed(DCAP_CHECK_TCB_LEVEL);
    assert_string_equal(out.tcb_status, "Revoked");
    assert_int_equal(appraise_world(false), STATUS_EVIDENCE_REVOKED);
    world.status = "UpToDate";
    world.qe_status = "Revoked";
    assert_int_equal(make_and_appraise(), STATUS_EVIDENCE_REVOKED);
    world.qe_status = "UpToDate";
    world.level_svn = DCAP_WORLD_SVN + 1;
    assert_int_equal(make_and_appraise(), STATUS_EVIDENCE_TCB);
    assert_failed(DCAP_CHECK_TCB_LEVEL);
    assert_string_equal(out.tcb_status, "NotSupported");
    assert_int_equal(appraise_world(false), STATUS_EVIDENCE_TCB);
}

/* MRSERVICETD, of TD 1.5 on. */
static void refuses_a_bound_service_domain_unless_migration_is_allowed(void **state)
{
    const uint64_t migratable = (uint64_t)1 << 29;

    (void)state;
    for (uint16_t type = 3; type <= 4; type++)
        for (size_t at = 600; at <= 647; at += 47) {
            plan(5, true);
            world.body_type = type;
            world.body[at] = 1;
            assert_int_equal(make_and_appraise(), STATUS_EVIDENCE_GUEST_POLICY);
            assert_string_equal(appraisal_failed(&out)->name,
                                "no service domain is bound, unless migration is allowed");
            tdx.attributes_allowed |= migratable;
            assert_int_equal(appraise_world(true), STATUS_OK);
        }
}

static void tells_and_judges_advisories(void **state)
{
    (void)state;
    plan(3, false);
    world.advisories = "[\"INTEL-SA-00001\",\"INTEL-SA-00002\"]";
    assert_int_equal(make_and_appraise(), STATUS_EVIDENCE_ADVISORY);
    assert_int_equal(out.advisory_count, 2);
    assert_true(view_equal(out.advisories[1], VIEW_TEXT("INTEL-SA-00002")));
    sgx.platform.advisories = (struct allowed){.count = 1, .list = {VIEW_TEXT("INTEL-SA-00001")}};
    assert_int_equal(appraise_world(true), STATUS_EVIDENCE_ADVISORY);
    sgx.platform.advisories.list[sgx.platform.advisories.count++] = VIEW_TEXT("INTEL-SA-00002");
    assert_int_equal(appraise_world(true), STATUS_OK);
}

/* ---- revocation ---- */

static void refuses_what_a_list_revokes(void **state)
{
    static const struct {
        const char *why;
        bool leaf, authority, signer;
        enum dcap_check check;
    } cases[] = {
        {"the PCK certificate", true, false, false, DCAP_CHECK_PCK_REVOCATION},
        {"the PCK authority", false, true, false, DCAP_CHECK_PCK_REVOCATION},
        {"the signer of collateral", false, false, true, DCAP_CHECK_TCB_SIGNER},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        plan(4, true);
        world.revoke_leaf = cases[i].leaf;
        world.revoke_authority = cases[i].authority;
        world.revoke_signer = cases[i].signer;
        assert_int_equal(make_and_appraise(), STATUS_EVIDENCE_REVOKED);
        assert_failed(cases[i].check);
        assert_int_equal(appraise_world(false), STATUS_EVIDENCE_REVOKED);
        /* What was revoked stays so when the list has ended. */
        platform()->grace_s = 365 * 86400;
        now = DCAP_WORLD_ENDS + 1;
        assert_int_equal(appraise_world(true), STATUS_EVIDENCE_REVOKED);
    }
}

/* ---- time ---- */

static void takes_collateral_in_its_time_and_in_grace(void **state)
{
    static const struct {
        const char *why;
        uint64_t now, grace_s;
        enum status want;
        bool grace;
    } cases[] = {
        {"the second before the beginning", DCAP_WORLD_ISSUED - 1, 0, STATUS_EVIDENCE_CRL, false},
        {"the same with grace", DCAP_WORLD_ISSUED - 1, TIME_MAX, STATUS_EVIDENCE_CRL, false},
        {"the first second", DCAP_WORLD_ISSUED, 0, STATUS_OK, false},
        {"the last second", DCAP_WORLD_ENDS, 0, STATUS_OK, false},
        {"the same with grace", DCAP_WORLD_ENDS, 100, STATUS_OK, false},
        {"the first second after", DCAP_WORLD_ENDS + 1, 0, STATUS_EVIDENCE_CRL, false},
        {"the same with grace", DCAP_WORLD_ENDS + 1, 100, STATUS_OK, true},
        {"the last second of grace", DCAP_WORLD_ENDS + 100, 100, STATUS_OK, true},
        {"the first second after grace", DCAP_WORLD_ENDS + 101, 100, STATUS_EVIDENCE_CRL, false},
        {"after the end of certificates, with all the grace there is", DCAP_WORLD_NOW + 366 * 86400, TIME_MAX,
         STATUS_EVIDENCE_EXPIRED, true},
    };

    (void)state;
    for (int is_tdx = 0; is_tdx < 2; is_tdx++) {
        plan(4, is_tdx != 0);
        dcap_world_make(&world);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            print_message("  %s\n", cases[i].why);
            now = cases[i].now;
            platform()->grace_s = cases[i].grace_s;
            assert_int_equal(appraise_world(true), cases[i].want);
            assert_int_equal(number("grace"), cases[i].grace);
            assert_int_equal(out.not_before, DCAP_WORLD_ISSUED);
            assert_int_equal(out.not_after, DCAP_WORLD_ENDS);
            if (cases[i].want == STATUS_OK)
                assert_int_equal(out.ear_status, cases[i].grace ? EAR_WARNING : EAR_AFFIRMING);
        }
    }
}

static void counts_the_age_from_the_issue(void **state)
{
    (void)state;
    plan(3, false);
    sgx.platform.max_age_s = DCAP_WORLD_NOW - DCAP_WORLD_ISSUED;
    assert_int_equal(make_and_appraise(), STATUS_OK);
    now++;
    assert_int_equal(appraise_world(true), STATUS_EVIDENCE_COLLATERAL_EXPIRED);
    assert_string_equal(appraisal_failed(&out)->name, "collateral is as recent as demanded");
}

/* ---- attributes, signed ---- */

static void reads_attributes_where_they_stand(void **state)
{
    static const struct {
        const char *why;
        bool is_tdx;
        size_t at;
        uint8_t bits;
        enum status want;
    } cases[] = {
        {"SGX: DEBUG", false, 48, 0x02, STATUS_EVIDENCE_DEBUG},
        {"SGX: no INIT", false, 48, 0x01, STATUS_EVIDENCE_GUEST_POLICY},
        {"SGX: PROVISION_KEY", false, 48, 0x10, STATUS_EVIDENCE_GUEST_POLICY},
        {"SGX: XFRM is not judged", false, 56, 0xe7, STATUS_OK},
        {"TDX: DEBUG", true, 120, 0x01, STATUS_EVIDENCE_DEBUG},
        {"TDX: another bit of that byte", true, 120, 0x80, STATUS_EVIDENCE_DEBUG},
        {"TDX: MIGRATABLE", true, 123, 0x20, STATUS_EVIDENCE_GUEST_POLICY},
        {"TDX: PERFMON", true, 127, 0x80, STATUS_EVIDENCE_GUEST_POLICY},
        {"TDX: another module's signer", true, 64, 0x01, STATUS_EVIDENCE_COMPONENT},
        {"TDX: MRTD", true, 136, 0x01, STATUS_EVIDENCE_MEASUREMENT},
        {"TDX: RTMR3", true, 472 + 47, 0x01, STATUS_EVIDENCE_MEASUREMENT},
        {"TDX: report data", true, 583, 0x01, STATUS_EVIDENCE_BINDING},
        {"SGX: MRENCLAVE", false, 64, 0x01, STATUS_EVIDENCE_MEASUREMENT},
        {"SGX: report data", false, 383, 0x01, STATUS_EVIDENCE_BINDING},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        plan(5, cases[i].is_tdx);
        world.body[cases[i].at] ^= cases[i].bits;
        assert_int_equal(make_and_appraise(), cases[i].want);
        assert_true(out.authentic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_form_of_quote),
        cmocka_unit_test(refuses_another_root),
        cmocka_unit_test(refuses_every_changed_bit_of_what_is_signed),
        cmocka_unit_test(carries_each_status_from_collateral_to_verdict),
        cmocka_unit_test(accepts_no_revoked_or_unsupported_platform),
        cmocka_unit_test(refuses_a_bound_service_domain_unless_migration_is_allowed),
        cmocka_unit_test(tells_and_judges_advisories),
        cmocka_unit_test(refuses_what_a_list_revokes),
        cmocka_unit_test(takes_collateral_in_its_time_and_in_grace),
        cmocka_unit_test(counts_the_age_from_the_issue),
        cmocka_unit_test(reads_attributes_where_they_stand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

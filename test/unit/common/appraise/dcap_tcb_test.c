/* TCB statuses and how they join. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dcap_tcb.h"

#define UP         DCAP_TCB_UP_TO_DATE
#define HARDEN     DCAP_TCB_SW_HARDENING_NEEDED
#define CONFIGURE  DCAP_TCB_CONFIGURATION_NEEDED
#define BOTH       DCAP_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED
#define OLD        DCAP_TCB_OUT_OF_DATE
#define OLD_CONFIG DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
#define RELAUNCH   DCAP_TCB_TD_RELAUNCH_ADVISED
#define RELAUNCH_C DCAP_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
#define REVOKED    DCAP_TCB_REVOKED
#define NO_LEVEL   DCAP_TCB_UNKNOWN

static void joins_a_platform_and_a_component_as_intel_does(void **state)
{
    static const struct {
        enum dcap_tcb platform, component, wanted;
    } cases[] = {
        {UP, UP, UP},
        {UP, NO_LEVEL, UP},
        {UP, OLD, OLD},
        {HARDEN, UP, HARDEN},
        {HARDEN, OLD, OLD},
        {CONFIGURE, UP, CONFIGURE},
        {BOTH, UP, BOTH},
        {CONFIGURE, OLD, OLD_CONFIG},
        {BOTH, OLD, OLD_CONFIG},
        {OLD, UP, OLD},
        {OLD, OLD, OLD},
        {OLD_CONFIG, OLD, OLD_CONFIG},
        {UP, REVOKED, REVOKED},
        {REVOKED, UP, REVOKED},
        {OLD, REVOKED, REVOKED},
        {REVOKED, OLD, REVOKED},
        {BOTH, REVOKED, REVOKED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(dcap_tcb_join(cases[i].platform, cases[i].component), cases[i].wanted);
}

static void advises_a_new_launch_only_where_it_helps(void **state)
{
    static const struct {
        enum dcap_tcb launch, now, wanted;
    } cases[] = {
        {OLD, UP, RELAUNCH},
        {OLD, HARDEN, RELAUNCH},
        {OLD, CONFIGURE, RELAUNCH_C},
        {OLD, BOTH, RELAUNCH_C},
        {OLD_CONFIG, UP, RELAUNCH_C},
        {OLD_CONFIG, HARDEN, RELAUNCH_C},
        {OLD, OLD, OLD},
        {OLD, OLD_CONFIG, OLD},
        {OLD_CONFIG, OLD, OLD_CONFIG},
        {OLD, REVOKED, OLD},
        {UP, OLD, UP},
        {UP, UP, UP},
        {HARDEN, UP, HARDEN},
        {CONFIGURE, UP, CONFIGURE},
        {REVOKED, UP, REVOKED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(dcap_tcb_relaunch(cases[i].launch, cases[i].now), cases[i].wanted);
}

static void reads_only_names_that_stand_in_collateral(void **state)
{
    static const char *const others[] = {
        "",        "uptodate",     "UpToDate ",         "UpToDat",
        "Unknown", "NotSupported", "TDRelaunchAdvised", "TDRelaunchAdvisedConfigurationNeeded"};
    static const enum dcap_tcb known[] = {UP, HARDEN, CONFIGURE, BOTH, OLD, OLD_CONFIG, REVOKED};
    enum dcap_tcb status = NO_LEVEL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        assert_int_equal(dcap_tcb_of_name(view_of_string(dcap_tcb_name(known[i])), &status), STATUS_OK);
        assert_int_equal(status, known[i]);
    }
    status = NO_LEVEL;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(dcap_tcb_of_name(view_of_string(others[i]), &status), STATUS_UNSUPPORTED);
    assert_int_equal(status, NO_LEVEL);
}

static void gathers_each_advisory_once(void **state)
{
    const struct dcap_level one = {.advisories = VIEW_TEXT("[\"INTEL-SA-1\",\"INTEL-SA-2\"]")};
    const struct dcap_level two = {.advisories = VIEW_TEXT("[\"INTEL-SA-2\", \"INTEL-SA-3\"]")};
    const struct dcap_level none = {.advisories = {NULL, 0}};
    static struct dcap_advisories advisories;

    (void)state;
    assert_int_equal(dcap_advisories_add(&advisories, &one), STATUS_OK);
    assert_int_equal(dcap_advisories_add(&advisories, &none), STATUS_OK);
    assert_int_equal(dcap_advisories_add(&advisories, &two), STATUS_OK);
    assert_int_equal(advisories.count, 3);
    assert_true(view_equal(advisories.at[0], VIEW_TEXT("INTEL-SA-1")));
    assert_true(view_equal(advisories.at[2], VIEW_TEXT("INTEL-SA-3")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_a_platform_and_a_component_as_intel_does),
        cmocka_unit_test(advises_a_new_launch_only_where_it_helps),
        cmocka_unit_test(reads_only_names_that_stand_in_collateral),
        cmocka_unit_test(gathers_each_advisory_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* dcap_tcb.c: see dcap_tcb.h. */
#include "dcap_tcb.h"

#include "dcap_json.h"

static const struct name {
    const char *text;
    bool in_collateral;
} names[DCAP_TCB_COUNT] = {
    [DCAP_TCB_UNKNOWN] = {"Unknown", false},
    [DCAP_TCB_NOT_SUPPORTED] = {"NotSupported", false},
    [DCAP_TCB_UP_TO_DATE] = {"UpToDate", true},
    [DCAP_TCB_SW_HARDENING_NEEDED] = {"SWHardeningNeeded", true},
    [DCAP_TCB_CONFIGURATION_NEEDED] = {"ConfigurationNeeded", true},
    [DCAP_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] = {"ConfigurationAndSWHardeningNeeded", true},
    [DCAP_TCB_OUT_OF_DATE] = {"OutOfDate", true},
    [DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] = {"OutOfDateConfigurationNeeded", true},
    [DCAP_TCB_TD_RELAUNCH_ADVISED] = {"TDRelaunchAdvised", false},
    [DCAP_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] = {"TDRelaunchAdvisedConfigurationNeeded", false},
    [DCAP_TCB_REVOKED] = {"Revoked", true},
};

const char *dcap_tcb_name(enum dcap_tcb status)
{
    return names[status].text;
}

enum status dcap_tcb_of_name(struct view name, enum dcap_tcb *out)
{
    for (size_t i = 0; i < DCAP_TCB_COUNT; i++)
        if (names[i].in_collateral && view_equal(name, view_of_string(names[i].text))) {
            *out = (enum dcap_tcb)i;
            return STATUS_OK;
        }
    return STATUS_UNSUPPORTED;
}

static bool is_out_of_date(enum dcap_tcb status)
{
    return status == DCAP_TCB_OUT_OF_DATE || status == DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool needs_configuration(enum dcap_tcb status)
{
    return status == DCAP_TCB_CONFIGURATION_NEEDED || status == DCAP_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
           status == DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

enum dcap_tcb dcap_tcb_join(enum dcap_tcb platform, enum dcap_tcb component)
{
    if (platform == DCAP_TCB_REVOKED || component == DCAP_TCB_REVOKED)
        return DCAP_TCB_REVOKED;
    if (!is_out_of_date(component) || is_out_of_date(platform))
        return platform;
    return needs_configuration(platform) ? DCAP_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED : DCAP_TCB_OUT_OF_DATE;
}

enum dcap_tcb dcap_tcb_relaunch(enum dcap_tcb launch, enum dcap_tcb now)
{
    if (!is_out_of_date(launch) || is_out_of_date(now) || now == DCAP_TCB_REVOKED)
        return launch;
    return needs_configuration(launch) || needs_configuration(now) ? DCAP_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                                                                   : DCAP_TCB_TD_RELAUNCH_ADVISED;
}

enum status dcap_advisories_check(struct view array)
{
    struct view rest, element, text;

    TRY(json_elements(array, &rest));
    for (size_t count = 0;; count++) {
        enum status status = json_next(&rest, &element);

        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        TRY(status);
        TRY(json_text(element, &text));
        if (count == DCAP_ADVISORIES_MAX)
            return STATUS_OUT_OF_RANGE;
    }
}

static bool holds(const struct dcap_advisories *advisories, struct view name)
{
    for (uint32_t i = 0; i < advisories->count; i++)
        if (view_equal(advisories->at[i], name))
            return true;
    return false;
}

enum status dcap_advisories_add(struct dcap_advisories *advisories, const struct dcap_level *level)
{
    struct view rest, element, name;

    if (level->advisories.len == 0)
        return STATUS_OK;
    TRY(json_elements(level->advisories, &rest));
    while (json_next(&rest, &element) == STATUS_OK) {
        TRY(json_text(element, &name));
        if (holds(advisories, name))
            continue;
        if (advisories->count == DCAP_ADVISORIES_MAX)
            return STATUS_NO_SPACE;
        advisories->at[advisories->count++] = name;
    }
    return STATUS_OK;
}

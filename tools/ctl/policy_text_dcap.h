/* policy_text_dcap.h: what the blocks of SGX and TDX evidence in the owner's policy share: the platform. */
#ifndef CTL_POLICY_TEXT_DCAP_H
#define CTL_POLICY_TEXT_DCAP_H

#include "dcap_terms.h"
#include "policy_kind.h"
#include "policy_values.h"

/** The struct of both blocks; each takes its part. */
struct dcap_text {
    struct dcap_terms platform;
    int64_t min_evaluation, min_pcesvn;
    int debug; /* place in policy_no_yes */
    struct sgx_terms sgx;
    struct tdx_terms tdx;
    bool attributes_allowed, attributes_required; /* that line stood */
};

/** Takers. Of a status key->min is the first that the kind does not know. */
MUST_USE enum status dcap_take_statuses(const struct config_line *line, void *field);
MUST_USE enum status dcap_take_advisories(const struct config_line *line, void *field);
MUST_USE enum status dcap_take_component(const struct config_line *line, void *field);

/** The platform as the text has it. */
struct dcap_terms dcap_platform(const struct dcap_text *text);

#define DCAP_AT(member) .offset = offsetof(struct dcap_text, member)

/* The keys of the platform, for a table. statuses_end: see dcap_take_statuses. */
#define DCAP_PLATFORM_KEYS(statuses_end) \
    {.name = "tcb_status", \
     .type = CONFIG_LINE, \
     .take = dcap_take_statuses, \
     DCAP_AT(platform.statuses), \
     .min = (statuses_end), \
     .max = DCAP_TCB_COUNT, \
     .required = true, \
     .doc = "TCB statuses of the platform that are accepted, as Intel names them.", \
     .sample = "UpToDate SWHardeningNeeded"}, \
        {.name = "advisory", \
         .type = CONFIG_LINE, \
         .take = dcap_take_advisories, \
         DCAP_AT(platform.advisories), \
         .max = ALLOWED_MAX, \
         .required = true, \
         .doc = "Security advisories that the platform's status may name; `none`, or `any`. May be repeated.", \
         .sample = "INTEL-SA-00289 INTEL-SA-00615"}, \
        {.name = "min_evaluation", \
         .type = CONFIG_INTEGER, \
         DCAP_AT(min_evaluation), \
         .max = UINT32_MAX, \
         .required = true, \
         .doc = "Least tcbEvaluationDataNumber of Intel's collateral: older knowledge is refused.", \
         .sample = "17"}, \
        {.name = "max_age", \
         .type = CONFIG_DURATION, \
         DCAP_AT(platform.max_age_s), \
         .min = 1, \
         .max = TIME_MAX, \
         .required = true, \
         .doc = "Collateral that was issued longer ago is refused.", \
         .sample = "30d"}, \
        {.name = "grace", \
         .type = CONFIG_DURATION, \
         DCAP_AT(platform.grace_s), \
         .max = TIME_MAX, \
         .doc = "Collateral is taken so long after its end.", \
         .sample = "0s"}, \
        {.name = "min_component", \
         .type = CONFIG_LINE, \
         .take = dcap_take_component, \
         DCAP_AT(platform.min_components), \
         .max = SGX_COMPONENTS, \
         .doc = "Component of the platform (1 to 16) and its least security version. May be repeated.", \
         .sample = "1 12"}, \
        {.name = "min_pcesvn", \
         .type = CONFIG_INTEGER, \
         DCAP_AT(min_pcesvn), \
         .max = UINT16_MAX, \
         .doc = "Least security version of the provisioning certification enclave.", \
         .sample = "13"}, \
    { \
        .name = "debug", .type = CONFIG_CHOICE, DCAP_AT(debug), .words = policy_no_yes, \
        .doc = "Whether debugging is accepted: then its host reads and changes all that it holds.", .sample = "no" \
    }

#endif

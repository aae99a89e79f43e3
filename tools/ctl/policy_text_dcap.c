/* policy_text_dcap.c: see policy_text_dcap.h. */
#include "policy_text_dcap.h"

#include <string.h>

#define ADVISORY_MAX 32

enum status dcap_take_statuses(const struct config_line *line, void *field)
{
    struct policy_flag flags[DCAP_TCB_COUNT + 1] = {{0}};
    uint32_t *statuses = field;
    uint64_t bits = *statuses;

    for (enum dcap_tcb status = DCAP_TCB_UP_TO_DATE; status < (enum dcap_tcb)line->key->min; status++)
        flags[status - DCAP_TCB_UP_TO_DATE] = (struct policy_flag){dcap_tcb_name(status), UINT64_C(1) << status};
    TRY(policy_flags(line, line->value, flags, false, &bits));
    *statuses = (uint32_t)bits;
    return STATUS_OK;
}

enum status dcap_take_advisories(const struct config_line *line, void *field)
{
    struct allowed *advisories = field;
    const bool none_before = line->before > 0 && allowed_none(advisories);
    char *rest = line->value, *word;

    while ((word = config_word(&rest)) != NULL) {
        const bool any = strcmp(word, "any") == 0, none = strcmp(word, "none") == 0;

        if (none_before || ((any || none) && (line->before > 0 || word != line->value || *rest != '\0')))
            return config_refuse_line(line, "any and none stand alone; write either, or the names");
        if (any || none) {
            advisories->any = any;
            continue;
        }
        if (strlen(word) > ADVISORY_MAX)
            return config_refuse_line(line, "\"%.64s\" is longer than %d characters", word, ADVISORY_MAX);
        TRY(policy_add(line, view_of_string(word), advisories));
    }
    return STATUS_OK;
}

enum status dcap_take_component(const struct config_line *line, void *field)
{
    uint8_t *components = field;
    char *rest = line->value, *word;
    int64_t index, svn;

    TRY(policy_next(line, &rest, "the number of the component", &word));
    TRY(policy_number(line, "the component", word, SGX_COMPONENTS, &index));
    TRY(policy_next(line, &rest, "its security version", &word));
    TRY(policy_number(line, "its security version", word, UINT8_MAX, &svn));
    TRY(policy_end(line, &rest));
    if (index == 0 || svn == 0)
        return config_refuse_line(line, "components are counted from 1, and a least version of 0 demands nothing");
    if (components[index - 1] > 0)
        return config_refuse_line(line, "component %d stands twice", (int)index);
    components[index - 1] = (uint8_t)svn;
    return STATUS_OK;
}

struct dcap_terms dcap_platform(const struct dcap_text *text)
{
    struct dcap_terms platform = text->platform;

    platform.min_evaluation = (uint32_t)text->min_evaluation;
    platform.min_pcesvn = (uint16_t)text->min_pcesvn;
    platform.debug = text->debug != 0;
    return platform;
}

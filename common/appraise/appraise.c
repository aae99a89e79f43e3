/* appraise.c: see appraise.h. */
#include "appraise.h"

#include "sim.h"

/* A TEE is a row here and a file of its own. */
static const struct appraiser appraisers[] = {
    {SIM_KIND, true, sim_appraise, sim_check_rules},
};

/* The order in which every row checks. What is not listed is an encoding reason: before all of these. */
static const enum status steps[] = {
    STATUS_EVIDENCE_ROOT,    STATUS_FORGED,           STATUS_EVIDENCE_FEDERATION,  STATUS_EVIDENCE_BINDING,
    STATUS_EVIDENCE_NOT_YET, STATUS_EVIDENCE_EXPIRED, STATUS_EVIDENCE_MEASUREMENT, STATUS_EVIDENCE_DEBUG,
};

static size_t steps_passed(enum status reason)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i] == reason)
            return i + 1;
    return 0;
}

const struct appraiser *appraiser_find(struct view kind)
{
    for (size_t i = 0; i < ARRAY_LEN(appraisers); i++)
        if (view_equal(kind, view_of_string(appraisers[i].kind)))
            return &appraisers[i];
    return NULL;
}

enum status appraise(const struct evidence *evidence, const struct accepted *accepted, uint32_t count,
                     struct appraisal *out)
{
    const struct appraiser *row = appraiser_find(evidence->kind);
    enum status furthest = STATUS_EVIDENCE_KIND;
    struct appraisal found;

    if (row == NULL)
        return STATUS_EVIDENCE_KIND;
    for (uint32_t i = 0; i < count; i++) {
        enum status reason;

        if (!view_equal(accepted[i].kind, evidence->kind))
            continue;
        reason = row->appraise(evidence, accepted[i].rules, &found);
        if (reason == STATUS_OK) {
            *out = found;
            return STATUS_OK;
        }
        if (furthest == STATUS_EVIDENCE_KIND || steps_passed(reason) > steps_passed(furthest))
            furthest = reason;
    }
    return furthest;
}

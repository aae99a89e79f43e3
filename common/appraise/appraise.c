/* appraise.c: see appraise.h. */
#include "appraise.h"

#include "dcap_terms.h"
#include "psa_terms.h"
#include "sim.h"
#include "snp_terms.h"
#include "tpm_terms.h"

/* A TEE is a row here and a file of its own. */
static const struct appraiser appraisers[] = {
    {SIM_KIND, true, sim_appraise, sim_check_rules},
    {SGX_KIND, false, sgx_appraise, sgx_check_rules},
    {TDX_KIND, false, tdx_appraise, tdx_check_rules},
    {SNP_KIND, false, snp_appraise, snp_check_rules},
    {PSATOKEN_KIND, false, psatoken_row_appraise, psatoken_check_rules},
    {TPM_KIND, false, tpm_row_appraise, tpm_check_rules},
};

const struct appraiser *appraiser_find(struct view kind)
{
    for (size_t i = 0; i < ARRAY_LEN(appraisers); i++)
        if (view_equal(kind, view_of_string(appraisers[i].kind)))
            return &appraisers[i];
    return NULL;
}

const char *appraiser_kind(size_t i)
{
    return i < ARRAY_LEN(appraisers) ? appraisers[i].kind : NULL;
}

/* The number of checks before the first that failed; every entry of a kind makes the same ones in the same order. */
static ptrdiff_t came_to(const struct appraisal *appraisal)
{
    return appraisal_failed(appraisal) - appraisal->checks;
}

static enum status refuse_kind(const struct evidence *evidence, struct appraisal *out)
{
    appraisal_begin(out, evidence->kind);
    (void)appraisal_check(out, "a kind that is accepted", STATUS_EVIDENCE_KIND);
    return appraisal_end(out);
}

/* What a row does not check because it is empty must be there, unless it was left out on purpose. */
static bool is_asked_whole(const struct evidence *evidence)
{
    return evidence->captured ||
           (evidence->federation.len > 0 && evidence->subject.len > 0 && evidence->report_data.len == SHA512_SIZE &&
            evidence->key.len == 0 && evidence->authority.len == 0);
}

enum status appraise(const struct evidence *evidence, const struct accepted *accepted, uint32_t count,
                     struct appraisal *out)
{
    const struct appraiser *row = appraiser_find(evidence->kind);
    const struct accepted *best = NULL, *last = NULL;
    ptrdiff_t furthest = -1;

    if (!is_asked_whole(evidence)) {
        appraisal_begin(out, evidence->kind);
        (void)appraisal_check(out, "what it must be bound to is told", STATUS_EVIDENCE_BINDING);
        return appraisal_end(out);
    }
    for (uint32_t i = 0; row != NULL && i < count; i++) {
        if (!view_equal(accepted[i].kind, evidence->kind))
            continue;
        last = &accepted[i];
        if (row->appraise(evidence, &last->rules, out) == STATUS_OK)
            return STATUS_OK;
        if (came_to(out) > furthest) {
            furthest = came_to(out);
            best = last;
        }
    }
    if (best == NULL)
        return refuse_kind(evidence, out);
    /* Once more, unless it was the last one: results lie in a space that later entries have used. */
    return best == last ? out->reason : row->appraise(evidence, &best->rules, out);
}

enum status appraise_authenticity(const struct evidence *evidence, struct appraisal *out)
{
    const struct appraiser *row = appraiser_find(evidence->kind);

    return row == NULL ? refuse_kind(evidence, out) : row->appraise(evidence, NULL, out);
}

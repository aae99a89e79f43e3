/* dcap_match.c: a platform against what Intel says about platforms; see dcap_collateral.h. */
#include "dcap_collateral.h"

enum status dcap_isv_match(const struct dcap_isv_levels *levels, uint32_t isv_svn, struct dcap_level *out)
{
    for (uint32_t i = 0; i < levels->count; i++)
        if (isv_svn >= levels->at[i].isv_svn) {
            *out = levels->at[i].level;
            return STATUS_OK;
        }
    return STATUS_EVIDENCE_TCB;
}

/* True when every number of have, from first on, is at least that of want. */
static bool reaches(const uint8_t *have, const uint8_t *want, size_t first)
{
    for (size_t i = first; i < DCAP_COMPONENTS; i++)
        if (have[i] < want[i])
            return false;
    return true;
}

/* The first two numbers of TEE_TCB_SVN are those of the TDX module: from major version 1 on, the module has an identity
 * and levels of its own, and they are compared there. */
static size_t first_tdx_component(struct view tee_tcb_svn)
{
    return tee_tcb_svn.ptr[1] == 0 ? 0 : 2;
}

enum status dcap_platform_match(const struct dcap_tcb_info *info, const struct dcap_pck *pck, struct view tee_tcb_svn,
                                struct dcap_level *out)
{
    for (uint32_t i = 0; i < info->level_count; i++) {
        const struct dcap_platform_level *level = &info->levels[i];

        if (!reaches(pck->components, level->sgx, 0) || pck->pce_svn < level->pce_svn)
            continue;
        if (info->kind == DCAP_TDX && !reaches(tee_tcb_svn.ptr, level->tdx, first_tdx_component(tee_tcb_svn)))
            continue;
        *out = level->level;
        return STATUS_OK;
    }
    return STATUS_EVIDENCE_TCB;
}

/* True when value, under mask, is wanted. */
static bool fits(struct view value, const uint8_t *mask, const uint8_t *wanted)
{
    for (size_t i = 0; i < value.len; i++)
        if ((value.ptr[i] & mask[i]) != wanted[i])
            return false;
    return true;
}

static const struct dcap_module *find_module(const struct dcap_tcb_info *info, uint32_t major)
{
    for (uint32_t i = 0; i < info->module_count; i++)
        if (info->modules[i].major == major)
            return &info->modules[i];
    return NULL;
}

enum status dcap_module_match(const struct dcap_tcb_info *info, const struct dcap_tdx_report *report,
                              struct view tee_tcb_svn, struct dcap_level *out)
{
    const uint32_t minor = tee_tcb_svn.ptr[0], major = tee_tcb_svn.ptr[1];
    const struct dcap_module *module = find_module(info, major);

    if (module == NULL || !view_equal(report->mr_signer_seam, VIEW_OF(module->mr_signer)) ||
        !fits(report->seam_attributes, module->attributes_mask, module->attributes))
        return STATUS_EVIDENCE_COMPONENT;
    if (major > 0)
        return dcap_isv_match(&module->levels, minor, out);
    *out = (struct dcap_level){.status = DCAP_TCB_UNKNOWN};
    return STATUS_OK;
}

/* MISCSELECT stands little endian in a report. */
static bool misc_select_fits(const struct dcap_qe_identity *identity, struct view misc_select)
{
    for (size_t i = 0; i < sizeof identity->misc_select; i++) {
        const size_t mirrored = sizeof identity->misc_select - 1 - i;

        if ((misc_select.ptr[mirrored] & identity->misc_select_mask[i]) != identity->misc_select[i])
            return false;
    }
    return true;
}

enum status dcap_qe_match(const struct dcap_qe_identity *identity, const struct dcap_sgx_report *report)
{
    if (!misc_select_fits(identity, report->misc_select) ||
        !fits(report->attributes, identity->attributes_mask, identity->attributes) ||
        !view_equal(report->mr_signer, VIEW_OF(identity->mr_signer)) || report->isv_prod_id != identity->isv_prod_id)
        return STATUS_EVIDENCE_COMPONENT;
    return STATUS_OK;
}

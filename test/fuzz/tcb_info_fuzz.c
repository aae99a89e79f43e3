/* tcb_info_fuzz.c: any bytes as a signed document, and as the TCB info in it. */
#include <stdlib.h>

#include "dcap_collateral.h"
#include "dcap_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read can be matched, and gives a status that Intel has. */
static void match(const struct dcap_tcb_info *info)
{
    static const uint8_t svn[DCAP_SVN_SIZE] = {255, 1}, zeros[DCAP_MEASUREMENT];
    const struct dcap_tdx_report report = {.mr_signer_seam = VIEW_OF(zeros),
                                           .seam_attributes = {zeros, DCAP_TDX_ATTRIBUTES}};
    const struct dcap_pck pck = {.pce_svn = UINT16_MAX};
    struct dcap_advisories advisories = {.count = 0};
    struct dcap_level level;

    if (dcap_platform_match(info, &pck, VIEW_OF(svn), &level) == STATUS_OK &&
        (level.status == DCAP_TCB_UNKNOWN || level.status >= DCAP_TCB_COUNT ||
         dcap_advisories_add(&advisories, &level) != STATUS_OK))
        abort();
    if (info->kind == DCAP_TDX && dcap_module_match(info, &report, VIEW_OF(svn), &level) == STATUS_OK &&
        level.status == DCAP_TCB_UNKNOWN)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view text = {data, size}, object;
    struct dcap_document document;
    struct dcap_tcb_info info;

    if (dcap_document_split(text, &document) == STATUS_OK && document.signed_part.len >= size)
        abort();
    if (json_check(text, &object) == STATUS_OK && dcap_tcb_info_read(object, &info) == STATUS_OK)
        match(&info);
    return 0;
}

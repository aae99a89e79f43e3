/* dcap_judge.c: what a policy's terms say to a verified quote; see dcap_row_private.h. */
#include "dcap_row_private.h"

/* Flags of an enclave's ATTRIBUTES (Intel SDM, "ATTRIBUTES"). */
#define SGX_INIT           0x01
#define SGX_PROVISION_KEY  0x10
#define SGX_EINITTOKEN_KEY 0x20

/* What must have been found out before a rule can be asked. */
enum needs { NEEDS_QUOTE, NEEDS_STATUS, NEEDS_LEVEL };

struct rule {
    const char *name;
    enum needs needs;
    enum status (*check)(const struct dcap_row *row);
};

/* Needs are never those of a check that was passed over in silence: what keeps a rule from being asked is itself a
 * failed check, when there are rules. */
static bool is_asked(const struct dcap_row *row, enum needs needs)
{
    if (!row->ruled || !row->result.authentic)
        return false;
    switch (needs) {
    case NEEDS_STATUS:
        return row->result.tcb != DCAP_TCB_UNKNOWN;
    case NEEDS_LEVEL:
        return row->result.checks[DCAP_CHECK_TCB_LEVEL].outcome == DCAP_PASSED;
    default:
        return true;
    }
}

static void ask(const struct dcap_row *row, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_asked(row, rules[i].needs))
            (void)appraisal_check(row->out, rules[i].name, rules[i].check(row));
        else
            appraisal_unchecked(row->out, rules[i].name);
}

static bool reach(const uint8_t *have, const uint8_t *want, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (have[i] < want[i])
            return false;
    return true;
}

/* ---- the platform ---- */

/* What was issued later than now is refused before: it has not begun. */
static enum status check_age(const struct dcap_row *row)
{
    const struct dcap_result *result = &row->result;
    const int64_t issued = result->tcb_issued < result->qe_issued ? result->tcb_issued : result->qe_issued;

    if (row->now > issued && (uint64_t)(row->now - issued) > row->platform->max_age_s)
        return STATUS_EVIDENCE_COLLATERAL_EXPIRED;
    return STATUS_OK;
}

static enum status check_evaluation(const struct dcap_row *row)
{
    const uint32_t wanted = row->platform->min_evaluation;

    return row->result.tcb_evaluation >= wanted && row->result.qe_evaluation >= wanted ? STATUS_OK
                                                                                       : STATUS_EVIDENCE_EVALUATION;
}

static enum status check_status(const struct dcap_row *row)
{
    return (row->platform->statuses >> row->result.tcb & 1) != 0 ? STATUS_OK : STATUS_EVIDENCE_TCB;
}

static enum status check_advisories(const struct dcap_row *row)
{
    const struct dcap_advisories *advisories = &row->result.advisories;

    for (uint32_t i = 0; i < advisories->count; i++)
        if (!allowed_has(&row->platform->advisories, advisories->at[i]))
            return STATUS_EVIDENCE_ADVISORY;
    return STATUS_OK;
}

static enum status check_components(const struct dcap_row *row)
{
    return reach(row->result.pck.components, row->platform->min_components, SGX_COMPONENTS) ? STATUS_OK
                                                                                            : STATUS_EVIDENCE_TCB;
}

static enum status check_pcesvn(const struct dcap_row *row)
{
    return row->result.pck.pce_svn >= row->platform->min_pcesvn ? STATUS_OK : STATUS_EVIDENCE_TCB;
}

static enum status check_trailing(const struct dcap_row *row)
{
    return row->result.quote.trailing == 0 ? STATUS_OK : STATUS_TRAILING;
}

static enum status check_debug(const struct dcap_row *row)
{
    return !row->result.debug || row->platform->debug ? STATUS_OK : STATUS_EVIDENCE_DEBUG;
}

static const struct rule platform_rules[] = {
    {"collateral is as recent as demanded", NEEDS_STATUS, check_age},
    {"collateral is of a recent enough evaluation", NEEDS_STATUS, check_evaluation},
    {"the TCB status is accepted", NEEDS_STATUS, check_status},
    {"every advisory is accepted", NEEDS_LEVEL, check_advisories},
    {"TCB components reach the least that is demanded", NEEDS_QUOTE, check_components},
    {"PCESVN reaches the least that is demanded", NEEDS_QUOTE, check_pcesvn},
    {"nothing follows the quote", NEEDS_QUOTE, check_trailing},
    {"debug is off or accepted", NEEDS_QUOTE, check_debug},
};

/* ---- SGX ---- */

static enum status check_init(const struct dcap_row *row)
{
    return (*row->result.quote.sgx.attributes.ptr & SGX_INIT) != 0 ? STATUS_OK : STATUS_EVIDENCE_GUEST_POLICY;
}

/* Keys that are the same for every enclave of a machine's owner, or that launch others: nothing here has use for them. */
static enum status check_keys(const struct dcap_row *row)
{
    return (*row->result.quote.sgx.attributes.ptr & (SGX_PROVISION_KEY | SGX_EINITTOKEN_KEY)) == 0
               ? STATUS_OK
               : STATUS_EVIDENCE_GUEST_POLICY;
}

static enum status check_enclave(const struct dcap_row *row)
{
    const struct dcap_sgx_report *report = &row->result.quote.sgx;

    if (allowed_has(&row->sgx->mr_enclave, report->mr_enclave))
        return STATUS_OK;
    for (uint32_t i = 0; i < row->sgx->signer_count; i++) {
        const struct sgx_signer *signer = &row->sgx->signers[i];

        if (view_equal(signer->mr_signer, report->mr_signer) && signer->product == report->isv_prod_id &&
            report->isv_svn >= signer->min_svn)
            return STATUS_OK;
    }
    return STATUS_EVIDENCE_MEASUREMENT;
}

static const struct rule sgx_rules[] = {
    {"the enclave was initialised", NEEDS_QUOTE, check_init},
    {"the enclave may use no provisioning or launch key", NEEDS_QUOTE, check_keys},
    {"the enclave, or its signer, product and version, is listed", NEEDS_QUOTE, check_enclave},
};

/* ---- TDX ---- */

/* Little endian; the lowest byte tells debug, which is judged apart. */
static uint64_t attributes(const struct dcap_row *row)
{
    const uint8_t *bytes = row->result.quote.tdx.td_attributes.ptr;

    return ((uint64_t)read_le32(bytes + 4) << 32 | read_le32(bytes)) & ~(uint64_t)0xff;
}

static enum status check_module(const struct dcap_row *row)
{
    return reach(row->result.quote.tdx.tee_tcb_svn.ptr, row->tdx->min_tee_tcb_svn, DCAP_SVN_SIZE) ? STATUS_OK
                                                                                                  : STATUS_EVIDENCE_TCB;
}

static enum status check_attributes_allowed(const struct dcap_row *row)
{
    return (attributes(row) & ~row->tdx->attributes_allowed) == 0 ? STATUS_OK : STATUS_EVIDENCE_GUEST_POLICY;
}

static enum status check_attributes_required(const struct dcap_row *row)
{
    return (~attributes(row) & row->tdx->attributes_required) == 0 ? STATUS_OK : STATUS_EVIDENCE_GUEST_POLICY;
}

/* A service domain may read and write what another keeps with the module; the ones there are migrate it. */
static enum status check_service_domain(const struct dcap_row *row)
{
    const struct view bound = row->result.quote.tdx.mr_service_td; /* empty in TD 1.0 */

    if ((row->tdx->attributes_allowed & TDX_MIGRATABLE) != 0)
        return STATUS_OK;
    for (size_t i = 0; i < bound.len; i++)
        if (bound.ptr[i] != 0)
            return STATUS_EVIDENCE_GUEST_POLICY;
    return STATUS_OK;
}

static const struct rule tdx_rules[] = {
    {"TEE_TCB_SVN reaches the least that is demanded", NEEDS_QUOTE, check_module},
    {"no attribute is set that is not allowed", NEEDS_QUOTE, check_attributes_allowed},
    {"every required attribute is set", NEEDS_QUOTE, check_attributes_required},
    {"no service domain is bound, unless migration is allowed", NEEDS_QUOTE, check_service_domain},
};

static void judge_measurements(const struct dcap_row *row)
{
    const struct dcap_tdx_report *report = &row->result.quote.tdx;
    const struct tdx_terms *terms = row->tdx;
    const struct {
        const char *name;
        const struct allowed *allowed;
        struct view found;
    } measurements[] = {
        {"MRTD is listed", &terms->mr_td, report->mr_td},
        {"RTMR0 is listed", &terms->rtmr[0], report->rtmr[0]},
        {"RTMR1 is listed", &terms->rtmr[1], report->rtmr[1]},
        {"RTMR2 is listed", &terms->rtmr[2], report->rtmr[2]},
        {"RTMR3 is listed", &terms->rtmr[3], report->rtmr[3]},
        {"MRCONFIGID is listed", &terms->mr_config_id, report->mr_config_id},
        {"MROWNER is listed", &terms->mr_owner, report->mr_owner},
        {"MROWNERCONFIG is listed", &terms->mr_owner_config, report->mr_owner_config},
    };

    for (size_t i = 0; i < ARRAY_LEN(measurements); i++)
        if (is_asked(row, NEEDS_QUOTE))
            (void)appraisal_check(
                row->out, measurements[i].name,
                allowed_has(measurements[i].allowed, measurements[i].found) ? STATUS_OK : STATUS_EVIDENCE_MEASUREMENT);
        else
            appraisal_unchecked(row->out, measurements[i].name);
}

/* ---- all of them ---- */

/* Needs no rules: what must be bound is the caller's. */
static void judge_binding(const struct dcap_row *row)
{
    const struct dcap_quote *quote = &row->result.quote;
    const struct view wanted = row->evidence->report_data;

    if (row->result.authentic && wanted.len > 0)
        (void)appraisal_check(
            row->out, "report data",
            appraise_binding(wanted, row->kind == DCAP_SGX ? quote->sgx.report_data : quote->tdx.report_data));
    else
        appraisal_unchecked(row->out, "report data");
}

void dcap_row_judge(const struct dcap_row *row)
{
    ask(row, platform_rules, ARRAY_LEN(platform_rules));
    if (row->kind == DCAP_SGX) {
        ask(row, sgx_rules, ARRAY_LEN(sgx_rules));
    } else {
        ask(row, tdx_rules, ARRAY_LEN(tdx_rules));
        judge_measurements(row);
    }
    judge_binding(row);
}

/* dcap_describe.c: what an authentic quote says of who made it, in the names of Intel's structures; see
 * dcap_row_private.h. */
#include <assert.h>

#include "dcap_row_private.h"

/* Moments before 1970 are none that an appraisal can tell. */
static uint64_t moment(int64_t time)
{
    return time > 0 ? (uint64_t)time : 0;
}

static void describe_quote(const struct dcap_quote *quote, struct appraisal *out)
{
    appraisal_number(out, "version", quote->version);
    appraisal_bytes(out, "user_data", quote->user_data);
    appraisal_number(out, "trailing", quote->trailing);
}

static void describe_sgx(const struct dcap_sgx_report *report, struct appraisal *out)
{
    const uint8_t provision_key = 0x10;

    out->measurement = report->mr_enclave;
    appraisal_bytes(out, "cpusvn", report->cpu_svn);
    appraisal_bytes(out, "miscselect", report->misc_select);
    appraisal_bytes(out, "attributes", report->attributes);
    appraisal_bytes(out, "mrenclave", report->mr_enclave);
    appraisal_bytes(out, "mrsigner", report->mr_signer);
    appraisal_number(out, "isvprodid", report->isv_prod_id);
    appraisal_number(out, "isvsvn", report->isv_svn);
    appraisal_bytes(out, "configid", report->config_id);
    appraisal_number(out, "configsvn", report->config_svn);
    appraisal_bytes(out, "isvextprodid", report->isv_ext_prod_id);
    appraisal_bytes(out, "isvfamilyid", report->isv_family_id);
    appraisal_bytes(out, "report_data", report->report_data);
    appraisal_truth(out, "provkey", (*report->attributes.ptr & provision_key) != 0);
}

static void describe_tdx(const struct dcap_tdx_report *report, struct appraisal *out)
{
    out->measurement = report->mr_td;
    appraisal_bytes(out, "tee_tcb_svn", report->tee_tcb_svn);
    appraisal_bytes(out, "mrseam", report->mr_seam);
    appraisal_bytes(out, "mrsignerseam", report->mr_signer_seam);
    appraisal_bytes(out, "seam_attributes", report->seam_attributes);
    appraisal_bytes(out, "td_attributes", report->td_attributes);
    appraisal_bytes(out, "xfam", report->xfam);
    appraisal_bytes(out, "mrtd", report->mr_td);
    appraisal_bytes(out, "mrconfigid", report->mr_config_id);
    appraisal_bytes(out, "mrowner", report->mr_owner);
    appraisal_bytes(out, "mrownerconfig", report->mr_owner_config);
    appraisal_bytes(out, "rtmr0", report->rtmr[0]);
    appraisal_bytes(out, "rtmr1", report->rtmr[1]);
    appraisal_bytes(out, "rtmr2", report->rtmr[2]);
    appraisal_bytes(out, "rtmr3", report->rtmr[3]);
    appraisal_bytes(out, "report_data", report->report_data);
    appraisal_bytes(out, "tee_tcb_svn2", report->tee_tcb_svn2);
    appraisal_bytes(out, "mrservicetd", report->mr_service_td);
}

static void describe_quoting_enclave(const struct dcap_sgx_report *report, struct appraisal *out)
{
    appraisal_bytes(out, "qe_mrenclave", report->mr_enclave);
    appraisal_bytes(out, "qe_mrsigner", report->mr_signer);
    appraisal_number(out, "qe_isvprodid", report->isv_prod_id);
    appraisal_number(out, "qe_isvsvn", report->isv_svn);
    appraisal_bytes(out, "qe_attributes", report->attributes);
    appraisal_bytes(out, "qe_miscselect", report->misc_select);
}

/* A serial number without the zero that DER puts before a first byte above 7f. */
static struct view without_sign(struct view number)
{
    return number.len > 1 && *number.ptr == 0 ? (struct view){number.ptr + 1, number.len - 1} : number;
}

static void describe_pck(const struct dcap_result *result, struct appraisal *out)
{
    const struct dcap_pck *pck = &result->pck;
    const bool of_platforms = view_equal(result->pck_authority, VIEW_TEXT("Intel SGX PCK Platform CA"));

    appraisal_text(out, "ca", of_platforms ? VIEW_TEXT("platform") : VIEW_TEXT("processor"));
    appraisal_bytes(out, "fmspc", pck->fmspc);
    appraisal_bytes(out, "pceid", pck->pce_id);
    appraisal_number(out, "pcesvn", pck->pce_svn);
    for (size_t i = 0; i < DCAP_COMPONENTS; i++)
        appraisal_number(out, "tcb_comp_svns", pck->components[i]);
    appraisal_bytes(out, "ppid", pck->ppid);
    appraisal_number(out, "sgx_type", pck->sgx_type);
    appraisal_bytes(out, "platform_instance_id", pck->platform_instance_id);
    appraisal_bytes(out, "serial", without_sign(result->pck_serial));
}

static void describe_status(struct appraisal *out, const char *name, enum dcap_tcb status)
{
    if (status != DCAP_TCB_UNKNOWN)
        appraisal_text(out, name, view_of_string(dcap_tcb_name(status)));
}

static void describe_collateral(const struct dcap_result *result, struct appraisal *out)
{
    if (result->tcb_evaluation > 0)
        appraisal_number(out, "tcb_evaluation_data_number", result->tcb_evaluation);
    if (result->qe_evaluation > 0)
        appraisal_number(out, "qe_evaluation_data_number", result->qe_evaluation);
    describe_status(out, "platform_status", result->platform.status);
    describe_status(out, "qe_status", result->qe.status);
    describe_status(out, "tdx_module_status", result->module.status);
    if (result->quote.tdx.tee_tcb_svn2.len > 0)
        describe_status(out, "tcb_status_current_tcb_svn2", result->tcb_now);
}

static void describe_tcb(const struct dcap_result *result, struct appraisal *out)
{
    static_assert(DCAP_ADVISORIES_MAX <= APPRAISAL_ADVISORIES_MAX, "every advisory is told");

    if (result->tcb != DCAP_TCB_UNKNOWN)
        out->tcb_status = dcap_tcb_name(result->tcb);
    if (result->tcb != DCAP_TCB_UNKNOWN && result->tcb != DCAP_TCB_NOT_SUPPORTED)
        out->tcb_date = moment(result->tcb_date);
    out->advisory_count = result->advisories.count;
    for (uint32_t i = 0; i < result->advisories.count; i++)
        out->advisories[i] = result->advisories.at[i];
}

void dcap_row_describe(const struct dcap_row *row)
{
    const struct dcap_result *result = &row->result;
    struct appraisal *out = row->out;

    out->debug = result->debug;
    out->not_before = moment(result->window.not_before);
    out->not_after = moment(result->window.not_after);
    describe_tcb(result, out);
    if (result->quote.kind == DCAP_SGX)
        describe_sgx(&result->quote.sgx, out);
    else
        describe_tdx(&result->quote.tdx, out);
    describe_quote(&result->quote, out);
    describe_quoting_enclave(&result->quote.qe_report, out);
    describe_pck(result, out);
    describe_collateral(result, out);
    appraisal_truth(out, "grace", row->grace);
}

/* Intel SGX and TDX quotes: real ones, each with what is to be found out about it, and what is made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcap.h"
#include "dcap_cases.h"

#define SGX_CASE "quote_v3_processor_confswhardening"
#define TDX_CASE "quote_v5_td_relaunch_advised"
#define HEX_MAX  256

/* What goes into one verification; tests change it on the way. */
static struct dcap_result verify_at(const struct dcap_case *one, int64_t time)
{
    static uint8_t memory[DCAP_SPACE];
    struct buf space = BUF_OF(memory);
    const struct dcap_evidence evidence = {one->quote, one->endorsements, one->endorsement_count, time};
    struct dcap_result result;

    dcap_verify(&evidence, &space, &result);
    return result;
}

static struct dcap_result verify(const struct dcap_case *one)
{
    return verify_at(one, one->not_before + (one->not_after - one->not_before) / 2);
}

/* ---- expected.json ---- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void assert_field(const cJSON *body, const char *name, struct view got)
{
    const cJSON *wanted = member(body, name);
    char hex[HEX_MAX];

    assert_true(cJSON_IsString(wanted));
    assert_true(got.len * 2 < sizeof hex);
    hex_encode(got, hex);
    if (strcmp(hex, wanted->valuestring) != 0)
        print_message("    %s: expected %s, got %s\n", name, wanted->valuestring, hex);
    assert_string_equal(hex, wanted->valuestring);
}

static void assert_number_is(const cJSON *object, const char *name, uint64_t got)
{
    const cJSON *wanted = member(object, name);

    assert_true(cJSON_IsNumber(wanted));
    assert_int_equal(got, (uint64_t)wanted->valuedouble);
}

static void assert_sgx_fields(const cJSON *body, const struct dcap_sgx_report *report)
{
    assert_field(body, "cpusvn", report->cpu_svn);
    assert_field(body, "miscselect", report->misc_select);
    assert_field(body, "attributes", report->attributes);
    assert_field(body, "mrenclave", report->mr_enclave);
    assert_field(body, "mrsigner", report->mr_signer);
    assert_field(body, "configid", report->config_id);
    assert_field(body, "isvextprodid", report->isv_ext_prod_id);
    assert_field(body, "isvfamilyid", report->isv_family_id);
    assert_field(body, "report_data", report->report_data);
    assert_number_is(body, "isvprodid", report->isv_prod_id);
    assert_number_is(body, "isvsvn", report->isv_svn);
    assert_number_is(body, "configsvn", report->config_svn);
}

static void assert_tdx_fields(const cJSON *body, const struct dcap_tdx_report *report)
{
    assert_field(body, "tee_tcb_svn", report->tee_tcb_svn);
    assert_field(body, "mrseam", report->mr_seam);
    assert_field(body, "mrsignerseam", report->mr_signer_seam);
    assert_field(body, "seam_attributes", report->seam_attributes);
    assert_field(body, "td_attributes", report->td_attributes);
    assert_field(body, "xfam", report->xfam);
    assert_field(body, "mrtd", report->mr_td);
    assert_field(body, "mrconfigid", report->mr_config_id);
    assert_field(body, "mrowner", report->mr_owner);
    assert_field(body, "mrownerconfig", report->mr_owner_config);
    assert_field(body, "rtmr0", report->rtmr[0]);
    assert_field(body, "rtmr1", report->rtmr[1]);
    assert_field(body, "rtmr2", report->rtmr[2]);
    assert_field(body, "rtmr3", report->rtmr[3]);
    assert_field(body, "report_data", report->report_data);
    if (member(body, "tee_tcb_svn2") != NULL)
        assert_field(body, "tee_tcb_svn2", report->tee_tcb_svn2);
    else
        assert_int_equal(report->tee_tcb_svn2.len, 0);
}

static void assert_identity(const cJSON *expected, const struct dcap_result *result)
{
    const cJSON *header = member(expected, "header"), *body = member(expected, "body");
    const struct dcap_quote *quote = &result->quote;

    assert_number_is(header, "version", quote->version);
    assert_number_is(header, "trailing", quote->trailing);
    assert_field(header, "user_data", quote->user_data);
    if (strcmp(member(header, "body_kind")->valuestring, "sgx") == 0) {
        assert_int_equal(quote->kind, DCAP_SGX);
        assert_sgx_fields(body, &quote->sgx);
    } else {
        assert_int_equal(quote->kind, DCAP_TDX);
        assert_tdx_fields(body, &quote->tdx);
    }
    assert_int_equal(result->debug, cJSON_IsTrue(member(body, "debug")));
    assert_field(member(expected, "pck"), "fmspc", VIEW_OF(result->fmspc));
    assert_field(member(expected, "qe_report"), "mrenclave", quote->qe_report.mr_enclave);
    assert_number_is(member(expected, "qe_report"), "isvsvn", quote->qe_report.isv_svn);
}

/* The advisories of a platform level that is expected, all of them and no other (those of other levels are none). */
static void assert_advisories(const cJSON *wanted, const struct dcap_result *result)
{
    const cJSON *name;

    assert_int_equal(result->advisories.count, cJSON_GetArraySize(wanted));
    cJSON_ArrayForEach(name, wanted)
    {
        bool found = false;

        for (uint32_t i = 0; i < result->advisories.count; i++)
            found = found || view_equal(result->advisories.at[i], view_of_string(name->valuestring));
        assert_true(found);
    }
}

/* What expected.json calls a status, without its explanation of a refusal. */
static const char *status_wanted(const cJSON *evaluation)
{
    const char *text = member(evaluation, "tcb_status")->valuestring;

    return strncmp(text, "TCB_NOT_SUPPORTED", strlen("TCB_NOT_SUPPORTED")) == 0 ? "NotSupported" : text;
}

static void assert_evaluation(const cJSON *evaluation, const struct dcap_result *result)
{
    const cJSON *level = member(evaluation, "platform_level"), *now = member(evaluation, "tcb_status_current_tcb_svn2");
    const cJSON *module = member(evaluation, "tdx_module_status");

    assert_string_equal(dcap_tcb_name(result->tcb), status_wanted(evaluation));
    assert_string_equal(dcap_tcb_name(result->qe.status), member(evaluation, "qe_status")->valuestring);
    if (module != NULL)
        assert_string_equal(dcap_tcb_name(result->module.status), module->valuestring);
    if (now != NULL)
        assert_string_equal(dcap_tcb_name(result->tcb_now), now->valuestring);
    if (!cJSON_IsArray(level)) {
        assert_int_equal(result->reason, STATUS_EVIDENCE_TCB);
        return;
    }
    assert_int_equal(result->reason, STATUS_OK);
    assert_string_equal(dcap_tcb_name(result->platform.status), cJSON_GetArrayItem(level, 1)->valuestring);
    assert_int_equal(result->platform.date, dcap_case_time(cJSON_GetArrayItem(level, 2)->valuestring));
    assert_true(result->tcb_date <= result->platform.date && result->tcb_date > 0);
    if (module == NULL || strcmp(module->valuestring, "UpToDate") == 0)
        assert_advisories(cJSON_GetArrayItem(level, 3), result);
    assert_true(result->tcb_evaluation > 0 && result->qe_evaluation > 0);
}

/* The window's edges are where the result begins and ends to hold. */
static void assert_window(const struct dcap_case *one, const struct dcap_result *result)
{
    const int64_t times[] = {one->not_before - 1, one->not_before, one->not_after, one->not_after + 1};

    assert_int_equal(result->window.not_before, one->not_before);
    assert_int_equal(result->window.not_after, one->not_after);
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        const struct dcap_result at = verify_at(one, times[i]);
        const bool within = i == 1 || i == 2;

        assert_true(at.authentic);
        assert_int_equal(at.tcb, result->tcb);
        assert_int_equal(at.reason == result->reason, within);
    }
}

static void print_case(const struct dcap_case *one, const struct dcap_result *result)
{
    print_message("  %s [%s]: expected %s; got authentic %d, debug %d, %s, TCB %s, %u advisories, window %lld..%lld\n",
                  one->name, one->label,
                  one->evaluation == NULL ? "authentic, no collateral" : status_wanted(one->evaluation),
                  result->authentic, result->debug, status_name(result->reason), dcap_tcb_name(result->tcb),
                  result->advisories.count, (long long)result->window.not_before, (long long)result->window.not_after);
}

static void check_case(const struct dcap_case *one)
{
    const struct dcap_result result = verify(one);

    print_case(one, &result);
    assert_true(result.authentic);
    assert_identity(one->expected, &result);
    if (one->evaluation == NULL) {
        assert_int_equal(result.reason, STATUS_EVIDENCE_CRL);
        assert_int_equal(result.tcb, DCAP_TCB_UNKNOWN);
        return;
    }
    assert_evaluation(one->evaluation, &result);
    assert_window(one, &result);
}

static void finds_of_every_real_sgx_quote_what_is_expected(void **state)
{
    (void)state;
    if (dcap_cases_each("sgx", check_case) == 0)
        skip();
}

static void finds_of_every_real_tdx_quote_what_is_expected(void **state)
{
    (void)state;
    if (dcap_cases_each("tdx", check_case) == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_of_every_real_sgx_quote_what_is_expected),
        cmocka_unit_test(finds_of_every_real_tdx_quote_what_is_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include "x509.h"

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
    assert_field(member(expected, "pck"), "fmspc", result->pck.fmspc);
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

/* ---- what is made of them ---- */

enum { TCB_INFO, QE_IDENTITY, PCK_CRL, ROOT_CRL, SIGNER }; /* the order of endorsements in expected.json */

#define CHANGED_MAX 32768

/* A copy of a case whose quote, or one of whose endorsements, may be written to. */
struct changed {
    struct dcap_case one;
    uint8_t bytes[CHANGED_MAX];
};

static uint8_t *change(struct changed *changed, const struct dcap_case *one, struct view *(*part)(struct dcap_case *))
{
    struct view *view;

    changed->one = *one;
    view = part(&changed->one);
    assert_true(view->len < sizeof changed->bytes);
    memset(changed->bytes, 0, sizeof changed->bytes);
    memcpy(changed->bytes, view->ptr, view->len);
    view->ptr = changed->bytes;
    return changed->bytes;
}

static struct view *the_quote(struct dcap_case *one)
{
    return &one->quote;
}

static struct view *the_tcb_info(struct dcap_case *one)
{
    return &one->endorsements[TCB_INFO];
}

static struct view *the_qe_identity(struct dcap_case *one)
{
    return &one->endorsements[QE_IDENTITY];
}

static struct view *the_pck_crl(struct dcap_case *one)
{
    return &one->endorsements[PCK_CRL];
}

static struct view *the_root_crl(struct dcap_case *one)
{
    return &one->endorsements[ROOT_CRL];
}

/* Runs with one SGX and one TDX case, or skips. */
static void with_both(void (*run)(const struct dcap_case *one))
{
    if (!dcap_case_run("sgx", SGX_CASE, run) || !dcap_case_run("tdx", TDX_CASE, run))
        skip();
}

/* Nothing that rests on authenticity was looked at. */
static void assert_not_authentic(const struct dcap_result *result)
{
    assert_false(result->authentic);
    assert_int_not_equal(result->reason, STATUS_OK);
    assert_int_equal(result->tcb, DCAP_TCB_UNKNOWN);
    for (size_t i = DCAP_CHECK_PCK_DATES; i < DCAP_CHECK_COUNT; i++)
        assert_true(result->checks[i].outcome == DCAP_NOT_CHECKED || result->checks[i].outcome == DCAP_NOT_APPLICABLE);
}

static void truncate_everywhere(const struct dcap_case *one)
{
    struct dcap_case shorter = *one;

    for (shorter.quote.len = 0; shorter.quote.len < one->quote.len; shorter.quote.len++) {
        const struct dcap_result result = verify(&shorter);

        assert_not_authentic(&result);
        assert_int_equal(result.reason, STATUS_TRUNCATED);
    }
}

static void refuses_a_quote_cut_at_any_length(void **state)
{
    (void)state;
    with_both(truncate_everywhere);
}

static void flip_in_quote(const struct dcap_case *one)
{
    static struct changed changed;
    uint8_t *bytes = change(&changed, one, the_quote);

    for (size_t at = 0; at < one->quote.len; at += 41) {
        struct dcap_result result;

        bytes[at] ^= 0x01;
        result = verify(&changed.one);
        assert_not_authentic(&result);
        bytes[at] ^= 0x01;
    }
    assert_true(verify(&changed.one).authentic);
}

static void refuses_a_quote_with_any_byte_changed(void **state)
{
    (void)state;
    with_both(flip_in_quote);
}

static void flip_in_collateral(const struct dcap_case *one)
{
    struct view *(*const parts[])(struct dcap_case *) = {the_tcb_info, the_qe_identity, the_pck_crl, the_root_crl};
    static struct changed changed;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        uint8_t *bytes = change(&changed, one, parts[i]);
        const size_t len = parts[i](&changed.one)->len;

        assert_int_equal(verify(&changed.one).reason, STATUS_OK);
        for (size_t at = 0; at < len; at += 1 + len / 17) {
            struct dcap_result result;

            bytes[at] ^= 0x01;
            result = verify(&changed.one);
            assert_true(result.authentic);
            assert_int_not_equal(result.reason, STATUS_OK);
            bytes[at] ^= 0x01;
        }
    }
}

static void refuses_collateral_with_any_byte_changed(void **state)
{
    (void)state;
    with_both(flip_in_collateral);
}

/* Inserts text behind the first place where marker ends. */
static void insert(struct view *view, uint8_t *bytes, const char *marker, const char *text)
{
    char *at = strstr((char *)bytes, marker);

    assert_non_null(at);
    at += strlen(marker);
    memmove(at + strlen(text), at, view->len - (size_t)(at - (char *)bytes));
    memcpy(at, text, strlen(text));
    view->len += strlen(text);
}

static void change_json(const struct dcap_case *one)
{
    static const struct {
        const char *why, *marker, *text;
        enum dcap_check check;
        enum status reason;
    } cases[] = {
        {"white space outside of what is signed is none of Intel's", "{", "\n\t ", DCAP_CHECK_TCB_INFO, STATUS_OK},
        {"another member outside is signed by nobody, and not read", "{", "\"version\":9,", DCAP_CHECK_TCB_INFO,
         STATUS_OK},
        {"a space within", "\"tcbInfo\":{", " ", DCAP_CHECK_TCB_INFO, STATUS_FORGED},
        {"a new member within", "\"tcbInfo\":{", "\"a\":0,", DCAP_CHECK_TCB_INFO, STATUS_FORGED},
        {"a key twice within", "\"tcbInfo\":{", "\"version\":3,", DCAP_CHECK_ENDORSEMENTS, STATUS_DUPLICATE_KEY},
        {"a key twice deep within", "\"tcbLevels\":[{", "\"tcbStatus\":\"UpToDate\",", DCAP_CHECK_ENDORSEMENTS,
         STATUS_DUPLICATE_KEY},
        {"the signed object twice", "{", "\"tcbInfo\":{},", DCAP_CHECK_ENDORSEMENTS, STATUS_DUPLICATE_KEY},
        {"two signatures", "{", "\"signature\":\"00\",", DCAP_CHECK_ENDORSEMENTS, STATUS_DUPLICATE_KEY},
        {"a comment", "{", "/**/", DCAP_CHECK_ENDORSEMENTS, STATUS_MALFORMED},
    };
    static struct changed changed;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dcap_result result;

        print_message("  %s\n", cases[i].why);
        (void)change(&changed, one, the_tcb_info);
        insert(the_tcb_info(&changed.one), changed.bytes, cases[i].marker, cases[i].text);
        result = verify(&changed.one);
        assert_int_equal(result.checks[cases[i].check].reason, cases[i].reason);
        assert_int_equal(result.reason, cases[i].reason);
    }
}

static void reads_only_the_very_bytes_that_were_signed(void **state)
{
    (void)state;
    with_both(change_json);
}

static void leave_out_each(const struct dcap_case *one)
{
    static const struct {
        size_t left_out;
        enum dcap_check check;
        enum status reason;
    } cases[DCAP_CASE_FILES] = {
        {TCB_INFO, DCAP_CHECK_TCB_INFO, STATUS_EVIDENCE_COLLATERAL},
        {QE_IDENTITY, DCAP_CHECK_QE_IDENTITY, STATUS_EVIDENCE_COLLATERAL},
        {PCK_CRL, DCAP_CHECK_PCK_CRL, STATUS_EVIDENCE_CRL},
        {ROOT_CRL, DCAP_CHECK_ROOT_CRL, STATUS_EVIDENCE_CRL},
        {SIGNER, DCAP_CHECK_TCB_SIGNER, STATUS_EVIDENCE_COLLATERAL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dcap_case without = *one;
        struct dcap_result result;

        without.endorsements[cases[i].left_out] = without.endorsements[--without.endorsement_count];
        result = verify(&without);
        print_message("  without %s\n", dcap_check_text(cases[i].check));
        assert_true(result.authentic);
        assert_int_equal(result.checks[cases[i].check].outcome, DCAP_NOT_CHECKED);
        assert_int_equal(result.checks[cases[i].check].reason, cases[i].reason);
        assert_int_equal(result.reason, cases[i].reason);
        if (i == TCB_INFO || i == QE_IDENTITY || i == SIGNER)
            assert_int_equal(result.tcb, DCAP_TCB_UNKNOWN);
    }
}

static void says_which_endorsement_is_missing(void **state)
{
    (void)state;
    with_both(leave_out_each);
}

/* What a test keeps of one case for use with another. */
static struct changed kept;

static void keep_qe_identity(const struct dcap_case *one)
{
    (void)change(&kept, one, the_qe_identity);
}

static void keep_tcb_info(const struct dcap_case *one)
{
    (void)change(&kept, one, the_tcb_info);
}

static void keep_pck_crl(const struct dcap_case *one)
{
    (void)change(&kept, one, the_pck_crl);
}

static void verify_with_kept_qe_identity(const struct dcap_case *one)
{
    struct dcap_case mixed = *one;
    struct dcap_result result;

    mixed.endorsements[QE_IDENTITY] = kept.one.endorsements[QE_IDENTITY];
    result = verify(&mixed);
    assert_int_equal(result.checks[DCAP_CHECK_QE_IDENTITY].reason, STATUS_EVIDENCE_COLLATERAL);
    assert_int_equal(result.checks[DCAP_CHECK_QE].outcome, DCAP_NOT_CHECKED);
    assert_int_equal(result.reason, STATUS_EVIDENCE_COLLATERAL);
    assert_int_equal(result.tcb, DCAP_TCB_UNKNOWN);
}

static void verify_with_kept_tcb_info(const struct dcap_case *one)
{
    struct dcap_case mixed = *one;
    struct dcap_result result;

    mixed.endorsements[TCB_INFO] = kept.one.endorsements[TCB_INFO];
    result = verify(&mixed);
    assert_int_equal(result.checks[DCAP_CHECK_TCB_INFO].reason, STATUS_EVIDENCE_COLLATERAL);
    assert_int_equal(result.checks[DCAP_CHECK_TCB_LEVEL].outcome, DCAP_NOT_CHECKED);
    assert_int_equal(result.reason, STATUS_EVIDENCE_COLLATERAL);
    assert_int_equal(result.platform.status, DCAP_TCB_UNKNOWN);
}

static void verify_with_kept_pck_crl(const struct dcap_case *one)
{
    struct dcap_case mixed = *one;
    struct dcap_result result;

    mixed.endorsements[PCK_CRL] = kept.one.endorsements[PCK_CRL];
    result = verify(&mixed);
    assert_int_equal(result.checks[DCAP_CHECK_PCK_CRL].outcome, DCAP_NOT_CHECKED);
    assert_int_equal(result.checks[DCAP_CHECK_PCK_REVOCATION].outcome, DCAP_NOT_CHECKED);
    assert_int_equal(result.reason, STATUS_EVIDENCE_CRL);
}

static void refuses_collateral_of_another_platform_kind_or_authority(void **state)
{
    (void)state;
    if (!dcap_case_run("tdx", TDX_CASE, keep_qe_identity))
        skip();
    assert_true(dcap_case_run("sgx", SGX_CASE, verify_with_kept_qe_identity));
    assert_true(dcap_case_run("tdx", "quote_v4_uptodate", keep_tcb_info));
    assert_true(dcap_case_run("tdx", TDX_CASE, verify_with_kept_tcb_info));
    assert_true(dcap_case_run("sgx", SGX_CASE, keep_pck_crl));
    assert_true(dcap_case_run("sgx", "quote_v3_platform_swhardening", verify_with_kept_pck_crl));
}

static void reorder_and_encode(const struct dcap_case *one)
{
    static char hex[CHANGED_MAX];
    struct dcap_case other = *one;
    const struct dcap_result wanted = verify(one);
    struct dcap_result result;

    for (size_t i = 0; i < DCAP_CASE_FILES; i++)
        other.endorsements[i] = one->endorsements[DCAP_CASE_FILES - 1 - i];
    assert_true(one->endorsements[PCK_CRL].len * 2 + 2 < sizeof hex);
    hex_encode(one->endorsements[PCK_CRL], hex);
    strcat(hex, "\n");
    other.endorsements[DCAP_CASE_FILES - 1 - PCK_CRL] = (struct view){(const uint8_t *)hex, strlen(hex) + 1};
    result = verify(&other);
    assert_int_equal(result.reason, STATUS_OK);
    assert_int_equal(result.tcb, wanted.tcb);
    assert_memory_equal(&result.window, &wanted.window, sizeof result.window);
}

static void takes_endorsements_in_any_order_and_lists_in_hexadecimal(void **state)
{
    (void)state;
    with_both(reorder_and_encode);
}

/* The collateral of all the cases of a folder, each file once. */
static struct {
    struct view files[DCAP_ENDORSEMENTS_MAX];
    size_t count;
    uint8_t bytes[256 * 1024];
    struct buf memory;
} pool;

static void add_to_pool(const struct dcap_case *one)
{
    for (size_t i = 0; i < one->endorsement_count; i++) {
        const struct view file = one->endorsements[i];
        bool known = false;

        for (size_t at = 0; at < pool.count; at++)
            known = known || view_equal(pool.files[at], file);
        if (known)
            continue;
        assert_true(pool.count < ARRAY_LEN(pool.files));
        pool.files[pool.count++] = (struct view){pool.bytes + pool.memory.len, file.len};
        assert_int_equal(buf_append(&pool.memory, file), STATUS_OK);
    }
}

static void verify_with_pool(const struct dcap_case *one)
{
    static uint8_t memory[DCAP_SPACE];
    struct buf space = BUF_OF(memory);
    const struct dcap_result wanted = verify(one);
    const struct dcap_evidence evidence = {one->quote, pool.files, pool.count,
                                           one->not_before + (one->not_after - one->not_before) / 2};
    struct dcap_result result;

    if (one->evaluation == NULL)
        return;
    dcap_verify(&evidence, &space, &result);
    assert_int_equal(result.reason, wanted.reason);
    assert_int_equal(result.tcb, wanted.tcb);
    assert_int_equal(result.tcb_now, wanted.tcb_now);
}

static void takes_of_many_endorsements_those_that_fit(void **state)
{
    (void)state;
    pool.memory = BUF_OF(pool.bytes);
    if (dcap_cases_each("sgx", add_to_pool) == 0 || dcap_cases_each("tdx", add_to_pool) == 0)
        skip();
    assert_true(pool.count > DCAP_CASE_FILES);
    (void)dcap_cases_each("sgx", verify_with_pool);
    (void)dcap_cases_each("tdx", verify_with_pool);
}

/* The signer's certificate alone, in DER, with its last byte, of its signature, changed. */
static void forge_the_signer(const struct dcap_case *one)
{
    static uint8_t memory[DCAP_SPACE];
    struct buf space = BUF_OF(memory);
    struct dcap_case forged = *one;
    struct view from = one->endorsements[SIGNER];
    enum x509_item item;
    struct dcap_result result;

    assert_int_equal(x509_take(&from, &space, &item, &forged.endorsements[SIGNER]), STATUS_OK);
    assert_int_equal(verify(&forged).reason, STATUS_OK);
    memory[forged.endorsements[SIGNER].len - 1] ^= 1;
    result = verify(&forged);
    assert_int_equal(result.checks[DCAP_CHECK_TCB_SIGNER].reason, STATUS_FORGED);
    assert_int_equal(result.checks[DCAP_CHECK_TCB_INFO].outcome, DCAP_NOT_CHECKED);
    assert_int_equal(result.tcb, DCAP_TCB_UNKNOWN);
}

static void refuses_a_signer_of_collateral_that_the_root_did_not_sign(void **state)
{
    (void)state;
    with_both(forge_the_signer);
}

static void verify_far_away(const struct dcap_case *one)
{
    static const struct {
        const char *time;
        enum status reason;
    } cases[] = {{"2010-01-01T00:00:00Z", STATUS_EVIDENCE_NOT_YET}, {"2048-01-01T00:00:00Z", STATUS_EVIDENCE_EXPIRED}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct dcap_result result = verify_at(one, dcap_case_time(cases[i].time));

        assert_true(result.authentic);
        assert_int_equal(result.checks[DCAP_CHECK_PCK_DATES].reason, cases[i].reason);
        assert_int_equal(result.checks[DCAP_CHECK_TCB_SIGNER].reason, cases[i].reason);
        assert_int_equal(result.checks[DCAP_CHECK_TCB_INFO].reason, STATUS_EVIDENCE_COLLATERAL_EXPIRED);
        assert_int_equal(result.checks[DCAP_CHECK_QE_IDENTITY].reason, STATUS_EVIDENCE_COLLATERAL_EXPIRED);
        assert_int_equal(result.checks[DCAP_CHECK_ROOT_CRL].reason, STATUS_EVIDENCE_CRL);
        assert_int_equal(result.reason, cases[i].reason);
    }
}

static void says_of_each_part_that_it_is_out_of_its_time(void **state)
{
    (void)state;
    with_both(verify_far_away);
}

static void patch_header(const struct dcap_case *one)
{
    static const struct {
        const char *why;
        size_t at;
        uint8_t value;
        enum status reason;
    } cases[] = {
        {"version 2", 0, 2, STATUS_UNSUPPORTED},
        {"version 6", 0, 6, STATUS_UNSUPPORTED},
        {"version 259", 1, 1, STATUS_UNSUPPORTED},
        {"attestation key on P-384", 2, 3, STATUS_UNSUPPORTED},
        {"an unknown TEE", 4, 0x82, STATUS_UNSUPPORTED},
        {"an unknown TEE, in its high bytes", 7, 0x01, STATUS_UNSUPPORTED},
        {"another vendor's quoting enclave", 12, 0, STATUS_EVIDENCE_SIGNER},
    };
    static struct changed changed;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dcap_result result;

        print_message("  %s\n", cases[i].why);
        change(&changed, one, the_quote)[cases[i].at] = cases[i].value;
        result = verify(&changed.one);
        assert_not_authentic(&result);
        assert_int_equal(result.checks[DCAP_CHECK_FORMAT].outcome, DCAP_FAILED);
        assert_int_equal(result.reason, cases[i].reason);
    }
}

static void refuses_versions_and_kinds_that_it_does_not_know(void **state)
{
    (void)state;
    with_both(patch_header);
}

/* The certificate with this number in a PEM chain, with its newline. */
static struct view pem_block(struct view pem, unsigned number)
{
    static const char end[] = "-----END CERTIFICATE-----\n";

    for (;;) {
        const uint8_t *stop = memmem(pem.ptr, pem.len, end, strlen(end));
        size_t len;

        assert_non_null(stop);
        len = (size_t)(stop - pem.ptr) + strlen(end);
        if (number-- == 0)
            return (struct view){pem.ptr, len};
        pem.ptr += len;
        pem.len -= len;
    }
}

/* Certificates of a quote in another order: the lengths stay, so all else is well formed. */
static void reorder_chain(const struct dcap_case *one)
{
    static const struct {
        const char *why;
        unsigned order[3];
        enum status reason;
    } cases[] = {
        {"intermediate first", {1, 0, 2}, STATUS_EVIDENCE_CHAIN},
        {"another key at the end", {0, 2, 1}, STATUS_EVIDENCE_ROOT},
        {"leaf at the end", {2, 1, 0}, STATUS_EVIDENCE_ROOT},
    };
    static struct changed changed;
    const struct view pem = verify(one).quote.pck_chain;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t *at = change(&changed, one, the_quote) + (pem.ptr - one->quote.ptr);
        struct dcap_result result;

        for (size_t block = 0; block < 3; block++) {
            const struct view from = pem_block(pem, cases[i].order[block]);

            memcpy(at, from.ptr, from.len);
            at += from.len;
        }
        print_message("  %s\n", cases[i].why);
        result = verify(&changed.one);
        assert_not_authentic(&result);
        assert_int_equal(result.checks[DCAP_CHECK_PCK_CHAIN].outcome, DCAP_FAILED);
        assert_int_equal(result.reason, cases[i].reason);
    }
}

static void refuses_chains_that_do_not_lead_to_the_pinned_root(void **state)
{
    (void)state;
    with_both(reorder_chain);
}

static void append_garbage(const struct dcap_case *one)
{
    static struct changed changed;
    const size_t len = one->quote.len;
    struct dcap_result result;

    memset(change(&changed, one, the_quote) + len, 'x', 39);
    changed.one.quote.len = len + 39;
    result = verify(&changed.one);
    assert_int_equal(result.reason, STATUS_OK);
    assert_int_equal(result.quote.trailing, 39);
    assert_int_equal(result.quote.signed_part.len, verify(one).quote.signed_part.len);
}

static void counts_bytes_behind_a_quote_and_leaves_them_alone(void **state)
{
    (void)state;
    with_both(append_garbage);
}

static void give_too_much(const struct dcap_case *one)
{
    static uint8_t garbage[10 * 1024 * 1024];
    struct view many[DCAP_ENDORSEMENTS_MAX + 1];
    struct dcap_case changed = *one;
    struct dcap_evidence evidence = {one->quote, many, ARRAY_LEN(many), one->not_before};
    uint8_t memory[DCAP_SPACE];
    struct buf space = BUF_OF(memory);
    struct dcap_result result;

    changed.quote = VIEW_OF(garbage);
    result = verify(&changed);
    assert_not_authentic(&result);
    assert_int_equal(result.reason, STATUS_OUT_OF_RANGE);

    changed = *one;
    changed.endorsements[0] = VIEW_OF(garbage);
    result = verify(&changed);
    assert_true(result.authentic);
    assert_int_equal(result.reason, STATUS_OUT_OF_RANGE);

    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = one->endorsements[i % one->endorsement_count];
    dcap_verify(&evidence, &space, &result);
    assert_true(result.authentic);
    assert_int_equal(result.reason, STATUS_OUT_OF_RANGE);
    space = (struct buf){.ptr = memory, .cap = 16};
    dcap_verify(&evidence, &space, &result);
    assert_not_authentic(&result);
    assert_int_equal(result.reason, STATUS_NO_SPACE);
}

static void refuses_at_once_what_is_past_its_limits(void **state)
{
    (void)state;
    with_both(give_too_much);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_of_every_real_sgx_quote_what_is_expected),
        cmocka_unit_test(finds_of_every_real_tdx_quote_what_is_expected),
        cmocka_unit_test(refuses_a_quote_cut_at_any_length),
        cmocka_unit_test(refuses_a_quote_with_any_byte_changed),
        cmocka_unit_test(refuses_collateral_with_any_byte_changed),
        cmocka_unit_test(reads_only_the_very_bytes_that_were_signed),
        cmocka_unit_test(says_which_endorsement_is_missing),
        cmocka_unit_test(says_of_each_part_that_it_is_out_of_its_time),
        cmocka_unit_test(refuses_a_signer_of_collateral_that_the_root_did_not_sign),
        cmocka_unit_test(refuses_collateral_of_another_platform_kind_or_authority),
        cmocka_unit_test(takes_endorsements_in_any_order_and_lists_in_hexadecimal),
        cmocka_unit_test(takes_of_many_endorsements_those_that_fit),
        cmocka_unit_test(refuses_versions_and_kinds_that_it_does_not_know),
        cmocka_unit_test(refuses_chains_that_do_not_lead_to_the_pinned_root),
        cmocka_unit_test(counts_bytes_behind_a_quote_and_leaves_them_alone),
        cmocka_unit_test(refuses_at_once_what_is_past_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

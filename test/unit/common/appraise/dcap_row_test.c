/* The rows "sgx" and "tdx": real quotes under the rules that fit them, and under rules of which one line differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "credential.h"
#include "dcap_cases.h"
#include "dcap_terms.h"

#define SGX_CASE "quote_v3_processor_confswhardening"
#define TDX_CASE "quote_v5_td_relaunch_advised"
#define DAY_S    86400

/* ---- a case, and rules that fit it ---- */

/* What goes into one appraisal; a test changes it on the way. */
struct trial {
    const struct dcap_case *one;
    bool is_tdx, ruled;
    struct view quote;
    struct endorsements endorsements;
    uint64_t now;
    struct view report_data;
    struct sgx_terms sgx;
    struct tdx_terms tdx;
    uint8_t bytes[8192]; /* of the case, from hexadecimal */
    struct buf memory;
    struct appraisal out;
};

static struct trial trial;

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *item = member(object, name);

    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static uint32_t number_of(const cJSON *object, const char *name)
{
    const cJSON *item = member(object, name);

    assert_true(cJSON_IsNumber(item));
    return (uint32_t)item->valuedouble;
}

/* The bytes of a member, which a test may write to. */
static struct view bytes_of(const char *name)
{
    return dcap_case_bytes(trial.one, name, &trial.memory);
}

static enum status run_under(const struct view *rules)
{
    static uint8_t memory[APPRAISAL_SPACE];
    struct buf space = BUF_OF(memory);
    const struct evidence evidence = {
        .kind = trial.is_tdx ? VIEW_TEXT(TDX_KIND) : VIEW_TEXT(SGX_KIND),
        .captured = true,
        .bytes = trial.quote,
        .endorsements = &trial.endorsements,
        .report_data = trial.report_data,
        .now = trial.now,
        .space = &space,
    };
    const struct accepted accepted = {evidence.kind, rules == NULL ? (struct view){NULL, 0} : *rules};
    enum status status;

    space.len = space.cap; /* whatever was there is overwritten */
    status =
        rules == NULL ? appraise_authenticity(&evidence, &trial.out) : appraise(&evidence, &accepted, 1, &trial.out);
    assert_int_equal(status, trial.out.reason);
    assert_true(trial.out.check_count < APPRAISAL_CHECKS_MAX);
    return status;
}

/* Through the policy's bytes, as a device does. */
static enum status run(void)
{
    static uint8_t memory[ACCEPTED_SIZE_MAX * 2];
    struct buf rules = BUF_OF(memory);
    struct view view;

    if (!trial.ruled)
        return run_under(NULL);
    assert_int_equal(trial.is_tdx ? tdx_terms_encode(&trial.tdx, &rules) : sgx_terms_encode(&trial.sgx, &rules),
                     STATUS_OK);
    view = buf_view(&rules);
    return run_under(&view);
}

static struct dcap_terms *platform(void)
{
    return trial.is_tdx ? &trial.tdx.platform : &trial.sgx.platform;
}

/* In the middle of its window, without what follows the quote. */
static void set_up(const struct dcap_case *one)
{
    memset(&trial, 0, sizeof trial);
    trial.one = one;
    trial.memory = BUF_OF(trial.bytes);
    trial.is_tdx = strcmp(text_of(member(one->expected, "header"), "body_kind"), "sgx") != 0;
    trial.quote = (struct view){one->quote.ptr, number_of(member(one->expected, "header"), "bytes_used")};
    for (size_t i = 0; i < one->endorsement_count; i++)
        trial.endorsements.list[trial.endorsements.count++] = one->endorsements[i];
    trial.now = (uint64_t)(one->not_before + (one->not_after - one->not_before) / 2);
    trial.report_data = bytes_of("report_data");
    (void)run();
    if (trial.is_tdx)
        dcap_case_tdx_terms(one, &trial.out, &trial.memory, &trial.tdx);
    else
        dcap_case_sgx_terms(one, &trial.out, &trial.memory, &trial.sgx);
    trial.ruled = true;
}

static bool with_each(void (*run_case)(const struct dcap_case *one))
{
    if (dcap_cases_each("sgx", run_case) > 0 && dcap_cases_each("tdx", run_case) > 0)
        return true;
    skip();
    return false;
}

static void with_both(void (*run_case)(const struct dcap_case *one))
{
    if (!dcap_case_run("sgx", SGX_CASE, run_case) || !dcap_case_run("tdx", TDX_CASE, run_case))
        skip();
}

/* ---- what is to be found out ---- */

static const struct appraisal_field *field(const char *name, size_t number)
{
    for (uint32_t i = 0; i < trial.out.field_count; i++)
        if (strcmp(trial.out.fields[i].name, name) == 0 && number-- == 0)
            return &trial.out.fields[i];
    return NULL;
}

static const struct appraisal_field *need_field(const char *name, size_t number)
{
    const struct appraisal_field *found = field(name, number);

    if (found == NULL)
        fail_msg("no field %s", name);
    return found;
}

static void assert_value(const char *name, size_t number, const cJSON *wanted)
{
    const struct appraisal_field *found = need_field(name, number);
    char hex[512];

    if (cJSON_IsNumber(wanted)) {
        assert_int_equal(found->type, FIELD_NUMBER);
        assert_int_equal(found->number, (uint64_t)wanted->valuedouble);
    } else if (cJSON_IsBool(wanted)) {
        assert_int_equal(found->type, FIELD_TRUTH);
        assert_int_equal(found->number, cJSON_IsTrue(wanted));
    } else if (found->type == FIELD_TEXT) {
        assert_true(view_equal(found->bytes, view_of_string(wanted->valuestring)));
    } else {
        assert_int_equal(found->type, FIELD_BYTES);
        assert_true(found->bytes.len * 2 < sizeof hex);
        hex_encode(found->bytes, hex);
        assert_string_equal(hex, wanted->valuestring);
    }
}

static bool is_among(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Every member of an object of the case, but for those left out. Gives how many there were. */
static size_t compare(const char *object, const char *prefix, const char *const *left_out)
{
    const cJSON *wanted, *element;
    size_t count = 0;

    cJSON_ArrayForEach(wanted, member(trial.one->expected, object))
    {
        char name[64];
        size_t number = 0;

        if (is_among(wanted->string, left_out))
            continue;
        count++;
        (void)snprintf(name, sizeof name, "%s%s", prefix, wanted->string);
        if (cJSON_IsNull(wanted))
            assert_null(field(name, 0));
        else if (cJSON_IsArray(wanted))
            cJSON_ArrayForEach(element, wanted) assert_value(name, number++, element);
        else
            assert_value(name, 0, wanted);
        if (number > 0)
            assert_null(field(name, number));
    }
    return count;
}

static size_t compare_identity(void)
{
    /* How the quote is laid out; dates that are part of the window; what is found without this collateral. */
    static const char *const header[] = {"ak_type",      "tee_type",  "qe_svn",
                                         "pce_svn",      "body_kind", "cert_data_type_outer",
                                         "sig_data_len", "trailing",  "cert_data_type_inner",
                                         "bytes_used",   NULL};
    static const char *const pck[] = {"leaf_validity", "revoked_in_collected_crls", NULL};
    static const char *const body[] = {"debug", NULL}, *const none[] = {NULL};
    const cJSON *debug = member(member(trial.one->expected, "body"), "debug");

    assert_int_equal(trial.out.debug, cJSON_IsTrue(debug));
    return 1 + compare("header", "", header) + compare("body", "", body) + compare("qe_report", "qe_", none) +
           compare("pck", "", pck);
}

static void assert_text_field(const char *name, const char *wanted)
{
    assert_true(view_equal(need_field(name, 0)->bytes, view_of_string(wanted)));
}

static void compare_statuses(void)
{
    const cJSON *evaluation = trial.one->evaluation, *level = member(evaluation, "platform_level");

    assert_string_equal(trial.out.tcb_status, dcap_case_status(trial.one));
    assert_text_field("qe_status", text_of(evaluation, "qe_status"));
    if (trial.is_tdx)
        assert_text_field("tdx_module_status", text_of(evaluation, "tdx_module_status"));
    if (member(evaluation, "tcb_status_current_tcb_svn2") != NULL)
        assert_text_field("tcb_status_current_tcb_svn2", text_of(evaluation, "tcb_status_current_tcb_svn2"));
    if (!cJSON_IsArray(level)) {
        assert_int_equal(trial.out.tcb_date, 0);
        return;
    }
    assert_text_field("platform_status", cJSON_GetArrayItem(level, 1)->valuestring);
    assert_true(trial.out.tcb_date > 0 &&
                trial.out.tcb_date <= (uint64_t)dcap_case_time(cJSON_GetArrayItem(level, 2)->valuestring));
    assert_true((int)trial.out.advisory_count >= cJSON_GetArraySize(cJSON_GetArrayItem(level, 3)));
}

/* Without rules; the window's edges are where the result begins and ends to be good. */
static void check_authenticity(const struct dcap_case *one, enum status wanted)
{
    trial.ruled = false;
    trial.quote = one->quote; /* with what follows it: noted, and no reason */
    assert_int_equal(run(), wanted);
    assert_true(trial.out.authentic);
    assert_int_equal(trial.out.ear_status, 0);
    assert_value("trailing", 0, member(member(one->expected, "header"), "trailing"));
    if (one->evaluation == NULL)
        return;
    assert_int_equal(trial.out.not_before, one->not_before);
    assert_int_equal(trial.out.not_after, one->not_after);
    for (int i = 0; i < 4; i++) {
        const bool within = i == 1 || i == 2;

        trial.now = (uint64_t)(i < 2 ? one->not_before - 1 + i : one->not_after - 2 + i);
        assert_int_equal(run() == wanted, within);
        assert_true(trial.out.authentic);
    }
}

static void check_case(const struct dcap_case *one)
{
    const bool accepted = one->evaluation != NULL && strcmp(dcap_case_status(one), "NotSupported") != 0;
    const enum status wanted = accepted                  ? STATUS_OK
                               : one->evaluation == NULL ? STATUS_EVIDENCE_CRL
                                                         : STATUS_EVIDENCE_TCB;
    enum status got;
    size_t compared;

    set_up(one);
    got = run();
    compared = compare_identity();
    print_message("  %s [%s]: expected %s, TCB %s; got %s, TCB %s, window %llu..%llu, %zu fields as expected\n",
                  one->name, one->label, wanted == STATUS_OK ? "accepted" : status_name(wanted),
                  one->evaluation == NULL ? "unknown" : dcap_case_status(one),
                  got == STATUS_OK ? "accepted" : status_name(got),
                  trial.out.tcb_status == NULL ? "unknown" : trial.out.tcb_status,
                  (unsigned long long)trial.out.not_before, (unsigned long long)trial.out.not_after, compared);
    assert_int_equal(got, wanted);
    if (accepted)
        assert_int_equal(trial.out.ear_status,
                         strcmp(dcap_case_status(one), "UpToDate") == 0 ? EAR_AFFIRMING : EAR_WARNING);
    if (one->evaluation != NULL) {
        compare_statuses();
        assert_int_equal(trial.out.not_before, one->not_before);
        assert_int_equal(trial.out.not_after, one->not_after);
    }
    check_authenticity(one, one->evaluation == NULL ? STATUS_OK : wanted);
}

static void finds_of_every_real_quote_what_is_expected(void **state)
{
    (void)state;
    (void)with_each(check_case);
}

/* ---- one line differs ---- */

struct difference {
    const char *why;
    void (*make)(unsigned number);
    unsigned number;
    enum status want;
    const char *check; /* of STATUS_OK: NULL */
};

static void as_it_is(unsigned number)
{
    (void)number;
}

static void other_status(unsigned number)
{
    platform()->statuses = number & ~platform()->statuses;
}

static void fewer_advisories(unsigned number)
{
    assert_true(platform()->advisories.count >= number);
    platform()->advisories.count -= number;
}

static void any_advisory(unsigned number)
{
    (void)number;
    platform()->advisories = (struct allowed){.any = true};
}

static void later_evaluation(unsigned number)
{
    platform()->min_evaluation += number;
}

/* The older of the two documents is so many seconds younger than its largest age. */
static void age(unsigned number)
{
    const uint64_t issued = (uint64_t)trial.one->not_before;

    /* The window begins with the newest; the other one is a little older. */
    platform()->max_age_s = trial.now - issued - number;
}

static void more_component(unsigned number)
{
    platform()->min_components[number]++;
}

static void more_pcesvn(unsigned number)
{
    platform()->min_pcesvn = (uint16_t)(platform()->min_pcesvn + number);
}

static void no_debug(unsigned number)
{
    (void)number;
    platform()->debug = false;
}

static void debug_too(unsigned number)
{
    (void)number;
    platform()->debug = true;
}

static void other_report_data(unsigned number)
{
    trial.bytes[(size_t)(trial.report_data.ptr - trial.bytes) + number] ^= 1;
}

static void longer_report_data(unsigned number)
{
    trial.report_data.len += number;
}

static void no_report_data(unsigned number)
{
    (void)number;
    trial.report_data.len = 0;
}

static void longer_quote(unsigned number)
{
    static uint8_t longer[DCAP_QUOTE_MAX + 1];

    assert_true(trial.quote.len + number <= sizeof longer);
    memcpy(longer, trial.quote.ptr, trial.quote.len);
    memset(longer + trial.quote.len, 0, number);
    trial.quote = (struct view){longer, trial.quote.len + number};
}

static void other_kind(unsigned number)
{
    (void)number;
    trial.is_tdx = !trial.is_tdx;
    if (!trial.is_tdx) {
        trial.sgx.mr_enclave = trial.tdx.mr_td;
        trial.sgx.mr_enclave.list[0].len = 32;
        trial.sgx.platform = trial.tdx.platform;
        return;
    }
    trial.tdx.platform = trial.sgx.platform;
    trial.tdx.mr_td = (struct allowed){.count = 1, .list = {{trial.bytes, DCAP_MEASUREMENT}}};
    trial.tdx.mr_config_id = trial.tdx.mr_owner = trial.tdx.mr_owner_config = (struct allowed){.any = true};
    for (size_t i = 0; i < DCAP_RTMRS; i++)
        trial.tdx.rtmr[i] = (struct allowed){.any = true};
}

#define NAME_AGE        "collateral is as recent as demanded"
#define NAME_EVALUATION "collateral is of a recent enough evaluation"
#define NAME_STATUS     "the TCB status is accepted"
#define NAME_ADVISORY   "every advisory is accepted"
#define NAME_COMPONENTS "TCB components reach the least that is demanded"
#define NAME_PCESVN     "PCESVN reaches the least that is demanded"
#define NAME_TRAILING   "nothing follows the quote"
#define NAME_DEBUG      "debug is off or accepted"
#define NAME_ENCLAVE    "the enclave, or its signer, product and version, is listed"
#define NAME_KIND       "the quote is of this kind of TEE"
#define NAME_BINDING    "report data"

static const struct difference platform_differences[] = {
    {"as it is", as_it_is, 0, STATUS_OK, NULL},
    {"all statuses but its own", other_status, 0x3fc, STATUS_EVIDENCE_TCB, NAME_STATUS},
    {"up to date only", other_status, 1 << DCAP_TCB_UP_TO_DATE, STATUS_EVIDENCE_TCB, NAME_STATUS},
    {"the last advisory is not accepted", fewer_advisories, 1, STATUS_EVIDENCE_ADVISORY, NAME_ADVISORY},
    {"any advisory", any_advisory, 0, STATUS_OK, NULL},
    {"one evaluation later", later_evaluation, 1, STATUS_EVIDENCE_EVALUATION, NAME_EVALUATION},
    {"much later", later_evaluation, 100, STATUS_EVIDENCE_EVALUATION, NAME_EVALUATION},
    {"younger than the newest document", age, 1, STATUS_EVIDENCE_COLLATERAL_EXPIRED, NAME_AGE},
    {"one more of the first component", more_component, 0, STATUS_EVIDENCE_TCB, NAME_COMPONENTS},
    {"one more of the last component", more_component, 15, STATUS_EVIDENCE_TCB, NAME_COMPONENTS},
    {"one more PCESVN", more_pcesvn, 1, STATUS_EVIDENCE_TCB, NAME_PCESVN},
    {"debug would be accepted", debug_too, 0, STATUS_OK, NULL},
    {"other report data, first byte", other_report_data, 0, STATUS_EVIDENCE_BINDING, NAME_BINDING},
    {"other report data, last byte", other_report_data, 63, STATUS_EVIDENCE_BINDING, NAME_BINDING},
    {"more report data than there is", longer_report_data, 1, STATUS_EVIDENCE_BINDING, NAME_BINDING},
    {"no report data to compare with", no_report_data, 0, STATUS_OK, NULL},
    {"a byte behind the quote", longer_quote, 1, STATUS_TRAILING, NAME_TRAILING},
    {"4000 bytes behind the quote", longer_quote, 4000, STATUS_TRAILING, NAME_TRAILING},
    {"a quote under the other kind's name", other_kind, 0, STATUS_EVIDENCE_KIND, NAME_KIND},
};

/* The reason, its check by name, and that no other check failed. */
static void assert_verdict(enum status want, const char *check)
{
    size_t failed = 0;

    assert_int_equal(run(), want);
    for (uint32_t i = 0; i < trial.out.check_count; i++)
        failed += trial.out.checks[i].outcome == CHECK_FAILED;
    assert_int_equal(failed, want == STATUS_OK ? 0 : 1);
    if (want != STATUS_OK)
        assert_string_equal(appraisal_failed(&trial.out)->name, check);
    if (want != STATUS_EVIDENCE_KIND)
        assert_true(trial.out.authentic);
    assert_int_equal(trial.out.ear_status == 0, want != STATUS_OK);
}

static void make_each(const struct dcap_case *one, const struct difference *differences, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("  %s: %s\n", one->name, differences[i].why);
        set_up(one);
        differences[i].make(differences[i].number);
        assert_verdict(differences[i].want, differences[i].check);
    }
}

static void make_each_of_platform(const struct dcap_case *one)
{
    make_each(one, platform_differences, ARRAY_LEN(platform_differences));
}

static void tells_of_each_line_about_the_platform_its_own_reason(void **state)
{
    (void)state;
    with_both(make_each_of_platform);
}

static void list_signer(unsigned number)
{
    trial.sgx.mr_enclave.count = 0;
    trial.sgx.signer_count = 1;
    trial.sgx.signers[0].mr_signer = bytes_of("mrsigner");
    trial.sgx.signers[0].product =
        (uint16_t)(number_of(member(trial.one->expected, "body"), "isvprodid") + (number >> 8));
    trial.sgx.signers[0].min_svn =
        (uint16_t)(number_of(member(trial.one->expected, "body"), "isvsvn") + (number & 0xff));
}

static void list_other_signer(unsigned number)
{
    list_signer(0);
    trial.bytes[trial.memory.len - 32 + number] ^= 1;
}

static void list_signer_second(unsigned number)
{
    list_other_signer(0);
    trial.sgx.signers[trial.sgx.signer_count++] = (struct sgx_signer){
        bytes_of("mrsigner"), (uint16_t)number, (uint16_t)number_of(member(trial.one->expected, "body"), "isvsvn")};
}

static void list_other_enclave(unsigned number)
{
    trial.bytes[trial.memory.len - 32 + number] ^= 1;
}

static void list_enclave_second(unsigned number)
{
    (void)number;
    trial.sgx.mr_enclave.list[1] = bytes_of("mrsigner");
    trial.sgx.mr_enclave.list[2] = bytes_of("mrenclave");
    trial.sgx.mr_enclave.count = 3;
    trial.sgx.mr_enclave.list[0] = trial.sgx.mr_enclave.list[1];
}

static void differ_in_sgx(const struct dcap_case *one)
{
    static const struct difference differences[] = {
        {"another enclave, by its first byte", list_other_enclave, 0, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
        {"another enclave, by its last byte", list_other_enclave, 31, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
        {"the third of several enclaves", list_enclave_second, 0, STATUS_OK, NULL},
        {"its signer", list_signer, 0, STATUS_OK, NULL},
        {"its signer, one version later", list_signer, 1, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
        {"another product of its signer", list_signer, 0x100, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
        {"another signer", list_other_signer, 31, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
        {"its signer, the second of two", list_signer_second, 0, STATUS_OK, NULL},
        {"neither of two signers", list_signer_second, 7, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
    };

    make_each(one, differences, ARRAY_LEN(differences));
}

static void tells_of_each_line_about_enclaves_its_own_reason(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", SGX_CASE, differ_in_sgx))
        skip();
}

static struct allowed *measurement(unsigned number)
{
    struct allowed *const all[] = {&trial.tdx.mr_td,    &trial.tdx.rtmr[0],        &trial.tdx.rtmr[1],
                                   &trial.tdx.rtmr[2],  &trial.tdx.rtmr[3],        &trial.tdx.mr_config_id,
                                   &trial.tdx.mr_owner, &trial.tdx.mr_owner_config};

    return all[number];
}

static void other_measurement(unsigned number)
{
    trial.bytes[measurement(number)->list[0].ptr - trial.bytes + 47] ^= 1;
}

static void any_measurement(unsigned number)
{
    *measurement(number) = (struct allowed){.any = true};
}

static void more_module(unsigned number)
{
    trial.tdx.min_tee_tcb_svn[number]++;
}

static void allow_no_attribute(unsigned number)
{
    (void)number;
    trial.tdx.attributes_allowed = trial.tdx.attributes_required = 0;
}

static void allow_every_attribute(unsigned number)
{
    (void)number;
    trial.tdx.attributes_allowed = ~(uint64_t)0xff;
}

static void require_attribute(unsigned number)
{
    trial.tdx.attributes_allowed |= (uint64_t)1 << number;
    trial.tdx.attributes_required |= (uint64_t)1 << number;
}

static void differ_in_tdx(const struct dcap_case *one)
{
    static const struct difference differences[] = {
        {"another domain", other_measurement, 0, STATUS_EVIDENCE_MEASUREMENT, "MRTD is listed"},
        {"another RTMR0", other_measurement, 1, STATUS_EVIDENCE_MEASUREMENT, "RTMR0 is listed"},
        {"another RTMR1", other_measurement, 2, STATUS_EVIDENCE_MEASUREMENT, "RTMR1 is listed"},
        {"another RTMR2", other_measurement, 3, STATUS_EVIDENCE_MEASUREMENT, "RTMR2 is listed"},
        {"another RTMR3", other_measurement, 4, STATUS_EVIDENCE_MEASUREMENT, "RTMR3 is listed"},
        {"another MRCONFIGID", other_measurement, 5, STATUS_EVIDENCE_MEASUREMENT, "MRCONFIGID is listed"},
        {"another MROWNER", other_measurement, 6, STATUS_EVIDENCE_MEASUREMENT, "MROWNER is listed"},
        {"another MROWNERCONFIG", other_measurement, 7, STATUS_EVIDENCE_MEASUREMENT, "MROWNERCONFIG is listed"},
        {"any RTMR0", any_measurement, 1, STATUS_OK, NULL},
        {"any MROWNERCONFIG", any_measurement, 7, STATUS_OK, NULL},
        {"a later module", more_module, 0, STATUS_EVIDENCE_TCB, "TEE_TCB_SVN reaches the least that is demanded"},
        {"another module", more_module, 1, STATUS_EVIDENCE_TCB, "TEE_TCB_SVN reaches the least that is demanded"},
        {"the last of its versions", more_module, 15, STATUS_EVIDENCE_TCB,
         "TEE_TCB_SVN reaches the least that is demanded"},
        {"its attribute is not allowed", allow_no_attribute, 0, STATUS_EVIDENCE_GUEST_POLICY,
         "no attribute is set that is not allowed"},
        {"every attribute is allowed", allow_every_attribute, 0, STATUS_OK, NULL},
        {"PKS is required", require_attribute, 30, STATUS_EVIDENCE_GUEST_POLICY, "every required attribute is set"},
        {"PERFMON is required", require_attribute, 63, STATUS_EVIDENCE_GUEST_POLICY, "every required attribute is set"},
        {"the attribute is required that is set", require_attribute, 28, STATUS_OK, NULL},
    };

    make_each(one, differences, ARRAY_LEN(differences));
}

static void tells_of_each_line_about_domains_its_own_reason(void **state)
{
    (void)state;
    if (!dcap_case_run("tdx", TDX_CASE, differ_in_tdx))
        skip();
}

static void differ_in_debug(const struct dcap_case *one)
{
    static const struct difference differences[] = {
        {"debug is accepted", as_it_is, 0, STATUS_OK, NULL},
        {"debug is not accepted", no_debug, 0, STATUS_EVIDENCE_DEBUG, NAME_DEBUG},
    };

    make_each(one, differences, ARRAY_LEN(differences));
    assert_true(trial.out.debug);
}

static void takes_an_enclave_in_debug_only_where_the_policy_says_so(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", "quote_v3_debug_outofdate", differ_in_debug))
        skip();
}

/* ---- time ---- */

static void age_by_seconds(const struct dcap_case *one)
{
    uint64_t least = 1;

    /* The largest age that is refused is one second below the smallest that is accepted; nothing else decides. */
    set_up(one);
    for (uint64_t step = (uint64_t)1 << 31; step > 0; step /= 2) {
        platform()->max_age_s = least + step;
        if (platform()->max_age_s <= TIME_MAX && run() != STATUS_OK)
            least += step;
    }
    platform()->max_age_s = least + 1;
    assert_int_equal(run(), STATUS_OK);
    platform()->max_age_s = least;
    assert_verdict(STATUS_EVIDENCE_COLLATERAL_EXPIRED, NAME_AGE);
    /* The older document is at least as old as the one that the window begins with. */
    assert_true(least + 1 >= trial.now - (uint64_t)one->not_before);
    trial.now += 100;
    platform()->max_age_s = least + 101;
    assert_int_equal(run(), STATUS_OK);
    platform()->max_age_s = least + 100;
    assert_verdict(STATUS_EVIDENCE_COLLATERAL_EXPIRED, NAME_AGE);
}

static void counts_the_age_of_the_older_document(void **state)
{
    (void)state;
    with_both(age_by_seconds);
}

static bool grace_is(bool wanted)
{
    return need_field("grace", 0)->number == wanted;
}

static void grant_grace(const struct dcap_case *one)
{
    enum status without;

    set_up(one);
    trial.now = (uint64_t)one->not_after;
    assert_int_equal(run(), STATUS_OK);
    assert_true(grace_is(false));
    trial.now++;
    without = run();
    assert_true(without == STATUS_EVIDENCE_COLLATERAL_EXPIRED || without == STATUS_EVIDENCE_CRL);
    assert_true(grace_is(false));

    platform()->grace_s = DAY_S;
    assert_int_equal(run(), STATUS_OK);
    assert_true(grace_is(true));
    assert_int_equal(trial.out.ear_status, EAR_WARNING);
    assert_int_equal(trial.out.not_before, one->not_before);
    assert_int_equal(trial.out.not_after, one->not_after);
    print_message("  %s: the last second of grace, and the first after\n", one->name);
    trial.now = (uint64_t)one->not_after + DAY_S;
    assert_int_equal(run(), STATUS_OK);
    assert_true(grace_is(true));
    trial.now++;
    assert_true(run() == STATUS_EVIDENCE_CRL || trial.out.reason == STATUS_EVIDENCE_COLLATERAL_EXPIRED);
    assert_true(grace_is(false));

    print_message("  %s: no grace before the beginning\n", one->name);
    platform()->grace_s = TIME_MAX;
    trial.now = (uint64_t)one->not_before - 1;
    assert_int_not_equal(run(), STATUS_OK);
    assert_true(grace_is(false));
    print_message("  %s: no grace for certificates\n", one->name);
    platform()->max_age_s = TIME_MAX;
    trial.now = (uint64_t)dcap_case_time("2048-01-01T00:00:00Z");
    assert_int_equal(run(), STATUS_EVIDENCE_EXPIRED);
    print_message("  %s: no grace without rules\n", one->name);
    trial.ruled = false;
    trial.now = (uint64_t)one->not_after + 1;
    assert_int_equal(run(), without);
    assert_true(grace_is(false));
}

static void takes_collateral_that_ended_for_as_long_as_the_policy_says(void **state)
{
    (void)state;
    with_both(grant_grace);
    (void)dcap_case_run("tdx", "quote_v4_uptodate", grant_grace);
}

/* A list of the year before beside documents of this year: each is judged by its own end. */
static struct {
    uint8_t bytes[65536];
    struct view crl;
    int64_t ended;
} stale;

enum { TCB_INFO, QE_IDENTITY, PCK_CRL, ROOT_CRL, SIGNER }; /* the order of endorsements in expected.json */

static void mix_years(const struct dcap_case *one)
{
    if (strcmp(one->name, TDX_CASE) != 0)
        return;
    if (stale.crl.len == 0) {
        memcpy(stale.bytes, one->endorsements[PCK_CRL].ptr, one->endorsements[PCK_CRL].len);
        stale.crl = (struct view){stale.bytes, one->endorsements[PCK_CRL].len};
        stale.ended = one->not_after;
        return;
    }
    set_up(one);
    trial.endorsements.list[PCK_CRL] = stale.crl;
    assert_verdict(STATUS_EVIDENCE_CRL, dcap_check_text(DCAP_CHECK_PCK_CRL));
    platform()->grace_s = 2 * 365 * DAY_S;
    assert_verdict(STATUS_OK, NULL);
    assert_true(grace_is(true));
    assert_true(trial.out.not_after < trial.out.not_before);
    platform()->grace_s = trial.now - trial.out.not_after;
    assert_verdict(STATUS_OK, NULL);
    platform()->grace_s--;
    assert_verdict(STATUS_EVIDENCE_CRL, dcap_check_text(DCAP_CHECK_PCK_CRL));
    /* Grace for what ended is none for what has not begun. */
    platform()->grace_s = 2 * 365 * DAY_S;
    trial.now = (uint64_t)one->not_before;
    assert_verdict(STATUS_OK, NULL);
    trial.now--;
    assert_int_not_equal(run(), STATUS_OK);
}

static void judges_each_piece_of_collateral_by_its_own_end(void **state)
{
    (void)state;
    if (dcap_cases_each("tdx", mix_years) == 0)
        skip();
    assert_true(stale.crl.len > 0);
}

/* ---- collateral ---- */

static uint8_t changed[65536];

/* A copy of an endorsement, which may be written to and may grow. */
static struct view *writable(unsigned number)
{
    struct view *view = &trial.endorsements.list[number];

    assert_true(view->len < sizeof changed / 2);
    memset(changed, 0, sizeof changed);
    memcpy(changed, view->ptr, view->len);
    view->ptr = changed;
    return view;
}

static void insert(unsigned number, const char *marker, const char *text)
{
    struct view *view = writable(number);
    char *at = strstr((char *)changed, marker);

    assert_non_null(at);
    at += strlen(marker);
    memmove(at + strlen(text), at, view->len - (size_t)(at - (char *)changed));
    memcpy(at, text, strlen(text));
    view->len += strlen(text);
}

static void leave_out(unsigned number)
{
    trial.endorsements.list[number] = trial.endorsements.list[--trial.endorsements.count];
}

static void leave_out_all(unsigned number)
{
    trial.endorsements.count = number;
}

static void reformat(unsigned number)
{
    insert(number, number == TCB_INFO ? "\"tcbInfo\":{" : "\"enclaveIdentity\":{", " ");
}

static void repeat_key(unsigned number)
{
    insert(number, number == TCB_INFO ? "\"tcbInfo\":{" : "\"enclaveIdentity\":{", "\"version\":3,");
}

static void forge_crl(unsigned number)
{
    changed[writable(number)->len - 1] ^= 1;
}

static void repeat_crl(unsigned number)
{
    trial.endorsements.list[number] = trial.endorsements.list[number == PCK_CRL ? ROOT_CRL : PCK_CRL];
}

static void cut_document(unsigned number)
{
    trial.endorsements.list[number].len--;
}

static void add_garbage(unsigned number)
{
    static const uint8_t garbage[] = "garbage";

    trial.endorsements.list[trial.endorsements.count++] = (struct view){garbage, number};
}

static void reverse(unsigned number)
{
    struct endorsements *all = &trial.endorsements;

    (void)number;
    for (uint32_t i = 0; i < all->count / 2; i++) {
        const struct view kept = all->list[i];

        all->list[i] = all->list[all->count - 1 - i];
        all->list[all->count - 1 - i] = kept;
    }
}

static void differ_in_collateral(const struct dcap_case *one)
{
    static const struct {
        const char *why;
        void (*make)(unsigned number);
        unsigned number;
        enum status want;
        enum dcap_check check;
    } differences[] = {
        {"in another order", reverse, 0, STATUS_OK, 0},
        {"no TCB info", leave_out, TCB_INFO, STATUS_EVIDENCE_COLLATERAL, DCAP_CHECK_TCB_INFO},
        {"no QE identity", leave_out, QE_IDENTITY, STATUS_EVIDENCE_COLLATERAL, DCAP_CHECK_QE_IDENTITY},
        {"no list of the PCK authority", leave_out, PCK_CRL, STATUS_EVIDENCE_CRL, DCAP_CHECK_PCK_CRL},
        {"no list of the root", leave_out, ROOT_CRL, STATUS_EVIDENCE_CRL, DCAP_CHECK_ROOT_CRL},
        {"no signer", leave_out, SIGNER, STATUS_EVIDENCE_COLLATERAL, DCAP_CHECK_TCB_SIGNER},
        {"nothing", leave_out_all, 0, STATUS_EVIDENCE_CRL, DCAP_CHECK_ROOT_CRL},
        {"the root's list twice, the other's not", repeat_crl, PCK_CRL, STATUS_EVIDENCE_CRL, DCAP_CHECK_PCK_CRL},
        {"the other's list twice, the root's not", repeat_crl, ROOT_CRL, STATUS_EVIDENCE_CRL, DCAP_CHECK_ROOT_CRL},
        {"a list with another signature", forge_crl, PCK_CRL, STATUS_FORGED, DCAP_CHECK_PCK_CRL},
        {"TCB info reformatted", reformat, TCB_INFO, STATUS_FORGED, DCAP_CHECK_TCB_INFO},
        {"QE identity reformatted", reformat, QE_IDENTITY, STATUS_FORGED, DCAP_CHECK_QE_IDENTITY},
        {"a key twice in TCB info", repeat_key, TCB_INFO, STATUS_DUPLICATE_KEY, DCAP_CHECK_ENDORSEMENTS},
        {"a key twice in QE identity", repeat_key, QE_IDENTITY, STATUS_DUPLICATE_KEY, DCAP_CHECK_ENDORSEMENTS},
        {"TCB info cut short", cut_document, TCB_INFO, STATUS_TRUNCATED, DCAP_CHECK_ENDORSEMENTS},
        {"garbage beside it all", add_garbage, 7, STATUS_MALFORMED, DCAP_CHECK_ENDORSEMENTS},
        {"an empty item", add_garbage, 0, STATUS_MALFORMED, DCAP_CHECK_ENDORSEMENTS},
    };

    for (size_t i = 0; i < ARRAY_LEN(differences); i++) {
        print_message("  %s: %s\n", one->name, differences[i].why);
        set_up(one);
        differences[i].make(differences[i].number);
        assert_int_equal(run(), differences[i].want);
        assert_true(trial.out.authentic);
        if (differences[i].want != STATUS_OK)
            assert_string_equal(appraisal_failed(&trial.out)->name, dcap_check_text(differences[i].check));
    }
}

static void tells_of_each_flaw_of_collateral_its_own_reason(void **state)
{
    (void)state;
    with_both(differ_in_collateral);
}

/* ---- bounds ---- */

/* The same number of checks in the same order, whatever is shown, as the one that came furthest is found by number. */
static void list_checks(const struct dcap_case *one)
{
    static struct appraisal wanted;
    static const uint8_t garbage[100];

    set_up(one);
    assert_int_equal(run(), STATUS_OK);
    wanted = trial.out;
    for (int i = 0; i < 4; i++) {
        set_up(one);
        if (i == 0)
            trial.endorsements.count = 0;
        else if (i == 1)
            trial.quote = VIEW_OF(garbage);
        else if (i == 2)
            trial.quote.len = 0;
        else
            trial.ruled = false;
        (void)run();
        assert_int_equal(trial.out.check_count, wanted.check_count);
        for (uint32_t k = 0; k < wanted.check_count; k++)
            assert_string_equal(trial.out.checks[k].name, wanted.checks[k].name);
        assert_int_equal(trial.out.authentic, i == 0 || i == 3);
        if (!trial.out.authentic)
            assert_int_equal(trial.out.field_count + trial.out.measurement.len, 0);
    }
}

static void makes_always_the_same_checks(void **state)
{
    (void)state;
    with_both(list_checks);
}

/* Ten megabytes that cannot be read: a look at them would end the test. */
static void refuses_without_a_look_what_is_too_large(void **state)
{
    const size_t size = 10 * 1024 * 1024;
    uint8_t *unreadable = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static const uint8_t garbage[200];

    (void)state;
    assert_true(unreadable != MAP_FAILED);
    for (int i = 0; i < 4; i++) {
        memset(&trial, 0, sizeof trial);
        trial.is_tdx = i % 2 != 0;
        trial.quote = i < 2 ? (struct view){unreadable, size} : VIEW_OF(garbage);
        trial.endorsements = (struct endorsements){.count = 1, .list = {{unreadable, size}}};
        assert_int_equal(run(), i < 2 ? STATUS_OUT_OF_RANGE : STATUS_UNSUPPORTED);
        assert_false(trial.out.authentic);
    }
    assert_int_equal(munmap(unreadable, size), 0);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__clang__) /* frames grow under sanitizers */
#define SMALL_STACK (512 * 1024)
#else
#define SMALL_STACK (128 * 1024)
#endif

static void *run_apart(void *ignored)
{
    (void)ignored;
    (void)run();
    return NULL;
}

static void appraise_on_a_small_stack(const struct dcap_case *one)
{
    pthread_attr_t attributes;
    pthread_t thread;

    set_up(one);
    trial.out.reason = STATUS_IO;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, SMALL_STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run_apart, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attributes), 0);
    assert_int_equal(trial.out.reason, STATUS_OK);
}

static void appraises_on_a_small_stack(void **state)
{
    (void)state;
    with_both(appraise_on_a_small_stack);
}

static void endorse_too_much(const struct dcap_case *one)
{
    const size_t size = DCAP_ENDORSEMENTS_BYTES_MAX + 1;
    uint8_t *unreadable = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(unreadable != MAP_FAILED);
    set_up(one);
    trial.endorsements.list[trial.endorsements.count++] = (struct view){unreadable, size};
    assert_int_equal(run(), STATUS_OUT_OF_RANGE);
    assert_true(trial.out.authentic);
    assert_int_equal(munmap(unreadable, size), 0);
}

static void refuses_without_a_look_too_many_endorsements(void **state)
{
    (void)state;
    with_both(endorse_too_much);
}

static void refuses_rules_that_it_cannot_read_before_all_else(void **state)
{
    static const uint8_t garbage[] = {0xff, 0x00};
    const struct view rules = VIEW_OF(garbage);

    (void)state;
    for (int i = 0; i < 2; i++) {
        memset(&trial, 0, sizeof trial);
        trial.is_tdx = i == 1;
        assert_int_equal(run_under(&rules), STATUS_MALFORMED);
        assert_ptr_equal(appraisal_failed(&trial.out), &trial.out.checks[0]);
        for (uint32_t k = 1; k < trial.out.check_count; k++)
            assert_int_equal(trial.out.checks[k].outcome, CHECK_NOT_MADE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_of_every_real_quote_what_is_expected),
        cmocka_unit_test(tells_of_each_line_about_the_platform_its_own_reason),
        cmocka_unit_test(tells_of_each_line_about_enclaves_its_own_reason),
        cmocka_unit_test(tells_of_each_line_about_domains_its_own_reason),
        cmocka_unit_test(takes_an_enclave_in_debug_only_where_the_policy_says_so),
        cmocka_unit_test(counts_the_age_of_the_older_document),
        cmocka_unit_test(takes_collateral_that_ended_for_as_long_as_the_policy_says),
        cmocka_unit_test(judges_each_piece_of_collateral_by_its_own_end),
        cmocka_unit_test(tells_of_each_flaw_of_collateral_its_own_reason),
        cmocka_unit_test(makes_always_the_same_checks),
        cmocka_unit_test(refuses_without_a_look_what_is_too_large),
        cmocka_unit_test(refuses_without_a_look_too_many_endorsements),
        cmocka_unit_test(refuses_rules_that_it_cannot_read_before_all_else),
        cmocka_unit_test(appraises_on_a_small_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

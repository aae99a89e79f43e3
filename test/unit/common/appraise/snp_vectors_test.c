/* Real SEV-SNP reports of several clouds and products: all come out as the table beside them says.
 * Needs the examples in TACIT_VECTORS/snp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "hex.h"
#include "snp.h"

#define FILES_MAX 8

/* Files of one case, read. */
struct files {
    uint8_t memory[FILES_MAX * 4096], space[SNP_SPACE];
    struct buf used;
    struct endorsements endorsements;
};

static struct files files;
static char folder[512];

static struct view read_file(const char *name)
{
    char path[sizeof folder + 128];
    uint8_t *start = files.used.ptr + files.used.len;
    FILE *file;
    size_t len;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(start, 1, files.used.cap - files.used.len, file);
    (void)fclose(file);
    assert_true(len > 0 && files.used.len + len < files.used.cap);
    files.used.len += len;
    return (struct view){start, len};
}

static void forget_files(void)
{
    files.used = BUF_OF(files.memory);
    files.endorsements.count = 0;
}

static void endorse(const char *name)
{
    assert_true(files.endorsements.count < FILES_MAX);
    files.endorsements.list[files.endorsements.count++] = read_file(name);
}

static const cJSON *item(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_non_null(found);
    return found;
}

static bool is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(item(object, name)) || item(object, name)->valuedouble == 1;
}

static bool all_true(const cJSON *list)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, list) if (!cJSON_IsTrue(entry)) return false;
    return true;
}

static int64_t seconds(const char *text)
{
    struct tm tm = {0};

    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm));
    return timegm(&tm);
}

static struct snp_result examine(struct view report, int64_t time)
{
    const struct snp_evidence evidence = {
        .report = report, .endorsements = &files.endorsements, .time = time, .roots = snp_roots};
    struct buf space = BUF_OF(files.space);
    struct snp_result result;

    snp_examine(&evidence, &space, &result);
    return result;
}

static enum snp_outcome outcome_of(const cJSON *verified, const char *name)
{
    const cJSON *found = item(verified, name);

    if (cJSON_IsNull(found))
        return SNP_NOT_CHECKED;
    return cJSON_IsTrue(found) || ((cJSON_IsArray(found) || cJSON_IsObject(found)) && all_true(found)) ? SNP_PASSED
                                                                                                       : SNP_FAILED;
}

static void check_contents(const struct snp_report *report, const cJSON *wanted)
{
    const struct {
        const char *name;
        struct view got;
    } fields[] = {
        {"family_id", report->family_id},         {"image_id", report->image_id},
        {"current_tcb", report->current_tcb},     {"report_data", report->report_data},
        {"measurement", report->measurement},     {"host_data", report->host_data},
        {"id_key_digest", report->id_key_digest}, {"author_key_digest", report->author_key_digest},
        {"report_id", report->report_id},         {"report_id_ma", report->migration_agent_id},
        {"reported_tcb", report->reported_tcb},   {"chip_id", report->chip_id},
        {"committed_tcb", report->committed_tcb}, {"launch_tcb", report->launch_tcb},
    };
    char text[32];

    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        assert_hex_equal(fields[i].got, item(wanted, fields[i].name)->valuestring);
    assert_int_equal(report->version, item(wanted, "version")->valueint);
    assert_int_equal(report->guest_svn, item(wanted, "guest_svn")->valueint);
    assert_int_equal(report->vmpl, item(wanted, "vmpl")->valueint);
    assert_int_equal(report->signing_key, item(wanted, "signing_key")->valueint);
    (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)report->policy);
    assert_string_equal(text, item(wanted, "policy")->valuestring);
    (void)snprintf(text, sizeof text, "%u.%u.%u", report->current.major, report->current.minor, report->current.build);
    assert_string_equal(text, item(wanted, "cur_ver")->valuestring);
}

static void check_tcb(const struct snp_tcb *tcb, const cJSON *wanted)
{
    assert_int_equal(tcb->bootloader, item(wanted, "bl")->valueint);
    assert_int_equal(tcb->tee, item(wanted, "tee")->valueint);
    assert_int_equal(tcb->snp, item(wanted, "snp")->valueint);
    assert_int_equal(tcb->microcode, item(wanted, "ucode")->valueint);
}

static enum status verdict_of(const cJSON *report)
{
    const cJSON *policy = item(report, "pol");

    if (is_true(policy, "debug"))
        return STATUS_EVIDENCE_DEBUG;
    return is_true(policy, "migrate") ? STATUS_EVIDENCE_GUEST_POLICY : STATUS_OK;
}

static void check_window(struct view report, const cJSON *window, enum status verdict)
{
    const int64_t first = seconds(cJSON_GetArrayItem(window, 0)->valuestring);
    const int64_t last = seconds(cJSON_GetArrayItem(window, 1)->valuestring);
    struct snp_result result = examine(report, last);

    assert_true(result.not_before == first && result.not_after == last);
    assert_int_equal(result.verdict, verdict);
    assert_int_equal(examine(report, first - 1).verdict, STATUS_EVIDENCE_NOT_YET);
    assert_int_equal(examine(report, last + 1).verdict, STATUS_EVIDENCE_EXPIRED);
}

static void run(const cJSON *one)
{
    const cJSON *verified = item(one, "verified"), *endorsement = item(one, "endorsement"), *ca;
    const cJSON *wanted = item(one, "report"), *window = item(one, "window");
    const enum status verdict = verdict_of(wanted);
    struct snp_result result;
    struct view report;

    forget_files();
    report = read_file(item(one, "evidence")->valuestring);
    endorse(item(endorsement, "file")->valuestring);
    cJSON_ArrayForEach(ca, item(endorsement, "ca")) endorse(ca->valuestring);
    result = examine(report, seconds(cJSON_GetArrayItem(window, 0)->valuestring));
    print_message("  %-28s expected %s, got %s (%s)\n", item(one, "name")->valuestring, status_name(verdict),
                  status_name(result.verdict), result.authentic ? "authentic" : "not authentic");
    assert_int_equal(result.checks[SNP_CHECK_SIGNATURE].outcome, outcome_of(verified, "report_signature"));
    assert_int_equal(result.checks[SNP_CHECK_CHAIN].outcome, outcome_of(verified, "chain_leaf_ask_ark"));
    assert_int_equal(result.checks[SNP_CHECK_TCB].outcome, outcome_of(verified, "tcb_ext_equals_reported_tcb"));
    assert_int_equal(result.checks[SNP_CHECK_CHIP].outcome, outcome_of(verified, "hwid_equals_chip_id"));
    assert_int_equal(result.checks[SNP_CHECK_REVOCATION].outcome, SNP_NOT_CHECKED);
    assert_int_equal(result.verdict, verdict);
    assert_true(result.authentic);
    check_contents(&result.report, wanted);
    check_tcb(&result.reported, item(wanted, "rtcb"));
    check_window(report, window, verdict);
}

static cJSON *load(void)
{
    const char *vectors = getenv("TACIT_VECTORS");
    static char text[1 << 20];
    char path[sizeof folder + 16];
    FILE *file;

    (void)snprintf(folder, sizeof folder, "%s/snp", vectors != NULL ? vectors : "../shared/vectors");
    (void)snprintf(path, sizeof path, "%s/expected.json", folder);
    file = fopen(path, "rb");
    if (file == NULL) {
        print_message("  no examples in %s: set TACIT_VECTORS\n", folder);
        skip();
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    return cJSON_Parse(text);
}

static void real_reports_come_out_as_published(void **state)
{
    (void)state;
    cJSON *root = load();
    const cJSON *one;

    assert_non_null(root);
    assert_true(cJSON_GetArraySize(item(root, "cases")) > 0);
    cJSON_ArrayForEach(one, item(root, "cases")) run(one);
    cJSON_Delete(root);
}

static void a_revocation_list_of_the_root_counts_in_its_time_only(void **state)
{
    (void)state;
    const char *const others[] = {"vcek_v2_milan_debug_policy.der", "ca_ask_milan.der", "crl_ark_milan_2022-05-09.der",
                                  "crl_ark_genoa_2022-10-31.der"};
    struct snp_result result;
    struct view report;

    cJSON_Delete(load());
    forget_files();
    report = read_file("report_v2_milan_debug_policy.bin");
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        endorse(others[i]);
    result = examine(report, seconds("2023-01-01T00:00:00Z"));
    assert_true(result.authentic);
    assert_int_equal(result.checks[SNP_CHECK_REVOCATION].outcome, SNP_PASSED);
    assert_true(result.not_after == seconds("2023-05-09T23:00:00Z"));
    result = examine(report, seconds("2023-05-09T23:00:01Z"));
    assert_false(result.authentic);
    assert_int_equal(result.verdict, STATUS_EVIDENCE_CRL);
}

static void changed_certificates_are_refused(void **state)
{
    (void)state;
    const char *const changed[] = {"vcek_invalid_legacy.der", "vcek_invalid_new.der"};

    cJSON_Delete(load());
    for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
        struct snp_result result;
        struct view report;

        forget_files();
        report = read_file("report_v2_milan_vcek.bin");
        endorse(changed[i]);
        endorse("ca_ask_milan.der");
        result = examine(report, seconds("2024-01-01T00:00:00Z"));
        assert_false(result.authentic);
        assert_int_equal(result.checks[SNP_CHECK_CHAIN].outcome, SNP_FAILED);
        assert_int_equal(result.checks[SNP_CHECK_CHIP].outcome, SNP_FAILED);
    }
}

/* There is no report to it, so one is made up: everything but its signature holds. */
static void a_turin_chain_holds(void **state)
{
    (void)state;
    static const uint8_t tcb[8] = {[7] = 9}, chip[8] = {0x1e, 0x55, 0x0a, 0x8e, 0xe5, 0xcf, 0x9f, 0x4d};
    uint8_t report[SNP_REPORT_SIZE] = {[0] = 3, [0x0a] = 2, [0x34] = 1, [0x188] = 0x1a, [0x189] = 2};
    struct snp_result result;

    cJSON_Delete(load());
    forget_files();
    memcpy(report + 0x180, tcb, sizeof tcb);
    memcpy(report + 0x1a0, chip, sizeof chip);
    endorse("ca_ark_turin.der");
    endorse("vcek_turin_noreport.der");
    endorse("ca_ask_turin.der");
    result = examine(VIEW_OF(report), seconds("2025-01-01T00:00:00Z"));
    assert_int_equal(result.verdict, STATUS_FORGED);
    for (int id = 0; id <= SNP_CHECK_VALIDITY; id++)
        assert_int_equal(result.checks[id].outcome, id == SNP_CHECK_SIGNATURE ? SNP_FAILED : SNP_PASSED);
    assert_int_equal(result.product, SNP_TURIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_reports_come_out_as_published),
        cmocka_unit_test(a_revocation_list_of_the_root_counts_in_its_time_only),
        cmocka_unit_test(changed_certificates_are_refused),
        cmocka_unit_test(a_turin_chain_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Real SEV-SNP reports through the row: without rules, and under rules that fit them and no others.
 * Needs the examples in TACIT_VECTORS/snp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "appraisal_table.h"
#include "credential.h"
#include "snp_terms.h"
#include "vector_files.h"

/* A case, with its files. */
struct trial {
    const char *name;
    const cJSON *report;
    struct evidence evidence;
    struct endorsements endorsements;
    struct buf space;
};

static struct trial trial;
static struct appraisal out;
static uint8_t file_bytes[1 << 16], space_bytes[APPRAISAL_SPACE];
static struct buf files;

static const cJSON *item(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_non_null(found);
    return found;
}

static bool is_set(const char *bit)
{
    return item(item(trial.report, "pol"), bit)->valueint == 1;
}

static void endorse(const char *name)
{
    trial.endorsements.list[trial.endorsements.count++] = vector_file("snp", name, &files);
}

static void load(const cJSON *one)
{
    const cJSON *endorsement = item(one, "endorsement"), *ca;

    files = BUF_OF(file_bytes);
    memset(&trial, 0, sizeof trial);
    trial.name = vector_text(one, "name");
    trial.report = item(one, "report");
    trial.space = BUF_OF(space_bytes);
    endorse(vector_text(endorsement, "file"));
    cJSON_ArrayForEach(ca, item(endorsement, "ca")) endorse(ca->valuestring);
    trial.evidence = (struct evidence){
        .kind = VIEW_TEXT(SNP_KIND),
        .captured = true,
        .bytes = vector_file("snp", vector_text(one, "evidence"), &files),
        .endorsements = &trial.endorsements,
        .space = &trial.space,
        .now = table_seconds(cJSON_GetArrayItem(item(one, "window"), 0)->valuestring),
    };
}

static void check_identity(void)
{
    const cJSON *found, *part;
    char name[64];

    cJSON_ArrayForEach(found, trial.report)
    {
        if (!cJSON_IsObject(found)) {
            assert_table_field(trial.name, found->string, 0, found, &out);
            continue;
        }
        cJSON_ArrayForEach(part, found)
        {
            if (strncmp(part->string, "resv", 4) == 0)
                continue;
            (void)snprintf(name, sizeof name, "%s.%s", found->string, part->string);
            assert_table_field(trial.name, name, 0, part, &out);
        }
    }
}

static void runs_without_rules(const cJSON *one)
{
    const cJSON *kind = item(item(one, "endorsement"), "kind");
    const uint64_t first = trial.evidence.now,
                   last = table_seconds(cJSON_GetArrayItem(item(one, "window"), 1)->valuestring);

    assert_table_verdict(trial.name, "who signed", STATUS_OK, appraise_authenticity(&trial.evidence, &out));
    assert_true(out.authentic);
    assert_table_line(trial.name, "debug", is_set("debug") ? "on" : "off", out.debug ? "on" : "off");
    assert_table_window(trial.name, item(one, "window"), &out);
    assert_table_field(trial.name, "endorsement", 0, kind, &out);
    check_identity();
    trial.evidence.now = last;
    assert_int_equal(appraise_authenticity(&trial.evidence, &out), STATUS_OK);
    trial.evidence.now = first - 1;
    assert_table_verdict(trial.name, "a second early", STATUS_EVIDENCE_NOT_YET,
                         appraise_authenticity(&trial.evidence, &out));
    trial.evidence.now = last + 1;
    assert_table_verdict(trial.name, "a second late", STATUS_EVIDENCE_EXPIRED,
                         appraise_authenticity(&trial.evidence, &out));
    assert_false(out.authentic);
    trial.evidence.now = first;
}

static enum status appraise_under(const struct snp_terms *terms)
{
    static uint8_t bytes[ACCEPTED_SIZE_MAX];
    struct buf rules = BUF_OF(bytes);
    struct accepted accepted = {.kind = VIEW_TEXT(SNP_KIND)};

    assert_int_equal(snp_terms_encode(terms, &rules), STATUS_OK);
    accepted.rules = buf_view(&rules);
    return appraise(&trial.evidence, &accepted, 1, &out);
}

static enum snp_product product_of(void)
{
    return strstr(trial.name, "genoa") != NULL ? SNP_GENOA : SNP_MILAN;
}

/* All that this report shows, and nothing else. */
static struct snp_terms terms_of(struct buf *memory)
{
    const cJSON *tcb = item(trial.report, "rtcb");
    const bool vlek = item(trial.report, "signing_key")->valueint == SNP_VLEK;
    struct snp_terms terms = {
        .measurement = {.count = 1},
        .host_data = {.count = 1},
        .least_count = 1,
        .least = {{product_of(),
                   {.bootloader = (uint8_t)item(tcb, "bl")->valueint,
                    .tee = (uint8_t)item(tcb, "tee")->valueint,
                    .snp = (uint8_t)item(tcb, "snp")->valueint,
                    .microcode = (uint8_t)item(tcb, "ucode")->valueint}}},
        .max_vmpl = (uint32_t)item(trial.report, "vmpl")->valueint,
        .vcek = !vlek,
        .vlek = vlek,
        .allowed = (is_set("smt") ? SNP_POLICY_SMT : 0) | (is_set("debug") ? SNP_POLICY_DEBUG : 0),
        .max_age_s = TIME_MAX,
    };

    terms.measurement.list[0] = (struct view){memory->ptr + memory->len, 48};
    assert_int_equal(hex_decode(view_of_string(item(trial.report, "measurement")->valuestring), memory), STATUS_OK);
    terms.host_data.list[0] = (struct view){memory->ptr + memory->len, 32};
    assert_int_equal(hex_decode(view_of_string(item(trial.report, "host_data")->valuestring), memory), STATUS_OK);
    return terms;
}

static void refused(const char *what, const struct snp_terms *terms, enum status why)
{
    assert_table_verdict(trial.name, what, why, appraise_under(terms));
    assert_true(out.authentic);
}

static void runs_under_rules(void)
{
    uint8_t bytes[128], other[48] = {1};
    struct buf memory = BUF_OF(bytes);
    const struct snp_terms fitting = terms_of(&memory);
    struct snp_terms terms = fitting;

    assert_table_verdict(trial.name, "under rules that fit", STATUS_OK, appraise_under(&fitting));
    assert_int_equal(out.ear_status, EAR_WARNING); /* no revocation list is there */
    terms.allowed &= ~SNP_POLICY_DEBUG;
    assert_table_verdict(trial.name, "without debugging", is_set("debug") ? STATUS_EVIDENCE_DEBUG : STATUS_OK,
                         appraise_under(&terms));
    terms = fitting;
    terms.measurement.list[0].ptr = other;
    refused("another measurement", &terms, STATUS_EVIDENCE_MEASUREMENT);
    terms = fitting;
    terms.least[0].tcb.microcode++;
    refused("newer microcode", &terms, STATUS_EVIDENCE_TCB);
    terms = fitting;
    terms.least[0].product = SNP_TURIN;
    refused("another product", &terms, STATUS_EVIDENCE_PLATFORM);
    terms = fitting;
    terms.vcek = !terms.vcek;
    terms.vlek = !terms.vlek;
    refused("another kind of key", &terms, STATUS_EVIDENCE_SIGNER);
    terms = fitting;
    terms.crl_required = true;
    refused("a revocation list", &terms, STATUS_EVIDENCE_CRL);
    trial.evidence.report_data = (struct view){trial.evidence.bytes.ptr, 64};
    refused("other report data", &fitting, STATUS_EVIDENCE_BINDING);
}

static void real_reports_come_out_as_published(void **state)
{
    (void)state;
    cJSON *root = vector_expected("snp");
    const cJSON *one;

    if (root == NULL)
        skip();
    assert_true(cJSON_GetArraySize(item(root, "cases")) > 0);
    cJSON_ArrayForEach(one, item(root, "cases"))
    {
        load(one);
        runs_without_rules(one);
        runs_under_rules();
    }
    cJSON_Delete(root);
}

/* AMD's list of 2022, which ended on 2023-05-09T23:00:00Z. */
static void a_real_list_counts_until_its_grace_has_ended(void **state)
{
    (void)state;
    static const struct {
        const char *what, *now;
        uint64_t grace_s;
        enum status want;
        int64_t ear_status;
    } cases[] = {
        {"in the list's time", "2023-05-09T23:00:00Z", 0, STATUS_OK, EAR_AFFIRMING},
        {"after its end", "2023-05-09T23:00:01Z", 0, STATUS_EVIDENCE_CRL, 0},
        {"in its grace", "2023-05-10T23:00:00Z", 86400, STATUS_OK, EAR_WARNING},
        {"after its grace", "2023-05-10T23:00:01Z", 86400, STATUS_EVIDENCE_CRL, 0},
    };
    cJSON *root = vector_expected("snp");
    struct snp_terms terms;
    uint8_t bytes[128];
    struct buf memory = BUF_OF(bytes);

    if (root == NULL)
        skip();
    load(cJSON_GetArrayItem(item(root, "cases"), 0));
    endorse("crl_ark_milan_2022-05-09.der");
    endorse("crl_ark_genoa_2022-10-31.der");
    terms = terms_of(&memory);
    terms.crl_required = true;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        trial.evidence.now = table_seconds(cases[i].now);
        terms.grace_s = cases[i].grace_s;
        assert_table_verdict(trial.name, cases[i].what, cases[i].want, appraise_under(&terms));
        if (cases[i].want == STATUS_OK) {
            assert_int_equal(out.ear_status, cases[i].ear_status);
            assert_true(out.not_after == table_seconds("2023-05-09T23:00:00Z"));
        }
    }
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_reports_come_out_as_published),
        cmocka_unit_test(a_real_list_counts_until_its_grace_has_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

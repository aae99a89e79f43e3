/* A whole federation around captured evidence: the attester's own code reads it from the played files of the kernel or
 * of Gramine, the core puts it into its bundle, the host adds the operator's collateral, and devices judge it by the
 * owner's signed policy. Every line of a policy is tried alone. Needs the examples in TACIT_VECTORS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "dcap_cases.h"
#include "gramine.h"
#include "snp_cases.h"
#include "tee_standin.h"
#include "tee_world.h"
#include "tsm.h"
#include "vector_files.h"

/* Captured evidence was made for other claims than those of the enclave in this test, so its report data cannot fit,
 * and nobody can sign it again. These two doubles leave out that one comparison, at the attester and at the device;
 * made_evidence_test.c makes it end to end with evidence of our own. */
enum status attest_check_report_data(struct view kind, struct view evidence,
                                     const uint8_t report_data[static SHA512_SIZE])
{
    (void)kind, (void)evidence, (void)report_data;
    return STATUS_OK;
}

enum status appraise_binding(struct view wanted, struct view found)
{
    (void)wanted, (void)found;
    return STATUS_OK;
}

#define DAY_S       86400
#define SGX_CASE    "quote_v3_processor_confswhardening"
#define SGX_DEBUG   "quote_v3_debug_outofdate"
#define TDX_CASE    "quote_v5_td_relaunch_advised"
#define SNP_CASE    "v2_milan_vcek"
#define SNP_VLEK_OF "v3_milan_vlek"
#define SNP_DEBUG   "v2_milan_debug_policy"

/* ---- a trial: what is shown, and the policy ---- */

static struct {
    const char *name, *kind, *provider;
    struct view evidence;
    struct endorsements collateral;
    uint64_t now, not_before, not_after;
    struct sgx_terms sgx;
    struct tdx_terms tdx;
    struct snp_terms snp;
    uint8_t bytes[8192]; /* of the terms */
    struct buf memory;
    uint8_t files[1 << 16]; /* of what is added to the collateral */
    struct buf added;
} trial;
static struct world world;
static struct gramine gramine;
static struct tsm tsm;

static bool is_kind(const char *kind)
{
    return strcmp(trial.kind, kind) == 0;
}

static struct dcap_terms *platform(void)
{
    return is_kind(TDX_KIND) ? &trial.tdx.platform : &trial.sgx.platform;
}

static void begin(const char *name, const char *kind)
{
    memset(&trial, 0, sizeof trial);
    trial.name = name;
    trial.kind = kind;
    trial.memory = BUF_OF(trial.bytes);
    trial.added = BUF_OF(trial.files);
}

/* In the middle of its window; what its appraisal says without rules goes into the terms. */
static void load_dcap(const struct dcap_case *one)
{
    static uint8_t space_bytes[APPRAISAL_SPACE];
    static struct appraisal found; /* the terms view into what it views */
    const cJSON *header = cJSON_GetObjectItemCaseSensitive(one->expected, "header");
    const bool is_tdx = strcmp(vector_text(header, "body_kind"), "sgx") != 0;
    struct buf space = BUF_OF(space_bytes);
    struct evidence evidence;

    begin(one->name, is_tdx ? TDX_KIND : SGX_KIND);
    trial.provider = is_tdx ? "tdx_guest" : "gramine";
    trial.evidence = one->quote;
    for (size_t i = 0; i < one->endorsement_count; i++)
        trial.collateral.list[trial.collateral.count++] = one->endorsements[i];
    trial.not_before = (uint64_t)one->not_before;
    trial.not_after = (uint64_t)one->not_after;
    trial.now = trial.not_before + (trial.not_after - trial.not_before) / 2;
    evidence = (struct evidence){.kind = view_of_string(trial.kind),
                                 .bytes = one->quote,
                                 .endorsements = &trial.collateral,
                                 .now = trial.now,
                                 .space = &space};
    if (appraise_authenticity(&evidence, &found) != STATUS_OK)
        assert_true(found.authentic);
    if (is_tdx)
        dcap_case_tdx_terms(one, &found, &trial.memory, &trial.tdx);
    else
        dcap_case_sgx_terms(one, &found, &trial.memory, &trial.sgx);
}

static void load_snp(const struct snp_case *one)
{
    begin(one->name, SNP_KIND);
    trial.provider = "sev_guest";
    trial.evidence = one->report;
    trial.collateral = one->endorsements;
    trial.not_before = one->not_before;
    trial.not_after = one->not_after;
    trial.now = trial.not_before + 1000;
    trial.snp = snp_case_terms(one->name, one->expected, &trial.memory);
}

static void add_file(const char *name)
{
    trial.collateral.list[trial.collateral.count++] = vector_file(trial.kind, name, &trial.added);
}

/* ---- the world around it ---- */

static enum status attest_gramine(void *ctx, const struct attest_request *request, struct view *kind,
                                  struct buf *evidence, struct buf *endorsement)
{
    return gramine_attest(ctx, request->report_data, kind, evidence, endorsement);
}

static enum status attest_tsm(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                              struct buf *endorsement)
{
    return tsm_attest(ctx, request->report_data, kind, evidence, endorsement);
}

/* The captured bytes behind the played files, as they are. */
static void play(struct tee_plan *plan)
{
    const bool is_gramine = strcmp(trial.provider, "gramine") == 0;
    const char *what;

    tee_standin_start(trial.provider, STANDIN_ROOT);
    tee_standin_serve(trial.evidence.ptr, trial.evidence.len);
    tee_standin.patch_at = SIZE_MAX;
    assert_int_equal(is_gramine ? gramine_open(STANDIN_ROOT, &gramine, &what)
                                : tsm_open(STANDIN_ROOT, TSM_PRIVLEVEL_ANY, &tsm, &what),
                     STATUS_OK);
    plan->attest = is_gramine ? attest_gramine : attest_tsm;
    plan->attest_ctx = is_gramine ? (void *)&gramine : (void *)&tsm;
}

static void start(void)
{
    static uint8_t bytes[ACCEPTED_SIZE_MAX];
    struct buf rules = BUF_OF(bytes);
    struct tee_plan plan = {.kind = view_of_string(trial.kind), .now = trial.now, .collateral = trial.collateral};

    assert_int_equal(is_kind(SNP_KIND)   ? snp_terms_encode(&trial.snp, &rules)
                     : is_kind(TDX_KIND) ? tdx_terms_encode(&trial.tdx, &rules)
                                         : sgx_terms_encode(&trial.sgx, &rules),
                     STATUS_OK);
    plan.rules = buf_view(&rules);
    play(&plan);
    tee_world_start(&world, &plan);
    assert_true(tee_standin.reports > 0);
    assert_int_equal(tee_standin.handles, 0);
    assert_int_equal(tee_standin.folders, 0);
}

static void print_line(const char *line, enum status expected, const struct tee_verdict *got)
{
    print_message("%s | %s | %s | %s%s%s\n", trial.name, line,
                  expected == STATUS_OK ? "accepted" : status_name(expected),
                  got->reason == STATUS_OK ? "accepted" : status_name(got->reason), got->check[0] != '\0' ? ": " : "",
                  got->check);
}

/* check: of STATUS_OK, or where any will do: NULL. */
static struct tee_verdict judge(const char *line, enum status expected, const char *check)
{
    struct tee_verdict got;

    start();
    got = tee_world_judge(&world);
    print_line(line, expected, &got);
    assert_int_equal(got.reason, expected);
    if (check != NULL)
        assert_string_equal(got.check, check);
    if (expected == STATUS_OK)
        tee_world_round(&world);
    world_end(&world);
    return got;
}

/* ---- what fits is accepted ---- */

/* Of one quote no collateral is at hand, one is of a platform that Intel knows no level for. */
static void fit_dcap(const struct dcap_case *one)
{
    load_dcap(one);
    if (one->evaluation == NULL)
        (void)judge("all as it is, without collateral", STATUS_EVIDENCE_CRL, "revocation list of the root");
    else if (strcmp(dcap_case_status(one), "NotSupported") == 0)
        (void)judge("all as it is", STATUS_EVIDENCE_TCB, "the platform reaches a TCB level that is not revoked");
    else
        assert_int_equal(judge("all as it is", STATUS_OK, NULL).until, one->not_after);
}

static void fit_snp(const struct snp_case *one)
{
    load_snp(one);
    assert_int_equal(judge("all as it is", STATUS_OK, NULL).until, one->not_after);
}

static void devices_accept_what_fits_and_do_a_round(void **state)
{
    size_t count;

    (void)state;
    print_message("case | policy line | expected | got\n");
    count = dcap_cases_each("sgx", fit_dcap) + dcap_cases_each("tdx", fit_dcap) + snp_cases_each(fit_snp);
    if (count == 0)
        skip();
}

/* ---- one line of the policy differs ---- */

struct difference {
    const char *line;
    void (*make)(unsigned number);
    unsigned number;
    enum status want;
    const char *check; /* of STATUS_OK: NULL */
};

static void as_it_is(unsigned number)
{
    (void)number;
}

static void one_byte(const struct allowed *allowed, size_t at)
{
    trial.bytes[(size_t)(allowed->list[0].ptr - trial.bytes) + at] ^= 1;
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

static void later_evaluation(unsigned number)
{
    platform()->min_evaluation += number;
}

/* The collateral's newest document is a second older than allowed. */
static void younger(unsigned number)
{
    platform()->max_age_s = trial.now - trial.not_before - number;
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

static void after_the_end(unsigned number)
{
    trial.now = trial.not_after + number;
}

/* So many seconds after the end, of which all are given. */
static void grace(unsigned number)
{
    trial.now = trial.not_after + number;
    platform()->grace_s = number + 10; /* a round takes its time */
}

static void too_little_grace(unsigned number)
{
    trial.now = trial.not_after + number;
    platform()->grace_s = number - 1;
}

static void other_enclave(unsigned number)
{
    one_byte(&trial.sgx.mr_enclave, number);
}

/* The signer's line in place of the enclave's: a digest that is the platform's own, off by `number`. */
static void signer(unsigned number)
{
    struct sgx_signer *line = &trial.sgx.signers[0];

    trial.sgx.mr_enclave.count = 0;
    trial.sgx.signer_count = 1;
    line->mr_signer = (struct view){trial.evidence.ptr + 48 + 128, 32};
    line->product = (uint16_t)(trial.evidence.ptr[48 + 256] | trial.evidence.ptr[48 + 257] << 8);
    line->min_svn = (uint16_t)(trial.evidence.ptr[48 + 258] | trial.evidence.ptr[48 + 259] << 8);
    if (number == 1)
        line->mr_signer.ptr++;
    if (number == 2)
        line->product++;
    if (number == 3)
        line->min_svn++;
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
    one_byte(measurement(number), 47);
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

static void require_attribute(unsigned number)
{
    trial.tdx.attributes_allowed |= (uint64_t)1 << number;
    trial.tdx.attributes_required |= (uint64_t)1 << number;
}

#define NAME_AGE        "collateral is as recent as demanded"
#define NAME_EVALUATION "collateral is of a recent enough evaluation"
#define NAME_STATUS     "the TCB status is accepted"
#define NAME_COMPONENTS "TCB components reach the least that is demanded"
#define NAME_PCESVN     "PCESVN reaches the least that is demanded"
#define NAME_ENCLAVE    "the enclave, or its signer, product and version, is listed"
#define NAME_MODULE     "TEE_TCB_SVN reaches the least that is demanded"
#define NAME_REQUIRED   "every required attribute is set"

static const struct difference platform_lines[] = {
    {"status: all but its own", other_status, 0x3fc, STATUS_EVIDENCE_TCB, NAME_STATUS},
    {"status: up to date only", other_status, 1 << DCAP_TCB_UP_TO_DATE, STATUS_EVIDENCE_TCB, NAME_STATUS},
    {"advisory: one less", fewer_advisories, 1, STATUS_EVIDENCE_ADVISORY, "every advisory is accepted"},
    {"min evaluation: one more", later_evaluation, 1, STATUS_EVIDENCE_EVALUATION, NAME_EVALUATION},
    {"max age: a second less", younger, 1, STATUS_EVIDENCE_COLLATERAL_EXPIRED, NAME_AGE},
    {"min component 0: one more", more_component, 0, STATUS_EVIDENCE_TCB, NAME_COMPONENTS},
    {"min component 15: one more", more_component, 15, STATUS_EVIDENCE_TCB, NAME_COMPONENTS},
    {"min pcesvn: one more", more_pcesvn, 1, STATUS_EVIDENCE_TCB, NAME_PCESVN},
};

static const struct difference sgx_lines[] = {
    {"measurement: first byte", other_enclave, 0, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
    {"measurement: last byte", other_enclave, 31, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
    {"signer: its own", signer, 0, STATUS_OK, NULL},
    {"signer: another", signer, 1, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
    {"signer: another product", signer, 2, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
    {"signer: a later version", signer, 3, STATUS_EVIDENCE_MEASUREMENT, NAME_ENCLAVE},
};

static const struct difference sgx_debug_lines[] = {
    {"debug: accepted", as_it_is, 0, STATUS_OK, NULL},
    {"debug: not accepted", no_debug, 0, STATUS_EVIDENCE_DEBUG, "debug is off or accepted"},
};

static const struct difference tdx_lines[] = {
    {"measurement: MRTD", other_measurement, 0, STATUS_EVIDENCE_MEASUREMENT, "MRTD is listed"},
    {"rtmr 0", other_measurement, 1, STATUS_EVIDENCE_MEASUREMENT, "RTMR0 is listed"},
    {"rtmr 1", other_measurement, 2, STATUS_EVIDENCE_MEASUREMENT, "RTMR1 is listed"},
    {"rtmr 2", other_measurement, 3, STATUS_EVIDENCE_MEASUREMENT, "RTMR2 is listed"},
    {"rtmr 3", other_measurement, 4, STATUS_EVIDENCE_MEASUREMENT, "RTMR3 is listed"},
    {"config id", other_measurement, 5, STATUS_EVIDENCE_MEASUREMENT, "MRCONFIGID is listed"},
    {"owner", other_measurement, 6, STATUS_EVIDENCE_MEASUREMENT, "MROWNER is listed"},
    {"owner config", other_measurement, 7, STATUS_EVIDENCE_MEASUREMENT, "MROWNERCONFIG is listed"},
    {"min tee tcb 0: one more", more_module, 0, STATUS_EVIDENCE_TCB, NAME_MODULE},
    {"min tee tcb 15: one more", more_module, 15, STATUS_EVIDENCE_TCB, NAME_MODULE},
    {"attributes: none allowed", allow_no_attribute, 0, STATUS_EVIDENCE_GUEST_POLICY,
     "no attribute is set that is not allowed"},
    {"attributes: PKS required", require_attribute, 30, STATUS_EVIDENCE_GUEST_POLICY, NAME_REQUIRED},
    {"attributes: PERFMON required", require_attribute, 63, STATUS_EVIDENCE_GUEST_POLICY, NAME_REQUIRED},
};

static void judge_dcap_lines(const struct dcap_case *one, const struct difference *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        load_dcap(one);
        lines[i].make(lines[i].number);
        (void)judge(lines[i].line, lines[i].want, lines[i].check);
    }
}

static void judge_sgx_lines(const struct dcap_case *one)
{
    judge_dcap_lines(one, platform_lines, ARRAY_LEN(platform_lines));
    judge_dcap_lines(one, sgx_lines, ARRAY_LEN(sgx_lines));
}

static void judge_sgx_debug(const struct dcap_case *one)
{
    judge_dcap_lines(one, sgx_debug_lines, ARRAY_LEN(sgx_debug_lines));
}

static void judge_tdx_lines(const struct dcap_case *one)
{
    judge_dcap_lines(one, platform_lines, ARRAY_LEN(platform_lines));
    judge_dcap_lines(one, tdx_lines, ARRAY_LEN(tdx_lines));
}

static void devices_refuse_sgx_for_each_line_of_the_policy(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", SGX_CASE, judge_sgx_lines) || !dcap_case_run("sgx", SGX_DEBUG, judge_sgx_debug))
        skip();
}

static void devices_refuse_tdx_for_each_line_of_the_policy(void **state)
{
    (void)state;
    if (!dcap_case_run("tdx", TDX_CASE, judge_tdx_lines))
        skip();
}

/* ---- lines about SEV-SNP ---- */

static void other_guest(unsigned number)
{
    one_byte(&trial.snp.measurement, number);
}

/* The measurement is not listed, another signer is. */
static void other_signer(unsigned number)
{
    trial.snp.signers[0] = (struct snp_signer){.key_digest = trial.snp.measurement.list[0], .min_svn = number};
    trial.snp.signer_count = 1;
    trial.snp.measurement.count = 0;
}

static void other_host_data(unsigned number)
{
    one_byte(&trial.snp.host_data, number);
}

static void other_product(unsigned number)
{
    trial.snp.least[0].product = (enum snp_product)number;
}

static void more_of_tcb(unsigned number)
{
    struct snp_tcb *tcb = &trial.snp.least[0].tcb;
    uint8_t *const parts[] = {&tcb->bootloader, &tcb->tee, &tcb->snp, &tcb->microcode};

    (*parts[number])++;
}

static void other_key(unsigned number)
{
    (void)number;
    trial.snp.vcek = !trial.snp.vcek;
    trial.snp.vlek = !trial.snp.vlek;
}

static void less_vmpl(unsigned number)
{
    trial.snp.max_vmpl -= number;
}

static void disallow(unsigned number)
{
    trial.snp.allowed &= ~((uint64_t)1 << number);
}

static void require(unsigned number)
{
    trial.snp.required |= (uint64_t)1 << number;
}

static void require_list(unsigned number)
{
    (void)number;
    trial.snp.crl_required = true;
}

/* AMD's list of 2022, from 2022-05-09T17:07:45Z to 2023-05-09T23:00:00Z; now is so many days after its end. */
static void list_ended(unsigned number)
{
    trial.snp.crl_required = true;
    add_file("crl_ark_milan_2022-05-09.der");
    trial.now = (uint64_t)dcap_case_time("2023-05-09T23:00:00Z") + number * DAY_S;
}

static void list_in_its_time(unsigned number)
{
    (void)number;
    list_ended(0);
    trial.now -= DAY_S;
}

static void list_too_old(unsigned number)
{
    list_in_its_time(0);
    trial.snp.max_age_s = trial.now - (uint64_t)dcap_case_time("2022-05-09T17:07:45Z") - number;
}

static void list_in_grace(unsigned number)
{
    list_ended(number);
    trial.snp.grace_s = number * DAY_S + 60;
}

static void list_after_grace(unsigned number)
{
    list_ended(number);
    trial.snp.grace_s = number * DAY_S - 1;
}

#define NAME_GUEST "an accepted measurement or signer"

static const struct difference snp_lines[] = {
    {"measurement: first byte", other_guest, 0, STATUS_EVIDENCE_MEASUREMENT, NAME_GUEST},
    {"measurement: last byte", other_guest, 47, STATUS_EVIDENCE_MEASUREMENT, NAME_GUEST},
    {"signer: another", other_signer, 0, STATUS_EVIDENCE_MEASUREMENT, NAME_GUEST},
    {"host data: first byte", other_host_data, 0, STATUS_EVIDENCE_MEASUREMENT, "accepted host data"},
    {"host data: last byte", other_host_data, 31, STATUS_EVIDENCE_MEASUREMENT, "accepted host data"},
    {"product: Genoa", other_product, SNP_GENOA, STATUS_EVIDENCE_PLATFORM, "an accepted product"},
    {"product: Turin", other_product, SNP_TURIN, STATUS_EVIDENCE_PLATFORM, "an accepted product"},
    {"tcb: boot loader, one more", more_of_tcb, 0, STATUS_EVIDENCE_TCB, "boot loader is new enough"},
    {"tcb: tee, one more", more_of_tcb, 1, STATUS_EVIDENCE_TCB, "tee is new enough"},
    {"tcb: snp, one more", more_of_tcb, 2, STATUS_EVIDENCE_TCB, "snp firmware is new enough"},
    {"tcb: microcode, one more", more_of_tcb, 3, STATUS_EVIDENCE_TCB, "microcode is new enough"},
    {"signing key: VLEK only", other_key, 0, STATUS_EVIDENCE_SIGNER, "an accepted signing key"},
    {"guest policy: smt not allowed", disallow, 16, STATUS_EVIDENCE_GUEST_POLICY, "smt is off or allowed"},
    {"guest policy: single socket", require, 20, STATUS_EVIDENCE_GUEST_POLICY, "single socket, if required"},
    {"guest policy: aes-256-xts", require, 22, STATUS_EVIDENCE_GUEST_POLICY, "aes-256-xts, if required"},
    {"guest policy: rapl off", require, 23, STATUS_EVIDENCE_GUEST_POLICY, "rapl off, if required"},
    {"guest policy: ciphertext hiding", require, 24, STATUS_EVIDENCE_GUEST_POLICY, "ciphertext hiding, if required"},
    {"guest policy: page swap off", require, 25, STATUS_EVIDENCE_GUEST_POLICY, "page swap off, if required"},
    {"crl: required, none there", require_list, 0, STATUS_EVIDENCE_CRL, "a revocation list is there"},
    {"crl: required, in its time", list_in_its_time, 0, STATUS_OK, NULL},
    {"crl: max age, a minute less", list_too_old, 60, STATUS_EVIDENCE_CRL, "the revocation list is new enough"},
};

static const struct difference snp_vlek_lines[] = {
    {"signing key: VCEK only", other_key, 0, STATUS_EVIDENCE_SIGNER, "an accepted signing key"},
    {"vmpl: one less", less_vmpl, 1, STATUS_EVIDENCE_GUEST_POLICY, "vmpl is low enough"},
};

static const struct difference snp_debug_lines[] = {
    {"debug: allowed", as_it_is, 0, STATUS_OK, NULL},
    {"debug: not allowed", disallow, 19, STATUS_EVIDENCE_DEBUG, "debugging is off or allowed"},
};

static void judge_snp_lines(const struct snp_case *one, const struct difference *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        load_snp(one);
        lines[i].make(lines[i].number);
        (void)judge(lines[i].line, lines[i].want, lines[i].check);
    }
}

static void judge_vcek_lines(const struct snp_case *one)
{
    judge_snp_lines(one, snp_lines, ARRAY_LEN(snp_lines));
}

static void judge_vlek_lines(const struct snp_case *one)
{
    judge_snp_lines(one, snp_vlek_lines, ARRAY_LEN(snp_vlek_lines));
}

static void judge_snp_debug(const struct snp_case *one)
{
    judge_snp_lines(one, snp_debug_lines, ARRAY_LEN(snp_debug_lines));
}

static void devices_refuse_snp_for_each_line_of_the_policy(void **state)
{
    (void)state;
    if (!snp_case_run(SNP_CASE, judge_vcek_lines) || !snp_case_run(SNP_VLEK_OF, judge_vlek_lines) ||
        !snp_case_run(SNP_DEBUG, judge_snp_debug))
        skip();
}

/* ---- collateral out of its time ---- */

/* The event's date is the end of what ended. */
static void judge_end(const char *line, void (*make)(unsigned), unsigned number, enum status want, uint64_t until)
{
    struct tee_verdict got;

    make(number);
    got = judge(line, want, NULL);
    assert_int_equal(got.until, until);
}

static void expire_dcap(const struct dcap_case *one)
{
    /* What ends first: of the one the list of the PCK authority, of the other the QE identity. */
    const enum status reason =
        strcmp(one->name, SGX_CASE) == 0 ? STATUS_EVIDENCE_CRL : STATUS_EVIDENCE_COLLATERAL_EXPIRED;
    const uint64_t end = (uint64_t)one->not_after;

    load_dcap(one);
    judge_end("collateral: a day after its end", after_the_end, DAY_S, reason, end);
    load_dcap(one);
    judge_end("grace: a day and more", grace, DAY_S, STATUS_OK, end);
    load_dcap(one);
    judge_end("grace: a day less a second", too_little_grace, DAY_S, reason, end);
}

static void expire_snp(const struct snp_case *one)
{
    const uint64_t end = (uint64_t)dcap_case_time("2023-05-09T23:00:00Z");

    load_snp(one);
    judge_end("crl: a day after its end", list_ended, 1, STATUS_EVIDENCE_CRL, end);
    load_snp(one);
    judge_end("grace: a day and more", list_in_grace, 1, STATUS_OK, end);
    load_snp(one);
    judge_end("grace: a day less a second", list_after_grace, 1, STATUS_EVIDENCE_CRL, end);
}

static void collateral_that_ended_is_refused_with_its_date_and_taken_in_its_grace(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", SGX_CASE, expire_dcap) || !dcap_case_run("tdx", TDX_CASE, expire_dcap) ||
        !snp_case_run(SNP_CASE, expire_snp))
        skip();
}

/* ---- a hostile host ---- */

enum { TCB_INFO, QE_IDENTITY, PCK_CRL, ROOT_CRL, SIGNER }; /* the order of endorsements in expected.json */
enum { LEAF, ISSUER, ROOT };                               /* of SEV-SNP */

#define BYTES_TRIED 6 /* of each endorsement */

/* What the host makes of the endorsements. */
static struct endorsements forged;
static uint8_t changed[1 << 16];

static void strip(unsigned number)
{
    forged.list[number] = forged.list[--forged.count];
}

static void strip_all(unsigned number)
{
    forged.count = number;
}

static void reverse(unsigned number)
{
    (void)number;
    for (uint32_t i = 0; i < forged.count / 2; i++) {
        const struct view kept = forged.list[i];

        forged.list[i] = forged.list[forged.count - 1 - i];
        forged.list[forged.count - 1 - i] = kept;
    }
}

static void twice(unsigned number)
{
    forged.list[forged.count++] = forged.list[number];
}

static void all_as(unsigned number)
{
    for (uint32_t i = 0; i < forged.count; i++)
        forged.list[i] = forged.list[number];
}

static void garbage(unsigned number)
{
    for (size_t i = 0; i < sizeof changed; i++)
        changed[i] = (uint8_t)(i * 167 + 13);
    forged.list[number] = (struct view){changed, 1000};
}

static void zeros(unsigned number)
{
    memset(changed, 0, sizeof changed);
    forged.list[number] = (struct view){changed, 1000};
}

static void halve(unsigned number)
{
    forged.list[number].len /= 2;
}

static void flip_last(unsigned number)
{
    struct view *item = &forged.list[number];

    memcpy(changed, item->ptr, item->len);
    changed[item->len - 1] ^= 1;
    item->ptr = changed;
}

struct trick {
    const char *what;
    void (*make)(unsigned number);
    unsigned number;
    enum status want;
};

static const struct trick dcap_tricks[] = {
    {"in another order", reverse, 0, STATUS_OK},
    {"TCB info twice", twice, TCB_INFO, STATUS_OK},
    {"the root's list twice", twice, ROOT_CRL, STATUS_OK},
    {"no TCB info", strip, TCB_INFO, STATUS_EVIDENCE_COLLATERAL},
    {"no QE identity", strip, QE_IDENTITY, STATUS_EVIDENCE_COLLATERAL},
    {"no list of the PCK authority", strip, PCK_CRL, STATUS_EVIDENCE_CRL},
    {"no list of the root", strip, ROOT_CRL, STATUS_EVIDENCE_CRL},
    {"no signer", strip, SIGNER, STATUS_EVIDENCE_COLLATERAL},
    {"nothing", strip_all, 0, STATUS_EVIDENCE_CRL},
    {"nothing but TCB info", strip_all, 1, STATUS_EVIDENCE_CRL},
    {"TCB info in the place of all", all_as, TCB_INFO, STATUS_EVIDENCE_CRL},
    {"garbage for TCB info", garbage, TCB_INFO, STATUS_MALFORMED},
    {"garbage for the signer", garbage, SIGNER, STATUS_MALFORMED},
    {"zeros for a list", zeros, PCK_CRL, STATUS_MALFORMED},
    {"half of TCB info", halve, TCB_INFO, STATUS_TRUNCATED},
    {"half of a list", halve, ROOT_CRL, STATUS_TRUNCATED},
    {"a list with another signature", flip_last, PCK_CRL, STATUS_FORGED},
};

static const struct trick snp_tricks[] = {
    {"in another order", reverse, 0, STATUS_OK},
    {"the leaf twice", twice, LEAF, STATUS_OK},
    {"the root twice", twice, ROOT, STATUS_OK},
    {"no leaf", strip, LEAF, STATUS_EVIDENCE_COLLATERAL},
    {"no issuer", strip, ISSUER, STATUS_EVIDENCE_CHAIN},
    {"nothing", strip_all, 0, STATUS_EVIDENCE_COLLATERAL},
    {"the leaf in the place of all", all_as, LEAF, STATUS_EVIDENCE_CHAIN},
    {"the root in the place of all", all_as, ROOT, STATUS_EVIDENCE_COLLATERAL},
    {"garbage for the leaf", garbage, LEAF, STATUS_MALFORMED},
    {"garbage for the root", garbage, ROOT, STATUS_MALFORMED},
    {"zeros for the issuer", zeros, ISSUER, STATUS_EVIDENCE_CHAIN},
    {"half of the leaf", halve, LEAF, STATUS_TRUNCATED},
    {"a leaf with another signature", flip_last, LEAF, STATUS_FORGED},
    {"an issuer with another signature", flip_last, ISSUER, STATUS_EVIDENCE_ROOT},
};

/* A device more in the same world, or the first one in a new one, where the genuine collateral is published first. */
static struct tee_verdict judge_forged(void)
{
    struct bundle bundle;

    if (world.host != NULL && world.node_count == WORLD_NODES)
        world_end(&world);
    if (world.host == NULL)
        start();
    bundle = tee_world_bundle(&world);
    bundle.endorsements = forged;
    tee_world_publish(&world, &bundle);
    return tee_world_judge(&world);
}

static void try_trick(const struct trick *trick)
{
    struct tee_verdict got;

    forged = trial.collateral;
    trick->make(trick->number);
    got = judge_forged();
    print_line(trick->what, trick->want, &got);
    assert_int_equal(got.reason, trick->want);
}

/* Bytes changed here and there: whatever comes of it, account, event and membership say the same (tee_world_judge). */
static void try_bytes(void)
{
    unsigned int refused = 0;

    for (uint32_t item = 0; item < trial.collateral.count; item++)
        for (size_t part = 0; part < BYTES_TRIED; part++) {
            const size_t len = trial.collateral.list[item].len;
            struct tee_verdict got;

            forged = trial.collateral;
            memcpy(changed, forged.list[item].ptr, len);
            changed[(len - 1) * part / (BYTES_TRIED - 1)] ^= (uint8_t)(1u << part);
            forged.list[item].ptr = changed;
            got = judge_forged();
            refused += got.reason != STATUS_OK;
            /* The last one holds the root, which is believed for its pinned key, whatever else its bytes say. */
            assert_true(got.reason != STATUS_OK || item == trial.collateral.count - 1);
        }
    print_message("%s | a byte of %u endorsements, %u times each | refused | %u times\n", trial.name,
                  trial.collateral.count, BYTES_TRIED, refused);
}

static void try_tricks(const struct trick *tricks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        try_trick(&tricks[i]);
    try_bytes();
    world_end(&world);
}

static void trick_dcap(const struct dcap_case *one)
{
    load_dcap(one);
    try_tricks(dcap_tricks, ARRAY_LEN(dcap_tricks));
}

static void trick_snp(const struct snp_case *one)
{
    load_snp(one);
    try_tricks(snp_tricks, ARRAY_LEN(snp_tricks));
}

static void a_hostile_host_gets_a_refusal_or_changes_nothing(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", SGX_CASE, trick_dcap) || !dcap_case_run("tdx", TDX_CASE, trick_dcap) ||
        !snp_case_run(SNP_CASE, trick_snp))
        skip();
}

/* What the operator forgot: nothing is published but what the platform itself gave. */
static void forget_dcap(const struct dcap_case *one)
{
    load_dcap(one);
    trial.collateral.count = 0;
    (void)judge("no collateral", STATUS_EVIDENCE_CRL, "revocation list of the root");
    load_dcap(one);
    trial.collateral.list[QE_IDENTITY] = trial.collateral.list[--trial.collateral.count];
    (void)judge("no QE identity", STATUS_EVIDENCE_COLLATERAL, "QE identity is signed, in its time and of this kind");
}

static void forget_snp(const struct snp_case *one)
{
    load_snp(one);
    trial.collateral.count = 0;
    (void)judge("no collateral", STATUS_EVIDENCE_COLLATERAL, "leaf");
}

static void without_collateral_devices_refuse(void **state)
{
    (void)state;
    if (!dcap_case_run("sgx", SGX_CASE, forget_dcap) || !dcap_case_run("tdx", TDX_CASE, forget_dcap) ||
        !snp_case_run(SNP_CASE, forget_snp))
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_accept_what_fits_and_do_a_round),
        cmocka_unit_test(devices_refuse_sgx_for_each_line_of_the_policy),
        cmocka_unit_test(devices_refuse_tdx_for_each_line_of_the_policy),
        cmocka_unit_test(devices_refuse_snp_for_each_line_of_the_policy),
        cmocka_unit_test(without_collateral_devices_refuse),
        cmocka_unit_test(collateral_that_ended_is_refused_with_its_date_and_taken_in_its_grace),
        cmocka_unit_test(a_hostile_host_gets_a_refusal_or_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

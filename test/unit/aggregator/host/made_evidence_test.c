/* A whole federation around evidence that is made here, under roots of our own: the platform signs the report data that
 * it is asked for, so what evidence binds is judged from the core's claims to the device, with nothing left out. */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cose.h"
#include "dcap_chain.h"
#include "dcap_terms.h"
#include "dcap_world.h"
#include "gramine.h"
#include "snp_terms.h"
#include "snp_world.h"
#include "tee_standin.h"
#include "tee_world.h"
#include "tsm.h"

static struct dcap_world platform;

/* In the place of Intel's root, and of AMD's. */
bool dcap_is_root(struct view point)
{
    return view_equal(point, VIEW_OF(platform.root_point));
}
const struct snp_root snp_roots[SNP_ROOTS] = {
    {SNP_MILAN, {snp_world.root_key.info, MAKER_INFO_SIZE}},
    {SNP_GENOA, {snp_world.root_key.info, MAKER_INFO_SIZE}},
    {SNP_TURIN, {snp_world.root_key.info, MAKER_INFO_SIZE}},
};

#define NOW DCAP_WORLD_NOW
static_assert(DCAP_WORLD_NOW == SNP_WORLD_NOW, "one time for both");

/* ---- kinds of platform ---- */

enum { SGX, TDX4, TDX5, SNP, FORMS };

static const struct form {
    const char *name, *kind, *provider;
    uint16_t version, body_type; /* body_type: 0 for the usual one */
    size_t at;                   /* of report data in what is signed */
} forms[FORMS] = {
    {"an SGX quote, version 3", SGX_KIND, "gramine", 3, 0, 320},
    {"a TDX quote, version 4", TDX_KIND, "tdx_guest", 4, 0, 520},
    {"a TDX quote, version 5", TDX_KIND, "tdx_guest", 5, 3, 520},
    {"an SEV-SNP report", SNP_KIND, "sev_guest", 0, 0, 0x50},
};

enum at_snp { AT_SVN = 0x04, AT_POLICY = 0x08, AT_MEASUREMENT = 0x90, AT_HOST_DATA = 0xc0, AT_ID_KEY = 0xe0 };

static const struct form *form;
static struct sgx_terms sgx;
static struct tdx_terms tdx;
static struct snp_terms snp;
static struct endorsements collateral;
static uint8_t collateral_bytes[1 << 16];
static uint8_t twist[STANDIN_REPORT_DATA]; /* xored into what the platform signs: zeros of an honest one */
static struct world world;
static struct gramine gramine;
static struct tsm tsm;

/* ---- the platform ---- */

static uint8_t *signed_part(void)
{
    return form == &forms[SNP] ? snp_world.report : platform.body;
}

static void make_evidence(const uint8_t report_data[STANDIN_REPORT_DATA])
{
    struct view made = VIEW_OF(snp_world.report);

    for (size_t i = 0; i < STANDIN_REPORT_DATA; i++)
        signed_part()[form->at + i] = report_data[i] ^ twist[i];
    if (form == &forms[SNP]) {
        snp_world_sign();
    } else {
        dcap_world_make(&platform);
        made = platform.quote;
    }
    memcpy(tee_standin.evidence, made.ptr, made.len);
    tee_standin.evidence_len = made.len;
}

/* What the operator has gathered; the platform makes its own anew with each quote, under the same keys. */
static void gather(const struct endorsements *from)
{
    struct buf memory = BUF_OF(collateral_bytes);

    collateral.count = from->count;
    for (uint32_t i = 0; i < from->count; i++) {
        collateral.list[i] = (struct view){memory.ptr + memory.len, from->list[i].len};
        assert_int_equal(buf_append(&memory, from->list[i]), STATUS_OK);
    }
}

static void plan_dcap(void)
{
    static uint8_t measurement[DCAP_MEASUREMENT];
    static const uint8_t zeros[DCAP_MEASUREMENT];
    const struct allowed none = {.count = 1, .list = {VIEW_OF(zeros)}};
    struct dcap_terms terms = {.statuses = 1 << DCAP_TCB_UP_TO_DATE,
                               .min_evaluation = DCAP_WORLD_EVALUATION,
                               .max_age_s = 30 * 86400,
                               .min_pcesvn = DCAP_WORLD_PCESVN};

    memset(measurement, 0xe1, sizeof measurement);
    memset(terms.min_components, DCAP_WORLD_SVN, SGX_COMPONENTS);
    dcap_world_plan(&platform, form->version, form != &forms[SGX]);
    if (form->body_type != 0)
        platform.body_type = form->body_type;
    dcap_world_make(&platform);
    gather(&platform.endorsements);
    sgx = (struct sgx_terms){.mr_enclave = {.count = 1, .list = {{measurement, 32}}}, .platform = terms};
    tdx = (struct tdx_terms){.mr_td = {.count = 1, .list = {VIEW_OF(measurement)}},
                             .rtmr = {none, none, none, none},
                             .mr_config_id = none,
                             .mr_owner = none,
                             .mr_owner_config = none,
                             .platform = terms};
}

static void plan_snp(void)
{
    assert_int_equal(snp_world_set_up(NULL), 0);
    snp_world_endorse_chain();
    gather(&snp_world.endorsements);
    snp = (struct snp_terms){
        .measurement = {.count = 1, .list = {{snp_world.report + AT_MEASUREMENT, 48}}},
        .host_data = {.count = 1, .list = {{snp_world.report + AT_HOST_DATA, 32}}},
        .least_count = 1,
        .least = {{SNP_MILAN, {.bootloader = 4, .snp = 24, .microcode = 217}}},
        .max_vmpl = 1,
        .vcek = true,
        .allowed = SNP_POLICY_SMT,
        .max_age_s = TIME_MAX,
    };
}

/* A platform of that form, and terms that fit it and no more. */
static void plan(const struct form *of)
{
    form = of;
    memset(twist, 0, sizeof twist);
    if (form == &forms[SNP])
        plan_snp();
    else
        plan_dcap();
}

/* ---- the world around it ---- */

static enum status attest(void *ctx, const struct attest_request *request, struct view *kind, struct buf *evidence,
                          struct buf *endorsement)
{
    (void)ctx;
    return form == &forms[SGX] ? gramine_attest(&gramine, request->report_data, kind, evidence, endorsement)
                               : tsm_attest(&tsm, request->report_data, kind, evidence, endorsement);
}

/* Of an enclave that does not look at what its platform gave it. */
static enum status attest_blindly(void *ctx, const struct attest_request *request, struct view *kind,
                                  struct buf *evidence, struct buf *endorsement)
{
    (void)ctx, (void)endorsement;
    make_evidence(request->report_data);
    *kind = view_of_string(form->kind);
    return buf_append(evidence, (struct view){tee_standin.evidence, tee_standin.evidence_len});
}

static void open_standin(void)
{
    const char *what;

    tee_standin_start(form->provider, STANDIN_ROOT);
    tee_standin.patch_at = SIZE_MAX;
    tee_standin.make = make_evidence;
    assert_int_equal(form == &forms[SGX] ? gramine_open(STANDIN_ROOT, &gramine, &what)
                                         : tsm_open(STANDIN_ROOT, TSM_PRIVLEVEL_ANY, &tsm, &what),
                     STATUS_OK);
}

static void start(federation_attest *by)
{
    static uint8_t bytes[ACCEPTED_SIZE_MAX];
    struct buf rules = BUF_OF(bytes);
    struct tee_plan tee = {.kind = view_of_string(form->kind), .now = NOW, .attest = by, .collateral = collateral};

    assert_int_equal(form == &forms[SNP]   ? snp_terms_encode(&snp, &rules)
                     : form == &forms[SGX] ? sgx_terms_encode(&sgx, &rules)
                                           : tdx_terms_encode(&tdx, &rules),
                     STATUS_OK);
    tee.rules = buf_view(&rules);
    open_standin();
    tee_world_start(&world, &tee);
}

static void assert_judged(const char *what, enum status expected, const char *check)
{
    const struct tee_verdict got = tee_world_judge(&world);

    print_message(
        "%s | %s | %s | %s%s%s\n", form->name, what, expected == STATUS_OK ? "accepted" : status_name(expected),
        got.reason == STATUS_OK ? "accepted" : status_name(got.reason), got.check[0] != '\0' ? ": " : "", got.check);
    assert_int_equal(got.reason, expected);
    assert_string_equal(got.check, check);
}

/* ---- what evidence binds ---- */

static void devices_accept_evidence_that_binds_the_enclaves_claims(void **state)
{
    (void)state;
    print_message("evidence | what | expected | got\n");
    for (size_t i = 0; i < FORMS; i++) {
        plan(&forms[i]);
        start(attest);
        assert_judged("over the claims", STATUS_OK, "");
        tee_world_round(&world);
        world_end(&world);
    }
}

static void one_bit(unsigned at)
{
    twist[at / 8] = (uint8_t)(1u << at % 8);
}

static void an_enclave_whose_evidence_binds_other_bytes_is_refused(void **state)
{
    static const unsigned bits[] = {0, 255, 256, 511};

    (void)state;
    for (size_t i = 0; i < FORMS; i++)
        for (size_t j = 0; j < ARRAY_LEN(bits); j++) {
            plan(&forms[i]);
            one_bit(bits[j]);
            start(attest_blindly);
            assert_judged("one bit of report data differs", STATUS_EVIDENCE_BINDING, "report data");
            world_end(&world);
        }
}

/* Before any device sees it. */
static void an_attester_notices_evidence_that_binds_other_bytes(void **state)
{
    const struct attest_request request = {.now = NOW};
    uint8_t evidence_bytes[EVIDENCE_MAX], endorsement_bytes[64];
    struct buf evidence = BUF_OF(evidence_bytes), endorsement = BUF_OF(endorsement_bytes);
    struct view kind;

    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        plan(&forms[i]);
        open_standin();
        assert_int_equal(attest(NULL, &request, &kind, &evidence, &endorsement), STATUS_OK);
        evidence.len = 0;
        one_bit(511);
        assert_int_equal(attest(NULL, &request, &kind, &evidence, &endorsement), STATUS_EVIDENCE_BINDING);
        assert_int_equal(evidence.len, 0);
    }
}

/* ---- claims that a host changes ---- */

static struct p256_key stranger; /* whose private half the host has */

static void other_signing_key(struct enclave_claims *claims, struct view key)
{
    claims->signing_key = key;
}
static void other_sealing_key(struct enclave_claims *claims, struct view key)
{
    claims->sealing_key = key;
}
static void other_boot(struct enclave_claims *claims, struct view key)
{
    claims->boot_id = (struct view){key.ptr + 20, claims->boot_id.len};
}
static void other_time(struct enclave_claims *claims, struct view key)
{
    (void)key;
    claims->booted++;
}
static void other_federation(struct enclave_claims *claims, struct view key)
{
    (void)key;
    claims->federation = VIEW_TEXT("fed2");
}
static void other_aggregator(struct enclave_claims *claims, struct view key)
{
    (void)key;
    claims->aggregator = VIEW_TEXT("agg2");
}
static void other_policy(struct enclave_claims *claims, struct view key)
{
    claims->policy_digest = (struct view){key.ptr, claims->policy_digest.len};
}

static const struct {
    const char *what;
    void (*change)(struct enclave_claims *claims, struct view key);
    enum status want;
    const char *check;
} claims_changed[] = {
    {"a signing key of the host's", other_signing_key, STATUS_EVIDENCE_BINDING, "report data"},
    {"a sealing key of the host's", other_sealing_key, STATUS_EVIDENCE_BINDING, "report data"},
    {"another boot", other_boot, STATUS_EVIDENCE_BINDING, "report data"},
    {"another time of booting", other_time, STATUS_EVIDENCE_BINDING, "report data"},
};

/* These are refused before evidence is looked at, so there is no event of a check. */
static const struct {
    const char *what;
    void (*change)(struct enclave_claims *claims, struct view key);
    enum status want;
} claims_foreign[] = {
    {"another federation", other_federation, STATUS_EVIDENCE_FEDERATION},
    {"another aggregator", other_aggregator, STATUS_EVIDENCE_FEDERATION},
    {"another policy", other_policy, STATUS_POLICY_OTHER},
};

/* The genuine evidence, beside claims that it was not made for. */
static void publish_changed(void (*change)(struct enclave_claims *claims, struct view key))
{
    struct bundle bundle = tee_world_bundle(&world);
    uint8_t key_bytes[PUBLIC_KEY_SIZE], claims_bytes[MESSAGE_MAX];
    struct buf key = BUF_OF(key_bytes), encoded = BUF_OF(claims_bytes);
    struct enclave_claims claims;

    assert_int_equal(p256_generate(&world.federation.random, &stranger), STATUS_OK);
    assert_int_equal(cose_key_encode(VIEW_OF(stranger.point), &key), STATUS_OK);
    assert_int_equal(enclave_claims_decode(bundle.claims, &claims), STATUS_OK);
    change(&claims, buf_view(&key));
    assert_int_equal(enclave_claims_encode(&claims, &encoded), STATUS_OK);
    bundle.claims = buf_view(&encoded);
    tee_world_publish(&world, &bundle);
}

static void claims_that_a_host_changed_are_not_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        plan(&forms[i]);
        for (size_t j = 0; j < ARRAY_LEN(claims_changed); j++) {
            start(attest);
            publish_changed(claims_changed[j].change);
            assert_judged(claims_changed[j].what, claims_changed[j].want, claims_changed[j].check);
            world_end(&world);
        }
        for (size_t j = 0; j < ARRAY_LEN(claims_foreign); j++) {
            start(attest);
            publish_changed(claims_foreign[j].change);
            assert_judged(claims_foreign[j].what, claims_foreign[j].want, "");
            world_end(&world);
        }
    }
}

/* Evidence of the boot before, for the claims of this one; and the other way round. */
static void evidence_of_another_boot_is_not_believed(void **state)
{
    static uint8_t old_bytes[1 << 18];

    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        struct buf old = BUF_OF(old_bytes);
        struct bundle before, now, mixed;

        plan(&forms[i]);
        start(attest);
        assert_int_equal(buf_append(&old, world_retained(&world, TEE_WORLD_EVIDENCE)), STATUS_OK);
        assert_int_equal(bundle_decode(buf_view(&old), &before), STATUS_OK);
        world_restart_enclave(&world, false);
        world_run(&world, 1);
        now = tee_world_bundle(&world);
        assert_false(view_equal(before.claims, now.claims));
        mixed = now;
        mixed.evidence = before.evidence;
        tee_world_publish(&world, &mixed);
        assert_judged("evidence of the boot before", STATUS_EVIDENCE_BINDING, "report data");
        world_restart_enclave(&world, false);
        world_run(&world, 1);
        assert_judged("a third boot, with its own", STATUS_OK, "");
        mixed = tee_world_bundle(&world);
        mixed.claims = before.claims;
        tee_world_publish(&world, &mixed);
        assert_judged("claims of the boot before", STATUS_EVIDENCE_BINDING, "report data");
        world_end(&world);
    }
}

/* ---- lines that no captured evidence at hand can show ---- */

static void judge_line(const char *what, enum status expected, const char *check)
{
    start(attest);
    assert_judged(what, expected, check);
    world_end(&world);
}

static void a_domain_in_debug_is_accepted_only_where_the_policy_says_so(void **state)
{
    (void)state;
    for (int i = TDX4; i <= TDX5; i++) {
        plan(&forms[i]);
        platform.body[120] |= 1; /* TUD.DEBUG of TDATTRIBUTES */
        judge_line("debug: not accepted", STATUS_EVIDENCE_DEBUG, "debug is off or accepted");
        tdx.platform.debug = true;
        judge_line("debug: accepted", STATUS_OK, "");
    }
}

static void bits_that_weaken_a_guest_are_accepted_only_where_the_policy_says_so(void **state)
{
    static const struct {
        const char *what;
        unsigned bit;
        enum status want;
        const char *check;
    } bits[] = {
        {"migration", 18, STATUS_EVIDENCE_GUEST_POLICY, "migration is off or allowed"},
        {"debug", 19, STATUS_EVIDENCE_DEBUG, "debugging is off or allowed"},
        {"cxl", 21, STATUS_EVIDENCE_GUEST_POLICY, "cxl is off or allowed"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
        plan(&forms[SNP]);
        snp_world.report[AT_POLICY + bits[i].bit / 8] |= (uint8_t)(1u << bits[i].bit % 8);
        judge_line(bits[i].what, bits[i].want, bits[i].check);
        snp.allowed |= (uint64_t)1 << bits[i].bit;
        judge_line(bits[i].what, STATUS_OK, "");
    }
}

static void a_guest_is_accepted_by_its_signer_from_a_version_on(void **state)
{
    static const uint8_t other[48] = {1};

    (void)state;
    plan(&forms[SNP]);
    memset(snp_world.report + AT_ID_KEY, 0x1d, 48);
    snp_world.report[AT_SVN] = 7;
    snp.measurement.count = 0;
    snp.signer_count = 1;
    snp.signers[0] = (struct snp_signer){.key_digest = {snp_world.report + AT_ID_KEY, 48}, .min_svn = 7};
    judge_line("signer: its own", STATUS_OK, "");
    snp.signers[0].min_svn = 8;
    judge_line("signer: a later version", STATUS_EVIDENCE_MEASUREMENT, "an accepted measurement or signer");
    snp.signers[0] = (struct snp_signer){.key_digest = VIEW_OF(other)};
    judge_line("signer: another", STATUS_EVIDENCE_MEASUREMENT, "an accepted measurement or signer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_accept_evidence_that_binds_the_enclaves_claims),
        cmocka_unit_test(an_enclave_whose_evidence_binds_other_bytes_is_refused),
        cmocka_unit_test(an_attester_notices_evidence_that_binds_other_bytes),
        cmocka_unit_test(claims_that_a_host_changed_are_not_believed),
        cmocka_unit_test(evidence_of_another_boot_is_not_believed),
        cmocka_unit_test(a_domain_in_debug_is_accepted_only_where_the_policy_says_so),
        cmocka_unit_test(bits_that_weaken_a_guest_are_accepted_only_where_the_policy_says_so),
        cmocka_unit_test(a_guest_is_accepted_by_its_signer_from_a_version_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

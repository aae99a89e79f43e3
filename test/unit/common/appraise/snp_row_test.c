/* SEV-SNP as a row of the table, under a root made here: each line of the terms has a reason of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "snp_terms.h"
#include "snp_world.h"

/* In the place of AMD's. */
const struct snp_root snp_roots[SNP_ROOTS] = {
    {SNP_MILAN, {snp_world.root_key.info, MAKER_INFO_SIZE}},
    {SNP_GENOA, {snp_world.root_key.info, MAKER_INFO_SIZE}},
    {SNP_TURIN, {snp_world.root_key.info, MAKER_INFO_SIZE}},
};

#define DAY        86400
#define CRL_ISSUED 1748736000 /* 2025-06-01T00:00:00Z */
#define CRL_END    1751328000 /* 2025-07-01T00:00:00Z */

enum at {
    AT_VERSION = 0x00,
    AT_SVN = 0x04,
    AT_POLICY = 0x08,
    AT_IMAGE_ID = 0x20,
    AT_VMPL = 0x30,
    AT_FLAGS = 0x48,
    AT_REPORT_DATA = 0x50,
    AT_MEASUREMENT = 0x90,
    AT_HOST_DATA = 0xc0,
    AT_ID_KEY = 0xe0,
    AT_AUTHOR_KEY = 0x110,
    AT_REPORTED_TCB = 0x180,
};

static struct snp_terms terms;
static struct evidence evidence;
static struct appraisal out;
static uint8_t other[64];

/* What the world's report is good for, and no more. */
static void fit(void)
{
    terms = (struct snp_terms){
        .measurement = {.count = 1, .list = {{snp_world.report + AT_MEASUREMENT, 48}}},
        .host_data = {.count = 1, .list = {{snp_world.report + AT_HOST_DATA, 32}}},
        .least_count = 1,
        .least = {{SNP_MILAN, {.bootloader = 4, .snp = 24, .microcode = 217}}},
        .max_vmpl = 1,
        .vcek = true,
        .allowed = SNP_POLICY_SMT,
        .crl_required = true,
        .max_age_s = 60 * DAY,
    };
}

static void endorse_crl(const char *issued, const char *end, uint8_t revoked)
{
    const struct maker_crl crl = {"ARK-Milan", &snp_world.root_key, issued, end, revoked};

    snp_world_endorse(maker_crl(&crl, &snp_world.used));
}

static int set_up(void **state)
{
    uint8_t *report = snp_world.report;

    (void)snp_world_set_up(state);
    report[AT_VMPL] = 1;
    report[AT_SVN] = 5;
    memset(report + AT_REPORT_DATA, 0xda, 64);
    memset(report + AT_MEASUREMENT, 0xaa, 48);
    memset(report + AT_HOST_DATA, 0xbb, 32);
    memset(report + AT_ID_KEY, 0xcc, 48);
    memset(report + AT_AUTHOR_KEY, 0xcd, 48);
    memset(report + AT_IMAGE_ID, 0xce, 16);
    memset(other, 0xee, sizeof other);
    snp_world_endorse_chain();
    endorse_crl("250601000000Z", "250701000000Z", 7);
    fit();
    evidence = (struct evidence){
        .kind = VIEW_TEXT(SNP_KIND),
        .captured = true,
        .bytes = VIEW_OF(snp_world.report),
        .endorsements = &snp_world.endorsements,
        .report_data = {report + AT_REPORT_DATA, 64},
        .now = SNP_WORLD_NOW,
    };
    return 0;
}

static enum status appraise_under_terms(void)
{
    static uint8_t space_bytes[APPRAISAL_SPACE], rules_bytes[ACCEPTED_SIZE_MAX];
    static struct buf space;
    struct buf rules = BUF_OF(rules_bytes);
    struct accepted accepted;

    space = BUF_OF(space_bytes);
    evidence.space = &space;
    assert_int_equal(snp_terms_encode(&terms, &rules), STATUS_OK);
    accepted = (struct accepted){VIEW_TEXT(SNP_KIND), buf_view(&rules)};
    return appraise(&evidence, &accepted, 1, &out);
}

static enum status sign_and_appraise(void)
{
    snp_world_sign();
    return appraise_under_terms();
}

static enum status appraise_without_terms(void)
{
    static uint8_t space_bytes[APPRAISAL_SPACE];
    static struct buf space;

    space = BUF_OF(space_bytes);
    evidence.space = &space;
    snp_world_sign();
    return appraise_authenticity(&evidence, &out);
}

static const struct check *find_check(const char *name)
{
    for (uint32_t i = 0; i < out.check_count; i++)
        if (strcmp(out.checks[i].name, name) == 0)
            return &out.checks[i];
    fail_msg("no check is called %s", name);
    return NULL;
}

/* Refused for this alone. */
static void assert_refused(const char *name, enum status why)
{
    snp_world_sign();
    assert_int_equal(appraise_under_terms(), why);
    assert_int_equal(out.reason, why);
    assert_string_equal(appraisal_failed(&out)->name, name);
    for (uint32_t i = 0; i < out.check_count; i++)
        assert_true(out.checks[i].outcome != CHECK_FAILED || &out.checks[i] == appraisal_failed(&out));
}

static const struct appraisal_field *find_field(const char *name)
{
    for (uint32_t i = 0; i < out.field_count; i++)
        if (strcmp(out.fields[i].name, name) == 0)
            return &out.fields[i];
    return NULL;
}

/* ---- what is accepted ---- */

static void accepts_what_the_terms_demand(void **state)
{
    (void)state;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_true(out.authentic && !out.debug && !out.simulated);
    for (uint32_t i = 0; i < out.check_count; i++)
        assert_int_equal(out.checks[i].outcome, CHECK_PASSED);
    assert_int_equal(out.ear_status, EAR_AFFIRMING);
    assert_null(out.tcb_status);
    assert_true(out.not_before == CRL_ISSUED && out.not_after == CRL_END);
    assert_true(view_equal(out.measurement, (struct view){snp_world.report + AT_MEASUREMENT, 48}));
    assert_int_equal(find_field("rtcb.ucode")->number, 217);
    assert_true(view_equal(find_field("product")->bytes, VIEW_TEXT("Milan")));
    assert_true(view_equal(find_field("endorsement")->bytes, VIEW_TEXT("VCEK")));
    assert_int_equal(find_field("grace")->number, 0);
    assert_int_equal(find_field("pol.smt")->number, 1);
    assert_null(find_field("rtcb.fmc"));
    assert_true(out.field_count < APPRAISAL_FIELDS_MAX);
}

static void accepts_a_providers_key_where_the_terms_name_it(void **state)
{
    (void)state;
    struct snp_claims claims = snp_milan_claims;

    claims.product = "Milan";
    claims.provider = "CN=cloud.example";
    claims.chip_len = 0;
    snp_world_claim(&claims);
    snp_world.leaf.subject = "SEV-VLEK";
    snp_world.leaf.issuer = snp_world.issuer.subject = "SEV-VLEK-Milan";
    snp_world.report[AT_FLAGS] = SNP_VLEK << 2;
    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    endorse_crl("250601000000Z", "250701000000Z", 7);
    assert_refused("an accepted signing key", STATUS_EVIDENCE_SIGNER);
    terms.vlek = true;
    terms.vcek = false;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(find_check("chip")->outcome, CHECK_NOT_MADE);
    assert_true(view_equal(find_field("endorsement")->bytes, VIEW_TEXT("VLEK")));
}

static void judges_every_part_of_turins_tcb(void **state)
{
    (void)state;
    static const uint8_t tcb[8] = {1, 2, 3, 4, 0, 0, 0, 71};
    const struct snp_claims claims = {.product = "Turin",
                                      .bootloader = 2,
                                      .tee = 3,
                                      .snp = 4,
                                      .microcode = 71,
                                      .fmc = 1,
                                      .has_fmc = true,
                                      .chip_len = 8,
                                      .chip = {1, 2, 3}};

    snp_world_claim(&claims);
    snp_world.leaf.issuer = snp_world.issuer.subject = "SEV-Turin";
    snp_world.issuer.issuer = snp_world.root.subject = snp_world.root.issuer = "ARK-Turin";
    snp_world.report[0x188] = 0x1a;
    memcpy(snp_world.report + AT_REPORTED_TCB, tcb, sizeof tcb);
    memset(snp_world.report + 0x1a0, 0, 64);
    memcpy(snp_world.report + 0x1a0, claims.chip, 8);
    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    terms.crl_required = false;
    assert_refused("an accepted product", STATUS_EVIDENCE_PLATFORM);
    terms.least_count = 2;
    terms.least[1] = (struct snp_least){SNP_TURIN, {1, 2, 3, 4, 71}};
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(find_field("rtcb.fmc")->number, 1);
    terms.least[1].tcb.fmc = 2;
    assert_refused("fmc is new enough", STATUS_EVIDENCE_TCB);
}

/* ---- one line of the terms differs ---- */

static void no_milan(void)
{
    terms.least[0].product = SNP_GENOA;
}

static void newer_boot_loader(void)
{
    terms.least[0].tcb.bootloader++;
}

static void newer_tee(void)
{
    terms.least[0].tcb.tee++;
}

static void newer_snp(void)
{
    terms.least[0].tcb.snp++;
}

static void newer_microcode(void)
{
    terms.least[0].tcb.microcode++;
}

static void another_key(void)
{
    terms.vcek = false;
    terms.vlek = true;
}

static void lower_vmpl(void)
{
    terms.max_vmpl = 0;
}

static void no_smt(void)
{
    terms.allowed = 0;
}

static void single_socket(void)
{
    terms.required = SNP_POLICY_SINGLE_SOCKET;
}

static void aes_256_xts(void)
{
    terms.required = SNP_POLICY_AES_256_XTS;
}

static void rapl_off(void)
{
    terms.required = SNP_POLICY_RAPL_OFF;
}

static void ciphertext_hiding(void)
{
    terms.required = SNP_POLICY_CIPHERTEXT_HIDING;
}

static void page_swap_off(void)
{
    terms.required = SNP_POLICY_PAGE_SWAP_OFF;
}

static void another_measurement(void)
{
    terms.measurement.list[0].ptr = other;
}

static void other_host_data(void)
{
    terms.host_data.list[0].ptr = other;
}

static void a_younger_list(void)
{
    terms.max_age_s = SNP_WORLD_NOW - CRL_ISSUED - 1;
}

static void each_line_that_differs_has_its_own_reason(void **state)
{
    (void)state;
    static const struct {
        void (*change)(void);
        const char *name;
        enum status want;
    } cases[] = {
        {no_milan, "an accepted product", STATUS_EVIDENCE_PLATFORM},
        {newer_boot_loader, "boot loader is new enough", STATUS_EVIDENCE_TCB},
        {newer_tee, "tee is new enough", STATUS_EVIDENCE_TCB},
        {newer_snp, "snp firmware is new enough", STATUS_EVIDENCE_TCB},
        {newer_microcode, "microcode is new enough", STATUS_EVIDENCE_TCB},
        {another_key, "an accepted signing key", STATUS_EVIDENCE_SIGNER},
        {lower_vmpl, "vmpl is low enough", STATUS_EVIDENCE_GUEST_POLICY},
        {no_smt, "smt is off or allowed", STATUS_EVIDENCE_GUEST_POLICY},
        {single_socket, "single socket, if required", STATUS_EVIDENCE_GUEST_POLICY},
        {aes_256_xts, "aes-256-xts, if required", STATUS_EVIDENCE_GUEST_POLICY},
        {rapl_off, "rapl off, if required", STATUS_EVIDENCE_GUEST_POLICY},
        {ciphertext_hiding, "ciphertext hiding, if required", STATUS_EVIDENCE_GUEST_POLICY},
        {page_swap_off, "page swap off, if required", STATUS_EVIDENCE_GUEST_POLICY},
        {another_measurement, "an accepted measurement or signer", STATUS_EVIDENCE_MEASUREMENT},
        {other_host_data, "accepted host data", STATUS_EVIDENCE_MEASUREMENT},
        {a_younger_list, "the revocation list is new enough", STATUS_EVIDENCE_CRL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].name);
        fit();
        cases[i].change();
        assert_refused(cases[i].name, cases[i].want);
        assert_true(out.authentic);
    }
    fit();
    a_younger_list();
    terms.max_age_s++; /* of the very age */
    assert_int_equal(sign_and_appraise(), STATUS_OK);
}

static void a_weakness_must_be_allowed_and_a_strength_may_be_there(void **state)
{
    (void)state;
    static const struct {
        uint64_t bit;
        const char *name;
        enum status want;
    } cases[] = {
        {SNP_POLICY_DEBUG, "debugging is off or allowed", STATUS_EVIDENCE_DEBUG},
        {SNP_POLICY_MIGRATE, "migration is off or allowed", STATUS_EVIDENCE_GUEST_POLICY},
        {SNP_POLICY_CXL, "cxl is off or allowed", STATUS_EVIDENCE_GUEST_POLICY},
    };
    const uint64_t plain = 0x30000;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].name);
        fit();
        write_le32(snp_world.report + AT_POLICY, (uint32_t)(plain | cases[i].bit));
        assert_refused(cases[i].name, cases[i].want);
        assert_true(out.authentic);
        assert_int_equal(out.debug, cases[i].bit == SNP_POLICY_DEBUG);
        terms.allowed |= cases[i].bit;
        assert_int_equal(sign_and_appraise(), STATUS_OK);
        assert_int_equal(out.debug, cases[i].bit == SNP_POLICY_DEBUG);
        assert_int_equal(out.ear_status, cases[i].bit == SNP_POLICY_DEBUG ? EAR_WARNING : EAR_AFFIRMING);
    }
    fit();
    write_le32(snp_world.report + AT_POLICY, (uint32_t)(plain | SNP_POLICY_STRENGTHENING));
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    terms.required = SNP_POLICY_STRENGTHENING;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    write_le32(snp_world.report + AT_POLICY, (uint32_t)(plain | 1 << 26)); /* nobody knows what it means */
    assert_int_equal(sign_and_appraise(), STATUS_EVIDENCE_GUEST_POLICY);
    assert_string_equal(appraisal_failed(&out)->name, "policy");
    write_le32(snp_world.report + AT_POLICY, (uint32_t)plain);
    write_le32(snp_world.report + AT_VMPL, UINT32_MAX); /* asked for by the host */
    terms.max_vmpl = SNP_VMPL_MAX;
    terms.required = 0;
    assert_int_equal(sign_and_appraise(), STATUS_EVIDENCE_SIGNER);
    assert_string_equal(appraisal_failed(&out)->name, "vmpl");
}

/* ---- guests that are known by their signer ---- */

static void a_signer_is_as_good_as_a_measurement(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct snp_signer signer;
        bool author_key;
        enum status want;
    } cases[] = {
        {"by its key", {{snp_world.report + AT_ID_KEY, 48}, {NULL, 0}, 5}, false, STATUS_OK},
        {"of its image",
         {{snp_world.report + AT_ID_KEY, 48}, {snp_world.report + AT_IMAGE_ID, 16}, 0},
         false,
         STATUS_OK},
        {"of another image", {{snp_world.report + AT_ID_KEY, 48}, {other, 16}, 5}, false, STATUS_EVIDENCE_MEASUREMENT},
        {"too old", {{snp_world.report + AT_ID_KEY, 48}, {NULL, 0}, 6}, false, STATUS_EVIDENCE_MEASUREMENT},
        {"by another key", {{other, 48}, {NULL, 0}, 0}, false, STATUS_EVIDENCE_MEASUREMENT},
        {"by its author", {{snp_world.report + AT_AUTHOR_KEY, 48}, {NULL, 0}, 5}, true, STATUS_OK},
        {"by its key, with an author", {{snp_world.report + AT_ID_KEY, 48}, {NULL, 0}, 5}, true, STATUS_OK},
        {"by an author who did not sign",
         {{snp_world.report + AT_AUTHOR_KEY, 48}, {NULL, 0}, 5},
         false,
         STATUS_EVIDENCE_MEASUREMENT},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        terms.measurement.count = 0;
        terms.signer_count = 2;
        terms.signers[0] = (struct snp_signer){{other + 1, 48}, {other, 16}, 0};
        terms.signers[1] = cases[i].signer;
        snp_world.report[AT_FLAGS] = cases[i].author_key;
        assert_int_equal(sign_and_appraise(), cases[i].want);
    }
}

/* ---- revocation lists ---- */

static void a_list_must_be_there_where_the_terms_say_so(void **state)
{
    (void)state;
    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    assert_refused("a revocation list is there", STATUS_EVIDENCE_CRL);
    assert_true(out.authentic);
    assert_int_equal(find_check("revocation")->outcome, CHECK_NOT_MADE);
    assert_int_equal(find_check("the revocation list is new enough")->outcome, CHECK_NOT_MADE);
    terms.crl_required = false;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(out.ear_status, EAR_WARNING);
    assert_int_equal(find_check("a revocation list is there")->outcome, CHECK_NOT_MADE);
    assert_true(out.not_before == SNP_WORLD_LEAF_FIRST && out.not_after == SNP_WORLD_LEAF_LAST);
    endorse_crl("250601000000Z", "250614000000Z", 7); /* not needed, but there: so it counts */
    assert_int_equal(sign_and_appraise(), STATUS_EVIDENCE_CRL);
    assert_true(out.not_after == 1749859200); /* and its end is told: 2025-06-14T00:00:00Z */
    assert_string_equal(appraisal_failed(&out)->name, "revocation");
    assert_false(out.authentic);
}

static void a_list_of_another_or_by_another_is_none(void **state)
{
    (void)state;
    const struct maker_key other_key = maker_key_of(9);
    const struct maker_crl of_another = {"ARK-Genoa", &snp_world.root_key, "250601000000Z", "250701000000Z", 7};
    const struct maker_crl by_another = {"ARK-Milan", &other_key, "250601000000Z", "250701000000Z", 7};

    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    snp_world_endorse(maker_crl(&of_another, &snp_world.used));
    assert_refused("a revocation list is there", STATUS_EVIDENCE_CRL);
    snp_world_endorse(maker_crl(&by_another, &snp_world.used));
    assert_int_equal(sign_and_appraise(), STATUS_FORGED);
    assert_string_equal(appraisal_failed(&out)->name, "revocation");
}

static void a_list_that_revokes_decides(void **state)
{
    (void)state;
    endorse_crl("240601000000Z", "240701000000Z", 2);
    terms.grace_s = TIME_MAX;
    assert_int_equal(sign_and_appraise(), STATUS_EVIDENCE_REVOKED);
    assert_false(out.authentic);
}

static void grace_ends_to_the_second_and_is_for_lists_alone(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint64_t now, grace_s;
        enum status want;
        bool late;
    } cases[] = {
        {"the list's first second", CRL_ISSUED, 0, STATUS_OK, false},
        {"the second before", CRL_ISSUED - 1, TIME_MAX, STATUS_EVIDENCE_CRL, false},
        {"its last second", CRL_END, 0, STATUS_OK, false},
        {"its last second, with grace", CRL_END, 100, STATUS_OK, false},
        {"the second after, without grace", CRL_END + 1, 0, STATUS_EVIDENCE_CRL, false},
        {"the second after, a second's grace", CRL_END + 1, 1, STATUS_OK, true},
        {"the last second of grace", CRL_END + 100, 100, STATUS_OK, true},
        {"the second after grace", CRL_END + 101, 100, STATUS_EVIDENCE_CRL, false},
        {"the leaf's last second", SNP_WORLD_LEAF_LAST, TIME_MAX, STATUS_OK, true},
        {"the second after it", SNP_WORLD_LEAF_LAST + 1, TIME_MAX, STATUS_EVIDENCE_EXPIRED, false},
    };

    terms.max_age_s = TIME_MAX;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        evidence.now = cases[i].now;
        terms.grace_s = cases[i].grace_s;
        assert_int_equal(sign_and_appraise(), cases[i].want);
        if (cases[i].want != STATUS_OK)
            continue;
        assert_int_equal(find_field("grace")->number, cases[i].late);
        assert_int_equal(out.ear_status, cases[i].late ? EAR_WARNING : EAR_AFFIRMING);
        assert_true(out.not_after == CRL_END);
    }
}

static void age_counts_under_grace_too(void **state)
{
    (void)state;
    evidence.now = CRL_END + 10;
    terms.grace_s = 10;
    terms.max_age_s = CRL_END + 10 - CRL_ISSUED;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    terms.max_age_s--;
    assert_refused("the revocation list is new enough", STATUS_EVIDENCE_CRL);
}

/* The chip's certificate may be younger than the list that has ended. */
static void a_certificate_from_after_the_lists_end_is_taken(void **state)
{
    (void)state;
    snp_world.endorsements.count = 0;
    snp_world.leaf.not_before = "250612000000Z";
    snp_world_endorse_chain();
    endorse_crl("250601000000Z", "250610000000Z", 7);
    terms.grace_s = 10 * DAY;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_true(out.ear_status == EAR_WARNING);
}

static void of_several_lists_the_best_counts(void **state)
{
    (void)state;
    /* Beside the one of set_up: a late one, and one that is older but in its time. */
    endorse_crl("250605000000Z", "250614000000Z", 7);
    endorse_crl("250501000000Z", "250801000000Z", 7);
    terms.grace_s = 30 * DAY;
    terms.max_age_s = SNP_WORLD_NOW - CRL_ISSUED;
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(find_field("grace")->number, 0);
    assert_int_equal(out.ear_status, EAR_AFFIRMING);
    assert_true(out.not_after == CRL_END);
    /* In another order. */
    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    endorse_crl("250605000000Z", "250614000000Z", 7);
    endorse_crl("250501000000Z", "250801000000Z", 7);
    endorse_crl("250601000000Z", "250701000000Z", 7);
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(find_field("grace")->number, 0);
    assert_true(out.not_after == CRL_END);
    /* Without any in its time: the newest of the late ones. */
    snp_world.endorsements.count = 0;
    snp_world_endorse_chain();
    endorse_crl("250501000000Z", "250612000000Z", 7);
    endorse_crl("250605000000Z", "250614000000Z", 7);
    endorse_crl("250503000000Z", "250613000000Z", 7);
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(find_field("grace")->number, 1);
    assert_true(out.not_after == 1749859200); /* 2025-06-14T00:00:00Z */
}

/* ---- what is shown ---- */

static void the_report_must_bind_what_is_expected(void **state)
{
    (void)state;
    evidence.report_data = (struct view){other, 64};
    assert_refused("report data", STATUS_EVIDENCE_BINDING);
    evidence.report_data = (struct view){snp_world.report + AT_REPORT_DATA, 32};
    assert_refused("report data", STATUS_EVIDENCE_BINDING);
    memset(snp_world.report + AT_REPORT_DATA + 32, 0, 32); /* a tool's shorter nonce */
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    evidence.report_data = (struct view){NULL, 0};
    assert_int_equal(sign_and_appraise(), STATUS_OK);
    assert_int_equal(find_check("report data")->outcome, CHECK_NOT_MADE);
}

static void without_rules_it_says_who_signed_and_judges_nothing(void **state)
{
    (void)state;
    uint32_t unchecked = 0;

    write_le32(snp_world.report + AT_POLICY, 0xb0000 | SNP_POLICY_MIGRATE); /* and debugging */
    assert_int_equal(appraise_without_terms(), STATUS_OK);
    assert_true(out.authentic && out.debug);
    assert_int_equal(find_check("signature")->outcome, CHECK_PASSED);
    assert_int_equal(find_check("report data")->outcome, CHECK_PASSED);
    for (uint32_t i = 0; i < out.check_count; i++)
        unchecked += out.checks[i].outcome == CHECK_NOT_MADE;
    assert_int_equal(unchecked, 1 + 7 + 1 + 9 + 2 + 2);
    assert_null(find_field("grace"));
    evidence.report_data = (struct view){other, 64};
    assert_int_equal(appraise_without_terms(), STATUS_EVIDENCE_BINDING);
    evidence.now = CRL_END + 1; /* nobody gave grace */
    assert_int_equal(appraise_without_terms(), STATUS_EVIDENCE_CRL);
    assert_false(out.authentic);
    assert_int_equal(find_check("report data")->outcome, CHECK_NOT_MADE);
}

/* Every entry and every outcome makes the same checks in the same order: appraise compares how far they came. */
static void the_order_of_checks_is_always_the_same(void **state)
{
    (void)state;
    struct appraisal first;

    assert_int_equal(sign_and_appraise(), STATUS_OK);
    first = out;
    snp_world.endorsements.count = 0;
    assert_int_equal(sign_and_appraise(), STATUS_EVIDENCE_COLLATERAL);
    assert_int_equal(out.check_count, first.check_count);
    for (uint32_t i = 0; i < out.check_count; i++)
        assert_string_equal(out.checks[i].name, first.checks[i].name);
}

static void rules_that_do_not_decode_accept_nothing(void **state)
{
    (void)state;
    const struct view rules = VIEW_TEXT("\xa0");
    uint8_t space_bytes[64];
    struct buf space = BUF_OF(space_bytes);

    snp_world_sign();
    evidence.space = &space;
    assert_int_equal(snp_appraise(&evidence, &rules, &out), STATUS_MALFORMED);
    assert_false(out.authentic);
    assert_int_equal(out.check_count, 1);
}

static void what_is_not_authentic_is_never_judged(void **state)
{
    (void)state;
    snp_world_sign();
    snp_world.report[AT_MEASUREMENT] ^= 1;
    fit();
    assert_int_equal(appraise_under_terms(), STATUS_FORGED);
    assert_false(out.authentic);
    assert_int_equal(find_check("an accepted measurement or signer")->outcome, CHECK_NOT_MADE);
    assert_int_equal(find_check("report data")->outcome, CHECK_NOT_MADE);
}

/* A host that was given no certificates answers with zeros: the certificates are the collateral's. */
static void an_empty_certificate_table_is_no_fault(void **state)
{
    (void)state;
    static const uint8_t empty[4096];

    snp_world_endorse(VIEW_OF(empty));
    assert_int_equal(sign_and_appraise(), STATUS_OK);
}

static void refuses_a_report_cut_at_any_length_or_followed_by_a_byte(void **state)
{
    (void)state;
    uint8_t longer[SNP_REPORT_SIZE + 1] = {0};

    snp_world_sign();
    for (size_t len = 0; len < SNP_REPORT_SIZE; len++) {
        evidence.bytes = (struct view){snp_world.report, len};
        assert_int_equal(appraise_under_terms(), STATUS_TRUNCATED);
        assert_int_equal(out.field_count, 0);
    }
    memcpy(longer, snp_world.report, SNP_REPORT_SIZE);
    evidence.bytes = VIEW_OF(longer);
    assert_int_equal(appraise_under_terms(), STATUS_TRAILING);
}

static void no_changed_byte_is_accepted(void **state)
{
    (void)state;
    snp_world_sign();
    fit();
    evidence.report_data.len = 0;
    for (size_t i = 0; i < SNP_REPORT_SIZE; i += 17) {
        snp_world.report[i] ^= 0x01;
        assert_int_not_equal(appraise_under_terms(), STATUS_OK);
        assert_false(out.authentic);
        snp_world.report[i] ^= 0x01;
    }
    assert_int_equal(appraise_under_terms(), STATUS_OK);
}

/* Fields are for a person: without room for them the verdict stands. */
static void a_small_space_costs_fields_alone(void **state)
{
    (void)state;
    uint8_t rules_bytes[ACCEPTED_SIZE_MAX], space_bytes[8];
    struct buf rules = BUF_OF(rules_bytes), space = BUF_OF(space_bytes);
    struct view view;

    snp_world_sign();
    assert_int_equal(snp_terms_encode(&terms, &rules), STATUS_OK);
    view = buf_view(&rules);
    evidence.space = &space;
    assert_int_equal(snp_appraise(&evidence, &view, &out), STATUS_OK);
    assert_non_null(find_field("policy"));
    assert_null(find_field("platform_info"));
    assert_non_null(find_field("measurement"));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_what_the_terms_demand),
        TEST(accepts_a_providers_key_where_the_terms_name_it),
        TEST(judges_every_part_of_turins_tcb),
        TEST(each_line_that_differs_has_its_own_reason),
        TEST(a_weakness_must_be_allowed_and_a_strength_may_be_there),
        TEST(a_signer_is_as_good_as_a_measurement),
        TEST(a_list_must_be_there_where_the_terms_say_so),
        TEST(a_list_of_another_or_by_another_is_none),
        TEST(a_list_that_revokes_decides),
        TEST(grace_ends_to_the_second_and_is_for_lists_alone),
        TEST(age_counts_under_grace_too),
        TEST(a_certificate_from_after_the_lists_end_is_taken),
        TEST(of_several_lists_the_best_counts),
        TEST(the_report_must_bind_what_is_expected),
        TEST(without_rules_it_says_who_signed_and_judges_nothing),
        TEST(the_order_of_checks_is_always_the_same),
        TEST(rules_that_do_not_decode_accept_nothing),
        TEST(what_is_not_authentic_is_never_judged),
        TEST(an_empty_certificate_table_is_no_fault),
        TEST(refuses_a_report_cut_at_any_length_or_followed_by_a_byte),
        TEST(no_changed_byte_is_accepted),
        TEST(a_small_space_costs_fields_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

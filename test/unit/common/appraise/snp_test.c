/* What SEV-SNP reports say, under a chain made here: what is accepted, and each reason of refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "snp_world.h"

static void accepts_a_report_of_its_chip(void **state)
{
    (void)state;
    snp_world_endorse_chain();
    assert_snp_accepted();
    for (int id = 0; id < SNP_CHECK_COUNT; id++)
        assert_int_equal(snp_world.result.checks[id].outcome,
                         id == SNP_CHECK_REVOCATION ? SNP_NOT_CHECKED : SNP_PASSED);
    assert_int_equal(snp_world.result.product, SNP_MILAN);
    assert_int_equal(snp_world.result.reported.microcode, 217);
    assert_true(snp_world.result.not_before == SNP_WORLD_LEAF_FIRST &&
                snp_world.result.not_after == SNP_WORLD_LEAF_LAST);
    assert_string_equal(snp_world.result.checks[SNP_CHECK_CHAIN].name, "chain");
}

static void accepts_a_providers_key_of_any_chip(void **state)
{
    (void)state;
    struct snp_claims claims = snp_milan_claims;

    claims.product = "Milan";
    claims.provider = "CN=cloud.example";
    claims.chip_len = 0;
    snp_world_claim(&claims);
    snp_world.leaf.subject = "SEV-VLEK";
    snp_world.leaf.issuer = snp_world.issuer.subject = "SEV-VLEK-Milan";
    snp_world.report[0x48] = 1 << 2;
    memset(snp_world.report + 0x1a0, 0, 64);
    snp_world_endorse_chain();
    assert_snp_accepted();
    assert_int_equal(snp_world.result.checks[SNP_CHECK_CHIP].outcome, SNP_NOT_CHECKED);
}

static void turin_orders_its_tcb_and_its_chips_otherwise(void **state)
{
    (void)state;
    static const uint8_t tcb[8] = {1, 2, 3, 4, 0, 0, 0, 71};
    struct snp_claims claims = {.product = "Turin",
                                .bootloader = 2,
                                .tee = 3,
                                .snp = 4,
                                .microcode = 71,
                                .fmc = 1,
                                .has_fmc = true,
                                .chip_len = 8,
                                .chip = {1, 2, 3}};

    for (int wrapped = 0; wrapped < 2; wrapped++) {
        snp_world.endorsements.count = 0;
        claims.wrapped = wrapped;
        snp_world_claim(&claims);
        snp_world.leaf.issuer = snp_world.issuer.subject = "SEV-Turin";
        snp_world.issuer.issuer = snp_world.root.subject = snp_world.root.issuer = "ARK-Turin";
        snp_world.report[0x188] = 0x1a;
        memcpy(snp_world.report + 0x180, tcb, sizeof tcb);
        memset(snp_world.report + 0x1a0, 0, 64);
        memcpy(snp_world.report + 0x1a0, claims.chip, 8);
        snp_world_endorse_chain();
        assert_snp_accepted();
        assert_int_equal(snp_world.result.reported.fmc, 1);
    }
    snp_world.report[0x1a0 + 8] = 1;
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM);
    snp_world.report[0x1a0 + 8] = 0;
    snp_world.report[0x180] = 0;
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_TCB, STATUS_EVIDENCE_TCB);
    snp_world.report[0] = 2; /* which has no processor in it, and was before Turin */
    snp_world.report[0x188] = snp_world.report[0x189] = 0;
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_PRODUCT, STATUS_EVIDENCE_PLATFORM);
}

/* One byte of the report is set to something else; then it is signed, so that this is what counts. */
static void refuses_reports_that_say_what_they_must_not(void **state)
{
    (void)state;
    const struct {
        const char *why;
        size_t at;
        uint8_t value;
        enum snp_check_id id;
        enum status want;
    } cases[] = {
        {"version 4", 0, 4, SNP_CHECK_REPORT, STATUS_UNSUPPORTED},
        {"another signature algorithm", 0x34, 2, SNP_CHECK_REPORT, STATUS_UNSUPPORTED},
        {"a key flag without meaning", 0x48, 0x20, SNP_CHECK_REPORT, STATUS_UNSUPPORTED},
        {"a reserved byte", 0x4c, 1, SNP_CHECK_REPORT, STATUS_MALFORMED},
        {"mitigations in version 3", 0x1f8, 1, SNP_CHECK_REPORT, STATUS_MALFORMED},
        {"a byte behind the last field", 0x29f, 1, SNP_CHECK_REPORT, STATUS_MALFORMED},
        {"a byte behind r", 0x2a0 + 48, 1, SNP_CHECK_REPORT, STATUS_MALFORMED},
        {"a byte behind the signature", 0x49f, 1, SNP_CHECK_REPORT, STATUS_MALFORMED},
        {"a masked chip key", 0x48, 2, SNP_CHECK_SIGNER, STATUS_EVIDENCE_SIGNER},
        {"a signing key without meaning", 0x48, 2 << 2, SNP_CHECK_SIGNER, STATUS_EVIDENCE_SIGNER},
        {"no signing key", 0x48, 7 << 2, SNP_CHECK_SIGNER, STATUS_EVIDENCE_SIGNER},
        {"a VLEK of which there is no certificate", 0x48, 1 << 2, SNP_CHECK_LEAF, STATUS_EVIDENCE_COLLATERAL},
        {"a Genoa processor", 0x189, 0x11, SNP_CHECK_PRODUCT, STATUS_EVIDENCE_PLATFORM},
        {"an unknown processor", 0x188, 0x18, SNP_CHECK_PRODUCT, STATUS_EVIDENCE_PLATFORM},
        {"a TCB above that of the key", 0x187, 218, SNP_CHECK_TCB, STATUS_EVIDENCE_TCB},
        {"a TCB below that of the key", 0x180, 3, SNP_CHECK_TCB, STATUS_EVIDENCE_TCB},
        {"another chip", 0x1a0, 6, SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM},
        {"a policy without its one bit", 0x0a, 1, SNP_CHECK_POLICY, STATUS_EVIDENCE_GUEST_POLICY},
        {"a policy bit without meaning", 0x0b, 4, SNP_CHECK_POLICY, STATUS_EVIDENCE_GUEST_POLICY},
        {"debug", 0x0a, 0x0b, SNP_CHECK_DEBUG, STATUS_EVIDENCE_DEBUG},
        {"a migration agent", 0x0a, 0x07, SNP_CHECK_MIGRATION, STATUS_EVIDENCE_GUEST_POLICY},
        {"asked for by the host", 0x33, 0xff, SNP_CHECK_VMPL, STATUS_EVIDENCE_SIGNER},
        {"VMPL 4", 0x30, 4, SNP_CHECK_VMPL, STATUS_EVIDENCE_SIGNER},
    };

    snp_world_endorse_chain();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const uint8_t before = snp_world.report[cases[i].at];

        print_message("  %s\n", cases[i].why);
        snp_world.report[cases[i].at] = cases[i].value;
        (void)snp_world_examine();
        assert_snp_refused(cases[i].id, cases[i].want);
        snp_world.report[cases[i].at] = before;
    }
    assert_snp_accepted();
}

static void a_masked_chip_has_no_vcek(void **state)
{
    (void)state;
    struct snp_claims claims = snp_milan_claims;

    memset(claims.chip, 0, sizeof claims.chip);
    snp_world_claim(&claims);
    memset(snp_world.report + 0x1a0, 0, 64);
    snp_world_endorse_chain();
    (void)snp_world_examine();
    assert_snp_refused(SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM);
}

static void version_2_takes_its_product_from_the_chain(void **state)
{
    (void)state;
    snp_world.report[0] = 2;
    snp_world.report[0x188] = snp_world.report[0x189] = 0;
    snp_world_endorse_chain();
    assert_snp_accepted();
    assert_int_equal(snp_world.result.product, SNP_MILAN);
    snp_world.report[0x189] = 1;
    assert_int_equal(snp_world_examine(), STATUS_MALFORMED);
}

static void version_5_tells_its_mitigations(void **state)
{
    (void)state;
    snp_world.report[0] = 5;
    snp_world.report[0x1f8] = 1;
    snp_world.report[0x207] = 0x80;
    snp_world_endorse_chain();
    assert_snp_accepted();
    assert_true(snp_world.result.report.launch_mitigations == 1);
    assert_true(snp_world.result.report.current_mitigations == 1ull << 63);
}

static void refuses_every_other_length(void **state)
{
    (void)state;
    uint8_t longer[SNP_REPORT_SIZE + 1] = {0};

    snp_world_endorse_chain();
    assert_snp_accepted();
    for (size_t len = 0; len < SNP_REPORT_SIZE; len++) {
        assert_int_equal(snp_world_examine_bytes((struct view){snp_world.report, len}), STATUS_TRUNCATED);
        assert_false(snp_world.result.authentic);
    }
    memcpy(longer, snp_world.report, SNP_REPORT_SIZE);
    assert_int_equal(snp_world_examine_bytes(VIEW_OF(longer)), STATUS_TRAILING);
}

/* Each signed byte where a field begins or ends, and every seventh one besides. */
static void refuses_every_changed_byte(void **state)
{
    (void)state;
    snp_world_endorse_chain();
    assert_snp_accepted();
    for (size_t at = 0; at < SNP_REPORT_SIZE; at += at < 0x60 ? 1 : 7) {
        snp_world.report[at] ^= 0x10;
        assert_int_not_equal(snp_world_examine_bytes(VIEW_OF(snp_world.report)), STATUS_OK);
        assert_false(snp_world.result.authentic);
        snp_world.report[at] ^= 0x10;
    }
    assert_int_equal(snp_world_examine_bytes(VIEW_OF(snp_world.report)), STATUS_OK);
}

static void tcbs_are_compared_part_by_part(void **state)
{
    (void)state;
    const struct snp_tcb least = {.fmc = 1, .bootloader = 2, .tee = 3, .snp = 4, .microcode = 5};
    uint8_t parts[5] = {1, 2, 3, 4, 5};

    assert_true(snp_tcb_at_least(&least, &least));
    for (size_t i = 0; i < sizeof parts; i++) {
        struct snp_tcb tcb;

        parts[i]--;
        tcb = (struct snp_tcb){parts[0], parts[1], parts[2], parts[3], parts[4]};
        assert_false(snp_tcb_at_least(&tcb, &least));
        assert_true(snp_tcb_at_least(&least, &tcb));
        parts[i]++;
    }
}

#define TEST(name) cmocka_unit_test_setup(name, snp_world_set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_a_report_of_its_chip),
        TEST(accepts_a_providers_key_of_any_chip),
        TEST(turin_orders_its_tcb_and_its_chips_otherwise),
        TEST(refuses_reports_that_say_what_they_must_not),
        TEST(a_masked_chip_has_no_vcek),
        TEST(version_2_takes_its_product_from_the_chain),
        TEST(version_5_tells_its_mitigations),
        TEST(refuses_every_other_length),
        TEST(refuses_every_changed_byte),
        TEST(tcbs_are_compared_part_by_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

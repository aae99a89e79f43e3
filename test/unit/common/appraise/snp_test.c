/* SEV-SNP reports under a chain made here: what is accepted, and each reason of refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "snp.h"
#include "x509_maker.h"

#define OID_AMD      0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01
#define NOW          1750000000 /* 2025-06-15T15:06:40Z */
#define LEAF_FIRST   1735689600 /* 2025-01-01T00:00:00Z */
#define LEAF_LAST    1767225599 /* 2025-12-31T23:59:59Z */
#define POLICY_PLAIN 0x30000

/* A processor, its certificates and one report of it; a test changes what it is about, then calls examine. */
struct world {
    struct maker_key root_key, issuer_key, leaf_key;
    struct maker_certificate root, issuer, leaf;
    uint8_t memory[1 << 16], extensions[1024], report[SNP_REPORT_SIZE], space[SNP_SPACE];
    struct buf used;
    struct snp_root roots[SNP_ROOTS];
    struct endorsements endorsements;
    struct snp_result result;
    int64_t time;
};

static struct world world;

static void add_svn(struct buf *out, uint8_t number, uint8_t value)
{
    const uint8_t oid[] = {OID_AMD, 0x03, number}, small[] = {DER_INTEGER, 1, value},
                  large[] = {DER_INTEGER, 2, 0, value};

    maker_put_extension(out, VIEW_OF(oid), value < 0x80 ? VIEW_OF(small) : VIEW_OF(large));
}

static void add_text(struct buf *out, uint8_t number, const char *text)
{
    const uint8_t oid[] = {OID_AMD, number};
    uint8_t memory[64];
    struct buf value = BUF_OF(memory);

    maker_put(&value, DER_IA5_STRING, view_of_string(text));
    maker_put_extension(out, VIEW_OF(oid), buf_view(&value));
}

static void add_chip(struct buf *out, struct view chip, bool wrapped)
{
    const uint8_t oid[] = {OID_AMD, 0x04};
    uint8_t memory[80];
    struct buf value = BUF_OF(memory);

    maker_put(&value, DER_OCTET_STRING, chip);
    maker_put_extension(out, VIEW_OF(oid), wrapped ? buf_view(&value) : chip);
}

/* What a leaf's extensions are made of. */
struct claims {
    const char *product, *provider; /* provider: NULL for a VCEK */
    uint8_t bootloader, tee, snp, microcode, fmc;
    bool has_fmc, wrapped;
    size_t chip_len;
    uint8_t chip[64];
};

static const struct claims milan_claims = {
    .product = "Milan-B0", .bootloader = 4, .snp = 24, .microcode = 217, .chip_len = 64, .chip = {7, 8, 9, [63] = 1}};

static void claim(const struct claims *claims)
{
    struct buf out = BUF_OF(world.extensions);

    add_text(&out, 2, claims->product);
    add_svn(&out, 1, claims->bootloader);
    add_svn(&out, 2, claims->tee);
    add_svn(&out, 3, claims->snp);
    add_svn(&out, 8, claims->microcode);
    if (claims->has_fmc)
        add_svn(&out, 9, claims->fmc);
    if (claims->provider != NULL)
        add_text(&out, 5, claims->provider);
    if (claims->chip_len > 0)
        add_chip(&out, (struct view){claims->chip, claims->chip_len}, claims->wrapped);
    world.leaf.extensions = buf_view(&out);
}

static void sign_report(const struct maker_key *key)
{
    uint8_t signature[96];

    maker_sign(key, (struct view){world.report, 0x2a0}, signature);
    for (size_t i = 0; i < 48; i++) {
        world.report[0x2a0 + i] = signature[47 - i];
        world.report[0x2e8 + i] = signature[95 - i];
    }
}

static void endorse(struct view bytes)
{
    assert_true(world.endorsements.count < ENDORSEMENTS_MAX);
    world.endorsements.list[world.endorsements.count++] = bytes;
}

static void endorse_chain(void)
{
    endorse(maker_certificate(&world.leaf, &world.used));
    endorse(maker_certificate(&world.issuer, &world.used));
    endorse(maker_certificate(&world.root, &world.used));
}

/* A Milan report of version 3 by a VCEK; nothing endorsed yet. */
static int set_up(void **state)
{
    (void)state;
    static const uint8_t tcb[8] = {4, 0, 0, 0, 0, 0, 24, 217};

    memset(&world, 0, sizeof world);
    world.used = BUF_OF(world.memory);
    world.time = NOW;
    world.root_key = maker_key_of(1);
    world.issuer_key = maker_key_of(2);
    world.leaf_key = maker_key_of(3);
    for (size_t i = 0; i < SNP_ROOTS; i++)
        world.roots[i] = (struct snp_root){(enum snp_product)(SNP_MILAN + i), {world.root_key.info, MAKER_INFO_SIZE}};
    world.root = (struct maker_certificate){.issuer = "ARK-Milan",
                                            .subject = "ARK-Milan",
                                            .issuer_key = &world.root_key,
                                            .key = &world.root_key,
                                            .serial = 1,
                                            .not_before = "200101000000Z",
                                            .not_after = "450101000000Z",
                                            .is_ca = true};
    world.issuer = world.root;
    world.issuer.subject = "SEV-Milan";
    world.issuer.key = &world.issuer_key;
    world.issuer.serial = 2;
    world.leaf = world.issuer;
    world.leaf.issuer = "SEV-Milan";
    world.leaf.subject = "SEV-VCEK";
    world.leaf.issuer_key = &world.issuer_key;
    world.leaf.key = &world.leaf_key;
    world.leaf.is_ca = false;
    world.leaf.not_before = "250101000000Z";
    world.leaf.not_after = "251231235959Z";
    claim(&milan_claims);
    world.report[0] = 3;
    world.report[0x0a] = POLICY_PLAIN >> 16;
    world.report[0x34] = 1;
    world.report[0x188] = 0x19;
    world.report[0x189] = 1;
    memcpy(world.report + 0x38, tcb, sizeof tcb);
    memcpy(world.report + 0x180, tcb, sizeof tcb);
    memcpy(world.report + 0x1a0, milan_claims.chip, 64);
    return 0;
}

static enum status examine_bytes(struct view report)
{
    const struct snp_evidence evidence = {
        .report = report, .endorsements = &world.endorsements, .time = world.time, .roots = world.roots};
    struct buf space = BUF_OF(world.space);

    snp_examine(&evidence, &space, &world.result);
    return world.result.verdict;
}

static enum status examine(void)
{
    sign_report(&world.leaf_key);
    return examine_bytes(VIEW_OF(world.report));
}

/* Fails unless this check alone is why the report was refused. */
static void assert_refused(enum snp_check_id id, enum status why)
{
    for (int i = 0; i < SNP_CHECK_COUNT; i++)
        if (i != (int)id)
            assert_int_not_equal(world.result.checks[i].outcome, SNP_FAILED);
    assert_int_equal(world.result.checks[id].outcome, SNP_FAILED);
    assert_int_equal(world.result.checks[id].reason, why);
    assert_int_equal(world.result.verdict, why);
    assert_int_equal(world.result.authentic, id > SNP_CHECK_REVOCATION);
}

static void assert_accepted(void)
{
    assert_int_equal(examine(), STATUS_OK);
    assert_true(world.result.authentic);
}

static void accepts_a_report_of_its_chip(void **state)
{
    (void)state;
    endorse_chain();
    assert_accepted();
    for (int id = 0; id < SNP_CHECK_COUNT; id++)
        assert_int_equal(world.result.checks[id].outcome, id == SNP_CHECK_REVOCATION ? SNP_NOT_CHECKED : SNP_PASSED);
    assert_int_equal(world.result.product, SNP_MILAN);
    assert_int_equal(world.result.reported.microcode, 217);
    assert_true(world.result.not_before == LEAF_FIRST && world.result.not_after == LEAF_LAST);
    assert_string_equal(world.result.checks[SNP_CHECK_CHAIN].name, "chain");
}

static void the_order_and_the_encoding_of_certificates_do_not_matter(void **state)
{
    (void)state;
    uint8_t memory[16384];
    struct buf text = BUF_OF(memory);
    struct view leaf = maker_certificate(&world.leaf, &world.used), root = maker_certificate(&world.root, &world.used);
    struct view issuer = maker_certificate(&world.issuer, &world.used);
    const struct view orders[][3] = {{leaf, issuer, root}, {leaf, root, issuer}, {issuer, leaf, root},
                                     {issuer, root, leaf}, {root, leaf, issuer}, {root, issuer, leaf}};

    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        world.endorsements = (struct endorsements){.count = 3};
        memcpy(world.endorsements.list, orders[i], sizeof orders[i]);
        assert_accepted();
        text.len = 0;
        for (size_t k = 0; k < 3; k++)
            (void)maker_pem("CERTIFICATE", orders[i][k], &text);
        world.endorsements = (struct endorsements){.count = 1, .list = {buf_view(&text)}};
        assert_accepted();
    }
    world.endorsements = (struct endorsements){.count = 2, .list = {leaf, issuer}};
    assert_accepted(); /* the root's key is pinned */
}

static void a_hosts_certificate_table_is_read(void **state)
{
    (void)state;
    static const uint8_t guids[][16] = {
        {0x12, 0x34, 0x56, 0x78},
        {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd},
        {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82},
    };
    uint8_t table[4096] = {0};
    const struct view contents[] = {VIEW_TEXT("of the host"), maker_certificate(&world.leaf, &world.used),
                                    maker_certificate(&world.issuer, &world.used)};
    uint32_t at = 4 * 24;

    for (size_t i = 0; i < ARRAY_LEN(guids); i++) {
        memcpy(table + 24 * i, guids[i], 16);
        write_le32(table + 24 * i + 16, at);
        write_le32(table + 24 * i + 20, (uint32_t)contents[i].len);
        memcpy(table + at, contents[i].ptr, contents[i].len);
        at += (uint32_t)contents[i].len;
    }
    endorse(VIEW_OF(table));
    assert_accepted();
    write_le32(table + 24 + 20, sizeof table);
    assert_int_equal(examine(), STATUS_TRUNCATED);
    assert_refused(SNP_CHECK_ENDORSEMENTS, STATUS_TRUNCATED);
}

static void accepts_a_providers_key_of_any_chip(void **state)
{
    (void)state;
    struct claims claims = milan_claims;

    claims.product = "Milan";
    claims.provider = "CN=cloud.example";
    claims.chip_len = 0;
    claim(&claims);
    world.leaf.subject = "SEV-VLEK";
    world.leaf.issuer = world.issuer.subject = "SEV-VLEK-Milan";
    world.report[0x48] = 1 << 2;
    memset(world.report + 0x1a0, 0, 64);
    endorse_chain();
    assert_accepted();
    assert_int_equal(world.result.checks[SNP_CHECK_CHIP].outcome, SNP_NOT_CHECKED);
}

static void turin_orders_its_tcb_and_its_chips_otherwise(void **state)
{
    (void)state;
    static const uint8_t tcb[8] = {1, 2, 3, 4, 0, 0, 0, 71};
    struct claims claims = {.product = "Turin",
                            .bootloader = 2,
                            .tee = 3,
                            .snp = 4,
                            .microcode = 71,
                            .fmc = 1,
                            .has_fmc = true,
                            .chip_len = 8,
                            .chip = {1, 2, 3}};

    for (int wrapped = 0; wrapped < 2; wrapped++) {
        world.endorsements.count = 0;
        claims.wrapped = wrapped;
        claim(&claims);
        world.leaf.issuer = world.issuer.subject = "SEV-Turin";
        world.issuer.issuer = world.root.subject = world.root.issuer = "ARK-Turin";
        world.report[0x188] = 0x1a;
        memcpy(world.report + 0x180, tcb, sizeof tcb);
        memset(world.report + 0x1a0, 0, 64);
        memcpy(world.report + 0x1a0, claims.chip, 8);
        endorse_chain();
        assert_accepted();
        assert_int_equal(world.result.reported.fmc, 1);
    }
    world.report[0x1a0 + 8] = 1;
    (void)examine();
    assert_refused(SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM);
    world.report[0x1a0 + 8] = 0;
    world.report[0x180] = 0;
    (void)examine();
    assert_refused(SNP_CHECK_TCB, STATUS_EVIDENCE_TCB);
    world.report[0] = 2; /* which has no processor in it, and was before Turin */
    world.report[0x188] = world.report[0x189] = 0;
    (void)examine();
    assert_refused(SNP_CHECK_PRODUCT, STATUS_EVIDENCE_PLATFORM);
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

    endorse_chain();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const uint8_t before = world.report[cases[i].at];

        print_message("  %s\n", cases[i].why);
        world.report[cases[i].at] = cases[i].value;
        (void)examine();
        assert_refused(cases[i].id, cases[i].want);
        world.report[cases[i].at] = before;
    }
    assert_accepted();
}

static void a_masked_chip_has_no_vcek(void **state)
{
    (void)state;
    struct claims claims = milan_claims;

    memset(claims.chip, 0, sizeof claims.chip);
    claim(&claims);
    memset(world.report + 0x1a0, 0, 64);
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM);
}

static void version_2_takes_its_product_from_the_chain(void **state)
{
    (void)state;
    world.report[0] = 2;
    world.report[0x188] = world.report[0x189] = 0;
    endorse_chain();
    assert_accepted();
    assert_int_equal(world.result.product, SNP_MILAN);
    world.report[0x189] = 1;
    assert_int_equal(examine(), STATUS_MALFORMED);
}

static void version_5_tells_its_mitigations(void **state)
{
    (void)state;
    world.report[0] = 5;
    world.report[0x1f8] = 1;
    world.report[0x207] = 0x80;
    endorse_chain();
    assert_accepted();
    assert_true(world.result.report.launch_mitigations == 1);
    assert_true(world.result.report.current_mitigations == 1ull << 63);
}

static void refuses_every_other_length(void **state)
{
    (void)state;
    uint8_t longer[SNP_REPORT_SIZE + 1] = {0};

    endorse_chain();
    assert_accepted();
    for (size_t len = 0; len < SNP_REPORT_SIZE; len++) {
        assert_int_equal(examine_bytes((struct view){world.report, len}), STATUS_TRUNCATED);
        assert_false(world.result.authentic);
    }
    memcpy(longer, world.report, SNP_REPORT_SIZE);
    assert_int_equal(examine_bytes(VIEW_OF(longer)), STATUS_TRAILING);
}

/* Each signed byte where a field begins or ends, and every seventh one besides. */
static void refuses_every_changed_byte(void **state)
{
    (void)state;
    endorse_chain();
    assert_accepted();
    for (size_t at = 0; at < SNP_REPORT_SIZE; at += at < 0x60 ? 1 : 7) {
        world.report[at] ^= 0x10;
        assert_int_not_equal(examine_bytes(VIEW_OF(world.report)), STATUS_OK);
        assert_false(world.result.authentic);
        world.report[at] ^= 0x10;
    }
    assert_int_equal(examine_bytes(VIEW_OF(world.report)), STATUS_OK);
}

static void refuses_chains_that_do_not_lead_to_the_pinned_key(void **state)
{
    (void)state;
    struct maker_key other = maker_key_of(9);

    world.issuer.issuer_key = &other; /* signed by another root of the same name, which is given too */
    world.root.issuer_key = world.root.key = &other;
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_ROOT);
    world.endorsements.count = 0;
    world.leaf.issuer_key = &other; /* the leaf: by another issuer of the same name */
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_CHAIN, STATUS_FORGED);
    world.endorsements.count = 1; /* the leaf only */
    (void)examine();
    assert_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_CHAIN);
    world.endorsements.count = 0;
    (void)examine();
    assert_refused(SNP_CHECK_LEAF, STATUS_EVIDENCE_COLLATERAL);
}

static void an_issuer_must_be_allowed_to_issue(void **state)
{
    (void)state;
    world.issuer.is_ca = false;
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_CHAIN);
}

static void a_root_serves_its_own_product_only(void **state)
{
    (void)state;
    world.issuer.issuer = world.root.subject = world.root.issuer = "ARK-Genoa";
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_CHAIN, STATUS_EVIDENCE_CHAIN);
}

static void takes_the_one_of_several_certificates_that_fits(void **state)
{
    (void)state;
    struct maker_key other = maker_key_of(9);
    struct maker_certificate leaf = world.leaf, issuer = world.issuer;

    leaf.key = &other;
    issuer.key = &other;
    endorse(maker_certificate(&leaf, &world.used));
    endorse(maker_certificate(&issuer, &world.used));
    endorse_chain();
    assert_accepted();
}

static void refuses_outside_the_time_of_each_certificate(void **state)
{
    (void)state;
    struct maker_certificate *const certificates[] = {&world.leaf, &world.issuer, &world.root};

    for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
        const struct maker_certificate before = *certificates[i];

        world.endorsements.count = 0;
        certificates[i]->not_after = "250615150639Z";
        endorse_chain();
        (void)examine();
        assert_refused(SNP_CHECK_VALIDITY, STATUS_EVIDENCE_EXPIRED);
        world.endorsements.count = 0;
        *certificates[i] = before;
        certificates[i]->not_before = "250615150641Z";
        endorse_chain();
        (void)examine();
        assert_refused(SNP_CHECK_VALIDITY, STATUS_EVIDENCE_NOT_YET);
        *certificates[i] = before;
    }
}

static void revocation_lists_of_the_root_decide(void **state)
{
    (void)state;
    struct maker_key other = maker_key_of(9);
    const struct {
        const char *why;
        struct maker_crl crl;
        enum snp_outcome outcome;
        enum status reason;
    } cases[] = {
        {"none of it is on it",
         {"ARK-Milan", &world.root_key, "250601000000Z", "250701000000Z", 7},
         SNP_PASSED,
         STATUS_OK},
        {"empty", {"ARK-Milan", &world.root_key, "250601000000Z", "250701000000Z", 0}, SNP_PASSED, STATUS_OK},
        {"of another issuer",
         {"ARK-Genoa", &world.root_key, "250601000000Z", "250701000000Z", 2},
         SNP_NOT_CHECKED,
         STATUS_OK},
        {"the issuer is on it",
         {"ARK-Milan", &world.root_key, "250601000000Z", "250701000000Z", 2},
         SNP_FAILED,
         STATUS_EVIDENCE_REVOKED},
        {"on an old one",
         {"ARK-Milan", &world.root_key, "240601000000Z", "240701000000Z", 2},
         SNP_FAILED,
         STATUS_EVIDENCE_REVOKED},
        {"old", {"ARK-Milan", &world.root_key, "240601000000Z", "240701000000Z", 7}, SNP_FAILED, STATUS_EVIDENCE_CRL},
        {"not yet",
         {"ARK-Milan", &world.root_key, "250701000000Z", "250801000000Z", 7},
         SNP_FAILED,
         STATUS_EVIDENCE_CRL},
        {"forged", {"ARK-Milan", &other, "250601000000Z", "250701000000Z", 2}, SNP_FAILED, STATUS_FORGED},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        world.endorsements.count = 0;
        world.used.len = 0;
        endorse(maker_crl(&cases[i].crl, &world.used));
        endorse_chain();
        (void)examine();
        assert_int_equal(world.result.checks[SNP_CHECK_REVOCATION].outcome, cases[i].outcome);
        assert_int_equal(world.result.verdict, cases[i].reason);
        assert_int_equal(world.result.authentic, cases[i].outcome != SNP_FAILED);
    }
}

static void a_good_list_is_enough_beside_bad_ones(void **state)
{
    (void)state;
    const struct maker_crl old = {"ARK-Milan", &world.root_key, "240601000000Z", "240701000000Z", 7};
    const struct maker_crl good = {"ARK-Milan", &world.root_key, "250601000000Z", "250701000000Z", 7};

    endorse(maker_crl(&old, &world.used));
    endorse(maker_crl(&good, &world.used));
    endorse(maker_crl(&old, &world.used));
    endorse_chain();
    assert_accepted();
    assert_int_equal(world.result.checks[SNP_CHECK_REVOCATION].outcome, SNP_PASSED);
    assert_true(world.result.not_after == 1751328000); /* the good list's end */
}

static void refuses_leaves_that_are_not_clear(void **state)
{
    (void)state;
    struct claims both = milan_claims, other = milan_claims, small = milan_claims;

    both.provider = "CN=cloud.example"; /* of a chip and of a provider */
    claim(&both);
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_LEAF, STATUS_EVIDENCE_COLLATERAL);
    other.product = "Milanese";
    world.endorsements.count = 0;
    claim(&other);
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_PRODUCT, STATUS_EVIDENCE_PLATFORM);
    small.chip_len = 8;
    world.endorsements.count = 0;
    claim(&small);
    endorse_chain();
    (void)examine();
    assert_refused(SNP_CHECK_CHIP, STATUS_EVIDENCE_PLATFORM);
}

static void too_many_or_garbled_endorsements_are_refused(void **state)
{
    (void)state;
    const size_t size = 10 * 1000 * 1000;
    uint8_t *garbage = malloc(size);
    const uint8_t starts[] = {0x30, '-', ' ', 1, 0xff};

    assert_non_null(garbage);
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        memset(garbage, starts[i], size);
        world.endorsements.count = 0;
        endorse_chain();
        endorse((struct view){garbage, size});
        assert_int_not_equal(examine(), STATUS_OK);
        assert_int_equal(world.result.checks[SNP_CHECK_ENDORSEMENTS].outcome, SNP_FAILED);
        assert_false(world.result.authentic);
    }
    free(garbage);
    world.endorsements.count = 0;
    endorse_chain();
    while (world.endorsements.count < ENDORSEMENTS_MAX)
        endorse(world.endorsements.list[0]);
    assert_accepted();
    world.endorsements.list[ENDORSEMENTS_MAX - 1].len *=
        2; /* the bytes behind a certificate of the chain: another one */
    assert_int_not_equal(examine(), STATUS_OK);
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

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_a_report_of_its_chip),
        TEST(the_order_and_the_encoding_of_certificates_do_not_matter),
        TEST(a_hosts_certificate_table_is_read),
        TEST(accepts_a_providers_key_of_any_chip),
        TEST(turin_orders_its_tcb_and_its_chips_otherwise),
        TEST(refuses_reports_that_say_what_they_must_not),
        TEST(a_masked_chip_has_no_vcek),
        TEST(version_2_takes_its_product_from_the_chain),
        TEST(version_5_tells_its_mitigations),
        TEST(refuses_every_other_length),
        TEST(refuses_every_changed_byte),
        TEST(refuses_chains_that_do_not_lead_to_the_pinned_key),
        TEST(an_issuer_must_be_allowed_to_issue),
        TEST(a_root_serves_its_own_product_only),
        TEST(takes_the_one_of_several_certificates_that_fits),
        TEST(refuses_outside_the_time_of_each_certificate),
        TEST(revocation_lists_of_the_root_decide),
        TEST(a_good_list_is_enough_beside_bad_ones),
        TEST(refuses_leaves_that_are_not_clear),
        TEST(too_many_or_garbled_endorsements_are_refused),
        TEST(tcbs_are_compared_part_by_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

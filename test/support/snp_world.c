/* snp_world.c: see snp_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "snp_world.h"

#define OID_AMD      0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01
#define POLICY_PLAIN 0x30000

struct snp_world snp_world;

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

const struct snp_claims snp_milan_claims = {
    .product = "Milan-B0", .bootloader = 4, .snp = 24, .microcode = 217, .chip_len = 64, .chip = {7, 8, 9, [63] = 1}};

void snp_world_claim(const struct snp_claims *claims)
{
    struct buf out = BUF_OF(snp_world.extensions);

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
    snp_world.leaf.extensions = buf_view(&out);
}

void snp_world_sign(void)
{
    uint8_t signature[96];

    maker_sign(&snp_world.leaf_key, (struct view){snp_world.report, 0x2a0}, signature);
    for (size_t i = 0; i < 48; i++) {
        snp_world.report[0x2a0 + i] = signature[47 - i];
        snp_world.report[0x2e8 + i] = signature[95 - i];
    }
}

void snp_world_endorse(struct view bytes)
{
    assert_true(snp_world.endorsements.count < ENDORSEMENTS_MAX);
    snp_world.endorsements.list[snp_world.endorsements.count++] = bytes;
}

void snp_world_endorse_chain(void)
{
    snp_world_endorse(maker_certificate(&snp_world.leaf, &snp_world.used));
    snp_world_endorse(maker_certificate(&snp_world.issuer, &snp_world.used));
    snp_world_endorse(maker_certificate(&snp_world.root, &snp_world.used));
}

int snp_world_set_up(void **state)
{
    (void)state;
    static const uint8_t tcb[8] = {4, 0, 0, 0, 0, 0, 24, 217};

    memset(&snp_world, 0, sizeof snp_world);
    snp_world.used = BUF_OF(snp_world.memory);
    snp_world.time = SNP_WORLD_NOW;
    snp_world.root_key = maker_key_of(1);
    snp_world.issuer_key = maker_key_of(2);
    snp_world.leaf_key = maker_key_of(3);
    for (size_t i = 0; i < SNP_ROOTS; i++)
        snp_world.roots[i] =
            (struct snp_root){(enum snp_product)(SNP_MILAN + i), {snp_world.root_key.info, MAKER_INFO_SIZE}};
    snp_world.root = (struct maker_certificate){.issuer = "ARK-Milan",
                                                .subject = "ARK-Milan",
                                                .issuer_key = &snp_world.root_key,
                                                .key = &snp_world.root_key,
                                                .serial = 1,
                                                .not_before = "200101000000Z",
                                                .not_after = "450101000000Z",
                                                .is_ca = true};
    snp_world.issuer = snp_world.root;
    snp_world.issuer.subject = "SEV-Milan";
    snp_world.issuer.key = &snp_world.issuer_key;
    snp_world.issuer.serial = 2;
    snp_world.leaf = snp_world.issuer;
    snp_world.leaf.issuer = "SEV-Milan";
    snp_world.leaf.subject = "SEV-VCEK";
    snp_world.leaf.issuer_key = &snp_world.issuer_key;
    snp_world.leaf.key = &snp_world.leaf_key;
    snp_world.leaf.is_ca = false;
    snp_world.leaf.not_before = "250101000000Z";
    snp_world.leaf.not_after = "251231235959Z";
    snp_world_claim(&snp_milan_claims);
    snp_world.report[0] = 3;
    snp_world.report[0x0a] = POLICY_PLAIN >> 16;
    snp_world.report[0x34] = 1;
    snp_world.report[0x188] = 0x19;
    snp_world.report[0x189] = 1;
    memcpy(snp_world.report + 0x38, tcb, sizeof tcb);
    memcpy(snp_world.report + 0x180, tcb, sizeof tcb);
    memcpy(snp_world.report + 0x1a0, snp_milan_claims.chip, 64);
    return 0;
}

enum status snp_world_examine_bytes(struct view report)
{
    const struct snp_evidence evidence = {
        .report = report, .endorsements = &snp_world.endorsements, .time = snp_world.time, .roots = snp_world.roots};
    struct buf space = BUF_OF(snp_world.space);

    snp_examine(&evidence, &space, &snp_world.result);
    return snp_world.result.verdict;
}

enum status snp_world_examine(void)
{
    snp_world_sign();
    return snp_world_examine_bytes(VIEW_OF(snp_world.report));
}

void assert_snp_refused(enum snp_check_id id, enum status why)
{
    for (int i = 0; i < SNP_CHECK_COUNT; i++)
        if (i != (int)id)
            assert_int_not_equal(snp_world.result.checks[i].outcome, SNP_FAILED);
    assert_int_equal(snp_world.result.checks[id].outcome, SNP_FAILED);
    assert_int_equal(snp_world.result.checks[id].reason, why);
    assert_int_equal(snp_world.result.verdict, why);
    assert_int_equal(snp_world.result.authentic, id > SNP_CHECK_REVOCATION);
}

void assert_snp_accepted(void)
{
    assert_int_equal(snp_world_examine(), STATUS_OK);
    assert_true(snp_world.result.authentic);
}

/* TPM evidence under a policy's terms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto.h"
#include "hex.h"
#include "tpm_container.h"
#include "tpm_terms.h"
#include "tpm_vectors.h"
#include "x509_maker.h"

#define NOW 1767225600 /* 2026-01-01 */

/* The quote of P-384 in tpm_vectors.h, as a device sends it, and terms that accept it. */
struct world {
    uint8_t memory_bytes[1 << 14], encoded[1 << 13], rules_bytes[1 << 13], space_bytes[APPRAISAL_SPACE];
    uint8_t report_data[SHA512_SIZE];
    struct buf memory, space;
    struct tpm_container container;
    struct tpm_public ak;
    struct tpm_terms terms;
    struct endorsements endorsements;
    struct evidence evidence;
    struct appraisal found;
};
static struct world world;

static struct view filled(uint8_t byte, size_t size)
{
    const struct view view = {world.memory.ptr + world.memory.len, size};

    memset(world.memory.ptr + world.memory.len, byte, size);
    world.memory.len += size;
    return view;
}

static int begin(void **state)
{
    struct view public;

    (void)state;
    memset(&world, 0, sizeof world);
    world.memory = BUF_OF(world.memory_bytes);
    world.space = BUF_OF(world.space_bytes);
    memset(world.report_data, 0x11, 32);
    memset(world.report_data + 32, 0x99, 32); /* which no TPM has room for */
    public = hex_view(p384_public, &world.memory);
    assert_int_equal(tpm_public_decode(public, &world.ak), STATUS_OK);
    world.container = (struct tpm_container){
        .attest = hex_view(p384_attest, &world.memory),
        .signature = hex_view(p384_sig, &world.memory),
        .ak = public,
        .pcr_count = 3,
        .pcrs = {{TPM_SHA256, 0, filled(0x44, 32)},
                 {TPM_SHA256, 15, filled(0x55, 32)},
                 {TPM_SHA1, 23, filled(0x66, 20)}},
    };
    world.terms.ak_count = 1;
    world.terms.aks[0] = (struct tpm_ak){{world.ak.name, world.ak.name_len}, VIEW_TEXT("sensor-17")};
    world.terms.pcr_count = 1;
    world.terms.pcrs[0] =
        (struct tpm_pcr_terms){TPM_SHA256, 15, {.count = 2, .list = {filled(0x77, 32), world.container.pcrs[1].value}}};
    world.evidence = (struct evidence){.kind = VIEW_TEXT(TPM_KIND),
                                       .captured = true,
                                       .endorsements = &world.endorsements,
                                       .federation = VIEW_TEXT("factory"),
                                       .subject = VIEW_TEXT("sensor-17"),
                                       .report_data = VIEW_OF(world.report_data),
                                       .now = NOW,
                                       .space = &world.space};
    return 0;
}

static enum status judge(bool by_terms)
{
    struct buf encoded = BUF_OF(world.encoded), rules = BUF_OF(world.rules_bytes);
    struct accepted accepted = {.kind = VIEW_TEXT(TPM_KIND)};

    assert_int_equal(tpm_container_encode(&world.container, &encoded), STATUS_OK);
    world.evidence.bytes = buf_view(&encoded);
    if (!by_terms)
        return appraise_authenticity(&world.evidence, &world.found);
    assert_int_equal(tpm_terms_encode(&world.terms, &rules), STATUS_OK);
    assert_int_equal(tpm_check_rules(buf_view(&rules)), STATUS_OK);
    accepted.rules = buf_view(&rules);
    return appraise(&world.evidence, &accepted, 1, &world.found);
}

static const struct appraisal_field *field(const char *name)
{
    for (uint32_t i = 0; i < world.found.field_count; i++)
        if (strcmp(world.found.fields[i].name, name) == 0)
            return &world.found.fields[i];
    return NULL;
}

static void a_quote_by_an_enrolled_key_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(judge(true), STATUS_OK);
    assert_true(world.found.authentic && !world.found.simulated && !world.found.debug);
    assert_int_equal(world.found.ear_status, 2); /* affirming */
    assert_true(world.found.not_before == 0 && world.found.not_after == 0);
    assert_true(view_equal(field("ak_name")->bytes, (struct view){world.ak.name, world.ak.name_len}));
    assert_true(view_equal(field("pcr sha256:15")->bytes, world.container.pcrs[1].value));
    assert_true(view_equal(field("pcr sha1:23")->bytes, world.container.pcrs[2].value));
    assert_null(field("pcr sha256:7"));
}

/* The authority is key 1; it certifies the AK, and may revoke it. */
static void certify(bool with_list, bool revoked)
{
    static struct maker_key authority, ak;
    static uint8_t extension_bytes[64];
    static const uint8_t usage[] = {0x55, 0x1d, 0x0f}, signs[] = {0x03, 0x02, 0x07, 0x80};
    struct buf extension = BUF_OF(extension_bytes);

    authority = maker_key_of(1);
    ak = maker_key_of(2);
    memcpy(ak.info + MAKER_INFO_SIZE - world.ak.key.len, world.ak.key.bytes, world.ak.key.len);
    maker_put_extension(&extension, VIEW_OF(usage), VIEW_OF(signs));
    const struct maker_certificate certificate = {
        "CA", "AK", &authority, &ak, 7, "250101000000Z", "270101000000Z", false, buf_view(&extension)};
    const struct maker_crl list = {"CA", &authority, "250101000000Z", "260601000000Z", revoked ? 7 : 8};

    world.terms.ak_count = 0;
    world.terms.authority_count = 1;
    world.terms.authorities[0] = (struct view){authority.info, MAKER_INFO_SIZE};
    world.endorsements.count = with_list ? 2 : 1;
    world.endorsements.list[0] =
        maker_pem("CERTIFICATE", maker_certificate(&certificate, &world.memory), &world.memory);
    if (with_list)
        world.endorsements.list[1] = maker_crl(&list, &world.memory);
}

/* The device chooses what else it has quoted: a revoked measurement must be found again all the same. */
static void the_measurement_is_of_the_pcrs_that_the_terms_name(void **state)
{
    uint8_t digest[SHA256_SIZE];
    const struct view both[] = {world.container.pcrs[0].value, world.container.pcrs[1].value};

    (void)state;
    assert_int_equal(judge(true), STATUS_OK);
    assert_int_equal(sha256(both[1], digest), STATUS_OK);
    assert_true(view_equal(world.found.measurement, VIEW_OF(digest)));
    world.terms.pcr_count = 2; /* whatever their order there */
    world.terms.pcrs[1] = (struct tpm_pcr_terms){TPM_SHA256, 0, {.count = 1, .list = {both[0]}}};
    assert_int_equal(judge(true), STATUS_OK);
    assert_int_equal(sha256_pieces(both, ARRAY_LEN(both), digest), STATUS_OK);
    assert_true(view_equal(world.found.measurement, VIEW_OF(digest)));
    world.evidence.key = world.container.ak;
    assert_int_equal(judge(false), STATUS_OK);
    assert_true(view_equal(world.found.measurement, field("pcr_digest")->bytes));
}

/* Else whoever sends many certificates would have none that a list of revoked ones can name. */
static void no_endorsement_takes_the_room_of_the_measurement(void **state)
{
    (void)state;
    certify(false, false);
    for (world.space.cap = 0; world.space.cap < 1024; world.space.cap++)
        assert_true(judge(true) != STATUS_OK || world.found.measurement.len == SHA256_SIZE);
    assert_int_equal(judge(true), STATUS_OK);
}

static void change_nothing(void)
{
}

static void another_ak(void)
{
    world.ak.name[10] ^= 1;
}

static void another_device(void)
{
    world.evidence.subject = VIEW_TEXT("sensor-18");
}

static void any_device(void)
{
    another_device();
    world.terms.aks[0].name = (struct view){NULL, 0};
}

static void another_nonce(void)
{
    world.report_data[31] ^= 1;
}

static void another_tail(void)
{
    world.report_data[32] ^= 1;
}

static void another_value(void)
{
    world.terms.pcrs[0].values.count = 1;
}

static void a_pcr_that_was_not_quoted(void)
{
    world.terms.pcrs[0].index = 14;
    world.container.pcrs[3] = (struct tpm_pcr){TPM_SHA256, 14, world.container.pcrs[1].value};
    world.container.pcr_count = 4;
}

static void values_that_were_not_quoted(void)
{
    world.container.pcrs[0].value = world.container.pcrs[1].value;
}

static void no_values(void)
{
    world.container.pcr_count = 0;
}

static void another_signature(void)
{
    world.container.signature = hex_view("0018000c000101000101", &world.memory);
}

static void a_bare_key(void)
{
    world.container.ak = view_of_string(rsa2048_pem);
}

static void an_ak_that_signs_anything(void)
{
    uint8_t *bytes = world.memory.ptr + (world.container.ak.ptr - world.memory.ptr);

    bytes[5] &= (uint8_t)~1u; /* restricted */
    assert_int_equal(tpm_public_decode(world.container.ak, &world.ak), STATUS_OK);
}

static void what_the_terms_do_not_accept_is_refused(void **state)
{
    static const struct {
        const char *why;
        void (*change)(void);
        enum status want;
    } cases[] = {
        {"as it should be", change_nothing, STATUS_OK},
        {"a key that nobody enrolled", another_ak, STATUS_EVIDENCE_ROOT},
        {"the key of another device", another_device, STATUS_EVIDENCE_BINDING},
        {"a key for any device", any_device, STATUS_OK},
        {"another challenge", another_nonce, STATUS_EVIDENCE_BINDING},
        {"the half of the report data that no TPM holds", another_tail, STATUS_OK},
        {"a value that is not listed", another_value, STATUS_EVIDENCE_MEASUREMENT},
        {"a PCR that is not of the quote", a_pcr_that_was_not_quoted, STATUS_EVIDENCE_MEASUREMENT},
        {"other values than those quoted", values_that_were_not_quoted, STATUS_EVIDENCE_BINDING},
        {"no values", no_values, STATUS_EVIDENCE_MEASUREMENT},
        {"another signature", another_signature, STATUS_FORGED},
        {"a key without its attributes, and so without a name", a_bare_key, STATUS_EVIDENCE_ROOT},
        {"an enrolled key that signs anything", an_ak_that_signs_anything, STATUS_EVIDENCE_KEY_USE},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)begin(state);
        print_message("  %s\n", cases[i].why);
        cases[i].change();
        assert_int_equal(judge(true), cases[i].want);
        assert_int_equal(world.found.reason, cases[i].want);
    }
}

/* Every appraisal that comes to judging lists the same checks in the same order: who came furthest is told by it. */
static void the_checks_are_always_the_same(void **state)
{
    const char *names[APPRAISAL_CHECKS_MAX];
    uint32_t count;

    assert_int_equal(judge(true), STATUS_OK);
    count = world.found.check_count;
    for (uint32_t i = 0; i < count; i++)
        names[i] = world.found.checks[i].name;
    (void)begin(state);
    no_values();
    another_nonce();
    assert_int_equal(judge(true), STATUS_EVIDENCE_BINDING);
    assert_int_equal(world.found.check_count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_string_equal(world.found.checks[i].name, names[i]);
}

static void a_quote_by_a_certified_key_is_accepted(void **state)
{
    (void)state;
    certify(false, false);
    assert_int_equal(judge(true), STATUS_OK);
    assert_true(world.found.not_before == 1735689600 && world.found.not_after == 1798761600);
    assert_int_equal(field("certified")->number, 1);
    world.evidence.subject = VIEW_TEXT("whoever"); /* a certified AK is anybody's */
    assert_int_equal(judge(true), STATUS_OK);
    world.terms.crl_required = true;
    assert_int_equal(judge(true), STATUS_EVIDENCE_CRL);
    world.evidence.now = 1798761601;
    assert_int_equal(judge(true), STATUS_EVIDENCE_EXPIRED);
    (void)begin(state);
    certify(true, false);
    world.terms.crl_required = true;
    assert_int_equal(judge(true), STATUS_OK);
    (void)begin(state);
    certify(true, true);
    assert_int_equal(judge(true), STATUS_EVIDENCE_REVOKED);
    (void)begin(state);
    certify(false, false);
    world.endorsements.count = 0;
    assert_int_equal(judge(true), STATUS_EVIDENCE_CHAIN);
    (void)begin(state);
    certify(false, false);
    another_ak(); /* listed: a certificate for a listed key's device does not help another device */
    assert_int_equal(judge(true), STATUS_OK);
}

/* A certificate covers the key alone, so what a public area says of its use would prove nothing here. */
static void a_certified_key_needs_no_attributes(void **state)
{
    static struct maker_key ak;

    (void)state;
    certify(false, false);
    ak = maker_key_of(2);
    memcpy(ak.info + MAKER_INFO_SIZE - world.ak.key.len, world.ak.key.bytes, world.ak.key.len);
    world.container.ak = (struct view){ak.info, MAKER_INFO_SIZE};
    assert_int_equal(judge(true), STATUS_OK);
    world.endorsements.count = 0;
    assert_int_equal(judge(true), STATUS_EVIDENCE_CHAIN);
}

static void a_key_that_is_listed_for_one_device_is_no_others_even_when_certified(void **state)
{
    (void)state;
    certify(false, false);
    world.terms.ak_count = 1;
    another_device();
    assert_int_equal(judge(true), STATUS_EVIDENCE_BINDING);
}

static void a_tool_looks_with_the_key_or_the_authority_alone(void **state)
{
    uint8_t pem_bytes[512];
    struct buf pem = BUF_OF(pem_bytes);

    (void)state;
    world.evidence.report_data = (struct view){NULL, 0};
    assert_int_equal(judge(false), STATUS_EVIDENCE_ROOT); /* nobody is believed */
    assert_false(world.found.authentic);
    world.evidence.key = world.container.ak;
    assert_int_equal(judge(false), STATUS_OK);
    assert_true(world.found.authentic);
    world.evidence.key = view_of_string(rsa2048_pem);
    assert_int_equal(judge(false), STATUS_EVIDENCE_ROOT);
    world.evidence.key = (struct view){NULL, 0};
    certify(false, false);
    world.evidence.authority = world.terms.authorities[0];
    assert_int_equal(judge(false), STATUS_OK);
    world.evidence.authority = maker_pem("PUBLIC KEY", world.terms.authorities[0], &pem);
    assert_int_equal(judge(false), STATUS_OK);
    world.evidence.report_data = (struct view){world.report_data, 16}; /* a shorter nonce is not the quote's */
    assert_int_equal(judge(false), STATUS_EVIDENCE_BINDING);
    world.evidence.report_data.len = 32;
    assert_int_equal(judge(false), STATUS_OK);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_quote_by_an_enrolled_key_is_accepted),
        TEST(the_measurement_is_of_the_pcrs_that_the_terms_name),
        TEST(no_endorsement_takes_the_room_of_the_measurement),
        TEST(what_the_terms_do_not_accept_is_refused),
        TEST(the_checks_are_always_the_same),
        TEST(a_quote_by_a_certified_key_is_accepted),
        TEST(a_certified_key_needs_no_attributes),
        TEST(a_key_that_is_listed_for_one_device_is_no_others_even_when_certified),
        TEST(a_tool_looks_with_the_key_or_the_authority_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Attestation keys that are enrolled by name, or certified. The quote is p384_attest of tpm_vectors.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "tpm.h"
#include "tpm_vectors.h"
#include "vector_files.h"
#include "x509_maker.h"

#define NOW     1767225600 /* 2026-01-01 */
#define POINT   96         /* of P-384, the end of a key's info */
#define FROM    "250101000000Z"
#define UNTIL   "270101000000Z"
#define PAST    "251231000000Z"
#define FUTURE  "260102000000Z"
#define PAST_S  1767139200
#define UNTIL_S 1798761600

enum { ROOT, UPPER, LOWER, LEAF, PARTS };

/* A chain of four as it should be, which a case changes before it is made. */
struct world {
    struct maker_key keys[PARTS], other;
    struct maker_certificate parts[PARTS];
    uint8_t extension_bytes[PARTS][128], bytes[1 << 15], pem_bytes[1 << 15], space_bytes[1 << 15];
    struct buf memory, pem, space;
    struct view made[PARTS];
    struct endorsements endorsements;
    struct view roots[TPM_ROOTS_MAX];
    struct tpm_public ak;
    struct tpm_evidence evidence;
    struct tpm_rules rules;
    struct tpm_result result;
};
static struct world world;

static const char *const called[PARTS] = {"Root", "Upper", "Lower", "AK"};

/* An extension beside those that the maker puts. */
static void extend(int part, const char *oid, const char *value)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes), out = BUF_OF(world.extension_bytes[part]);
    const struct view id = hex_view(oid, &memory);

    maker_put_extension(&out, id, hex_view(value, &memory));
    world.parts[part].extensions = buf_view(&out);
}

static int begin(void **state)
{
    static uint8_t quote_bytes[1024];
    struct buf memory = BUF_OF(quote_bytes);

    (void)state;
    memset(&world, 0, sizeof world);
    world.memory = BUF_OF(world.bytes);
    world.pem = BUF_OF(world.pem_bytes);
    world.space = BUF_OF(world.space_bytes);
    world.other = maker_key_of(200);
    assert_int_equal(tpm_public_decode(hex_view(p384_public, &memory), &world.ak), STATUS_OK);
    for (uint8_t i = 0; i < PARTS; i++) {
        const int above = i == ROOT ? ROOT : i - 1;

        world.keys[i] = maker_key_of((uint8_t)(i + 1));
        world.parts[i] =
            (struct maker_certificate){called[above], called[i], &world.keys[above], &world.keys[i], (uint8_t)(i + 1),
                                       FROM,          UNTIL,     i != LEAF,          {NULL, 0}};
    }
    memcpy(world.keys[LEAF].info + MAKER_INFO_SIZE - POINT, world.ak.key.bytes, POINT);
    extend(LEAF, "551d0f", "03020780"); /* keyUsage: digitalSignature */
    world.evidence = (struct tpm_evidence){.attest = hex_view(p384_attest, &memory),
                                           .signature = hex_view(p384_sig, &memory),
                                           .ak = &world.ak,
                                           .endorsements = &world.endorsements,
                                           .space = &world.space};
    world.rules = (struct tpm_rules){.time = NOW, .roots = world.roots, .root_count = 1};
    return 0;
}

static void endorse(struct view bytes)
{
    world.endorsements.list[world.endorsements.count++] = bytes;
}

static struct view make(int part)
{
    world.made[part] = maker_certificate(&world.parts[part], &world.memory);
    return world.made[part];
}

/* Makes all, endorses all but the root, in no order, and believes the root's key. */
static void make_all(void)
{
    for (int i = 0; i < PARTS; i++)
        (void)make(i);
    endorse(world.made[UPPER]);
    endorse(world.made[LEAF]);
    endorse(world.made[LOWER]);
    world.roots[0] = (struct view){world.keys[ROOT].info, MAKER_INFO_SIZE};
}

static enum status appraise_world(void)
{
    world.space.len = 0;
    return tpm_appraise(&world.evidence, &world.rules, &world.result);
}

static void assert_certified(void)
{
    assert_int_equal(appraise_world(), STATUS_OK);
    assert_true(world.result.authentic && world.result.certified);
    assert_int_equal(world.result.checks[TPM_CHECK_TRUST].outcome, CHECK_PASSED);
    assert_int_equal(world.result.checks[TPM_CHECK_VALIDITY].outcome, CHECK_PASSED);
    assert_true(world.result.ak_name.len > 0);
}

static void a_chain_to_a_believed_authority_is_trusted(void **state)
{
    (void)state;
    make_all();
    assert_certified();
    assert_int_equal(world.result.checks[TPM_CHECK_REVOCATION].outcome, CHECK_NOT_MADE);
    assert_true(world.result.not_before == 1735689600 && world.result.not_after == UNTIL_S);
    world.roots[0] = world.made[ROOT]; /* believed as a certificate */
    assert_certified();
    world.roots[0] = maker_pem("CERTIFICATE", world.made[ROOT], &world.pem);
    assert_certified();
    world.roots[0] = maker_pem("PUBLIC KEY", (struct view){world.keys[ROOT].info, MAKER_INFO_SIZE}, &world.pem);
    assert_certified();
    endorse(world.made[ROOT]); /* superfluous */
    assert_certified();
    world.roots[1] = world.roots[0]; /* the believed one is the second */
    world.roots[0] = (struct view){world.other.info, MAKER_INFO_SIZE};
    world.rules.root_count = 2;
    assert_certified();
    world.roots[0] = (struct view){world.keys[LOWER].info, MAKER_INFO_SIZE}; /* an authority in the middle */
    world.rules.root_count = 1;
    assert_certified();
}

static void certificates_come_in_any_packing(void **state)
{
    uint8_t *start;

    (void)state;
    make_all();
    start = world.pem.ptr;
    (void)maker_pem("CERTIFICATE", world.made[LOWER], &world.pem);
    (void)maker_pem("CERTIFICATE", world.made[UPPER], &world.pem);
    world.endorsements = (struct endorsements){2, {world.made[LEAF], {start, world.pem.len}}};
    assert_certified();
    world.evidence.space = NULL;
    assert_int_equal(appraise_world(), STATUS_NO_SPACE);
}

static void change_nothing(void)
{
}

static void no_leaf(void)
{
    world.parts[LEAF].key = &world.other;
}

static void no_intermediate(void)
{
    world.parts[LOWER].subject = "Somebody";
}

static void forged_leaf(void)
{
    world.parts[LEAF].issuer_key = &world.other;
}

static void forged_intermediate(void)
{
    world.parts[UPPER].issuer_key = &world.other;
}

static void intermediate_is_no_ca(void)
{
    world.parts[LOWER].is_ca = false;
}

static void intermediate_may_not_sign(void)
{
    extend(LOWER, "551d0f", "03020780");
}

static void leaf_is_a_ca(void)
{
    world.parts[LEAF].is_ca = true;
}

static void leaf_may_not_sign(void)
{
    extend(LEAF, "551d0f", "03020520"); /* keyEncipherment */
}

static void path_too_long(void)
{
    world.parts[UPPER].is_ca = false;
    extend(UPPER, "551d13", "30060101ff020100"); /* CA, pathLenConstraint 0 */
}

static void path_long_enough(void)
{
    world.parts[UPPER].is_ca = false;
    extend(UPPER, "551d13", "30060101ff020101");
}

static void leaf_expired(void)
{
    world.parts[LEAF].not_after = PAST;
}

static void intermediate_expired(void)
{
    world.parts[UPPER].not_after = PAST;
}

static void leaf_of_tomorrow(void)
{
    world.parts[LEAF].not_before = FUTURE;
}

static void a_chain_that_is_not_whole_is_refused(void **state)
{
    static const struct {
        const char *why;
        void (*change)(void);
        enum status want;
        enum tpm_check failed;
    } cases[] = {
        {"as it should be", change_nothing, STATUS_OK, TPM_CHECK_TRUST},
        {"no certificate of this key", no_leaf, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"an intermediate of another name", no_intermediate, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"the AK's certificate is forged", forged_leaf, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"an intermediate is forged", forged_intermediate, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"an intermediate that is no CA", intermediate_is_no_ca, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"a CA that may not sign certificates", intermediate_may_not_sign, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"a CA as AK", leaf_is_a_ca, STATUS_EVIDENCE_KEY_USE, TPM_CHECK_TRUST},
        {"an AK that may not sign data", leaf_may_not_sign, STATUS_EVIDENCE_KEY_USE, TPM_CHECK_TRUST},
        {"more CAs than an issuer allows", path_too_long, STATUS_EVIDENCE_CHAIN, TPM_CHECK_TRUST},
        {"as many as it allows", path_long_enough, STATUS_OK, TPM_CHECK_TRUST},
        {"the AK's certificate has expired", leaf_expired, STATUS_EVIDENCE_EXPIRED, TPM_CHECK_VALIDITY},
        {"an intermediate has expired", intermediate_expired, STATUS_EVIDENCE_EXPIRED, TPM_CHECK_VALIDITY},
        {"the AK's certificate is of tomorrow", leaf_of_tomorrow, STATUS_EVIDENCE_NOT_YET, TPM_CHECK_VALIDITY},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)begin(state);
        print_message("  %s\n", cases[i].why);
        cases[i].change();
        make_all();
        assert_int_equal(appraise_world(), cases[i].want);
        assert_int_equal(world.result.checks[cases[i].failed].outcome,
                         cases[i].want == STATUS_OK ? CHECK_PASSED : CHECK_FAILED);
        assert_int_equal(world.result.authentic, cases[i].want == STATUS_OK || cases[i].failed == TPM_CHECK_VALIDITY);
    }
}

static void who_is_not_believed_certifies_nothing(void **state)
{
    (void)state;
    make_all();
    world.rules.root_count = 0;
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_ROOT);
    assert_false(world.result.authentic);
    world.rules.root_count = 1;
    world.roots[0] = (struct view){world.other.info, MAKER_INFO_SIZE};
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_CHAIN);
    endorse(world.made[ROOT]); /* so that it is seen to be another root */
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_ROOT);
    assert_false(world.result.authentic);
    world.rules.root_count = TPM_ROOTS_MAX + 1;
    assert_int_equal(appraise_world(), STATUS_NO_SPACE);
    world.rules.root_count = 1;
    world.roots[0] = VIEW_TEXT("0");
    assert_int_equal(appraise_world(), STATUS_TRUNCATED);
    world.roots[0] = world.made[LEAF]; /* a believed certificate that is no CA */
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_ROOT);
}

static void a_quote_must_be_signed_with_the_certified_key(void **state)
{
    struct buf memory = BUF_OF(world.pem_bytes);

    (void)state;
    make_all();
    world.evidence.attest = hex_view(rsa2048_attest, &memory);
    assert_int_equal(appraise_world(), STATUS_FORGED);
    assert_false(world.result.authentic);
}

/* A certificate that was renewed, with the same name and key: the old one does no harm, wherever it stands. */
static void an_old_certificate_beside_the_new_one_does_no_harm(void **state)
{
    struct view old;

    (void)state;
    world.parts[LOWER].not_after = PAST;
    old = make(LOWER);
    world.parts[LOWER].not_after = UNTIL;
    endorse(old);
    make_all();
    endorse(old);
    assert_certified();
    assert_true(world.result.not_after == UNTIL_S);
}

static void the_work_is_bounded(void **state)
{
    static uint8_t text[8] = "rubbish";

    (void)state;
    make_all();
    while (world.endorsements.count < ENDORSEMENTS_MAX)
        endorse(world.made[LOWER]);
    assert_certified();
    world.endorsements.list[0] = (struct view){world.made[UPPER].ptr, world.made[UPPER].len + world.made[LOWER].len};
    assert_int_equal(appraise_world(), STATUS_NO_SPACE); /* 17 certificates */
    world.endorsements.count = 3;
    world.endorsements.list[1] = VIEW_OF(text);
    assert_int_equal(appraise_world(), STATUS_MALFORMED);
}

/* Authorities that are asked in vain cost signatures; more than there is a limit for are not verified. */
static void signatures_beyond_the_limit_are_not_verified(void **state)
{
    (void)state;
    make_all();
    world.endorsements.count = 0;
    for (uint8_t i = 0; i < TPM_CERTIFICATES_MAX - 2; i++) { /* one issuer has made them all for one name */
        world.parts[LOWER].serial = (uint8_t)(100 + i);
        endorse(make(LOWER));
    }
    endorse(world.made[UPPER]);
    endorse(world.made[LEAF]);
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_CHAIN);
    assert_false(world.result.authentic);
    world.endorsements.list[0] = world.made[LEAF]; /* it costs nothing to know the AK, nor what stands twice */
    for (uint8_t i = 1; i < TPM_CERTIFICATES_MAX - 2; i++)
        world.endorsements.list[i] = world.made[LOWER];
    assert_certified();
}

static void what_does_not_lead_to_the_key_costs_no_signature(void **state)
{
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) { /* which the authority might have signed */
        struct maker_certificate other = world.parts[UPPER];

        other.subject = names[i];
        endorse(maker_certificate(&other, &world.memory));
    }
    make_all();
    assert_certified();
}

static void a_chain_of_the_last_of_many_authorities_is_found(void **state)
{
    static struct maker_key wrong[TPM_ROOTS_MAX];

    (void)state;
    make_all();
    for (uint8_t i = 0; i < TPM_ROOTS_MAX - 1; i++) {
        wrong[i] = maker_key_of((uint8_t)(100 + i));
        world.roots[i] = (struct view){wrong[i].info, MAKER_INFO_SIZE};
    }
    world.roots[TPM_ROOTS_MAX - 1] = (struct view){world.keys[ROOT].info, MAKER_INFO_SIZE};
    world.rules.root_count = TPM_ROOTS_MAX;
    assert_certified();
}

/* What authorities of TPMs' keys put into their certificates. */
static void leaves_of_many_forms_are_taken_and_those_for_other_ends_are_not(void **state)
{
    static const struct {
        const char *what, *subject, *extension;
        enum status want;
    } cases[] = {
        {"nothing else", "AK", "", STATUS_OK},
        {"a critical name beside an empty subject", "", "30110603551d110101ff04073005820374706d", STATUS_OK},
        {"critical: for attestation keys", "AK", "30130603551d250101ff0409300706056781050803", STATUS_OK},
        {"critical: for anything", "AK", "30120603551d250101ff040830060604551d2500", STATUS_OK},
        {"critical: for servers", "AK", "30160603551d250101ff040c300a06082b06010505070301", STATUS_EVIDENCE_KEY_USE},
        {"for servers", "AK", "30130603551d25040c300a06082b06010505070301", STATUS_OK},
        {"critical: for nothing", "AK", "300c0603551d250101ff04023000", STATUS_MALFORMED},
        {"critical: policies", "AK", "300c0603551d200101ff04023000", STATUS_UNSUPPORTED},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf extensions;

        (void)begin(state);
        print_message("  %s\n", cases[i].what);
        extensions = (struct buf){world.extension_bytes[LEAF], world.parts[LEAF].extensions.len,
                                  sizeof world.extension_bytes[LEAF]};
        assert_int_equal(hex_decode(view_of_string(cases[i].extension), &extensions), STATUS_OK);
        world.parts[LEAF].extensions = buf_view(&extensions);
        world.parts[LEAF].subject = cases[i].subject;
        make_all();
        assert_int_equal(appraise_world(), cases[i].want);
    }
}

/* Of an authority whose key is for something else nobody here knows what it may issue. */
static void an_intermediate_for_certain_purposes_is_refused(void **state)
{
    uint8_t bytes[64];
    struct buf memory = BUF_OF(bytes);

    (void)state;
    world.parts[LOWER].extensions = hex_view("30130603551d250101ff0409300706056781050803", &memory);
    make_all();
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_CHAIN);
}

static void a_believed_certificate_has_its_time_too(void **state)
{
    (void)state;
    world.parts[ROOT].not_after = PAST;
    make_all();
    world.roots[0] = world.made[ROOT];
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_EXPIRED);
    assert_true(world.result.not_after == PAST_S);
    world.parts[ROOT].not_after = UNTIL; /* renewed, and believed beside the old one */
    world.roots[1] = make(ROOT);
    world.rules.root_count = 2;
    assert_certified();
}

/* ROOT, then four intermediates, then the AK; and one more. */
static void four_intermediates_are_enough(void **state)
{
    static const char *const names[] = {"Root", "I1", "I2", "I3", "I4", "I5"};

    for (int depth = 4; depth <= 5; depth++) {
        struct maker_certificate link;

        (void)begin(state);
        link = world.parts[UPPER];
        for (int i = 1; i <= depth; i++) {
            link.issuer = names[i - 1];
            link.subject = names[i];
            link.issuer_key = i == 1 ? &world.keys[ROOT] : &world.keys[UPPER];
            endorse(maker_certificate(&link, &world.memory));
        }
        world.parts[LEAF].issuer = names[depth];
        world.parts[LEAF].issuer_key = &world.keys[UPPER];
        endorse(make(LEAF));
        world.roots[0] = (struct view){world.keys[ROOT].info, MAKER_INFO_SIZE};
        assert_int_equal(appraise_world(), depth == 4 ? STATUS_OK : STATUS_EVIDENCE_CHAIN);
    }
}

static struct maker_crl list_of(int issuer)
{
    return (struct maker_crl){called[issuer], &world.keys[issuer], FROM, FUTURE, 0};
}

static void endorse_list(const struct maker_crl *list)
{
    endorse(maker_crl(list, &world.memory));
}

static enum check_outcome revocation(void)
{
    return world.result.checks[TPM_CHECK_REVOCATION].outcome;
}

static void lists_revoke_what_stands_on_them(void **state)
{
    struct maker_crl lists[] = {list_of(ROOT), list_of(UPPER), list_of(LOWER)};

    make_all();
    endorse_list(&lists[0]);
    endorse_list(&lists[1]);
    assert_certified();
    assert_int_equal(revocation(), CHECK_NOT_MADE); /* one is missing */
    endorse_list(&lists[2]);
    assert_certified();
    assert_int_equal(revocation(), CHECK_PASSED);
    assert_true(world.result.not_after == NOW + 86400); /* the end of the lists */
    for (int revoked = UPPER; revoked <= LEAF; revoked++) {
        (void)begin(state);
        make_all();
        for (int i = ROOT; i <= LOWER; i++) {
            lists[i] = list_of(i);
            lists[i].revoked = i == revoked - 1 ? (uint8_t)(revoked + 1) : 99;
            endorse_list(&lists[i]);
        }
        assert_int_equal(appraise_world(), STATUS_EVIDENCE_REVOKED);
        assert_true(world.result.authentic);
    }
}

static void a_list_must_be_genuine_and_of_its_time(void **state)
{
    struct maker_crl list = list_of(LOWER);

    (void)state;
    make_all();
    list.next_update = PAST;
    endorse_list(&list);
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_CRL);
    list.next_update = FUTURE;
    endorse_list(&list); /* beside a good one the old one is forgotten */
    assert_certified();
    list.next_update = PAST;
    list.revoked = LEAF + 1;
    endorse_list(&list); /* but what is once revoked stays so */
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_REVOKED);
    world.endorsements.count = 3;
    list = list_of(LOWER);
    list.issuer_key = &world.other;
    endorse_list(&list);
    assert_int_equal(appraise_world(), STATUS_FORGED);
    world.endorsements.count = 3;
    list = list_of(LOWER);
    list.issuer = "Somebody";
    endorse_list(&list);
    assert_certified();
    assert_int_equal(revocation(), CHECK_NOT_MADE);
}

static void a_key_is_enrolled_by_its_name(void **state)
{
    uint8_t name[TPM_NAME_SIZE_MAX];
    struct view names[] = {VIEW_TEXT("another"), {name, world.ak.name_len}};

    (void)state;
    memcpy(name, world.ak.name, sizeof name);
    world.rules = (struct tpm_rules){.names = names, .name_count = 2, .time = NOW};
    assert_int_equal(appraise_world(), STATUS_OK);
    assert_true(world.result.authentic && !world.result.certified);
    assert_true(world.result.not_before == INT64_MIN && world.result.not_after == INT64_MAX);
    assert_int_equal(world.result.checks[TPM_CHECK_VALIDITY].outcome, CHECK_NOT_MADE);
    name[33] ^= 1;
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_ROOT);
    name[33] ^= 1;
    world.ak.name_len = 0; /* a bare key has no name, and is none that is called nothing */
    names[0] = (struct view){NULL, 0};
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_ROOT);
}

static void agrees_with_the_chain_of_a_real_machine(void **state)
{
    static uint8_t bytes[1 << 16];
    struct buf memory = BUF_OF(bytes);
    cJSON *expected = vector_expected("tpm");
    struct endorsements chain = {2, {{NULL, 0}}};
    struct view root;
    struct tpm_public ak;

    (void)state;
    if (expected == NULL)
        skip();
    cJSON_Delete(expected);
    chain.list[0] = vector_file("tpm", "gcp_intermediate_cert.der", &memory);
    chain.list[1] = vector_file("tpm", "gcp_ak_cert.der", &memory);
    root = vector_file("tpm", "gcp_root_cert.der", &memory);
    assert_int_equal(tpm_public_decode(vector_file("tpm", "tpm_ecdsa_p256_gcp.ak.pem", &memory), &ak), STATUS_OK);
    world.evidence = (struct tpm_evidence){.attest = vector_file("tpm", "tpm_ecdsa_p256_gcp.attest.bin", &memory),
                                           .signature = vector_file("tpm", "tpm_ecdsa_p256_gcp.sig.bin", &memory),
                                           .ak = &ak,
                                           .endorsements = &chain};
    world.rules = (struct tpm_rules){.time = NOW, .roots = &root, .root_count = 1};
    assert_int_equal(appraise_world(), STATUS_OK);
    assert_true(world.result.certified);
    assert_true(world.result.not_before == 1746505178 && world.result.not_after == 2692585177); /* of expected.json */
    world.rules.time = world.result.not_after + 1;
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_EXPIRED);
    world.rules.time = world.result.not_before - 1;
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_NOT_YET);
    chain.count = 1; /* the intermediate alone */
    assert_int_equal(appraise_world(), STATUS_EVIDENCE_CHAIN);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_chain_to_a_believed_authority_is_trusted),
        TEST(certificates_come_in_any_packing),
        TEST(a_chain_that_is_not_whole_is_refused),
        TEST(who_is_not_believed_certifies_nothing),
        TEST(a_quote_must_be_signed_with_the_certified_key),
        TEST(an_old_certificate_beside_the_new_one_does_no_harm),
        TEST(the_work_is_bounded),
        TEST(signatures_beyond_the_limit_are_not_verified),
        TEST(what_does_not_lead_to_the_key_costs_no_signature),
        TEST(a_chain_of_the_last_of_many_authorities_is_found),
        TEST(leaves_of_many_forms_are_taken_and_those_for_other_ends_are_not),
        TEST(an_intermediate_for_certain_purposes_is_refused),
        TEST(a_believed_certificate_has_its_time_too),
        TEST(four_intermediates_are_enough),
        TEST(lists_revoke_what_stands_on_them),
        TEST(a_list_must_be_genuine_and_of_its_time),
        TEST(a_key_is_enrolled_by_its_name),
        TEST(agrees_with_the_chain_of_a_real_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Simulated evidence (PROTOCOL.md sections 3 and 16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "credential.h"
#include "hex.h"
#include "sim.h"
#include "trust_support.h"

#define EXPIRES (TRUST_NOW + 3600)

static const char golden_rules[] =
    "a301584ba40102200121582051a7580833898ea1b183cbd7350a4099078c6ef1c1e18e970cd7683035f25e7d225820011052"
    "2712b0b5a7cff081685486984a94e6831edac46e7360fa9d834a7a81a102825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa5820bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb03"
    "190e10";
static const char golden_payload[] =
    "a70364686f6d65041a6ab14990061a6ab13b800a584078372d4bbfb0877407d2f44c3a25ee8aa34843db27e9bcbba2de152a"
    "3c7d0718b087f2b5e874e7d16eab35231b38808565976a440d4c43bfe5882e4e0226344119010700190109781c7461673a74"
    "616369742e696e76616c69642c323032363a73696d23311901118182183c58225820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char golden_evidence[] =
    "d28443a10126a058a6a70364686f6d65041a6ab14990061a6ab13b800a584078372d4bbfb0877407d2f44c3a25ee8aa34843"
    "db27e9bcbba2de152a3c7d0718b087f2b5e874e7d16eab35231b38808565976a440d4c43bfe5882e4e022634411901070019"
    "0109781c7461673a74616369742e696e76616c69642c323032363a73696d23311901118182183c58225820aaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa58407fd73494576e10094f8a364fea5f4ecd6b44e40042e88c"
    "51954a2dea64142a004b4fc520019b1cee3a47fcb492f791c7760ce9e9ecb9e522c4d081fbf27b30e0";

/* What the golden vectors say. */
static struct sim_evidence sample(void)
{
    static uint8_t nonce[SHA512_SIZE], measurement[DIGEST_SIZE];

    assert_int_equal(sha512(VIEW_TEXT("claims"), nonce), STATUS_OK);
    memset(measurement, 0xaa, sizeof measurement);
    return (struct sim_evidence){
        .federation = VIEW_TEXT("home"),
        .expires = EXPIRES,
        .issued = TRUST_NOW,
        .nonce = VIEW_OF(nonce),
        .measurement = VIEW_OF(measurement),
    };
}

static struct evidence evidence_of(struct view bytes)
{
    static uint8_t report_data[SHA512_SIZE];
    struct evidence evidence = {
        .kind = VIEW_TEXT(SIM_KIND),
        .bytes = bytes,
        .federation = VIEW_TEXT("home"),
        .now = TRUST_NOW,
    };

    assert_int_equal(sha512(VIEW_TEXT("claims"), report_data), STATUS_OK);
    evidence.report_data = VIEW_OF(report_data);
    return evidence;
}

static enum status appraise_under(const struct evidence *evidence, struct view rules, struct appraisal *out)
{
    return sim_appraise(evidence, &rules, out);
}

/* ---- vectors ---- */

static void attests_the_golden_vector_and_appraises_it(void **state)
{
    const struct p256_key root = trust_key(TRUST_ROOT);
    const struct sim_evidence wanted = sample();
    uint8_t memory[512], rules_memory[512];
    struct buf bytes = BUF_OF(memory), rules = BUF_OF(rules_memory);
    struct evidence evidence;
    struct appraisal out;

    (void)state;
    assert_int_equal(sim_attest(&wanted, &root, trust_random(), &bytes), STATUS_OK);
    assert_hex_equal(buf_view(&bytes), golden_evidence);
    evidence = evidence_of(buf_view(&bytes));
    assert_int_equal(appraise_under(&evidence, hex_view(golden_rules, &rules), &out), STATUS_OK);
    assert_true(view_equal(out.kind, VIEW_TEXT("sim")));
    assert_true(view_equal(out.measurement, wanted.measurement));
    assert_int_equal(out.not_after, EXPIRES - 1);
    assert_int_equal(out.ear_status, EAR_CONTRAINDICATED);
    assert_true(out.simulated);
}

static void reads_the_payload_that_it_wrote(void **state)
{
    const struct sim_evidence wanted = sample();
    uint8_t memory[512];
    struct buf bytes = BUF_OF(memory);
    struct sim_evidence out;

    (void)state;
    assert_int_equal(sim_evidence_decode(hex_view(golden_payload, &bytes), &out), STATUS_OK);
    assert_true(view_equal(out.federation, wanted.federation));
    assert_true(view_equal(out.nonce, wanted.nonce));
    assert_true(view_equal(out.measurement, wanted.measurement));
    assert_int_equal(out.issued, wanted.issued);
    assert_int_equal(out.expires, wanted.expires);
}

static void encodes_and_decodes_the_golden_rules(void **state)
{
    uint8_t memory[512], again_memory[512];
    struct buf bytes = BUF_OF(memory), again = BUF_OF(again_memory);
    struct sim_rules rules;

    (void)state;
    assert_int_equal(sim_rules_decode(hex_view(golden_rules, &bytes), &rules), STATUS_OK);
    assert_true(view_equal(rules.root, trust_cose_key(TRUST_ROOT)));
    assert_int_equal(rules.count, 2);
    assert_int_equal(rules.measurements[1].ptr[0], 0xbb);
    assert_int_equal(rules.max_age_s, 3600);
    assert_int_equal(sim_rules_encode(&rules, &again), STATUS_OK);
    assert_hex_equal(buf_view(&again), golden_rules);
    for (size_t cap = 0; cap < bytes.len; cap++) {
        struct buf small = {.ptr = again_memory, .cap = cap};

        assert_int_equal(sim_rules_encode(&rules, &small), STATUS_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
}

/* ---- refusals ---- */

static void refuses_a_payload_that_is_not_the_profile(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status want;
    } cases[] = {
        {"as it should be", "a7 03", "a7 03", STATUS_OK},
        {"a claim missing", "19010700", "", STATUS_TRUNCATED},
        {"a claim missing, and the count says so", "a7 03 64 686f6d65", "a6", STATUS_OUT_OF_RANGE},
        {"a claim that nobody knows", "190107 00", "190108 00", STATUS_MALFORMED},
        {"an empty federation", "03 64 686f6d65", "03 60", STATUS_OUT_OF_RANGE},
        {"a space in the federation", "03 64 686f6d65", "03 64 68206d65", STATUS_MALFORMED},
        {"a time past its end", "06 1a6ab13b80", "06 1af4865701", STATUS_OUT_OF_RANGE},
        {"a negative time", "06 1a6ab13b80", "06 20", STATUS_MALFORMED},
        {"a nonce of another size", "0a 5840 78", "0a 583f", STATUS_OUT_OF_RANGE},
        {"debugging is said to be off", "190107 00", "190107 01", STATUS_OUT_OF_RANGE},
        {"another profile", "696d2331", "696d2332", STATUS_UNSUPPORTED},
        {"a longer profile", "78 1c 746167", "78 1d 74746167", STATUS_OUT_OF_RANGE},
        {"two measurements", "81 82 183c 5822", "82 82 183c 5822", STATUS_OUT_OF_RANGE},
        {"a measurement of another format", "82 183c", "82 183d", STATUS_OUT_OF_RANGE},
        {"a measurement that is no digest", "5822 5820", "5822 5821", STATUS_TRUNCATED},
        {"a measurement that is a text", "5822 5820", "5822 7820", STATUS_MALFORMED},
        {"a measurement without its inner head", "5822 5820", "5820", STATUS_OUT_OF_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t memory[512];
        struct buf bytes = BUF_OF(memory);
        struct sim_evidence out = {0};

        print_message("  %s\n", cases[i].why);
        (void)trust_changed(golden_payload, cases[i].from, cases[i].to, &bytes);
        assert_int_equal(sim_evidence_decode(buf_view(&bytes), &out), cases[i].want);
        assert_int_equal(out.expires, cases[i].want == STATUS_OK ? EXPIRES : 0);
    }
}

static void refuses_rules_that_accept_nothing_or_too_much(void **state)
{
    static const struct {
        const char *why, *from, *to;
        enum status want;
    } cases[] = {
        {"as they should be", "a3 01", "a3 01", STATUS_OK},
        {"no age", "03190e10", "0300", STATUS_OUT_OF_RANGE},
        {"an age past the end of time", "03190e10", "031af4865701", STATUS_OUT_OF_RANGE},
        {"the age missing", "03190e10", "", STATUS_TRUNCATED},
        {"a root that is not on the curve", "51a75808", "51a75809", STATUS_BAD_KEY},
        {"a root of another size", "584b a4", "584a", STATUS_OUT_OF_RANGE},
        {"a byte behind the rules", "03190e10", "03190e1000", STATUS_TRAILING},
        {"a field that nobody knows", "03190e10", "04190e10", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t memory[512];
        struct buf bytes = BUF_OF(memory);

        print_message("  %s\n", cases[i].why);
        (void)trust_changed(golden_rules, cases[i].from, cases[i].to, &bytes);
        assert_int_equal(sim_check_rules(buf_view(&bytes)), cases[i].want);
    }
}

static void refuses_rules_without_or_with_too_many_measurements(void **state)
{
    static const uint8_t digest[DIGEST_SIZE] = {1};
    struct sim_rules rules = {.root = trust_cose_key(TRUST_ROOT), .max_age_s = 1};
    static const struct {
        uint32_t count;
        enum status want;
    } cases[] = {{0, STATUS_OUT_OF_RANGE}, {1, STATUS_OK}, {SIM_MEASUREMENTS_MAX, STATUS_OK}};
    uint8_t memory[ACCEPTED_SIZE_MAX];

    (void)state;
    for (size_t i = 0; i < SIM_MEASUREMENTS_MAX; i++)
        rules.measurements[i] = VIEW_OF(digest);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf bytes = BUF_OF(memory);

        rules.count = cases[i].count;
        assert_int_equal(sim_rules_encode(&rules, &bytes), STATUS_OK);
        assert_int_equal(sim_check_rules(buf_view(&bytes)), cases[i].want);
    }
    /* The last encoding says 64 digests; one more is put behind them. */
    {
        struct buf bytes = BUF_OF(memory), more = BUF_OF(((uint8_t[ACCEPTED_SIZE_MAX]){0}));
        const size_t head = 1 + 1 + 2 + PUBLIC_KEY_SIZE + 1;

        assert_int_equal(sim_rules_encode(&rules, &bytes), STATUS_OK);
        assert_int_equal(buf_append(&more, (struct view){memory, head}), STATUS_OK);
        (void)hex_view("9841 5820 0100000000000000000000000000000000000000000000000000000000000000", &more);
        assert_int_equal(buf_append(&more, (struct view){memory + head + 2, bytes.len - head - 2}), STATUS_OK);
        assert_int_equal(sim_check_rules(buf_view(&more)), STATUS_OUT_OF_RANGE);
    }
}

/* One thing is changed in what is attested, or in what is expected. */
struct trial {
    const char *why;
    enum trust_key signer;
    const char *federation, *claims;
    uint64_t issued, expires, now;
    uint8_t measurement;
    enum status want;
};

static enum status appraise_trial(const struct trial *trial, struct appraisal *out)
{
    const struct p256_key root = trust_key(trial->signer);
    struct sim_evidence attested = sample();
    uint8_t memory[512], rules_memory[512], measurement[DIGEST_SIZE], nonce[SHA512_SIZE];
    struct buf bytes = BUF_OF(memory), rules = BUF_OF(rules_memory);
    struct evidence evidence;

    memset(measurement, trial->measurement, sizeof measurement);
    assert_int_equal(sha512(view_of_string(trial->claims), nonce), STATUS_OK);
    attested.federation = view_of_string(trial->federation);
    attested.nonce = VIEW_OF(nonce);
    attested.measurement = VIEW_OF(measurement);
    attested.issued = trial->issued;
    attested.expires = trial->expires;
    assert_int_equal(sim_attest(&attested, &root, trust_random(), &bytes), STATUS_OK);
    evidence = evidence_of(buf_view(&bytes));
    evidence.now = trial->now;
    return appraise_under(&evidence, hex_view(golden_rules, &rules), out);
}

static void refuses_evidence_that_does_not_deserve_trust(void **state)
{
    enum { T = TRUST_NOW };
    static const struct trial trials[] = {
        {"as it should be", TRUST_ROOT, "home", "claims", T, T + 3600, T, 0xaa, STATUS_OK},
        {"the other program", TRUST_ROOT, "home", "claims", T, T + 3600, T, 0xbb, STATUS_OK},
        {"another root", TRUST_OTHER, "home", "claims", T, T + 3600, T, 0xaa, STATUS_EVIDENCE_ROOT},
        {"another federation", TRUST_ROOT, "work", "claims", T, T + 3600, T, 0xaa, STATUS_EVIDENCE_FEDERATION},
        {"other claims", TRUST_ROOT, "home", "Claims", T, T + 3600, T, 0xaa, STATUS_EVIDENCE_BINDING},
        {"an unknown program", TRUST_ROOT, "home", "claims", T, T + 3600, T, 0xcc, STATUS_EVIDENCE_MEASUREMENT},
        {"the last second", TRUST_ROOT, "home", "claims", T, T + 100, T + 99, 0xaa, STATUS_OK},
        {"the moment of expiry", TRUST_ROOT, "home", "claims", T, T + 100, T + 100, 0xaa, STATUS_EVIDENCE_EXPIRED},
        {"the oldest", TRUST_ROOT, "home", "claims", T - 3599, T + 100, T, 0xaa, STATUS_OK},
        {"too old", TRUST_ROOT, "home", "claims", T - 3600, T + 100, T, 0xaa, STATUS_EVIDENCE_EXPIRED},
        {"as early as allowed", TRUST_ROOT, "home", "claims", T + 300, T + 900, T, 0xaa, STATUS_OK},
        {"from the future", TRUST_ROOT, "home", "claims", T + 301, T + 900, T, 0xaa, STATUS_EVIDENCE_NOT_YET},
        {"expired and of an unknown program: it expired", TRUST_ROOT, "home", "claims", T, T + 100, T + 100, 0xcc,
         STATUS_EVIDENCE_EXPIRED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(trials); i++) {
        struct appraisal out;

        print_message("  %s\n", trials[i].why);
        assert_int_equal(appraise_trial(&trials[i], &out), trials[i].want);
        assert_int_equal(out.reason, trials[i].want);
        /* Signed by the root is authentic, deserved or not. */
        assert_int_equal(out.authentic, trials[i].want != STATUS_EVIDENCE_ROOT);
    }
}

static void a_result_holds_no_longer_than_evidence_and_rules_allow(void **state)
{
    enum { T = TRUST_NOW };
    const struct trial by_evidence = {"", TRUST_ROOT, "home", "claims", T, T + 100, T, 0xaa, STATUS_OK};
    const struct trial by_age = {"", TRUST_ROOT, "home", "claims", T - 10, T + 99999, T, 0xaa, STATUS_OK};
    struct appraisal out;

    (void)state;
    assert_int_equal(appraise_trial(&by_evidence, &out), STATUS_OK);
    assert_int_equal(out.not_after, T + 99);
    assert_int_equal(appraise_trial(&by_age, &out), STATUS_OK);
    assert_int_equal(out.not_after, T - 10 + 3599);
}

static void no_changed_byte_is_accepted(void **state)
{
    uint8_t memory[512], rules_memory[512];
    struct buf bytes = BUF_OF(memory), rules = BUF_OF(rules_memory);
    struct evidence evidence;
    struct appraisal out;

    (void)state;
    (void)hex_view(golden_rules, &rules);
    evidence = evidence_of(hex_view(golden_evidence, &bytes));
    for (size_t i = 0; i < bytes.len; i++) {
        memory[i] ^= 0x01;
        assert_int_not_equal(appraise_under(&evidence, buf_view(&rules), &out), STATUS_OK);
        memory[i] ^= 0x01;
    }
    assert_int_equal(appraise_under(&evidence, buf_view(&rules), &out), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attests_the_golden_vector_and_appraises_it),
        cmocka_unit_test(reads_the_payload_that_it_wrote),
        cmocka_unit_test(encodes_and_decodes_the_golden_rules),
        cmocka_unit_test(refuses_a_payload_that_is_not_the_profile),
        cmocka_unit_test(refuses_rules_that_accept_nothing_or_too_much),
        cmocka_unit_test(refuses_rules_without_or_with_too_many_measurements),
        cmocka_unit_test(refuses_evidence_that_does_not_deserve_trust),
        cmocka_unit_test(a_result_holds_no_longer_than_evidence_and_rules_allow),
        cmocka_unit_test(no_changed_byte_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The table of kinds, and which reason is told when nothing fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "appraise.h"
#include "sim.h"
#include "trust_support.h"

/* Rules of a root that list one program, encoded. */
struct rules {
    uint8_t bytes[256];
    struct accepted accepted;
};

static void make_rules(enum trust_key root, uint8_t measurement, uint64_t max_age_s, struct rules *out)
{
    uint8_t digest[DIGEST_SIZE];
    struct sim_rules rules = {.root = trust_cose_key(root), .count = 1, .max_age_s = max_age_s};
    struct buf encoded = BUF_OF(out->bytes);

    memset(digest, measurement, sizeof digest);
    rules.measurements[0] = VIEW_OF(digest);
    assert_int_equal(sim_rules_encode(&rules, &encoded), STATUS_OK);
    out->accepted = (struct accepted){VIEW_TEXT(SIM_KIND), buf_view(&encoded)};
}

/* Evidence by TRUST_ROOT, a hundred seconds old, for the program aa.. */
static struct evidence make_evidence(struct buf *bytes)
{
    static uint8_t report_data[SHA512_SIZE];
    const struct p256_key root = trust_key(TRUST_ROOT);
    struct evidence evidence = {.kind = VIEW_TEXT(SIM_KIND),
                                .federation = VIEW_TEXT("home"),
                                .subject = VIEW_TEXT("sensor-17"),
                                .now = TRUST_NOW};
    uint8_t digest[DIGEST_SIZE];
    struct sim_evidence attested = {
        .federation = evidence.federation,
        .issued = TRUST_NOW - 100,
        .expires = TRUST_NOW + 100,
        .measurement = VIEW_OF(digest),
    };

    memset(digest, 0xaa, sizeof digest);
    assert_int_equal(sha512(VIEW_TEXT("claims"), report_data), STATUS_OK);
    evidence.report_data = VIEW_OF(report_data);
    attested.nonce = evidence.report_data;
    assert_int_equal(sim_attest(&attested, &root, trust_random(), bytes), STATUS_OK);
    evidence.bytes = buf_view(bytes);
    return evidence;
}

static void knows_its_kinds(void **state)
{
    static const char *const kinds[] = {"sim", "sgx", "tdx", "snp", "psa", "tpm"};
    const struct appraiser *row = appraiser_find(VIEW_TEXT("sim"));

    (void)state;
    assert_non_null(row);
    assert_true(row->simulated);
    for (size_t i = 0; appraiser_kind(i) != NULL; i++) {
        row = appraiser_find(view_of_string(appraiser_kind(i)));
        assert_non_null(row);
        assert_int_equal(row->simulated, strcmp(row->kind, "sim") == 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_non_null(appraiser_find(view_of_string(kinds[i])));
    assert_null(appraiser_find(VIEW_TEXT("")));
    assert_null(appraiser_find(VIEW_TEXT("si")));
    assert_null(appraiser_find(VIEW_TEXT("sim2")));
    assert_null(appraiser_find(VIEW_TEXT("SIM")));
}

static void any_one_that_fits_is_enough(void **state)
{
    uint8_t memory[512];
    struct buf bytes = BUF_OF(memory);
    const struct evidence evidence = make_evidence(&bytes);
    struct rules other, fitting;
    struct appraisal out;

    (void)state;
    make_rules(TRUST_OTHER, 0xaa, 3600, &other);
    make_rules(TRUST_ROOT, 0xaa, 3600, &fitting);
    assert_int_equal(appraise(&evidence, (struct accepted[]){other.accepted, fitting.accepted}, 2, &out), STATUS_OK);
    assert_int_equal(appraise(&evidence, (struct accepted[]){fitting.accepted, other.accepted}, 2, &out), STATUS_OK);
    assert_int_equal(out.measurement.ptr[0], 0xaa);
}

static void tells_the_reason_of_the_entry_that_came_furthest(void **state)
{
    uint8_t memory[512];
    struct buf bytes = BUF_OF(memory);
    const struct evidence evidence = make_evidence(&bytes);
    struct rules rules[4];
    static const struct {
        const char *why;
        unsigned int first, second;
        enum status want;
    } cases[] = {
        {"root, then program", 0, 1, STATUS_EVIDENCE_MEASUREMENT},
        {"program, then root", 1, 0, STATUS_EVIDENCE_MEASUREMENT},
        {"age, then root", 2, 0, STATUS_EVIDENCE_EXPIRED},
        {"age, then program", 2, 1, STATUS_EVIDENCE_MEASUREMENT},
        {"rules that do not decode, then root", 3, 0, STATUS_EVIDENCE_ROOT},
        {"root twice", 0, 0, STATUS_EVIDENCE_ROOT},
        {"rules that do not decode, alone", 3, 3, STATUS_TRUNCATED},
    };

    (void)state;
    make_rules(TRUST_OTHER, 0xaa, 3600, &rules[0]);
    make_rules(TRUST_ROOT, 0xbb, 3600, &rules[1]);
    make_rules(TRUST_ROOT, 0xaa, 50, &rules[2]);
    rules[3].accepted = (struct accepted){.kind = VIEW_TEXT(SIM_KIND)};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct accepted list[] = {rules[cases[i].first].accepted, rules[cases[i].second].accepted};
        struct appraisal out;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(appraise(&evidence, list, 2, &out), cases[i].want);
    }
}

static void refuses_a_kind_that_is_not_accepted_or_not_known(void **state)
{
    uint8_t memory[512];
    struct buf bytes = BUF_OF(memory);
    struct evidence evidence = make_evidence(&bytes);
    struct rules fitting;
    struct accepted other;
    struct appraisal out;

    (void)state;
    make_rules(TRUST_ROOT, 0xaa, 3600, &fitting);
    other = fitting.accepted;
    other.kind = VIEW_TEXT("else");
    assert_int_equal(appraise(&evidence, &other, 1, &out), STATUS_EVIDENCE_KIND);
    assert_int_equal(appraise(&evidence, &fitting.accepted, 0, &out), STATUS_EVIDENCE_KIND);
    assert_int_equal(appraise(&evidence, &fitting.accepted, 1, &out), STATUS_OK);
    evidence.kind = VIEW_TEXT("else");
    assert_int_equal(appraise(&evidence, &other, 1, &out), STATUS_EVIDENCE_KIND);
}

/* What is empty would not be checked: nobody who trusts by the result may leave it out. */
static void refuses_to_judge_without_what_it_must_be_bound_to(void **state)
{
    static const uint8_t half[SHA512_SIZE / 2];
    static const struct {
        const char *what;
        size_t at; /* of the view in struct evidence */
        struct view value;
    } cases[] = {
        {"no federation", offsetof(struct evidence, federation), {NULL, 0}},
        {"no subject", offsetof(struct evidence, subject), {NULL, 0}},
        {"no report data", offsetof(struct evidence, report_data), {NULL, 0}},
        {"a part of the report data", offsetof(struct evidence, report_data), {half, sizeof half}},
        {"a key besides the rules", offsetof(struct evidence, key), {(const uint8_t *)"k", 1}},
        {"an authority besides the rules", offsetof(struct evidence, authority), {(const uint8_t *)"a", 1}},
    };
    uint8_t memory[512];
    struct buf bytes = BUF_OF(memory);
    const struct evidence whole = make_evidence(&bytes);
    struct rules fitting;
    struct appraisal out;

    (void)state;
    make_rules(TRUST_ROOT, 0xaa, 3600, &fitting);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct evidence evidence = whole;

        print_message("  %s\n", cases[i].what);
        memcpy((uint8_t *)&evidence + cases[i].at, &cases[i].value, sizeof cases[i].value);
        assert_int_equal(appraise(&evidence, &fitting.accepted, 1, &out), STATUS_EVIDENCE_BINDING);
        assert_false(out.authentic);
        assert_int_equal(out.check_count, 1);
        evidence.captured = true;
        assert_int_not_equal(appraise(&evidence, &fitting.accepted, 1, &out), STATUS_EVIDENCE_KIND);
        assert_true(out.authentic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_kinds),
        cmocka_unit_test(any_one_that_fits_is_enough),
        cmocka_unit_test(tells_the_reason_of_the_entry_that_came_furthest),
        cmocka_unit_test(refuses_to_judge_without_what_it_must_be_bound_to),
        cmocka_unit_test(refuses_a_kind_that_is_not_accepted_or_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "enrol.h"
#include "message.h"

MESSAGE_CODEC(enrol_request)
MESSAGE_CODEC(device_claims)
MESSAGE_CODEC(enrol_answer)

static const struct message_kind request_kind = MESSAGE_KIND(enrol_request, "enrol_request", 0);
static const struct message_kind claims_kind = MESSAGE_KIND(device_claims, "device_claims", 0);
static const struct message_kind answer_kind = MESSAGE_KIND(enrol_answer, "enrol_answer", 0);
static const struct message_kind refusal_kind = MESSAGE_KIND(enrol_answer, "enrol_answer_refused", 0);

static void writes_and_reads_the_golden_request(void **state)
{
    const struct enrol_request want = {
        .claims = message_filled(0xe2, 5),
        .kind = VIEW_TEXT("sim"),
        .evidence = message_filled(0xe1, 6),
        .endorsements = {1, {message_filled(0xe4, 3)}},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct enrol_request got;

    (void)state;
    message_check_golden(&request_kind, &want, &got, &memory);
    assert_true(view_equal(got.claims, want.claims));
    assert_true(view_equal(got.kind, want.kind));
    assert_true(view_equal(got.evidence, want.evidence));
    assert_int_equal(got.endorsements.count, want.endorsements.count);
    for (uint32_t i = 0; i < want.endorsements.count; i++)
        assert_true(view_equal(got.endorsements.list[i], want.endorsements.list[i]));
}

static void writes_and_reads_the_golden_claims(void **state)
{
    const struct device_claims want = {
        .federation = VIEW_TEXT("hospital"),
        .aggregator = VIEW_TEXT("agg-1"),
        .device = VIEW_TEXT("device_7"),
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .key = message_key(0x61),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .role = ROLE_DEVICE,
        .alg = 24,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct device_claims got;

    (void)state;
    message_check_golden(&claims_kind, &want, &got, &memory);
    assert_true(view_equal(got.federation, want.federation));
    assert_true(view_equal(got.aggregator, want.aggregator));
    assert_true(view_equal(got.device, want.device));
    assert_true(view_equal(got.challenge, want.challenge));
    assert_true(view_equal(got.key, want.key));
    assert_true(view_equal(got.policy_digest, want.policy_digest));
    assert_int_equal(got.role, want.role);
    assert_int_equal(got.alg, want.alg);
}

static void writes_and_reads_the_golden_answer(void **state)
{
    const struct enrol_answer want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .reason = STATUS_OK,
        .credential = message_filled(0xe6, 7),
        .update_key = message_filled(0x4b, 16),
        .model_key = message_filled(0x4d, 32),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct enrol_answer got;

    (void)state;
    message_check_golden(&answer_kind, &want, &got, &memory);
    assert_true(view_equal(got.challenge, want.challenge));
    assert_int_equal(got.reason, want.reason);
    assert_true(view_equal(got.credential, want.credential));
    assert_true(view_equal(got.update_key, want.update_key));
    assert_true(view_equal(got.model_key, want.model_key));
}

static void writes_and_reads_the_golden_refusal(void **state)
{
    const struct enrol_answer want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .reason = STATUS_EVIDENCE_MEASUREMENT,
        .credential = {0},
        .update_key = {0},
        .model_key = {0},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct enrol_answer got;

    (void)state;
    message_check_golden(&refusal_kind, &want, &got, &memory);
    assert_true(view_equal(got.challenge, want.challenge));
    assert_int_equal(got.reason, want.reason);
    assert_int_equal(got.credential.len, 0);
    assert_int_equal(got.update_key.len, 0);
    assert_int_equal(got.model_key.len, 0);
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case request_cases[] = {
        {"claims is empty", {{1, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest claims", {{1, "", 8192}}, STATUS_OK},
        {"claims past its limit", {{1, "", 8193}}, STATUS_OUT_OF_RANGE},
        {"kind is empty", {{2, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"longest kind", {{2, "70 61616161616161616161616161616161", 0}}, STATUS_OK},
        {"kind past its limit", {{2, "71 6161616161616161616161616161616161", 0}}, STATUS_OUT_OF_RANGE},
        {"kind with a control character", {{2, "61 0a", 0}}, STATUS_MALFORMED},
        {"evidence is empty", {{3, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest evidence", {{3, "", 16384}}, STATUS_OK},
        {"evidence past its limit", {{3, "", 16385}}, STATUS_OUT_OF_RANGE},
        {"no endorsements", {{4, "80", 0}}, STATUS_OK},
        {"most endorsements",
         {{4, "90 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00", 0}},
         STATUS_OK},
        {"too many endorsements",
         {{4,
           "91 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00",
           0}},
         STATUS_OUT_OF_RANGE},
        {"an empty endorsement", {{4, "81 40", 0}}, STATUS_OUT_OF_RANGE},
        {"an endorsement that is text", {{4, "81 61 61", 0}}, STATUS_MALFORMED},
        {"largest endorsement", {{4, "81", 65536}}, STATUS_OK},
        {"an endorsement past its limit", {{4, "81", 65537}}, STATUS_OUT_OF_RANGE},
    };
    static const struct message_case claims_cases[] = {
        {"federation is empty", {{1, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"longest federation",
         {{1,
           "78 40 "
           "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
           "161616161616161616161",
           0}},
         STATUS_OK},
        {"federation past its limit",
         {{1,
           "78 41 "
           "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
           "16161616161616161616161",
           0}},
         STATUS_OUT_OF_RANGE},
        {"federation with a slash", {{1, "63 61 2f 62", 0}}, STATUS_MALFORMED},
        {"federation with a wildcard", {{1, "61 2b", 0}}, STATUS_MALFORMED},
        {"federation with a byte 0", {{1, "61 00", 0}}, STATUS_MALFORMED},
        {"federation with an umlaut", {{1, "62 c3 a4", 0}}, STATUS_MALFORMED},
        {"aggregator is empty", {{2, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"longest aggregator",
         {{2,
           "78 40 "
           "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
           "161616161616161616161",
           0}},
         STATUS_OK},
        {"aggregator past its limit",
         {{2,
           "78 41 "
           "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
           "16161616161616161616161",
           0}},
         STATUS_OUT_OF_RANGE},
        {"aggregator with a slash", {{2, "63 61 2f 62", 0}}, STATUS_MALFORMED},
        {"aggregator with a wildcard", {{2, "61 2b", 0}}, STATUS_MALFORMED},
        {"aggregator with a byte 0", {{2, "61 00", 0}}, STATUS_MALFORMED},
        {"aggregator with an umlaut", {{2, "62 c3 a4", 0}}, STATUS_MALFORMED},
        {"device is empty", {{3, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"longest device",
         {{3,
           "78 40 "
           "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
           "161616161616161616161",
           0}},
         STATUS_OK},
        {"device past its limit",
         {{3,
           "78 41 "
           "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616"
           "16161616161616161616161",
           0}},
         STATUS_OUT_OF_RANGE},
        {"device with a slash", {{3, "63 61 2f 62", 0}}, STATUS_MALFORMED},
        {"device with a wildcard", {{3, "61 2b", 0}}, STATUS_MALFORMED},
        {"device with a byte 0", {{3, "61 00", 0}}, STATUS_MALFORMED},
        {"device with an umlaut", {{3, "62 c3 a4", 0}}, STATUS_MALFORMED},
        {"challenge a byte short", {{4, "", 31}}, STATUS_OUT_OF_RANGE},
        {"challenge a byte long", {{4, "", 33}}, STATUS_OUT_OF_RANGE},
        {"key a byte short", {{5, "", 74}}, STATUS_OUT_OF_RANGE},
        {"key a byte long", {{5, "", 76}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte short", {{6, "", 31}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte long", {{6, "", 33}}, STATUS_OUT_OF_RANGE},
        {"combiner", {{7, "02", 0}}, STATUS_OK},
        {"server", {{7, "03", 0}}, STATUS_OK},
        {"role 0", {{7, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"role 4", {{7, "04", 0}}, STATUS_OUT_OF_RANGE},
        {"algorithm 1", {{8, "01", 0}}, STATUS_OK},
        {"algorithm 3", {{8, "03", 0}}, STATUS_OK},
        {"algorithm 24", {{8, "18 18", 0}}, STATUS_OK},
        {"algorithm 31", {{8, "18 1f", 0}}, STATUS_OK},
        {"algorithm 0", {{8, "00", 0}}, STATUS_UNSUPPORTED},
        {"algorithm 2", {{8, "02", 0}}, STATUS_UNSUPPORTED},
        {"algorithm 30", {{8, "18 1e", 0}}, STATUS_UNSUPPORTED},
        {"algorithm past 2^63", {{8, "1b 80 00 00 00 00 00 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"algorithm -7", {{8, "26", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case answer_cases[] = {
        {"challenge a byte short", {{1, "", 31}}, STATUS_OUT_OF_RANGE},
        {"challenge a byte long", {{1, "", 33}}, STATUS_OUT_OF_RANGE},
        {"credential is empty", {{3, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest credential", {{3, "", 8192}}, STATUS_OK},
        {"credential past its limit", {{3, "", 8193}}, STATUS_OUT_OF_RANGE},
        {"update key of 15 bytes", {{4, "", 15}}, STATUS_OUT_OF_RANGE},
        {"update key of 32 bytes", {{4, "", 32}}, STATUS_OK},
        {"update key of 33 bytes", {{4, "", 33}}, STATUS_OUT_OF_RANGE},
        {"model key a byte short", {{5, "", 31}}, STATUS_OUT_OF_RANGE},
        {"model key a byte long", {{5, "", 33}}, STATUS_OUT_OF_RANGE},
    };
    static const struct message_case refusal_cases[] = {
        {"largest reason", {{2, "18 9f", 0}}, STATUS_OK},
        {"reason past its limit", {{2, "18 a0", 0}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&request_kind, request_cases, ARRAY_LEN(request_cases));
    message_check_cases(&claims_kind, claims_cases, ARRAY_LEN(claims_cases));
    message_check_cases(&answer_kind, answer_cases, ARRAY_LEN(answer_cases));
    message_check_cases(&refusal_kind, refusal_cases, ARRAY_LEN(refusal_cases));
}

static void grants_all_or_nothing(void **state)
{
    static const struct message_case answer_cases[] = {
        {"a reason beside a grant", {{2, "01", 0}}, STATUS_MALFORMED},
        {"a refusal with a credential", {{2, "01", 0}, {4, NULL, 0}, {5, NULL, 0}}, STATUS_MALFORMED},
        {"a refusal with an update key", {{2, "01", 0}, {3, NULL, 0}, {5, NULL, 0}}, STATUS_MALFORMED},
        {"a refusal with a model key", {{2, "01", 0}, {3, NULL, 0}, {4, NULL, 0}}, STATUS_MALFORMED},
        {"a grant of nothing", {{3, NULL, 0}, {4, NULL, 0}, {5, NULL, 0}}, STATUS_MALFORMED},
    };
    static const struct message_case refusal_cases[] = {
        {"reason 0 alone", {{2, "00", 0}}, STATUS_MALFORMED},
        {"a grant in place of the refusal", {{2, "00", 0}, {3, "41 00", 0}}, STATUS_MALFORMED},
        {"a refusal with a credential", {{3, "41 00", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&answer_kind, answer_cases, ARRAY_LEN(answer_cases));
    message_check_cases(&refusal_kind, refusal_cases, ARRAY_LEN(refusal_cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&request_kind);
    message_check_damage(&claims_kind);
    message_check_damage(&answer_kind);
    message_check_damage(&refusal_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&request_kind);
    message_check_fields(&claims_kind);
    message_check_fields(&answer_kind);
    message_check_fields(&refusal_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_golden_request),
        cmocka_unit_test(writes_and_reads_the_golden_claims),
        cmocka_unit_test(writes_and_reads_the_golden_answer),
        cmocka_unit_test(writes_and_reads_the_golden_refusal),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(grants_all_or_nothing),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "record.h"

MESSAGE_CODEC(record)

static const struct message_kind record_kind = MESSAGE_KIND(record, "record", 0);
static const struct message_kind failed_kind = MESSAGE_KIND(record, "record_failed", 0);

static void assert_same_metrics(const struct metrics *got, const struct metrics *want)
{
    assert_int_equal(got->count, want->count);
    for (uint32_t i = 0; i < want->count; i++) {
        assert_true(view_equal(got->list[i].name, want->list[i].name));
        assert_int_equal(got->list[i].value, want->list[i].value);
        assert_int_equal(got->list[i].weight, want->list[i].weight);
    }
}

static void writes_and_reads_its_golden_vector(void **state)
{
    const struct record want = {
        .round = 12,
        .task = TASK_TRAIN,
        .reason = STATUS_OK,
        .previous = message_filled(0xd2, DIGEST_SIZE),
        .base = message_filled(0xd1, DIGEST_SIZE),
        .model = message_filled(0xd3, DIGEST_SIZE),
        .counted = 30,
        .samples = 18000,
        .root = message_filled(0xd5, DIGEST_SIZE),
        .metrics = {2, {{VIEW_TEXT("accuracy"), 912500, 18000}, {VIEW_TEXT("loss"), -250000, 18000}}},
        .refusals = {2, {{STATUS_WRONG_BASE, 2}, {STATUS_NO_SAMPLES, 1}}},
        .closed = 1700000660,
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .simulated = true,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct record got;

    (void)state;
    message_check_golden(&record_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_int_equal(got.task, want.task);
    assert_int_equal(got.reason, want.reason);
    assert_true(view_equal(got.previous, want.previous));
    assert_true(view_equal(got.base, want.base));
    assert_true(view_equal(got.model, want.model));
    assert_int_equal(got.counted, want.counted);
    assert_int_equal(got.samples, want.samples);
    assert_true(view_equal(got.root, want.root));
    assert_same_metrics(&got.metrics, &want.metrics);
    assert_int_equal(got.refusals.count, want.refusals.count);
    for (uint32_t i = 0; i < want.refusals.count; i++) {
        assert_int_equal(got.refusals.list[i].reason, want.refusals.list[i].reason);
        assert_int_equal(got.refusals.list[i].count, want.refusals.list[i].count);
    }
    assert_int_equal(got.closed, want.closed);
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_true(view_equal(got.policy_digest, want.policy_digest));
    assert_int_equal(got.simulated, want.simulated);
}

static void writes_and_reads_the_golden_failure(void **state)
{
    const struct record want = {
        .round = 1,
        .task = TASK_TRAIN,
        .reason = STATUS_COHORT_TOO_SMALL,
        .previous = {0},
        .base = message_filled(0xd1, DIGEST_SIZE),
        .model = message_filled(0xd1, DIGEST_SIZE),
        .counted = 3,
        .samples = 1800,
        .root = message_filled(0xd5, DIGEST_SIZE),
        .metrics = {0},
        .refusals = {0},
        .closed = 1700000660,
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .simulated = false,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct record got;

    (void)state;
    message_check_golden(&failed_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_int_equal(got.task, want.task);
    assert_int_equal(got.reason, want.reason);
    assert_true(view_equal(got.previous, want.previous));
    assert_true(view_equal(got.base, want.base));
    assert_true(view_equal(got.model, want.model));
    assert_int_equal(got.counted, want.counted);
    assert_int_equal(got.samples, want.samples);
    assert_true(view_equal(got.root, want.root));
    assert_same_metrics(&got.metrics, &want.metrics);
    assert_int_equal(got.refusals.count, want.refusals.count);
    for (uint32_t i = 0; i < want.refusals.count; i++) {
        assert_int_equal(got.refusals.list[i].reason, want.refusals.list[i].reason);
        assert_int_equal(got.refusals.list[i].count, want.refusals.list[i].count);
    }
    assert_int_equal(got.closed, want.closed);
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_true(view_equal(got.policy_digest, want.policy_digest));
    assert_int_equal(got.simulated, want.simulated);
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case record_cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"round negative", {{1, "20", 0}}, STATUS_MALFORMED},
        {"to evaluate", {{2, "02", 0}}, STATUS_OK},
        {"task 0", {{2, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"task 3", {{2, "03", 0}}, STATUS_OUT_OF_RANGE},
        {"no previous", {{4, "f6", 0}}, STATUS_OK},
        {"previous is empty", {{4, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"previous is false", {{4, "f4", 0}}, STATUS_MALFORMED},
        {"previous a byte short", {{4, "", 31}}, STATUS_OUT_OF_RANGE},
        {"previous a byte long", {{4, "", 33}}, STATUS_OUT_OF_RANGE},
        {"base a byte short", {{5, "", 31}}, STATUS_OUT_OF_RANGE},
        {"base a byte long", {{5, "", 33}}, STATUS_OUT_OF_RANGE},
        {"model a byte short", {{6, "", 31}}, STATUS_OUT_OF_RANGE},
        {"model a byte long", {{6, "", 33}}, STATUS_OUT_OF_RANGE},
        {"nobody counted", {{7, "00", 0}}, STATUS_OK},
        {"most counted", {{7, "1a 00 01 00 00", 0}}, STATUS_OK},
        {"too many counted", {{7, "1a 00 01 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"most samples", {{8, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OK},
        {"too many samples", {{8, "1b 00 00 00 01 00 00 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"root a byte short", {{9, "", 31}}, STATUS_OUT_OF_RANGE},
        {"root a byte long", {{9, "", 33}}, STATUS_OUT_OF_RANGE},
        {"time 0", {{12, "00", 0}}, STATUS_OK},
        {"latest time", {{12, "1a f4 86 57 00", 0}}, STATUS_OK},
        {"time past its limit", {{12, "1a f4 86 57 01", 0}}, STATUS_OUT_OF_RANGE},
        {"time negative", {{12, "20", 0}}, STATUS_MALFORMED},
        {"boot id a byte short", {{13, "", 15}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte long", {{13, "", 17}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte short", {{14, "", 31}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte long", {{14, "", 33}}, STATUS_OUT_OF_RANGE},
        {"the other bool", {{15, "f4", 0}}, STATUS_OK},
        {"null for a bool", {{15, "f6", 0}}, STATUS_MALFORMED},
        {"undefined for a bool", {{15, "f7", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case failed_cases[] = {
        {"largest reason", {{3, "18 9f", 0}}, STATUS_OK},
        {"reason past its limit", {{3, "18 a0", 0}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&record_kind, record_cases, ARRAY_LEN(record_cases));
    message_check_cases(&failed_kind, failed_cases, ARRAY_LEN(failed_cases));
}

static void refuses_metrics_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"a name twice", {{10, "82 83 61 61 00 01 83 61 61 00 01", 0}}, STATUS_UNORDERED},
        {"weight 0", {{10, "81 83 61 61 00 00", 0}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&record_kind, cases, ARRAY_LEN(cases));
}

static void refuses_refusals_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"every reason",
         {{11,
           "98 9f 82 01 01 82 02 01 82 03 01 82 04 01 82 05 01 82 06 01 82 07 01 82 08 01 82 09 01 82 0a 01 82 0b 01 "
           "82 0c 01 82 0d 01 82 0e 01 82 0f 01 82 10 01 82 11 01 82 12 01 82 13 01 82 14 01 82 15 01 82 16 01 82 17 "
           "01 82 18 18 01 82 18 19 01 82 18 1a 01 82 18 1b 01 82 18 1c 01 82 18 1d 01 82 18 1e 01 82 18 1f 01 82 18 "
           "20 01 82 18 21 01 82 18 22 01 82 18 23 01 82 18 24 01 82 18 25 01 82 18 26 01 82 18 27 01 82 18 28 01 82 "
           "18 29 01 82 18 2a 01 82 18 2b 01 82 18 2c 01 82 18 2d 01 82 18 2e 01 82 18 2f 01 82 18 30 01 82 18 31 01 "
           "82 18 32 01 82 18 33 01 82 18 34 01 82 18 35 01 82 18 36 01 82 18 37 01 82 18 38 01 82 18 39 01 82 18 3a "
           "01 82 18 3b 01 82 18 3c 01 82 18 3d 01 82 18 3e 01 82 18 3f 01 82 18 40 01 82 18 41 01 82 18 42 01 82 18 "
           "43 01 82 18 44 01 82 18 45 01 82 18 46 01 82 18 47 01 82 18 48 01 82 18 49 01 82 18 4a 01 82 18 4b 01 82 "
           "18 4c 01 82 18 4d 01 82 18 4e 01 82 18 4f 01 82 18 50 01 82 18 51 01 82 18 52 01 82 18 53 01 82 18 54 01 "
           "82 18 55 01 82 18 56 01 82 18 57 01 82 18 58 01 82 18 59 01 82 18 5a 01 82 18 5b 01 82 18 5c 01 82 18 5d "
           "01 82 18 5e 01 82 18 5f 01 82 18 60 01 82 18 61 01 82 18 62 01 82 18 63 01 82 18 64 01 82 18 65 01 82 18 "
           "66 01 82 18 67 01 82 18 68 01 82 18 69 01 82 18 6a 01 82 18 6b 01 82 18 6c 01 82 18 6d 01 82 18 6e 01 82 "
           "18 6f 01 82 18 70 01 82 18 71 01 82 18 72 01 82 18 73 01 82 18 74 01 82 18 75 01 82 18 76 01 82 18 77 01 "
           "82 18 78 01 82 18 79 01 82 18 7a 01 82 18 7b 01 82 18 7c 01 82 18 7d 01 82 18 7e 01 82 18 7f 01 82 18 80 "
           "01 82 18 81 01 82 18 82 01 82 18 83 01 82 18 84 01 82 18 85 01 82 18 86 01 82 18 87 01 82 18 88 01 82 18 "
           "89 01 82 18 8a 01 82 18 8b 01 82 18 8c 01 82 18 8d 01 82 18 8e 01 82 18 8f 01 82 18 90 01 82 18 91 01 82 "
           "18 92 01 82 18 93 01 82 18 94 01 82 18 95 01 82 18 96 01 82 18 97 01 82 18 98 01 82 18 99 01 82 18 9a 01 "
           "82 18 9b 01 82 18 9c 01 82 18 9d 01 82 18 9e 01 82 18 9f 01",
           0}},
         STATUS_OK},
        {"largest count", {{11, "81 82 01 1b ff ff ff ff ff ff ff ff", 0}}, STATUS_OK},
        {"none of a reason", {{11, "81 82 01 00", 0}}, STATUS_OUT_OF_RANGE},
        {"reason 0", {{11, "81 82 00 01", 0}}, STATUS_UNORDERED},
        {"reason past its limit", {{11, "81 82 18 a0 01", 0}}, STATUS_OUT_OF_RANGE},
        {"a reason twice", {{11, "82 82 01 01 82 01 01", 0}}, STATUS_UNORDERED},
        {"reasons descend", {{11, "82 82 02 01 82 01 01", 0}}, STATUS_UNORDERED},
        {"refusal of one item", {{11, "81 81 01", 0}}, STATUS_OUT_OF_RANGE},
        {"refusal of three items", {{11, "81 83 01 01 01", 0}}, STATUS_OUT_OF_RANGE},
        {"more refusals than reasons",
         {{11,
           "98 a0 82 01 01 82 02 01 82 03 01 82 04 01 82 05 01 82 06 01 82 07 01 82 08 01 82 09 01 82 0a 01 82 0b 01 "
           "82 0c 01 82 0d 01 82 0e 01 82 0f 01 82 10 01 82 11 01 82 12 01 82 13 01 82 14 01 82 15 01 82 16 01 82 17 "
           "01 82 18 18 01 82 18 19 01 82 18 1a 01 82 18 1b 01 82 18 1c 01 82 18 1d 01 82 18 1e 01 82 18 1f 01 82 18 "
           "20 01 82 18 21 01 82 18 22 01 82 18 23 01 82 18 24 01 82 18 25 01 82 18 26 01 82 18 27 01 82 18 28 01 82 "
           "18 29 01 82 18 2a 01 82 18 2b 01 82 18 2c 01 82 18 2d 01 82 18 2e 01 82 18 2f 01 82 18 30 01 82 18 31 01 "
           "82 18 32 01 82 18 33 01 82 18 34 01 82 18 35 01 82 18 36 01 82 18 37 01 82 18 38 01 82 18 39 01 82 18 3a "
           "01 82 18 3b 01 82 18 3c 01 82 18 3d 01 82 18 3e 01 82 18 3f 01 82 18 40 01 82 18 41 01 82 18 42 01 82 18 "
           "43 01 82 18 44 01 82 18 45 01 82 18 46 01 82 18 47 01 82 18 48 01 82 18 49 01 82 18 4a 01 82 18 4b 01 82 "
           "18 4c 01 82 18 4d 01 82 18 4e 01 82 18 4f 01 82 18 50 01 82 18 51 01 82 18 52 01 82 18 53 01 82 18 54 01 "
           "82 18 55 01 82 18 56 01 82 18 57 01 82 18 58 01 82 18 59 01 82 18 5a 01 82 18 5b 01 82 18 5c 01 82 18 5d "
           "01 82 18 5e 01 82 18 5f 01 82 18 60 01 82 18 61 01 82 18 62 01 82 18 63 01 82 18 64 01 82 18 65 01 82 18 "
           "66 01 82 18 67 01 82 18 68 01 82 18 69 01 82 18 6a 01 82 18 6b 01 82 18 6c 01 82 18 6d 01 82 18 6e 01 82 "
           "18 6f 01 82 18 70 01 82 18 71 01 82 18 72 01 82 18 73 01 82 18 74 01 82 18 75 01 82 18 76 01 82 18 77 01 "
           "82 18 78 01 82 18 79 01 82 18 7a 01 82 18 7b 01 82 18 7c 01 82 18 7d 01 82 18 7e 01 82 18 7f 01 82 18 80 "
           "01 82 18 81 01 82 18 82 01 82 18 83 01 82 18 84 01 82 18 85 01 82 18 86 01 82 18 87 01 82 18 88 01 82 18 "
           "89 01 82 18 8a 01 82 18 8b 01 82 18 8c 01 82 18 8d 01 82 18 8e 01 82 18 8f 01 82 18 90 01 82 18 91 01 82 "
           "18 92 01 82 18 93 01 82 18 94 01 82 18 95 01 82 18 96 01 82 18 97 01 82 18 98 01 82 18 99 01 82 18 9a 01 "
           "82 18 9b 01 82 18 9c 01 82 18 9d 01 82 18 9e 01 82 18 9f 01 82 18 a0 01",
           0}},
         STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&record_kind, cases, ARRAY_LEN(cases));
}

static void a_round_without_a_release_keeps_its_base(void **state)
{
    static const struct message_case record_cases[] = {
        {"a reason, but a new model", {{3, "18 2c", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case failed_cases[] = {
        {"released without a change", {{3, "00", 0}}, STATUS_OK},
    };

    (void)state;
    message_check_cases(&record_kind, record_cases, ARRAY_LEN(record_cases));
    message_check_cases(&failed_kind, failed_cases, ARRAY_LEN(failed_cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&record_kind);
    message_check_damage(&failed_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&record_kind);
    message_check_fields(&failed_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_its_golden_vector),
        cmocka_unit_test(writes_and_reads_the_golden_failure),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_metrics_past_their_limits),
        cmocka_unit_test(refuses_refusals_past_their_limits),
        cmocka_unit_test(a_round_without_a_release_keeps_its_base),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The encoding of a sealed state: what a later boot, or a replay, takes up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "state.h"

MESSAGE_CODEC(core_state)

static const struct message_kind kind = MESSAGE_KIND(core_state, "core_state", FIELD(5));

static void writes_and_reads_the_golden_state(void **state)
{
    const struct core_state want = {
        .round = 12,
        .last_record = message_filled(0xd3, DIGEST_SIZE),
        .model = message_filled(0x99, 9),
        .revocations = 7,
        .work = {.rounds_left = 3, .target = 30, .deadline_s = 600, .evaluate = true, .lasting = true},
        .policy = message_filled(0x90, DIGEST_SIZE),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct core_state got;

    (void)state;
    message_check_golden(&kind, &want, &got, &memory);
    assert_int_equal(got.round, 12);
    assert_int_equal(got.revocations, 7);
    assert_int_equal(got.work.rounds_left, 3);
    assert_int_equal(got.work.target, 30);
    assert_int_equal(got.work.deadline_s, 600);
    assert_true(got.work.evaluate && got.work.lasting);
    assert_true(view_equal(got.last_record, want.last_record) && view_equal(got.model, want.model) &&
                view_equal(got.policy, want.policy));
}

static void without_a_record_or_a_plan_they_are_not_there(void **state)
{
    const struct core_state want = {.model = message_filled(0x99, 9)};
    uint8_t bytes[64];
    struct buf encoded = BUF_OF(bytes);
    struct core_state got;

    (void)state;
    assert_int_equal(core_state_encode(&want, &encoded), STATUS_OK);
    assert_int_equal(core_state_decode(buf_view(&encoded), &got), STATUS_OK);
    assert_int_equal(got.last_record.len, 0);
    assert_false(got.work.lasting);
    assert_int_equal(got.round, 0);
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"record a byte short", {{2, "", 31}}, STATUS_OUT_OF_RANGE},
        {"no model", {{3, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"version past its limit", {{4, "1b 80 00 00 00 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"a plan of four", {{5, "84 03 18 1e 19 02 58 01", 0}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&kind, cases, ARRAY_LEN(cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_golden_state),
        cmocka_unit_test(without_a_record_or_a_plan_they_are_not_there),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "receipt.h"

MESSAGE_CODEC(receipt)

static const struct message_kind receipt_kind = MESSAGE_KIND(receipt, "receipt", 0);

static void writes_and_reads_its_golden_vector(void **state)
{
    const struct receipt want = {
        .round = 12,
        .transfer = message_filled(0x70, TRANSFER_SIZE),
        .reason = STATUS_WRONG_BASE,
        .update_digest = message_filled(0xd4, DIGEST_SIZE),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct receipt got;

    (void)state;
    message_check_golden(&receipt_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.transfer, want.transfer));
    assert_int_equal(got.reason, want.reason);
    assert_true(view_equal(got.update_digest, want.update_digest));
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"round negative", {{1, "20", 0}}, STATUS_MALFORMED},
        {"transfer a byte short", {{2, "", 7}}, STATUS_OUT_OF_RANGE},
        {"transfer a byte long", {{2, "", 9}}, STATUS_OUT_OF_RANGE},
        {"reason 0", {{3, "00", 0}}, STATUS_OK},
        {"largest reason", {{3, "18 9f", 0}}, STATUS_OK},
        {"reason past its limit", {{3, "18 a0", 0}}, STATUS_OUT_OF_RANGE},
        {"update digest a byte short", {{4, "", 31}}, STATUS_OUT_OF_RANGE},
        {"update digest a byte long", {{4, "", 33}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&receipt_kind, cases, ARRAY_LEN(cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&receipt_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&receipt_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_its_golden_vector),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

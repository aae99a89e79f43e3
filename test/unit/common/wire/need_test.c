#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "need.h"

MESSAGE_CODEC(need)

static const struct message_kind need_kind = MESSAGE_KIND(need, "need", 0);

static void writes_and_reads_its_golden_vector(void **state)
{
    const struct need want = {
        .round = 12,
        .transfer = message_filled(0x70, TRANSFER_SIZE),
        .bitmap = {(const uint8_t[]){0x05, 0x02}, 2},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct need got;

    (void)state;
    message_check_golden(&need_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.transfer, want.transfer));
    assert_true(view_equal(got.bitmap, want.bitmap));
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OK},
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"round negative", {{1, "20", 0}}, STATUS_MALFORMED},
        {"transfer a byte short", {{2, "", 7}}, STATUS_OUT_OF_RANGE},
        {"transfer a byte long", {{2, "", 9}}, STATUS_OUT_OF_RANGE},
        {"bitmap is empty", {{3, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest bitmap", {{3, "", 512}}, STATUS_OK},
        {"bitmap past its limit", {{3, "", 513}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&need_kind, cases, ARRAY_LEN(cases));
}

static void grants_the_chunks_of_its_bits_and_no_other(void **state)
{
    static const uint8_t bitmap[] = {0x05, 0x82};
    const struct need need = {.bitmap = VIEW_OF(bitmap)};
    uint32_t granted = 0;

    (void)state;
    assert_true(need_has(&need, 0) && need_has(&need, 2) && need_has(&need, 9) && need_has(&need, 15));
    for (uint32_t chunk = 0; chunk < CHUNKS_MAX; chunk++)
        granted += need_has(&need, chunk);
    assert_int_equal(granted, 4);
    assert_false(need_has(&need, UINT32_MAX));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&need_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&need_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_its_golden_vector),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(grants_the_chunks_of_its_bits_and_no_other),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

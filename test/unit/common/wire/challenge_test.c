#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "challenge.h"
#include "message.h"

MESSAGE_CODEC(challenge)

static const struct message_kind challenge_kind = MESSAGE_KIND(challenge, "challenge", 0);

static void writes_and_reads_its_golden_vector(void **state)
{
    const struct challenge want = {
        .value = message_filled(0xc1, CHALLENGE_SIZE),
        .expires = 1700000300,
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct challenge got;

    (void)state;
    message_check_golden(&challenge_kind, &want, &got, &memory);
    assert_true(view_equal(got.value, want.value));
    assert_int_equal(got.expires, want.expires);
    assert_true(view_equal(got.boot_id, want.boot_id));
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"challenge a byte short", {{1, "", 31}}, STATUS_OUT_OF_RANGE},
        {"challenge a byte long", {{1, "", 33}}, STATUS_OUT_OF_RANGE},
        {"time 0", {{2, "00", 0}}, STATUS_OK},
        {"latest time", {{2, "1a f4 86 57 00", 0}}, STATUS_OK},
        {"time past its limit", {{2, "1a f4 86 57 01", 0}}, STATUS_OUT_OF_RANGE},
        {"time negative", {{2, "20", 0}}, STATUS_MALFORMED},
        {"boot id a byte short", {{3, "", 15}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte long", {{3, "", 17}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&challenge_kind, cases, ARRAY_LEN(cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&challenge_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&challenge_kind);
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

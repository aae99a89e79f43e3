/* The container of a TPM's quote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "tpm_container.h"

MESSAGE_CODEC(tpm_container)

static const struct message_kind kind = MESSAGE_KIND(tpm_container, "tpm_container", 0);

static void writes_and_reads_the_golden_container(void **state)
{
    const struct tpm_container want = {
        .attest = message_filled(0xe1, 5),
        .signature = message_filled(0xe2, 4),
        .ak = message_filled(0xe3, 3),
        .pcr_count = 2,
        .pcrs = {{TPM_SHA256, 7, message_filled(0xd7, 32)}, {TPM_SHA1, 23, message_filled(0xd4, 20)}},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct tpm_container got;

    (void)state;
    message_check_golden(&kind, &want, &got, &memory);
    assert_true(view_equal(got.attest, want.attest) && view_equal(got.signature, want.signature));
    assert_true(view_equal(got.ak, want.ak));
    assert_int_equal(got.pcr_count, 2);
    for (uint32_t i = 0; i < got.pcr_count; i++) {
        assert_int_equal(got.pcrs[i].alg, want.pcrs[i].alg);
        assert_int_equal(got.pcrs[i].index, want.pcrs[i].index);
        assert_true(view_equal(got.pcrs[i].value, want.pcrs[i].value));
    }
}

#define VALUE_19 "53 00000000000000000000000000000000000000"
#define VALUE_20 "54 0000000000000000000000000000000000000000"

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"no quote", {{1, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest quote", {{1, "", 4096}}, STATUS_OK},
        {"quote past its limit", {{1, "", 4097}}, STATUS_OUT_OF_RANGE},
        {"no signature", {{2, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest signature", {{2, "", 1024}}, STATUS_OK},
        {"signature past its limit", {{2, "", 1025}}, STATUS_OUT_OF_RANGE},
        {"no key", {{3, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest key", {{3, "", 1024}}, STATUS_OK},
        {"key past its limit", {{3, "", 1025}}, STATUS_OUT_OF_RANGE},
        {"no PCRs", {{4, "80", 0}}, STATUS_OK},
        {"65 PCRs", {{4, "9841", 8192}}, STATUS_OUT_OF_RANGE},
        {"PCR of two parts", {{4, "81 82 0b 00", 0}}, STATUS_OUT_OF_RANGE},
        {"PCR of four parts", {{4, "81 84 0b 00" VALUE_20 "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest bank", {{4, "81 83 19ffff 00" VALUE_20, 0}}, STATUS_OK},
        {"bank past its limit", {{4, "81 83 1a00010000 00" VALUE_20, 0}}, STATUS_OUT_OF_RANGE},
        {"last PCR", {{4, "81 83 0b 17" VALUE_20, 0}}, STATUS_OK},
        {"PCR past the last", {{4, "81 83 0b 1818" VALUE_20, 0}}, STATUS_OUT_OF_RANGE},
        {"value too short", {{4, "81 83 0b 00" VALUE_19, 0}}, STATUS_OUT_OF_RANGE},
        {"largest value", {{4, "81 83 0b 00", 64}}, STATUS_OK},
        {"value past its limit", {{4, "81 83 0b 00", 65}}, STATUS_OUT_OF_RANGE},
        {"value that is text", {{4, "81 83 0b 00 60", 0}}, STATUS_MALFORMED},
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
        cmocka_unit_test(writes_and_reads_the_golden_container),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

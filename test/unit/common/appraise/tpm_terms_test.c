/* What a policy demands of TPM evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "tpm_terms.h"

MESSAGE_CODEC(tpm_terms)

static const struct message_kind kind = MESSAGE_KIND(tpm_terms, "tpm_terms", 0);

static void writes_and_reads_the_golden_terms(void **state)
{
    static struct tpm_terms want, got;
    uint8_t bytes[MESSAGE_GOLDEN_MAX], again[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes), other = BUF_OF(again);

    (void)state;
    assert_int_equal(tpm_terms_decode(message_golden("tpm_terms", &memory), &want), STATUS_OK);
    message_check_golden(&kind, &want, &got, &other);
    assert_int_equal(got.ak_count, 2);
    assert_true(got.aks[0].ak_name.len == 34 && view_equal(got.aks[0].name, VIEW_TEXT("sensor-17")));
    assert_true(got.aks[1].ak_name.len == 50 && got.aks[1].name.len == 0);
    assert_true(got.authority_count == 1 && got.authorities[0].len == 91 && got.crl_required);
    assert_int_equal(got.pcr_count, 2);
    assert_true(got.pcrs[0].alg == TPM_SHA256 && got.pcrs[0].index == 7 && got.pcrs[0].values.count == 2);
    assert_true(view_equal(got.pcrs[0].values.list[1], message_filled(0xd2, 32)));
    assert_true(got.pcrs[1].alg == TPM_SHA512 && got.pcrs[1].index == 23 && got.pcrs[1].values.count == 1);
}

#define NAME32  "5822 000b 0000000000000000000000000000000000000000000000000000000000000000"
#define VALUE32 "5820 0000000000000000000000000000000000000000000000000000000000000000"

static void refuses_terms_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"no AKs but an authority", {{1, "80", 0}}, STATUS_OK},
        {"no authority but AKs", {{2, "80", 0}}, STATUS_OK},
        {"neither AKs nor authorities", {{1, "80", 0}, {2, "80", 0}}, STATUS_OUT_OF_RANGE},
        {"129 AKs", {{1, "9881", 16384}}, STATUS_OUT_OF_RANGE},
        {"an AK without whose it is", {{1, "81 81" NAME32, 0}}, STATUS_OUT_OF_RANGE},
        {"an AK of nobody's name", {{1, "81 82" NAME32 "60", 0}}, STATUS_OUT_OF_RANGE},
        {"an AK's name by SHA-1",
         {{1, "81 82 56 0004 0000000000000000000000000000000000000000 f6", 0}},
         STATUS_UNSUPPORTED},
        {"an AK's name too short for its hash", {{1, "81 82 43 000b00 f6", 0}}, STATUS_OUT_OF_RANGE},
        {"an AK's name without a hash", {{1, "81 82 41 00 f6", 0}}, STATUS_OUT_OF_RANGE},
        {"9 authorities", {{2, "89", 4096}}, STATUS_OUT_OF_RANGE},
        {"an empty authority", {{2, "81 40", 0}}, STATUS_OUT_OF_RANGE},
        {"an authority that is no key", {{2, "81 42 3000", 0}}, STATUS_BAD_KEY},
        {"an authority off its curve",
         {{2,
           "81 585b "
           "3059301306072a8648ce3d020106082a8648ce3d0301070342000400000000000000000000000000000000000000000000000000000"
           "000000000000000000000000000000000000000000000000000000000000000000000000000",
           0}},
         STATUS_BAD_KEY},
        {"a CRL neither wanted nor not", {{3, "00", 0}}, STATUS_MALFORMED},
        {"no PCR", {{4, "80", 0}}, STATUS_OUT_OF_RANGE},
        {"25 PCRs", {{4, "9819", 4096}}, STATUS_OUT_OF_RANGE},
        {"a PCR of SHA-1", {{4, "81 83 04 00 81 54 0000000000000000000000000000000000000000", 0}}, STATUS_UNSUPPORTED},
        {"the last PCR", {{4, "81 83 0b 17 81" VALUE32, 0}}, STATUS_OK},
        {"a PCR past the last", {{4, "81 83 0b 1818 81" VALUE32, 0}}, STATUS_OUT_OF_RANGE},
        {"any value", {{4, "81 83 0b 00 f6", 0}}, STATUS_OUT_OF_RANGE},
        {"no value", {{4, "81 83 0b 00 80", 0}}, STATUS_OUT_OF_RANGE},
        {"a value of another bank", {{4, "81 83 0c 00 81" VALUE32, 0}}, STATUS_OUT_OF_RANGE},
        {"a PCR twice", {{4, "82 83 0b 00 81" VALUE32 "83 0b 00 81" VALUE32, 0}}, STATUS_MALFORMED},
        {"a PCR in two banks",
         {{4,
           "82 83 0b 00 81" VALUE32 "83 0c 00 81 5830"
           "000000000000000000000000000000000000000000000000"
           "000000000000000000000000000000000000000000000000",
           0}},
         STATUS_OK},
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
        cmocka_unit_test(writes_and_reads_the_golden_terms),
        cmocka_unit_test(refuses_terms_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

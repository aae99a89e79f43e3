#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bundle.h"
#include "message.h"

MESSAGE_CODEC(bundle)
MESSAGE_CODEC(enclave_claims)

static const struct message_kind bundle_kind = MESSAGE_KIND(bundle, "bundle", 0);
static const struct message_kind claims_kind = MESSAGE_KIND(enclave_claims, "enclave_claims", 0);

static void writes_and_reads_the_golden_bundle(void **state)
{
    const struct bundle want = {
        .kind = VIEW_TEXT("sim"),
        .evidence = message_filled(0xe1, 6),
        .claims = message_filled(0xe2, 5),
        .policy = message_filled(0xe3, 4),
        .endorsements = {2, {message_filled(0xe4, 3), message_filled(0xe5, 2)}},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct bundle got;

    (void)state;
    message_check_golden(&bundle_kind, &want, &got, &memory);
    assert_true(view_equal(got.kind, want.kind));
    assert_true(view_equal(got.evidence, want.evidence));
    assert_true(view_equal(got.claims, want.claims));
    assert_true(view_equal(got.policy, want.policy));
    assert_int_equal(got.endorsements.count, want.endorsements.count);
    for (uint32_t i = 0; i < want.endorsements.count; i++)
        assert_true(view_equal(got.endorsements.list[i], want.endorsements.list[i]));
}

static void writes_and_reads_the_golden_claims(void **state)
{
    const struct enclave_claims want = {
        .federation = VIEW_TEXT("hospital"),
        .aggregator = VIEW_TEXT("agg-1"),
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .signing_key = message_key(0x41),
        .sealing_key = message_key(0x51),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .booted = 1700000000,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct enclave_claims got;

    (void)state;
    message_check_golden(&claims_kind, &want, &got, &memory);
    assert_true(view_equal(got.federation, want.federation));
    assert_true(view_equal(got.aggregator, want.aggregator));
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_true(view_equal(got.signing_key, want.signing_key));
    assert_true(view_equal(got.sealing_key, want.sealing_key));
    assert_true(view_equal(got.policy_digest, want.policy_digest));
    assert_int_equal(got.booted, want.booted);
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case bundle_cases[] = {
        {"kind is empty", {{1, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"longest kind", {{1, "70 61616161616161616161616161616161", 0}}, STATUS_OK},
        {"kind past its limit", {{1, "71 6161616161616161616161616161616161", 0}}, STATUS_OUT_OF_RANGE},
        {"kind with a control character", {{1, "61 0a", 0}}, STATUS_MALFORMED},
        {"evidence is empty", {{2, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest evidence", {{2, "", 16384}}, STATUS_OK},
        {"evidence past its limit", {{2, "", 16385}}, STATUS_OUT_OF_RANGE},
        {"claims is empty", {{3, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest claims", {{3, "", 8192}}, STATUS_OK},
        {"claims past its limit", {{3, "", 8193}}, STATUS_OUT_OF_RANGE},
        {"policy is empty", {{4, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest policy", {{4, "", 65536}}, STATUS_OK},
        {"policy past its limit", {{4, "", 65537}}, STATUS_OUT_OF_RANGE},
        {"no endorsements", {{5, "80", 0}}, STATUS_OK},
        {"most endorsements",
         {{5, "90 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00", 0}},
         STATUS_OK},
        {"too many endorsements",
         {{5,
           "91 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00 41 00",
           0}},
         STATUS_OUT_OF_RANGE},
        {"an empty endorsement", {{5, "81 40", 0}}, STATUS_OUT_OF_RANGE},
        {"an endorsement that is text", {{5, "81 61 61", 0}}, STATUS_MALFORMED},
        {"largest endorsement", {{5, "81", 65536}}, STATUS_OK},
        {"an endorsement past its limit", {{5, "81", 65537}}, STATUS_OUT_OF_RANGE},
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
        {"boot id a byte short", {{3, "", 15}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte long", {{3, "", 17}}, STATUS_OUT_OF_RANGE},
        {"signing key a byte short", {{4, "", 74}}, STATUS_OUT_OF_RANGE},
        {"signing key a byte long", {{4, "", 76}}, STATUS_OUT_OF_RANGE},
        {"sealing key a byte short", {{5, "", 74}}, STATUS_OUT_OF_RANGE},
        {"sealing key a byte long", {{5, "", 76}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte short", {{6, "", 31}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte long", {{6, "", 33}}, STATUS_OUT_OF_RANGE},
        {"time 0", {{7, "00", 0}}, STATUS_OK},
        {"latest time", {{7, "1a f4 86 57 00", 0}}, STATUS_OK},
        {"time past its limit", {{7, "1a f4 86 57 01", 0}}, STATUS_OUT_OF_RANGE},
        {"time negative", {{7, "20", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&bundle_kind, bundle_cases, ARRAY_LEN(bundle_cases));
    message_check_cases(&claims_kind, claims_cases, ARRAY_LEN(claims_cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&bundle_kind);
    message_check_damage(&claims_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&bundle_kind);
    message_check_fields(&claims_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_golden_bundle),
        cmocka_unit_test(writes_and_reads_the_golden_claims),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

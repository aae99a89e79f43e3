/* What a device keeps of an appraisal (PROTOCOL.md section 20). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "account.h"
#include "message.h"

MESSAGE_CODEC(account)

static const struct message_kind account_kind =
    MESSAGE_KIND(account, "account", FIELD(5) | FIELD(6) | FIELD(12) | FIELD(13));

static struct account sample(void)
{
    struct account account = {
        .at = 1700000000,
        .aggregator = VIEW_TEXT("agg-1"),
        .verdict = STATUS_EVIDENCE_TCB,
        .evidence_digest = message_filled(0xe1, DIGEST_SIZE),
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .policy_version = 5,
    };
    struct appraisal appraisal;

    appraisal_begin(&appraisal, VIEW_TEXT("sgx"));
    appraisal.authentic = true;
    appraisal.measurement = message_filled(0xaa, 32);
    appraisal.tcb_status = "OutOfDate";
    appraisal.not_before = 1600000000;
    appraisal.not_after = 1800000000;
    appraisal.advisories[appraisal.advisory_count++] = VIEW_TEXT("INTEL-SA-1");
    appraisal.advisories[appraisal.advisory_count++] = VIEW_TEXT("INTEL-SA-2");
    appraisal_check(&appraisal, "signature", STATUS_OK);
    appraisal_check(&appraisal, "TCB status", STATUS_EVIDENCE_TCB);
    appraisal_unchecked(&appraisal, "report data");
    assert_int_equal(appraisal_end(&appraisal), STATUS_EVIDENCE_TCB);
    account_of(&appraisal, &account);
    return account;
}

static void writes_and_reads_its_golden_vector(void **state)
{
    const struct account want = sample();
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct account got;

    (void)state;
    message_check_golden(&account_kind, &want, &got, &memory);
    assert_int_equal(got.verdict, STATUS_EVIDENCE_TCB);
    assert_true(got.authentic);
    assert_false(got.simulated);
    assert_true(view_equal(got.tcb_status, VIEW_TEXT("OutOfDate")));
    assert_int_equal(got.check_count, 3);
    assert_int_equal(got.checks[1].outcome, CHECK_FAILED);
    assert_int_equal(got.checks[1].reason, STATUS_EVIDENCE_TCB);
    assert_int_equal(got.checks[2].outcome, CHECK_NOT_MADE);
    assert_int_equal(got.advisory_count, 2);
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"a verdict that is no reason", {{3, "18 a0", 0}}, STATUS_OUT_OF_RANGE},
        {"a digest a byte short", {{4, "", 31}}, STATUS_OUT_OF_RANGE},
        {"a kind without letters", {{8, "60", 0}}, STATUS_OUT_OF_RANGE},
        {"a measurement too long", {{12, "", 65}}, STATUS_OUT_OF_RANGE},
        {"no times", {{14, "82 00 00", 0}}, STATUS_OK},
        {"three times", {{14, "83 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"no advisories", {{15, "80", 0}}, STATUS_OK},
        {"an empty advisory", {{15, "81 60", 0}}, STATUS_OUT_OF_RANGE},
        {"no checks", {{16, "80", 0}}, STATUS_OK},
        {"an outcome that nobody knows", {{16, "81 83 61 61 03 00", 0}}, STATUS_OUT_OF_RANGE},
        {"a check without its reason", {{16, "81 82 61 61 02", 0}}, STATUS_OUT_OF_RANGE},
        {"a name that moves the cursor", {{16, "81 83 61 1b 01 00", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&account_kind, cases, ARRAY_LEN(cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&account_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&account_kind);
}

static void the_fullest_appraisal_has_room(void **state)
{
    static struct appraisal appraisal;
    static uint8_t memory[ACCOUNT_MAX];
    struct account account = sample();
    struct buf bytes = BUF_OF(memory);

    (void)state;
    appraisal_begin(&appraisal, VIEW_TEXT("sixteen-letters-"));
    appraisal.tcb_status = "OutOfDateConfigurationNeeded";
    while (appraisal.advisory_count < APPRAISAL_ADVISORIES_MAX)
        appraisal.advisories[appraisal.advisory_count++] =
            VIEW_TEXT("an advisory whose name is as long as 64 characters are, or so...");
    while (appraisal.check_count < APPRAISAL_CHECKS_MAX)
        (void)appraisal_check(&appraisal,
                              "the quoting enclave vouches for the attestation key, and a good deal more than that",
                              STATUS_EVIDENCE_MEASUREMENT);
    account_of(&appraisal, &account);
    assert_int_equal(account_encode(&account, &bytes), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_its_golden_vector),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
        cmocka_unit_test(the_fullest_appraisal_has_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

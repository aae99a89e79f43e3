/* Which enclave a device trusts, and what it asks of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "account.h"
#include "bundle.h"
#include "enclave_double.h"

static struct enclave_double enclave;
static struct device_double device;

static int start(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

static void offer_trust(void)
{
    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    device_hear(&device, "aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 1000));
}

static bool trusts(void)
{
    return device_said(&device, "enrol/agg/dev") != NULL;
}

static void an_enclave_of_the_owners_policy_is_asked_for_keys(void **state)
{
    (void)state;
    offer_trust();
    assert_true(trusts());
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    assert_memory_equal(enclave.asked, enclave.challenge, sizeof enclave.asked);
    assert_true(device_listens(&device, "round/agg"));
    assert_true(device_listens(&device, "record/agg/+"));
    assert_true(device_listens(&device, "credential/dev"));
}

static void nothing_is_asked_of_any_other_enclave(void **state)
{
    static const uint8_t newer[8] = {0, 0, 0, 0, 0, 0, 0, 3};
    (void)state;

    for (int i = 0; i < 7; i++) {
        const char *why = "?", *told = "?";

        device_stop(&device);
        start(NULL);
        switch (i) {
        case 0:
            why = "the policy is signed by another owner", told = "does not verify";
            enclave.owner = enclave.root;
            break;
        case 1:
            why = "the enclave is of another federation", told = "another federation";
            enclave.federation = "other";
            break;
        case 2:
            why = "the enclave is another aggregator", told = "another federation";
            enclave.aggregator = "agg2";
            break;
        case 3:
            why = "it is another program", told = "measurement";
            enclave.other_program = true;
            break;
        case 4:
            why = "its claims name another policy", told = "another policy";
            enclave.other_policy_digest = true;
            break;
        case 5:
            why = "the evidence is about other claims", told = "bind";
            enclave.unbound = true;
            break;
        case 6:
            why = "the policy is older than one seen before", told = "older policy";
            strcpy(device.kept[0].key, "policy");
            memcpy(device.kept[0].bytes, newer, sizeof newer);
            device.kept[0].size = sizeof newer;
            break;
        }
        print_message("  %s\n", why);
        offer_trust();
        assert_false(trusts());
        assert_false(device_listens(&device, "round/agg"));
        assert_true(device_told(&device, "aggregator_refused"));
        assert_true(device_told(&device, told));
    }
}

static void every_turned_byte_of_the_evidence_is_noticed(void **state)
{
    uint8_t bytes[4096];
    (void)state;
    const struct view bundle = enclave_bundle(&enclave);

    assert_in_range(bundle.len, 300, sizeof bytes);
    for (size_t i = 0; i < bundle.len; i++) {
        memcpy(bytes, bundle.ptr, bundle.len);
        bytes[i] ^= 0x04;
        device_hear(&device, "aggregator/agg/evidence", (struct view){bytes, bundle.len});
        assert_false(device_told(&device, "trusted"));
        device_forget(&device);
    }
    offer_trust();
    assert_true(trusts());
}

static void a_policy_that_cannot_be_remembered_is_not_trusted(void **state)
{
    (void)state;
    device.keep_fails = true;
    offer_trust();
    assert_false(trusts());
    assert_true(device_told(&device, "store_failed"));
}

/* What was kept under a key; false when nothing was. */
static bool kept(const char *key, struct account *out)
{
    for (size_t i = 0; i < ARRAY_LEN(device.kept); i++)
        if (strcmp(device.kept[i].key, key) == 0) {
            assert_int_equal(account_decode((struct view){device.kept[i].bytes, device.kept[i].size}, out), STATUS_OK);
            return true;
        }
    return false;
}

static void why_an_enclave_is_trusted_is_kept(void **state)
{
    struct account account;
    uint8_t digest[DIGEST_SIZE];
    struct bundle bundle;

    (void)state;
    offer_trust();
    assert_true(kept(ACCOUNT_TRUST, &account));
    assert_false(kept(ACCOUNT_REFUSAL, &(struct account){.at = 0}));
    assert_int_equal(account.verdict, STATUS_OK);
    assert_int_equal(account.at, device.now);
    assert_true(account.authentic && account.simulated);
    assert_true(view_equal(account.kind, VIEW_TEXT("sim")));
    assert_true(view_equal(account.boot_id, VIEW_OF(enclave.boot_id)));
    assert_int_equal(bundle_decode(enclave_bundle(&enclave), &bundle), STATUS_OK);
    assert_int_equal(sha256(bundle.evidence, digest), STATUS_OK);
    assert_true(view_equal(account.evidence_digest, VIEW_OF(digest)));
    assert_int_equal(sha256(bundle.policy, digest), STATUS_OK);
    assert_true(view_equal(account.policy_digest, VIEW_OF(digest)));
    assert_int_equal(account.checks[account.check_count - 1].outcome, CHECK_PASSED);
}

static void why_an_enclave_was_refused_is_kept_but_not_more_often_than_once_a_minute(void **state)
{
    struct account account;

    (void)state;
    enclave.other_program = true;
    offer_trust();
    assert_true(kept(ACCOUNT_REFUSAL, &account));
    assert_false(kept(ACCOUNT_TRUST, &(struct account){.at = 0}));
    assert_int_equal(account.verdict, STATUS_EVIDENCE_MEASUREMENT);
    assert_int_equal(account.boot_id.len, 0);
    assert_int_equal(account.checks[account.check_count - 1].reason, STATUS_EVIDENCE_MEASUREMENT);
    assert_true(device_told(&device, "failed=\"measurement\" reason=EVIDENCE_MEASUREMENT"));
    enclave.other_program = false;
    enclave.unbound = true;
    offer_trust();
    assert_true(kept(ACCOUNT_REFUSAL, &account));
    assert_int_equal(account.verdict, STATUS_EVIDENCE_MEASUREMENT);
    device_wait(&device, 61);
    offer_trust();
    assert_true(kept(ACCOUNT_REFUSAL, &account));
    assert_int_equal(account.verdict, STATUS_EVIDENCE_BINDING);
}

static void a_policy_that_was_not_believed_is_not_named(void **state)
{
    struct account account;

    (void)state;
    enclave.owner = enclave.root;
    offer_trust();
    assert_true(kept(ACCOUNT_REFUSAL, &account));
    assert_int_equal(account.verdict, STATUS_FORGED);
    assert_int_equal(account.policy_digest.len, 0);
    assert_int_equal(account.policy_version, 0);
    assert_int_equal(account.check_count, 0);
}

static void a_device_whose_clock_is_set_late_asks_for_the_evidence_again(void **state)
{
    (void)state;
    device.now = 1000;
    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    assert_true(device_told(&device, "not valid yet"));
    device_forget(&device);
    device.now = DOUBLE_NOW;
    device_wait(&device, 1);
    assert_in_range(device.subscribes, 1, 2);
    offer_trust();
    assert_true(trusts());
}

static void only_a_live_challenge_of_this_boot_is_answered(void **state)
{
    uint8_t bytes[512];
    (void)state;

    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    device_hear(&device, "aggregator/agg/challenge", enclave_challenge(&enclave, device.now));
    assert_false(trusts());
    assert_true(device_told(&device, "challenge"));
    enclave.boot_id[0] ^= 1;
    device_hear(&device, "aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 1000));
    assert_false(trusts());
    enclave.boot_id[0] ^= 1;
    const struct view challenge = enclave_challenge(&enclave, device.now + 1000);
    for (size_t i = 0; i < challenge.len; i++) {
        memcpy(bytes, challenge.ptr, challenge.len);
        bytes[i] ^= 0x10;
        device_forget(&device);
        device_hear(&device, "aggregator/agg/challenge", (struct view){bytes, challenge.len});
        assert_false(trusts());
    }
    device_hear(&device, "aggregator/agg/challenge", challenge);
    assert_true(trusts());
}

static void a_request_is_repeated_with_growing_waits_until_it_is_answered(void **state)
{
    unsigned int first, second;
    (void)state;

    offer_trust();
    device_wait(&device, 60);
    first = device_said_count(&device, "enrol/agg/dev");
    assert_in_range(first, 3, 12);
    device_wait(&device, 240);
    second = device_said_count(&device, "enrol/agg/dev") - first;
    assert_in_range(second, 3, 10);
    device_enrol(&device, &enclave);
    device_forget(&device);
    device_wait(&device, 600);
    assert_int_equal(device_said_count(&device, "enrol/agg/dev"), 0);
}

static void an_answer_to_another_question_is_not_taken(void **state)
{
    (void)state;
    offer_trust();
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    enclave.asked[0] ^= 1;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_false(device_told(&device, "enrolled"));
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_EVIDENCE_ROOT));
    assert_false(device_told(&device, "refused"));
    enclave.asked[0] ^= 1;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_true(device_told(&device, "enrolled"));
}

static void an_answer_by_anybody_else_is_not_taken(void **state)
{
    (void)state;
    offer_trust();
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    enclave.signer = &enclave.owner;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_false(device_told(&device, "enrolled"));
    enclave.signer = &enclave.signing;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_true(device_told(&device, "enrolled"));
}

/* A device has a new key after each start, so that an answer of before is not for it. */
static void an_answer_of_before_a_restart_of_the_device_is_not_taken(void **state)
{
    uint8_t kept_bytes[4096];
    struct buf kept = BUF_OF(kept_bytes);

    (void)state;
    offer_trust();
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    assert_int_equal(buf_append(&kept, enclave_answer(&enclave, STATUS_OK)), STATUS_OK);
    device_stop(&device);
    device_start(&device, &enclave, NULL);
    device_hear(&device, "credential/dev", buf_view(&kept)); /* before it asked anything */
    assert_false(device_told(&device, "enrolled"));
    offer_trust(); /* the same boot, even the same challenge */
    assert_true(trusts());
    device_hear(&device, "credential/dev", buf_view(&kept));
    assert_false(device_told(&device, "enrolled"));
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_true(device_told(&device, "enrolled"));
    device_hear(&device, "credential/dev", buf_view(&kept)); /* nor does it take a member's grant away */
    assert_false(device_told(&device, "refused"));
    assert_int_equal(device_said_count(&device, "enrol/agg/dev"), 1);
}

static void every_turned_byte_of_an_answer_is_noticed(void **state)
{
    uint8_t bytes[4096];
    (void)state;

    offer_trust();
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    const struct view answer = enclave_answer(&enclave, STATUS_OK);
    for (size_t i = 0; i < answer.len; i++) {
        memcpy(bytes, answer.ptr, answer.len);
        bytes[i] ^= 0x08;
        device_forget(&device);
        device_hear(&device, "credential/dev", (struct view){bytes, answer.len});
        assert_false(device_told(&device, "enrolled"));
    }
    device_hear(&device, "credential/dev", answer);
    assert_true(device_told(&device, "enrolled"));
}

static void a_refused_device_asks_again_after_a_long_wait(void **state)
{
    (void)state;
    offer_trust();
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_EVIDENCE_MEASUREMENT));
    assert_true(device_told(&device, "refused enrolment: a measurement"));
    device_forget(&device);
    device_wait(&device, 29);
    assert_false(trusts());
    device_wait(&device, 40);
    assert_true(trusts());
}

static void evidence_that_cannot_be_had_is_tried_again_later(void **state)
{
    (void)state;
    device.attest_fails = true;
    offer_trust();
    assert_true(device_told(&device, "failed enrolment"));
    device.attest_fails = false;
    device_wait(&device, 3);
    assert_true(trusts());
}

static void a_credential_is_renewed_and_the_old_one_serves_meanwhile(void **state)
{
    (void)state;
    device_enrol(&device, &enclave);
    device_forget(&device);
    device_wait(&device, 2690);
    assert_false(trusts());
    device_wait(&device, 20);
    assert_true(trusts());
    device_offer(&device, &enclave, 1);
    assert_non_null(device_said(&device, "update/agg/dev/1.0"));
}

static void another_boot_voids_what_the_old_one_gave(void **state)
{
    (void)state;
    device_enrol(&device, &enclave);
    const struct manifest old = enclave_plan(&enclave, 1);
    struct view message;
    uint8_t bytes[1024];

    message = enclave_manifest(&enclave, &old);
    memcpy(bytes, message.ptr, message.len);
    enclave_reboot(&enclave, 50);
    device_forget(&device);
    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    device_hear(&device, "round/agg", (struct view){bytes, message.len});
    assert_false(device_told(&device, "round=1"));
    assert_false(trusts());
    device_enrol(&device, &enclave);
    assert_true(device_told(&device, "enrolled"));
}

static void messages_for_others_change_nothing(void **state)
{
    (void)state;
    static const char *const topics[] = {"tacit/1/other/aggregator/agg/evidence",
                                         "tacit/1/fed/aggregator/agg2/evidence",
                                         "tacit/1/fed/aggregator/agg/status",
                                         "tacit/1/fed/aggregator/agg/evidence/",
                                         "tacit/1/fed/credential/dev2",
                                         "",
                                         "aggregator/agg/evidence"};
    const struct view bundle = enclave_bundle(&enclave);

    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        tacit_node_message(device.node, topics[i], bundle.ptr, bundle.len, device.now);
    assert_string_equal(device.events, "");
    assert_int_equal(device.count, 0);
}

static void configurations_that_cannot_work_get_no_node(void **state)
{
    static const uint8_t key[TACIT_OWNER_KEY_SIZE] = {1};
    static const struct {
        const char *why;
        struct tacit_config config;
    } cases[] = {
        {"no federation", {.aggregator = "a", .device = "d", .owner_key = key, .max_parameters = 1}},
        {"a name with a slash", {"f/f", "a", "d", key, 1, 0, false, 0}},
        {"no owner", {"f", "a", "d", NULL, 1, 0, false, 0}},
        {"no parameters", {"f", "a", "d", key, 0, 0, false, 0}},
        {"more than any model has", {"f", "a", "d", key, UINT64_MAX, 0, false, 0}},
        {"an unknown algorithm", {"f", "a", "d", key, 1, 7, false, 0}},
    };
    const struct tacit_ports ports = {.publish = NULL};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_equal(tacit_node_memory(&cases[i].config), 0);
        assert_null(tacit_node_start(device.memory, &cases[i].config, &ports, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_enclave_of_the_owners_policy_is_asked_for_keys, start, stop),
        cmocka_unit_test_setup_teardown(nothing_is_asked_of_any_other_enclave, start, stop),
        cmocka_unit_test_setup_teardown(every_turned_byte_of_the_evidence_is_noticed, start, stop),
        cmocka_unit_test_setup_teardown(a_policy_that_cannot_be_remembered_is_not_trusted, start, stop),
        cmocka_unit_test_setup_teardown(why_an_enclave_is_trusted_is_kept, start, stop),
        cmocka_unit_test_setup_teardown(why_an_enclave_was_refused_is_kept_but_not_more_often_than_once_a_minute, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_policy_that_was_not_believed_is_not_named, start, stop),
        cmocka_unit_test_setup_teardown(a_device_whose_clock_is_set_late_asks_for_the_evidence_again, start, stop),
        cmocka_unit_test_setup_teardown(only_a_live_challenge_of_this_boot_is_answered, start, stop),
        cmocka_unit_test_setup_teardown(a_request_is_repeated_with_growing_waits_until_it_is_answered, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_to_another_question_is_not_taken, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_by_anybody_else_is_not_taken, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_of_before_a_restart_of_the_device_is_not_taken, start, stop),
        cmocka_unit_test_setup_teardown(every_turned_byte_of_an_answer_is_noticed, start, stop),
        cmocka_unit_test_setup_teardown(a_refused_device_asks_again_after_a_long_wait, start, stop),
        cmocka_unit_test_setup_teardown(evidence_that_cannot_be_had_is_tried_again_later, start, stop),
        cmocka_unit_test_setup_teardown(a_credential_is_renewed_and_the_old_one_serves_meanwhile, start, stop),
        cmocka_unit_test_setup_teardown(another_boot_voids_what_the_old_one_gave, start, stop),
        cmocka_unit_test_setup_teardown(messages_for_others_change_nothing, start, stop),
        cmocka_unit_test_setup_teardown(configurations_that_cannot_work_get_no_node, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the owner revoked: who is not enrolled, whose updates are not counted, and which lists are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "federation.h"
#include "revocation_support.h"
#include "sim.h"

#define COUNT 16

static struct federation federation;
static struct member one, two, three;
static float values[COUNT];

/* A policy that accepts two programs of devices. */
static uint8_t other_program[32];

static void run_the_other_program(struct enrol_draft *draft, void *ctx)
{
    (void)ctx;
    memcpy(draft->measurement, other_program, sizeof draft->measurement);
}

static void start(void)
{
    struct federation_options options = {.min_cohort = 2};

    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
    memset(&three, 0, sizeof three);
    memset(other_program, 0xd2, sizeof other_program);
    options.second_device_measurement = other_program;
    federation_start(&federation, &options);
}

/* Three members, and an open round for all of them. */
static void start_round(void)
{
    start();
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &two, "two", run_the_other_program, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &three, "three", NULL, NULL), STATUS_OK);
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(federation_start_rounds(&federation, 2, 3), STATUS_OK);
    federation_open_round(&federation);
}

static enum status revoke(uint64_t version, const char *device)
{
    return federation_revoke(&federation, &(struct revocation_draft){.version = version, .devices = {device}});
}

static enum status update(const struct member *member)
{
    return member_update(&federation, member, values, COUNT, 10);
}

static void a_revoked_device_is_not_enrolled_until_it_is_taken_back(void **state)
{
    (void)state;
    start();
    assert_int_equal(revoke(1, "one"), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(one.credential_len, 0);
    assert_int_equal(member_enrol(&federation, &two, "two", NULL, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &three, "on", NULL, NULL), STATUS_OK);
    assert_int_equal(revoke(2, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_OK);
    federation_end(&federation);
}

static void a_revoked_program_is_not_enrolled_and_the_other_one_is(void **state)
{
    (void)state;
    const struct revocation_draft draft = {.version = 1, .measurement = other_program};

    start();
    assert_int_equal(federation_revoke(&federation, &draft), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &two, "two", run_the_other_program, NULL), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(two.credential_len, 0);
    assert_int_equal(member_enrol(&federation, &two, "two", NULL, NULL), STATUS_OK);
    federation_end(&federation);
}

static void a_pending_update_of_a_revoked_device_is_not_counted(void **state)
{
    (void)state;
    struct update_draft *pending;
    struct receipt receipt;
    struct record record;

    start_round();
    pending = member_draft(&federation, values, COUNT, 10);
    member_seal(&federation, &one, pending, (struct view){NULL, 0});
    assert_int_equal(update(&three), STATUS_OK);
    assert_int_equal(revoke(1, "one"), STATUS_OK);
    assert_int_equal(member_send(&federation, &one, pending, &receipt), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(receipt.reason, STATUS_CREDENTIAL_REVOKED);
    draft_free(pending);
    assert_int_equal(update(&two), STATUS_OK);
    federation.now += 600;
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(record.counted, 2);
    assert_int_equal(record.samples, 20);
    assert_int_equal(record.refusals.count, 1);
    assert_int_equal(record.refusals.list[0].reason, STATUS_CREDENTIAL_REVOKED);
    federation_end(&federation);
}

static void what_was_counted_before_stays_counted(void **state)
{
    (void)state;
    struct record record;

    start_round();
    assert_int_equal(update(&one), STATUS_OK);
    assert_int_equal(revoke(1, "one"), STATUS_OK);
    assert_int_equal(update(&one), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(update(&two), STATUS_OK);
    federation.now += 600;
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(record.reason, STATUS_OK);
    assert_int_equal(record.counted, 2);
    federation_end(&federation);
}

static void a_revoked_credential_is_refused_and_its_device_enrols_anew(void **state)
{
    (void)state;
    struct revocation_draft draft = {.version = 1};

    start_round();
    draft.cti = one.cti;
    assert_int_equal(federation_revoke(&federation, &draft), STATUS_OK);
    assert_int_equal(update(&one), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(update(&two), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_OK);
    assert_int_equal(update(&one), STATUS_OK);
    federation_end(&federation);
}

static void updates_of_a_revoked_program_are_refused_and_those_of_the_other_counted(void **state)
{
    (void)state;
    const struct revocation_draft draft = {.version = 1, .measurement = other_program};

    start_round();
    assert_int_equal(federation_revoke(&federation, &draft), STATUS_OK);
    assert_int_equal(update(&two), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(update(&one), STATUS_OK);
    assert_int_equal(update(&three), STATUS_OK);
    federation_end(&federation);
}

static void who_lies_about_its_program_has_another_key(void **state)
{
    (void)state;
    const struct revocation_draft list = {.version = 1, .measurement = other_program};
    struct update_draft *draft;

    start_round();
    assert_int_equal(federation_revoke(&federation, &list), STATUS_OK);
    draft = member_draft(&federation, values, COUNT, 10);
    draft->other_identity = true;
    memcpy(draft->identity_in_sender, one.identity, sizeof one.identity);
    assert_memory_not_equal(one.identity, two.identity, sizeof one.identity);
    member_seal(&federation, &two, draft, (struct view){NULL, 0});
    assert_int_equal(member_send(&federation, &two, draft, NULL), STATUS_FORGED);
    draft_free(draft);
    federation_end(&federation);
}

static void no_older_list_is_taken_and_no_other_one_of_the_same_version(void **state)
{
    (void)state;
    struct buf third, third_again;
    struct gate_status status;

    start();
    third = sign_revocations(&federation, &(struct revocation_draft){.version = 3, .devices = {"a", "b"}});
    third_again = sign_revocations(&federation, &(struct revocation_draft){.version = 3, .devices = {"a", "b"}});
    assert_int_equal(federation_status(&federation).revocations, 0);
    assert_int_equal(federation_revoke_signed(&federation, buf_view(&third)), STATUS_OK);
    assert_int_equal(revoke(2, "one"), STATUS_REVOCATIONS_ROLLBACK);
    assert_int_equal(revoke(3, "one"), STATUS_REVOCATIONS_ROLLBACK);
    assert_int_equal(federation_revoke_signed(&federation, buf_view(&third_again)), STATUS_OK);
    status = federation_status(&federation);
    assert_int_equal(status.revocations, 3);
    assert_int_equal(status.revoked, 2);
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &two, "b", NULL, NULL), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(revoke(4, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &two, "b", NULL, NULL), STATUS_OK);
    assert_int_equal(federation_status(&federation).revoked, 0);
    free(third.ptr);
    free(third_again.ptr);
    federation_end(&federation);
}

static void only_the_owners_list_of_this_federation_is_taken(void **state)
{
    (void)state;
    const struct revocation_draft good = {.version = 2, .devices = {"one"}};
    const struct revocation_draft foreign = {.version = 2, .devices = {"one"}, .federation = "fed2"};
    struct buf list, forged, other;
    struct p256_key owner;

    start();
    other = sign_revocations(&federation, &foreign);
    owner = federation.owner;
    federation.owner = federation.root;
    forged = sign_revocations(&federation, &good);
    federation.owner = owner;
    list = sign_revocations(&federation, &good);
    assert_int_equal(federation_revoke_signed(&federation, buf_view(&forged)), STATUS_FORGED);
    assert_int_equal(federation_revoke_signed(&federation, buf_view(&other)), STATUS_REVOCATIONS_FOREIGN);
    for (size_t i = 0; i < list.len; i++) {
        list.ptr[i] ^= 1;
        if (i % 60 == 59) {
            federation.now += 120; /* so that the owner is heard again */
            federation_new_challenge(&federation);
        }
        assert_int_not_equal(federation_revoke_signed(&federation, buf_view(&list)), STATUS_OK);
        list.ptr[i] ^= 1;
    }
    federation.now += 120;
    federation_new_challenge(&federation);
    assert_int_equal(federation_status(&federation).revocations, 0);
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_OK);
    assert_int_equal(federation_revoke_signed(&federation, buf_view(&list)), STATUS_OK);
    free(list.ptr);
    free(forged.ptr);
    free(other.ptr);
    federation_end(&federation);
}

static void a_request_that_is_sent_again_does_not_bring_an_old_list_back(void **state)
{
    (void)state;
    start();
    assert_int_equal(revoke(1, "one"), STATUS_OK);
    assert_int_equal(federation_replay_owner(&federation), STATUS_STALE_CHALLENGE);
    federation_end(&federation);
}

/* The list that the enclave gives back, in memory of its own. */
static struct buf list_of_the_enclave(void)
{
    struct view message;
    struct buf copy;

    assert_int_equal(federation_call(&federation, GATE_REVOCATIONS, (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
    copy = (struct buf){.ptr = malloc(message.len), .cap = message.len};
    assert_int_equal(buf_append(&copy, message), STATUS_OK);
    return copy;
}

static struct buf sealed_state(void)
{
    struct view message;
    struct buf copy;

    assert_int_equal(federation_call(&federation, GATE_SEAL, (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
    copy = (struct buf){.ptr = malloc(message.len), .cap = message.len};
    assert_int_equal(buf_append(&copy, message), STATUS_OK);
    return copy;
}

static void the_host_hands_the_list_to_the_next_boot(void **state)
{
    (void)state;
    struct buf list;

    start();
    assert_int_equal(federation_call(&federation, GATE_REVOCATIONS, (struct view){NULL, 0}), STATUS_NOT_FOUND);
    assert_false(federation.fatal);
    assert_int_equal(revoke(5, "one"), STATUS_OK);
    list = list_of_the_enclave();
    federation.revoked = buf_view(&list);
    federation_reboot(&federation, (struct view){NULL, 0});
    federation_new_challenge(&federation);
    assert_int_equal(federation_status(&federation).revocations, 5);
    assert_int_equal(federation_status(&federation).revoked, 1);
    assert_int_equal(member_enrol(&federation, &one, "one", NULL, NULL), STATUS_CREDENTIAL_REVOKED);
    assert_int_equal(revoke(4, NULL), STATUS_REVOCATIONS_ROLLBACK);
    free(list.ptr);
    federation_end(&federation);
}

static void a_boot_with_a_bad_list_is_refused_with_its_reason(void **state)
{
    (void)state;
    static const uint8_t garbage[] = {0xd2, 0x84};
    struct p256_key owner;
    struct gate_booted booted;
    struct buf lists[2];

    start();
    owner = federation.owner;
    federation.owner = federation.root;
    lists[0] = sign_revocations(&federation, &(struct revocation_draft){.version = 1, .devices = {"one"}});
    federation.owner = owner;
    lists[1] = sign_revocations(&federation, &(struct revocation_draft){.version = 1, .federation = "fed2"});
    const struct {
        struct view list;
        enum status want;
    } cases[] = {
        {buf_view(&lists[0]), STATUS_FORGED},
        {buf_view(&lists[1]), STATUS_REVOCATIONS_FOREIGN},
        {VIEW_OF(garbage), STATUS_TRUNCATED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        federation.revoked = cases[i].list;
        assert_int_equal(federation_boot(&federation, (struct view){NULL, 0}, &booted), cases[i].want);
        assert_false(federation.fatal);
        /* Nothing was booted: no other call is in its moment. */
        assert_int_equal(federation_call(&federation, GATE_STATUS, (struct view){NULL, 0}), STATUS_NOT_PERMITTED);
    }
    free(lists[0].ptr);
    free(lists[1].ptr);
    federation_end(&federation);
}

static void a_state_is_not_taken_up_with_an_older_list_than_it_knew(void **state)
{
    (void)state;
    struct buf older, newer, sealed;

    start_round();
    assert_int_equal(revoke(1, "one"), STATUS_OK);
    older = list_of_the_enclave();
    assert_int_equal(revoke(2, "two"), STATUS_OK);
    newer = list_of_the_enclave();
    sealed = sealed_state();
    assert_int_equal(federation_reboot(&federation, buf_view(&sealed)).restored, STATUS_REVOCATIONS_ROLLBACK);
    assert_int_equal(federation_status(&federation).phase, GATE_EMPTY);
    federation.revoked = buf_view(&older);
    assert_int_equal(federation_reboot(&federation, buf_view(&sealed)).restored, STATUS_REVOCATIONS_ROLLBACK);
    assert_int_equal(federation_status(&federation).phase, GATE_EMPTY);
    assert_int_equal(federation_status(&federation).revocations, 1); /* better than none */
    federation.revoked = buf_view(&newer);
    assert_int_equal(federation_reboot(&federation, buf_view(&sealed)).restored, STATUS_OK);
    assert_int_equal(federation_status(&federation).phase, GATE_IDLE);
    free(older.ptr);
    free(newer.ptr);
    free(sealed.ptr);
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revoked_device_is_not_enrolled_until_it_is_taken_back),
        cmocka_unit_test(a_revoked_program_is_not_enrolled_and_the_other_one_is),
        cmocka_unit_test(a_pending_update_of_a_revoked_device_is_not_counted),
        cmocka_unit_test(what_was_counted_before_stays_counted),
        cmocka_unit_test(a_revoked_credential_is_refused_and_its_device_enrols_anew),
        cmocka_unit_test(updates_of_a_revoked_program_are_refused_and_those_of_the_other_counted),
        cmocka_unit_test(who_lies_about_its_program_has_another_key),
        cmocka_unit_test(no_older_list_is_taken_and_no_other_one_of_the_same_version),
        cmocka_unit_test(only_the_owners_list_of_this_federation_is_taken),
        cmocka_unit_test(a_request_that_is_sent_again_does_not_bring_an_old_list_back),
        cmocka_unit_test(the_host_hands_the_list_to_the_next_boot),
        cmocka_unit_test(a_boot_with_a_bad_list_is_refused_with_its_reason),
        cmocka_unit_test(a_state_is_not_taken_up_with_an_older_list_than_it_knew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

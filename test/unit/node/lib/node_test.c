/* The library against the real core and host, in one process. Bytes are turned here and there; trust_test, round_test and
 * outbox_test turn every one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "revocation_support.h"
#include "world.h"

#define COUNT 700

static struct world world;

/* A world with a model, where `nodes` are enrolled and a plan of `rounds` is under way. */
static void start(unsigned int nodes, uint32_t rounds, void (*change)(struct world_node *))
{
    static float values[COUNT];
    struct federation_options options = {.min_cohort = 2, .max_packet = 1024, .max_parameters = 65536};

    world_start(&world, &options);
    for (unsigned int i = 0; i < nodes; i++) {
        char name[16];
        snprintf(name, sizeof name, "node-%u", i);
        world_add(&world, name, change);
    }
    world_run(&world, 3);
    federation_new_challenge(&world.federation);
    federation_put_model(&world.federation, values, COUNT);
    world_keep_state(&world);
    if (rounds > 0)
        assert_int_equal(federation_start_rounds(&world.federation, rounds, nodes > 2 ? nodes : 2), STATUS_OK);
}

static struct gate_status status(void)
{
    return federation_status(&world.federation);
}

static void rounds_follow_one_another_without_help(void **state)
{
    (void)state;
    start(3, 4, NULL);
    world_run(&world, 20);
    assert_int_equal(world.kept_rounds, 4);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(world.nodes[i].counted, 4);
        assert_int_equal(world.nodes[i].records, 4);
        assert_int_equal(world.nodes[i].enrolled, 1);
        assert_int_equal(world.nodes[i].refused, 0);
    }
    assert_int_equal(status().refusals.count, 0);
    world_end(&world);
}

static void want_half(struct world_node *node)
{
    node->half = true;
}

static void half_precision_makes_the_same_model_where_values_are_exact(void **state)
{
    (void)state;
    uint8_t model[32];

    start(2, 2, NULL);
    world_run(&world, 20);
    memcpy(model, status().model_digest.ptr, sizeof model);
    world_end(&world);
    start(2, 2, want_half);
    world_run(&world, 20);
    assert_int_equal(world.kept_rounds, 2);
    assert_memory_equal(status().model_digest.ptr, model, sizeof model);
    world_end(&world);
}

static void want_ccm(struct world_node *node)
{
    node->algorithm = AEAD_CCM_16_128_256;
}

static void any_allowed_algorithm_serves(void **state)
{
    (void)state;
    start(2, 1, want_ccm);
    world_run(&world, 20);
    assert_int_equal(world.nodes[0].counted, 1);
    world_end(&world);
}

static void be_of_another_measurement(struct world_node *node)
{
    if (strcmp(node->name, "node-2") == 0)
        node->measurement[0] ^= 1;
}

static void a_device_that_the_policy_does_not_know_is_told_why(void **state)
{
    (void)state;
    start(3, 0, be_of_another_measurement);
    world_run(&world, 5);
    assert_int_equal(world.nodes[0].enrolled, 1);
    assert_int_equal(world.nodes[2].enrolled, 0);
    assert_int_equal(world.nodes[2].refused, 1);
    assert_string_equal(world.nodes[2].last_event, "refused");
    assert_non_null(strstr(world.nodes[2].last_detail, "measurement"));
    world_end(&world);
}

static void a_device_that_is_refused_asks_ever_more_rarely(void **state)
{
    (void)state;
    start(3, 0, be_of_another_measurement);
    world_run(&world, 4 * 3600);
    /* From a minute up to an hour, each wait twice the one before. */
    assert_in_range(world.nodes[2].refused, 6, 16);
    assert_int_equal(world.nodes[2].enrolled, 0);
    world_end(&world);
}

/* Drops every nth message that is not of the evidence. */
static bool drop_some(void *ctx, const char *topic, uint8_t *payload, size_t *size)
{
    unsigned int *count = ctx;

    (void)topic;
    (void)payload;
    (void)size;
    return ++*count % 3 != 0;
}

static void lost_messages_are_sent_again(void **state)
{
    (void)state;
    unsigned int count = 0;

    start(3, 2, NULL);
    world.filter = drop_some;
    world.filter_ctx = &count;
    world_run(&world, 60);
    world.filter = NULL;
    world_run(&world, 300);
    assert_int_equal(world.kept_rounds, 2);
    for (unsigned int i = 0; i < 3; i++)
        assert_in_range(world.nodes[i].counted, 1, 2);
    world_end(&world);
}

static void a_restarted_enclave_is_appraised_anew_and_the_update_is_sealed_anew(void **state)
{
    (void)state;
    start(3, 1, NULL);
    world.nodes[2].hold_work = true;
    world_run(&world, 10);
    assert_int_equal(world.nodes[0].counted, 1);
    assert_int_equal(world.nodes[0].works, 1);
    /* A boot out of its moment: the enclave ends. */
    assert_int_equal(host_boot(world.host, (struct view){NULL, 0}, world.federation.now), STATUS_NO_CONNECTION);
    assert_true(world.federation.fatal);
    world_restart_enclave(&world, true);
    world_run(&world, 10);
    assert_int_equal(world.nodes[0].enrolled, 2);
    /* The plan was in the old enclave's memory; the owner starts again, and the round has the number that it had. */
    federation_new_challenge(&world.federation);
    assert_int_equal(federation_start_rounds(&world.federation, 1, 3), STATUS_OK);
    world.nodes[2].hold_work = false;
    world_run(&world, 30);
    assert_int_equal(world.kept_rounds, 1);
    assert_int_equal(world.nodes[0].counted, 2);
    assert_int_equal(world.nodes[0].works, 1); /* it did not train twice */
    world_end(&world);
}

static void a_restarted_device_goes_on_with_its_kept_update(void **state)
{
    (void)state;
    start(2, 1, NULL);
    world.nodes[1].hold_work = true;
    world_run(&world, 6);
    world.nodes[0].offline = true;
    world_run(&world, 5);
    world.nodes[0].offline = false;
    world_restart_node(&world.nodes[0]);
    world_run(&world, 10);
    assert_int_equal(world.nodes[0].works, 1);
    assert_int_equal(world.nodes[0].counted, 2); /* counted before; told so again */
    world.nodes[1].hold_work = false;
    world_run(&world, 10);
    assert_int_equal(world.kept_rounds, 1);
    world_end(&world);
}

static void an_expiring_credential_is_renewed_in_time(void **state)
{
    (void)state;
    start(2, 0, NULL);
    world_run(&world, 3600 * 3 / 4 + 30);
    assert_int_equal(world.nodes[0].enrolled, 2);
    world_end(&world);
}

static enum status revoke(uint64_t version, const char *device)
{
    federation_new_challenge(&world.federation);
    return federation_revoke(&world.federation, &(struct revocation_draft){.version = version, .devices = {device}});
}

static void a_revoked_device_is_not_renewed_goes_on_quietly_and_comes_back(void **state)
{
    (void)state;
    unsigned int asked;

    start(2, 0, NULL);
    assert_int_equal(world.nodes[0].enrolled, 1);
    assert_int_equal(revoke(1, "node-0"), STATUS_OK);
    world_run(&world, 3600 * 3 / 4 + 30);
    assert_int_equal(world.nodes[0].enrolled, 1);
    assert_int_equal(world.nodes[1].enrolled, 2); /* the other one is renewed */
    assert_string_equal(world.nodes[0].last_event, "refused");
    assert_non_null(strstr(world.nodes[0].last_detail, "revoked"));
    /* It asks ever more rarely: from a minute up to an hour. */
    asked = world.nodes[0].refused;
    assert_in_range(asked, 1, 2);
    world_run(&world, 4 * 3600);
    assert_in_range(world.nodes[0].refused - asked, 4, 12);
    assert_int_equal(world.nodes[0].enrolled, 1);
    assert_int_equal(revoke(2, NULL), STATUS_OK);
    world_run(&world, 5000);
    assert_in_range(world.nodes[0].enrolled, 2, 4);
    world_end(&world);
}

static void a_device_that_is_revoked_in_a_round_keeps_its_update_for_later(void **state)
{
    (void)state;
    start(3, 1, NULL);
    world.nodes[0].hold_work = true;
    world.nodes[2].hold_work = true;
    world_run(&world, 5);
    assert_int_equal(world.nodes[1].counted, 1);
    assert_int_equal(revoke(1, "node-0"), STATUS_OK);
    world_finish_work(&world.nodes[0], 0.5f);
    world.nodes[0].hold_work = false;
    world_run(&world, 100); /* long enough for a challenge that the host published */
    assert_int_equal(world.nodes[0].counted, 0);
    assert_int_equal(status().counted, 1);
    assert_string_equal(world.nodes[0].last_event, "refused");
    assert_non_null(strstr(world.nodes[0].last_detail, "revoked")); /* it is given no other credential */
    /* Taken back while the round is open, it enrols again and sends what it made. */
    assert_int_equal(revoke(2, NULL), STATUS_OK);
    world_run(&world, 200);
    assert_int_equal(world.nodes[0].counted, 1);
    assert_int_equal(world.nodes[0].works, 1);
    world.nodes[2].hold_work = false;
    world_run(&world, 30);
    assert_int_equal(world.kept_rounds, 1);
    assert_int_equal(world.nodes[2].counted, 1);
    world_end(&world);
}

struct tampering {
    const char *kind; /* part of the topic */
    size_t byte;      /* which byte is turned, counted over the payload; wraps */
    unsigned int hits;
};

static bool tamper(void *ctx, const char *topic, uint8_t *payload, size_t *size)
{
    struct tampering *tampering = ctx;

    if (strstr(topic, tampering->kind) == NULL || *size == 0)
        return true;
    payload[tampering->byte % *size] ^= 0x20;
    tampering->hits++;
    return true;
}

/* Every byte of a message of this kind, turned: nobody believes it, nothing is counted or released because of it. */
static void tamper_with(const char *kind, size_t step)
{
    for (size_t byte = 0; byte < 420; byte += step) {
        struct tampering tampering = {kind, byte, 0};
        start(2, 1, NULL);
        world.filter = tamper;
        world.filter_ctx = &tampering;
        world_run(&world, 2);
        assert_true(tampering.hits > 0 || strcmp(kind, "/record/") == 0);
        if (strcmp(kind, "/round/") == 0 || strcmp(kind, "/model/") == 0)
            assert_int_equal(world.nodes[0].works, 0);
        if (strcmp(kind, "/update/") == 0) {
            assert_int_equal(status().counted, 0);
            assert_int_equal(world.kept_rounds, 0);
        }
        if (strcmp(kind, "/receipt/") == 0 || strcmp(kind, "/update/") == 0)
            assert_int_equal(world.nodes[0].counted, 0);
        world_end(&world);
    }
}

static void a_manifest_with_one_bit_turned_is_not_followed(void **state)
{
    (void)state;
    tamper_with("/round/", 13);
}

static void a_model_chunk_with_one_bit_turned_is_not_trained_on(void **state)
{
    (void)state;
    tamper_with("/model/", 29);
}

static void an_update_with_one_bit_turned_is_not_counted(void **state)
{
    (void)state;
    tamper_with("/update/", 17);
}

static void a_receipt_with_one_bit_turned_is_not_believed(void **state)
{
    (void)state;
    tamper_with("/receipt/", 11);
}

/* Before anybody trusts: evidence and credentials, byte by byte. */
static void tamper_before_enrolment(const char *kind, size_t step)
{
    struct federation_options options = {.min_cohort = 2, .max_packet = 1024};

    for (size_t byte = 0; byte < 1000; byte += step) {
        struct tampering tampering = {kind, byte, 0};
        world_start(&world, &options);
        world.filter = tamper;
        world.filter_ctx = &tampering;
        world_add(&world, "node-0", NULL);
        world_run(&world, 2);
        assert_true(tampering.hits > 0);
        assert_int_equal(world.nodes[0].enrolled, 0);
        world_end(&world);
    }
}

static void evidence_with_one_bit_turned_is_not_trusted(void **state)
{
    (void)state;
    tamper_before_enrolment("/evidence", 29);
}

static void a_challenge_with_one_bit_turned_is_not_answered(void **state)
{
    (void)state;
    tamper_before_enrolment("/challenge", 29);
}

static void an_enrolment_with_one_bit_turned_is_not_granted(void **state)
{
    (void)state;
    tamper_before_enrolment("/enrol/", 29);
}

static void a_credential_with_one_bit_turned_is_not_taken(void **state)
{
    (void)state;
    tamper_before_enrolment("/credential/", 29);
}

static void a_boot_after_a_clock_was_days_ahead_is_found(void **state)
{
    (void)state;
    const uint64_t days = 3 * 86400;
    struct world_node *node;

    world_start(&world, &(struct federation_options){0});
    node = world_add(&world, "one", NULL);
    world.federation.now += days;
    world_run(&world, 3);
    assert_int_equal(node->enrolled, 1);
    world.federation.now -= days;
    node->offline = true;
    world_run(&world, 60); /* by then the host knows that it was wrong */
    world_restart_enclave(&world, false);
    world_run(&world, 5);
    node->offline = false;
    world_run(&world, 120);
    assert_int_equal(node->enrolled, 2);
    world_end(&world);
}

static void records_that_fork_or_go_back_stop_the_device(void **state)
{
    (void)state;
    uint8_t *old_state;
    size_t old_len;

    start(2, 3, NULL);
    world.nodes[0].hold_work = true;
    world_run(&world, 5);
    world_finish_work(&world.nodes[0], 0.5f);
    world_run(&world, 3);
    old_len = world.state_len; /* after round 1 */
    old_state = malloc(old_len);
    memcpy(old_state, world.state, old_len);
    world.nodes[0].hold_work = false;
    world_run(&world, 20);
    assert_int_equal(world.kept_rounds, 3);
    /* The host restores the state of round 1: round 2 would be run a second time. */
    world_restart_enclave(&world, false);
    federation_new_core(&world.federation);
    assert_int_equal(host_boot(world.host, (struct view){old_state, old_len}, world.federation.now), STATUS_OK);
    federation_learn(&world.federation, world_retained(&world, "tacit/1/fed/aggregator/agg/evidence"));
    world_run(&world, 3);
    federation_new_challenge(&world.federation);
    assert_int_equal(federation_start_rounds(&world.federation, 1, 2), STATUS_OK);
    unsigned int works = world.nodes[0].works;
    world_run(&world, 10);
    assert_int_equal(world.nodes[0].works, works);
    assert_int_equal(status().counted, 0);
    free(old_state);
    world_end(&world);
}

static void a_newer_policy_is_remembered_and_an_older_one_refused(void **state)
{
    (void)state;
    static const uint8_t newer[8] = {0, 0, 0, 0, 0, 0, 0, 2};
    struct federation_options options = {.min_cohort = 2};

    world_start(&world, &options);
    struct world_node *node = world_add(&world, "node-0", NULL);
    memcpy(node->kept[0].key, "policy", 7);
    node->kept[0].bytes = malloc(sizeof newer);
    node->kept[0].size = sizeof newer;
    memcpy(node->kept[0].bytes, newer, sizeof newer);
    world_run(&world, 3);
    assert_int_equal(node->enrolled, 0);
    assert_true(node->distrusted > 0);
    assert_non_null(strstr(node->last_detail, "older policy"));
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_follow_one_another_without_help),
        cmocka_unit_test(half_precision_makes_the_same_model_where_values_are_exact),
        cmocka_unit_test(any_allowed_algorithm_serves),
        cmocka_unit_test(a_device_that_the_policy_does_not_know_is_told_why),
        cmocka_unit_test(a_device_that_is_refused_asks_ever_more_rarely),
        cmocka_unit_test(lost_messages_are_sent_again),
        cmocka_unit_test(a_restarted_enclave_is_appraised_anew_and_the_update_is_sealed_anew),
        cmocka_unit_test(a_restarted_device_goes_on_with_its_kept_update),
        cmocka_unit_test(an_expiring_credential_is_renewed_in_time),
        cmocka_unit_test(a_revoked_device_is_not_renewed_goes_on_quietly_and_comes_back),
        cmocka_unit_test(a_device_that_is_revoked_in_a_round_keeps_its_update_for_later),
        cmocka_unit_test(a_manifest_with_one_bit_turned_is_not_followed),
        cmocka_unit_test(a_model_chunk_with_one_bit_turned_is_not_trained_on),
        cmocka_unit_test(an_update_with_one_bit_turned_is_not_counted),
        cmocka_unit_test(a_receipt_with_one_bit_turned_is_not_believed),
        cmocka_unit_test(evidence_with_one_bit_turned_is_not_trusted),
        cmocka_unit_test(a_challenge_with_one_bit_turned_is_not_answered),
        cmocka_unit_test(an_enrolment_with_one_bit_turned_is_not_granted),
        cmocka_unit_test(a_credential_with_one_bit_turned_is_not_taken),
        cmocka_unit_test(a_boot_after_a_clock_was_days_ahead_is_found),
        cmocka_unit_test(records_that_fork_or_go_back_stop_the_device),
        cmocka_unit_test(a_newer_policy_is_remembered_and_an_older_one_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

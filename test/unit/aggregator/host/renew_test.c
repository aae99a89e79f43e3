/* Evidence and challenges that the enclave cannot renew: tried again later and later, told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "host_private.h"
#include "world.h"

#define EVIDENCE "tacit/1/fed/aggregator/agg/evidence"

static struct world world;
static unsigned int evidences; /* that were published */

static bool count_evidence(void *ctx, const char *topic, uint8_t *payload, size_t *size)
{
    (void)ctx, (void)payload, (void)size;
    evidences += strcmp(topic, EVIDENCE) == 0;
    return true;
}

static int setup(void **state)
{
    (void)state;
    world_start(&world, &(struct federation_options){.seed = 1});
    world_run(&world, 1);
    world.filter = count_evidence;
    evidences = 0;
    world.events[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

/* From now on that call fails, and evidence is due. */
static void begin_to_fail(enum gate_call call, enum status why)
{
    world.failing = call;
    world.gate_fails = why;
    world.failures = 0;
    world.federation.now += HOST_ATTEST_EVERY_S;
    world_run(&world, 1);
    assert_int_equal(world.failures, 1);
}

static unsigned int told(const char *event)
{
    unsigned int count = 0;

    for (const char *at = world.events; (at = strstr(at, event)) != NULL; at++)
        count++;
    return count;
}

/* Seconds until the next attempt. */
static unsigned int wait_for_attempt(void)
{
    const unsigned int before = world.failures;

    for (unsigned int waited = 1; waited < 10000; waited++) {
        world_run(&world, 1);
        if (world.failures != before)
            return waited;
    }
    return 0;
}

static void evidence_that_fails_is_tried_later_and_later(void **state)
{
    static const unsigned int want[] = {10, 20, 40, 80, 160, 320, 600, 600};

    (void)state;
    begin_to_fail(GATE_ATTEST, STATUS_IO);
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(wait_for_attempt(), want[i]);
    assert_int_equal(evidences, 0);
}

static void a_failure_is_told_once_and_again_when_it_is_another(void **state)
{
    (void)state;
    begin_to_fail(GATE_ATTEST, STATUS_IO);
    assert_non_null(strstr(world.events, "renewal_failed evidence: reading or writing failed; again in 10 s"));
    world_run(&world, 100);
    assert_true(world.failures > 2);
    assert_int_equal(told("renewal_failed"), 1);
    world.gate_fails = STATUS_TIMEOUT;
    world_run(&world, 2000);
    assert_int_equal(told("renewal_failed"), 2);
    assert_non_null(strstr(world.events, "renewal_failed evidence: it took too long"));
}

static void what_works_again_is_announced_and_told(void **state)
{
    (void)state;
    begin_to_fail(GATE_ATTEST, STATUS_IO);
    world.gate_fails = STATUS_OK;
    world_run(&world, 10);
    assert_int_equal(evidences, 1);
    assert_int_equal(told("renewed evidence"), 1);
    /* And the next time is told like the first one. */
    begin_to_fail(GATE_ATTEST, STATUS_IO);
    assert_int_equal(told("renewal_failed"), 2);
    assert_int_equal(wait_for_attempt(), 10);
}

static void what_never_failed_is_not_told(void **state)
{
    (void)state;
    world_run(&world, 2 * HOST_ATTEST_EVERY_S + 1);
    assert_int_equal(evidences, 2);
    assert_int_equal(told("renew"), 0);
}

static void a_challenge_that_fails_waits_less(void **state)
{
    static const unsigned int want[] = {1, 2, 4, 8, 16, 32, 60, 60};

    (void)state;
    begin_to_fail(GATE_CHALLENGE, STATUS_CRYPTO);
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(wait_for_attempt(), want[i]);
    assert_int_equal(evidences, 1); /* which does not wait for it */
    assert_int_equal(told("renewal_failed challenge: "), 1);
    assert_int_equal(told("renewal_failed"), 1);
}

static void an_enclave_that_is_gone_is_asked_once(void **state)
{
    const uint64_t challenge_due = world.host->renewals[RENEWAL_CHALLENGE].due;

    (void)state;
    world.failing = GATE_ATTEST;
    world.gate_fails = STATUS_NO_CONNECTION;
    world.federation.now += HOST_ATTEST_EVERY_S;
    assert_int_equal(host_tick(world.host, world.federation.now), STATUS_NO_CONNECTION);
    assert_int_equal(host_tick(world.host, world.federation.now + 100), STATUS_NO_CONNECTION);
    assert_int_equal(world.failures, 1);
    assert_true(world.host->renewals[RENEWAL_CHALLENGE].due == challenge_due); /* due as well, and not asked for */
    assert_int_equal(told("renewal_failed"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(evidence_that_fails_is_tried_later_and_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_is_told_once_and_again_when_it_is_another, setup, teardown),
        cmocka_unit_test_setup_teardown(what_works_again_is_announced_and_told, setup, teardown),
        cmocka_unit_test_setup_teardown(what_never_failed_is_not_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_challenge_that_fails_waits_less, setup, teardown),
        cmocka_unit_test_setup_teardown(an_enclave_that_is_gone_is_asked_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

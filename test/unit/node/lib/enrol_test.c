/* What a device takes as its membership: a grant for itself, for its present key, of this enclave, that it can use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cose.h"
#include "enclave_double.h"
#include "federation.h"

static struct enclave_double enclave;
static struct device_double device;
static uint8_t other_key[PUBLIC_KEY_SIZE];

/* A device that has asked. */
static int setup(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    device_hear(&device, "aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 1000));
    assert_non_null(device_said(&device, "enrol/agg/dev"));
    enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
    device_forget(&device);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

static void for_another_device(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->device = VIEW_TEXT("dev2");
}
static void for_another_key(struct credential *credential, struct enrol_answer *answer)
{
    struct seeded_random seeded = {77};
    const struct random_port random = seeded_random_port(&seeded);
    struct buf key = BUF_OF(other_key);
    struct p256_key another;

    (void)answer;
    assert_int_equal(p256_generate(&random, &another), STATUS_OK);
    assert_int_equal(cose_key_encode(VIEW_OF(another.point), &key), STATUS_OK);
    credential->key = VIEW_OF(other_key);
}
static void of_another_federation(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->federation = VIEW_TEXT("fed2");
}
static void of_another_aggregator(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->aggregator = VIEW_TEXT("agg2");
}
static void of_another_boot(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->boot_id = (struct view){other_key, BOOT_ID_SIZE};
}
static void of_a_server(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->role = ROLE_SERVER;
}
static void that_has_ended(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->issued -= 20;
    credential->expires = DOUBLE_NOW - 10;
}
static void of_tomorrow(struct credential *credential, struct enrol_answer *answer)
{
    (void)answer;
    credential->issued += 86400;
    credential->expires += 86400;
}
static void with_a_shorter_key(struct credential *credential, struct enrol_answer *answer)
{
    (void)credential;
    answer->update_key.len = 16;
}

static void a_grant_that_is_not_this_devices_is_not_taken(void **state)
{
    static const struct {
        const char *why;
        void (*grant)(struct credential *credential, struct enrol_answer *answer);
        enum status want;
    } cases[] = {
        {"for another device", for_another_device, STATUS_CREDENTIAL_FOREIGN},
        {"for another key", for_another_key, STATUS_CREDENTIAL_FOREIGN},
        {"of another federation", of_another_federation, STATUS_CREDENTIAL_FOREIGN},
        {"of another aggregator", of_another_aggregator, STATUS_CREDENTIAL_FOREIGN},
        {"of another boot", of_another_boot, STATUS_CREDENTIAL_FOREIGN},
        {"of a server", of_a_server, STATUS_CREDENTIAL_ROLE},
        {"that has ended", that_has_ended, STATUS_CREDENTIAL_EXPIRED},
        {"of tomorrow", of_tomorrow, STATUS_CREDENTIAL_NOT_YET},
        {"with a key of another algorithm", with_a_shorter_key, STATUS_BAD_KEY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        enclave.grant = cases[i].grant;
        device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
        assert_false(device_told(&device, "enrolled "));
        assert_true(device_told(&device, status_text(cases[i].want)));
        device_forget(&device);
    }
    enclave.grant = NULL; /* a good one is still waited for */
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_true(device_told(&device, "enrolled "));
}

/* Signed and sealed by the enclave, but the answer to another question. */
static void an_answer_to_another_question_is_not_taken(void **state)
{
    (void)state;
    enclave.asked[0] ^= 1;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_false(device_told(&device, "enrolled "));
    assert_true(device_told(&device, status_text(STATUS_STALE_CHALLENGE)));
    enclave.asked[0] ^= 1;
    device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
    assert_true(device_told(&device, "enrolled "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_grant_that_is_not_this_devices_is_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_to_another_question_is_not_taken, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

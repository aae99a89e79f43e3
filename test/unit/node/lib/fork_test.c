/* A fork of the record chain: what proves one, that it is not forgotten, and what ends it. PROTOCOL.md section 12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "account.h"
#include "enclave_double.h"

#define NONE ((struct view){NULL, 0})

static struct enclave_double enclave;
static struct device_double device;
static uint8_t first[DIGEST_SIZE],
    other[DIGEST_SIZE]; /* of record 4, which the device has seen; of no record that it knows */

static void hear_record(uint32_t round, struct view previous, uint8_t digest[static DIGEST_SIZE])
{
    const struct record record = enclave_result(&enclave, round, previous);
    char suffix[32];

    snprintf(suffix, sizeof suffix, "record/agg/%u", round);
    device_hear(&device, suffix, enclave_record(&enclave, &record, digest));
}

static int start(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    hear_record(4, NONE, first);
    memcpy(other, first, sizeof other);
    other[0] ^= 1;
    device_forget(&device);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

static void show_fork(uint8_t digest[static DIGEST_SIZE])
{
    hear_record(5, VIEW_OF(other), digest);
    assert_true(device_told(&device, "fork round=5 record="));
}

/* The device starts again, and is a member again. */
static void restart(void)
{
    device_stop(&device);
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    device_forget(&device);
}

/* Whether a record, and a round behind it, are taken. */
static bool goes_on(uint32_t round, struct view previous)
{
    uint8_t digest[DIGEST_SIZE];
    struct manifest manifest = enclave_plan(&enclave, round + 1);
    const unsigned int works = device.works;

    device_forget(&device);
    hear_record(round, previous, digest);
    manifest.previous = VIEW_OF(digest);
    device_fetch(&device, &enclave, &manifest);
    assert_true(device_told(&device, "record round=") == (device.works == works + 1));
    return device.works > works;
}

static void a_record_that_contradicts_one_seen_stops_the_chain(void **state)
{
    static const struct {
        const char *why;
        uint32_t round;
        bool behind_none;
    } cases[] = {
        {"the next record follows another", 5, false},
        {"the next record follows none", 5, true},
        {"the same round came to something else", 4, false},
        {"a later record is the first", 7, true},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t fork[DIGEST_SIZE];

        print_message("  %s\n", cases[i].why);
        if (i > 0) {
            stop(state);
            start(state);
        }
        hear_record(cases[i].round, cases[i].behind_none ? NONE : VIEW_OF(other), fork);
        assert_true(device_told(&device, "chain record"));
        assert_true(device_told(&device, "fork round="));
        assert_false(device_told(&device, "record round"));
        /* What follows it, what leaves records out, and what would have been right. */
        assert_false(goes_on(6, VIEW_OF(fork)));
        assert_false(goes_on(9, VIEW_OF(other)));
        assert_false(goes_on(5, VIEW_OF(first)));
    }
}

static void a_fork_is_not_forgotten_over_a_restart_nor_another_boot(void **state)
{
    uint8_t fork[DIGEST_SIZE];
    (void)state;

    show_fork(fork);
    restart();
    assert_false(goes_on(6, VIEW_OF(fork)));
    assert_true(device_told(&device, "fork "));
    enclave_reboot(&enclave, 90);
    device_enrol(&device, &enclave);
    assert_false(goes_on(7, VIEW_OF(other)));
}

static void the_owners_next_version_ends_it_and_any_record_under_it_is_the_new_head(void **state)
{
    uint8_t fork[DIGEST_SIZE], head[DIGEST_SIZE];
    (void)state;

    show_fork(fork);
    enclave.policy_version++;
    enclave_reboot(&enclave, 90);
    device_enrol(&device, &enclave);
    assert_true(goes_on(2, NONE));
    restart();
    /* From there on it is a chain again. */
    hear_record(2, NONE, head);
    hear_record(3, VIEW_OF(head), fork);
    assert_true(device_told(&device, "record round=3"));
    hear_record(4, VIEW_OF(other), fork);
    assert_true(device_told(&device, "fork round=4"));
}

static void what_the_trusted_enclave_did_not_say_stops_nothing(void **state)
{
    const struct record forged = enclave_result(&enclave, 5, VIEW_OF(other));
    struct record record = forged;
    uint8_t digest[DIGEST_SIZE], again[1024];
    struct view message;
    (void)state;

    enclave.signer = &enclave.owner;
    device_hear(&device, "record/agg/5", enclave_record(&enclave, &forged, digest));
    enclave.signer = &enclave.signing;
    record.boot_id = (struct view){other, BOOT_ID_SIZE};
    device_hear(&device, "record/agg/5", enclave_record(&enclave, &record, digest));
    record = forged;
    record.policy_digest = VIEW_OF(other);
    device_hear(&device, "record/agg/5", enclave_record(&enclave, &record, digest));
    /* Under the topic of another round; and an older one, which a broker retains. */
    device_hear(&device, "record/agg/6", enclave_record(&enclave, &forged, digest));
    hear_record(3, VIEW_OF(other), digest);
    hear_record(1, NONE, digest);
    /* True once, of a boot that is over. */
    message = enclave_record(&enclave, &forged, digest);
    memcpy(again, message.ptr, message.len);
    message.ptr = again;
    enclave_reboot(&enclave, 90);
    device_enrol(&device, &enclave);
    device_hear(&device, "record/agg/5", message);
    assert_false(device_told(&device, "fork"));
    assert_true(goes_on(5, VIEW_OF(first)));
}

static void a_fork_behind_records_that_were_missed_is_seen_when_they_come(void **state)
{
    uint8_t digest[DIGEST_SIZE], right[DIGEST_SIZE];
    (void)state;

    hear_record(7, VIEW_OF(other), digest);
    assert_true(device_told(&device, "record round=7"));
    hear_record(5, VIEW_OF(first), right);
    hear_record(4, NONE, right);
    assert_false(device_told(&device, "fork"));
    hear_record(5, VIEW_OF(other), digest);
    assert_true(device_told(&device, "fork round=5"));
    assert_false(goes_on(8, VIEW_OF(digest)));
}

/* Records that another boot signed, as a broker retains them: only their digests can be checked. */
static void hear_of_another_boot(uint32_t round, struct view previous, uint8_t digest[static DIGEST_SIZE])
{
    enclave.signer = &enclave.root;
    hear_record(round, previous, digest);
    enclave.signer = &enclave.signing;
}

static void a_fork_is_seen_over_boots_that_were_missed_whatever_comes_first(void **state)
{
    for (int order = 0; order < 3; order++) {
        uint8_t links[3][DIGEST_SIZE], last[DIGEST_SIZE];

        print_message("  order %d\n", order);
        stop(state);
        start(state);
        /* For their digests only. */
        hear_of_another_boot(5, VIEW_OF(other), links[0]);
        hear_of_another_boot(6, VIEW_OF(links[0]), links[1]);
        restart();
        if (order < 2)
            hear_of_another_boot(5 + (uint32_t)order, order == 0 ? VIEW_OF(other) : VIEW_OF(links[0]), links[2]);
        if (order == 0)
            hear_of_another_boot(6, VIEW_OF(links[0]), links[2]);
        hear_record(7, VIEW_OF(links[1]), last);
        assert_int_equal(device_told(&device, "record round=7"), order > 0);
        if (order == 2)
            hear_of_another_boot(6, VIEW_OF(links[0]), links[2]);
        if (order > 0) {
            assert_false(device_told(&device, "fork"));
            hear_of_another_boot(5, VIEW_OF(other), links[2]);
        }
        assert_true(device_told(&device, "fork round=7"));
        assert_false(goes_on(8, VIEW_OF(last)));
    }
}

static void links_that_lead_back_or_lead_nowhere_stop_nothing(void **state)
{
    uint8_t links[3][DIGEST_SIZE];
    (void)state;

    hear_of_another_boot(5, VIEW_OF(first), links[0]);
    hear_of_another_boot(6, VIEW_OF(links[0]), links[1]);
    /* Named by nothing that is signed. */
    hear_of_another_boot(8, VIEW_OF(other), links[2]);
    hear_record(7, VIEW_OF(links[1]), links[2]);
    assert_true(device_told(&device, "record round=7"));
    hear_of_another_boot(8, NONE, links[0]);
    assert_true(goes_on(10, VIEW_OF(other)));
    assert_false(device_told(&device, "fork"));
}

static void a_round_whose_links_do_not_lead_back_is_refused_and_proves_nothing(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 7);
    uint8_t links[2][DIGEST_SIZE];
    (void)state;

    hear_of_another_boot(5, VIEW_OF(other), links[0]);
    hear_of_another_boot(6, VIEW_OF(links[0]), links[1]);
    device_forget(&device);
    manifest.previous = VIEW_OF(links[1]);
    device_fetch(&device, &enclave, &manifest);
    assert_true(device_told(&device, "chain round"));
    assert_false(device_told(&device, "fork"));
    assert_int_equal(device.works, 0);
}

static void work_for_a_fork_is_not_sent(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 6);
    uint8_t fork[DIGEST_SIZE];
    (void)state;

    manifest.previous = VIEW_OF(other);
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
    show_fork(fork);
    device_finish(&device, 0.125f);
    device_wait(&device, 100);
    assert_null(device_said(&device, "update/agg/dev/6.0"));
}

static void a_fork_that_cannot_be_kept_is_refused_and_kept_as_soon_as_that_goes(void **state)
{
    uint8_t fork[DIGEST_SIZE];
    (void)state;

    device.keep_fails = true;
    show_fork(fork);
    assert_true(device_told(&device, "store_failed " ACCOUNT_FORK));
    assert_false(goes_on(6, VIEW_OF(fork)));
    device.keep_fails = false;
    assert_false(goes_on(7, VIEW_OF(other)));
    restart();
    assert_false(goes_on(8, VIEW_OF(other)));
}

static void what_is_kept_has_the_layout_that_others_read(void **state)
{
    uint8_t fork[DIGEST_SIZE];
    (void)state;

    show_fork(fork);
    for (size_t i = 0; i < ARRAY_LEN(device.kept); i++)
        if (strcmp(device.kept[i].key, ACCOUNT_FORK) == 0) {
            assert_int_equal(device.kept[i].size, ACCOUNT_FORK_SIZE);
            assert_int_equal(read_be64(device.kept[i].bytes), enclave.policy_version);
            assert_int_equal(read_be32(device.kept[i].bytes + 8), 5);
            assert_memory_equal(device.kept[i].bytes + 12, fork, DIGEST_SIZE);
            return;
        }
    fail_msg("nothing is kept");
}

static void it_is_told_again_but_not_all_the_time(void **state)
{
    uint8_t fork[DIGEST_SIZE];
    (void)state;

    show_fork(fork);
    device_forget(&device);
    hear_record(6, VIEW_OF(fork), other);
    assert_string_equal(device.events, "");
    device_wait(&device, 60);
    hear_record(6, VIEW_OF(fork), other);
    assert_true(device_told(&device, "fork record: "));
    device_forget(&device);
    hear_record(6, VIEW_OF(fork), other);
    assert_string_equal(device.events, "");
}

static void what_is_retained_no_more_is_taken_away_without_a_word(void **state)
{
    static const char *const cleared[] = {"aggregator/agg/evidence", "aggregator/agg/challenge", "round/agg",
                                          "model/agg/0", "record/agg/1"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cleared); i++) {
        print_message("  %s\n", cleared[i]);
        device_hear(&device, cleared[i], NONE);
        assert_string_equal(device.events, "");
    }
    device_hear(&device, "need/dev", NONE);
    assert_true(device_told(&device, "ignored need"));
    assert_true(goes_on(5, VIEW_OF(first)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_that_contradicts_one_seen_stops_the_chain, start, stop),
        cmocka_unit_test_setup_teardown(a_fork_is_not_forgotten_over_a_restart_nor_another_boot, start, stop),
        cmocka_unit_test_setup_teardown(the_owners_next_version_ends_it_and_any_record_under_it_is_the_new_head, start,
                                        stop),
        cmocka_unit_test_setup_teardown(what_the_trusted_enclave_did_not_say_stops_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_fork_behind_records_that_were_missed_is_seen_when_they_come, start, stop),
        cmocka_unit_test_setup_teardown(a_fork_is_seen_over_boots_that_were_missed_whatever_comes_first, start, stop),
        cmocka_unit_test_setup_teardown(links_that_lead_back_or_lead_nowhere_stop_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_round_whose_links_do_not_lead_back_is_refused_and_proves_nothing, start,
                                        stop),
        cmocka_unit_test_setup_teardown(work_for_a_fork_is_not_sent, start, stop),
        cmocka_unit_test_setup_teardown(a_fork_that_cannot_be_kept_is_refused_and_kept_as_soon_as_that_goes, start,
                                        stop),
        cmocka_unit_test_setup_teardown(what_is_kept_has_the_layout_that_others_read, start, stop),
        cmocka_unit_test_setup_teardown(it_is_told_again_but_not_all_the_time, start, stop),
        cmocka_unit_test_setup_teardown(what_is_retained_no_more_is_taken_away_without_a_word, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

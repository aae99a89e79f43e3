/* What a device follows: rounds, models, records, and the chain that they form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "enclave_double.h"

static struct enclave_double enclave;
static struct device_double device;

static int start(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    device_forget(&device);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

static void hear_chunk(const struct manifest *manifest, uint32_t chunk)
{
    char suffix[32];

    snprintf(suffix, sizeof suffix, "model/agg/%u", chunk);
    device_hear(&device, suffix, enclave_chunk(&enclave, manifest, chunk));
}

static void hear_record(uint32_t round, struct view previous, uint8_t digest[static DIGEST_SIZE])
{
    const struct record record = enclave_result(&enclave, round, previous);
    char suffix[32];

    snprintf(suffix, sizeof suffix, "record/agg/%u", round);
    device_hear(&device, suffix, enclave_record(&enclave, &record, digest));
}

static void the_model_comes_in_chunks_of_any_order_four_at_a_time(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    assert_int_equal((manifest.model_size + DOUBLE_CHUNK - 1) / DOUBLE_CHUNK, 4);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    assert_true(device_listens(&device, "model/agg/0"));
    assert_true(device_listens(&device, "model/agg/3"));
    hear_chunk(&manifest, 3);
    assert_false(device_listens(&device, "model/agg/3"));
    hear_chunk(&manifest, 1);
    hear_chunk(&manifest, 1);
    hear_chunk(&manifest, 0);
    assert_int_equal(device.works, 0);
    hear_chunk(&manifest, 2);
    assert_int_equal(device.works, 1);
    assert_int_equal(device.work.round, 1);
    assert_int_equal(device.work.task, TACIT_TRAIN);
    assert_int_equal(device.work.model_size, enclave.model_len);
    assert_memory_equal(device.work.model, enclave.model, enclave.model_len);
    assert_false(device_listens(&device, "model/agg/2"));
}

static void a_window_moves_over_a_model_of_many_chunks(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    manifest.chunk_size = 300;
    manifest.model_size = 300 * 9;
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    assert_true(device_listens(&device, "model/agg/3"));
    assert_false(device_listens(&device, "model/agg/4"));
    /* All but the first two pieces are empty here, hence never taken. */
    hear_chunk(&manifest, 1);
    assert_false(device_listens(&device, "model/agg/1"));
    assert_true(device_listens(&device, "model/agg/4"));
    assert_false(device_listens(&device, "model/agg/5"));
}

static void chunks_that_were_not_asked_for_are_not_looked_at(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    device_forget(&device);
    device_hear(&device, "model/agg/4", enclave_chunk(&enclave, &manifest, 3));
    device_hear(&device, "model/agg/4095", enclave_chunk(&enclave, &manifest, 3));
    assert_string_equal(device.events, "");
}

static void a_round_of_the_boot_before_is_void(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    assert_true(device_listens(&device, "model/agg/0"));
    enclave_reboot(&enclave, 80);
    device_forget(&device);
    device_enrol(&device, &enclave);
    assert_false(device_listens(&device, "model/agg/0"));
    device_wait(&device, 100);
    assert_false(device_listens(&device, "model/agg/0"));
}

static void a_chunk_of_another_round_is_waited_out(void **state)
{
    const struct manifest old = enclave_plan(&enclave, 1), manifest = enclave_plan(&enclave, 2);
    (void)state;

    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    hear_chunk(&old, 0);
    assert_true(device_listens(&device, "model/agg/0"));
    assert_true(device_told(&device, "ignored model"));
    for (uint32_t i = 0; i < 4; i++)
        hear_chunk(&manifest, i);
    assert_int_equal(device.works, 1);
}

static void every_turned_byte_of_a_chunk_is_noticed(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    uint8_t bytes[1024];
    (void)state;

    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
    device_stop(&device);
    start(NULL);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    for (uint32_t i = 1; i < 4; i++)
        hear_chunk(&manifest, i);
    const struct view chunk = enclave_chunk(&enclave, &manifest, 0);
    for (size_t i = 0; i < chunk.len; i++) {
        memcpy(bytes, chunk.ptr, chunk.len);
        bytes[i] ^= 0x40;
        device_forget(&device);
        device_hear(&device, "model/agg/0", (struct view){bytes, chunk.len});
        assert_int_equal(device.works, 0);
    }
    device_hear(&device, "model/agg/0", chunk);
    assert_int_equal(device.works, 1);
}

static void every_turned_byte_of_a_manifest_is_noticed(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    const struct view message = enclave_manifest(&enclave, &manifest);
    uint8_t bytes[1024];
    (void)state;

    for (size_t i = 0; i < message.len; i++) {
        memcpy(bytes, message.ptr, message.len);
        bytes[i] ^= 0x02;
        device_forget(&device);
        device_hear(&device, "round/agg", (struct view){bytes, message.len});
        assert_false(device_listens(&device, "model/agg/0"));
    }
    device_hear(&device, "round/agg", message);
    assert_true(device_listens(&device, "model/agg/0"));
}

static void rounds_that_are_not_for_this_device_are_not_followed(void **state)
{
    static const uint8_t other[DIGEST_SIZE] = {1};
    (void)state;

    for (int i = 0; i < 5; i++) {
        struct manifest manifest = enclave_plan(&enclave, 1);
        const char *why = "?";

        enclave.signer = &enclave.signing;
        switch (i) {
        case 0:
            why = "of another boot";
            manifest.boot_id = (struct view){other, BOOT_ID_SIZE};
            break;
        case 1:
            why = "under another policy";
            manifest.policy_digest = VIEW_OF(other);
            break;
        case 2:
            why = "a model larger than the device takes";
            manifest.model_size = 200000;
            break;
        case 3:
            why = "nothing to do";
            manifest.task = TASK_NONE;
            break;
        case 4:
            why = "signed by another key";
            enclave.signer = &enclave.owner;
            break;
        }
        print_message("  %s\n", why);
        device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
        assert_false(device_listens(&device, "model/agg/0"));
        assert_true(i != 2 || device_told(&device, "model_refused"));
    }
}

static void an_idle_round_becomes_one_with_a_task(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    manifest.task = TASK_NONE;
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    manifest.task = TASK_TRAIN;
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
    /* And not back. */
    manifest.task = TASK_NONE;
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    device_finish(&device, 0.125f);
    assert_non_null(device_said(&device, "update/agg/dev/1.0"));
}

static void a_model_that_is_not_the_announced_one_is_not_worked_on(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 1);
    static uint8_t other[DIGEST_SIZE];
    (void)state;

    memset(other, 5, sizeof other);
    manifest.base = VIEW_OF(other);
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 0);
    assert_true(device_told(&device, "work_failed round=1: not the model"));
    /* The next round is another matter. */
    manifest = enclave_plan(&enclave, 2);
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
}

static void lost_chunks_are_asked_for_again(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    unsigned int before;
    (void)state;

    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    hear_chunk(&manifest, 0);
    before = device.subscribes;
    device_wait(&device, 5);
    assert_in_range(device.subscribes - before, 3, 9);
}

static void a_new_round_takes_the_place_of_one_that_is_fetched(void **state)
{
    const struct manifest first = enclave_plan(&enclave, 1), second = enclave_plan(&enclave, 2);
    (void)state;

    device_hear(&device, "round/agg", enclave_manifest(&enclave, &first));
    hear_chunk(&first, 0);
    device_fetch(&device, &enclave, &second);
    assert_int_equal(device.works, 1);
    assert_int_equal(device.work.round, 2);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &first));
    assert_true(device_told(&device, "chain round"));
}

static void work_that_cannot_begin_or_fails_ends_the_round_and_no_other(void **state)
{
    (void)state;

    device.train_fails = true;
    const struct manifest first = enclave_plan(&enclave, 1), second = enclave_plan(&enclave, 2);
    device_fetch(&device, &enclave, &first);
    assert_true(device_told(&device, "work_failed"));
    device_wait(&device, 100);
    assert_int_equal(device.works, 0);
    device.train_fails = false;
    device_fetch(&device, &enclave, &second);
    assert_int_equal(device.works, 1);
    tacit_node_failed(device.node, "out of memory", device.now);
    assert_true(device_told(&device, "out of memory"));
    device_wait(&device, 100);
    assert_int_equal(device.count, 0);
}

static void the_chain_of_records_is_followed(void **state)
{
    uint8_t first[DIGEST_SIZE], second[DIGEST_SIZE], third[DIGEST_SIZE];
    (void)state;

    hear_record(4, (struct view){NULL, 0}, first);
    assert_true(device_told(&device, "record round=4 reason=OK counted=1 samples=100 simulated=1 accuracy=0.912000"));
    hear_record(5, VIEW_OF(first), second);
    assert_true(device_told(&device, "record round=5"));
    device_forget(&device);
    hear_record(5, VIEW_OF(first), second);
    assert_string_equal(device.events, "");
    /* Some were missed. */
    hear_record(8, VIEW_OF(second), third);
    assert_true(device_told(&device, "record round=8"));
    device_forget(&device);
    hear_record(4, (struct view){NULL, 0}, first);
    assert_string_equal(device.events, "");
}

static void a_round_behind_another_record_is_not_followed(void **state)
{
    uint8_t first[DIGEST_SIZE], other[DIGEST_SIZE];
    struct manifest manifest = enclave_plan(&enclave, 5);
    (void)state;

    hear_record(4, (struct view){NULL, 0}, first);
    memcpy(other, first, sizeof other);
    other[0] ^= 1;
    for (int i = 0; i < 2; i++) {
        print_message("  %s\n", i == 0 ? "behind another" : "behind none");
        device_forget(&device);
        manifest.previous = i == 0 ? VIEW_OF(other) : (struct view){NULL, 0};
        device_fetch(&device, &enclave, &manifest);
        assert_true(device_told(&device, "chain round"));
        assert_int_equal(device.works, 0);
    }
    /* A round that was announced and never closed is no record: it stops nothing. */
    assert_false(device_told(&device, "fork"));
    manifest.previous = VIEW_OF(first);
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
}

static void a_round_that_goes_back_is_not_followed_even_after_a_restart(void **state)
{
    uint8_t digest[DIGEST_SIZE];
    struct manifest manifest = enclave_plan(&enclave, 3);
    (void)state;

    hear_record(4, (struct view){NULL, 0}, digest);
    device_stop(&device);
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    manifest.previous = VIEW_OF(digest);
    device_fetch(&device, &enclave, &manifest);
    assert_true(device_told(&device, "chain round: the round record goes back"));
    assert_int_equal(device.works, 0);
    manifest.round = 5;
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
}

static void a_record_that_comes_after_the_next_round_must_be_the_one_that_it_names(void **state)
{
    uint8_t first[DIGEST_SIZE], second[DIGEST_SIZE];
    struct manifest manifest = enclave_plan(&enclave, 6);
    (void)state;

    hear_record(4, (struct view){NULL, 0}, first);
    manifest.previous = VIEW_OF(enclave.base);
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.works, 1);
    device_forget(&device);
    hear_record(5, VIEW_OF(first), second);
    assert_true(device_told(&device, "chain record"));
    assert_false(device_told(&device, "record round=5"));
}

static void a_record_that_cannot_be_kept_is_not_believed(void **state)
{
    uint8_t digest[DIGEST_SIZE];
    (void)state;

    device.keep_fails = true;
    hear_record(4, (struct view){NULL, 0}, digest);
    assert_false(device_told(&device, "record round"));
    device.keep_fails = false;
    hear_record(4, (struct view){NULL, 0}, digest);
    assert_true(device_told(&device, "record round=4"));
}

static void every_turned_byte_of_a_record_is_noticed(void **state)
{
    const struct record record = enclave_result(&enclave, 1, (struct view){NULL, 0});
    uint8_t bytes[1024], digest[DIGEST_SIZE];
    const struct view message = enclave_record(&enclave, &record, digest);
    (void)state;

    for (size_t i = 0; i < message.len; i++) {
        memcpy(bytes, message.ptr, message.len);
        bytes[i] ^= 0x80;
        device_forget(&device);
        device_hear(&device, "record/agg/1", (struct view){bytes, message.len});
        assert_false(device_told(&device, "record round"));
    }
    device_forget(&device);
    device_hear(&device, "record/agg/2", message);
    assert_false(device_told(&device, "record round"));
    device_hear(&device, "record/agg/1", message);
    assert_true(device_told(&device, "record round=1"));
}

/* Each order in which a broker may give what it retains. Subscribing again is answered with all of it again. */
static void what_is_retained_may_come_in_any_order(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 2);
    struct manifest chained = manifest;
    uint8_t digest[DIGEST_SIZE];
    struct record record = enclave_result(&enclave, 1, (struct view){NULL, 0});
    (void)state;

    (void)enclave_record(&enclave, &record, digest);
    chained.previous = VIEW_OF(digest);
    for (unsigned int order = 0; order < 24; order++) {
        unsigned int items[4] = {0, 1, 2, 3}, pick = order;

        device_stop(&device);
        memset(&device, 0, sizeof device);
        device_start(&device, &enclave, NULL);
        for (unsigned int i = 0; i < 3; i++, pick /= 5 - i) {
            const unsigned int other = i + pick % (4 - i), swap = items[i];
            items[i] = items[other];
            items[other] = swap;
        }
        for (unsigned int round = 0; round < 2; round++)
            for (unsigned int i = 0; i < 4; i++)
                switch (items[i]) {
                case 0:
                    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
                    break;
                case 1:
                    device_hear(&device, "aggregator/agg/challenge", enclave_challenge(&enclave, device.now + 1000));
                    break;
                case 2:
                    device_hear(&device, "round/agg", enclave_manifest(&enclave, &chained));
                    break;
                case 3:
                    device_hear(&device, "record/agg/1", enclave_record(&enclave, &record, digest));
                    break;
                }
        enclave_take_request(&enclave, device_said(&device, "enrol/agg/dev"));
        device_hear(&device, "credential/dev", enclave_answer(&enclave, STATUS_OK));
        for (uint32_t i = 0; i < 4; i++)
            hear_chunk(&chained, i);
        assert_int_equal(device.works, 1);
        assert_true(device_told(&device, "record round=1"));
        assert_false(device_told(&device, "chain"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_model_comes_in_chunks_of_any_order_four_at_a_time, start, stop),
        cmocka_unit_test_setup_teardown(a_window_moves_over_a_model_of_many_chunks, start, stop),
        cmocka_unit_test_setup_teardown(chunks_that_were_not_asked_for_are_not_looked_at, start, stop),
        cmocka_unit_test_setup_teardown(a_round_of_the_boot_before_is_void, start, stop),
        cmocka_unit_test_setup_teardown(a_chunk_of_another_round_is_waited_out, start, stop),
        cmocka_unit_test_setup_teardown(every_turned_byte_of_a_chunk_is_noticed, start, stop),
        cmocka_unit_test_setup_teardown(every_turned_byte_of_a_manifest_is_noticed, start, stop),
        cmocka_unit_test_setup_teardown(rounds_that_are_not_for_this_device_are_not_followed, start, stop),
        cmocka_unit_test_setup_teardown(an_idle_round_becomes_one_with_a_task, start, stop),
        cmocka_unit_test_setup_teardown(a_model_that_is_not_the_announced_one_is_not_worked_on, start, stop),
        cmocka_unit_test_setup_teardown(lost_chunks_are_asked_for_again, start, stop),
        cmocka_unit_test_setup_teardown(a_new_round_takes_the_place_of_one_that_is_fetched, start, stop),
        cmocka_unit_test_setup_teardown(work_that_cannot_begin_or_fails_ends_the_round_and_no_other, start, stop),
        cmocka_unit_test_setup_teardown(the_chain_of_records_is_followed, start, stop),
        cmocka_unit_test_setup_teardown(a_round_behind_another_record_is_not_followed, start, stop),
        cmocka_unit_test_setup_teardown(a_round_that_goes_back_is_not_followed_even_after_a_restart, start, stop),
        cmocka_unit_test_setup_teardown(a_record_that_comes_after_the_next_round_must_be_the_one_that_it_names, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_record_that_cannot_be_kept_is_not_believed, start, stop),
        cmocka_unit_test_setup_teardown(every_turned_byte_of_a_record_is_noticed, start, stop),
        cmocka_unit_test_setup_teardown(what_is_retained_may_come_in_any_order, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

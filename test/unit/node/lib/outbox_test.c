/* What becomes of the work: the update, its sealing and sending, and what is said of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "enclave_double.h"
#include "need.h"
#include "tensor.h"

static struct enclave_double enclave;
static struct device_double device;
static uint8_t digest[DIGEST_SIZE];
static struct receipt receipt;

static void start_with(const struct tacit_config *changes)
{
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, changes);
    device_enrol(&device, &enclave);
    device_forget(&device);
}

static int start(void **state)
{
    (void)state;
    start_with(NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

/* The host's word: chunks of this transfer, by a bitmap of up to eight. */
static void grant(uint32_t round, struct view transfer, uint8_t bitmap)
{
    uint8_t bytes[64];
    struct buf need_buf = BUF_OF(bytes);
    const struct need need = {round, transfer, {&bitmap, 1}};

    assert_int_equal(need_encode(&need, &need_buf), STATUS_OK);
    device_hear(&device, "need/dev", buf_view(&need_buf));
}

static struct view offered_transfer(uint32_t round)
{
    char suffix[32];
    const struct published *message;
    struct cose_encrypt0 head;

    snprintf(suffix, sizeof suffix, "update/agg/dev/%u.0", round);
    message = device_said(&device, suffix);
    assert_non_null(message);
    assert_int_equal(cose_encrypt0_decode((struct view){message->bytes, message->len}, &head), STATUS_OK);
    return head.chunk.transfer;
}

/* All chunks of the update of a round, as the enclave reads them. */
static struct update sent_update(uint32_t round)
{
    grant(round, offered_transfer(round), 0xff);
    return enclave_open_update(&enclave, &device, round, digest, &receipt);
}

static void hear_receipt(enum status reason)
{
    receipt.reason = reason;
    device_hear(&device, "receipt/dev", enclave_receipt(&enclave, &receipt));
}

static void an_update_is_offered_and_sent_as_it_is_granted(void **state)
{
    struct update update;
    (void)state;

    device_offer(&device, &enclave, 1);
    assert_int_equal(device.count, 1);
    assert_int_equal(device.sealed, 4);
    grant(1, offered_transfer(1), 0x04);
    assert_int_equal(device.count, 2);
    assert_non_null(device_said(&device, "update/agg/dev/1.2"));
    update = sent_update(1);
    assert_int_equal(update.round, 1);
    assert_int_equal(update.task, TASK_TRAIN);
    assert_int_equal(update.samples, 100);
    assert_int_equal(update.tensor_count, 2);
    assert_memory_equal(update.base.ptr, enclave.base, DIGEST_SIZE);
    assert_int_equal(update.metrics.count, 2);
    assert_memory_equal(update.metrics.list[0].name.ptr, "accuracy", 8);
    assert_int_equal(update.metrics.list[0].value, 250000);
    struct reader reader = reader_of(update.tensors);
    const struct tensor first = read_tensor(&reader, 1, 1000), second = read_tensor(&reader, 1, 1000);
    assert_int_equal(reader_end(&reader), STATUS_OK);
    assert_int_equal(first.count, 150);
    assert_int_equal(second.count, 50);
    for (uint64_t i = 0; i < second.count; i++)
        assert_true(tensor_value(&second, i) == 0.125f);
}

static void a_need_for_anything_else_is_not_answered(void **state)
{
    uint8_t transfer[TRANSFER_SIZE];
    (void)state;

    device_offer(&device, &enclave, 1);
    memcpy(transfer, offered_transfer(1).ptr, sizeof transfer);
    grant(2, VIEW_OF(transfer), 0xff);
    transfer[0] ^= 1;
    grant(1, VIEW_OF(transfer), 0xff);
    transfer[0] ^= 1;
    grant(1, VIEW_OF(transfer), 0xf0); /* past the last chunk */
    assert_int_equal(device.count, 1);
    grant(1, VIEW_OF(transfer), 0x02);
    assert_int_equal(device.count, 2);
}

static void a_chunk_that_is_sent_again_is_the_same(void **state)
{
    struct published first;
    (void)state;

    device_offer(&device, &enclave, 1);
    grant(1, offered_transfer(1), 0x02);
    first = *device_said(&device, "update/agg/dev/1.1");
    device_wait(&device, 3);
    grant(1, offered_transfer(1), 0x02);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.1"), 2);
    assert_int_equal(device_said(&device, "update/agg/dev/1.1")->len, first.len);
    assert_memory_equal(device_said(&device, "update/agg/dev/1.1")->bytes, first.bytes, first.len);
}

static void a_need_that_crossed_the_chunks_does_not_have_them_sent_twice(void **state)
{
    (void)state;

    device_offer(&device, &enclave, 1);
    grant(1, offered_transfer(1), 0x06);
    grant(1, offered_transfer(1), 0x0e);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.1"), 1);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.2"), 1);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.3"), 1);
    device_wait(&device, 5); /* as long as the host waits before it asks again for what did not arrive */
    grant(1, offered_transfer(1), 0x0a);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.1"), 2);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.2"), 1);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.3"), 2);
    device.now -= 1000; /* a clock that was set back keeps nothing from being sent */
    grant(1, offered_transfer(1), 0x02);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.1"), 3);
}

static void sending_waits_for_room(void **state)
{
    (void)state;

    device_offer(&device, &enclave, 1);
    device.room = 1;
    grant(1, offered_transfer(1), 0x0f);
    assert_int_equal(device.count, 2);
    device.room = 2;
    tacit_node_writable(device.node, device.now);
    assert_int_equal(device.count, 4);
    device.room = 10;
    device_wait(&device, 1);
    assert_int_equal(device.count, 5);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.3"), 1);
}

static void an_offer_that_nobody_hears_is_repeated_with_growing_waits(void **state)
{
    unsigned int first;
    (void)state;

    device_offer(&device, &enclave, 1);
    device_wait(&device, 60);
    first = device_said_count(&device, "update/agg/dev/1.0");
    assert_in_range(first, 4, 12);
    device_wait(&device, 240);
    assert_in_range(device_said_count(&device, "update/agg/dev/1.0") - first, 3, 9);
    assert_null(device_said(&device, "update/agg/dev/1.1"));
    tacit_node_disconnected(device.node, device.now);
    device_forget(&device);
    device_wait(&device, 100);
    assert_int_equal(device.count, 0);
    tacit_node_connected(device.node, device.now);
    assert_int_equal(device.count, 1);
}

static void a_counted_update_is_not_sent_again(void **state)
{
    (void)state;

    device_offer(&device, &enclave, 1);
    (void)sent_update(1);
    hear_receipt(STATUS_OK);
    assert_true(device_told(&device, "counted round=1"));
    device_forget(&device);
    device_wait(&device, 200);
    assert_int_equal(device.count, 0);
    hear_receipt(STATUS_OK);
    assert_false(device_told(&device, "counted"));
}

static void every_turned_byte_of_a_receipt_is_noticed(void **state)
{
    uint8_t bytes[512];
    struct view message;
    (void)state;

    device_offer(&device, &enclave, 1);
    (void)sent_update(1);
    message = enclave_receipt(&enclave, &receipt);
    for (size_t i = 0; i < message.len; i++) {
        memcpy(bytes, message.ptr, message.len);
        bytes[i] ^= 0x01;
        device_forget(&device);
        device_hear(&device, "receipt/dev", (struct view){bytes, message.len});
        assert_false(device_told(&device, "counted"));
    }
    device_hear(&device, "receipt/dev", message);
    assert_true(device_told(&device, "counted"));
}

static void a_receipt_for_another_update_is_not_believed(void **state)
{
    static uint8_t other[DIGEST_SIZE];
    struct receipt good;
    (void)state;

    device_offer(&device, &enclave, 1);
    (void)sent_update(1);
    good = receipt;
    for (int i = 0; i < 3; i++) {
        const char *why = "?";

        receipt = good;
        switch (i) {
        case 0:
            why = "of another round";
            receipt.round = 2;
            break;
        case 1:
            why = "of another transfer";
            receipt.transfer = (struct view){other, TRANSFER_SIZE};
            break;
        case 2:
            why = "of other bytes";
            receipt.update_digest = VIEW_OF(other);
            break;
        }
        print_message("  %s\n", why);
        hear_receipt(STATUS_OK);
        assert_false(device_told(&device, "counted"));
    }
    receipt = good;
    hear_receipt(STATUS_OK);
    assert_true(device_told(&device, "counted"));
}

static void a_damaged_update_is_sealed_anew_but_not_for_ever(void **state)
{
    uint8_t last[TRANSFER_SIZE] = {0};
    (void)state;

    device_offer(&device, &enclave, 1);
    for (int i = 0; i < 4; i++) {
        (void)sent_update(1);
        assert_memory_not_equal(offered_transfer(1).ptr, last, sizeof last);
        memcpy(last, offered_transfer(1).ptr, sizeof last);
        device_forget(&device);
        hear_receipt(STATUS_FORGED);
        assert_true(device_told(&device, "not_counted"));
    }
    assert_int_equal(device.count, 0);
    device_wait(&device, 200);
    assert_int_equal(device.count, 0);
}

static void a_device_whose_credential_is_refused_enrols_again_and_seals_again(void **state)
{
    (void)state;

    device_offer(&device, &enclave, 1);
    (void)sent_update(1);
    device_forget(&device);
    hear_receipt(STATUS_CREDENTIAL_EXPIRED);
    assert_non_null(device_said(&device, "enrol/agg/dev"));
    memset(enclave.cti, 0x99, sizeof enclave.cti);
    memset(enclave.update_key, 0x98, sizeof enclave.update_key);
    device_enrol(&device, &enclave);
    (void)sent_update(1);
    hear_receipt(STATUS_OK);
    assert_true(device_told(&device, "counted round=1"));
    assert_int_equal(device.works, 1);
}

static void an_update_that_is_too_late_or_worthless_ends_the_round(void **state)
{
    static const enum status reasons[] = {STATUS_WRONG_ROUND, STATUS_COHORT_FULL, STATUS_WRONG_SHAPE,
                                          STATUS_NOT_FINITE};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        const bool worthless = reasons[i] == STATUS_WRONG_SHAPE || reasons[i] == STATUS_NOT_FINITE;

        device_stop(&device);
        start(NULL);
        device_offer(&device, &enclave, 1);
        (void)sent_update(1);
        hear_receipt(reasons[i]);
        device_forget(&device);
        device_wait(&device, 200);
        assert_int_equal(device.count, 0);
        /* The same work is asked for once more: it need not be done again, unless it was worthless. */
        const struct manifest manifest = enclave_plan(&enclave, 2);
        device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
        assert_int_equal(device_listens(&device, "model/agg/0"), worthless);
        assert_int_equal(device_said(&device, "update/agg/dev/2.0") != NULL, !worthless);
    }
}

static void another_boot_gets_the_same_update_sealed_anew(void **state)
{
    uint8_t tensors[2048];
    struct update update;
    (void)state;

    device_offer(&device, &enclave, 7);
    update = sent_update(7);
    memcpy(tensors, update.tensors.ptr, update.tensors.len);
    hear_receipt(STATUS_OK);
    enclave_reboot(&enclave, 60);
    device_forget(&device);
    device_enrol(&device, &enclave);
    const struct manifest manifest = enclave_plan(&enclave, 8);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    assert_false(device_listens(&device, "model/agg/0"));
    update = sent_update(8);
    assert_int_equal(update.round, 8);
    assert_memory_equal(update.boot_id.ptr, enclave.boot_id, BOOT_ID_SIZE);
    assert_memory_equal(update.tensors.ptr, tensors, update.tensors.len);
    hear_receipt(STATUS_OK);
    assert_true(device_told(&device, "counted round=8"));
    assert_int_equal(device.works, 1);
}

static void work_that_outlives_a_boot_is_not_lost(void **state)
{
    const struct manifest first = enclave_plan(&enclave, 1);
    (void)state;

    device_fetch(&device, &enclave, &first);
    enclave_reboot(&enclave, 70);
    device_forget(&device);
    device_enrol(&device, &enclave);
    device_finish(&device, 0.125f);
    const struct manifest second = enclave_plan(&enclave, 1);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &second));
    assert_memory_equal(sent_update(1).boot_id.ptr, enclave.boot_id, BOOT_ID_SIZE);
}

static void a_restarted_device_sends_what_it_kept(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    device_offer(&device, &enclave, 1);
    device_stop(&device);
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    assert_int_equal(sent_update(1).samples, 100);
    assert_int_equal(device.works, 1);
}

/* Its first bytes may be counted already: a receipt, and a proof, are about them. */
static void a_restarted_device_sends_the_very_bytes_again_in_the_same_round(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    uint8_t first[2048];
    struct buf kept = BUF_OF(first);
    const struct published *message;
    (void)state;

    device_offer(&device, &enclave, 1);
    message = device_said(&device, "update/agg/dev/1.0");
    assert_int_equal(buf_append(&kept, (struct view){message->bytes, message->len}), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        device_stop(&device);
        device_start(&device, &enclave, NULL);
        device_enrol(&device, &enclave);
        device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
        message = device_said(&device, "update/agg/dev/1.0");
        assert_int_equal(message->len, kept.len);
        assert_memory_equal(message->bytes, first, kept.len);
        device_forget(&device);
    }
}

static size_t kept_size(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(device.kept); i++)
        if (strcmp(device.kept[i].key, key) == 0)
            return device.kept[i].size;
    return 0;
}

/* The update, and the key that it was sealed with. */
static size_t outbox_size(void)
{
    return kept_size("outbox") + kept_size("sealed");
}

static void a_released_round_is_forgotten(void **state)
{
    struct record record;
    uint8_t ignored[DIGEST_SIZE];
    (void)state;

    device_offer(&device, &enclave, 1);
    assert_true(outbox_size() > 0);
    record = enclave_result(&enclave, 1, (struct view){NULL, 0});
    device_hear(&device, "record/agg/1", enclave_record(&enclave, &record, ignored));
    assert_true(device_told(&device, "record round=1 reason=OK"));
    assert_int_equal(outbox_size(), 0);
    device_forget(&device);
    device_wait(&device, 100);
    assert_int_equal(device.count, 0);
}

static void a_round_without_a_cohort_is_answered_again_with_the_same_work(void **state)
{
    struct record record;
    uint8_t first[DIGEST_SIZE];
    struct manifest manifest;
    (void)state;

    device_offer(&device, &enclave, 1);
    record = enclave_result(&enclave, 1, (struct view){NULL, 0});
    record.reason = STATUS_COHORT_TOO_SMALL;
    record.model = record.base;
    device_hear(&device, "record/agg/1", enclave_record(&enclave, &record, first));
    assert_true(device_told(&device, "record round=1 reason=COHORT_TOO_SMALL"));
    manifest = enclave_plan(&enclave, 2);
    manifest.previous = VIEW_OF(first);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest));
    assert_int_equal(sent_update(2).round, 2);
    assert_int_equal(device.works, 1);
}

/* A result whose model is the base with this value at the first place. */
static void finish_with(float value)
{
    uint8_t model[2048];
    uint32_t bits;
    const struct tacit_result result = {.model = model, .model_size = enclave.model_len, .samples = 5000};

    memcpy(model, enclave.model, enclave.model_len);
    memcpy(&bits, &value, sizeof bits);
    for (size_t i = 0; i + 4 <= enclave.model_len; i++)
        if (read_le32(model + i) == 0x3f000000u) {
            write_le32(model + i, bits);
            break;
        }
    tacit_node_trained(device.node, &result, device.now);
}

static void values_that_the_sum_does_not_take_are_not_sent(void **state)
{
    static const struct {
        const char *why;
        float value;
        bool sent;
    } cases[] = {
        {"the largest", 0.5f + 15.999f, true}, {"too large", 0.5f + 16, false}, {"too small", 0.5f - 16, false},
        {"not a number", NAN, false},          {"infinite", INFINITY, false},   {"far too large", 3e38f, false},
    };
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        device_stop(&device);
        start(NULL);
        device_fetch(&device, &enclave, &manifest);
        finish_with(cases[i].value);
        assert_int_equal(device_said(&device, "update/agg/dev/1.0") != NULL, cases[i].sent);
        assert_int_equal(device_told(&device, "work_failed"), !cases[i].sent);
        if (cases[i].sent)
            assert_int_equal(sent_update(1).samples, 1000); /* the most that counts */
    }
}

static void results_that_make_no_sense_are_not_sent(void **state)
{
    static const char long_name[] = "a_name_of_a_metric_that_is_longer_than_any_may_be";
    uint8_t model[2048];
    const struct tacit_result good = {.model = model, .model_size = enclave.model_len, .samples = 1};
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    for (int i = 0; i < 11; i++) {
        struct tacit_result result = good;
        const char *why = "?";

        device_stop(&device);
        start(NULL);
        device_fetch(&device, &enclave, &manifest);
        memcpy(model, enclave.model, enclave.model_len);
        result.metric_count = 1;
        result.metrics[0] = (struct tacit_metric){"loss", 0.5, 1};
        switch (i) {
        case 0:
            why = "no model";
            result.model = NULL;
            break;
        case 1:
            why = "a piece of a model";
            result.model_size--;
            break;
        case 2:
            why = "another tensor";
            *(uint8_t *)memchr(model, 'b', enclave.model_len) = 'c';
            break;
        case 3:
            why = "no samples";
            result.samples = 0;
            break;
        case 4:
            why = "too many metrics";
            result.metric_count = TACIT_MAX_METRICS + 1;
            break;
        case 5:
            why = "a metric twice";
            result.metrics[result.metric_count++] = result.metrics[0];
            break;
        case 6:
            why = "a metric that is not a number";
            result.metrics[0].value = NAN;
            break;
        case 7:
            why = "a metric that is too large";
            result.metrics[0].value = 2148;
            break;
        case 8:
            why = "a metric of nothing";
            result.metrics[0].weight = 0;
            break;
        case 9:
            why = "a name with a capital letter";
            result.metrics[0].name = "Loss";
            break;
        case 10:
            why = "a name that is too long";
            result.metrics[0].name = long_name;
            break;
        }
        print_message("  %s\n", why);
        tacit_node_trained(device.node, &result, device.now);
        assert_null(device_said(&device, "update/agg/dev/1.0"));
        assert_true(device_told(&device, "work_failed"));
    }
}

static void halves_take_half_the_room(void **state)
{
    struct update update;
    size_t whole;
    (void)state;

    device_offer(&device, &enclave, 1);
    whole = sent_update(1).tensors.len;
    device_stop(&device);
    start_with(&(struct tacit_config){.max_parameters = 4096, .half = true});
    device_offer(&device, &enclave, 1);
    update = sent_update(1);
    assert_in_range(whole - update.tensors.len, 2 * DOUBLE_MODEL, 2 * DOUBLE_MODEL + 2);
    struct reader reader = reader_of(update.tensors);
    const struct tensor tensor = read_tensor(&reader, 1, 1000);
    assert_int_equal(tensor.type, TENSOR_F16);
    assert_true(tensor_value(&tensor, 149) == 0.125f);
}

static void a_half_that_rounds_up_to_the_limit_is_not_sent(void **state)
{
    const struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    device_stop(&device);
    start_with(&(struct tacit_config){.max_parameters = 4096, .half = true});
    device_fetch(&device, &enclave, &manifest);
    finish_with(0.5f + 15.999f);
    assert_true(device_told(&device, "work_failed"));
}

static void an_evaluation_carries_numbers_and_no_weights(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 1);
    const struct tacit_result result = {.samples = 7, .metric_count = 1, .metrics = {{"accuracy", 0.5, 7}}};
    struct update update;
    (void)state;

    manifest.task = TASK_EVALUATE;
    device_fetch(&device, &enclave, &manifest);
    assert_int_equal(device.work.task, TACIT_EVALUATE);
    tacit_node_trained(device.node, &result, device.now);
    update = enclave_open_update(&enclave, &device, 1, digest, &receipt);
    assert_int_equal(update.task, TASK_EVALUATE);
    assert_int_equal(update.tensor_count, 0);
    assert_int_equal(update.metrics.list[0].value, 500000);
}

static void keys_are_shown_only_where_all_is_simulated(void **state)
{
    struct manifest manifest = enclave_plan(&enclave, 1);
    (void)state;

    manifest.simulated = false;
    device_fetch(&device, &enclave, &manifest);
    device_finish(&device, 0.125f);
    assert_non_null(device_said(&device, "update/agg/dev/1.0"));
    assert_int_equal(device.sealed, 0);
}

static void a_stopped_node_leaves_no_secret(void **state)
{
    size_t size;
    const struct tacit_config config = {"fed", "agg", "dev", enclave.owner.point, 4096, 0, false, 0};
    (void)state;

    device_offer(&device, &enclave, 1);
    size = tacit_node_memory(&config);
    tacit_node_stop(device.node);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(((const uint8_t *)device.memory)[i], 0);
    device.node = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_update_is_offered_and_sent_as_it_is_granted),
        TEST(a_need_for_anything_else_is_not_answered),
        TEST(a_chunk_that_is_sent_again_is_the_same),
        TEST(a_need_that_crossed_the_chunks_does_not_have_them_sent_twice),
        TEST(sending_waits_for_room),
        TEST(an_offer_that_nobody_hears_is_repeated_with_growing_waits),
        TEST(a_counted_update_is_not_sent_again),
        TEST(every_turned_byte_of_a_receipt_is_noticed),
        TEST(a_receipt_for_another_update_is_not_believed),
        TEST(a_damaged_update_is_sealed_anew_but_not_for_ever),
        TEST(a_device_whose_credential_is_refused_enrols_again_and_seals_again),
        TEST(an_update_that_is_too_late_or_worthless_ends_the_round),
        TEST(another_boot_gets_the_same_update_sealed_anew),
        TEST(work_that_outlives_a_boot_is_not_lost),
        TEST(a_restarted_device_sends_what_it_kept),
        TEST(a_restarted_device_sends_the_very_bytes_again_in_the_same_round),
        TEST(a_released_round_is_forgotten),
        TEST(a_round_without_a_cohort_is_answered_again_with_the_same_work),
        TEST(values_that_the_sum_does_not_take_are_not_sent),
        TEST(results_that_make_no_sense_are_not_sent),
        TEST(halves_take_half_the_room),
        TEST(a_half_that_rounds_up_to_the_limit_is_not_sent),
        TEST(an_evaluation_carries_numbers_and_no_weights),
        TEST(keys_are_shown_only_where_all_is_simulated),
        TEST(a_stopped_node_leaves_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

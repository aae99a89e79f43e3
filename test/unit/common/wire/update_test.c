#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "message.h"
#include "update.h"

MESSAGE_CODEC(update)
MESSAGE_CODEC(update_sender)

static const struct message_kind update_kind = MESSAGE_KIND(update, "update", 0);
static const struct message_kind evaluate_kind = MESSAGE_KIND(update, "update_evaluate", 0);
static const struct message_kind sender_kind = MESSAGE_KIND(update_sender, "update_sender", 0);

static void assert_same_metrics(const struct metrics *got, const struct metrics *want)
{
    assert_int_equal(got->count, want->count);
    for (uint32_t i = 0; i < want->count; i++) {
        assert_true(view_equal(got->list[i].name, want->list[i].name));
        assert_int_equal(got->list[i].value, want->list[i].value);
        assert_int_equal(got->list[i].weight, want->list[i].weight);
    }
}

/* 1.0 and -2.0 as float32, 1.0 as float16. */
static const uint8_t tensors[] = {0xd8, 0x55, 0x48, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0xd8, 0x54, 0x42, 0, 0x3c};

static void writes_and_reads_the_golden_training(void **state)
{
    const struct update want = {
        .round = 12,
        .base = message_filled(0xd1, DIGEST_SIZE),
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .task = TASK_TRAIN,
        .samples = 600,
        .tensor_count = 2,
        .tensors = VIEW_OF(tensors),
        .metrics = {2, {{VIEW_TEXT("accuracy"), 912500, 600}, {VIEW_TEXT("loss"), -250000, 600}}},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct update got;

    (void)state;
    message_check_golden(&update_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.base, want.base));
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_int_equal(got.task, want.task);
    assert_int_equal(got.samples, want.samples);
    assert_int_equal(got.tensor_count, want.tensor_count);
    assert_true(view_equal(got.tensors, want.tensors));
    assert_same_metrics(&got.metrics, &want.metrics);
}

static void writes_and_reads_the_golden_evaluation(void **state)
{
    const struct update want = {
        .round = 13,
        .base = message_filled(0xd3, DIGEST_SIZE),
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .task = TASK_EVALUATE,
        .samples = 600,
        .tensor_count = 0,
        .metrics = {1, {{VIEW_TEXT("accuracy"), 912500, 600}}},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct update got;

    (void)state;
    message_check_golden(&evaluate_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.base, want.base));
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_int_equal(got.task, want.task);
    assert_int_equal(got.samples, want.samples);
    assert_int_equal(got.tensor_count, want.tensor_count);
    assert_same_metrics(&got.metrics, &want.metrics);
}

static void writes_and_reads_the_golden_sender(void **state)
{
    const struct update_sender want = {
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .role = ROLE_DEVICE,
        .expires = 1700086400,
        .identity = message_filled(0x1d, DIGEST_SIZE),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct update_sender got;

    (void)state;
    message_check_golden(&sender_kind, &want, &got, &memory);
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_int_equal(got.role, want.role);
    assert_int_equal(got.expires, want.expires);
    assert_true(view_equal(got.identity, want.identity));
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"round negative", {{1, "20", 0}}, STATUS_MALFORMED},
        {"base a byte short", {{2, "", 31}}, STATUS_OUT_OF_RANGE},
        {"base a byte long", {{2, "", 33}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte short", {{3, "", 15}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte long", {{3, "", 17}}, STATUS_OUT_OF_RANGE},
        {"task 0", {{4, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"task 3", {{4, "03", 0}}, STATUS_OUT_OF_RANGE},
        {"no samples, for who counts to refuse", {{5, "00", 0}}, STATUS_OK},
        {"most samples", {{5, "1b ff ff ff ff ff ff ff ff", 0}}, STATUS_OK},
    };

    (void)state;
    message_check_cases(&update_kind, cases, ARRAY_LEN(cases));
}

static void refuses_metrics_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"no metrics", {{7, "80", 0}}, STATUS_OK},
        {"most metrics",
         {{7,
           "90 83 61 61 00 01 83 61 62 00 01 83 61 63 00 01 83 61 64 00 01 83 61 65 00 01 83 61 66 00 01 83 61 67 00 "
           "01 83 61 68 00 01 83 61 69 00 01 83 61 6a 00 01 83 61 6b 00 01 83 61 6c 00 01 83 61 6d 00 01 83 61 6e 00 "
           "01 83 61 6f 00 01 83 61 70 00 01",
           0}},
         STATUS_OK},
        {"too many metrics",
         {{7,
           "91 83 61 61 00 01 83 61 62 00 01 83 61 63 00 01 83 61 64 00 01 83 61 65 00 01 83 61 66 00 01 83 61 67 00 "
           "01 83 61 68 00 01 83 61 69 00 01 83 61 6a 00 01 83 61 6b 00 01 83 61 6c 00 01 83 61 6d 00 01 83 61 6e 00 "
           "01 83 61 6f 00 01 83 61 70 00 01 83 61 71 00 01",
           0}},
         STATUS_OUT_OF_RANGE},
        {"longest name",
         {{7, "81 83 78 20 6161616161616161616161616161616161616161616161616161616161616161 00 01", 0}},
         STATUS_OK},
        {"name past its limit",
         {{7, "81 83 78 21 616161616161616161616161616161616161616161616161616161616161616161 00 01", 0}},
         STATUS_OUT_OF_RANGE},
        {"name is empty", {{7, "81 83 60 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"every kind of character", {{7, "81 83 66 61 7a 30 39 5f 5f 00 01", 0}}, STATUS_OK},
        {"capital letter", {{7, "81 83 61 41 00 01", 0}}, STATUS_MALFORMED},
        {"hyphen", {{7, "81 83 61 2d 00 01", 0}}, STATUS_MALFORMED},
        {"name of bytes", {{7, "81 83 41 61 00 01", 0}}, STATUS_MALFORMED},
        {"a name twice", {{7, "82 83 61 61 00 01 83 61 61 00 01", 0}}, STATUS_UNORDERED},
        {"names descend", {{7, "82 83 61 62 00 01 83 61 61 00 01", 0}}, STATUS_UNORDERED},
        {"a beginning of the name before", {{7, "82 83 62 61 61 00 01 83 61 61 00 01", 0}}, STATUS_UNORDERED},
        {"longer but smaller name first", {{7, "82 83 62 61 62 00 01 83 61 62 00 01", 0}}, STATUS_OK},
        {"the longer of two that begin alike last", {{7, "82 83 61 61 00 01 83 62 61 61 00 01", 0}}, STATUS_OK},
        {"largest value", {{7, "81 83 61 61 1a 7f ff ff ff 01", 0}}, STATUS_OK},
        {"value past its limit", {{7, "81 83 61 61 1a 80 00 00 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"smallest value", {{7, "81 83 61 61 3a 7f ff ff fe 01", 0}}, STATUS_OK},
        {"value below its limit", {{7, "81 83 61 61 3a 7f ff ff ff 01", 0}}, STATUS_OUT_OF_RANGE},
        {"value a float", {{7, "81 83 61 61 f9 00 00 01", 0}}, STATUS_MALFORMED},
        {"weight 0", {{7, "81 83 61 61 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest weight", {{7, "81 83 61 61 00 1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OK},
        {"weight past its limit", {{7, "81 83 61 61 00 1b 00 00 00 01 00 00 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"metric of two items", {{7, "81 82 61 61 00", 0}}, STATUS_OUT_OF_RANGE},
        {"metric of four items", {{7, "81 84 61 61 00 01 00", 0}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&update_kind, cases, ARRAY_LEN(cases));
}

static void refuses_tensors_past_their_bounds(void **state)
{
    static const struct message_case cases[] = {
        {"no tensors", {{6, "80", 0}}, STATUS_OUT_OF_RANGE},
        {"most tensors",
         {{6,
           "99 01 00 d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c ",
           0}},
         STATUS_OK},
        {"too many tensors",
         {{6,
           "99 01 01 d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 "
           "42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c d8 54 42 00 3c ",
           0}},
         STATUS_OUT_OF_RANGE},
        {"without a tag", {{6, "81 42 00 3c", 0}}, STATUS_MALFORMED},
        {"another tag", {{6, "81 d8 53 42 00 3c", 0}}, STATUS_MALFORMED},
        {"two tags", {{6, "81 d8 55 d8 55 44 00 00 00 00", 0}}, STATUS_MALFORMED},
        {"a tag of an array", {{6, "81 d8 55 81 00", 0}}, STATUS_MALFORMED},
        {"a tag of a text", {{6, "81 d8 55 64 61 61 61 61", 0}}, STATUS_MALFORMED},
        {"no elements", {{6, "81 d8 55 40", 0}}, STATUS_OUT_OF_RANGE},
        {"a part of a float32", {{6, "81 d8 55 43 00 00 00", 0}}, STATUS_MALFORMED},
        {"a part of a float16", {{6, "81 d8 54 43 00 00 00", 0}}, STATUS_MALFORMED},
        {"a tag of nothing", {{6, "81 d8 55", 0}, {7, NULL, 0}}, STATUS_TRUNCATED},
        {"NaN, for who adds to refuse", {{6, "81 d8 54 42 00 7e", 0}}, STATUS_OK},
        {"a longer head", {{6, "81 d8 54 58 02 00 3c", 0}}, STATUS_NOT_SHORTEST},
        {"indefinite length", {{6, "81 d8 54 5f 42 00 3c ff", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&update_kind, cases, ARRAY_LEN(cases));
}

static void has_tensors_exactly_when_it_trains(void **state)
{
    static const struct message_case update_cases[] = {
        {"tensors of an evaluation", {{4, "02", 0}}, STATUS_MALFORMED},
        {"an evaluation", {{4, "02", 0}, {6, NULL, 0}}, STATUS_OK},
    };
    static const struct message_case evaluate_cases[] = {
        {"training without tensors", {{4, "01", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&update_kind, update_cases, ARRAY_LEN(update_cases));
    message_check_cases(&evaluate_kind, evaluate_cases, ARRAY_LEN(evaluate_cases));
}

#define BOOT     " 00000000000000000000000000000000 "
#define IDENTITY " 58 20" BOOT BOOT

static void refuses_a_sender_past_its_limits(void **state)
{
    static const struct {
        const char *why, *hex;
        enum status want;
    } cases[] = {
        {"server, latest time", "84 50" BOOT "03 1a f4865700" IDENTITY, STATUS_OK},
        {"boot id a byte short", "84 4f 000000000000000000000000000000 01 00" IDENTITY, STATUS_OUT_OF_RANGE},
        {"boot id a byte long", "84 51 00" BOOT "01 00" IDENTITY, STATUS_OUT_OF_RANGE},
        {"boot id of text", "84 70 61616161616161616161616161616161 01 00" IDENTITY, STATUS_MALFORMED},
        {"role 0", "84 50" BOOT "00 00" IDENTITY, STATUS_OUT_OF_RANGE},
        {"role 4", "84 50" BOOT "04 00" IDENTITY, STATUS_OUT_OF_RANGE},
        {"role negative", "84 50" BOOT "20 00" IDENTITY, STATUS_MALFORMED},
        {"time past its limit", "84 50" BOOT "01 1a f4865701" IDENTITY, STATUS_OUT_OF_RANGE},
        {"time of a longer head", "84 50" BOOT "01 18 00" IDENTITY, STATUS_NOT_SHORTEST},
        {"identity a byte short", "84 50" BOOT "01 00 58 1f 000000000000000000000000000000" BOOT, STATUS_OUT_OF_RANGE},
        {"identity a byte long", "84 50" BOOT "01 00 58 21 00" BOOT BOOT, STATUS_OUT_OF_RANGE},
        {"three items, as before there were identities", "83 50" BOOT "01 00", STATUS_OUT_OF_RANGE},
        {"five items", "85 50" BOOT "01 00" IDENTITY "00", STATUS_OUT_OF_RANGE},
        {"indefinite length", "9f 50" BOOT "01 00" IDENTITY "ff", STATUS_MALFORMED},
        {"a map", "a1 01 00", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[128];
        struct buf memory = BUF_OF(bytes);
        struct update_sender out = {.expires = 7};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(update_sender_decode(hex_view(cases[i].hex, &memory), &out), cases[i].want);
        assert_int_equal(out.expires, cases[i].want == STATUS_OK ? TIME_MAX : 7);
    }
}

/* Nothing that decodes is longer than its encoded_max: here with every head at its longest. */
static void the_largest_encoding_is_not_passed(void **state)
{
    static const char names[METRICS_MAX][METRIC_NAME_MAX + 1] = {
        "a00000000000000000000000000000_a", "a00000000000000000000000000000_b", "a00000000000000000000000000000_c",
        "a00000000000000000000000000000_d", "a00000000000000000000000000000_e", "a00000000000000000000000000000_f",
        "a00000000000000000000000000000_g", "a00000000000000000000000000000_h", "a00000000000000000000000000000_i",
        "a00000000000000000000000000000_j", "a00000000000000000000000000000_k", "a00000000000000000000000000000_l",
        "a00000000000000000000000000000_m", "a00000000000000000000000000000_n", "a00000000000000000000000000000_o",
        "a00000000000000000000000000000_p"};
    static uint8_t encoded[8192], deltas[4096];
    struct buf out = BUF_OF(encoded), list = BUF_OF(deltas);
    struct writer writer = writer_to(&list);
    struct update update = {.round = ROUND_MAX, .task = TASK_TRAIN, .samples = UINT64_MAX, .tensor_count = 256};

    (void)state;
    for (uint32_t i = 0; i < update.tensor_count; i++) {
        write_tag(&writer, 85);
        write_bytes(&writer, message_filled(0, 4));
    }
    assert_int_equal(writer_end(&writer), STATUS_OK);
    update.tensors = buf_view(&list);
    update.base = message_filled(0, DIGEST_SIZE);
    update.boot_id = message_filled(0, BOOT_ID_SIZE);
    update.metrics.count = METRICS_MAX;
    for (uint32_t i = 0; i < METRICS_MAX; i++)
        update.metrics.list[i] = (struct metric){view_of_string(names[i]), 1 - METRIC_LIMIT, WEIGHT_LIMIT};
    assert_int_equal(update_encode(&update, &out), STATUS_OK);
    assert_in_range(out.len, 1, update_encoded_max(256, 256));
    assert_in_range(update_encoded_max((uint64_t)1 << 28, 256), (size_t)1 << 30, ((size_t)1 << 30) + 8192);
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&update_kind);
    message_check_damage(&evaluate_kind);
    message_check_damage(&sender_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&update_kind);
    message_check_fields(&evaluate_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_golden_training),
        cmocka_unit_test(writes_and_reads_the_golden_evaluation),
        cmocka_unit_test(writes_and_reads_the_golden_sender),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_metrics_past_their_limits),
        cmocka_unit_test(refuses_tensors_past_their_bounds),
        cmocka_unit_test(has_tensors_exactly_when_it_trains),
        cmocka_unit_test(refuses_a_sender_past_its_limits),
        cmocka_unit_test(the_largest_encoding_is_not_passed),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "manifest.h"
#include "message.h"

MESSAGE_CODEC(manifest)

static const struct message_kind manifest_kind = MESSAGE_KIND(manifest, "manifest", 0);
static const struct message_kind idle_kind = MESSAGE_KIND(manifest, "manifest_idle", 0);

static void writes_and_reads_its_golden_vector(void **state)
{
    const struct manifest want = {
        .round = 12,
        .task = TASK_TRAIN,
        .base = message_filled(0xd1, DIGEST_SIZE),
        .model_size = 407080,
        .chunk_size = 261120,
        .target = 30,
        .minimum = 10,
        .deadline = 1700000600,
        .max_samples = 10000,
        .fraction_bits = 24,
        .alg_count = 2,
        .algs = {24, 3},
        .previous = message_filled(0xd2, DIGEST_SIZE),
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .simulated = true,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct manifest got;

    (void)state;
    message_check_golden(&manifest_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_int_equal(got.task, want.task);
    assert_true(view_equal(got.base, want.base));
    assert_int_equal(got.model_size, want.model_size);
    assert_int_equal(got.chunk_size, want.chunk_size);
    assert_int_equal(got.target, want.target);
    assert_int_equal(got.minimum, want.minimum);
    assert_int_equal(got.deadline, want.deadline);
    assert_int_equal(got.max_samples, want.max_samples);
    assert_int_equal(got.fraction_bits, want.fraction_bits);
    assert_int_equal(got.alg_count, want.alg_count);
    for (uint32_t i = 0; i < want.alg_count; i++)
        assert_int_equal(got.algs[i], want.algs[i]);
    assert_true(view_equal(got.previous, want.previous));
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_true(view_equal(got.policy_digest, want.policy_digest));
    assert_int_equal(got.simulated, want.simulated);
}

static void writes_and_reads_the_smallest_golden_vector(void **state)
{
    const struct manifest want = {
        .round = 1,
        .task = TASK_NONE,
        .base = message_filled(0xd1, DIGEST_SIZE),
        .model_size = 1,
        .chunk_size = 256,
        .target = 1,
        .minimum = 1,
        .deadline = 0,
        .max_samples = 1,
        .fraction_bits = 16,
        .alg_count = 1,
        .algs = {31},
        .previous = {0},
        .boot_id = message_filled(0xb0, BOOT_ID_SIZE),
        .policy_digest = message_filled(0xd0, DIGEST_SIZE),
        .simulated = false,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct manifest got;

    (void)state;
    message_check_golden(&idle_kind, &want, &got, &memory);
    assert_int_equal(got.round, want.round);
    assert_int_equal(got.task, want.task);
    assert_true(view_equal(got.base, want.base));
    assert_int_equal(got.model_size, want.model_size);
    assert_int_equal(got.chunk_size, want.chunk_size);
    assert_int_equal(got.target, want.target);
    assert_int_equal(got.minimum, want.minimum);
    assert_int_equal(got.deadline, want.deadline);
    assert_int_equal(got.max_samples, want.max_samples);
    assert_int_equal(got.fraction_bits, want.fraction_bits);
    assert_int_equal(got.alg_count, want.alg_count);
    for (uint32_t i = 0; i < want.alg_count; i++)
        assert_int_equal(got.algs[i], want.algs[i]);
    assert_true(view_equal(got.previous, want.previous));
    assert_true(view_equal(got.boot_id, want.boot_id));
    assert_true(view_equal(got.policy_digest, want.policy_digest));
    assert_int_equal(got.simulated, want.simulated);
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case cases[] = {
        {"round 0", {{1, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest round", {{1, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{1, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"round negative", {{1, "20", 0}}, STATUS_MALFORMED},
        {"to evaluate", {{2, "02", 0}}, STATUS_OK},
        {"task 3", {{2, "03", 0}}, STATUS_OUT_OF_RANGE},
        {"base a byte short", {{3, "", 31}}, STATUS_OUT_OF_RANGE},
        {"base a byte long", {{3, "", 33}}, STATUS_OUT_OF_RANGE},
        {"model of no bytes", {{4, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"chunk of 255 bytes", {{5, "18 ff", 0}, {4, "01", 0}}, STATUS_OUT_OF_RANGE},
        {"chunk of 256 bytes", {{5, "19 01 00", 0}}, STATUS_OK},
        {"largest chunk", {{5, "1a 00 0d bb a0", 0}}, STATUS_OK},
        {"chunk past its limit", {{5, "1a 00 0d bb a1", 0}}, STATUS_OUT_OF_RANGE},
        {"target 0", {{6, "00", 0}, {7, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"minimum 0", {{7, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"largest cohort", {{6, "1a 00 01 00 00", 0}, {7, "1a 00 01 00 00", 0}}, STATUS_OK},
        {"cohort past its limit", {{6, "1a 00 01 00 01", 0}, {9, "01", 0}}, STATUS_OUT_OF_RANGE},
        {"deadline 0", {{8, "00", 0}}, STATUS_OK},
        {"latest deadline", {{8, "1a f4 86 57 00", 0}}, STATUS_OK},
        {"deadline past its limit", {{8, "1a f4 86 57 01", 0}}, STATUS_OUT_OF_RANGE},
        {"deadline negative", {{8, "20", 0}}, STATUS_MALFORMED},
        {"no samples", {{9, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"samples past 32 bits",
         {{9, "1b 00 00 00 01 00 00 00 00", 0}, {6, "01", 0}, {7, "01", 0}},
         STATUS_OUT_OF_RANGE},
        {"fraction bits 15", {{10, "0f", 0}}, STATUS_OUT_OF_RANGE},
        {"fraction bits 27", {{10, "18 1b", 0}}, STATUS_OK},
        {"fraction bits 28", {{10, "18 1c", 0}}, STATUS_OUT_OF_RANGE},
        {"no algorithm", {{11, "80", 0}}, STATUS_OUT_OF_RANGE},
        {"every algorithm", {{11, "84 01 03 18 18 18 1f", 0}}, STATUS_OK},
        {"five algorithms", {{11, "85 01 03 18 18 18 1f 01", 0}}, STATUS_OUT_OF_RANGE},
        {"an algorithm twice", {{11, "83 01 03 01", 0}}, STATUS_MALFORMED},
        {"an unknown algorithm", {{11, "82 01 02", 0}}, STATUS_UNSUPPORTED},
        {"no previous", {{12, "f6", 0}}, STATUS_OK},
        {"previous is empty", {{12, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"previous is false", {{12, "f4", 0}}, STATUS_MALFORMED},
        {"previous a byte short", {{12, "", 31}}, STATUS_OUT_OF_RANGE},
        {"previous a byte long", {{12, "", 33}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte short", {{13, "", 15}}, STATUS_OUT_OF_RANGE},
        {"boot id a byte long", {{13, "", 17}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte short", {{14, "", 31}}, STATUS_OUT_OF_RANGE},
        {"policy digest a byte long", {{14, "", 33}}, STATUS_OUT_OF_RANGE},
        {"the other bool", {{15, "f4", 0}}, STATUS_OK},
        {"null for a bool", {{15, "f6", 0}}, STATUS_MALFORMED},
        {"undefined for a bool", {{15, "f7", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&manifest_kind, cases, ARRAY_LEN(cases));
}

static void refuses_fields_that_contradict_each_other(void **state)
{
    static const struct message_case cases[] = {
        {"minimum is the target", {{7, "18 1e", 0}}, STATUS_OK},
        {"minimum past the target", {{7, "18 1f", 0}}, STATUS_OUT_OF_RANGE},
        {"weight at the limit", {{6, "1a 00 01 00 00", 0}, {9, "1a 00 01 00 00", 0}}, STATUS_OK},
        {"weight past the limit", {{6, "1a 00 01 00 00", 0}, {9, "1a 00 01 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"weight far past the limit", {{6, "1a 00 01 00 00", 0}, {9, "1a ff ff ff ff", 0}}, STATUS_OUT_OF_RANGE},
        {"most chunks", {{4, "1a 00 10 00 00", 0}, {5, "19 01 00", 0}}, STATUS_OK},
        {"a chunk too many", {{4, "1a 00 10 00 01", 0}, {5, "19 01 00", 0}}, STATUS_OUT_OF_RANGE},
        {"a model of 2^64-1 bytes", {{4, "1b ff ff ff ff ff ff ff ff", 0}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&manifest_kind, cases, ARRAY_LEN(cases));
}

static void counts_the_chunks_that_hold_a_size(void **state)
{
    static const struct {
        uint64_t size, chunks;
        uint32_t chunk_size;
    } cases[] = {{0, 1, 256},
                 {1, 1, 256},
                 {255, 1, 256},
                 {256, 1, 256},
                 {257, 2, 256},
                 {UINT64_MAX, UINT64_MAX, 1},
                 {UINT64_MAX, 1 + UINT64_MAX / 256, 256}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_true(chunks_of(cases[i].size, cases[i].chunk_size) == cases[i].chunks);
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&manifest_kind);
    message_check_damage(&idle_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&manifest_kind);
    message_check_fields(&idle_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_its_golden_vector),
        cmocka_unit_test(writes_and_reads_the_smallest_golden_vector),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(refuses_fields_that_contradict_each_other),
        cmocka_unit_test(counts_the_chunks_that_hold_a_size),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

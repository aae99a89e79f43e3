/* The captured federation in test/vectors: replayed, it comes to the same bits, on every machine. A change that fails here
 * is a change of the protocol: test/vectors/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "keyless.h"
#include "keys.h"
#include "mutate.h"
#include "verdict.h"

#define CAPTURE "test/vectors/federation.tacit"
#define OWNER   "test/vectors/federation.pub"

static const struct {
    uint32_t round, counted;
    uint64_t samples, receipts;
    const char *model;
} expected[] = {
    {1, 3, 300, 3, "90571aaed0e309f2e14a62569095b577e6fe85c0ab55e75560eae8cf3e643837"},
    {2, 3, 300, 3, "c51e4b02d00b88835a5b89efa8210c33880af4713b5cf647c059a21b8dbf4ebf"},
    {3, 3, 90, 3, "c51e4b02d00b88835a5b89efa8210c33880af4713b5cf647c059a21b8dbf4ebf"},
    {4, 2, 192, 2, "ba5bfd3dd85f50083de7a5d7bd19008f008b80b87ff35daa0c3110bf38ec9dca"},
    {5, 2, 60, 3, "ba5bfd3dd85f50083de7a5d7bd19008f008b80b87ff35daa0c3110bf38ec9dca"},
};
static const char mutated_digest[] = "ee948b3baf0e2dfeebd6b70fb0e46785a5c58396fc532949e247770758d3eb69";

static struct source source;
static struct index index_;
static struct verify_options options;
static size_t told;

static int setup(void **state)
{
    struct reason reason;

    (void)state;
    options = (struct verify_options){.federation = VIEW_TEXT("golden"), .aggregator = VIEW_TEXT("gateway")};
    assert_int_equal(keys_read_public(OWNER, options.owner_point, &reason), STATUS_OK);
    assert_int_equal(capture_parts_open((const char *const[]){CAPTURE}, 1, &source.parts, NULL, NULL, &reason),
                     STATUS_OK);
    assert_int_equal(index_read(&source, options.aggregator, &index_), STATUS_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    index_free(&index_);
    source_close(&source);
    return 0;
}

static void take_round(void *ctx, const struct verify_round *round)
{
    char model[2 * DIGEST_SIZE + 1];

    (void)ctx;
    hex_encode(VIEW_OF(round->model), model);
    print_message("  round %u: %d %s %s\n", (unsigned int)round->of->round, (int)round->verdict, model, round->why);
    assert_true(told < ARRAY_LEN(expected));
    assert_int_equal(round->verdict, VERDICT_SAME);
    assert_int_equal(round->of->round, expected[told].round);
    assert_int_equal(round->counted, expected[told].counted);
    assert_int_equal(round->samples, expected[told].samples);
    assert_int_equal(round->receipts, expected[told].receipts);
    assert_string_equal(model, expected[told].model);
    told++;
}

static void take_note(void *ctx, const char *text)
{
    (void)ctx;
    fail_msg("%s", text);
}

static const struct verify_sink sink = {NULL, take_round, take_note, NULL};

static void take_fault(void *ctx, const struct capture_fault *fault)
{
    (void)ctx;
    fail_msg("table %s: %s", fault->table, fault->what);
}

static void its_rows_are_as_they_were_written(void **state)
{
    const struct capture_watch watch = {.fault = take_fault};

    (void)state;
    assert_int_equal(capture_check(source.parts.list[0], &watch), STATUS_OK);
}

static void every_round_comes_out_bit_for_bit(void **state)
{
    struct verify_totals totals;

    (void)state;
    told = 0;
    assert_int_equal(verify_run(&source, &index_, &options, &sink, &totals), STATUS_OK);
    assert_int_equal(told, ARRAY_LEN(expected));
    assert_int_equal(totals.differences, 0);
    assert_int_equal(totals.manifests, 7);
    assert_int_equal(totals.challenges, 2);
    assert_true(totals.model_chunks > 0 && totals.requests > 0);
}

static void what_needs_no_keys_verifies_too(void **state)
{
    struct keyless_totals totals;

    (void)state;
    assert_int_equal(keyless_run(&source, &index_, &options, &sink, &totals), STATUS_OK);
    assert_int_equal(totals.faults, 0);
    assert_int_equal(totals.boots, 2);
    assert_int_equal(totals.records, 5);
    assert_int_equal(totals.is_signed, 5);
    assert_int_equal(totals.proofs, 12);
}

static void take_case(void *ctx, const struct mutate_case *one)
{
    (void)ctx;
    if (!one->good)
        fail_msg("case %d: %s: %s", (int)one->number, one->mutation, one->why);
}

static void a_seed_damages_it_the_same_way_everywhere(void **state)
{
    const struct mutate_options wanted = {.seed = 1, .count = 60};
    const struct mutate_sink cases = {NULL, take_case};
    struct mutate_totals totals;
    char digest[2 * DIGEST_SIZE + 1];

    (void)state;
    assert_int_equal(mutate_run(&source, &index_, &options, &wanted, &cases, &totals), STATUS_OK);
    assert_int_equal(totals.bad, 0);
    hex_encode(VIEW_OF(totals.digest), digest);
    assert_string_equal(digest, mutated_digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_rows_are_as_they_were_written),
        cmocka_unit_test(every_round_comes_out_bit_for_bit),
        cmocka_unit_test(what_needs_no_keys_verifies_too),
        cmocka_unit_test(a_seed_damages_it_the_same_way_everywhere),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "message.h"
#include "owner.h"

MESSAGE_CODEC(owner_request)
MESSAGE_CODEC(owner_answer)
MESSAGE_CODEC(fragment)

static const struct message_kind put_kind = MESSAGE_KIND(owner_request, "owner_request_put_model", 0);
static const struct message_kind start_kind = MESSAGE_KIND(owner_request, "owner_request_start", 0);
static const struct message_kind stop_kind = MESSAGE_KIND(owner_request, "owner_request_stop", 0);
static const struct message_kind revoke_kind = MESSAGE_KIND(owner_request, "owner_request_revoke", 0);
static const struct message_kind answer_kind =
    MESSAGE_KIND(owner_answer, "owner_answer", FIELD(2) | FIELD(3) | FIELD(4) | FIELD(5));
static const struct message_kind escrow_kind = MESSAGE_KIND(owner_request, "owner_request_escrow", 0);
static const struct message_kind escrowed_kind = MESSAGE_KIND(owner_answer, "owner_answer_escrow", FIELD(3) | FIELD(6));
static const struct message_kind bare_kind = MESSAGE_KIND(owner_answer, "owner_answer_bare", 0);
static const struct message_kind fragment_kind = MESSAGE_KIND(fragment, "fragment", 0);

static void writes_and_reads_the_golden_model(void **state)
{
    const struct owner_request want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .command = OWNER_PUT_MODEL,
        .reply_key = message_key(0x71),
        .model = message_filled(0x99, 9),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_request got;

    (void)state;
    message_check_golden(&put_kind, &want, &got, &memory);
    assert_true(view_equal(got.challenge, want.challenge));
    assert_int_equal(got.command, want.command);
    assert_true(view_equal(got.reply_key, want.reply_key));
    assert_true(view_equal(got.model, want.model));
}

static void writes_and_reads_the_golden_plan(void **state)
{
    const struct owner_request want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .command = OWNER_START,
        .reply_key = message_key(0x71),
        .plan = {.rounds = 20, .target = 30, .deadline_s = 600, .evaluate = true},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_request got;

    (void)state;
    message_check_golden(&start_kind, &want, &got, &memory);
    assert_true(view_equal(got.challenge, want.challenge));
    assert_int_equal(got.command, want.command);
    assert_true(view_equal(got.reply_key, want.reply_key));
    assert_int_equal(got.plan.rounds, want.plan.rounds);
    assert_int_equal(got.plan.target, want.plan.target);
    assert_int_equal(got.plan.deadline_s, want.plan.deadline_s);
    assert_int_equal(got.plan.evaluate, want.plan.evaluate);
    assert_false(got.plan.lasting);
}

/* One byte longer than the map of four fields says, and the field's two. */
static void writes_and_reads_a_lasting_plan(void **state)
{
    struct owner_request want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .command = OWNER_START,
        .reply_key = message_key(0x71),
        .plan = {.rounds = 20, .target = 30, .deadline_s = 600, .evaluate = true, .lasting = true},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_request got;

    (void)state;
    assert_int_equal(owner_request_encode(&want, &memory), STATUS_OK);
    assert_memory_equal(memory.ptr + memory.len - 14, "\xa5\x01\x14\x02\x18\x1e\x03\x19\x02\x58\x04\x01\x05\x01", 14);
    assert_int_equal(owner_request_decode(buf_view(&memory), &got), STATUS_OK);
    assert_true(got.plan.lasting);
    for (size_t len = 0; len < memory.len; len++)
        assert_int_not_equal(owner_request_decode((struct view){memory.ptr, len}, &got), STATUS_OK);
}

static void writes_and_reads_the_golden_stop(void **state)
{
    const struct owner_request want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .command = OWNER_STOP,
        .reply_key = message_key(0x71),
        .model = {0},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_request got;

    (void)state;
    message_check_golden(&stop_kind, &want, &got, &memory);
    assert_true(view_equal(got.challenge, want.challenge));
    assert_int_equal(got.command, want.command);
    assert_true(view_equal(got.reply_key, want.reply_key));
    assert_int_equal(got.model.len, 0);
}

static void writes_and_reads_the_golden_list_of_revocations(void **state)
{
    const struct owner_request want = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .command = OWNER_REVOKE,
        .reply_key = message_key(0x71),
        .revoked = message_filled(0x88, 9),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_request got;

    (void)state;
    message_check_golden(&revoke_kind, &want, &got, &memory);
    assert_true(view_equal(got.challenge, want.challenge));
    assert_int_equal(got.command, want.command);
    assert_true(view_equal(got.reply_key, want.reply_key));
    assert_true(view_equal(got.revoked, want.revoked));
    assert_int_equal(got.model.len, 0);
}

static void writes_and_reads_the_golden_answer(void **state)
{
    const struct owner_answer want = {
        .reason = STATUS_OK,
        .model_digest = message_filled(0xd3, DIGEST_SIZE),
        .has_round = true,
        .round = 12,
        .model_key = message_filled(0x4d, 32),
        .revocations = 7,
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_answer got;

    (void)state;
    message_check_golden(&answer_kind, &want, &got, &memory);
    assert_int_equal(got.reason, want.reason);
    assert_true(view_equal(got.model_digest, want.model_digest));
    assert_int_equal(got.has_round, want.has_round);
    assert_int_equal(got.round, want.round);
    assert_true(view_equal(got.model_key, want.model_key));
    assert_int_equal(got.revocations, want.revocations);
}

static void writes_and_reads_the_golden_escrow(void **state)
{
    const struct owner_request asked = {
        .challenge = message_filled(0xc1, CHALLENGE_SIZE),
        .command = OWNER_ESCROW,
        .reply_key = message_key(0x71),
    };
    const struct owner_answer want = {
        .reason = STATUS_OK,
        .has_round = true,
        .round = 12,
        .escrow = message_filled(0xe5, ESCROW_SIZE),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_request request;
    struct owner_answer got;

    (void)state;
    message_check_golden(&escrow_kind, &asked, &request, &memory);
    assert_int_equal(request.command, OWNER_ESCROW);
    memory = BUF_OF(bytes);
    message_check_golden(&escrowed_kind, &want, &got, &memory);
    assert_true(view_equal(got.escrow, want.escrow));
    assert_int_equal(got.model_key.len, 0);
}

static void writes_and_reads_the_golden_refusal(void **state)
{
    const struct owner_answer want = {
        .reason = STATUS_STALE_CHALLENGE,
        .has_round = false,
        .model_digest = {0},
        .model_key = {0},
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct owner_answer got;

    (void)state;
    message_check_golden(&bare_kind, &want, &got, &memory);
    assert_int_equal(got.reason, want.reason);
    assert_int_equal(got.has_round, want.has_round);
    assert_int_equal(got.model_digest.len, 0);
    assert_int_equal(got.model_key.len, 0);
}

static void writes_and_reads_the_golden_fragment(void **state)
{
    const struct fragment want = {
        .transfer = message_filled(0x70, TRANSFER_SIZE),
        .index = 2,
        .count = 3,
        .total = 2050,
        .piece = message_filled(0xf0, 50),
    };
    uint8_t bytes[MESSAGE_GOLDEN_MAX];
    struct buf memory = BUF_OF(bytes);
    struct fragment got;

    (void)state;
    message_check_golden(&fragment_kind, &want, &got, &memory);
    assert_true(view_equal(got.transfer, want.transfer));
    assert_int_equal(got.index, want.index);
    assert_int_equal(got.count, want.count);
    assert_int_equal(got.total, want.total);
    assert_true(view_equal(got.piece, want.piece));
}

static void refuses_values_past_their_limits(void **state)
{
    static const struct message_case put_cases[] = {
        {"challenge a byte short", {{1, "", 31}}, STATUS_OUT_OF_RANGE},
        {"challenge a byte long", {{1, "", 33}}, STATUS_OUT_OF_RANGE},
        {"reply key a byte short", {{3, "", 74}}, STATUS_OUT_OF_RANGE},
        {"reply key a byte long", {{3, "", 76}}, STATUS_OUT_OF_RANGE},
        {"model is empty", {{4, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"a large model", {{4, "", 1000000}}, STATUS_OK},
    };
    static const struct message_case start_cases[] = {
        {"no rounds", {{5, "a4 01 00 02 18 1e 03 19 02 58 04 01", 0}}, STATUS_OUT_OF_RANGE},
        {"most rounds", {{5, "a4 01 1a 00 0f 42 40 02 18 1e 03 19 02 58 04 01", 0}}, STATUS_OK},
        {"too many rounds", {{5, "a4 01 1a 00 0f 42 41 02 18 1e 03 19 02 58 04 01", 0}}, STATUS_OUT_OF_RANGE},
        {"cohort of nobody", {{5, "a4 01 14 02 00 03 19 02 58 04 01", 0}}, STATUS_OUT_OF_RANGE},
        {"largest cohort", {{5, "a4 01 14 02 1a 00 01 00 00 03 19 02 58 04 01", 0}}, STATUS_OK},
        {"cohort past its limit", {{5, "a4 01 14 02 1a 00 01 00 01 03 19 02 58 04 01", 0}}, STATUS_OUT_OF_RANGE},
        {"no time", {{5, "a4 01 14 02 18 1e 03 00 04 01", 0}}, STATUS_OUT_OF_RANGE},
        {"a week", {{5, "a4 01 14 02 18 1e 03 1a 00 09 3a 80 04 01", 0}}, STATUS_OK},
        {"more than a week", {{5, "a4 01 14 02 18 1e 03 1a 00 09 3a 81 04 01", 0}}, STATUS_OUT_OF_RANGE},
        {"no evaluation", {{5, "a4 01 14 02 18 1e 03 19 02 58 04 00", 0}}, STATUS_OK},
        {"evaluation 2", {{5, "a4 01 14 02 18 1e 03 19 02 58 04 02", 0}}, STATUS_OUT_OF_RANGE},
        {"evaluation as a bool", {{5, "a4 01 14 02 18 1e 03 19 02 58 04 f5", 0}}, STATUS_MALFORMED},
        {"plan without evaluation", {{5, "a3 01 14 02 18 1e 03 19 02 58", 0}}, STATUS_MALFORMED},
        {"plan that says it does not last", {{5, "a5 01 14 02 18 1e 03 19 02 58 04 01 05 00", 0}}, STATUS_OUT_OF_RANGE},
        {"plan that lasts twice as long", {{5, "a5 01 14 02 18 1e 03 19 02 58 04 01 05 02", 0}}, STATUS_OUT_OF_RANGE},
        {"plan with a sixth field", {{5, "a6 01 14 02 18 1e 03 19 02 58 04 01 05 01 06 00", 0}}, STATUS_MALFORMED},
        {"plan out of order", {{5, "a4 02 18 1e 01 14 03 19 02 58 04 01", 0}}, STATUS_UNORDERED},
        {"plan with a field twice", {{5, "a4 01 14 01 14 03 19 02 58 04 01", 0}}, STATUS_DUPLICATE_KEY},
        {"an empty plan", {{5, "a0", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case answer_cases[] = {
        {"largest reason", {{1, "18 9f", 0}}, STATUS_OK},
        {"reason past its limit", {{1, "18 a0", 0}}, STATUS_OUT_OF_RANGE},
        {"model digest a byte short", {{2, "", 31}}, STATUS_OUT_OF_RANGE},
        {"model digest a byte long", {{2, "", 33}}, STATUS_OUT_OF_RANGE},
        {"round 0", {{3, "00", 0}}, STATUS_OK},
        {"largest round", {{3, "1a ff ff ff ff", 0}}, STATUS_OK},
        {"round past its limit", {{3, "1b 00 00 00 01 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
        {"round negative", {{3, "20", 0}}, STATUS_MALFORMED},
        {"model key a byte short", {{4, "", 31}}, STATUS_OUT_OF_RANGE},
        {"model key a byte long", {{4, "", 33}}, STATUS_OUT_OF_RANGE},
        {"no list of revocations is no field", {{5, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"last list of revocations", {{5, "1b 7f ff ff ff ff ff ff ff", 0}}, STATUS_OK},
        {"no escrow is no field", {{6, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"escrow a byte short", {{6, "", 127}}, STATUS_OUT_OF_RANGE},
        {"escrow", {{6, "", 128}}, STATUS_OK},
        {"escrow a byte long", {{6, "", 129}}, STATUS_OUT_OF_RANGE},
        {"a list past its limit", {{5, "1b 80 00 00 00 00 00 00 00", 0}}, STATUS_OUT_OF_RANGE},
    };
    static const struct message_case revoke_cases[] = {
        {"list is empty", {{6, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"longest list", {{6, "", 361472}}, STATUS_OK},
        {"list past its limit", {{6, "", 361473}}, STATUS_OUT_OF_RANGE},
        {"list as an array", {{6, "81 00", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case fragment_cases[] = {
        {"transfer a byte short", {{1, "", 7}}, STATUS_OUT_OF_RANGE},
        {"transfer a byte long", {{1, "", 9}}, STATUS_OUT_OF_RANGE},
        {"last index", {{2, "19 0f ff", 0}, {3, "19 10 00", 0}}, STATUS_OK},
        {"too many", {{3, "19 10 01", 0}}, STATUS_OUT_OF_RANGE},
        {"none", {{3, "00", 0}, {2, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"index is the count", {{2, "03", 0}}, STATUS_OUT_OF_RANGE},
        {"index past the limit", {{2, "19 10 00", 0}}, STATUS_OUT_OF_RANGE},
        {"total 0", {{4, "00", 0}, {5, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"total is the piece", {{4, "18 32", 0}}, STATUS_OK},
        {"piece past the total", {{4, "18 31", 0}}, STATUS_OUT_OF_RANGE},
        {"largest total", {{4, "1a db ba 00 00", 0}}, STATUS_OK},
        {"total past its limit", {{4, "1a db ba 00 01", 0}}, STATUS_OUT_OF_RANGE},
        {"piece is empty", {{5, "40", 0}}, STATUS_OUT_OF_RANGE},
        {"largest piece", {{4, "1a db ba 00 00", 0}, {5, "", 900000}}, STATUS_OK},
        {"piece past its limit", {{4, "1a db ba 00 00", 0}, {5, "", 900001}}, STATUS_OUT_OF_RANGE},
    };

    (void)state;
    message_check_cases(&put_kind, put_cases, ARRAY_LEN(put_cases));
    message_check_cases(&start_kind, start_cases, ARRAY_LEN(start_cases));
    message_check_cases(&answer_kind, answer_cases, ARRAY_LEN(answer_cases));
    message_check_cases(&fragment_kind, fragment_cases, ARRAY_LEN(fragment_cases));
    message_check_cases(&revoke_kind, revoke_cases, ARRAY_LEN(revoke_cases));
}

static void brings_what_its_command_needs_and_nothing_else(void **state)
{
    static const struct message_case put_cases[] = {
        {"to start without a plan", {{2, "02", 0}}, STATUS_MALFORMED},
        {"to stop with a model", {{2, "03", 0}}, STATUS_MALFORMED},
        {"to get the key with a model", {{2, "04", 0}}, STATUS_MALFORMED},
        {"a plan beside the model", {{5, "a4 01 14 02 18 1e 03 19 02 58 04 01", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case start_cases[] = {
        {"to put no model", {{2, "01", 0}}, STATUS_MALFORMED},
        {"to stop with a plan", {{2, "03", 0}}, STATUS_MALFORMED},
        {"to get the key with a plan", {{2, "04", 0}}, STATUS_MALFORMED},
        {"a model beside the plan", {{4, "41 00", 0}}, STATUS_MALFORMED},
    };
    static const struct message_case stop_cases[] = {
        {"to get the key", {{2, "04", 0}}, STATUS_OK},
        {"to put no model", {{2, "01", 0}}, STATUS_MALFORMED},
        {"to start without a plan", {{2, "02", 0}}, STATUS_MALFORMED},
        {"command 0", {{2, "00", 0}}, STATUS_OUT_OF_RANGE},
        {"to revoke without a list", {{2, "05", 0}}, STATUS_MALFORMED},
        {"to give the keys", {{2, "06", 0}}, STATUS_OK},
        {"command 7", {{2, "07", 0}}, STATUS_OUT_OF_RANGE},
    };

    static const struct message_case list_cases[] = {
        {"to stop with a list", {{2, "03", 0}}, STATUS_MALFORMED},
        {"to put a list as a model", {{2, "01", 0}}, STATUS_MALFORMED},
        {"a model beside the list", {{4, "41 00", 0}}, STATUS_MALFORMED},
        {"a plan beside the list", {{5, "a4 01 14 02 18 1e 03 19 02 58 04 01", 0}}, STATUS_MALFORMED},
    };

    (void)state;
    message_check_cases(&put_kind, put_cases, ARRAY_LEN(put_cases));
    message_check_cases(&start_kind, start_cases, ARRAY_LEN(start_cases));
    message_check_cases(&stop_kind, stop_cases, ARRAY_LEN(stop_cases));
    message_check_cases(&revoke_kind, list_cases, ARRAY_LEN(list_cases));
}

static void refuses_damaged_bytes_or_keeps_them_exactly(void **state)
{
    (void)state;
    message_check_damage(&put_kind);
    message_check_damage(&start_kind);
    message_check_damage(&stop_kind);
    message_check_damage(&revoke_kind);
    message_check_damage(&answer_kind);
    message_check_damage(&bare_kind);
    message_check_damage(&escrow_kind);
    message_check_damage(&escrowed_kind);
    message_check_damage(&fragment_kind);
}

static void wants_each_field_once_in_order_and_in_one_form(void **state)
{
    (void)state;
    message_check_fields(&put_kind);
    message_check_fields(&start_kind);
    message_check_fields(&stop_kind);
    message_check_fields(&revoke_kind);
    message_check_fields(&answer_kind);
    message_check_fields(&bare_kind);
    message_check_fields(&escrow_kind);
    message_check_fields(&escrowed_kind);
    message_check_fields(&fragment_kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_golden_model),
        cmocka_unit_test(writes_and_reads_the_golden_plan),
        cmocka_unit_test(writes_and_reads_a_lasting_plan),
        cmocka_unit_test(writes_and_reads_the_golden_stop),
        cmocka_unit_test(writes_and_reads_the_golden_list_of_revocations),
        cmocka_unit_test(writes_and_reads_the_golden_answer),
        cmocka_unit_test(writes_and_reads_the_golden_escrow),
        cmocka_unit_test(writes_and_reads_the_golden_refusal),
        cmocka_unit_test(writes_and_reads_the_golden_fragment),
        cmocka_unit_test(refuses_values_past_their_limits),
        cmocka_unit_test(brings_what_its_command_needs_and_nothing_else),
        cmocka_unit_test(refuses_damaged_bytes_or_keeps_them_exactly),
        cmocka_unit_test(wants_each_field_once_in_order_and_in_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

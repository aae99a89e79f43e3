/* Which messages belong to a round: by what they say, and a sealed receipt by the update that its device sent last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "need.h"
#include "proof.h"
#include "select.h"

static uint8_t bytes[512];

static struct view need_of(uint32_t round)
{
    static const uint8_t transfer[TRANSFER_SIZE] = {1}, bitmap[] = {1};
    const struct need need = {round, VIEW_OF(transfer), VIEW_OF(bitmap)};
    struct buf out = BUF_OF(bytes);

    assert_int_equal(need_encode(&need, &out), STATUS_OK);
    return buf_view(&out);
}

static struct view proof_of(uint32_t round)
{
    static const uint8_t digest[DIGEST_SIZE] = {1};
    const struct proof proof = {.round = round, .record = VIEW_OF(digest)};
    struct buf out = BUF_OF(bytes);

    assert_int_equal(proof_encode(&proof, &out), STATUS_OK);
    return buf_view(&out);
}

static bool keeps(struct selection *selection, const char *topic, struct view payload)
{
    struct captured message = {.topic = topic, .payload = payload};
    bool result = false;

    message.parsed = topic_parse(view_of_string(topic), &message.where) == STATUS_OK;
    assert_int_equal(selection_keeps(selection, &message, &result), STATUS_OK);
    return result;
}

static void what_says_its_round_is_kept_by_it(void **state)
{
    CLEANUP(selection_free) struct selection selection = {.from = 2, .to = 3};
    const struct view sealed = VIEW_TEXT("\xd0 sealed");

    (void)state;
    assert_false(keeps(&selection, "tacit/1/f/update/a/d/1.0", sealed));
    assert_true(keeps(&selection, "tacit/1/f/update/a/d/2.0", sealed));
    assert_true(keeps(&selection, "tacit/1/f/record/a/3", sealed));
    assert_false(keeps(&selection, "tacit/1/f/record/a/4", sealed));
    assert_true(keeps(&selection, "tacit/1/f/need/d", need_of(2)));
    assert_false(keeps(&selection, "tacit/1/f/need/d", need_of(4)));
    assert_true(keeps(&selection, "tacit/1/f/need/owner", need_of(0)));
    assert_true(keeps(&selection, "tacit/1/f/receipt/d", proof_of(3)));
    assert_false(keeps(&selection, "tacit/1/f/receipt/d", proof_of(1)));
    /* What cannot be read is of no round; what every round needs is kept. */
    assert_false(keeps(&selection, "tacit/1/f/round/a", sealed));
    assert_false(keeps(&selection, "tacit/1/f/model/a/0", sealed));
    assert_true(keeps(&selection, "tacit/1/f/aggregator/a/evidence", sealed));
    assert_true(keeps(&selection, "tacit/1/f/owner/a/q.0", sealed));
    assert_true(keeps(&selection, "tacit/1/f/enrol/a/d", sealed));
    assert_false(keeps(&selection, "tacit/1/f/something else", sealed));
}

static void a_sealed_receipt_goes_with_the_last_update_of_its_device(void **state)
{
    CLEANUP(selection_free) struct selection selection = {.from = 2, .to = 2};
    const struct view sealed = VIEW_TEXT("\xd0 sealed");
    static const uint8_t digest[DIGEST_SIZE] = {1};
    const struct proof_request request = {1, VIEW_OF(digest), VIEW_OF(digest)};
    uint8_t memory[256];
    struct buf asks = BUF_OF(memory);

    (void)state;
    assert_int_equal(proof_request_encode(&request, &asks), STATUS_OK);
    assert_false(keeps(&selection, "tacit/1/f/receipt/d", sealed));
    (void)keeps(&selection, "tacit/1/f/update/a/d/2.0", sealed);
    (void)keeps(&selection, "tacit/1/f/update/a/e/1.0", sealed);
    assert_true(keeps(&selection, "tacit/1/f/receipt/d", sealed));
    assert_false(keeps(&selection, "tacit/1/f/receipt/e", sealed));
    /* A proof is asked for under an older round, which changes nothing. */
    assert_false(keeps(&selection, "tacit/1/f/update/a/d/1.0", buf_view(&asks)));
    assert_true(keeps(&selection, "tacit/1/f/receipt/d", sealed));
    (void)keeps(&selection, "tacit/1/f/update/a/d/3.0", sealed);
    assert_false(keeps(&selection, "tacit/1/f/receipt/d", sealed));
}

static void devices_that_are_not_chosen_are_left_out(void **state)
{
    struct argument_texts devices = {{"d"}, 1};
    CLEANUP(selection_free) struct selection selection = {.devices = &devices};
    const struct view sealed = VIEW_TEXT("\xd0 sealed");

    (void)state;
    assert_true(keeps(&selection, "tacit/1/f/update/a/d/1.0", sealed));
    assert_false(keeps(&selection, "tacit/1/f/update/a/dd/1.0", sealed));
    assert_false(keeps(&selection, "tacit/1/f/enrol/a/e", sealed));
    assert_false(keeps(&selection, "tacit/1/f/presence/e", sealed));
    assert_true(keeps(&selection, "tacit/1/f/record/a/4", sealed));
    assert_false(keeps(&selection, "tacit/1/f/something else", sealed));
    devices.count = 0;
    assert_true(keeps(&selection, "tacit/1/f/something else", sealed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_its_round_is_kept_by_it),
        cmocka_unit_test(a_sealed_receipt_goes_with_the_last_update_of_its_device),
        cmocka_unit_test(devices_that_are_not_chosen_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* An update until it is seen in a record: with the real core and host, and alone against every answer that there may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "enclave_double.h"
#include "merkle.h"
#include "need.h"
#include "proof.h"
#include "world.h"

#define COUNT 700
#define DAY   86400

static struct world world;

static void start(unsigned int nodes, uint32_t rounds, uint32_t target)
{
    static float values[COUNT];
    const struct federation_options options = {.min_cohort = 2, .max_packet = 1024, .max_parameters = 65536};

    world_start(&world, &options);
    for (unsigned int i = 0; i < nodes; i++) {
        char name[16];
        snprintf(name, sizeof name, "node-%u", i);
        world_add(&world, name, NULL);
    }
    world_run(&world, 3);
    federation_new_challenge(&world.federation);
    federation_put_model(&world.federation, values, COUNT);
    world_keep_state(&world);
    assert_int_equal(federation_start_rounds(&world.federation, rounds, target), STATUS_OK);
}

static size_t kept_claim(const struct world_node *node)
{
    for (size_t i = 0; i < ARRAY_LEN(node->kept); i++)
        if (strcmp(node->kept[i].key, "claim") == 0)
            return node->kept[i].size;
    return 0;
}

/* Drops or turns what is on the receipts' topic: proofs, or receipts. */
struct interference {
    bool proofs, receipts, turn;
    unsigned int left, hits, asked;
};

static bool interfere(void *ctx, const char *topic, uint8_t *payload, size_t *size)
{
    struct interference *how = ctx;
    const bool map = proof_looks_like((struct view){payload, *size});

    if (strstr(topic, "/update/") != NULL && map)
        how->asked++;
    if (strstr(topic, "/receipt/") == NULL || !(map ? how->proofs : how->receipts) || how->left == 0)
        return true;
    how->left--;
    how->hits++;
    if (how->turn)
        payload[*size - 1] ^= 1;
    return how->turn;
}

static void set_filter(struct interference *how)
{
    world.filter = interfere;
    world.filter_ctx = how;
}

static void everyone_is_shown_their_update_in_each_record(void **state)
{
    (void)state;
    start(5, 3, 5);
    world_run(&world, 40);
    assert_int_equal(world.kept_rounds, 3);
    for (unsigned int i = 0; i < 5; i++) {
        assert_int_equal(world.nodes[i].counted, 3);
        assert_int_equal(world.nodes[i].unproven, 0);
        assert_int_equal(world.nodes[i].included, 3);
        assert_int_equal(kept_claim(&world.nodes[i]), 0);
    }
    world_end(&world);
}

static void a_lost_proof_is_asked_for_again(void **state)
{
    struct interference how = {.proofs = true, .left = 6};

    (void)state;
    start(3, 1, 3);
    set_filter(&how);
    world_run(&world, 100);
    assert_int_equal(how.hits, 6);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(world.nodes[i].included, 1);
        assert_int_equal(world.nodes[i].unproven, 0);
    }
    assert_int_equal(how.asked, 9);
    world_end(&world);
}

static void a_proof_that_never_comes_is_told_once_and_stops_nothing(void **state)
{
    struct interference how = {.proofs = true, .left = UINT32_MAX};

    (void)state;
    start(2, 1, 2);
    set_filter(&how);
    world_run(&world, 10);
    assert_int_equal(world.nodes[0].unproven, 0);
    world.federation.now += DAY / 2;
    for (unsigned int i = 0; i < 20; i++) {
        world_run(&world, 1);
        world.federation.now += 3600;
    }
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(world.nodes[i].unproven, 1);
        assert_int_equal(world.nodes[i].included, 0);
        assert_int_equal(kept_claim(&world.nodes[i]), 0);
    }
    assert_int_equal(how.asked, 24);
    world_end(&world);

    how = (struct interference){.proofs = true, .left = UINT32_MAX};
    start(2, 4, 2);
    set_filter(&how);
    world_run(&world, 40);
    assert_int_equal(world.kept_rounds, 4);
    world_end(&world);
}

static void a_proof_that_does_not_verify_is_told_and_a_good_one_is_still_taken(void **state)
{
    struct interference how = {.proofs = true, .turn = true, .left = 2};

    (void)state;
    start(2, 1, 2);
    set_filter(&how);
    world_run(&world, 60);
    assert_int_equal(how.hits, 2);
    assert_int_equal(world.nodes[0].unproven + world.nodes[1].unproven, 2);
    assert_int_equal(world.nodes[0].included, 1);
    assert_int_equal(world.nodes[1].included, 1);
    world_end(&world);
}

static void a_proof_stands_for_a_receipt_that_was_lost(void **state)
{
    struct interference how = {.receipts = true, .left = UINT32_MAX};

    (void)state;
    start(2, 1, 2);
    set_filter(&how);
    world_run(&world, 60);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(world.nodes[i].counted, 0);
        assert_int_equal(world.nodes[i].included, 1);
    }
    world_end(&world);
}

static void who_was_too_late_without_knowing_is_told_nothing(void **state)
{
    struct interference how = {.receipts = true, .left = UINT32_MAX};

    (void)state;
    start(3, 1, 2);
    set_filter(&how);
    world_run(&world, 200);
    assert_int_equal(world.nodes[0].included + world.nodes[1].included + world.nodes[2].included, 2);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(world.nodes[i].unproven, 0);
        assert_int_equal(kept_claim(&world.nodes[i]), 0);
    }
    world_end(&world);
}

static void restarts_of_device_and_enclave_lose_no_proof(void **state)
{
    struct interference how = {.proofs = true, .left = UINT32_MAX};

    (void)state;
    start(2, 1, 2);
    set_filter(&how);
    world_run(&world, 10);
    assert_int_equal(world.nodes[0].included, 0);
    assert_true(kept_claim(&world.nodes[0]) > 0);
    world_restart_node(&world.nodes[0]);
    world_restart_enclave(&world, true);
    how.left = 0;
    world_run(&world, 60);
    assert_int_equal(world.nodes[0].included, 1);
    assert_int_equal(world.nodes[1].included, 1);
    world_end(&world);
}

static void who_was_away_is_shown_an_earlier_record(void **state)
{
    (void)state;
    start(3, 3, 2);
    world.nodes[1].hold_work = world.nodes[2].hold_work = true;
    world_run(&world, 5);
    assert_int_equal(world.nodes[0].counted, 1);
    assert_int_equal(world.kept_rounds, 0);
    world.nodes[0].offline = true; /* before there is a record */
    world_finish_work(&world.nodes[1], 0.5f);
    world.nodes[1].hold_work = world.nodes[2].hold_work = false;
    world_run(&world, 30);
    assert_int_equal(world.kept_rounds, 3);
    assert_int_equal(world.nodes[0].records, 0);
    world.nodes[0].offline = false;
    world_restart_node(&world.nodes[0]);
    world_run(&world, 60);
    assert_int_equal(world.nodes[0].included, 1);
    assert_int_equal(world.nodes[0].unproven, 0);
    world_end(&world);
}

/* ---- alone ---- */

static struct enclave_double enclave;
static struct device_double device;
static uint8_t digest[DIGEST_SIZE];
static struct merkle_hash leaf, other;

/* A member whose update of round 1 was sealed; with its receipt. */
static int setup(void **state)
{
    const uint8_t all = 0xff;
    uint8_t bytes[64];
    struct buf need_buf = BUF_OF(bytes);
    struct cose_encrypt0 head;
    struct receipt receipt;

    (void)state;
    memset(&device, 0, sizeof device);
    enclave_start(&enclave, 1);
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    device_offer(&device, &enclave, 1);
    const struct published *offer = device_said(&device, "update/agg/dev/1.0");
    assert_non_null(offer);
    assert_int_equal(cose_encrypt0_decode((struct view){offer->bytes, offer->len}, &head), STATUS_OK);
    assert_int_equal(need_encode(&(struct need){1, head.chunk.transfer, {&all, 1}}, &need_buf), STATUS_OK);
    device_hear(&device, "need/dev", buf_view(&need_buf));
    (void)enclave_open_update(&enclave, &device, 1, digest, &receipt);
    device_hear(&device, "receipt/dev", enclave_receipt(&enclave, &receipt));
    assert_true(device_told(&device, "counted round=1"));
    assert_int_equal(merkle_leaf(VIEW_TEXT("dev"), 1, VIEW_OF(digest), &leaf), STATUS_OK);
    memset(&other, 0x0f, sizeof other);
    device_forget(&device);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    device_stop(&device);
    return 0;
}

/* The record of round 1 with so many counted and this root; its digest. */
static void hear_record(uint32_t counted, struct view root, uint8_t record_digest[static DIGEST_SIZE])
{
    struct record record = enclave_result(&enclave, 1, (struct view){NULL, 0});

    record.counted = counted;
    record.samples = 100 * (uint64_t)counted;
    record.root = root;
    device_hear(&device, "record/agg/1", enclave_record(&enclave, &record, record_digest));
}

static void hear_proof(uint32_t round, struct view record, uint32_t index, struct view beside)
{
    uint8_t bytes[256];
    struct buf message = BUF_OF(bytes);
    const struct proof proof = {round, record, index, 1, {beside}};

    assert_int_equal(proof_encode(&proof, &message), STATUS_OK);
    device_hear(&device, "receipt/dev", buf_view(&message));
}

static void the_only_update_of_a_round_needs_no_proof(void **state)
{
    uint8_t record[DIGEST_SIZE];

    (void)state;
    hear_record(1, VIEW_OF(leaf.bytes), record);
    assert_true(device_told(&device, "included round=1 leaf=0 of 1"));
    device_wait(&device, 10);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.0"), 0);
}

static void a_record_without_room_for_a_receipted_update_is_told(void **state)
{
    uint8_t record[DIGEST_SIZE];

    hear_record(0, VIEW_OF(digest), record);
    assert_true(device_told(&device, "unproven round=1"));
    (void)teardown(state);
    (void)setup(state);
    hear_record(1, VIEW_OF(other.bytes), record);
    assert_true(device_told(&device, "unproven round=1"));
    assert_false(device_told(&device, "included"));
}

static void asks_for_what_it_wants_to_see_and_believes_only_that(void **state)
{
    uint8_t record[DIGEST_SIZE];
    struct merkle_hash root;
    struct proof_request request;
    const struct published *asked;

    (void)state;
    assert_int_equal(merkle_node(&other, &leaf, &root), STATUS_OK);
    hear_proof(1, VIEW_OF(digest), 1, VIEW_OF(other.bytes)); /* before there is a record */
    assert_false(device_told(&device, "included"));
    hear_record(2, VIEW_OF(root.bytes), record);
    assert_int_equal(device_said_count(&device, "update/agg/dev/1.0"), 0);
    device_wait(&device, 3);
    asked = device_said(&device, "update/agg/dev/1.0");
    assert_non_null(asked);
    assert_int_equal(proof_request_decode((struct view){asked->bytes, asked->len}, &request), STATUS_OK);
    assert_int_equal(request.round, 1);
    assert_true(view_equal(request.record, VIEW_OF(record)));
    assert_true(view_equal(request.leaf, VIEW_OF(leaf.bytes)));

    hear_proof(2, VIEW_OF(record), 1, VIEW_OF(other.bytes));
    hear_proof(1, VIEW_OF(digest), 1, VIEW_OF(other.bytes));
    assert_false(device_told(&device, "unproven"));
    hear_proof(1, VIEW_OF(record), 0, VIEW_OF(other.bytes));
    assert_true(device_told(&device, "unproven"));
    assert_false(device_told(&device, "included"));
    hear_proof(1, VIEW_OF(record), 1, VIEW_OF(other.bytes));
    assert_true(device_told(&device, "included round=1 leaf=1 of 2"));
    device_forget(&device);
    hear_proof(1, VIEW_OF(record), 1, VIEW_OF(other.bytes)); /* a second time */
    assert_string_equal(device.events, "");
}

static void a_record_of_another_boot_says_nothing_of_the_update(void **state)
{
    uint8_t record[DIGEST_SIZE];

    (void)state;
    enclave_reboot(&enclave, 9);
    device_hear(&device, "aggregator/agg/evidence", enclave_bundle(&enclave));
    device_forget(&device);
    hear_record(1, VIEW_OF(other.bytes), record);
    assert_true(device_told(&device, "record round=1"));
    assert_false(device_told(&device, "unproven"));
}

static void a_claim_that_cannot_be_kept_or_read_is_no_hindrance(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(device.kept); i++)
        if (strcmp(device.kept[i].key, "claim") == 0)
            device.kept[i].size--;
    device_stop(&device);
    device.keep_fails = true;
    device_start(&device, &enclave, NULL);
    device_enrol(&device, &enclave);
    device.keep_fails = false;
    const struct manifest manifest = enclave_plan(&enclave, 2);
    device_hear(&device, "round/agg", enclave_manifest(&enclave, &manifest)); /* asks for the same work */
    assert_non_null(device_said(&device, "update/agg/dev/2.0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyone_is_shown_their_update_in_each_record),
        cmocka_unit_test(a_lost_proof_is_asked_for_again),
        cmocka_unit_test(a_proof_that_never_comes_is_told_once_and_stops_nothing),
        cmocka_unit_test(a_proof_that_does_not_verify_is_told_and_a_good_one_is_still_taken),
        cmocka_unit_test(a_proof_stands_for_a_receipt_that_was_lost),
        cmocka_unit_test(who_was_too_late_without_knowing_is_told_nothing),
        cmocka_unit_test(restarts_of_device_and_enclave_lose_no_proof),
        cmocka_unit_test(who_was_away_is_shown_an_earlier_record),
        cmocka_unit_test_setup_teardown(the_only_update_of_a_round_needs_no_proof, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_without_room_for_a_receipted_update_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(asks_for_what_it_wants_to_see_and_believes_only_that, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_of_another_boot_says_nothing_of_the_update, setup, teardown),
        cmocka_unit_test_setup_teardown(a_claim_that_cannot_be_kept_or_read_is_no_hindrance, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

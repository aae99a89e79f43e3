/* What the host keeps so that an update can be proven: by itself, through the journal, and as a device asks for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "host_private.h"
#include "journal.h"
#include "stage.h"

#define UPDATES 5

/* A round that was closed: its updates' chunks are told apart by one byte. */
struct past {
    struct proofs proofs;
    struct record record;
    uint8_t root[DIGEST_SIZE], digest[DIGEST_SIZE], bytes[MESSAGE_MAX];
    struct buf message;
    struct merkle_hash leaves[UPDATES]; /* in the order of arrival */
};

static const uint8_t zeros[DIGEST_SIZE];

static void sign(struct past *past)
{
    static struct seeded_random seed = {5};
    const struct random_port random = seeded_random_port(&seed);
    const struct place place = {
        .federation = VIEW_TEXT("fed"), .aggregator = VIEW_TEXT("agg"), .round = past->record.round};
    uint8_t payload[MESSAGE_MAX];
    struct buf payload_buf = BUF_OF(payload);
    struct p256_key key;

    past->message = BUF_OF(past->bytes);
    assert_int_equal(p256_generate(&random, &key), STATUS_OK);
    assert_int_equal(record_encode(&past->record, &payload_buf), STATUS_OK);
    assert_int_equal(sha256(buf_view(&payload_buf), past->digest), STATUS_OK);
    assert_int_equal(bind_sign(PURPOSE_RECORD, &place, &key, &random, buf_view(&payload_buf), &past->message),
                     STATUS_OK);
}

static void make_past(struct past *past, uint32_t round, uint32_t updates)
{
    struct merkle_hash tree[4 * UPDATES];

    memset(past, 0, sizeof *past);
    proofs_begin(&past->proofs);
    for (uint32_t i = 0; i < updates; i++) {
        const uint8_t chunks[2] = {(uint8_t)round, (uint8_t)i};
        const struct view views[2] = {{chunks, 1}, {chunks + 1, 1}};
        const struct whole whole = {VIEW_TEXT("dev"), round, 2, views, 2};
        uint8_t update[DIGEST_SIZE];
        assert_int_equal(proofs_count(&past->proofs, &whole), STATUS_OK);
        assert_int_equal(sha256(VIEW_OF(chunks), update), STATUS_OK);
        assert_int_equal(merkle_leaf(VIEW_TEXT("dev"), round, VIEW_OF(update), &past->leaves[i]), STATUS_OK);
    }
    const struct view leaves = proofs_leaves(&past->proofs);
    assert_int_equal(leaves.len, updates * sizeof *tree);
    if (updates > 0) {
        memcpy(tree, leaves.ptr, leaves.len);
        assert_int_equal(merkle_build(tree, updates), STATUS_OK);
        memcpy(past->root, tree[merkle_tree_size(updates) - 1].bytes, sizeof past->root);
    }
    past->record = (struct record){
        .round = round,
        .task = TASK_TRAIN,
        .base = VIEW_OF(zeros),
        .model = VIEW_OF(zeros),
        .counted = updates,
        .root = VIEW_OF(past->root),
        .boot_id = {zeros, BOOT_ID_SIZE},
        .policy_digest = VIEW_OF(zeros),
    };
    sign(past);
}

static struct proof_request request_for(const struct past *past, uint32_t update)
{
    return (struct proof_request){past->record.round, VIEW_OF(past->digest), VIEW_OF(past->leaves[update].bytes)};
}

static void assert_proven(const struct proofs *proofs, const struct past *past)
{
    for (uint32_t i = 0; i < past->record.counted; i++) {
        const struct proof_request request = request_for(past, i);
        struct proof proof;
        assert_int_equal(proofs_find(proofs, &request, &proof), STATUS_OK);
        const struct merkle_claim claim = {past->leaves[i], proof.index, past->record.counted, proof.path,
                                           proof.path_len};
        assert_int_equal(merkle_verify(&claim, VIEW_OF(past->root)), STATUS_OK);
        assert_int_equal(proof.round, past->record.round);
        assert_true(view_equal(proof.record, VIEW_OF(past->digest)));
    }
}

static void what_was_counted_is_found_with_a_path_to_the_root(void **state)
{
    struct past past;
    struct proof proof;

    (void)state;
    for (uint32_t updates = 1; updates <= UPDATES; updates++) {
        make_past(&past, 3, updates);
        assert_int_equal(proofs_remember(&past.proofs, buf_view(&past.message), proofs_leaves(&past.proofs)),
                         STATUS_OK);
        assert_proven(&past.proofs, &past);
        struct proof_request request = request_for(&past, 0);
        request.leaf = VIEW_OF(zeros);
        assert_int_equal(proofs_find(&past.proofs, &request, &proof), STATUS_NOT_FOUND);
        request = request_for(&past, 0);
        request.record = VIEW_OF(zeros);
        assert_int_equal(proofs_find(&past.proofs, &request, &proof), STATUS_NOT_FOUND);
        proofs_free(&past.proofs);
    }
}

static void leaves_that_are_not_those_of_the_record_are_refused(void **state)
{
    struct past past;
    struct view leaves;

    (void)state;
    make_past(&past, 3, UPDATES);
    leaves = proofs_leaves(&past.proofs);
    assert_int_equal(proofs_remember(&past.proofs, buf_view(&past.message),
                                     (struct view){leaves.ptr, leaves.len - sizeof(struct merkle_hash)}),
                     STATUS_NOT_COUNTED);
    assert_int_equal(proofs_remember(&past.proofs, buf_view(&past.message), (struct view){leaves.ptr, leaves.len - 1}),
                     STATUS_NOT_COUNTED);
    past.proofs.leaves[2].bytes[7] ^= 1;
    assert_int_equal(proofs_remember(&past.proofs, buf_view(&past.message), leaves), STATUS_NOT_COUNTED);
    past.proofs.leaves[2].bytes[7] ^= 1;
    assert_int_equal(proofs_remember(&past.proofs, (struct view){past.message.ptr, past.message.len - 1}, leaves),
                     STATUS_TRUNCATED);
    assert_int_equal(past.proofs.round_count, 0);
    proofs_free(&past.proofs);
    make_past(&past, 3, 0);
    assert_int_equal(proofs_remember(&past.proofs, buf_view(&past.message), proofs_leaves(&past.proofs)), STATUS_OK);
    assert_int_equal(past.proofs.round_count, 0);
}

/* Rounds 1 to 10, kept by a journal; a host that starts anew is given what it still holds. */
static void the_last_rounds_are_proven_over_a_restart_of_the_host(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    static struct past past[10];
    static struct stage stage;
    char folder[] = P_tmpdir "/proofs_test_XXXXXX", path[64];
    struct journal journal;
    struct reason reason;
    struct proof proof;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal.db", folder);
    assert_int_equal(journal_open(path, &journal, &reason), STATUS_OK);
    for (uint32_t i = 0; i < ARRAY_LEN(past); i++) {
        make_past(&past[i], i + 1, UPDATES);
        const struct closed_round closed = {
            &past[i].record, buf_view(&past[i].message), {NULL, 0}, proofs_leaves(&past[i].proofs)};
        assert_int_equal(journal_keep_round(&journal, &closed), STATUS_OK);
        proofs_free(&past[i].proofs);
    }
    journal_close(&journal);
    stage_open(&stage);
    assert_int_equal(journal_open(path, &journal, &reason), STATUS_OK);
    assert_int_equal(journal_recall(&journal, 2, stage.host), STATUS_OK);
    assert_int_equal(stage.host->record_count, 2);
    for (uint32_t i = 2; i < ARRAY_LEN(past); i++)
        assert_proven(&stage.host->proofs, &past[i]);
    for (uint32_t i = 0; i < 2; i++) {
        const struct proof_request request = request_for(&past[i], 0);
        assert_int_equal(proofs_find(&stage.host->proofs, &request, &proof), STATUS_NOT_FOUND);
    }
    journal_close(&journal);
    stage_close(&stage);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char file[80];
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        unlink(file);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void ask(struct stage *stage, const char *topic, const struct proof_request *request)
{
    uint8_t bytes[256];
    struct buf message = BUF_OF(bytes);

    stage_clear(stage);
    assert_int_equal(proof_request_encode(request, &message), STATUS_OK);
    assert_int_equal(host_message(stage->host, topic, buf_view(&message), stage->federation.now), STATUS_OK);
}

static void who_asks_is_answered_on_the_topic_of_its_receipts(void **state)
{
    static struct stage stage;
    struct past past;
    struct proof proof;

    (void)state;
    stage_open(&stage);
    stage_boot(&stage);
    assert_int_equal(host_connected(stage.host, stage.federation.now), STATUS_OK);
    make_past(&past, 4, UPDATES);
    assert_int_equal(host_remember_leaves(stage.host, buf_view(&past.message), proofs_leaves(&past.proofs)), STATUS_OK);
    struct proof_request request = request_for(&past, 2);
    ask(&stage, "tacit/1/fed/update/agg/dev/4.0", &request);
    assert_string_equal(stage_topics(&stage), "receipt/dev");
    assert_int_equal(proof_decode(stage_payload(&stage, "receipt/dev"), &proof), STATUS_OK);
    assert_int_equal(proof.round, 4);

    ask(&stage, "tacit/1/fed/update/agg/dev/5.0", &request); /* not the round that the topic says */
    assert_string_equal(stage_topics(&stage), "");
    ask(&stage, "tacit/1/fed/update/agg/dev/4.1", &request); /* no place for a request */
    assert_string_equal(stage_topics(&stage), "");
    request.leaf = VIEW_OF(zeros);
    ask(&stage, "tacit/1/fed/update/agg/dev/4.0", &request);
    assert_string_equal(stage_topics(&stage), "");
    assert_int_equal(stage.host->refused[STATUS_NOT_FOUND], 1);
    assert_int_equal(stage.host->refused[STATUS_WRONG_ROUND], 1);
    assert_int_equal(stage.host->refused[STATUS_MALFORMED], 1);
    proofs_free(&past.proofs);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_counted_is_found_with_a_path_to_the_root),
        cmocka_unit_test(leaves_that_are_not_those_of_the_record_are_refused),
        cmocka_unit_test(the_last_rounds_are_proven_over_a_restart_of_the_host),
        cmocka_unit_test(who_asks_is_answered_on_the_topic_of_its_receipts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

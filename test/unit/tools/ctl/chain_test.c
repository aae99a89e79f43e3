/* chain_test.c: which records are believed. PROTOCOL.md section 12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chain.h"
#include "crypto_support.h"

/* An enclave that signs records, each following on the one before. */
struct enclave {
    struct p256_key key;
    uint8_t boot_id[BOOT_ID_SIZE];
};

struct history {
    struct random_port random;
    struct counting_random counting;
    struct enclave first, second; /* two boots */
    uint8_t last[DIGEST_SIZE];
    bool has_last;
};

static struct place place_of(uint32_t round)
{
    return (struct place){.federation = VIEW_TEXT("home"), .aggregator = VIEW_TEXT("gateway"), .round = round};
}

static struct chain_signer signer_of(const struct enclave *enclave)
{
    return (struct chain_signer){place_of(0), VIEW_OF(enclave->key.point), VIEW_OF(enclave->boot_id)};
}

static void history_begin(struct history *history)
{
    *history = (struct history){.has_last = false};
    history->random = counting_port(&history->counting);
    assert_int_equal(p256_generate(&history->random, &history->first.key), STATUS_OK);
    assert_int_equal(p256_generate(&history->random, &history->second.key), STATUS_OK);
    history->first.boot_id[0] = 1;
    history->second.boot_id[0] = 2;
}

/* The next record of the history: says it is of `boot`, signed by `signer`. */
static struct view make_record(struct history *history, uint32_t round, const struct enclave *boot,
                               const struct enclave *signer, struct buf *out)
{
    static const uint8_t digest[DIGEST_SIZE] = {9};
    uint8_t bytes[MESSAGE_MAX];
    struct buf payload = BUF_OF(bytes);
    const struct place place = place_of(round);
    struct record record = {
        .round = round,
        .task = TASK_TRAIN,
        .base = VIEW_OF(digest),
        .model = VIEW_OF(digest),
        .counted = 1,
        .samples = 1,
        .root = VIEW_OF(digest),
        .closed = 1000,
        .boot_id = VIEW_OF(boot->boot_id),
        .policy_digest = VIEW_OF(digest),
    };

    if (history->has_last)
        record.previous = VIEW_OF(history->last);
    assert_int_equal(record_encode(&record, &payload), STATUS_OK);
    assert_int_equal(sha256(buf_view(&payload), history->last), STATUS_OK);
    history->has_last = true;
    out->len = 0;
    assert_int_equal(bind_sign(PURPOSE_RECORD, &place, &signer->key, &history->random, buf_view(&payload), out),
                     STATUS_OK);
    return buf_view(out);
}

static void records_of_the_trusted_enclave_are_believed_in_order_of_rounds(void **state)
{
    struct history history;
    struct chain chain = {0};
    uint8_t bytes[3][MESSAGE_MAX];

    (void)state;
    history_begin(&history);
    const struct chain_signer signer = signer_of(&history.first);
    struct view messages[3];
    for (uint32_t i = 0; i < 3; i++) {
        struct buf message = BUF_OF(bytes[i]);
        messages[i] = make_record(&history, i + 1, &history.first, &history.first, &message);
    }
    assert_int_equal(chain_take(&chain, &signer, 3, messages[2]), STATUS_OK);
    assert_int_equal(chain_take(&chain, &signer, 1, messages[0]), STATUS_OK);
    assert_int_equal(chain_take(&chain, &signer, 2, messages[1]), STATUS_OK);
    assert_int_equal(chain_take(&chain, &signer, 2, messages[1]), STATUS_OK);
    chain_believe(&chain, (struct view){NULL, 0});
    assert_int_equal(chain.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(chain.entries[i].record.round, i + 1);
        assert_true(chain.entries[i].believed);
    }
    chain_free(&chain);
}

static void records_of_an_earlier_boot_are_believed_when_a_later_one_names_them(void **state)
{
    struct history history;
    struct chain chain = {0};
    uint8_t bytes[MESSAGE_MAX];
    struct buf message = BUF_OF(bytes);

    (void)state;
    history_begin(&history);
    const struct chain_signer signer = signer_of(&history.second);
    for (uint32_t round = 1; round <= 2; round++)
        assert_int_equal(
            chain_take(&chain, &signer, round, make_record(&history, round, &history.first, &history.first, &message)),
            STATUS_OK);
    chain_believe(&chain, (struct view){NULL, 0});
    assert_false(chain.entries[0].believed || chain.entries[1].believed);
    chain_believe(&chain, VIEW_OF(history.last)); /* as the second boot's manifest says */
    assert_true(chain.entries[0].believed && chain.entries[1].believed);

    assert_int_equal(
        chain_take(&chain, &signer, 3, make_record(&history, 3, &history.second, &history.second, &message)),
        STATUS_OK);
    chain_believe(&chain, (struct view){NULL, 0});
    assert_true(chain.entries[0].believed && chain.entries[1].believed && chain.entries[2].believed);
    chain_free(&chain);
}

static void a_record_that_nobody_names_is_not_believed(void **state)
{
    struct history history, other;
    struct chain chain = {0};
    uint8_t bytes[MESSAGE_MAX];
    struct buf message = BUF_OF(bytes);

    (void)state;
    history_begin(&history);
    history_begin(&other);
    const struct chain_signer signer = signer_of(&history.second);
    assert_int_equal(chain_take(&chain, &signer, 1, make_record(&other, 1, &history.first, &history.first, &message)),
                     STATUS_OK);
    assert_int_equal(
        chain_take(&chain, &signer, 2, make_record(&history, 2, &history.second, &history.second, &message)),
        STATUS_OK);
    chain_believe(&chain, (struct view){NULL, 0});
    assert_false(chain.entries[0].believed);
    assert_true(chain.entries[1].believed);
    chain_free(&chain);
}

static void refuses_and_leaves_the_chain_as_it_was(void **state)
{
    struct history history;
    struct chain chain = {0};
    uint8_t bytes[MESSAGE_MAX];
    struct buf message = BUF_OF(bytes);

    (void)state;
    history_begin(&history);
    const struct chain_signer signer = signer_of(&history.first);
    struct view forged = make_record(&history, 1, &history.first, &history.second, &message);
    assert_int_equal(chain_take(&chain, &signer, 1, forged), STATUS_FORGED);
    struct view good = make_record(&history, 1, &history.first, &history.first, &message);
    assert_int_equal(chain_take(&chain, &signer, 2, good), STATUS_WRONG_ROUND);
    good.len--;
    assert_int_not_equal(chain_take(&chain, &signer, 1, good), STATUS_OK);
    assert_int_equal(chain.count, 0);
    chain_free(&chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_the_trusted_enclave_are_believed_in_order_of_rounds),
        cmocka_unit_test(records_of_an_earlier_boot_are_believed_when_a_later_one_names_them),
        cmocka_unit_test(a_record_that_nobody_names_is_not_believed),
        cmocka_unit_test(refuses_and_leaves_the_chain_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a sealed state may say, and what is made of one that was sealed by the same program and says something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core_private.h"
#include "federation_private.h"
#include "values.h"

#define COUNT 16

static struct federation federation;
static struct member members[2];
static float values[COUNT];

static void start(void)
{
    const struct federation_options options = {.max_cohort = 8};

    memset(members, 0, sizeof members);
    federation_start(&federation, &options);
    assert_int_equal(member_enrol(&federation, &members[0], "one", NULL, NULL), STATUS_OK);
    assert_int_equal(member_enrol(&federation, &members[1], "two", NULL, NULL), STATUS_OK);
    federation_put_model(&federation, values, COUNT);
}

/* What is left of a plan decides whether the state carries it. */
static void a_lasting_plan_is_kept_as_long_as_there_is_something_left_of_it(void **state)
{
    static const uint32_t want[] = {2, 1, 0}; /* rounds and evaluation, before and after each */
    struct record record;

    (void)state;
    start();
    assert_int_equal(federation_start_lasting_rounds(&federation, 1, 2), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        struct view message;
        uint8_t kept_bytes[4096];
        struct buf kept = BUF_OF(kept_bytes);

        assert_int_equal(federation_call(&federation, GATE_SEAL, (struct view){NULL, 0}), STATUS_OK);
        assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
        assert_int_equal(buf_append(&kept, message), STATUS_OK);
        assert_int_equal(federation_reboot(&federation, buf_view(&kept)).restored, STATUS_OK);
        assert_int_equal(federation_status(&federation).rounds_left, want[i]);
        federation_new_challenge(&federation);
        federation_open_round(&federation);
        if (want[i] == 0)
            break;
        assert_int_equal(member_enrol(&federation, &members[0], "one", NULL, NULL), STATUS_OK);
        assert_int_equal(member_enrol(&federation, &members[1], "two", NULL, NULL), STATUS_OK);
        for (int m = 0; m < 2; m++) {
            struct update_draft *draft = member_draft(&federation, values, COUNT, 10);

            draft->update.task = federation.manifest.task;
            if (draft->update.task == TASK_EVALUATE)
                draft->update.tensor_count = 0;
            member_seal(&federation, &members[m], draft, (struct view){NULL, 0});
            assert_int_equal(member_send(&federation, &members[m], draft, NULL), STATUS_OK);
            draft_free(draft);
        }
        assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    }
    assert_int_equal(federation.manifest.task, TASK_NONE);
    federation_end(&federation);
}

static void a_state_that_the_response_has_no_room_for_is_not_sealed(void **state)
{
    uint8_t bytes[2048];
    size_t least = sizeof bytes;
    bool fatal;

    (void)state;
    start();
    for (size_t room = 0; room < sizeof bytes; room++) {
        struct buf out = {.ptr = bytes, .cap = room};
        const enum status status = core_call(federation.core, GATE_SEAL, (struct view){NULL, 0}, &out, &fatal);

        assert_false(fatal);
        if (status == STATUS_OK && room < least)
            least = room;
        assert_int_equal(status, room < least ? STATUS_NO_SPACE : STATUS_OK);
        assert_true(status == STATUS_OK ? out.len > 0 : out.len == 0);
    }
    assert_in_range(least, 4 * COUNT, sizeof bytes - 1);
    federation_end(&federation);
}

/* A state as a program with the same sealing key could write it. */
struct made_state {
    uint64_t round;
    bool without_model, with_garbage_model;
    uint64_t revocations;
    uint32_t work_items; /* 0: no plan */
    uint64_t target;
    bool of_other_policy, evaluates;
    int64_t alg;
};

static void write_plan(struct writer *writer, const struct made_state *made)
{
    uint8_t policy[DIGEST_SIZE];

    memcpy(policy, federation.core->policy_digest, sizeof policy);
    policy[0] ^= made->of_other_policy;
    write_uint(writer, 5);
    write_array(writer, made->work_items);
    for (uint32_t i = 0; i + 1 < made->work_items; i++)
        write_uint(writer, i == 1 ? made->target : i == 3 ? made->evaluates : 60 + i);
    write_bytes(writer, VIEW_OF(policy));
}

static struct view seal_state(const struct made_state *made)
{
    static uint8_t plain_bytes[8192], sealed_bytes[8192];
    struct buf plain = BUF_OF(plain_bytes), sealed = BUF_OF(sealed_bytes);
    const struct place place = place_of(&federation, (struct view){NULL, 0});
    const uint8_t key[AEAD_KEY_MAX] = {0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e,
                                       0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e,
                                       0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e, 0x5e};
    const uint8_t iv[AEAD_NONCE_MAX] = {1};
    const struct cose_encrypt0 head = {.alg = made->alg, .iv = {iv, aead_nonce_size(made->alg)}};
    struct writer writer = writer_to(&plain);

    write_map(&writer, 3u + !made->without_model + (made->work_items > 0));
    write_uint(&writer, 1);
    write_uint(&writer, made->round);
    write_uint(&writer, 2);
    write_null(&writer);
    if (!made->without_model) {
        write_uint(&writer, 3);
        write_bytes(&writer, made->with_garbage_model ? VIEW_TEXT("model") : buf_view(&federation.core->model.encoded));
    }
    write_uint(&writer, 4);
    write_uint(&writer, made->revocations);
    if (made->work_items > 0)
        write_plan(&writer, made);
    assert_int_equal(writer_end(&writer), STATUS_OK);
    assert_int_equal(bind_seal0(PURPOSE_STATE, &place, VIEW_OF(key), &head, buf_view(&plain), &sealed), STATUS_OK);
    return buf_view(&sealed);
}

static void a_state_is_taken_wholly_or_not_at_all(void **state)
{
    static const struct {
        const char *why;
        struct made_state made;
        enum status want;
        uint32_t rounds_left;
    } cases[] = {
        {"good, no plan", {.round = 3, .alg = AEAD_A256GCM}, STATUS_OK, 0},
        {"good, with a plan", {.round = 3, .alg = AEAD_A256GCM, .work_items = 5, .target = 2}, STATUS_OK, 60},
        {"and a closing evaluation",
         {.round = 3, .alg = AEAD_A256GCM, .work_items = 5, .target = 2, .evaluates = true},
         STATUS_OK,
         61},
        {"a plan under another policy",
         {.round = 3, .alg = AEAD_A256GCM, .work_items = 5, .target = 2, .of_other_policy = true},
         STATUS_OK,
         0},
        {"a plan for a larger cohort than the policy has",
         {.round = 3, .alg = AEAD_A256GCM, .work_items = 5, .target = 9},
         STATUS_OK,
         0},
        {"a plan for nobody", {.round = 3, .alg = AEAD_A256GCM, .work_items = 5}, STATUS_OUT_OF_RANGE, 0},
        {"a plan of four items",
         {.round = 3, .alg = AEAD_A256GCM, .work_items = 4, .target = 2},
         STATUS_OUT_OF_RANGE,
         0},
        {"a round past the last", {.round = ROUND_MAX + 1ull, .alg = AEAD_A256GCM}, STATUS_OUT_OF_RANGE, 0},
        {"no model", {.round = 3, .alg = AEAD_A256GCM, .without_model = true}, STATUS_MALFORMED, 0},
        {"a model that is none", {.round = 3, .alg = AEAD_A256GCM, .with_garbage_model = true}, STATUS_TRUNCATED, 0},
        {"a revocation list that is not here",
         {.round = 3, .alg = AEAD_A256GCM, .revocations = 1},
         STATUS_REVOCATIONS_ROLLBACK,
         0},
        {"sealed by another algorithm", {.round = 3, .alg = AEAD_CHACHA20_POLY1305}, STATUS_UNSUPPORTED, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct gate_status now;

        print_message("  %s\n", cases[i].why);
        start();
        assert_int_equal(federation_reboot(&federation, seal_state(&cases[i].made)).restored, cases[i].want);
        now = federation_status(&federation);
        assert_int_equal(now.phase, cases[i].want == STATUS_OK ? GATE_IDLE : GATE_EMPTY);
        assert_int_equal(now.round, cases[i].want == STATUS_OK ? cases[i].made.round : 0);
        assert_int_equal(now.rounds_left, cases[i].rounds_left);
        federation_end(&federation);
    }
}

static void bytes_that_are_no_message_are_no_state(void **state)
{
    (void)state;
    start();
    assert_int_equal(federation_reboot(&federation, VIEW_TEXT("state")).restored, STATUS_TRUNCATED);
    assert_int_equal(federation_status(&federation).phase, GATE_EMPTY);
    federation_end(&federation);
}

static void after_the_last_number_no_round_is_opened(void **state)
{
    uint8_t bytes[16];
    struct buf body = BUF_OF(bytes);

    (void)state;
    start();
    assert_int_equal(gate_number_encode(federation.now, &body), STATUS_OK);
    for (uint32_t left = 0; left < 2; left++) {
        const struct made_state made = {.round = ROUND_MAX - left, .alg = AEAD_A256GCM, .work_items = 5, .target = 2};

        assert_int_equal(federation_reboot(&federation, seal_state(&made)).restored, STATUS_OK);
        assert_int_equal(federation_call(&federation, GATE_OPEN, buf_view(&body)),
                         left == 0 ? STATUS_OUT_OF_RANGE : STATUS_OK);
        assert_false(federation.fatal);
        assert_int_equal(federation_status(&federation).phase, left == 0 ? GATE_IDLE : GATE_ROUND);
    }
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_is_taken_wholly_or_not_at_all),
        cmocka_unit_test(a_lasting_plan_is_kept_as_long_as_there_is_something_left_of_it),
        cmocka_unit_test(a_state_that_the_response_has_no_room_for_is_not_sealed),
        cmocka_unit_test(bytes_that_are_no_message_are_no_state),
        cmocka_unit_test(after_the_last_number_no_round_is_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

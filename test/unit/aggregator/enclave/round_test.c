/* A whole federation against the core: enrol, rounds, release; and what makes a call fatal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "federation_private.h"
#include "model.h"

#define COUNT 700 /* parameters: three chunks of an update at the packet size of these tests */

static float base[COUNT], delta[10][COUNT];

static void make_values(void)
{
    for (int i = 0; i < COUNT; i++) {
        base[i] = (float)(i % 17) / 16.0f;
        for (int m = 0; m < 10; m++)
            delta[m][i] = (float)((i * 31 + m * 7) % 101 - 50) / 1000.0f;
    }
}

/* A federation with `members` enrolled and a model in place. */
static void start(struct federation *federation, struct member *members, uint32_t count)
{
    struct federation_options options = {.min_cohort = 2, .max_packet = 1024};

    make_values();
    federation_start(federation, &options);
    for (uint32_t m = 0; m < count; m++) {
        char name[16] = "device-0";
        name[7] = (char)('0' + m);
        members[m] = (struct member){.alg = federation->policy.algs[m % federation->policy.alg_count]};
        assert_int_equal(member_enrol(federation, &members[m], name, NULL, NULL), STATUS_OK);
    }
    federation_put_model(federation, base, COUNT);
}

static void a_round_releases_the_mean_and_the_record_tells_it(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[3] = {{.alg = 0}};
    static uint8_t model[8192];
    struct buf model_buf = BUF_OF(model);
    static struct model_layout layout;
    struct record record;
    uint8_t released[32];

    start(&federation, members, 3);
    assert_int_equal(federation_start_rounds(&federation, 2, 3), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, 1);
    assert_true(federation.manifest.simulated);
    for (uint32_t m = 0; m < 3; m++)
        assert_int_equal(member_update(&federation, &members[m], delta[m], COUNT, 100 + m), STATUS_OK);
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(record.reason, STATUS_OK);
    assert_int_equal(record.counted, 3);
    assert_int_equal(record.samples, 303);
    assert_int_equal(record.previous.len, 0);
    assert_true(view_equal(record.base, federation.manifest.base));
    assert_int_equal(record.metrics.count, 1);
    assert_int_equal(record.metrics.list[0].value, 900000);
    assert_int_equal(record.metrics.list[0].weight, 303);
    memcpy(released, record.model.ptr, sizeof released);

    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, 2);
    assert_memory_equal(federation.manifest.base.ptr, released, sizeof released);
    federation_read_model(&federation, &members[0], &model_buf);
    assert_int_equal(model_decode(buf_view(&model_buf), COUNT, &layout), STATUS_OK);
    for (int i = 0; i < COUNT; i++) {
        double mean = 0;
        uint32_t bits = read_le32(model + layout.tensors[0].offset + 4 * (size_t)i);
        float got;
        memcpy(&got, &bits, sizeof got);
        for (uint32_t m = 0; m < 3; m++)
            mean += (double)delta[m][i] * (100 + m);
        assert_true(fabs((double)got - ((double)base[i] + mean / 303)) < 2e-7);
    }
    federation_end(&federation);
}

static void fifty_orders_give_one_model_and_one_record(void **state)
{
    (void)state;
    uint8_t model[32], root[32];
    uint32_t random = 3;

    for (int run = 0; run < 50; run++) {
        struct federation federation;
        struct member members[10] = {{.alg = 0}};
        struct update_draft *drafts[10];
        struct record record;
        uint32_t order[10];
        start(&federation, members, 10);
        assert_int_equal(federation_start_rounds(&federation, 1, 10), STATUS_OK);
        federation_open_round(&federation);
        for (uint32_t i = 0; i < 10; i++) {
            uint32_t j = ((random = random * 1664525 + 1013904223) >> 16) % (i + 1);
            order[i] = order[j];
            order[j] = i;
            drafts[i] = member_draft(&federation, delta[i], COUNT, 50 + i);
            member_seal(&federation, &members[i], drafts[i], (struct view){NULL, 0});
        }
        for (uint32_t i = 0; i < 10; i++) {
            assert_int_equal(member_send(&federation, &members[order[i]], drafts[order[i]], NULL), STATUS_OK);
            draft_free(drafts[order[i]]);
        }
        assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
        if (run == 0) {
            memcpy(model, record.model.ptr, sizeof model);
            memcpy(root, record.root.ptr, sizeof root);
        }
        assert_memory_equal(record.model.ptr, model, sizeof model);
        assert_memory_equal(record.root.ptr, root, sizeof root);
        federation_end(&federation);
    }
}

static void below_the_minimum_cohort_nothing_is_released(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    struct record record;

    start(&federation, members, 2);
    assert_int_equal(federation_start_rounds(&federation, 1, 2), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(member_update(&federation, &members[0], delta[0], COUNT, 10), STATUS_OK);
    assert_int_equal(federation_close_round(&federation, &record), STATUS_BUSY);
    assert_false(federation.fatal);
    federation.now += 600;
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(record.reason, STATUS_COHORT_TOO_SMALL);
    assert_true(view_equal(record.model, record.base));
    assert_int_equal(record.metrics.count, 0);

    /* The round is tried again, under a number of its own, on the same base, in one chain. */
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, 2);
    assert_int_equal(federation.manifest.previous.len, DIGEST_SIZE);
    federation_end(&federation);
}

static void a_closing_round_evaluates_and_changes_nothing(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    struct owner_request request = {.command = OWNER_START, .plan = {1, 2, 600, true, false}};
    struct record record;
    uint8_t model[32];

    start(&federation, members, 2);
    assert_int_equal(federation_owner(&federation, &request), STATUS_OK);
    federation_open_round(&federation);
    for (int m = 0; m < 2; m++)
        assert_int_equal(member_update(&federation, &members[m], delta[m], COUNT, 10), STATUS_OK);
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    memcpy(model, record.model.ptr, sizeof model);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.task, TASK_EVALUATE);
    for (int m = 0; m < 2; m++) {
        struct update_draft *draft = member_draft(&federation, delta[m], COUNT, 10);
        struct receipt receipt;
        member_seal(&federation, &members[m], draft, (struct view){NULL, 0});
        assert_int_equal(member_send(&federation, &members[m], draft, &receipt), STATUS_WRONG_TASK);
        assert_int_equal(receipt.reason, STATUS_WRONG_TASK);
        draft_free(draft);
        draft = member_draft(&federation, delta[m], COUNT, 10);
        draft->update.task = TASK_EVALUATE;
        draft->update.tensor_count = 0;
        draft->update.tensors = (struct view){NULL, 0};
        member_seal(&federation, &members[m], draft, (struct view){NULL, 0});
        assert_int_equal(member_send(&federation, &members[m], draft, NULL), STATUS_OK);
        draft_free(draft);
    }
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(record.task, TASK_EVALUATE);
    assert_memory_equal(record.model.ptr, model, sizeof model);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation_end(&federation);
}

static void a_number_never_stands_for_two_models(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    uint32_t first;

    start(&federation, members, 2);
    federation_open_round(&federation); /* announces: nothing is planned */
    first = federation.manifest.round;
    assert_int_equal(federation.manifest.task, TASK_NONE);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, first); /* the same model: the same chunks */
    base[0] += 1;
    federation_put_model(&federation, base, COUNT);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, first + 1);
    assert_int_equal(federation_start_rounds(&federation, 1, 2), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, first + 1);
    federation_end(&federation);
}

static void state_goes_on_after_a_restart_and_keys_do_not(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    static uint8_t sealed[32768];
    struct buf kept = BUF_OF(sealed);
    struct update_draft *old;
    struct view message;
    struct record record;
    uint8_t model[32];

    start(&federation, members, 2);
    assert_int_equal(federation_start_rounds(&federation, 1, 2), STATUS_OK);
    federation_open_round(&federation);
    old = member_draft(&federation, delta[0], COUNT, 10);
    member_seal(&federation, &members[0], old, (struct view){NULL, 0});
    for (int m = 0; m < 2; m++)
        assert_int_equal(member_update(&federation, &members[m], delta[m], COUNT, 10), STATUS_OK);
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    memcpy(model, record.model.ptr, sizeof model);
    assert_int_equal(federation_call(&federation, GATE_SEAL, (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(gate_message_decode(buf_view(&federation.response), &message), STATUS_OK);
    assert_int_equal(buf_append(&kept, message), STATUS_OK);

    for (size_t i = 0; i < kept.len; i += 97) { /* a tampered state is not taken, and the boot goes on without it */
        sealed[i] ^= 1;
        assert_int_not_equal(federation_reboot(&federation, buf_view(&kept)).restored, STATUS_OK);
        assert_int_equal(federation_status(&federation).phase, GATE_EMPTY);
        sealed[i] ^= 1;
    }
    assert_int_equal(federation_reboot(&federation, buf_view(&kept)).restored, STATUS_OK);
    assert_int_equal(federation_status(&federation).phase, GATE_IDLE);
    assert_memory_equal(federation_status(&federation).model_digest.ptr, model, sizeof model);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, 2);
    assert_int_equal(federation.manifest.previous.len, DIGEST_SIZE);
    /* What was sealed for the boot before opens nowhere. */
    assert_int_equal(member_send(&federation, &members[0], old, NULL), STATUS_CREDENTIAL_FOREIGN);
    draft_free(old);
    federation_end(&federation);
}

/* Seals, and boots anew with what was sealed. */
static void restart(struct federation *federation)
{
    static uint8_t sealed[32768];
    struct buf kept = BUF_OF(sealed);
    struct view message;

    assert_int_equal(federation_call(federation, GATE_SEAL, (struct view){NULL, 0}), STATUS_OK);
    assert_int_equal(gate_message_decode(buf_view(&federation->response), &message), STATUS_OK);
    assert_int_equal(buf_append(&kept, message), STATUS_OK);
    assert_int_equal(federation_reboot(federation, buf_view(&kept)).restored, STATUS_OK);
}

static void a_plan_goes_on_after_a_restart_if_the_owner_said_so(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    struct record record;

    start(&federation, members, 2);
    assert_int_equal(federation_start_lasting_rounds(&federation, 3, 2), STATUS_OK);
    restart(&federation); /* before the first round */
    assert_int_equal(federation_status(&federation).rounds_left, 4);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, 1);
    assert_int_equal(federation.manifest.target, 2);
    assert_int_equal(federation.manifest.deadline, federation.now + 600);
    restart(&federation); /* in the middle of one: it is done again */
    federation_open_round(&federation);
    federation_new_challenge(&federation);
    assert_int_equal(federation.manifest.round, 1);
    for (int m = 0; m < 2; m++) {
        char name[16] = "device-0";
        name[7] = (char)('0' + m);
        assert_int_equal(member_enrol(&federation, &members[m], name, NULL, NULL), STATUS_OK);
        assert_int_equal(member_update(&federation, &members[m], delta[m], COUNT, 10), STATUS_OK);
    }
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    restart(&federation); /* after one */
    assert_int_equal(federation_status(&federation).rounds_left, 3);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.round, 2);
    federation_new_challenge(&federation);
    assert_int_equal(federation_owner(&federation, &(struct owner_request){.command = OWNER_STOP}), STATUS_OK);
    restart(&federation); /* what was stopped stays stopped, but for the open round and the evaluation */
    assert_int_equal(federation_status(&federation).rounds_left, 2);
    federation_end(&federation);
}

static void without_the_owners_word_a_plan_ends_with_its_boot(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};

    start(&federation, members, 2);
    assert_int_equal(federation_start_rounds(&federation, 3, 2), STATUS_OK);
    restart(&federation);
    assert_int_equal(federation_status(&federation).phase, GATE_IDLE);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation_end(&federation);
}

/* Calls whose moment it is, that cannot be served as asked: answered with the reason, and the enclave goes on. */
static void a_chunk_is_given_of_what_is_announced(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    struct view message;

    start(&federation, members, 2);
    assert_int_equal(call_number(&federation, GATE_MODEL_CHUNK, 0, &message), STATUS_NO_ROUND);
    federation_open_round(&federation);
    for (uint32_t chunk = 0; chunk < 6; chunk++) {
        const bool there = chunk < chunks_of(federation.manifest.model_size, federation.manifest.chunk_size);

        assert_int_equal(call_number(&federation, GATE_MODEL_CHUNK, chunk, &message),
                         there ? STATUS_OK : STATUS_OUT_OF_RANGE);
        assert_false(federation.fatal);
    }
    federation_end(&federation);
}

/* No device could read a deadline past the protocol's last time, and no round would reach it. */
static void past_the_last_time_nothing_is_announced(void **state)
{
    (void)state;
    struct federation federation;
    struct member members[2] = {{.alg = 0}};
    struct view message;

    start(&federation, members, 2);
    assert_int_equal(federation_start_rounds(&federation, 1, 2), STATUS_OK);
    assert_int_equal(call_number(&federation, GATE_OPEN, TIME_MAX, &message), STATUS_OUT_OF_RANGE);
    assert_false(federation.fatal);
    assert_int_equal(federation_status(&federation).phase, GATE_IDLE);
    assert_int_equal(federation_status(&federation).round, 0);
    assert_int_equal(call_number(&federation, GATE_CHALLENGE, TIME_MAX, &message), STATUS_OUT_OF_RANGE);
    assert_false(federation.fatal);
    federation_end(&federation);
}

static void a_body_that_is_too_long_is_fatal(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        enum gate_call call;
        bool large; /* may be as long as an update or a model */
    } cases[] = {
        {"a time", GATE_CHALLENGE, false},
        {"an enrolment", GATE_ENROL, false},
        {"an owner's request", GATE_OWNER, true},
        {"an update", GATE_UPDATE, true},
    };
    struct federation federation;
    struct federation_options options = {.seed = 2};

    federation_start(&federation, &options);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const size_t most = cases[i].large ? core_max_body(federation.core) : GATE_BODY_MAX;
        uint8_t *bytes = calloc(1, most + 1);

        print_message("  %s\n", cases[i].why);
        assert_int_equal(federation_call(&federation, cases[i].call, (struct view){bytes, most + 1}), STATUS_NO_SPACE);
        assert_true(federation.fatal);
        assert_int_not_equal(federation_call(&federation, cases[i].call, (struct view){bytes, most}), STATUS_NO_SPACE);
        assert_true(federation.fatal);
        free(bytes);
    }
    federation_end(&federation);
}

static void a_call_out_of_its_moment_is_fatal(void **state)
{
    (void)state;
    static const uint8_t number[] = {0x01}, garbage[] = {0xff, 0x00};
    static const struct {
        const char *why;
        enum gate_call call;
        struct view body;
    } cases[] = {
        {"boot twice", GATE_BOOT, {number, 1}},
        {"open without a model", GATE_OPEN, {number, 1}},
        {"close without a round", GATE_CLOSE, {number, 1}},
        {"seal without a model", GATE_SEAL, {NULL, 0}},
        {"chunk without a model", GATE_MODEL_CHUNK, {number, 1}},
        {"no such call", GATE_CALLS, {NULL, 0}},
        {"call 0", (enum gate_call)0, {NULL, 0}},
        {"body that does not decode", GATE_ENROL, {garbage, 2}},
        {"update that does not decode", GATE_UPDATE, {garbage, 2}},
        {"body where none belongs", GATE_STATUS, {number, 1}},
        {"empty body", GATE_CHALLENGE, {NULL, 0}},
    };
    struct federation federation;
    struct federation_options options = {.seed = 2};

    federation_start(&federation, &options);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        assert_int_not_equal(federation_call(&federation, cases[i].call, cases[i].body), STATUS_OK);
        assert_true(federation.fatal);
        assert_int_equal(federation.response.len, 0);
    }
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_releases_the_mean_and_the_record_tells_it),
        cmocka_unit_test(fifty_orders_give_one_model_and_one_record),
        cmocka_unit_test(below_the_minimum_cohort_nothing_is_released),
        cmocka_unit_test(a_closing_round_evaluates_and_changes_nothing),
        cmocka_unit_test(a_number_never_stands_for_two_models),
        cmocka_unit_test(state_goes_on_after_a_restart_and_keys_do_not),
        cmocka_unit_test(a_plan_goes_on_after_a_restart_if_the_owner_said_so),
        cmocka_unit_test(without_the_owners_word_a_plan_ends_with_its_boot),
        cmocka_unit_test(a_chunk_is_given_of_what_is_announced),
        cmocka_unit_test(past_the_last_time_nothing_is_announced),
        cmocka_unit_test(a_body_that_is_too_long_is_fatal),
        cmocka_unit_test(a_call_out_of_its_moment_is_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

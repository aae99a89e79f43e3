/* What the owner may ask for, when, and what becomes of requests that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cose.h"
#include "federation_private.h"
#include "model.h"
#include "topic.h"

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
}

static enum status ask(enum owner_command command)
{
    return federation_owner(&federation, &(struct owner_request){.command = command, .plan = {1, 2, 600, true, false}});
}

/* Sends these bytes, signed by the owner or bare, sealed for the enclave or bare. */
static struct gate_answer send(struct view request, bool sign, bool seal)
{
    uint8_t signed_bytes[MESSAGE_MAX], sealed_bytes[MESSAGE_MAX], body_bytes[2 * MESSAGE_MAX];
    struct buf signed_buf = BUF_OF(signed_bytes), sealed_buf = BUF_OF(sealed_bytes), body = BUF_OF(body_bytes);
    const struct place place = place_of(&federation, VIEW_TEXT("request-1"));
    struct gate_sealed sealed = {.now = federation.now, .name = place.device, .message = request};
    struct gate_answer answer;

    if (sign) {
        must(bind_sign(PURPOSE_OWNER, &place, &federation.owner, &federation.random, sealed.message, &signed_buf), "");
        sealed.message = buf_view(&signed_buf);
    }
    if (seal) {
        must(bind_seal(PURPOSE_OWNER, &place, VIEW_OF(federation.sealing_point), &federation.random, sealed.message,
                       &sealed_buf),
             "");
        sealed.message = buf_view(&sealed_buf);
    }
    must(gate_sealed_encode(&sealed, &body), "");
    must(federation_call(&federation, GATE_OWNER, buf_view(&body)), "");
    must(gate_answer_decode(buf_view(&federation.response), &answer), "");
    return answer;
}

static void what_is_no_request_is_not_answered(void **state)
{
    static const struct {
        const char *why;
        bool sign, seal;
        enum status want;
    } cases[] = {
        {"not sealed", false, false, STATUS_TRUNCATED},
        {"signed, not sealed", true, false, STATUS_MALFORMED},
        {"sealed, not signed", false, true, STATUS_TRUNCATED},
        {"signed and sealed, and no request", true, true, STATUS_TRUNCATED},
    };

    (void)state;
    start();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct gate_answer answer;

        print_message("  %s\n", cases[i].why);
        answer = send(VIEW_TEXT("request"), cases[i].sign, cases[i].seal);
        assert_int_equal(answer.reason, cases[i].want);
        assert_int_equal(answer.message.len, 0);
    }
    federation_end(&federation);
}

/* It is the owner's request, so it is obeyed; but there is nobody to seal the answer to. */
static void a_request_whose_reply_key_is_none_is_obeyed_in_silence(void **state)
{
    uint8_t bytes[1024];
    struct buf encoded = BUF_OF(bytes);
    static const uint8_t no_key[PUBLIC_KEY_SIZE];
    struct owner_request request = {.command = OWNER_STOP, .reply_key = VIEW_OF(no_key)};
    struct gate_answer answer;

    (void)state;
    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(federation_start_rounds(&federation, 3, 2), STATUS_OK);
    request.challenge = VIEW_OF(federation.challenge);
    assert_int_equal(owner_request_encode(&request, &encoded), STATUS_OK);
    answer = send(buf_view(&encoded), true, true);
    assert_int_equal(answer.reason, STATUS_OK);
    assert_int_equal(answer.message.len, 0);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation_end(&federation);
}

static void the_model_key_is_given_when_there_is_a_model(void **state)
{
    (void)state;
    start();
    assert_int_equal(ask(OWNER_MODEL_KEY), STATUS_NO_MODEL);
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(ask(OWNER_MODEL_KEY), STATUS_OK);
    federation_end(&federation);
}

static enum status put_again(void)
{
    uint8_t bytes[1024];
    struct buf model = BUF_OF(bytes);
    const struct model_tensor tensor = {.name = VIEW_TEXT("v"), .dims = 1, .shape = {1}, .elements = 1};

    must(model_encode_head(1, &model), "");
    must(model_encode_tensor_head(&tensor, &model), "");
    write_le32(model.ptr + model.len, 0);
    model.len += 4;
    return federation_owner(&federation,
                            &(struct owner_request){.command = OWNER_PUT_MODEL, .model = buf_view(&model)});
}

static void evaluate(void)
{
    for (int m = 0; m < 2; m++) {
        struct update_draft *draft = member_draft(&federation, values, COUNT, 10);

        draft->update.task = federation.manifest.task;
        if (draft->update.task == TASK_EVALUATE)
            draft->update.tensor_count = 0;
        member_seal(&federation, &members[m], draft, (struct view){NULL, 0});
        assert_int_equal(member_send(&federation, &members[m], draft, NULL), STATUS_OK);
        draft_free(draft);
    }
}

/* A model, or a plan, is not changed under the feet of a plan: not between its rounds, nor in any of them. */
static void while_work_is_planned_or_under_way_no_other_is_taken(void **state)
{
    struct record record;

    (void)state;
    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(ask(OWNER_START), STATUS_OK);
    for (int round = 0; round < 2; round++) { /* one that trains, one that evaluates */
        if (round == 0) {
            assert_int_equal(put_again(), STATUS_BUSY);
            assert_int_equal(ask(OWNER_START), STATUS_BUSY);
        }
        federation_open_round(&federation);
        assert_int_equal(federation.manifest.task, round == 0 ? TASK_TRAIN : TASK_EVALUATE);
        assert_int_equal(put_again(), STATUS_BUSY);
        assert_int_equal(ask(OWNER_START), STATUS_BUSY);
        evaluate();
        assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
        assert_int_equal(record.reason, STATUS_OK);
    }
    assert_int_equal(put_again(), STATUS_OK);
    federation_end(&federation);
}

/* Stopping lets the open round end; it takes the rest of the plan away. */
static void stopping_an_evaluation_ends_with_it(void **state)
{
    struct record record;

    (void)state;
    start();
    federation_put_model(&federation, values, COUNT);
    assert_int_equal(ask(OWNER_START), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(ask(OWNER_STOP), STATUS_OK);
    assert_int_equal(federation_status(&federation).rounds_left, 2);
    evaluate();
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    federation_open_round(&federation);
    assert_int_equal(federation.manifest.task, TASK_EVALUATE);
    assert_int_equal(ask(OWNER_STOP), STATUS_OK);
    assert_int_equal(federation_status(&federation).rounds_left, 1);
    evaluate();
    assert_int_equal(federation_close_round(&federation, &record), STATUS_OK);
    assert_int_equal(federation_status(&federation).rounds_left, 0);
    federation_end(&federation);
}

/* Heads and names are part of a model: this one fits the policy's parameters, and not its 4096 chunks. */
static void a_model_of_too_many_chunks_is_not_taken(void **state)
{
    const size_t most = CHUNKS_MAX * (size_t)(1024 - COSE_OVERHEAD_MAX - TOPIC_MAX);
    uint64_t left = (most - update_encoded_max(0, MODEL_MAX_TENSORS)) / 4;
    const struct federation_options options = {.max_packet = 1024, .max_parameters = left};
    struct owner_request request = {.command = OWNER_PUT_MODEL};
    struct buf model = {.ptr = calloc(1, model_encoded_max(left)), .cap = model_encoded_max(left)};

    (void)state;
    federation_start(&federation, &options);
    must(model_encode_head(MODEL_MAX_TENSORS, &model), "");
    for (unsigned int i = 0; i < MODEL_MAX_TENSORS; i++) {
        char name[MODEL_MAX_NAME + 1];
        struct model_tensor tensor = {.dims = 4, .shape = {1, 1, 1, i + 1 < MODEL_MAX_TENSORS ? 1000 : left}};

        snprintf(name, sizeof name, "%064u", i);
        tensor.name = view_of_string(name);
        tensor.elements = tensor.shape[3];
        must(model_encode_tensor_head(&tensor, &model), "");
        model.len += 4 * tensor.elements;
        left -= tensor.elements;
    }
    assert_true(model.len > most);
    request.model = buf_view(&model);
    assert_int_equal(federation_owner(&federation, &request), STATUS_NO_SPACE);
    assert_int_equal(federation_status(&federation).phase, GATE_EMPTY);
    free(model.ptr);
    federation_end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_request_is_not_answered),
        cmocka_unit_test(a_request_whose_reply_key_is_none_is_obeyed_in_silence),
        cmocka_unit_test(the_model_key_is_given_when_there_is_a_model),
        cmocka_unit_test(while_work_is_planned_or_under_way_no_other_is_taken),
        cmocka_unit_test(stopping_an_evaluation_ends_with_it),
        cmocka_unit_test(a_model_of_too_many_chunks_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* dense_commands.c: see dense_commands.h. */
#include "dense_commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dense_file.h"
#include "dense_model.h"

enum dense_exit dense_command_init(const struct dense_call *call, struct dense_fault *fault)
{
    CLEANUP(dense_net_free) struct dense_net net = {0};

    TRY(dense_net_create(&call->options.layers, &net, fault));
    dense_net_init(&net, (enum dense_init_kind)call->options.init, call->run.seed);
    return dense_model_write(call->arguments[0], &net, fault);
}

enum dense_exit dense_command_train(const struct dense_call *call, struct dense_fault *fault)
{
    CLEANUP(dense_net_free) struct dense_net net = {0};
    CLEANUP(dense_set_free) struct dense_set set = {0};
    char metrics[128];
    double loss;

    TRY(dense_model_read(call->arguments[0], &call->options.layers, &net, fault));
    TRY(dense_data_train(&call->options, &set, fault));
    TRY(dense_train(&net, &set, &call->options, call->run, &loss, fault));
    TRY(dense_model_write(call->arguments[1], &net, fault));
    int len = snprintf(metrics, sizeof metrics, "{\"samples\": %u, \"loss\": %.9g}\n", set.count, loss);
    return dense_file_write(call->arguments[2], metrics, (size_t)len, fault);
}

enum dense_exit dense_command_validate(const struct dense_call *call, struct dense_fault *fault)
{
    CLEANUP(dense_net_free) struct dense_net net = {0};
    CLEANUP(dense_set_free) struct dense_set set = {0};
    char metrics[128];

    TRY(dense_model_read(call->arguments[0], &call->options.layers, &net, fault));
    TRY(dense_data_test(&call->options, &set, fault));
    struct dense_score score = dense_validate(&net, &set);
    if (!isfinite(score.loss))
        return dense_fail(fault, DENSE_FAILED, "%s: its loss is not finite: the model has diverged",
                          call->arguments[0]);
    int len = snprintf(metrics, sizeof metrics, "{\"samples\": %u, \"loss\": %.9g, \"accuracy\": %.9g}\n", set.count,
                       score.loss, score.accuracy);
    return dense_file_write(call->arguments[1], metrics, (size_t)len, fault);
}

enum dense_exit dense_command_predict(const struct dense_call *call, struct dense_fault *fault)
{
    CLEANUP(dense_net_free) struct dense_net net = {0};
    CLEANUP(dense_set_free) struct dense_set set = {0};
    CLEANUP(dense_free) char *text = NULL;
    size_t at = 0, room;

    TRY(dense_model_read(call->arguments[0], &call->options.layers, &net, fault));
    TRY(dense_data_input(&call->options, call->arguments[1], &set, fault));
    room = (size_t)set.count * 32; /* a class of at most 5 digits, a probability of 8 characters */
    text = malloc(room);
    if (!text)
        return dense_fail_memory(fault);
    for (uint32_t i = 0; i < set.count; i++) {
        dense_net_forward(&net, set.inputs + (size_t)i * set.width, 0, 0, NULL);
        uint32_t answer = dense_net_answer(&net);
        double probability = (double)net.layer[net.count - 1].output[answer];
        at += (size_t)snprintf(text + at, room - at, "%u %.6f\n", answer, probability);
    }
    return dense_file_write(call->arguments[2], text, at, fault);
}

static enum dense_exit read_number_from(const char *name, uint64_t *out, struct dense_fault *fault)
{
    const char *text = getenv(name);

    if (text && dense_number(text, out) != 0)
        return dense_fail(fault, DENSE_CONFIG, "%s: '%.64s' is not a number from 0 to 2^64 - 1", name, text);
    return DENSE_OK;
}

enum dense_exit dense_call_from_environment(struct dense_call *out, struct dense_fault *fault)
{
    CLEANUP(dense_file_free) struct dense_file file = {0};
    struct dense_call call = {.options = dense_options_default()};
    const char *path = getenv("TACIT_CONFIG");

    TRY(read_number_from("TACIT_SEED", &call.run.seed, fault));
    TRY(read_number_from("TACIT_ROUND", &call.run.round, fault));
    if (path) {
        if (dense_file_read(path, DENSE_MAX_CONFIG, &file, fault) != DENSE_OK)
            return DENSE_CONFIG;
        TRY(dense_options_parse(path, (const char *)file.bytes, file.len, &call.options, fault));
    }
    *out = call;
    return DENSE_OK;
}

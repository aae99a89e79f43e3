/* dense_train.c: see dense_train.h. */
#include "dense_train.h"

#include <math.h>
#include <stdlib.h>

static const float *example(const struct dense_set *set, uint32_t number)
{
    return set->inputs + (size_t)number * set->width;
}

/* Dropout is for hidden layers: a network of one layer has none. */
static double dropout_of(const struct dense_net *net, const struct dense_options *options)
{
    return net->count > 1 ? options->dropout : 0;
}

double dense_train_batch(struct dense_net *net, const struct dense_set *set, const uint32_t *order, uint32_t count,
                         const struct dense_options *options, struct dense_random *random)
{
    double loss = 0, dropout = dropout_of(net, options);

    for (uint32_t i = 0; i < count; i++) {
        const float *input = example(set, order[i]);
        uint32_t label = set->labels[order[i]];
        loss += dense_net_forward(net, input, label, dropout, random);
        dense_net_backward(net, input, label, dropout, 1.0f / (float)count);
    }
    dense_net_step(net, (float)options->learning_rate);
    return loss;
}

static double train_epoch(struct dense_net *net, const struct dense_set *set, const struct dense_options *options,
                          uint32_t *order, struct dense_random *random)
{
    double loss = 0;

    for (uint32_t i = 0; i < set->count; i++)
        order[i] = i;
    if (options->shuffle)
        dense_random_shuffle(random, order, set->count);
    for (uint32_t at = 0; at < set->count; at += options->batch) {
        uint32_t left = set->count - at;
        loss += dense_train_batch(net, set, order + at, left < options->batch ? left : options->batch, options, random);
    }
    return loss / set->count;
}

enum dense_exit dense_train(struct dense_net *net, const struct dense_set *set, const struct dense_options *options,
                            struct dense_run run, double *loss, struct dense_fault *fault)
{
    CLEANUP(dense_free) uint32_t *order = calloc(set->count, sizeof *order);
    double last = 0;

    if (!order)
        return dense_fail_memory(fault);
    for (uint32_t epoch = 0; epoch < options->epochs; epoch++) {
        uint64_t seed = dense_random_mix(dense_random_mix(run.seed, run.round), epoch);
        struct dense_random random = dense_random_seed(seed);
        last = train_epoch(net, set, options, order, &random);
        if (!isfinite(last))
            return dense_fail(fault, DENSE_FAILED, "training diverged in epoch %u: lower learning_rate", epoch + 1);
    }
    *loss = last;
    return DENSE_OK;
}

struct dense_score dense_validate(struct dense_net *net, const struct dense_set *set)
{
    double loss = 0;
    uint32_t right = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        loss += dense_net_forward(net, example(set, i), set->labels[i], 0, NULL);
        right += dense_net_answer(net) == set->labels[i];
    }
    return (struct dense_score){loss / set->count, (double)right / set->count};
}

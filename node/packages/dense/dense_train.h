/* dense_train.h: local training and validation of a network over a set of examples. */
#ifndef DENSE_TRAIN_H
#define DENSE_TRAIN_H

#include "dense_data.h"
#include "dense_net.h"

/** What decides the order of examples and the units dropped, besides the options: same values, same bits. */
struct dense_run {
    uint64_t seed, round; /* TACIT_SEED, TACIT_ROUND */
};

/** How well a network does: the mean loss, and the share of right answers. */
struct dense_score {
    double loss, accuracy;
};

/**
 * One step on the examples order[0..count): returns the sum of their losses before it. random draws the dropout.
 */
double dense_train_batch(struct dense_net *net, const struct dense_set *set, const uint32_t *order, uint32_t count,
                         const struct dense_options *options, struct dense_random *random);

/**
 * Trains for options->epochs epochs. *loss is the mean loss over the last one, each example's taken before its step.
 * Returns DENSE_FAILED: out of memory, or training diverged.
 */
MUST_USE enum dense_exit dense_train(struct dense_net *net, const struct dense_set *set,
                                     const struct dense_options *options, struct dense_run run, double *loss,
                                     struct dense_fault *fault);

/** Scores the network on the whole set, without dropout. */
struct dense_score dense_validate(struct dense_net *net, const struct dense_set *set);

#endif

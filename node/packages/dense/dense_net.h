/* dense_net.h: a network of dense layers: ReLU between them, log-softmax behind the last, plain SGD.
 *
 * The same bits from every compiler and machine: each sum is added in the order of the loops as written, rows are padded
 * to DENSE_LANES so that compilers vectorise across a row's units, never along a sum. */
#ifndef DENSE_NET_H
#define DENSE_NET_H

#include "dense_options.h"
#include "dense_random.h"

#define DENSE_LANES 16u /* floats in a block of a row */

/** One layer. Rows are those of one input; units past `out` are padding and stay 0. */
struct dense_layer {
    uint32_t in, out, stride; /* stride: out rounded up to DENSE_LANES */
    float *weights;           /* [in][stride] */
    float *bias;              /* [stride] */
    float *weight_gradients, *bias_gradients;
    float *output;    /* [stride]: of the last forward; of the last layer: probabilities */
    float *gradients; /* [stride]: of the loss by the layer's sums */
};

/** A network with the working memory for one example. Free with dense_net_free. */
struct dense_net {
    uint32_t count;
    struct dense_layer layer[DENSE_MAX_LAYERS];
    float *memory; /* owned: all arrays of all layers */
};

/** All weights 0. Returns DENSE_FAILED: out of memory. */
MUST_USE enum dense_exit dense_net_create(const struct dense_widths *widths, struct dense_net *out,
                                          struct dense_fault *fault);

void dense_net_free(struct dense_net *net);

/**
 * Draws every weight and bias evenly from +-1 / sqrt(layer's inputs), in the order layer 1 weights [out][in], layer 1
 * biases, layer 2 weights ... DENSE_INIT_LCG ignores the seed: s = 1, then per value s = s * 1664525 + 1013904223
 * mod 2^32 and u = (s >> 8) / 2^24, so that other programs can make the same start.
 */
void dense_net_init(struct dense_net *net, enum dense_init_kind kind, uint64_t seed);

/**
 * Runs one example forward and returns its loss, -log of the probability of label (>= 0; a NaN when it diverged).
 * The last layer's output then holds the probabilities. dropout > 0 leaves out that share of the first hidden layer's
 * units, drawn from random, and scales the others by 1 / (1 - dropout).
 */
double dense_net_forward(struct dense_net *net, const float *input, uint32_t label, double dropout,
                         struct dense_random *random);

/** Adds share * the gradient of the last forward's loss to the gradients; same input, label and dropout. */
void dense_net_backward(struct dense_net *net, const float *input, uint32_t label, double dropout, float share);

/** Takes a step of rate down the gradients and sets them to 0. */
void dense_net_step(struct dense_net *net, float rate);

/** The most probable class of the last forward; the lowest of equals. */
uint32_t dense_net_answer(const struct dense_net *net);

#endif

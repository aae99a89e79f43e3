/* dense_net.c: see dense_net.h. */
#include "dense_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lends the next count floats of the memory; counts them only while there is no memory yet. */
static float *lend(float *memory, size_t *at, size_t count)
{
    float *lent = memory ? memory + *at : NULL;

    *at += count;
    return lent;
}

/* Lays the layers out over memory. Returns how many floats they need. */
static size_t lay_out(struct dense_net *net, float *memory)
{
    size_t at = 0;

    for (uint32_t l = 0; l < net->count; l++) {
        struct dense_layer *layer = &net->layer[l];
        size_t weights = (size_t)layer->in * layer->stride;
        layer->weights = lend(memory, &at, weights);
        layer->bias = lend(memory, &at, layer->stride);
        layer->weight_gradients = lend(memory, &at, weights);
        layer->bias_gradients = lend(memory, &at, layer->stride);
        layer->output = lend(memory, &at, layer->stride);
        layer->gradients = lend(memory, &at, layer->stride);
    }
    return at;
}

enum dense_exit dense_net_create(const struct dense_widths *widths, struct dense_net *out, struct dense_fault *fault)
{
    struct dense_net net = {.count = widths->count - 1};

    for (uint32_t l = 0; l < net.count; l++) {
        uint32_t units = widths->value[l + 1];
        net.layer[l] = (struct dense_layer){.in = widths->value[l], .out = units};
        net.layer[l].stride = (units + DENSE_LANES - 1) / DENSE_LANES * DENSE_LANES;
    }
    net.memory = calloc(lay_out(&net, NULL), sizeof *net.memory);
    if (!net.memory)
        return dense_fail_memory(fault);
    lay_out(&net, net.memory);
    *out = net;
    return DENSE_OK;
}

void dense_net_free(struct dense_net *net)
{
    free(net->memory);
    *net = (struct dense_net){0};
}

/* Both kinds of initial draw: 24 random bits as a number in [0, 1). */
struct draw {
    enum dense_init_kind kind;
    uint32_t lcg;
    struct dense_random random;
};

static double draw_unit(struct draw *draw)
{
    if (draw->kind != DENSE_INIT_LCG)
        return (double)(dense_random_next(&draw->random) >> 40) * 0x1p-24;
    draw->lcg = draw->lcg * 1664525u + 1013904223u;
    return (double)(draw->lcg >> 8) * 0x1p-24;
}

void dense_net_init(struct dense_net *net, enum dense_init_kind kind, uint64_t seed)
{
    struct draw draw = {kind, 1, dense_random_seed(seed)};

    for (uint32_t l = 0; l < net->count; l++) {
        struct dense_layer *layer = &net->layer[l];
        double bound = 1 / sqrt(layer->in);
        for (uint32_t o = 0; o < layer->out; o++) {
            for (uint32_t i = 0; i < layer->in; i++)
                layer->weights[(size_t)i * layer->stride + o] = (float)((2 * draw_unit(&draw) - 1) * bound);
        }
        for (uint32_t o = 0; o < layer->out; o++)
            layer->bias[o] = (float)((2 * draw_unit(&draw) - 1) * bound);
    }
}

/* sum += factor * row, over a multiple of DENSE_LANES floats. */
static void add_scaled(float *restrict sum, const float *restrict row, float factor, size_t count)
{
    for (size_t at = 0; at < count; at += DENSE_LANES) {
        for (size_t lane = 0; lane < DENSE_LANES; lane++)
            sum[at + lane] += factor * row[at + lane];
    }
}

/* The sum of a[i] * b[i]: each lane adds its own, then the lanes are added in order. */
static float dot(const float *restrict a, const float *restrict b, size_t count)
{
    float lanes[DENSE_LANES] = {0}, sum = 0;

    for (size_t at = 0; at < count; at += DENSE_LANES) {
        for (size_t lane = 0; lane < DENSE_LANES; lane++)
            lanes[lane] += a[at + lane] * b[at + lane];
    }
    for (size_t lane = 0; lane < DENSE_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* output = bias + weights * input. An input of 0 adds nothing, so most of an image's pixels cost nothing. */
static void run_layer(struct dense_layer *layer, const float *input)
{
    memcpy(layer->output, layer->bias, layer->stride * sizeof *layer->output);
    for (uint32_t i = 0; i < layer->in; i++) {
        if (input[i] != 0)
            add_scaled(layer->output, layer->weights + (size_t)i * layer->stride, input[i], layer->stride);
    }
}

static void rectify(struct dense_layer *layer)
{
    for (uint32_t o = 0; o < layer->out; o++) {
        if (!(layer->output[o] > 0))
            layer->output[o] = 0;
    }
}

static float kept_scale(double dropout)
{
    return (float)(1 / (1 - dropout));
}

static void drop_out(struct dense_layer *layer, double dropout, struct dense_random *random)
{
    for (uint32_t o = 0; o < layer->out; o++)
        layer->output[o] *= dense_random_unit(random) < dropout ? 0 : kept_scale(dropout);
}

/* Turns the last layer's sums into probabilities. Returns the loss: log(sum of e^z) - z[label]. */
static double softmax(struct dense_layer *last, uint32_t label)
{
    float largest = last->output[0], wanted = last->output[label];
    double sum = 0;

    for (uint32_t o = 1; o < last->out; o++) {
        if (last->output[o] > largest)
            largest = last->output[o];
    }
    for (uint32_t o = 0; o < last->out; o++)
        sum += dense_exp((double)last->output[o] - largest);
    for (uint32_t o = 0; o < last->out; o++)
        last->output[o] = (float)(dense_exp((double)last->output[o] - largest) / sum);
    return dense_log(sum) - ((double)wanted - largest);
}

double dense_net_forward(struct dense_net *net, const float *input, uint32_t label, double dropout,
                         struct dense_random *random)
{
    for (uint32_t l = 0; l < net->count; l++) {
        run_layer(&net->layer[l], l == 0 ? input : net->layer[l - 1].output);
        if (l + 1 == net->count)
            break;
        rectify(&net->layer[l]);
        if (l == 0 && dropout > 0)
            drop_out(&net->layer[l], dropout, random);
    }
    return softmax(&net->layer[net->count - 1], label);
}

/* Hands the gradients of a layer's sums down to the sums of the layer below. A unit of 0 was rectified or dropped. */
static void hand_down(const struct dense_layer *layer, struct dense_layer *below, float scale)
{
    for (uint32_t i = 0; i < layer->in; i++)
        below->gradients[i] = below->output[i] > 0 ? scale * dot(layer->weights + (size_t)i * layer->stride,
                                                                 layer->gradients, layer->stride)
                                                   : 0;
}

void dense_net_backward(struct dense_net *net, const float *input, uint32_t label, double dropout, float share)
{
    struct dense_layer *last = &net->layer[net->count - 1];

    for (uint32_t o = 0; o < last->out; o++)
        last->gradients[o] = (last->output[o] - (o == label ? 1.0f : 0.0f)) * share;
    for (uint32_t l = net->count; l-- > 0;) {
        struct dense_layer *layer = &net->layer[l];
        const float *from = l == 0 ? input : net->layer[l - 1].output;
        for (uint32_t i = 0; i < layer->in; i++) {
            if (from[i] != 0)
                add_scaled(layer->weight_gradients + (size_t)i * layer->stride, layer->gradients, from[i],
                           layer->stride);
        }
        add_scaled(layer->bias_gradients, layer->gradients, 1, layer->stride);
        if (l > 0)
            hand_down(layer, &net->layer[l - 1], l == 1 && dropout > 0 ? kept_scale(dropout) : 1);
    }
}

static void step(float *values, float *gradients, size_t count, float rate)
{
    add_scaled(values, gradients, -rate, count);
    memset(gradients, 0, count * sizeof *gradients);
}

void dense_net_step(struct dense_net *net, float rate)
{
    for (uint32_t l = 0; l < net->count; l++) {
        struct dense_layer *layer = &net->layer[l];
        step(layer->weights, layer->weight_gradients, (size_t)layer->in * layer->stride, rate);
        step(layer->bias, layer->bias_gradients, layer->stride, rate);
    }
}

uint32_t dense_net_answer(const struct dense_net *net)
{
    const struct dense_layer *last = &net->layer[net->count - 1];
    uint32_t answer = 0;

    for (uint32_t o = 1; o < last->out; o++) {
        if (last->output[o] > last->output[answer])
            answer = o;
    }
    return answer;
}

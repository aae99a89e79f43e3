/* dense_model.c: see dense_model.h. In files a layer's weights are [out][in], in memory [in][stride]. */
#include "dense_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dense_file.h"
#include "dense_tensors.h"

#define MAX_FILE (DENSE_MAX_WEIGHTS * sizeof(float) + DENSE_MAX_HEADER + 8)

static float read_float(const uint8_t *p)
{
    uint32_t bits = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static void write_float(uint8_t *p, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(bits >> 8 * i);
}

/* The tensors that a network's file holds, in their order, with their places. */
static struct dense_tensors describe(const struct dense_net *net)
{
    struct dense_tensors tensors = {.count = 2 * net->count};
    uint64_t at = 0;

    for (uint32_t l = 0; l < net->count; l++) {
        const struct dense_layer *layer = &net->layer[l];
        uint64_t weights = at + (uint64_t)layer->in * layer->out * sizeof(float);
        uint64_t end = weights + layer->out * sizeof(float);
        struct dense_tensor *pair = &tensors.tensor[2 * l];
        pair[0] = (struct dense_tensor){.dims = 2, .shape = {layer->out, layer->in}, .begin = at, .end = weights};
        pair[1] = (struct dense_tensor){.dims = 1, .shape = {layer->out}, .begin = weights, .end = end};
        snprintf(pair[0].name, sizeof pair[0].name, "layer%u.weight", l + 1);
        snprintf(pair[1].name, sizeof pair[1].name, "layer%u.bias", l + 1);
        at = end;
    }
    return tensors;
}

/* Where number i of a tensor stands in memory: tensor 2l is layer l's weights, 2l + 1 its biases. */
static float *place(const struct dense_net *net, uint32_t tensor, uint64_t i)
{
    const struct dense_layer *layer = &net->layer[tensor / 2];

    if (tensor % 2 == 1)
        return &layer->bias[i];
    return &layer->weights[i % layer->in * layer->stride + i / layer->in];
}

/* Finds a tensor of the network in a file's. */
static enum dense_exit match(const struct dense_tensors *found, const struct dense_tensor *wanted,
                             const struct dense_tensor **out, struct dense_fault *fault)
{
    const struct dense_tensor *tensor = dense_tensors_find(found, wanted->name);

    if (!tensor)
        return dense_fail(fault, DENSE_FAILED, "there is no tensor %s: the model does not fit the option layers",
                          wanted->name);
    if (tensor->dims != wanted->dims || tensor->shape[0] != wanted->shape[0] || tensor->shape[1] != wanted->shape[1])
        return dense_fail(fault, DENSE_FAILED, "tensor %s has another shape than the option layers says", wanted->name);
    *out = tensor;
    return DENSE_OK;
}

enum dense_exit dense_model_decode(const uint8_t *bytes, size_t len, struct dense_net *net, struct dense_fault *fault)
{
    struct dense_tensors found, wanted = describe(net);

    TRY(dense_tensors_parse(bytes, len, &found, fault));
    if (found.count != wanted.count)
        return dense_fail(fault, DENSE_FAILED, "%u tensors where the option layers says %u", found.count, wanted.count);
    for (uint32_t t = 0; t < wanted.count; t++) {
        const struct dense_tensor *tensor = NULL;
        TRY(match(&found, &wanted.tensor[t], &tensor, fault));
        for (uint64_t i = 0; i < (tensor->end - tensor->begin) / sizeof(float); i++) {
            float value = read_float(bytes + found.data + tensor->begin + i * sizeof(float));
            if (!isfinite(value))
                return dense_fail(fault, DENSE_FAILED, "tensor %s: number %zu is not finite", tensor->name, (size_t)i);
            *place(net, t, i) = value;
        }
    }
    return DENSE_OK;
}

enum dense_exit dense_model_read(const char *path, const struct dense_widths *widths, struct dense_net *out,
                                 struct dense_fault *fault)
{
    CLEANUP(dense_file_free) struct dense_file file = {0};
    CLEANUP(dense_net_free) struct dense_net net = {0};
    struct dense_fault inner;

    TRY(dense_file_read(path, MAX_FILE, &file, fault));
    TRY(dense_net_create(widths, &net, fault));
    if (dense_model_decode(file.bytes, file.len, &net, &inner) != DENSE_OK)
        return dense_fail(fault, DENSE_FAILED, "%s: %.400s", path, inner.text);
    *out = net;
    net = (struct dense_net){0};
    return DENSE_OK;
}

enum dense_exit dense_model_encode(const struct dense_net *net, uint8_t **out, size_t *len, struct dense_fault *fault)
{
    struct dense_tensors tensors = describe(net);
    size_t data = (size_t)tensors.tensor[tensors.count - 1].end; /* of a network that is in memory */
    CLEANUP(dense_free) uint8_t *bytes = malloc(DENSE_MAX_HEADER + data);

    if (!bytes)
        return dense_fail_memory(fault);
    size_t header = dense_tensors_header(&tensors, bytes, DENSE_MAX_HEADER);
    for (uint32_t t = 0; t < tensors.count; t++) {
        const struct dense_tensor *tensor = &tensors.tensor[t];
        for (uint64_t i = 0; i < (tensor->end - tensor->begin) / sizeof(float); i++) {
            float value = *place(net, t, i);
            if (!isfinite(value))
                return dense_fail(fault, DENSE_FAILED, "tensor %s diverged: lower learning_rate", tensor->name);
            write_float(bytes + header + tensor->begin + i * sizeof(float), value);
        }
    }
    *out = bytes;
    bytes = NULL;
    *len = header + data;
    return DENSE_OK;
}

enum dense_exit dense_model_write(const char *path, const struct dense_net *net, struct dense_fault *fault)
{
    CLEANUP(dense_free) uint8_t *bytes = NULL;
    size_t len;

    TRY(dense_model_encode(net, &bytes, &len, fault));
    return dense_file_write(path, bytes, len, fault);
}

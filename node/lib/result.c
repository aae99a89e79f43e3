/* result.c: what the work came to becomes an update. Source: PROTOCOL.md sections 9, 15. */
#include "steps_private.h"

#include "tensor.h"

#include <math.h>
#include <string.h>

static float read_float(const uint8_t *bytes)
{
    const uint32_t bits = read_le32(bytes);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static void write_float(uint8_t *bytes, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    write_le32(bytes, bits);
}

/* A change as it will be read: after its precision was halved, if it is. */
static float delta_of(const uint8_t *trained, const uint8_t *base, bool half)
{
    const float delta = read_float(trained) - read_float(base);

    return half ? half_to_float(half_from_float(delta)) : delta;
}

static enum status check_deltas(const struct tacit_node *node, const struct model_layout *trained, const uint8_t *model)
{
    const float limit = (float)(1u << (31 - node->job.fraction_bits));

    for (uint32_t t = 0; t < trained->count; t++)
        for (uint64_t i = 0; i < trained->tensors[t].elements; i++) {
            const float delta = delta_of(model + trained->tensors[t].offset + 4 * i,
                                         node->model.ptr + node->layout.tensors[t].offset + 4 * i, node->half);

            /* Both models are finite, their difference need not be. */
            if (!(fabsf(delta) < limit))
                return STATUS_VALUE_RANGE;
        }
    return STATUS_OK;
}

/* Writes the deltas over the base model from its front on. A typed array is never longer than the tensor that it is made
 * from, which has a name besides, so that what is written stays behind what is read. */
static enum status write_deltas(struct tacit_node *node, const struct model_layout *trained, const uint8_t *model,
                                struct view *out)
{
    struct buf tensors = {.ptr = node->model.ptr, .cap = node->model.len};
    const size_t size = node->half ? 2 : 4;

    for (uint32_t t = 0; t < trained->count; t++) {
        const struct model_tensor *tensor = &node->layout.tensors[t];
        struct writer writer = writer_to(&tensors);

        write_tensor_head(&writer, node->half ? TENSOR_F16 : TENSOR_F32, tensor->elements);
        TRY(writer_end(&writer));
        for (uint64_t i = 0; i < tensor->elements; i++, tensors.len += size) {
            const float delta = delta_of(model + trained->tensors[t].offset + 4 * i,
                                         node->model.ptr + tensor->offset + 4 * i, node->half);

            if (node->half) {
                const uint16_t half = half_from_float(delta);

                tensors.ptr[tensors.len] = (uint8_t)half;
                tensors.ptr[tensors.len + 1] = (uint8_t)(half >> 8);
            } else {
                write_float(tensors.ptr + tensors.len, delta);
            }
        }
    }
    *out = buf_view(&tensors);
    return STATUS_OK;
}

static enum status take_model(struct tacit_node *node, const struct tacit_result *result, struct update *update)
{
    struct model_layout trained;

    if (result->model == NULL)
        return STATUS_NO_MODEL;
    TRY(model_decode((struct view){result->model, result->model_size}, node->max_parameters, &trained));
    if (!model_same_shape(&node->layout, &trained))
        return STATUS_WRONG_SHAPE;
    TRY(check_deltas(node, &trained, result->model));
    update->tensor_count = trained.count;
    return write_deltas(node, &trained, result->model, &update->tensors);
}

static enum status take_metric(const struct tacit_metric *given, uint32_t max_samples, struct metric *out)
{
    const double millionths = given->value * 1e6;

    if (given->name == NULL || given->name[0] == '\0' || !isfinite(millionths))
        return STATUS_MALFORMED;
    if (fabs(millionths) >= (double)METRIC_LIMIT - 1 || given->weight == 0)
        return STATUS_OUT_OF_RANGE;
    out->name = view_of_string(given->name);
    out->value = (int64_t)(millionths < 0 ? millionths - 0.5 : millionths + 0.5);
    out->weight = given->weight < max_samples ? given->weight : max_samples;
    return STATUS_OK;
}

/* In ascending order, as they stand in the update. */
static enum status take_metrics(const struct tacit_result *result, uint32_t max_samples, struct metrics *out)
{
    if (result->metric_count > METRICS_MAX)
        return STATUS_OUT_OF_RANGE;
    for (out->count = 0; out->count < result->metric_count; out->count++) {
        struct metric metric;
        uint32_t at = out->count;

        TRY(take_metric(&result->metrics[at], max_samples, &metric));
        for (; at > 0 && view_compare(out->list[at - 1].name, metric.name) > 0; at--)
            out->list[at] = out->list[at - 1];
        if (at > 0 && view_compare(out->list[at - 1].name, metric.name) == 0)
            return STATUS_DUPLICATE_KEY;
        out->list[at] = metric;
    }
    return STATUS_OK;
}

/* It is kept even if the round is another by now: one without a cohort, or of a new boot, asks for the same once more. */
enum status result_take(struct tacit_node *node, const void *with)
{
    const struct tacit_result *result = with;
    struct update update = {
        .round = node->job.number,
        .base = VIEW_OF(node->job.base),
        .boot_id = VIEW_OF(node->trust.boot_id),
        .task = node->job.task,
    };

    if (result->samples == 0)
        return STATUS_NO_SAMPLES;
    update.samples = result->samples < node->job.max_samples ? result->samples : node->job.max_samples;
    TRY(take_metrics(result, node->job.max_samples, &update.metrics));
    if (update.task == TASK_TRAIN)
        TRY(take_model(node, result, &update));
    TRY(plain_set(node, &update));
    node_event(node, "worked", "round=%u samples=%llu bytes=%zu", (unsigned int)update.round,
               (unsigned long long)update.samples, node->plain.len);
    return STATUS_OK;
}

/* update.c: see update.h. */
#include "update.h"
#include "model.h"
#include "tensor.h"
#include "values.h"

#include <assert.h>

#define FIELD_COUNT 7

/* ---- metrics ---- */

static bool metric_name_valid(struct view name)
{
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t c = name.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

static struct metric read_metric(struct reader *reader)
{
    struct metric metric;

    (void)read_array(reader, 3, 3);
    metric.name = read_text(reader, 1, METRIC_NAME_MAX);
    metric.value = read_int(reader, 1 - METRIC_LIMIT, METRIC_LIMIT - 1);
    metric.weight = read_uint(reader, 1, WEIGHT_LIMIT);
    read_close(reader);
    if (!metric_name_valid(metric.name))
        reader_fail(reader, STATUS_MALFORMED);
    return metric;
}

void read_metrics(struct reader *reader, struct metrics *out)
{
    out->count = read_array(reader, 0, METRICS_MAX);
    for (uint32_t i = 0; i < out->count; i++) {
        out->list[i] = read_metric(reader);
        if (i > 0 && view_compare(out->list[i - 1].name, out->list[i].name) >= 0)
            reader_fail(reader, STATUS_UNORDERED);
    }
    read_close(reader);
}

void write_metrics(struct writer *writer, const struct metrics *metrics)
{
    assert(metrics->count <= METRICS_MAX);
    write_array(writer, metrics->count);
    for (uint32_t i = 0; i < metrics->count; i++) {
        assert(i == 0 || view_compare(metrics->list[i - 1].name, metrics->list[i].name) < 0);
        write_array(writer, 3);
        write_text(writer, metrics->list[i].name);
        write_int(writer, metrics->list[i].value);
        write_uint(writer, metrics->list[i].weight);
    }
}

/* ---- update ---- */

size_t update_encoded_max(uint64_t parameters, uint32_t tensors)
{
    const size_t head = WRITER_HEAD_MAX;
    const size_t keys = FIELD_COUNT, numbers = 3 * head, fixed = 2 * head + DIGEST_SIZE + BOOT_ID_SIZE;
    const size_t metrics = head + METRICS_MAX * (4 * head + METRIC_NAME_MAX);
    const size_t deltas = head + tensors * 2 * head + 4 * (size_t)parameters;

    assert(parameters <= MODEL_MAX_PARAMETERS && tensors <= MODEL_MAX_TENSORS);
    return head + keys + numbers + fixed + metrics + deltas;
}

/* Finds where each tensor ends; the values are judged by who adds them. */
static void read_tensors(struct reader *reader, struct update *out)
{
    const uint8_t *start;

    out->tensor_count = read_array(reader, 1, MODEL_MAX_TENSORS);
    start = reader->rest.ptr;
    for (uint32_t i = 0; i < out->tensor_count; i++)
        (void)read_tensor(reader, 1, MODEL_MAX_PARAMETERS);
    out->tensors = (struct view){start, (size_t)(reader->rest.ptr - start)};
    read_close(reader);
}

enum status update_encode(const struct update *update, struct buf *out)
{
    struct writer writer = writer_to(out);

    assert((update->task == TASK_TRAIN) == (update->tensor_count > 0));
    write_map(&writer, update->tensor_count > 0 ? FIELD_COUNT : FIELD_COUNT - 1);
    write_uint(&writer, 1);
    write_uint(&writer, update->round);
    write_uint(&writer, 2);
    write_fixed(&writer, update->base, DIGEST_SIZE);
    write_uint(&writer, 3);
    write_fixed(&writer, update->boot_id, BOOT_ID_SIZE);
    write_uint(&writer, 4);
    write_uint(&writer, update->task);
    write_uint(&writer, 5);
    write_uint(&writer, update->samples);
    if (update->tensor_count > 0) {
        write_uint(&writer, 6);
        write_array(&writer, update->tensor_count);
        write_raw(&writer, update->tensors);
    }
    write_uint(&writer, 7);
    write_metrics(&writer, &update->metrics);
    return writer_end(&writer);
}

enum status update_decode(struct view bytes, struct update *out)
{
    struct reader reader = reader_of(bytes);
    struct fields_reader fields = read_fields(&reader, FIELDS_TO(FIELD_COUNT), FIELDS_TO(FIELD_COUNT) & ~FIELD(6));
    struct update value = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        switch (key) {
        case 1:
            value.round = read_uint32(&reader, 1, ROUND_MAX);
            break;
        case 2:
            value.base = read_fixed(&reader, DIGEST_SIZE);
            break;
        case 3:
            value.boot_id = read_fixed(&reader, BOOT_ID_SIZE);
            break;
        case 4:
            value.task = (enum task)read_uint(&reader, TASK_TRAIN, TASK_EVALUATE);
            break;
        case 5:
            value.samples = read_uint(&reader, 0, UINT64_MAX);
            break;
        case 6:
            read_tensors(&reader, &value);
            break;
        case 7:
            read_metrics(&reader, &value.metrics);
            break;
        }
    }
    TRY(reader_end(&reader));
    if ((value.task == TASK_TRAIN) != (value.tensor_count > 0))
        return STATUS_MALFORMED;
    *out = value;
    return STATUS_OK;
}

/* ---- sender ---- */

enum status update_sender_encode(const struct update_sender *sender, struct buf *out)
{
    struct writer writer = writer_to(out);

    write_array(&writer, 4);
    write_fixed(&writer, sender->boot_id, BOOT_ID_SIZE);
    write_uint(&writer, sender->role);
    write_uint(&writer, sender->expires);
    write_fixed(&writer, sender->identity, DIGEST_SIZE);
    return writer_end(&writer);
}

enum status update_sender_decode(struct view bytes, struct update_sender *out)
{
    struct reader reader = reader_of(bytes);
    struct update_sender value;

    (void)read_array(&reader, 4, 4);
    value.boot_id = read_fixed(&reader, BOOT_ID_SIZE);
    value.role = read_role(&reader);
    value.expires = read_time(&reader);
    value.identity = read_fixed(&reader, DIGEST_SIZE);
    read_close(&reader);
    TRY(reader_end(&reader));
    *out = value;
    return STATUS_OK;
}

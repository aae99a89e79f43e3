/* model.c: see model.h. */
#include "model.h"
#include "tensor.h"

#include <string.h>

bool model_name_valid(struct view name)
{
    static const char punctuation[] = "_.-";

    for (size_t i = 0; i < name.len; i++) {
        const uint8_t c = name.ptr[i];
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (!letter && !(c >= '0' && c <= '9') && memchr(punctuation, c, sizeof punctuation - 1) == NULL)
            return false;
    }
    return name.len >= 1 && name.len <= MODEL_MAX_NAME;
}

enum status model_elements(const uint64_t *shape, uint32_t dims, uint64_t max, uint64_t *out)
{
    uint64_t elements = 1;

    if (dims > MODEL_MAX_DIMS)
        return STATUS_OUT_OF_RANGE;
    for (uint32_t i = 0; i < dims; i++) {
        if (shape[i] == 0 || shape[i] > max / elements)
            return STATUS_OUT_OF_RANGE;
        elements *= shape[i];
    }
    if (elements > max)
        return STATUS_OUT_OF_RANGE;
    *out = elements;
    return STATUS_OK;
}

static bool name_taken(const struct model_layout *layout, struct view name)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (view_equal(layout->tensors[i].name, name))
            return true;
    return false;
}

/* Reads one tensor behind the others of the layout. left: parameters that the limit still allows. */
static void read_model_tensor(struct reader *reader, uint64_t left, struct view encoded, struct model_layout *layout)
{
    struct model_tensor *tensor = &layout->tensors[layout->count];
    struct tensor values;

    (void)read_array(reader, 3, 3);
    tensor->name = read_text(reader, 1, MODEL_MAX_NAME);
    if (!model_name_valid(tensor->name) || name_taken(layout, tensor->name))
        reader_fail(reader, STATUS_MALFORMED);
    tensor->dims = read_array(reader, 0, MODEL_MAX_DIMS);
    for (uint32_t i = 0; i < tensor->dims; i++)
        tensor->shape[i] = read_uint(reader, 1, left);
    read_close(reader);
    reader_fail(reader, model_elements(tensor->shape, tensor->dims, left, &tensor->elements));
    values = read_tensor(reader, 1, MODEL_MAX_PARAMETERS);
    read_close(reader);
    if (values.type != TENSOR_F32 || values.count != tensor->elements)
        reader_fail(reader, STATUS_MALFORMED);
    if (reader->status != STATUS_OK)
        return;
    if (!tensor_finite(&values))
        reader_fail(reader, STATUS_NOT_FINITE);
    tensor->offset = (size_t)(values.data.ptr - encoded.ptr);
    layout->parameters += tensor->elements;
    layout->count++;
}

enum status model_decode(struct view encoded, uint64_t max_parameters, struct model_layout *out)
{
    struct reader reader = reader_of(encoded);
    struct fields_reader fields = read_fields(&reader, FIELD(1), FIELD(1));
    struct model_layout layout = {0};
    int64_t key;

    while (read_field(&fields, &key)) {
        const uint32_t count = read_array(&reader, 1, MODEL_MAX_TENSORS);

        for (uint32_t i = 0; i < count && reader.status == STATUS_OK; i++)
            read_model_tensor(&reader, max_parameters - layout.parameters, encoded, &layout);
        read_close(&reader);
    }
    TRY(reader_end(&reader));
    *out = layout;
    return STATUS_OK;
}

enum status model_encode_head(uint32_t count, struct buf *out)
{
    struct writer writer = writer_to(out);

    if (count < 1 || count > MODEL_MAX_TENSORS)
        return STATUS_OUT_OF_RANGE;
    write_map(&writer, 1);
    write_uint(&writer, 1);
    write_array(&writer, count);
    return writer_end(&writer);
}

enum status model_encode_tensor_head(const struct model_tensor *tensor, struct buf *out)
{
    struct writer writer = writer_to(out);
    uint64_t elements;

    if (!model_name_valid(tensor->name))
        return STATUS_MALFORMED;
    TRY(model_elements(tensor->shape, tensor->dims, MODEL_MAX_PARAMETERS, &elements));
    write_array(&writer, 3);
    write_text(&writer, tensor->name);
    write_array(&writer, tensor->dims);
    for (uint32_t i = 0; i < tensor->dims; i++)
        write_uint(&writer, tensor->shape[i]);
    write_tensor_head(&writer, TENSOR_F32, elements);
    return writer_end(&writer);
}

static bool same_tensor(const struct model_tensor *a, const struct model_tensor *b)
{
    return view_equal(a->name, b->name) && a->dims == b->dims &&
           memcmp(a->shape, b->shape, a->dims * sizeof a->shape[0]) == 0;
}

bool model_same_shape(const struct model_layout *a, const struct model_layout *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!same_tensor(&a->tensors[i], &b->tensors[i]))
            return false;
    return true;
}

size_t model_encoded_max(uint64_t parameters)
{
    /* An array of three; name; shape; tag and byte string. */
    const size_t tensor_head =
        1 + (2 + MODEL_MAX_NAME) + (1 + MODEL_MAX_DIMS * WRITER_HEAD_MAX) + (2 + WRITER_HEAD_MAX);

    return 1 + 1 + 3 + MODEL_MAX_TENSORS * tensor_head + 4 * (size_t)parameters;
}

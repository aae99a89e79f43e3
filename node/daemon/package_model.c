/* package_model.c: see package_model.h. */
#include "package_model.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "safetensors.h"

static enum status allocate(size_t size, struct buf *out, struct reason *reason)
{
    out->ptr = malloc(size);
    if (out->ptr == NULL) {
        reason_set(reason, "no memory for a model");
        return STATUS_NO_SPACE;
    }
    out->cap = size;
    return STATUS_OK;
}

static enum status explain(enum status status, const char *path, struct reason *reason)
{
    if (status != STATUS_OK)
        reason_set(reason, "%s: %s", path, status_text(status));
    return status;
}

enum status package_model_write(const char *path, struct view model, struct reason *reason)
{
    CLEANUP(file_free) struct buf file = {NULL, 0, 0};
    struct model_layout layout;

    TRY(explain(model_decode(model, MODEL_MAX_PARAMETERS, &layout), path, reason));
    TRY(allocate(safetensors_encoded_max(layout.parameters), &file, reason));
    TRY(explain(safetensors_encode(model, NULL, 0, &file), path, reason));
    return file_write(path, 0600, buf_view(&file), reason);
}

static bool same_tensor(const struct safetensors_tensor *a, const struct model_tensor *b)
{
    return view_equal(a->name, b->name) && a->dims == b->dims &&
           memcmp(a->shape, b->shape, b->dims * sizeof b->shape[0]) == 0;
}

/* Brings the tensors into the order of layout. */
static enum status reorder(struct safetensors *file, const struct model_layout *layout)
{
    if (file->count != layout->count)
        return STATUS_WRONG_SHAPE;
    for (uint32_t i = 0; i < layout->count; i++) {
        struct safetensors_tensor found;
        uint32_t at = i;

        while (at < file->count && !same_tensor(&file->tensors[at], &layout->tensors[i]))
            at++;
        if (at == file->count)
            return STATUS_WRONG_SHAPE;
        found = file->tensors[at];
        file->tensors[at] = file->tensors[i];
        file->tensors[i] = found;
    }
    return STATUS_OK;
}

static enum status convert(struct safetensors *file, const struct model_layout *layout, struct buf *out)
{
    TRY(reorder(file, layout));
    return safetensors_to_model(file, out);
}

enum status package_model_read(const char *path, const struct model_layout *layout, struct buf *out,
                               struct reason *reason)
{
    CLEANUP(file_free_secret) struct buf bytes = {NULL, 0, 0};
    CLEANUP(file_free_secret) struct buf model = {NULL, 0, 0};
    CLEANUP(safetensors_release) struct safetensors file = {0};

    TRY(file_read(path, safetensors_encoded_max(layout->parameters), &bytes, reason));
    TRY(explain(safetensors_decode(buf_view(&bytes), &file), path, reason));
    TRY(allocate(model_encoded_max(layout->parameters), &model, reason));
    TRY(explain(convert(&file, layout, &model), path, reason));
    *out = model;
    model = (struct buf){NULL, 0, 0};
    return STATUS_OK;
}

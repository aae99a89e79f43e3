/* model_file.c: see model_file.h. */
#include "model_file.h"

#include "file.h"
#include "heap.h"

enum status model_file_read(const char *path, struct model_file *out, struct reason *reason)
{
    enum status status;

    if (file_read(path, MODEL_FILE_MAX, &out->bytes, reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = safetensors_decode(buf_view(&out->bytes), &out->tensors);
    if (status == STATUS_OK)
        status = heap_take(model_encoded_max(out->tensors.parameters), &out->encoded);
    if (status == STATUS_OK)
        status = safetensors_to_model(&out->tensors, &out->encoded);
    if (status == STATUS_OK)
        status = sha256(buf_view(&out->encoded), out->digest);
    if (status == STATUS_OK)
        return STATUS_OK;
    reason_set(reason, "%s: no model in safetensors: %s", path, status_text(status));
    return STATUS_CONFIG;
}

void model_file_free(struct model_file *file)
{
    safetensors_release(&file->tensors);
    heap_give(&file->encoded);
    file_free_secret(&file->bytes);
}

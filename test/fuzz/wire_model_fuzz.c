/* Any bytes as a model; what is one comes out of the encoder as the same bytes. */
#include <stdlib.h>

#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status encode_again(struct view encoded, const struct model_layout *layout, struct buf *out)
{
    TRY(model_encode_head(layout->count, out));
    for (uint32_t i = 0; i < layout->count; i++) {
        struct view values;

        TRY(model_encode_tensor_head(&layout->tensors[i], out));
        TRY(view_slice(encoded, layout->tensors[i].offset, 4 * (size_t)layout->tensors[i].elements, &values));
        TRY(buf_append(out, values));
    }
    return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model_layout layout;
    const struct view encoded = {data, size};
    struct buf again;

    if (model_decode(encoded, 1 << 20, &layout) != STATUS_OK)
        return 0;
    if (size > model_encoded_max(layout.parameters) || !model_same_shape(&layout, &layout))
        abort();
    again = (struct buf){.ptr = malloc(size), .cap = size};
    if (again.ptr == NULL)
        return 0;
    if (encode_again(encoded, &layout, &again) != STATUS_OK || !view_equal(buf_view(&again), encoded))
        abort();
    free(again.ptr);
    return 0;
}

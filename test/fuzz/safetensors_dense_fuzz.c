/* safetensors_dense_fuzz.c: model files as the dense package reads them. */
#include "dense_model.h"
#include "dense_tensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dense_widths widths = {3, {2, 3, 2}};
    struct dense_tensors tensors;
    struct dense_fault fault;
    struct dense_net net;

    if (dense_tensors_parse(data, size, &tensors, &fault) != DENSE_OK)
        return 0;
    for (uint32_t i = 0; i < tensors.count; i++) {
        if (tensors.tensor[i].end > size - tensors.data)
            __builtin_trap();
    }
    if (dense_net_create(&widths, &net, &fault) != DENSE_OK)
        return 0;
    if (dense_model_decode(data, size, &net, &fault) == DENSE_OK && tensors.count != 4)
        __builtin_trap();
    dense_net_free(&net);
    return 0;
}

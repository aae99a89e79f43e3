/* dense_options_fuzz.c: options files. What is accepted keeps its promises. */
#include "dense_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dense_options options;
    struct dense_fault fault;

    if (dense_options_parse("fuzz", (const char *)data, size, &options, &fault) != DENSE_OK)
        return 0;
    if (options.layers.count < 2 || options.layers.count > DENSE_MAX_LAYERS + 1 || options.batch == 0 ||
        !(options.dropout >= 0 && options.dropout < 1) || options.part >= options.parts)
        __builtin_trap();
    return 0;
}

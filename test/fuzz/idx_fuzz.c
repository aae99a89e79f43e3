/* idx_fuzz.c: IDX files. The first byte says where the images end and the labels begin. */
#include "dense_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dense_table table = {0};
    struct dense_fault fault;

    if (size < 1 || data[0] > size - 1)
        return 0;
    const uint8_t *images = data + 1, *labels = images + data[0];
    if (dense_idx_images(images, data[0], &table, &fault) != DENSE_OK)
        return 0;
    if (table.pixels + (size_t)table.rows * table.width != labels)
        __builtin_trap();
    if (dense_idx_labels(labels, size - 1 - data[0], &table, &fault) == DENSE_OK && !table.labels)
        __builtin_trap();
    dense_table_free(&table);
    return 0;
}

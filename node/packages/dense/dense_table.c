/* dense_table.c: freeing a table, and IDX (see dense_table.h). */
#include "dense_table.h"

#include <stdlib.h>

#define MAGIC_IMAGES 0x00000803u
#define MAGIC_LABELS 0x00000801u

void dense_table_free(struct dense_table *table)
{
    free(table->file);
    free(table->values);
    free(table->labels);
    free(table->groups);
    *table = (struct dense_table){0};
}

static uint32_t read_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int dense_idx_is_images(const uint8_t *bytes, size_t len)
{
    return len >= 4 && read_be32(bytes) == MAGIC_IMAGES;
}

enum dense_exit dense_idx_images(const uint8_t *bytes, size_t len, struct dense_table *out, struct dense_fault *fault)
{
    if (len < 16 || !dense_idx_is_images(bytes, len))
        return dense_fail(fault, DENSE_FAILED, "not an IDX file of images (it does not begin with 0x00000803)");
    uint32_t count = read_be32(bytes + 4), height = read_be32(bytes + 8), width = read_be32(bytes + 12);
    if (count == 0 || count > DENSE_MAX_ROWS)
        return dense_fail(fault, DENSE_FAILED, "IDX: %u images, 1 to %u are allowed", count, DENSE_MAX_ROWS);
    if (height == 0 || width == 0 || (uint64_t)height * width > DENSE_MAX_WIDTH)
        return dense_fail(fault, DENSE_FAILED, "IDX: images of %u x %u, 1 to %u pixels are allowed", height, width,
                          DENSE_MAX_WIDTH);
    uint64_t pixels = (uint64_t)count * height * width;
    if (pixels != len - 16)
        return dense_fail(fault, DENSE_FAILED, "IDX: %u images of %u x %u are announced, %zu bytes follow", count,
                          height, width, len - 16);
    out->pixels = bytes + 16;
    out->rows = count;
    out->width = height * width;
    return DENSE_OK;
}

enum dense_exit dense_idx_labels(const uint8_t *bytes, size_t len, struct dense_table *table, struct dense_fault *fault)
{
    if (len < 8 || read_be32(bytes) != MAGIC_LABELS)
        return dense_fail(fault, DENSE_FAILED, "not an IDX file of labels (it does not begin with 0x00000801)");
    uint32_t count = read_be32(bytes + 4);
    if (count != len - 8)
        return dense_fail(fault, DENSE_FAILED, "IDX: %u labels are announced, %zu bytes follow", count, len - 8);
    if (count != table->rows)
        return dense_fail(fault, DENSE_FAILED, "IDX: %u labels for %u images", count, table->rows);
    table->labels = calloc(count, sizeof *table->labels);
    if (!table->labels)
        return dense_fail_memory(fault);
    for (uint32_t i = 0; i < count; i++)
        table->labels[i] = bytes[8 + i];
    return DENSE_OK;
}

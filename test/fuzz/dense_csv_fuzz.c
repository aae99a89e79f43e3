/* dense_csv_fuzz.c: CSV files. The first four bytes choose the columns. */
#include <stdlib.h>
#include <string.h>

#include "dense_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dense_table table = {0};
    struct dense_fault fault;

    if (size < 4)
        return 0;
    struct dense_csv_columns columns = {data[0], data[1], data[2] + 1u, data[3]};
    char *text = malloc(size - 3); /* a block of its own, so that reading past the end is seen */
    if (!text)
        return 0;
    memcpy(text, data + 4, size - 4);
    text[size - 4] = 0;
    if (dense_csv_read(text, size - 4, &columns, &table, &fault) == DENSE_OK && (table.rows == 0 || table.width == 0))
        __builtin_trap();
    dense_table_free(&table);
    free(text);
    return 0;
}

/* heap.c: see heap.h. */
#include "heap.h"

#include <stdlib.h>

enum status heap_take(size_t cap, struct buf *out)
{
    uint8_t *memory = malloc(cap > 0 ? cap : 1);

    if (memory == NULL)
        return STATUS_IO;
    *out = (struct buf){.ptr = memory, .cap = cap};
    return STATUS_OK;
}

void heap_give(struct buf *buf)
{
    if (buf->ptr == NULL)
        return;
    buf_wipe(buf);
    free(buf->ptr);
    *buf = (struct buf){0};
}

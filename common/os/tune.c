/* tune.c: see tune.h. */
#include "tune.h"

#include <malloc.h>
#include <stdint.h>

void os_tune_malloc(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
    (void)mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    (void)mallopt(M_TOP_PAD, 16 << 20);
}

/* heap.h: large buffers of unknown secrecy: taken from the heap, wiped when they are given back. */
#ifndef CTL_HEAP_H
#define CTL_HEAP_H

#include "base.h"

/** An empty buf of cap bytes. STATUS_IO when there is no memory. */
MUST_USE enum status heap_take(size_t cap, struct buf *out);

/** Wipes and frees; for CLEANUP. {0} is nothing to do. */
void heap_give(struct buf *buf);

#endif

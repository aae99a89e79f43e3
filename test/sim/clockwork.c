/* clockwork.c: a binary heap; see clockwork.h. */
#include "clockwork.h"

#include <stdlib.h>

static bool before(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void clockwork_after(struct clockwork *clock, uint64_t wait_ms, event_fn *fn, void *ctx, uint64_t number)
{
    const struct event event = {clock->now_ms + wait_ms, clock->order++, fn, ctx, number};
    size_t at = clock->count++;

    if (clock->count > clock->cap) {
        clock->cap = clock->cap == 0 ? 256 : 2 * clock->cap;
        clock->heap = realloc(clock->heap, clock->cap * sizeof *clock->heap);
        if (clock->heap == NULL)
            abort();
    }
    for (; at > 0 && before(&event, &clock->heap[(at - 1) / 2]); at = (at - 1) / 2)
        clock->heap[at] = clock->heap[(at - 1) / 2];
    clock->heap[at] = event;
}

static struct event take_first(struct clockwork *clock)
{
    const struct event first = clock->heap[0], last = clock->heap[--clock->count];
    size_t at = 0;

    for (size_t child = 1; child < clock->count; child = 2 * at + 1) {
        if (child + 1 < clock->count && before(&clock->heap[child + 1], &clock->heap[child]))
            child++;
        if (!before(&clock->heap[child], &last))
            break;
        clock->heap[at] = clock->heap[child];
        at = child;
    }
    clock->heap[at] = last;
    return first;
}

bool clockwork_step(struct clockwork *clock)
{
    struct event event;

    if (clock->count == 0)
        return false;
    event = take_first(clock);
    clock->now_ms = event.at_ms;
    event.fn(event.ctx, event.number);
    return true;
}

void clockwork_free(struct clockwork *clock)
{
    free(clock->heap);
    *clock = (struct clockwork){.heap = NULL};
}

/* clockwork.h: virtual time: what happens when. Events of the same moment happen in the order in which they were set. */
#ifndef SIM_CLOCKWORK_H
#define SIM_CLOCKWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** number: what the event is about, as a message's; whether that still is there is for fn to find out. */
typedef void event_fn(void *ctx, uint64_t number);

struct event {
    uint64_t at_ms, order;
    event_fn *fn;
    void *ctx;
    uint64_t number;
};

struct clockwork {
    uint64_t now_ms, order;
    struct event *heap;
    size_t count, cap;
};

void clockwork_after(struct clockwork *clock, uint64_t wait_ms, event_fn *fn, void *ctx, uint64_t number);

/** Lets the next event happen; false when there is none. */
bool clockwork_step(struct clockwork *clock);

void clockwork_free(struct clockwork *clock);

#endif

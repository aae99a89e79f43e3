/* loop.h: one thread waits for descriptors, timers and signals and calls the functions that they belong to.
 *
 * Every function may be called from within a callback; a callback may remove its own or another descriptor, and stop
 * or start any timer. */
#ifndef OS_LOOP_H
#define OS_LOOP_H

#include "base.h"

struct loop;

/* What a descriptor waits for, and what is handed to its callback. LOOP_HANGUP is always waited for. */
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };

/* A callback of a descriptor; events is a set of LOOP_*. */
typedef void loop_fd_fn(void *ctx, unsigned int events);

/** A new loop. SIGPIPE is ignored from now on: a broken pipe is an error of write(). Returns STATUS_IO. */
MUST_USE enum status loop_new(struct loop **out);

/** Frees a loop, and not the descriptors that it watched; for CLEANUP. NULL is nothing to do. */
void loop_free(struct loop **loop);

/**
 * Watches a descriptor, level-triggered. It stays the caller's; loop_remove comes before close.
 * Returns STATUS_EXISTS it is watched already; STATUS_IO.
 */
MUST_USE enum status loop_add(struct loop *loop, int fd, unsigned int events, loop_fd_fn *fn, void *ctx);

/** Changes what a watched descriptor waits for (0: hang-ups only). Returns STATUS_NOT_FOUND, STATUS_IO. */
MUST_USE enum status loop_modify(struct loop *loop, int fd, unsigned int events);

/** Stops watching; its callback is not called again. A descriptor that is not watched is nothing to do. */
void loop_remove(struct loop *loop, int fd);

/**
 * A timer, lent by the caller until it has fired or was stopped. Set fn and ctx, zero the rest.
 * fn may start the timer again and may free the memory that it lies in (a periodic one: after loop_timer_stop).
 */
struct loop_timer {
    void (*fn)(void *ctx);
    void *ctx;
    uint64_t due_ms, period_ms; /* on the monotonic clock; the loop's own, like turn and next */
    uint64_t turn;
    struct loop_timer *next;
    bool running; /* to be read only */
};

/**
 * Starts a timer, or starts it anew. delay_ms until it fires (0: as soon as the loop comes by); then every period_ms,
 * or once when that is 0. Timers that are due fire in the order of their times, equal ones in the order of starting.
 */
void loop_timer_start(struct loop *loop, struct loop_timer *timer, uint64_t delay_ms, uint64_t period_ms);

/** Stops a timer. One that is not running is nothing to do. */
void loop_timer_stop(struct loop *loop, struct loop_timer *timer);

/**
 * Takes SIGTERM, SIGINT, SIGHUP and SIGCHLD from the process and hands each to fn within the loop. Once for a loop,
 * before threads or children exist. SIGCHLD may stand for several children: reap until waitpid has none.
 * Returns STATUS_EXISTS it was called before; STATUS_IO.
 */
MUST_USE enum status loop_watch_signals(struct loop *loop, void (*fn)(void *ctx, int signal), void *ctx);

/** In a child after fork, before exec: gives the signals back their default ways, which it would not have otherwise. */
void loop_reset_signals_in_child(void);

/** Waits and calls, until loop_stop. May be run again after that. Returns STATUS_IO when waiting itself fails. */
MUST_USE enum status loop_run(struct loop *loop);

/** Lets loop_run return after the callback that calls it (and no other). */
void loop_stop(struct loop *loop);

#endif

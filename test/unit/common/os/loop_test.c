#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "loop.h"

static struct loop *loop;
static char seen[64];

static int begin(void **state)
{
    (void)state;
    seen[0] = '\0';
    return loop_new(&loop) == STATUS_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    loop_free(&loop);
    return 0;
}

static void note(void *ctx)
{
    strncat(seen, ctx, sizeof seen - strlen(seen) - 1);
}

static void note_and_stop(void *ctx)
{
    note(ctx);
    loop_stop(loop);
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
    (void)state;
    struct loop_timer a = {.fn = note, .ctx = "a"}, b = {.fn = note, .ctx = "b"}, c = {.fn = note, .ctx = "c"};
    struct loop_timer never = {.fn = note, .ctx = "!"}, last = {.fn = note_and_stop, .ctx = "."};

    loop_timer_start(loop, &last, 40, 0);
    loop_timer_start(loop, &c, 20, 0);
    loop_timer_start(loop, &a, 0, 0);
    loop_timer_start(loop, &b, 10, 0);
    loop_timer_start(loop, &never, 5, 0);
    loop_timer_stop(loop, &never);
    loop_timer_stop(loop, &never);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_string_equal(seen, "abc.");
    assert_false(a.running || last.running || never.running);
}

static void a_timer_started_anew_fires_once(void **state)
{
    (void)state;
    struct loop_timer a = {.fn = note, .ctx = "a"}, last = {.fn = note_and_stop, .ctx = "."};

    loop_timer_start(loop, &a, 0, 0);
    loop_timer_start(loop, &a, 5, 0);
    loop_timer_start(loop, &last, 20, 0);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_string_equal(seen, "a.");
}

static struct loop_timer periodic;

static void note_until_three(void *ctx)
{
    note(ctx);
    if (strlen(seen) == 3) {
        loop_timer_stop(loop, &periodic);
        loop_stop(loop);
    }
}

static void a_periodic_timer_fires_until_it_is_stopped(void **state)
{
    (void)state;
    periodic = (struct loop_timer){.fn = note_until_three, .ctx = "p"};
    loop_timer_start(loop, &periodic, 0, 1);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_string_equal(seen, "ppp");
    assert_false(periodic.running);
}

static struct loop_timer greedy;

static void restart(void *ctx)
{
    (void)ctx;
    loop_timer_start(loop, &greedy, 0, 0);
}

static void read_and_stop(void *ctx, unsigned int events)
{
    const int *ends = ctx;
    char byte;

    assert_true((events & LOOP_READ) != 0);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    note("r");
    loop_stop(loop);
}

static void a_timer_without_delay_leaves_descriptors_their_turn(void **state)
{
    (void)state;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    greedy = (struct loop_timer){.fn = restart};
    loop_timer_start(loop, &greedy, 0, 0);
    assert_int_equal(loop_add(loop, ends[0], LOOP_READ, read_and_stop, ends), STATUS_OK);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_string_equal(seen, "r");
    loop_timer_stop(loop, &greedy);
    loop_remove(loop, ends[0]);
    close(ends[0]);
    close(ends[1]);
}

static int pipes[2][2];

/* Both are ready: the first that is called removes the other. */
static void remove_both(void *ctx, unsigned int events)
{
    (void)events;
    note(ctx);
    loop_remove(loop, pipes[0][0]);
    loop_remove(loop, pipes[1][0]);
}

static void a_removed_descriptor_is_not_called_again(void **state)
{
    (void)state;
    struct loop_timer last = {.fn = note_and_stop, .ctx = "."};

    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(pipes[i]), 0);
        assert_int_equal(write(pipes[i][1], "x", 1), 1);
        assert_int_equal(loop_add(loop, pipes[i][0], LOOP_READ, remove_both, "r"), STATUS_OK);
        assert_int_equal(loop_add(loop, pipes[i][0], LOOP_READ, remove_both, "r"), STATUS_EXISTS);
    }
    loop_timer_start(loop, &last, 10, 0);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_string_equal(seen, "r.");
    assert_int_equal(loop_modify(loop, pipes[0][0], LOOP_READ), STATUS_NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

static void note_events(void *ctx, unsigned int events)
{
    (void)ctx;
    note((events & LOOP_WRITE) != 0 ? "w" : "h");
    if ((events & LOOP_WRITE) == 0) {
        loop_stop(loop);
        return;
    }
    /* Interest in nothing but hang-ups, and then one. */
    assert_int_equal(loop_modify(loop, pipes[0][1], 0), STATUS_OK);
    close(pipes[0][0]);
}

static void hangups_are_told_whatever_is_waited_for(void **state)
{
    (void)state;
    assert_int_equal(pipe(pipes[0]), 0);
    assert_int_equal(loop_add(loop, pipes[0][1], LOOP_WRITE, note_events, NULL), STATUS_OK);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_string_equal(seen, "wh");
    loop_remove(loop, pipes[0][1]);
    close(pipes[0][1]);
}

static void on_signal(void *ctx, int signal)
{
    (void)ctx;
    note(signal == SIGHUP ? "H" : signal == SIGTERM ? "T" : "?");
    if (signal == SIGTERM)
        loop_stop(loop);
}

static void signals_are_handed_over_within_the_loop(void **state)
{
    (void)state;
    assert_int_equal(loop_watch_signals(loop, on_signal, NULL), STATUS_OK);
    assert_int_equal(loop_watch_signals(loop, on_signal, NULL), STATUS_EXISTS);
    assert_int_equal(raise(SIGHUP), 0);
    assert_string_equal(seen, "");
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(loop_run(loop), STATUS_OK);
    assert_true(strcmp(seen, "HT") == 0 || strcmp(seen, "T") == 0);
    loop_reset_signals_in_child();
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOOP(timers_fire_in_the_order_of_their_times),
        WITH_LOOP(a_timer_started_anew_fires_once),
        WITH_LOOP(a_periodic_timer_fires_until_it_is_stopped),
        WITH_LOOP(a_timer_without_delay_leaves_descriptors_their_turn),
        WITH_LOOP(a_removed_descriptor_is_not_called_again),
        WITH_LOOP(hangups_are_told_whatever_is_waited_for),
        WITH_LOOP(signals_are_handed_over_within_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* loop.c: see loop.h. Timers are a list in the order of their times: there are few. */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"

#define EVENTS_AT_ONCE 32

struct watch {
    struct watch *next;
    int fd;
    bool removed; /* freed when no event in hand can name it any more */
    loop_fd_fn *fn;
    void *ctx;
};

struct loop {
    int epoll_fd, signal_fd; /* signal_fd is -1 until signals are watched */
    bool stopping;
    uint64_t turn; /* counts the times that timers were looked at */
    struct watch *watches;
    struct loop_timer *timers;
    void (*signal_fn)(void *ctx, int signal);
    void *signal_ctx;
};

enum status loop_new(struct loop **out)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL)
        return STATUS_IO;
    loop->signal_fd = -1;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        loop_free(&loop);
        return STATUS_IO;
    }
    *out = loop;
    return STATUS_OK;
}

/* Frees the watches that were removed; all of them in the end. */
static void sweep(struct loop *loop, bool all)
{
    struct watch **at = &loop->watches;

    while (*at != NULL) {
        struct watch *watch = *at;

        if (!all && !watch->removed) {
            at = &watch->next;
            continue;
        }
        *at = watch->next;
        free(watch);
    }
}

void loop_free(struct loop **loop)
{
    if (*loop == NULL)
        return;
    sweep(*loop, true);
    if ((*loop)->signal_fd >= 0)
        (void)close((*loop)->signal_fd);
    if ((*loop)->epoll_fd >= 0)
        (void)close((*loop)->epoll_fd);
    free(*loop);
    *loop = NULL;
}

static struct watch *find(const struct loop *loop, int fd)
{
    for (struct watch *watch = loop->watches; watch != NULL; watch = watch->next)
        if (watch->fd == fd && !watch->removed)
            return watch;
    return NULL;
}

static struct epoll_event wanted(unsigned int events, struct watch *watch)
{
    return (struct epoll_event){
        .events = ((events & LOOP_READ) != 0 ? EPOLLIN : 0u) | ((events & LOOP_WRITE) != 0 ? EPOLLOUT : 0u),
        .data.ptr = watch,
    };
}

enum status loop_add(struct loop *loop, int fd, unsigned int events, loop_fd_fn *fn, void *ctx)
{
    struct watch *watch;
    struct epoll_event event;

    if (find(loop, fd) != NULL)
        return STATUS_EXISTS;
    watch = malloc(sizeof *watch);
    if (watch == NULL)
        return STATUS_IO;
    *watch = (struct watch){.next = loop->watches, .fd = fd, .fn = fn, .ctx = ctx};
    event = wanted(events, watch);
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(watch);
        return STATUS_IO;
    }
    loop->watches = watch;
    return STATUS_OK;
}

enum status loop_modify(struct loop *loop, int fd, unsigned int events)
{
    struct watch *watch = find(loop, fd);
    struct epoll_event event = wanted(events, watch);

    if (watch == NULL)
        return STATUS_NOT_FOUND;
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0 ? STATUS_OK : STATUS_IO;
}

void loop_remove(struct loop *loop, int fd)
{
    struct watch *watch = find(loop, fd);

    if (watch == NULL)
        return;
    watch->removed = true;
    /* Fails only when the descriptor was closed before, and then it is gone from the set as well. */
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void insert(struct loop *loop, struct loop_timer *timer)
{
    struct loop_timer **at = &loop->timers;

    while (*at != NULL && (*at)->due_ms <= timer->due_ms)
        at = &(*at)->next;
    timer->next = *at;
    timer->turn = loop->turn;
    timer->running = true;
    *at = timer;
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, uint64_t delay_ms, uint64_t period_ms)
{
    loop_timer_stop(loop, timer);
    timer->due_ms = clock_monotonic_ms() + delay_ms;
    timer->period_ms = period_ms;
    insert(loop, timer);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
    for (struct loop_timer **at = &loop->timers; *at != NULL; at = &(*at)->next) {
        if (*at != timer)
            continue;
        *at = timer->next;
        timer->next = NULL;
        timer->running = false;
        return;
    }
}

/* Fires what is due. A timer that a callback starts without delay waits for the next turn, so that descriptors get
 * theirs: at the first timer started within this turn, the turn is over. */
static void fire_timers(struct loop *loop)
{
    uint64_t now = clock_monotonic_ms();

    loop->turn++;
    while (!loop->stopping && loop->timers != NULL) {
        struct loop_timer *timer = loop->timers;

        if (timer->due_ms > now || timer->turn == loop->turn)
            return;
        loop_timer_stop(loop, timer);
        /* A periodic one takes its next place first: its callback may stop it, and free it then. */
        if (timer->period_ms > 0) {
            timer->due_ms = now + timer->period_ms;
            insert(loop, timer);
        }
        timer->fn(timer->ctx);
    }
}

static void take_signals(void *ctx, unsigned int events)
{
    struct loop *loop = ctx;
    struct signalfd_siginfo got;

    (void)events;
    while (!loop->stopping && read(loop->signal_fd, &got, sizeof got) == (ssize_t)sizeof got)
        loop->signal_fn(loop->signal_ctx, (int)got.ssi_signo);
}

enum status loop_watch_signals(struct loop *loop, void (*fn)(void *ctx, int signal), void *ctx)
{
    sigset_t set;

    if (loop->signal_fd >= 0)
        return STATUS_EXISTS;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return STATUS_IO;
    loop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->signal_fd < 0)
        return STATUS_IO;
    loop->signal_fn = fn;
    loop->signal_ctx = ctx;
    return loop_add(loop, loop->signal_fd, LOOP_READ, take_signals, loop);
}

void loop_reset_signals_in_child(void)
{
    sigset_t none;

    sigemptyset(&none);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Milliseconds to wait for descriptors: until the next timer, or without end (-1). */
static int patience(const struct loop *loop)
{
    const uint64_t longest = 60000;
    uint64_t now = clock_monotonic_ms(), left;

    if (loop->timers == NULL)
        return -1;
    left = loop->timers->due_ms > now ? loop->timers->due_ms - now : 0;
    return (int)(left < longest ? left : longest);
}

static unsigned int happened(uint32_t events)
{
    return ((events & EPOLLIN) != 0 ? (unsigned int)LOOP_READ : 0u) |
           ((events & EPOLLOUT) != 0 ? (unsigned int)LOOP_WRITE : 0u) |
           ((events & (EPOLLERR | EPOLLHUP)) != 0 ? (unsigned int)LOOP_HANGUP : 0u);
}

static enum status turn(struct loop *loop)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_AT_ONCE, patience(loop));

    if (count < 0)
        return errno == EINTR ? STATUS_OK : STATUS_IO;
    for (int i = 0; i < count && !loop->stopping; i++) {
        struct watch *watch = events[i].data.ptr;

        if (!watch->removed)
            watch->fn(watch->ctx, happened(events[i].events));
    }
    sweep(loop, false);
    fire_timers(loop);
    return STATUS_OK;
}

enum status loop_run(struct loop *loop)
{
    loop->stopping = false;
    while (!loop->stopping)
        TRY(turn(loop));
    return STATUS_OK;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}

/* child.c: see child.h. */
#include "child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "loop.h"

#define NOT_STARTED 127 /* exit code */
#define LOOK_MS     10  /* between two looks whether it has ended while somebody else keeps its output open */
#define REAP_LOOKS  100 /* such looks until a killed process is left alone */
#define ERRORS_MAX  256 /* bytes of stderr that are kept */

/* The ends that are ours, and what came through them. */
struct child {
    const struct child_call *call;
    pid_t pid;
    int output, errors;
    uint8_t *bytes; /* call->max + 1 of them */
    size_t len, text_len;
    char text[ERRORS_MAX];
    uint64_t deadline;
};

static void close_file(int *file)
{
    if (*file >= 0)
        (void)close(*file);
    *file = -1;
}

/* Whatever it started is in its group; the group's number is its own until it is reaped. A process that a driver holds is
 * not waited for without end. */
static void child_end(struct child *child)
{
    const struct timespec moment = {.tv_nsec = LOOK_MS * 1000 * 1000};

    if (child->pid > 0) {
        (void)kill(-child->pid, SIGKILL);
        (void)kill(child->pid, SIGKILL);
        for (int i = 0; i < REAP_LOOKS && waitpid(child->pid, NULL, WNOHANG) == 0; i++)
            (void)nanosleep(&moment, NULL);
    }
    close_file(&child->output);
    close_file(&child->errors);
    if (child->bytes != NULL)
        wipe(child->bytes, child->call->max + 1);
    free(child->bytes);
}

/* In the child. */
static _Noreturn void become(const struct child_call *call, pid_t parent, const int files[3])
{
    static char *const nothing[] = {NULL};

    loop_reset_signals_in_child();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || setpgid(0, 0) != 0 || dup2(files[0], STDIN_FILENO) < 0 ||
        dup2(files[1], STDOUT_FILENO) < 0 || dup2(files[2], STDERR_FILENO) < 0 || close_range(3, ~0u, 0) != 0)
        _exit(NOT_STARTED);
    if (call->argv == NULL)
        _exit(call->work(call->ctx));
    execve(call->argv[0], (char *const *)(uintptr_t)call->argv, nothing);
    (void)dprintf(STDERR_FILENO, "%s: %s\n", call->argv[0], strerror(errno));
    _exit(NOT_STARTED);
}

/* Pipes whose numbers are above those of the standard files, even where a caller has closed some of these. */
static bool make_pipe(int ends[2])
{
    int raw[2];

    if (pipe2(raw, O_CLOEXEC) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        (void)close(raw[i]);
    }
    return ends[0] >= 0 && ends[1] >= 0;
}

static enum status start(struct child *child, const int files[3], struct reason *reason)
{
    const pid_t parent = getpid();

    child->deadline = clock_monotonic_ms() + child->call->timeout_ms;
    child->pid = fork();
    if (child->pid == 0)
        become(child->call, parent, files);
    if (child->pid < 0) {
        reason_set(reason, "%s: fork: %s", child->call->name, strerror(errno));
        return STATUS_IO;
    }
    (void)setpgid(child->pid, child->pid); /* whoever comes first */
    return STATUS_OK;
}

static enum status open_and_start(struct child *child, struct reason *reason)
{
    int input[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1};
    const struct view in = child->call->input;
    enum status status = STATUS_IO;

    assert(in.len <= CHILD_INPUT_MAX);
    if (!make_pipe(input) || !make_pipe(output) || !make_pipe(errors) ||
        (in.len > 0 && write(input[1], in.ptr, in.len) != (ssize_t)in.len) ||
        fcntl(output[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(errors[0], F_SETFL, O_NONBLOCK) != 0)
        reason_set(reason, "%s: a pipe: %s", child->call->name, strerror(errno));
    else {
        close_file(&input[1]);
        status = start(child, (const int[]){input[0], output[1], errors[1]}, reason);
    }
    child->output = output[0];
    child->errors = errors[0];
    close_file(&input[0]);
    close_file(&input[1]);
    close_file(&output[1]);
    close_file(&errors[1]);
    return status;
}

/* Reads what is there, up to max + 1 bytes. */
static enum status take_output(struct child *child)
{
    while (child->output >= 0 && child->len <= child->call->max) {
        const ssize_t got = read(child->output, child->bytes + child->len, child->call->max + 1 - child->len);

        if (got < 0)
            return STATUS_OK;
        if (got == 0)
            close_file(&child->output);
        child->len += (size_t)got;
    }
    return child->len > child->call->max ? STATUS_NO_SPACE : STATUS_OK;
}

/* Keeps the beginning; the rest is read and forgotten, a bounded bit of it at a time. */
static void take_errors(struct child *child)
{
    char rest[ERRORS_MAX];
    const bool full = child->text_len == sizeof child->text;
    ssize_t got;

    if (child->errors < 0)
        return;
    got = full ? read(child->errors, rest, sizeof rest)
               : read(child->errors, child->text + child->text_len, sizeof child->text - child->text_len);
    if (got == 0)
        close_file(&child->errors);
    else if (got > 0 && !full)
        child->text_len += (size_t)got;
}

static bool has_ended(const struct child *child)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child->pid;
}

/* Until it has ended: its own end counts, not that of those who hold its output. */
static enum status watch(struct child *child, struct reason *reason)
{
    bool ended = false;

    while (!ended) {
        struct pollfd files[] = {{.fd = child->output, .events = POLLIN}, {.fd = child->errors, .events = POLLIN}};

        (void)poll(files, ARRAY_LEN(files), LOOK_MS);
        ended = has_ended(child);
        if (take_output(child) != STATUS_OK) {
            reason_set(reason, "%s: it gave more than %zu bytes", child->call->name, child->call->max);
            return STATUS_NO_SPACE;
        }
        take_errors(child);
        if (!ended && clock_monotonic_ms() >= child->deadline) {
            reason_set(reason, "%s: no answer within %llu ms", child->call->name,
                       (unsigned long long)child->call->timeout_ms);
            return STATUS_TIMEOUT;
        }
    }
    return STATUS_OK;
}

/* The first line of stderr, as far as it is readable. */
static const char *first_line(struct child *child)
{
    size_t len = 0;

    while (len < child->text_len && len < sizeof child->text - 1 && child->text[len] != '\n') {
        if (child->text[len] < ' ' || child->text[len] > '~')
            child->text[len] = '?';
        len++;
    }
    child->text[len] = '\0';
    return len > 0 ? child->text : "it said nothing";
}

/* Reaps it, and everything that it left behind. */
static enum status judge(struct child *child, struct reason *reason)
{
    const char *name = child->call->name;
    int ending = 0;

    (void)kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &ending, 0) < 0 && errno == EINTR)
        continue;
    child->pid = 0;
    if (!WIFEXITED(ending)) {
        reason_set(reason, "%s: ended by signal %d", name, WTERMSIG(ending));
        return STATUS_IO;
    }
    if (WEXITSTATUS(ending) == 0 && child->len > 0)
        return STATUS_OK;
    if (WEXITSTATUS(ending) == 0) {
        reason_set(reason, "%s: it gave nothing", name);
        return STATUS_IO;
    }
    if (child->call->argv != NULL)
        reason_set(reason, "%s: ended with %d: %s", name, WEXITSTATUS(ending), first_line(child));
    else
        reason_set(reason, "%s: %s", name, first_line(child));
    return child->call->argv != NULL || WEXITSTATUS(ending) == NOT_STARTED ? STATUS_IO
                                                                           : (enum status)WEXITSTATUS(ending);
}

enum status child_run(const struct child_call *call, struct buf *out, struct reason *reason)
{
    CLEANUP(child_end) struct child child = {.call = call, .output = -1, .errors = -1, .bytes = malloc(call->max + 1)};

    if (child.bytes == NULL) {
        reason_set(reason, "%s: no memory", call->name);
        return STATUS_IO;
    }
    TRY(open_and_start(&child, reason));
    TRY(watch(&child, reason));
    TRY(judge(&child, reason));
    if (buf_append(out, (struct view){child.bytes, child.len}) != STATUS_OK) {
        reason_set(reason, "%s: %zu bytes do not fit", call->name, child.len);
        return STATUS_NO_SPACE;
    }
    return STATUS_OK;
}

/* run.c: see run.h. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#define FIXED_ARGUMENTS 13 /* program, five options with their values, folder, command */
#define NUMBER_SIZE     24

/* The words of a command line, and the memory of those that are numbers. */
struct words {
    char *list[FIXED_ARGUMENTS + RUN_MAX_ARGUMENTS + 1];
    size_t count;
    char numbers[4][NUMBER_SIZE];
    size_t number_count;
};

static void add(struct words *words, const char *word)
{
    words->list[words->count++] = (char *)(uintptr_t)word;
}

static void add_number(struct words *words, const char *option, int64_t number)
{
    char *text = words->numbers[words->number_count++];

    (void)snprintf(text, NUMBER_SIZE, "%" PRId64, number);
    add(words, option);
    add(words, text);
}

static void fill(const struct run_call *call, struct words *words)
{
    add(words, call->program);
    add_number(words, "--timeout", call->timeout_s);
    add_number(words, "--memory-mb", call->memory_mb);
    add(words, "--config");
    add(words, call->options);
    add_number(words, "--seed", call->seed);
    add_number(words, "--round", call->round);
    add(words, call->folder);
    add(words, call->command);
    for (size_t i = 0; call->arguments[i] != NULL; i++)
        add(words, call->arguments[i]);
    words->list[words->count] = NULL;
}

/* In the child: becomes tacit-run. It must not outlive us, nor hold our connection or database. */
static _Noreturn void become_runner(char *const argv[])
{
    int nothing;

    loop_reset_signals_in_child();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    nothing = open("/dev/null", O_RDONLY);
    if (setpgid(0, 0) != 0 || dup2(nothing, STDIN_FILENO) < 0 || close_range(3, ~0u, 0) != 0)
        _exit(RUN_NOT_STARTED);
    execv(argv[0], argv);
    _exit(RUN_NOT_STARTED);
}

enum status run_start(const struct run_call *call, pid_t *out, struct reason *reason)
{
    struct words words = {.count = 0};
    pid_t pid;

    fill(call, &words);
    pid = fork();
    if (pid == 0)
        become_runner(words.list);
    if (pid < 0) {
        reason_set(reason, "fork: %s", strerror(errno));
        return STATUS_IO;
    }
    (void)setpgid(pid, pid); /* whoever comes first; the group is there when we may want to end it */
    *out = pid;
    return STATUS_OK;
}

void run_kill(pid_t *pid)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

    if (*pid <= 0)
        return;
    (void)kill(-*pid, SIGTERM);
    for (int i = 0; i < 100 && waitpid(*pid, NULL, WNOHANG) == 0; i++) {
        if (i == 99) {
            (void)kill(-*pid, SIGKILL);
            (void)waitpid(*pid, NULL, 0);
        } else {
            (void)nanosleep(&moment, NULL);
        }
    }
    *pid = 0;
}

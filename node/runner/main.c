/* main.c: tacit-run, which runs one entry point of a compute package, confined. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "runner.h"

static const char *const help =
    "usage: tacit-run [OPTION ...] PACKAGE ENTRY [ARG ...]\n"
    "\n"
    "Runs one entry point of the compute package in the folder PACKAGE in a process of its own: without network, in a\n"
    "clean environment, in a temporary working directory, within limits. See docs/packages.md.\n"
    "\n"
    "entries:\n"
    "  init MODEL_OUT\n"
    "  train MODEL_IN MODEL_OUT METRICS_OUT\n"
    "  validate MODEL_IN METRICS_OUT\n"
    "  predict MODEL_IN INPUT OUTPUT\n"
    "\n"
    "options:\n"
    "  --timeout SECONDS  wall clock until the entry is killed (600)\n"
    "  --memory-mb N      address space of each process in MiB, 0: no limit (1024)\n"
    "  --file-mb N        size of each file that is written in MiB (1024)\n"
    "  --config FILE      the package's options, as TACIT_CONFIG\n"
    "  --seed N           as TACIT_SEED (0)\n"
    "  --round N          as TACIT_ROUND (0)\n"
    "  --help             this text\n"
    "\n"
    "Ends with 0 the entry succeeded, 1 the entry failed (its exit code or signal stands on stderr), 2 wrong usage,\n"
    "3 bad package, 4 timed out, 5 the sandbox could not be set up, 6 a resource limit ended the entry (SIGXCPU,\n"
    "SIGXFSZ). SIGTERM, SIGINT and SIGHUP end the entry, and then tacit-run by that signal.\n";

/* A caller may have closed some of stdin, stdout, stderr; a file opened later must not take their place. */
static void fill_standard_streams(void)
{
    int file = open("/dev/null", O_RDWR);

    while (file >= 0 && file <= STDERR_FILENO)
        file = open("/dev/null", O_RDWR);
    if (file >= 0)
        (void)close(file);
}

static void end_by_signal(int number)
{
    sigset_t one;

    (void)signal(number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, number);
    (void)raise(number);
    (void)sigprocmask(SIG_UNBLOCK, &one, NULL);
}

int main(int argc, char **argv)
{
    static struct runner_job job;
    struct runner_call call;
    int interrupted = 0;

    fill_standard_streams();
    enum runner_exit code = runner_options_parse(argc, argv, &call);
    if (code == RUNNER_OK && call.help) {
        fputs(help, stdout);
        return RUNNER_OK;
    }
    if (code == RUNNER_OK)
        code = runner_package_find(&call, &job);
    if (code == RUNNER_OK)
        code = runner_run(&job, &interrupted);
    if (interrupted != 0)
        end_by_signal(interrupted);
    return (int)code;
}

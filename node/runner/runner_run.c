/* runner_run.c: starts the entry, waits for its end or makes one, and leaves nothing behind. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

static enum runner_exit make_scratch(char out[PATH_MAX])
{
    const char *parent = getenv("TMPDIR");
    char folder[PATH_MAX];

    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    if (realpath(parent, folder) == NULL)
        return runner_fail(RUNNER_SANDBOX, "%s: %s", parent, strerror(errno));
    int length = snprintf(out, PATH_MAX, "%s/tacit-run.XXXXXX", folder);
    if (length >= PATH_MAX || mkdtemp(out) == NULL)
        return runner_fail(RUNNER_SANDBOX, "%s: no temporary folder: %s", folder, strerror(errno));
    return RUNNER_OK;
}

/* Nobody writes there any more. A folder that the entry closed to itself is opened first. */
static void remove_scratch(char *path)
{
    char *roots[] = {path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL, NULL);

    if (tree == NULL)
        return;
    for (FTSENT *item = fts_read(tree); item != NULL; item = fts_read(tree)) {
        if (item->fts_info == FTS_D)
            (void)chmod(item->fts_accpath, S_IRWXU);
        else if (remove(item->fts_accpath) != 0)
            fprintf(stderr, "tacit-run: %s: not removed: %s\n", item->fts_path, strerror(errno));
    }
    (void)fts_close(tree);
}

static void watch_signals(sigset_t *out)
{
    (void)signal(SIGCHLD, SIG_DFL); /* ignored, it would leave nothing to wait for */
    sigemptyset(out);
    sigaddset(out, SIGCHLD);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
    sigaddset(out, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, out, NULL);
}

/* What is left until the deadline; false when nothing is. */
static bool time_left(const struct timespec *deadline, struct timespec *out)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    out->tv_sec = deadline->tv_sec - now.tv_sec;
    out->tv_nsec = deadline->tv_nsec - now.tv_nsec;
    if (out->tv_nsec < 0) {
        out->tv_sec--;
        out->tv_nsec += 1000000000;
    }
    return out->tv_sec >= 0;
}

/* Returns SIGCHLD when the child has ended, 0 when its time has, else the signal that came. The child is not reaped:
 * its group keeps its number until then. */
static int wait_for_end(pid_t child, const sigset_t *watched, uint64_t timeout_s)
{
    struct timespec deadline, left;

    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += (time_t)timeout_s;
    for (;;) {
        siginfo_t ended = {0};
        if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == child)
            return SIGCHLD;
        if (!time_left(&deadline, &left))
            return 0;
        int came = sigtimedwait(watched, NULL, &left);
        if (came > 0 && came != SIGCHLD)
            return came;
    }
}

/* Kills and reaps the child and all that it started, and returns the child's status. One kill reaches all of them:
 * none can leave the group. Those whose parent is dead become children of this process, so when no child of the group
 * is left, nobody is. */
static int end_group(pid_t child)
{
    int status, ended = 0;
    pid_t reaped;

    (void)kill(-child, SIGKILL);
    while ((reaped = waitpid(-child, &status, 0)) > 0) {
        if (reaped == child)
            ended = status;
    }
    return ended;
}

static enum runner_exit judge_status(const struct runner_job *job, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return RUNNER_OK;
    if (WIFEXITED(status))
        return runner_fail(RUNNER_FAILED, "%s: ended with exit code %d", job->call.entry, WEXITSTATUS(status));
    int number = WTERMSIG(status);
    const char *name = sigabbrev_np(number);
    bool limit = number == SIGXCPU || number == SIGXFSZ;
    return runner_fail(limit ? RUNNER_LIMIT : RUNNER_FAILED, "%s: ended by signal %d (SIG%s)", job->call.entry, number,
                       name != NULL ? name : "?");
}

/* report: the child's end of the pipe; one byte, its code, when it did not become the entry. */
_Noreturn static void be_child(const struct runner_job *job, int report)
{
    uint8_t code = (uint8_t)runner_become_entry(job);

    _exit(write(report, &code, 1) == 1 ? code : RUNNER_SANDBOX);
}

static enum runner_exit watch_entry(const struct runner_job *job, const sigset_t *watched, int *interrupted)
{
    int report[2];
    uint8_t code;

    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || pipe2(report, O_CLOEXEC) != 0)
        return runner_fail(RUNNER_SANDBOX, "sandbox: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        be_child(job, report[1]);
    (void)close(report[1]);
    if (child < 0) {
        (void)close(report[0]);
        return runner_fail(RUNNER_SANDBOX, "no process: %s", strerror(errno));
    }
    (void)setpgid(child, child); /* both sides do it: the group is there whoever comes first */

    int came = wait_for_end(child, watched, job->call.timeout_s);
    int status = end_group(child);
    bool reported = read(report[0], &code, 1) == 1;
    (void)close(report[0]);
    if (reported)
        return (enum runner_exit)code;
    if (came == SIGCHLD)
        return judge_status(job, status);
    *interrupted = came;
    return came != 0 ? runner_fail(RUNNER_FAILED, "%s: interrupted", job->call.entry)
                     : runner_fail(RUNNER_TIMEOUT, "%s: took more than %llu seconds", job->call.entry,
                                   (unsigned long long)job->call.timeout_s);
}

enum runner_exit runner_run(struct runner_job *job, int *interrupted)
{
    sigset_t watched;

    *interrupted = 0;
    job->runner = getpid();
    watch_signals(&watched); /* before there is something to remove */
    enum runner_exit code = make_scratch(job->scratch);
    if (code != RUNNER_OK)
        return code;
    code = watch_entry(job, &watched, interrupted);
    remove_scratch(job->scratch);
    return code;
}

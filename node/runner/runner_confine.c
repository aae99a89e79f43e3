/* runner_confine.c: what the child does to itself before it becomes the entry. None of it can be taken back. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runner.h"

#define MIB ((rlim_t)1 << 20)

/* Calls that are refused, whatever their arguments. socketpair stays: it reaches nobody else. */
static const struct refusal {
    int call, error;
} refusals[] = {
    {SCMP_SYS(socket), EACCES},
    /* io_uring opens sockets without the call above */
    {SCMP_SYS(io_uring_setup), EPERM},
    /* other processes and their sockets */
    {SCMP_SYS(ptrace), EPERM},
    {SCMP_SYS(process_vm_readv), EPERM},
    {SCMP_SYS(process_vm_writev), EPERM},
    {SCMP_SYS(pidfd_getfd), EPERM},
    /* the process group is how all of an entry's processes are ended: nobody leaves it */
    {SCMP_SYS(setsid), EPERM},
    {SCMP_SYS(setpgid), EPERM},
    /* namespaces; the flags of clone3 are out of a filter's sight, and libc falls back to clone */
    {SCMP_SYS(unshare), EPERM},
    {SCMP_SYS(setns), EPERM},
    {SCMP_SYS(clone3), ENOSYS},
    /* mounts, old and new style */
    {SCMP_SYS(mount), EPERM},
    {SCMP_SYS(umount2), EPERM},
    {SCMP_SYS(pivot_root), EPERM},
    {SCMP_SYS(open_tree), EPERM},
    {SCMP_SYS(move_mount), EPERM},
    {SCMP_SYS(fsopen), EPERM},
    {SCMP_SYS(fsmount), EPERM},
    {SCMP_SYS(mount_setattr), EPERM},
    /* the kernel */
    {SCMP_SYS(bpf), EPERM},
    {SCMP_SYS(keyctl), EPERM},
    {SCMP_SYS(perf_event_open), EPERM},
    {SCMP_SYS(kexec_load), EPERM},
    {SCMP_SYS(kexec_file_load), EPERM},
};

static const unsigned int namespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                          CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

/* Each step returns 0, or -1 with errno. */

static int die_with_runner(const struct runner_job *job)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return -1;
    if (getppid() != job->runner) /* it died before it could be asked for */
        raise(SIGKILL);
    return 0;
}

static int lead_group(const struct runner_job *job)
{
    (void)job;
    return setpgid(0, 0);
}

/* An ignored or blocked signal would stay so in the entry. */
static int reset_signals(const struct runner_job *job)
{
    sigset_t none;

    (void)job;
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL); /* refused for SIGKILL, SIGSTOP and libc's own */
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Closed at the exec, so that a failure can be reported until then. */
static int close_files(const struct runner_job *job)
{
    (void)job;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        return -1;
    return close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
}

static int enter_scratch(const struct runner_job *job)
{
    return chdir(job->scratch);
}

static int set_environment(const struct runner_job *job)
{
    char seed[24], round[24];

    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)job->call.seed);
    (void)snprintf(round, sizeof round, "%llu", (unsigned long long)job->call.round);
    if (clearenv() != 0 || setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1) != 0 ||
        setenv("HOME", job->scratch, 1) != 0 || setenv("TMPDIR", job->scratch, 1) != 0 ||
        setenv("LANG", "C.UTF-8", 1) != 0 || setenv("TACIT_PACKAGE", job->folder, 1) != 0 ||
        setenv("TACIT_SEED", seed, 1) != 0 || setenv("TACIT_ROUND", round, 1) != 0)
        return -1;
    return *job->config == '\0' ? 0 : setenv("TACIT_CONFIG", job->config, 1);
}

static int add_refusals(scmp_filter_ctx filter)
{
    int result = 0;

    for (size_t i = 0; i < ARRAY_LEN(refusals) && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned int)refusals[i].error), refusals[i].call, 0);
    for (size_t i = 0; i < ARRAY_LEN(namespaces) && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
    return result;
}

/* Calls of another architecture (32 bits on a 64 bit machine) end the process: libseccomp's default. */
static int filter_calls(const struct runner_job *job)
{
    (void)job;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return -1;
    int result = add_refusals(filter);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    if (result == 0)
        return 0;
    errno = -result;
    return -1;
}

/* Never above what this process may have itself. */
static int limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
    struct rlimit now;

    if (getrlimit(resource, &now) != 0)
        return -1;
    hard = hard < now.rlim_max ? hard : now.rlim_max;
    soft = soft < hard ? soft : hard;
    return setrlimit(resource, &(struct rlimit){soft, hard});
}

static int set_limits(const struct runner_job *job)
{
    rlim_t memory = job->call.memory_mb == 0 ? RLIM_INFINITY : job->call.memory_mb * MIB;
    rlim_t file = job->call.file_mb * MIB;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    /* All threads count, so the wall clock ends an entry first; this one holds when nobody watches the clock. At the
     * hard limit comes SIGKILL, a second after SIGXCPU. */
    rlim_t cpu_s = (job->call.timeout_s + 1) * (processors > 0 ? (rlim_t)processors : 1);

    if (limit(RLIMIT_CORE, 0, 0) != 0 || limit(RLIMIT_CPU, cpu_s, cpu_s + 1) != 0 ||
        limit(RLIMIT_FSIZE, file, file) != 0)
        return -1;
    return limit(RLIMIT_AS, memory, memory);
}

static const struct step {
    const char *what;
    int (*take)(const struct runner_job *job);
} steps[] = {
    {"death with its parent", die_with_runner},
    {"process group", lead_group},
    {"signals", reset_signals},
    {"files", close_files},
    {"working directory", enter_scratch},
    {"environment", set_environment},
    {"system call filter", filter_calls},
    {"limits", set_limits}, /* last: what comes before needs memory */
};

enum runner_exit runner_become_entry(const struct runner_job *job)
{
    const char *argv[RUNNER_MAX_ARGUMENTS + 2] = {job->program};

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (steps[i].take(job) != 0)
            return runner_fail(RUNNER_SANDBOX, "sandbox: %s: %s", steps[i].what, strerror(errno));
    }
    for (size_t i = 0; i < job->call.count; i++)
        argv[i + 1] = job->arguments[i];
    (void)execv(job->program, (char *const *)(uintptr_t)argv); /* exec writes to none of them */
    return runner_fail(RUNNER_PACKAGE, "%s: cannot be started: %s", job->program, strerror(errno));
}

/* runner.h: one entry point of a compute package in its own confined process. Source: docs/packages.md.
 *
 * The parts of tacit-run, in the order in which main uses them; in between, the child confines itself. */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include <limits.h>
#include <sys/types.h>

#include "base.h"

#define RUNNER_MAX_ARGUMENTS 3                /* paths that an entry takes */
#define RUNNER_MAX_TIMEOUT_S (7u * 24 * 3600) /* a week */
#define RUNNER_MAX_MB        (1u << 20)       /* a TiB */

/** How tacit-run ends. The numbers are its exit codes, which the node reads. */
enum runner_exit {
    RUNNER_OK = 0,
    RUNNER_FAILED = 1,  /* the entry said so, or a signal ended it */
    RUNNER_USAGE = 2,   /* the command line is wrong */
    RUNNER_PACKAGE = 3, /* the package is not one, or its entry cannot be started */
    RUNNER_TIMEOUT = 4, /* the entry took too long */
    RUNNER_SANDBOX = 5, /* the entry could not be confined, so it did not start */
    RUNNER_LIMIT = 6,   /* SIGXCPU or SIGXFSZ ended the entry */
};

/** The command line; its strings are those of argv. */
struct runner_call {
    bool help;              /* asked for; nothing else is set then */
    uint64_t timeout_s;     /* 1..RUNNER_MAX_TIMEOUT_S */
    uint64_t memory_mb;     /* MiB of address space, 0..RUNNER_MAX_MB; 0: no limit */
    uint64_t file_mb;       /* MiB of each file written, 1..RUNNER_MAX_MB */
    uint64_t seed, round;   /* for the package */
    const char *config;     /* NULL: none */
    const char *package;    /* the folder */
    const char *entry;      /* init, train, validate or predict */
    char *const *arguments; /* the entry's paths, as many as it takes, none empty */
    size_t count;
};

/** What is run, in absolute paths. */
struct runner_job {
    struct runner_call call;
    char folder[PATH_MAX];  /* the package */
    char program[PATH_MAX]; /* its executable, by the entry's name */
    char config[PATH_MAX];  /* "": none */
    char arguments[RUNNER_MAX_ARGUMENTS][PATH_MAX];
    char scratch[PATH_MAX]; /* the entry's own folder while it runs */
    pid_t runner;           /* this process */
};

/** Prints `tacit-run: ` and a sentence to stderr. Returns code. */
__attribute__((format(printf, 2, 3))) enum runner_exit runner_fail(enum runner_exit code, const char *format, ...);

/**
 * Reads the command line. Returns RUNNER_USAGE, with a sentence on stderr, when an option, a number, the entry or the
 * count of its arguments is wrong; out is set on RUNNER_OK only.
 */
MUST_USE enum runner_exit runner_options_parse(int argc, char **argv, struct runner_call *out);

/**
 * Finds the entry's executable and makes every path absolute. out->scratch and out->runner are not set; the struct is
 * large and best static. Unlike other outputs, out is changed on failure too.
 *
 * Returns RUNNER_PACKAGE  no such folder, no package.conf, or the executable is missing, leads out of the folder, is
 *                         not a regular file or may not be executed;
 *         RUNNER_USAGE    a path is too long.
 */
MUST_USE enum runner_exit runner_package_find(const struct runner_call *call, struct runner_job *out);

/**
 * Runs the entry and waits. On every way out all of its processes are dead and its scratch folder is gone. Sets job's
 * scratch and runner.
 *
 * interrupted  set to SIGTERM, SIGINT or SIGHUP when that ended the wait, else 0. These stay blocked.
 *
 * Returns any code but RUNNER_USAGE; all but RUNNER_OK have printed why.
 */
MUST_USE enum runner_exit runner_run(struct runner_job *job, int *interrupted);

/**
 * In the child: confines this process for good and becomes the entry. Returns only when that failed, after saying why:
 * RUNNER_SANDBOX, or RUNNER_PACKAGE when the executable cannot be started.
 */
MUST_USE enum runner_exit runner_become_entry(const struct runner_job *job);

#endif

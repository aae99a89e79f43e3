/* run.h: tacit-run as a process of our own: one command of a package, within its bounds. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include <sys/types.h>

#include "base.h"
#include "reason.h"

#define RUN_MAX_ARGUMENTS 3
#define RUN_NOT_STARTED   127 /* exit code when the program could not be started */

/** One run. Strings are lent until run_start returns. */
struct run_call {
    const char *program; /* tacit-run */
    const char *folder;  /* of the package */
    int64_t timeout_s;   /* longest run */
    int64_t memory_mb;   /* most memory of a process; 0: no limit */
    const char *options; /* file of `key value` lines */
    int64_t seed;        /* for what the package draws */
    uint32_t round;
    const char *command;                          /* of the package: "validate" */
    const char *arguments[RUN_MAX_ARGUMENTS + 1]; /* of the command; a NULL ends them */
};

/** Starts it and returns its process id, in a process group of its own. STATUS_IO with reason. */
MUST_USE enum status run_start(const struct run_call *call, pid_t *out, struct reason *reason);

/** Ends it and whatever it started, and reaps it: asked first, killed after a second. pid 0 is nothing to do. */
void run_kill(pid_t *pid);

#endif

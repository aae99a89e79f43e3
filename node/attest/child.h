/* child.h: work in a process of its own, which gives bytes within a time, or a line that says why not. What it started,
 * too, ends with it. Blocks until then: an attester's answer is short. */
#ifndef ATTEST_CHILD_H
#define ATTEST_CHILD_H

#include "base.h"
#include "reason.h"

#define CHILD_INPUT_MAX 4096 /* bytes; they lie in a pipe before the process begins */

struct child_call {
    const char *name;        /* in sentences */
    const char *const *argv; /* a program with an absolute path, its arguments, NULL; started without environment. Or
                                  * NULL, and this process goes on: */
    int (*work)(const void *ctx); /* with 0 for success and what is given on stdout; else a line on stderr, not empty */
    const void *ctx;
    struct view input;   /* on stdin */
    uint64_t timeout_ms; /* 1 and up, for all of it */
    size_t max;          /* bytes that are taken */
};

/**
 * Runs it with three open files (stdin, stdout, stderr) in a process group of its own, which is killed when it ends, when
 * it gives more than max bytes or when the time is over, and at the latest with this process.
 *
 * out     is appended to, on STATUS_OK only. Not empty then.
 * reason  says what went wrong: for a process that failed, the first line that it wrote on stderr.
 *
 * Returns STATUS_TIMEOUT; STATUS_NO_SPACE (it gave more than max, or than out takes); STATUS_IO (it could not be started,
 * was ended by a signal, failed, or gave nothing). Work that fails with the number of a status makes child_run return it.
 */
MUST_USE enum status child_run(const struct child_call *call, struct buf *out, struct reason *reason);

#endif

/* work.h: the compute package at work on a round: validate, then train, each a process of its own in a folder that is
 * made for the job and removed with it. One job at a time. */
#ifndef DAEMON_WORK_H
#define DAEMON_WORK_H

#include <sys/types.h>

#include "model.h"
#include "package.h"
#include "scores.h"
#include "work_folder.h"

/** What runs, and who is told. Lent for work's life. */
struct work_setup {
    const char *runner; /* tacit-run */
    const struct package *package;
    const struct config_pairs *options; /* in place of the package's */
    int64_t seed;
    void *ctx;
    void (*done)(void *ctx, const struct tacit_result *result); /* the result lives until it returns */
    void (*failed)(void *ctx, const char *why);
};

enum work_step { WORK_IDLE, WORK_VALIDATE, WORK_TRAIN };

/** Starts as {.setup = ...}. */
struct work {
    const struct work_setup *setup;

    /* The job. */
    enum work_step step;
    pid_t pid;
    struct tacit_work task;
    struct model_layout layout; /* of task.model */
    struct scores scores;
    uint32_t samples; /* of the last step */
    struct work_folder folder;
};

/**
 * Begins a job; one that is under way is ended and forgotten. task.model lives until the job is told of or abandoned.
 * `done` or `failed` is called later, from work_reap.
 *
 * Returns with a reason, and without a job, what package_model_write and package_write_options return; STATUS_IO.
 */
MUST_USE enum status work_begin(struct work *work, const struct tacit_work *task, struct reason *reason);

/** A child has ended, perhaps ours: goes on with the job, or tells how it came out. */
void work_reap(struct work *work);

/** Ends the job, if there is one, and removes its folder. Nobody is told. */
void work_abandon(struct work *work);

#endif

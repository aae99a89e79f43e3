/* work.c: see work.h. */
#include "work.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "file.h"
#include "package_model.h"
#include "run.h"

#define MODEL_IN  "model-in.safetensors"
#define MODEL_OUT "model-out.safetensors"
#define OPTIONS   "options.conf"
#define PATH_SIZE (WORK_FOLDER_MAX + 32)

/* What a step runs, what it leaves behind, and what follows it for each task. */
static const struct step {
    const char *command, *metrics, *prefix;
    bool makes_model;
    enum work_step next[TACIT_EVALUATE + 1];
} steps[] = {
    [WORK_VALIDATE] = {"validate", "validate.json", "", false, {[TACIT_TRAIN] = WORK_TRAIN}},
    [WORK_TRAIN] = {"train", "train.json", SCORES_TRAINING, true, {WORK_IDLE}},
};

/* The path of a file of the job. */
struct path {
    char text[PATH_SIZE];
};

static struct path path_of(const struct work *work, const char *name)
{
    struct path path;

    (void)snprintf(path.text, sizeof path.text, "%s/%s", work->folder.path, name);
    return path;
}

/* Forgets the job whose process has ended. What a device learnt does not stay behind on its disk. */
static void forget(struct work *work)
{
    work_folder_remove(&work->folder);
    *work = (struct work){.setup = work->setup};
}

void work_abandon(struct work *work)
{
    run_kill(&work->pid);
    forget(work);
}

static enum status start_step(struct work *work, enum work_step step, struct reason *reason)
{
    const struct work_setup *setup = work->setup;
    const struct path in = path_of(work, MODEL_IN), out = path_of(work, MODEL_OUT), options = path_of(work, OPTIONS),
                      metrics = path_of(work, steps[step].metrics);
    struct run_call call = {
        .program = setup->runner,
        .folder = setup->package->folder,
        .timeout_s = setup->package->timeout_s,
        .memory_mb = setup->package->memory_mb,
        .options = options.text,
        .seed = setup->seed,
        .round = work->task.round,
        .command = steps[step].command,
        .arguments = {in.text, steps[step].makes_model ? out.text : metrics.text,
                      steps[step].makes_model ? metrics.text : NULL},
    };

    TRY(run_start(&call, &work->pid, reason));
    work->step = step;
    return STATUS_OK;
}

static enum status begin(struct work *work, struct reason *reason)
{
    const struct view model = {work->task.model, work->task.model_size};
    const struct path in = path_of(work, MODEL_IN), options = path_of(work, OPTIONS);

    TRY(model_decode(model, MODEL_MAX_PARAMETERS, &work->layout));
    TRY(package_model_write(in.text, model, reason));
    TRY(package_write_options(work->setup->package, work->setup->options, options.text, reason));
    return start_step(work, WORK_VALIDATE, reason);
}

enum status work_begin(struct work *work, const struct tacit_work *task, struct reason *reason)
{
    enum status status;

    work_abandon(work);
    work->task = *task;
    TRY(work_folder_make(&work->folder, reason));
    status = begin(work, reason);
    if (status != STATUS_OK)
        forget(work);
    return status;
}

/* By tacit-run's exit code, which is its own and not the package's. */
static const char *const endings[] = {
    [1] = "failed",
    [2] = "called in a wrong way",
    [3] = "the package is not one",
    [4] = "took too long",
    [5] = "could not be confined",
    [6] = "ran into a limit",
    [RUN_NOT_STARTED] = "the runner cannot be started",
};

static enum status check_ending(const struct work *work, int ending, struct reason *reason)
{
    const char *command = steps[work->step].command;
    const unsigned int code = WIFEXITED(ending) ? (unsigned int)WEXITSTATUS(ending) : 0;

    if (WIFEXITED(ending) && code == 0)
        return STATUS_OK;
    if (!WIFEXITED(ending))
        reason_set(reason, "%s: the runner was ended by signal %d", command, WTERMSIG(ending));
    else if (code < ARRAY_LEN(endings) && endings[code] != NULL)
        reason_set(reason, "%s: %s", command, endings[code]);
    else
        reason_set(reason, "%s: the runner ended with %u", command, code);
    return STATUS_PACKAGE;
}

static enum status read_scores(struct work *work, struct reason *reason)
{
    const struct path path = path_of(work, steps[work->step].metrics);
    CLEANUP(file_free) struct buf json = {NULL, 0, 0};

    TRY(file_read(path.text, SCORES_MAX_FILE, &json, reason));
    return scores_add(buf_view(&json), steps[work->step].prefix, &work->scores, &work->samples, reason);
}

/* Takes what a step left behind. */
static enum status collect(struct work *work, int ending, struct buf *model, struct reason *reason)
{
    const struct path path = path_of(work, MODEL_OUT);

    TRY(check_ending(work, ending, reason));
    TRY(read_scores(work, reason));
    return steps[work->step].makes_model ? package_model_read(path.text, &work->layout, model, reason) : STATUS_OK;
}

/* The job is over before anybody is told of it, so that whoever is told may begin the next one. */
static void tell_done(struct work *work, const struct buf *model)
{
    const struct scores scores = work->scores;
    struct tacit_result result = {.model = model->ptr, .model_size = model->len, .samples = work->samples};

    scores_tell(&scores, &result);
    forget(work);
    work->setup->done(work->setup->ctx, &result);
}

static void tell_failed(struct work *work, const struct reason *reason)
{
    forget(work);
    work->setup->failed(work->setup->ctx, reason->text);
}

void work_reap(struct work *work)
{
    CLEANUP(file_free_secret) struct buf model = {NULL, 0, 0};
    struct reason reason = {""};
    enum work_step next;
    enum status status;
    int ending;

    if (work->pid <= 0 || waitpid(work->pid, &ending, WNOHANG) != work->pid)
        return;
    work->pid = 0;
    next = steps[work->step].next[work->task.task];
    status = collect(work, ending, &model, &reason);
    if (status == STATUS_OK && next != WORK_IDLE)
        status = start_step(work, next, &reason);
    if (status != STATUS_OK)
        tell_failed(work, &reason);
    else if (next == WORK_IDLE)
        tell_done(work, &model);
}

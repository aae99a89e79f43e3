/* The work on a round, with a shell script in the place of tacit-run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "hex.h"
#include "work.h"

#define MODEL "a1 01 82 83 6177 820201 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f"

/* What each script begins with: its arguments by name. */
#define HEAD \
    "#!/bin/sh\n" \
    "command=${12} in=${13}\n" \
    "case $command in validate) metrics=${14} ;; train) out=${14} metrics=${15} ;; esac\n"

/* What a package does well: accuracy of the model given, and the model as it was. */
#define WELL \
    "if [ $command = validate ]; then\n" \
    "  echo '{\"samples\": 20, \"accuracy\": 0.75}' >\"$metrics\"\n" \
    "else\n" \
    "  echo '{\"samples\": 100, \"loss\": 0.5}' >\"$metrics\"; cp \"$in\" \"$out\"\n" \
    "fi\n"

/* What was told. */
struct told {
    unsigned int done, failed;
    struct tacit_result result;
    char names[TACIT_MAX_METRICS][40], why[512];
    uint8_t model[256];
};

static char folder[64], script[96], work_parent[96], note[96];
static uint8_t model_bytes[256];
static struct view model;
static struct package package;
static struct config_pair pairs[] = {{"data", "/data"}};
static const struct config_pairs options = {pairs, 1};
static struct told told;
static struct work_setup setup;
static struct work work;

static void on_done(void *ctx, const struct tacit_result *result)
{
    struct told *to = ctx;

    to->done++;
    to->result = *result;
    assert_true(result->model_size <= sizeof to->model);
    if (result->model != NULL)
        memcpy(to->model, result->model, result->model_size);
    for (unsigned int i = 0; i < result->metric_count; i++)
        snprintf(to->names[i], sizeof to->names[i], "%s", result->metrics[i].name);
}

static void on_failed(void *ctx, const char *why)
{
    struct told *to = ctx;

    to->failed++;
    snprintf(to->why, sizeof to->why, "%s", why);
}

static void nothing(int number)
{
    (void)number;
}

static int begin(void **state)
{
    struct buf room = BUF_OF(model_bytes);

    (void)state;
    (void)signal(SIGCHLD, nothing);
    strcpy(folder, P_tmpdir "/work_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(script, sizeof script, "%s/runner", folder);
    snprintf(note, sizeof note, "%s/note", folder);
    snprintf(work_parent, sizeof work_parent, "%s/work", folder);
    model = hex_view(MODEL, &room);
    package = (struct package){.folder = "/packages/any", .timeout_s = 60, .memory_mb = 512};
    setup = (struct work_setup){.runner = script,
                                .package = &package,
                                .options = &options,
                                .seed = 7,
                                .ctx = &told,
                                .done = on_done,
                                .failed = on_failed};
    work = (struct work){.setup = &setup};
    told = (struct told){0};
    return mkdir(work_parent, 0700) == 0 && setenv("TMPDIR", work_parent, 1) == 0 ? 0 : -1;
}

/* That the job's folder is gone is a part of every test: this one would not be empty. */
static int end(void **state)
{
    (void)state;
    work_abandon(&work);
    (void)unlink(script);
    (void)unlink(note);
    if (rmdir(work_parent) != 0)
        return -1;
    return rmdir(folder);
}

static void write_script(const char *text)
{
    assert_int_equal(file_write(script, 0700, view_of_string(text), NULL), STATUS_OK);
}

static void start(enum tacit_task task)
{
    const struct tacit_work given = {.round = 3, .task = task, .model = model.ptr, .model_size = model.len};
    struct reason reason = {""};

    if (work_begin(&work, &given, &reason) != STATUS_OK)
        fail_msg("%s", reason.text);
}

/* Waits for each of the job's processes to end, as SIGCHLD tells the daemon. */
static void go_on_to_the_end(void)
{
    for (unsigned int steps = 0; work.pid > 0; steps++) {
        siginfo_t info;

        assert_true(steps < 2);
        assert_int_equal(waitid(P_PID, (id_t)work.pid, &info, WEXITED | WNOWAIT), 0);
        work_reap(&work);
    }
    assert_int_equal(told.done + told.failed, 1);
    assert_int_equal(work.step, WORK_IDLE);
}

static void a_round_of_training_validates_and_trains(void **state)
{
    (void)state;
    write_script(HEAD WELL);
    start(TACIT_TRAIN);
    go_on_to_the_end();
    assert_int_equal(told.done, 1);
    assert_int_equal(told.result.samples, 100);
    assert_int_equal(told.result.model_size, model.len);
    assert_memory_equal(told.model, model.ptr, model.len);
    assert_int_equal(told.result.metric_count, 2);
    assert_string_equal(told.names[0], "accuracy");
    assert_int_equal(told.result.metrics[0].weight, 20);
    assert_string_equal(told.names[1], "train_loss");
    assert_int_equal(told.result.metrics[1].weight, 100);
}

static void a_round_of_evaluation_only_validates(void **state)
{
    (void)state;
    write_script(HEAD WELL);
    start(TACIT_EVALUATE);
    go_on_to_the_end();
    assert_int_equal(told.done, 1);
    assert_int_equal(told.result.samples, 20);
    assert_null(told.result.model);
    assert_int_equal(told.result.metric_count, 1);
    assert_string_equal(told.names[0], "accuracy");
}

/* The last part of each word, then the options file, then the permissions of the job's folder. */
static void the_runner_is_told_bounds_options_seed_and_round(void **state)
{
    CLEANUP(file_free) struct buf text = {0};

    (void)state;
    write_script(HEAD "{ for word; do echo \"${word##*/}\"; done; cat \"$6\"; stat -c %a \"${6%/*}\"; } "
                      ">\"${TMPDIR%/*}/note\"\n" WELL);
    start(TACIT_EVALUATE);
    go_on_to_the_end();
    assert_int_equal(file_read(note, 4096, &text, NULL), STATUS_OK);
    assert_string_equal((const char *)text.ptr,
                        "--timeout\n60\n--memory-mb\n512\n--config\noptions.conf\n--seed\n7\n--round\n3\nany\n"
                        "validate\nmodel-in.safetensors\nvalidate.json\ndata /data\n700\n");
}

static void the_runner_inherits_no_descriptor(void **state)
{
    (void)state;
    assert_int_equal(dup2(STDERR_FILENO, 99), 99);
    write_script(HEAD "[ -e /proc/$$/fd/2 ] && [ ! -e /proc/$$/fd/99 ] || exit 1\n" WELL);
    start(TACIT_EVALUATE);
    go_on_to_the_end();
    close(99);
    assert_int_equal(told.done, 1);
}

static void a_job_that_fails_says_why_and_leaves_nothing(void **state)
{
    static const struct {
        const char *why, *script, *says;
    } cases[] = {
        {"validate fails", HEAD "exit 1\n", "validate: failed"},
        {"train fails", HEAD WELL "[ $command = validate ]\n", "train: failed"},
        {"it takes too long", HEAD "exit 4\n", "validate: took too long"},
        {"a code that the runner has not", HEAD "exit 77\n", "validate: the runner ended with 77"},
        {"a signal", HEAD "kill -KILL $$\n", "validate: the runner was ended by signal 9"},
        {"no metrics", HEAD "exit 0\n", "validate.json"},
        {"bad metrics", HEAD "echo '{}' >\"$metrics\"\n", "samples"},
        {"no model", HEAD WELL "rm -f \"$out\"\n", "model-out.safetensors"},
        {"a bad model", HEAD WELL "[ $command = validate ] || echo >\"$out\"\n", "model-out.safetensors"},
        {"metrics that are a pipe", HEAD "mkfifo \"$metrics\"\n", "validate.json"},
        {"a closed folder left behind", HEAD "mkdir -p \"${in%/*}/a/b\"; chmod 0 \"${in%/*}/a\"; exit 1\n", "failed"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        told = (struct told){0};
        write_script(cases[i].script);
        start(TACIT_TRAIN);
        go_on_to_the_end();
        assert_int_equal(told.failed, 1);
        if (strstr(told.why, cases[i].says) == NULL)
            fail_msg("says: %s", told.why);
        assert_int_equal(rmdir(work_parent), 0); /* it is empty */
        assert_int_equal(mkdir(work_parent, 0700), 0);
    }
}

static void a_runner_that_is_not_there_fails_the_job(void **state)
{
    (void)state;
    start(TACIT_TRAIN);
    go_on_to_the_end();
    assert_non_null(strstr(told.why, "cannot be started"));
}

static void a_newer_job_takes_the_place_of_one_that_runs(void **state)
{
    pid_t first;

    (void)state;
    write_script(HEAD "exec sleep 1000\n");
    start(TACIT_TRAIN);
    first = work.pid;
    write_script(HEAD WELL);
    start(TACIT_EVALUATE);
    assert_int_equal(kill(first, 0), -1);
    assert_int_equal(errno, ESRCH);
    go_on_to_the_end();
    assert_int_equal(told.done, 1);
    assert_int_equal(told.result.samples, 20);
}

static void an_abandoned_job_is_told_to_nobody(void **state)
{
    pid_t first;

    (void)state;
    write_script(HEAD "exec sleep 1000\n");
    start(TACIT_TRAIN);
    first = work.pid;
    work_abandon(&work);
    work_reap(&work);
    assert_int_equal(kill(first, 0), -1);
    assert_int_equal(told.done + told.failed, 0);
    assert_int_equal(work.step, WORK_IDLE);
}

static void reaping_goes_on_with_a_job_only_when_its_process_has_ended(void **state)
{
    (void)state;
    write_script(HEAD "exec sleep 1000\n");
    start(TACIT_TRAIN);
    work_reap(&work);
    assert_int_equal(work.step, WORK_VALIDATE);
    assert_true(work.pid > 0);
    assert_int_equal(told.done + told.failed, 0);
}

static void bytes_that_are_no_model_begin_no_job(void **state)
{
    static const uint8_t bytes[] = {0xa0};
    const struct tacit_work given = {.round = 1, .task = TACIT_TRAIN, .model = bytes, .model_size = sizeof bytes};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(work_begin(&work, &given, &reason), STATUS_MALFORMED);
    assert_true(work.pid == 0 && work.step == WORK_IDLE && work.folder.path[0] == '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_round_of_training_validates_and_trains, begin, end),
        cmocka_unit_test_setup_teardown(a_round_of_evaluation_only_validates, begin, end),
        cmocka_unit_test_setup_teardown(the_runner_is_told_bounds_options_seed_and_round, begin, end),
        cmocka_unit_test_setup_teardown(the_runner_inherits_no_descriptor, begin, end),
        cmocka_unit_test_setup_teardown(a_job_that_fails_says_why_and_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_runner_that_is_not_there_fails_the_job, begin, end),
        cmocka_unit_test_setup_teardown(a_newer_job_takes_the_place_of_one_that_runs, begin, end),
        cmocka_unit_test_setup_teardown(an_abandoned_job_is_told_to_nobody, begin, end),
        cmocka_unit_test_setup_teardown(reaping_goes_on_with_a_job_only_when_its_process_has_ended, begin, end),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_model_begin_no_job, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

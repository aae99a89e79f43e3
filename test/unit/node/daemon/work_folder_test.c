/* The folder of a job: whose it is, and what is left of those whose process is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work_folder.h"

static char parent[] = "/tmp/work-folder-test-XXXXXX";

static bool there(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0;
}

/* A process with a folder, and a file in a folder of it that is closed; its path is in `path`. */
static pid_t start_process(char path[static WORK_FOLDER_MAX])
{
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        struct work_folder folder = {.path = ""};
        struct reason reason = {""};
        char name[WORK_FOLDER_MAX + 16];

        if (work_folder_make(&folder, &reason) != STATUS_OK)
            _exit(1);
        snprintf(name, sizeof name, "%s/closed", folder.path);
        (void)mkdir(name, 0700);
        snprintf(name, sizeof name, "%s/closed/file", folder.path);
        (void)fclose(fopen(name, "w"));
        snprintf(name, sizeof name, "%s/closed", folder.path);
        (void)chmod(name, 0);
        (void)!write(ends[1], folder.path, sizeof folder.path);
        for (;;)
            (void)pause();
    }
    assert_true(pid > 0);
    assert_int_equal(read(ends[0], path, WORK_FOLDER_MAX), WORK_FOLDER_MAX);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return pid;
}

static void end_process(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void what_a_killed_process_left_is_removed_and_nothing_of_a_living_one(void **state)
{
    char dead[WORK_FOLDER_MAX], living[WORK_FOLDER_MAX], foreign[sizeof parent + 32];
    struct work_folder own = {.path = ""};
    struct reason reason = {""};
    pid_t dying, staying;
    (void)state;

    dying = start_process(dead);
    staying = start_process(living);
    assert_int_equal(work_folder_make(&own, &reason), STATUS_OK);
    snprintf(foreign, sizeof foreign, "%s/tacit-node-abc", parent);
    assert_int_equal(mkdir(foreign, 0700), 0);
    assert_int_equal(work_folder_sweep(), 0);
    end_process(dying);
    assert_true(there(dead));
    assert_int_equal(work_folder_sweep(), 1);
    assert_false(there(dead));
    assert_true(there(living) && there(own.path) && there(foreign));
    end_process(staying);
    assert_int_equal(work_folder_sweep(), 1);
    assert_false(there(living));
    snprintf(living, sizeof living, "%s", own.path);
    work_folder_remove(&own);
    assert_false(there(living));
    work_folder_remove(&own);
    assert_int_equal(rmdir(foreign), 0);
}

static void a_link_of_that_name_is_not_followed(void **state)
{
    char target[sizeof parent + 32], link[sizeof parent + 64];
    (void)state;

    snprintf(target, sizeof target, "%s/precious", parent);
    snprintf(link, sizeof link, "%s/tacit-node-work-abcdef", parent);
    assert_int_equal(mkdir(target, 0700), 0);
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(work_folder_sweep(), 0);
    assert_true(there(target) && there(link));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rmdir(target), 0);
}

static void where_none_can_be_made_it_says_so(void **state)
{
    struct work_folder folder = {.path = ""};
    struct reason reason = {""};
    (void)state;

    setenv("TMPDIR", "/nowhere/at/all", 1);
    assert_int_equal(work_folder_make(&folder, &reason), STATUS_IO);
    assert_non_null(strstr(reason.text, "/nowhere/at/all"));
    assert_int_equal(folder.path[0], '\0');
    assert_int_equal(work_folder_sweep(), 0);
    setenv("TMPDIR", parent, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_killed_process_left_is_removed_and_nothing_of_a_living_one),
        cmocka_unit_test(a_link_of_that_name_is_not_followed),
        cmocka_unit_test(where_none_can_be_made_it_says_so),
    };
    int failed;

    if (mkdtemp(parent) == NULL || setenv("TMPDIR", parent, 1) != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    return rmdir(parent) == 0 ? failed : 1;
}

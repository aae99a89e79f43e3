#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "service.h"

/* A program whose steps do as they are told, and that takes down what was called. */
static struct play {
    struct service service;
    struct service_settings settings;
    enum status configured, opened, set_up;
    char steps[64];
} play;

static char told[1024];

static void write_log(void *ctx, enum log_level level, const char *event, const char *detail)
{
    (void)ctx;
    (void)level;
    snprintf(told + strlen(told), sizeof told - strlen(told), "%s %s\n", event, detail);
}

static void step(char name)
{
    const size_t len = strlen(play.steps);

    play.steps[len] = name;
    play.steps[len + 1] = '\0';
}

static enum status configure(void *ctx, const char *path, struct reason *reason)
{
    step('c');
    assert_ptr_equal(ctx, &play);
    assert_string_equal(path, "the.conf");
    reason_set(reason, "configuration");
    play.service.settings = &play.settings;
    play.settings = SERVICE_DEFAULTS;
    play.settings.log_level = LOG_LEVEL_ERROR;
    return play.configured;
}

static enum status open_it(void *ctx, struct reason *reason)
{
    (void)ctx;
    step('o');
    reason_set(reason, "database");
    return play.opened;
}

static void on_tick(void *ctx)
{
    (void)ctx;
    step('t');
    (void)kill(getpid(), SIGHUP);
}

static void on_signal(void *ctx, int signal)
{
    (void)ctx;
    assert_int_equal(signal, SIGHUP);
    step('h');
    loop_stop(play.service.loop);
}

static enum status set_up(void *ctx, struct reason *reason)
{
    (void)ctx;
    step('s');
    assert_non_null(play.service.loop);
    reason_set(reason, "the rest");
    return play.set_up;
}

static void tear_down(void *ctx)
{
    (void)ctx;
    step('d');
}

static void print_sample(void)
{
    step('p');
}

static const struct service_program program = {
    .name = "play",
    .help = "how it is used\n",
    .print_sample = print_sample,
    .configure = configure,
    .open = open_it,
    .set_up = set_up,
    .tear_down = tear_down,
    .tick = on_tick,
    .signal = on_signal,
};

static int begin(void **state)
{
    (void)state;
    play = (struct play){.service = {.program = &program, .ctx = &play, .settings = &play.settings}};
    told[0] = '\0';
    return 0;
}

static void each_failure_ends_with_its_code_and_is_cleaned_up(void **state)
{
    static const struct {
        const char *why;
        enum status configured, opened, set_up;
        int code;
        const char *steps;
    } cases[] = {
        {"wrong configuration", STATUS_CONFIG, STATUS_OK, STATUS_OK, SERVICE_BAD_CONFIG, "cd"},
        {"damaged", STATUS_OK, STATUS_MALFORMED, STATUS_OK, SERVICE_BAD_DATABASE, "cod"},
        {"newer", STATUS_OK, STATUS_UNSUPPORTED, STATUS_OK, SERVICE_BAD_DATABASE, "cod"},
        {"in use", STATUS_OK, STATUS_BUSY, STATUS_OK, SERVICE_BAD_DATABASE, "cod"},
        {"not ours", STATUS_OK, STATUS_NOT_PERMITTED, STATUS_OK, SERVICE_BAD_DATABASE, "cod"},
        {"full disk", STATUS_OK, STATUS_NO_SPACE, STATUS_OK, SERVICE_FAILED, "cod"},
        {"unreadable", STATUS_OK, STATUS_IO, STATUS_OK, SERVICE_FAILED, "cod"},
        {"damaged otherwise", STATUS_OK, STATUS_OK, STATUS_MALFORMED, SERVICE_FAILED, "cosd"},
        {"a key's file", STATUS_OK, STATUS_OK, STATUS_CONFIG, SERVICE_BAD_CONFIG, "cosd"},
        {"none: it runs, until it is stopped", STATUS_OK, STATUS_OK, STATUS_OK, SERVICE_DONE, "costhd"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        begin(state);
        play.configured = cases[i].configured;
        play.opened = cases[i].opened;
        play.set_up = cases[i].set_up;
        assert_int_equal(service_run(&play.service, "the.conf"), cases[i].code);
        assert_string_equal(play.steps, cases[i].steps);
        assert_null(play.service.loop);
    }
}

static int answer(int argc, char **argv)
{
    (void)argv;
    step('a');
    return argc == 4 ? 7 : -1;
}

static void command_lines_are_told_apart(void **state)
{
    static char name[] = "play", help[] = "--help", sample[] = "--sample", config[] = "--config", file[] = "the.conf";
    static const struct {
        const char *why;
        char *argv[5];
        int (*other)(int argc, char **argv);
        int code;
        const char *steps;
    } cases[] = {
        {"help", {name, help}, NULL, SERVICE_DONE, ""},
        {"sample", {name, sample}, NULL, SERVICE_DONE, "p"},
        {"a configuration", {name, config, file}, answer, SERVICE_BAD_CONFIG, "cd"},
        {"nothing", {name}, NULL, SERVICE_BAD_USAGE, ""},
        {"too much", {name, config, file, file}, NULL, SERVICE_BAD_USAGE, ""},
        {"another's", {name, config, file, file}, answer, 7, "a"},
        {"nobody's", {name, file}, answer, SERVICE_BAD_USAGE, "a"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *argv[5];
        int argc = 0;

        print_message("  %s\n", cases[i].why);
        begin(state);
        play.configured = STATUS_CONFIG;
        memcpy(argv, cases[i].argv, sizeof argv);
        while (argv[argc] != NULL)
            argc++;
        assert_int_equal(service_main(&play.service, argc, argv, cases[i].other), cases[i].code);
        assert_string_equal(play.steps, cases[i].steps);
    }
}

static void a_database_that_fails_is_told_once_and_when_it_works_again(void **state)
{
    static const char *const migrations[] = {"CREATE TABLE item (id INTEGER PRIMARY KEY)"};
    static const struct db_schema schema = {1, migrations, 1};
    char folder[] = P_tmpdir "/service_test_XXXXXX", path[64];
    struct reason reason = {""};
    struct db *db = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.db", folder);
    assert_int_equal(db_open(path, &schema, &db, &reason), STATUS_OK);
    play.service.log = (struct log){.write = write_log};
    play.settings.database = "a.db";
    assert_int_equal(service_database(&play.service, db, true, STATUS_OK), STATUS_OK);
    assert_int_equal(service_database(&play.service, db, false, STATUS_NOT_FOUND), STATUS_NOT_FOUND);
    assert_string_equal(told, "");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(service_database(&play.service, db, true, STATUS_NO_SPACE), STATUS_NO_SPACE);
        assert_int_equal(service_database(&play.service, db, false, STATUS_OK),
                         STATUS_OK); /* reading still goes well */
    }
    assert_non_null(strstr(told, "database_failed a.db: the disk is full"));
    assert_ptr_equal(strchr(told, '\n'), told + strlen(told) - 1); /* one line */
    told[0] = '\0';
    assert_int_equal(service_database(&play.service, db, true, STATUS_EXISTS), STATUS_EXISTS);
    assert_string_equal(told, "database_works a.db: it can be written again\n");
    db_close(&db);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void without_tls_files_plain_must_be_said(void **state)
{
    struct service_settings settings = SERVICE_DEFAULTS;
    struct reason reason = {""};

    (void)state;
    settings.cafile = settings.certfile = "file";
    assert_int_equal(service_settings_check("a.conf", &settings, &reason), STATUS_CONFIG);
    assert_non_null(strstr(reason.text, "a.conf: cafile, certfile and keyfile"));
    settings.keyfile = "file";
    assert_int_equal(service_settings_check("a.conf", &settings, &reason), STATUS_OK);
    settings = SERVICE_DEFAULTS;
    settings.plain = true;
    assert_int_equal(service_settings_check("a.conf", &settings, &reason), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_failure_ends_with_its_code_and_is_cleaned_up, begin),
        cmocka_unit_test_setup(command_lines_are_told_apart, begin),
        cmocka_unit_test_setup(a_database_that_fails_is_told_once_and_when_it_works_again, begin),
        cmocka_unit_test_setup(without_tls_files_plain_must_be_said, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

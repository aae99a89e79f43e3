#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runner.h"

#define MAX_WORDS 16

/* Parses a command line whose words end with NULL. */
static enum runner_exit parse(const char *const *words, struct runner_call *out)
{
    static char text[MAX_WORDS][64];
    static char *argv[MAX_WORDS + 2];
    int argc = 1;

    argv[0] = strcpy(text[0], "tacit-run");
    for (; argc < MAX_WORDS && words[argc - 1] != NULL; argc++) {
        assert_true(strlen(words[argc - 1]) < sizeof text[0]);
        argv[argc] = strcpy(text[argc], words[argc - 1]);
    }
    argv[argc] = NULL;
    return runner_options_parse(argc, argv, out);
}

#define PARSE(out, ...) parse((const char *const[]){__VA_ARGS__, NULL}, out)

static void every_option_has_its_place(void **state)
{
    (void)state;
    struct runner_call call;

    assert_int_equal(PARSE(&call, "--timeout", "7", "--memory-mb=64", "--file-mb", "8", "--config", "a.conf", "--seed",
                           "18446744073709551615", "--round", "3", "pack", "validate", "in", "out"),
                     RUNNER_OK);
    assert_false(call.help);
    assert_true(call.timeout_s == 7 && call.memory_mb == 64 && call.file_mb == 8 && call.round == 3);
    assert_true(call.seed == UINT64_MAX);
    assert_string_equal(call.config, "a.conf");
    assert_string_equal(call.package, "pack");
    assert_string_equal(call.entry, "validate");
    assert_int_equal(call.count, 2);
    assert_string_equal(call.arguments[0], "in");
    assert_string_equal(call.arguments[1], "out");
}

static void without_options_the_documented_defaults_hold(void **state)
{
    (void)state;
    struct runner_call call;

    assert_int_equal(PARSE(&call, "pack", "init", "out"), RUNNER_OK);
    assert_true(call.timeout_s == 600 && call.memory_mb == 1024 && call.file_mb == 1024);
    assert_true(call.seed == 0 && call.round == 0 && call.config == NULL);
}

static void what_follows_the_package_is_no_option(void **state)
{
    (void)state;
    struct runner_call call;

    assert_int_equal(PARSE(&call, "pack", "init", "--seed"), RUNNER_OK);
    assert_string_equal(call.arguments[0], "--seed");
    assert_int_equal(PARSE(&call, "--", "--pack", "init", "out"), RUNNER_OK);
    assert_string_equal(call.package, "--pack");
}

static void help_needs_nothing_else(void **state)
{
    (void)state;
    struct runner_call call = {0};

    assert_int_equal(PARSE(&call, "--help"), RUNNER_OK);
    assert_true(call.help);
}

static void the_limits_themselves_are_allowed(void **state)
{
    (void)state;
    struct runner_call call;

    assert_int_equal(PARSE(&call, "--timeout", "1", "--memory-mb", "0", "--file-mb", "1", "p", "init", "o"), RUNNER_OK);
    assert_int_equal(
        PARSE(&call, "--timeout", "604800", "--memory-mb", "1048576", "--file-mb", "1048576", "p", "init", "o"),
        RUNNER_OK);
    assert_true(call.timeout_s == RUNNER_MAX_TIMEOUT_S && call.memory_mb == RUNNER_MAX_MB);
}

static void refuses_wrong_usage_and_sets_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *words[8];
    } cases[] = {
        {"nothing at all", {NULL}},
        {"no entry", {"pack"}},
        {"no such entry", {"pack", "test", "out"}},
        {"an entry by its path", {"pack", "./init", "out"}},
        {"an argument missing", {"pack", "init"}},
        {"an argument too many", {"pack", "init", "a", "b"}},
        {"train with two paths", {"pack", "train", "a", "b"}},
        {"validate with three paths", {"pack", "validate", "a", "b", "c"}},
        {"predict with two paths", {"pack", "predict", "a", "b"}},
        {"an empty path", {"pack", "init", ""}},
        {"an empty configuration", {"--config", "", "pack", "init", "o"}},
        {"no such option", {"--network", "pack", "init", "o"}},
        {"an option without its value", {"--timeout"}},
        {"no time", {"--timeout", "0", "pack", "init", "o"}},
        {"more than a week", {"--timeout", "604801", "pack", "init", "o"}},
        {"too much memory", {"--memory-mb", "1048577", "pack", "init", "o"}},
        {"files of nothing", {"--file-mb", "0", "pack", "init", "o"}},
        {"a sign", {"--seed", "-1", "pack", "init", "o"}},
        {"a blank", {"--seed", " 1", "pack", "init", "o"}},
        {"hexadecimal", {"--seed", "0x1", "pack", "init", "o"}},
        {"more than 64 bits", {"--seed", "18446744073709551616", "pack", "init", "o"}},
        {"an empty number", {"--round", "", "pack", "init", "o"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct runner_call call, before;
        memset(&before, 0xa5, sizeof before);
        memcpy(&call, &before, sizeof call);
        print_message("  %s\n", cases[i].why);
        assert_int_equal(parse(cases[i].words, &call), RUNNER_USAGE);
        assert_memory_equal(&call, &before, sizeof call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_has_its_place),
        cmocka_unit_test(without_options_the_documented_defaults_hold),
        cmocka_unit_test(what_follows_the_package_is_no_option),
        cmocka_unit_test(help_needs_nothing_else),
        cmocka_unit_test(the_limits_themselves_are_allowed),
        cmocka_unit_test(refuses_wrong_usage_and_sets_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

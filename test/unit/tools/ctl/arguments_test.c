/* arguments_test.c: command lines against tables of options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arguments.h"

struct options {
    bool flag;
    const char *text;
    int64_t number;
    struct argument_texts texts;
    struct argument_pairs pairs;
};

/* The first of two tables has --text, the second one too. */
static bool read(int argc, const char *const words[], struct options *out, struct argument_texts *rest,
                 struct reason *reason)
{
    const char *other = NULL;
    const struct argument own[] = {
        {"--flag", ARGUMENT_FLAG, &out->flag, 0, 0},     {"--text", ARGUMENT_TEXT, &out->text, 0, 0},
        {"-n", ARGUMENT_NUMBER, &out->number, -5, 10},   {"--name", ARGUMENT_TEXTS, &out->texts, 0, 0},
        {"--option", ARGUMENT_PAIRS, &out->pairs, 0, 0}, {0},
    };
    const struct argument common[] = {{"--text", ARGUMENT_TEXT, &other, 0, 0}, {0}};
    const struct argument *const tables[] = {own, common, NULL};
    char copies[16][32];
    char *argv[16];
    bool well;

    assert_true(argc <= 16);
    for (int i = 0; i < argc; i++) {
        (void)snprintf(copies[i], sizeof copies[i], "%s", words[i]);
        argv[i] = copies[i];
    }
    well = arguments_read(argc, argv, tables, rest, reason);
    assert_null(other);
    return well;
}

static void options_fill_their_targets_and_words_keep_their_order(void **state)
{
    static const char *const words[] = {"one",    "--flag", "-n",       "-5",  "--name", "a",    "two",
                                        "--name", "b",      "--option", "key", "-value", "three"};
    struct options options = {0};
    struct argument_texts rest = {.count = 0};
    struct reason reason = {""};

    (void)state;
    assert_true(read(ARRAY_LEN(words), words, &options, &rest, &reason));
    assert_true(options.flag);
    assert_int_equal(options.number, -5);
    assert_int_equal(options.texts.count, 2);
    assert_int_equal(options.pairs.count, 1);
    assert_int_equal(rest.count, 3);
}

static void what_is_not_given_keeps_its_default(void **state)
{
    struct options options = {.number = 7, .text = "default"};
    struct argument_texts rest = {.count = 0};
    struct reason reason = {""};

    (void)state;
    assert_true(read(0, NULL, &options, &rest, &reason));
    assert_int_equal(options.number, 7);
    assert_string_equal(options.text, "default");
}

static void wrong_command_lines_are_refused_with_the_word_at_fault(void **state)
{
    static const struct {
        const char *why;
        const char *words[4];
        int argc;
        const char *names;
    } cases[] = {
        {"unknown option", {"--flog"}, 1, "--flog"},
        {"value missing", {"--text"}, 1, "--text"},
        {"second value missing", {"--option", "key"}, 2, "--option"},
        {"flag twice", {"--flag", "--flag"}, 2, "--flag"},
        {"text twice", {"--text", "a", "--text", "b"}, 4, "--text"},
        {"number below", {"-n", "-6"}, 2, "-n"},
        {"number above", {"-n", "11"}, 2, "-n"},
        {"number with a tail", {"-n", "1x"}, 2, "-n"},
        {"number without digits", {"-n", ""}, 2, "-n"},
        {"number past every integer", {"-n", "99999999999999999999"}, 2, "-n"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options options = {0};
        struct argument_texts rest = {.count = 0};
        struct reason reason = {""};

        print_message("  %s\n", cases[i].why);
        assert_false(read(cases[i].argc, cases[i].words, &options, &rest, &reason));
        assert_non_null(strstr(reason.text, cases[i].names));
    }
}

static void words_are_refused_where_none_belong(void **state)
{
    static const char *const words[] = {"word"};
    struct options options = {0};
    struct reason reason = {""};

    (void)state;
    assert_false(read(1, words, &options, NULL, &reason));
    assert_non_null(strstr(reason.text, "word"));
}

static void no_list_grows_past_its_limit(void **state)
{
    static char word[] = "w";
    char *argv[ARGUMENTS_LIST_MAX + 1];
    const struct argument *const tables[] = {NULL};
    struct argument_texts rest = {.count = 0};
    struct reason reason = {""};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(argv); i++)
        argv[i] = word;
    assert_true(arguments_read(ARGUMENTS_LIST_MAX, argv, tables, &rest, &reason));
    rest.count = 0;
    assert_false(arguments_read(ARGUMENTS_LIST_MAX + 1, argv, tables, &rest, &reason));
}

static void rounds_are_a_number_or_a_range(void **state)
{
    static const struct {
        const char *text;
        bool good;
        uint32_t from, to;
    } cases[] = {
        {"1", true, 1, 1},   {"3-7", true, 3, 7},    {"4294967295", true, 4294967295, 4294967295},
        {"0", false, 0, 0},  {"7-3", false, 0, 0},   {"-3", false, 0, 0},
        {"3-", false, 0, 0}, {"3-4-5", false, 0, 0}, {"4294967296", false, 0, 0},
        {" 1", false, 0, 0}, {"", false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t from, to;

        assert_int_equal(arguments_rounds(cases[i].text, &from, &to), cases[i].good);
        if (cases[i].good)
            assert_true(from == cases[i].from && to == cases[i].to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_fill_their_targets_and_words_keep_their_order),
        cmocka_unit_test(what_is_not_given_keeps_its_default),
        cmocka_unit_test(wrong_command_lines_are_refused_with_the_word_at_fault),
        cmocka_unit_test(words_are_refused_where_none_belong),
        cmocka_unit_test(no_list_grows_past_its_limit),
        cmocka_unit_test(rounds_are_a_number_or_a_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

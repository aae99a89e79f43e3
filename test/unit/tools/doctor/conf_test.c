/* Configurations are read as mosquitto reads them, and hostile ones within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"

struct folder {
    char path[64];
    struct conf conf;
    struct reason reason;
};

static int set_up(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);

    assert_non_null(folder);
    strcpy(folder->path, "/tmp/tacit-conf-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    struct folder *folder = *state;
    char command[128];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder->path);
    assert_int_equal(system(command), 0);
    conf_free(&folder->conf);
    free(folder);
    return 0;
}

static void write_bytes(const struct folder *folder, const char *name, const void *bytes, size_t size)
{
    char path[160];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const struct folder *folder, const char *name, const char *text)
{
    write_bytes(folder, name, text, strlen(text));
}

static void make(const struct folder *folder, const char *name)
{
    char path[160];

    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static enum status read_it(struct folder *folder)
{
    char path[160];

    (void)snprintf(path, sizeof path, "%s/main.conf", folder->path);
    conf_free(&folder->conf);
    folder->reason.text[0] = '\0';
    return conf_read(path, &folder->conf, &folder->reason);
}

static void lines_are_taken_as_mosquitto_takes_them(void **state)
{
    struct folder *folder = *state;
    const struct conf_line *line;
    char place[CONF_PLACE_MAX];
    int64_t number;

    write_text(folder, "main.conf",
               "# comment\n\n  max_queued_messages   5  \r\nmax_queued_messages 7\nlistener 1\ncafile one two\n"
               "listener 2 127.0.0.1\nmax_packet_size 9\nconnection a\ntopic x\nconnection b\nalone\nlast 1");
    assert_int_equal(read_it(folder), STATUS_OK);
    assert_int_equal(folder->conf.line_count, 11);
    assert_int_equal(folder->conf.listeners, 2);
    assert_int_equal(folder->conf.bridges, 2);
    line = conf_global(&folder->conf, "max_queued_messages");
    assert_string_equal(line->value, "7");
    assert_int_equal(line->number, 4);
    assert_string_equal(folder->conf.lines[0].value, "5");
    assert_string_equal(conf_find(&folder->conf, "cafile", 0, CONF_ANY)->value, "one two");
    assert_null(conf_find(&folder->conf, "cafile", 1, CONF_ANY));
    assert_non_null(conf_global(&folder->conf, "max_packet_size"));
    assert_non_null(conf_find(&folder->conf, "topic", CONF_ANY, 0));
    assert_null(conf_find(&folder->conf, "topic", CONF_ANY, 1));
    assert_string_equal(conf_global(&folder->conf, "alone")->value, "");
    assert_string_equal(conf_global(&folder->conf, "last")->value, "1");
    assert_true(conf_number(line, false, 3, &number) && number == 7);
    assert_true(conf_number(NULL, false, 3, &number) && number == 3);
    assert_false(conf_number(conf_global(&folder->conf, "cafile"), false, 3, &number));
    assert_non_null(strstr(conf_place(&folder->conf, line, place), "/main.conf:4"));
}

static void numbers_and_durations_have_their_units(void **state)
{
    static const struct {
        const char *value;
        bool number, unit, duration;
        int64_t is, seconds;
    } cases[] = {
        {"12", true, true, true, 12, 12},
        {"12K", false, true, false, 12288, 0},
        {"1G", false, true, false, 1 << 30, 0},
        {"14d", false, false, true, 0, 14 * 86400},
        {"2m", false, false, true, 0, 60 * 86400},
        {"1hh", false, false, false, 0, 0},
        {"", false, false, false, 0, 0},
        {"x", false, false, false, 0, 0},
        {"99999999999999999999", false, false, false, 0, 0},
        {"9223372036854775807G", false, false, false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct conf_line line = {.key = "key", .value = cases[i].value};
        int64_t value;

        print_message("  \"%s\"\n", cases[i].value);
        assert_int_equal(conf_number(&line, false, -1, &value), cases[i].number);
        if (cases[i].number)
            assert_int_equal(value, cases[i].is);
        assert_int_equal(conf_number(&line, true, -1, &value), cases[i].unit);
        if (cases[i].unit)
            assert_int_equal(value, cases[i].is);
        assert_int_equal(conf_duration(&line, -1, &value), cases[i].duration);
        if (cases[i].duration)
            assert_int_equal(value, cases[i].seconds);
    }
}

static void included_folders_come_in_order_and_include_nothing(void **state)
{
    static const char *const order[] = {"include_dir", "00", "01", "A", "include_dir", "a", "B", "b", "after"};
    struct folder *folder = *state;
    char text[256];

    make(folder, "d");
    write_text(folder, "d/b.conf", "b 1\n");
    write_text(folder, "d/A.conf", "A 1\n");
    write_text(folder, "d/01.conf", "01 1\n");
    write_text(folder, "d/B.conf", "B 1\n");
    write_text(folder, "d/00.conf", "00 1\n");
    write_text(folder, "d/not.config", "not 1\n");
    (void)snprintf(text, sizeof text, "include_dir %s/d\na 1\n", folder->path);
    write_text(folder, "d/a.conf", text);
    (void)snprintf(text, sizeof text, "include_dir %s/d\nafter 1\n", folder->path);
    write_text(folder, "main.conf", text);
    assert_int_equal(read_it(folder), STATUS_OK);
    assert_int_equal(folder->conf.line_count, ARRAY_LEN(order));
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        assert_string_equal(folder->conf.lines[i].key, order[i]);
}

static void what_is_no_configuration_is_refused(void **state)
{
    static char many[CONF_LINES_MAX * 4 + 8], *huge;
    struct folder *folder = *state;
    char text[256];

    huge = calloc(1, CONF_FILE_MAX + 1);
    assert_non_null(huge);
    memset(huge, '#', CONF_FILE_MAX + 1);
    for (size_t i = 0; i <= CONF_LINES_MAX; i++)
        memcpy(many + 4 * i, "a 1\n", 4);
    make(folder, "d");
    for (int i = 0; i < CONF_FILES_MAX; i++) {
        (void)snprintf(text, sizeof text, "d/%d.conf", i);
        write_text(folder, text, "x 1\n");
    }
    const struct {
        const char *why;
        const void *bytes;
        size_t size;
        const char *says;
    } cases[] = {
        {"a tab between key and value", "a\tb\n", 4, ":1: a tab"},
        {"a byte that is no text", "a b\nc \x01\n", 8, ":2: not text"},
        {"no UTF-8", "a \xff\n", 4, ":1: not text"},
        {"an end within", "a b\0c\n", 6, ":1: not text"},
        {"too large", huge, CONF_FILE_MAX + 1, "main.conf"},
        {"too many lines", many, 4 * (CONF_LINES_MAX + 1), ":4097: more lines"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].why);
        write_bytes(folder, "main.conf", cases[i].bytes, cases[i].size);
        assert_int_equal(read_it(folder), STATUS_CONFIG);
        assert_non_null(strstr(folder->reason.text, cases[i].says));
    }
    (void)snprintf(text, sizeof text, "include_dir %s/d\n", folder->path);
    write_text(folder, "main.conf", text);
    assert_int_equal(read_it(folder), STATUS_CONFIG);
    assert_non_null(strstr(folder->reason.text, "more than 64 files"));
    write_text(folder, "main.conf", "include_dir /nowhere/at/all\n");
    assert_int_equal(read_it(folder), STATUS_CONFIG);
    assert_non_null(strstr(folder->reason.text, "include_dir /nowhere/at/all"));
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_taken_as_mosquitto_takes_them, set_up, tear_down),
        cmocka_unit_test(numbers_and_durations_have_their_units),
        cmocka_unit_test_setup_teardown(included_folders_come_in_order_and_include_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_configuration_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

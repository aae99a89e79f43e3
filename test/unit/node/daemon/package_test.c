#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "package.h"

static char folder[64], conf[96], options[96];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/package_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(conf, sizeof conf, "%s/package.conf", folder);
    snprintf(options, sizeof options, "%s/options", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(conf);
    (void)unlink(options);
    return rmdir(folder);
}

static enum status read_text(const char *text, struct package *out, struct reason *reason)
{
    assert_int_equal(file_write(conf, 0600, view_of_string(text), reason), STATUS_OK);
    return package_read(folder, out, reason);
}

static void assert_options(const char *text, const struct config_pairs *own, const char *wanted)
{
    CLEANUP(package_free) struct package package = {0};
    CLEANUP(file_free) struct buf got = {0};
    struct reason reason = {""};
    struct stat found;

    assert_int_equal(read_text(text, &package, &reason), STATUS_OK);
    assert_int_equal(package_write_options(&package, own, options, &reason), STATUS_OK);
    assert_int_equal(file_read(options, 1 << 20, &got, &reason), STATUS_OK);
    assert_string_equal((const char *)got.ptr, wanted);
    assert_int_equal(stat(options, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

static const char two[] = "name a\nversion 1\noption layers 784 10\noption batch 64\n";

static void the_packages_options_stand_in_its_order(void **state)
{
    const struct config_pairs none = {NULL, 0};

    (void)state;
    assert_options(two, &none, "layers 784 10\nbatch 64\n");
    assert_options("name a\nversion 1\n", &none, "");
}

static void our_value_wins_and_each_key_stands_once(void **state)
{
    struct config_pair pairs[] = {{"data", "/a folder/with blanks"}, {"batch", "8"}, {"layer", "1"}};
    const struct config_pairs own = {pairs, ARRAY_LEN(pairs)};

    (void)state;
    assert_options(two, &own, "layers 784 10\nbatch 8\ndata /a folder/with blanks\nlayer 1\n");
}

/* As many and as long lines as the two files may have. */
static void the_most_options_fit(void **state)
{
    static char value[CONFIG_MAX_LINE], text[PACKAGE_MAX_OPTIONS * (CONFIG_MAX_LINE + 1) + 64];
    static char names[PACKAGE_MAX_OPTIONS][16];
    struct config_pair pairs[PACKAGE_MAX_OPTIONS];
    const struct config_pairs own = {pairs, ARRAY_LEN(pairs)};
    CLEANUP(package_free) struct package package = {0};
    CLEANUP(file_free) struct buf got = {0};
    struct reason reason = {""};
    int len = snprintf(text, sizeof text, "name a\nversion 1\n");

    (void)state;
    memset(value, 'v', CONFIG_MAX_LINE - strlen("package_option o00 "));
    for (size_t i = 0; i < PACKAGE_MAX_OPTIONS; i++) {
        snprintf(names[i], sizeof names[i], "o%02zu", i);
        pairs[i] = (struct config_pair){names[i], value};
        len += snprintf(text + len, sizeof text - (size_t)len, "option p%02zu %s\n", i, value);
    }
    assert_int_equal(read_text(text, &package, &reason), STATUS_OK);
    assert_int_equal(package_write_options(&package, &own, options, &reason), STATUS_OK);
    assert_int_equal(file_read(options, 1 << 20, &got, &reason), STATUS_OK);
    assert_int_equal(got.len, 2 * PACKAGE_MAX_OPTIONS * (strlen("o00 \n") + strlen(value)));
}

static void reads_all_that_a_package_says(void **state)
{
    CLEANUP(package_free) struct package package = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(
        read_text("name a b\nversion 2.1\ndescription what it does\ntimeout_s 7\nmemory_mb 9\noption k v w\n", &package,
                  &reason),
        STATUS_OK);
    assert_string_equal(package.name, "a b");
    assert_string_equal(package.version, "2.1");
    assert_string_equal(package.description, "what it does");
    assert_string_equal(package.folder, folder);
    assert_true(package.timeout_s == 7 && package.memory_mb == 9 && package.options.count == 1);
    assert_string_equal(package.options.items[0].value, "v w");
}

static void refuses_with_file_and_line(void **state)
{
    static const struct {
        const char *why, *text, *says;
    } cases[] = {
        {"no name", "version 1\n", "name is missing"},
        {"no version", "name a\n", "version is missing"},
        {"an unknown key", "name a\nversion 1\nauthor b\n", "package.conf:3: author"},
        {"no time at all", "name a\nversion 1\ntimeout_s 0\n", "package.conf:3: timeout_s"},
        {"more than a week", "name a\nversion 1\ntimeout_s 604801\n", "package.conf:3: timeout_s"},
        {"memory that is no number", "name a\nversion 1\nmemory_mb much\n", "package.conf:3: memory_mb"},
        {"memory past the runner's limit", "name a\nversion 1\nmemory_mb 1048577\n", "package.conf:3: memory_mb"},
        {"an option without value", "name a\nversion 1\noption k\n", "package.conf:3: option"},
        {"an option twice", "name a\nversion 1\noption k 1\noption k 2\n", "package.conf:4: option"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(package_free) struct package package = {0};
        struct reason reason = {""};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(read_text(cases[i].text, &package, &reason), STATUS_CONFIG);
        assert_non_null(strstr(reason.text, cases[i].says));
    }
}

static void refuses_a_folder_without_package(void **state)
{
    CLEANUP(package_free) struct package package = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(package_read(folder, &package, &reason), STATUS_CONFIG);
    assert_non_null(strstr(reason.text, "package.conf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_packages_options_stand_in_its_order, begin, end),
        cmocka_unit_test_setup_teardown(our_value_wins_and_each_key_stands_once, begin, end),
        cmocka_unit_test_setup_teardown(the_most_options_fit, begin, end),
        cmocka_unit_test_setup_teardown(reads_all_that_a_package_says, begin, end),
        cmocka_unit_test_setup_teardown(refuses_with_file_and_line, begin, end),
        cmocka_unit_test_setup_teardown(refuses_a_folder_without_package, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

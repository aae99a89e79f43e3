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

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/file_test_XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

/* Fails unless the tests left nothing behind, a temporary file for example. */
static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static unsigned int turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void writes_with_the_mode_and_reads_back(void **state)
{
    (void)state;
    static const unsigned int modes[] = {0600, 0644, 0400};
    const char *path = path_of("a");
    mode_t mask = umask(0277);

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        CLEANUP(file_free) struct buf got = {0};
        struct stat found;

        assert_int_equal(file_write(path, modes[i], VIEW_TEXT("contents\n"), NULL), STATUS_OK);
        assert_int_equal(stat(path, &found), 0);
        assert_int_equal(found.st_mode & 07777, modes[i]);
        assert_int_equal(file_read(path, 9, &got, NULL), STATUS_OK);
        assert_int_equal(got.len, 9);
        assert_string_equal((char *)got.ptr, "contents\n");
    }
    umask(mask);
    assert_int_equal(unlink(path), 0);
}

static void a_reader_keeps_the_old_contents_while_new_ones_are_written(void **state)
{
    (void)state;
    const char *path = path_of("b");
    char bytes[4] = {0};
    FILE *reader;

    assert_int_equal(file_write(path, 0600, VIEW_TEXT("old"), NULL), STATUS_OK);
    reader = fopen(path, "r");
    assert_non_null(reader);
    assert_int_equal(file_write(path, 0600, VIEW_TEXT("new"), NULL), STATUS_OK);
    assert_int_equal(fread(bytes, 1, 3, reader), 3);
    assert_string_equal(bytes, "old");
    fclose(reader);
    assert_int_equal(unlink(path), 0);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
    (void)state;
    struct reason reason;

    assert_int_equal(mkdir(path_of("d"), 0700), 0);
    assert_int_equal(file_write(path_of("d"), 0600, VIEW_TEXT("x"), &reason), STATUS_IO);
    assert_non_null(strstr(reason.text, "/d: Is a directory"));
    assert_int_equal(file_write(path_of("absent/x"), 0600, VIEW_TEXT("x"), &reason), STATUS_IO);
    assert_int_equal(rmdir(path_of("d")), 0);
}

static void refuses_what_is_no_such_file(void **state)
{
    (void)state;
    const char *path = path_of("c");
    struct reason reason;
    struct buf got = {0};

    assert_int_equal(file_read(path, 9, &got, &reason), STATUS_NOT_FOUND);
    assert_int_equal(file_write(path, 0600, VIEW_TEXT("contents\n"), NULL), STATUS_OK);
    assert_int_equal(file_read(path, 8, &got, &reason), STATUS_NO_SPACE);
    assert_non_null(strstr(reason.text, "/c: larger than 8 bytes"));
    assert_int_equal(file_read(folder, 8, &got, &reason), STATUS_IO);
    assert_non_null(strstr(reason.text, "not a regular file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_read(path, 8, &got, &reason), STATUS_IO);
    assert_int_equal(unlink(path), 0);
    assert_null(got.ptr);
}

static void refuses_a_secret_that_others_can_reach(void **state)
{
    (void)state;
    static const unsigned int bad[] = {0640, 0604, 0620, 0602, 0644, 0610};
    const char *path = path_of("key");
    struct reason reason;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf got = {0};

        assert_int_equal(file_write(path, bad[i], VIEW_TEXT("secret"), NULL), STATUS_OK);
        assert_int_equal(file_read_secret(path, 100, &got, &reason), STATUS_NOT_PERMITTED);
        assert_non_null(strstr(reason.text, "chmod 600"));
        assert_null(got.ptr);
    }
    assert_int_equal(file_write(path, 0600, VIEW_TEXT("secret"), NULL), STATUS_OK);
    CLEANUP(file_free_secret) struct buf got = {0};
    assert_int_equal(file_read_secret(path, 100, &got, &reason), STATUS_OK);
    assert_int_equal(got.len, 6);
    assert_int_equal(unlink(path), 0);
}

static void makes_folders_and_keeps_those_that_are_there(void **state)
{
    (void)state;
    struct reason reason;
    struct stat found;

    assert_int_equal(file_make_folders(path_of("x/y/z/"), 0700, &reason), STATUS_OK);
    assert_int_equal(file_make_folders(path_of("x/y/z"), 0755, &reason), STATUS_OK);
    assert_int_equal(stat(path_of("x/y"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    assert_int_equal(file_write(path_of("x/f"), 0600, VIEW_TEXT(""), NULL), STATUS_OK);
    assert_true(file_exists(path_of("x/f")));
    assert_int_equal(file_make_folders(path_of("x/f"), 0700, &reason), STATUS_IO);
    assert_int_equal(file_make_folders(path_of("x/f/g"), 0700, &reason), STATUS_IO);
    assert_int_equal(unlink(path_of("x/f")), 0);
    assert_false(file_exists(path_of("x/f")));
    assert_int_equal(rmdir(path_of("x/y/z")), 0);
    assert_int_equal(rmdir(path_of("x/y")), 0);
    assert_int_equal(rmdir(path_of("x")), 0);
}

static void names_the_folder_of_a_path(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"a", "."}, {"a/b", "a"}, {"/a", "/"}, {"/a/b/c", "/a/b"}, {"a/", "a"}};
    char got[FILE_MAX_PATH];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(file_folder(cases[i][0], got, NULL), STATUS_OK);
        assert_string_equal(got, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_with_the_mode_and_reads_back),
        cmocka_unit_test(a_reader_keeps_the_old_contents_while_new_ones_are_written),
        cmocka_unit_test(a_failed_write_leaves_nothing_behind),
        cmocka_unit_test(refuses_what_is_no_such_file),
        cmocka_unit_test(refuses_a_secret_that_others_can_reach),
        cmocka_unit_test(makes_folders_and_keeps_those_that_are_there),
        cmocka_unit_test(names_the_folder_of_a_path),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

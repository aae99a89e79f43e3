#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collateral.h"
#include "file.h"

#define GENERATIONS 400
#define LARGE       60000

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[4][512];
    static unsigned int turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void remove_all(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/collateral_test_XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    remove_all();
    return 0;
}

static void put(const char *name, const char *text)
{
    assert_int_equal(file_write(path_of(name), 0600, view_of_string(text), NULL), STATUS_OK);
}

static void assert_item(const struct collateral *got, uint32_t at, const char *file, const char *text)
{
    assert_string_equal(got->files[at], file);
    assert_true(view_equal(got->items.list[at], view_of_string(text)));
}

static void reads_all_files_by_name(void **state)
{
    CLEANUP(collateral_free) struct collateral got = {0};
    struct reason reason;

    (void)state;
    assert_int_equal(collateral_read(folder, &got, &reason), STATUS_OK);
    assert_int_equal(got.items.count, 0);
    put("tcb.json", "one");
    put("Root.crl", "two");
    put("pck.crl", "three");
    put(".tacit-half", "being written");
    assert_int_equal(collateral_read(folder, &got, &reason), STATUS_OK);
    assert_int_equal(got.items.count, 3);
    assert_item(&got, 0, "Root.crl", "two");
    assert_item(&got, 1, "pck.crl", "three");
    assert_item(&got, 2, "tcb.json", "one");
    put("pck.crl", "four");
    assert_int_equal(collateral_read(folder, &got, &reason), STATUS_OK);
    assert_item(&got, 1, "pck.crl", "four");
}

/* Each makes the folder one that is refused. */
static void put_a_folder(void)
{
    assert_int_equal(mkdir(path_of("middle"), 0700), 0);
}

static void put_a_link(void)
{
    assert_int_equal(symlink("/etc/passwd", path_of("middle")), 0);
}

static void put_a_link_that_stays_within(void)
{
    assert_int_equal(symlink("a", path_of("middle")), 0);
}

static void put_a_dangling_link(void)
{
    assert_int_equal(symlink("nowhere", path_of("middle")), 0);
}

static void put_a_fifo(void)
{
    assert_int_equal(mkfifo(path_of("middle"), 0600), 0);
}

static void put_an_empty_one(void)
{
    put("middle", "");
}

static void put_a_large_one(void)
{
    static uint8_t bytes[ENDORSEMENT_MAX + 1];

    assert_int_equal(file_write(path_of("middle"), 0600, VIEW_OF(bytes), NULL), STATUS_OK);
}

static void put_too_many(void)
{
    for (int i = 0; i < ENDORSEMENTS_MAX - 1; i++) {
        char name[8];

        snprintf(name, sizeof name, "b%d", i);
        put(name, "x");
    }
}

static void take_the_folder_away(void)
{
    remove_all();
}

static void what_cannot_be_taken_is_named_and_leaves_the_set_before_it(void **state)
{
    static const struct {
        void (*spoil)(void);
        const char *says;
        enum status want;
    } cases[] = {
        {put_a_folder, "middle: not a regular file", STATUS_IO},
        {put_a_link, "middle: a symbolic link", STATUS_IO},
        {put_a_link_that_stays_within, "middle: a symbolic link", STATUS_IO},
        {put_a_dangling_link, "middle: a symbolic link", STATUS_IO},
        {put_a_fifo, "middle: not a regular file", STATUS_IO},
        {put_an_empty_one, "middle: empty", STATUS_IO},
        {put_a_large_one, "middle: larger than 65536 bytes", STATUS_NO_SPACE},
        {put_too_many, "more than 16 files", STATUS_NO_SPACE},
        {take_the_folder_away, "No such file", STATUS_NOT_FOUND},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(collateral_free) struct collateral got = {0};
        struct reason reason = {""};

        remove_all();
        assert_int_equal(mkdir(folder, 0700), 0);
        put("a", "one");
        put("z", "two");
        assert_int_equal(collateral_read(folder, &got, NULL), STATUS_OK);
        put("a", "changed");
        cases[i].spoil();
        assert_int_equal(collateral_read(folder, &got, &reason), cases[i].want);
        print_message("  %s\n", reason.text);
        assert_non_null(strstr(reason.text, cases[i].says));
        assert_non_null(strstr(reason.text, folder));
        assert_int_equal(got.items.count, 2);
        assert_item(&got, 0, "a", "one");
        assert_item(&got, 1, "z", "two");
    }
}

static void as_many_and_as_large_as_may_be_are_taken(void **state)
{
    static uint8_t bytes[ENDORSEMENT_MAX];
    CLEANUP(collateral_free) struct collateral got = {0};

    (void)state;
    for (int i = 0; i < ENDORSEMENTS_MAX; i++) {
        char name[8];

        snprintf(name, sizeof name, "%02d", i);
        assert_int_equal(file_write(path_of(name), 0600, VIEW_OF(bytes), NULL), STATUS_OK);
    }
    assert_int_equal(collateral_read(folder, &got, NULL), STATUS_OK);
    assert_int_equal(got.items.count, ENDORSEMENTS_MAX);
    assert_int_equal(got.items.list[15].len, ENDORSEMENT_MAX);
}

/* ---- while it is replaced ---- */

/* A file of one generation: its number, again and again. */
static void put_generation(const char *name, uint32_t generation)
{
    static uint8_t bytes[LARGE];
    char temporary[128], path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(temporary, sizeof temporary, "%s/.new", folder);
    for (size_t at = 0; at < sizeof bytes; at += 4)
        write_le32(bytes + at, generation);
    file = fopen(temporary, "wb");
    if (file == NULL || fwrite(bytes, 1, sizeof bytes, file) != sizeof bytes || fclose(file) != 0 ||
        rename(temporary, path) != 0)
        _exit(1);
}

static uint32_t generation_of(struct view bytes)
{
    assert_int_equal(bytes.len, LARGE);
    for (size_t at = 4; at < bytes.len; at += 4)
        assert_int_equal(read_le32(bytes.ptr + at), read_le32(bytes.ptr));
    return read_le32(bytes.ptr);
}

/* a is always the same as b, or the next one. */
static void replace_one_after_the_other(void)
{
    for (uint32_t i = 1; i <= GENERATIONS; i++) {
        put_generation("a", i);
        put_generation("b", i);
        if (i % 8 == 0)
            (void)usleep(2000); /* let a reader through now and then */
    }
    _exit(0);
}

static void files_of_two_moments_are_never_taken_together(void **state)
{
    CLEANUP(collateral_free) struct collateral got = {0};
    unsigned int reads = 0;
    int ended = 0;
    pid_t child;

    (void)state;
    put_generation("a", 0);
    put_generation("b", 0);
    child = fork();
    if (child == 0)
        replace_one_after_the_other();
    assert_true(child > 0);
    while (waitpid(child, &ended, WNOHANG) == 0) {
        const enum status status = collateral_read(folder, &got, NULL);

        if (status == STATUS_BUSY)
            continue;
        assert_int_equal(status, STATUS_OK);
        assert_int_equal(got.items.count, 2);
        assert_in_range(generation_of(got.items.list[0]) - generation_of(got.items.list[1]), 0, 1);
        reads++;
    }
    assert_int_equal(ended, 0);
    print_message("  %u sets were taken meanwhile\n", reads);
    assert_int_equal(collateral_read(folder, &got, NULL), STATUS_OK);
    assert_int_equal(generation_of(got.items.list[0]), GENERATIONS);
    assert_int_equal(generation_of(got.items.list[1]), GENERATIONS);
}

static void a_folder_may_be_a_link_to_the_present_one(void **state)
{
    CLEANUP(collateral_free) struct collateral got = {0};

    (void)state;
    assert_int_equal(mkdir(path_of("first"), 0700), 0);
    put("first/a", "one");
    assert_int_equal(symlink("first", path_of("current")), 0);
    assert_int_equal(collateral_read(path_of("current"), &got, NULL), STATUS_OK);
    assert_item(&got, 0, "a", "one");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(reads_all_files_by_name),
        TEST(what_cannot_be_taken_is_named_and_leaves_the_set_before_it),
        TEST(as_many_and_as_large_as_may_be_are_taken),
        TEST(files_of_two_moments_are_never_taken_together),
        TEST(a_folder_may_be_a_link_to_the_present_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

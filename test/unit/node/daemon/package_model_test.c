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
#include "hex.h"
#include "package_model.h"

/* {1: [["w", [2, 1], [1.0, -2.0]], ["b", [], [0.5]]]} and other ones, each the file of an encoded model. */
#define MODEL   "a1 01 82 83 6177 820201 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f"
#define SWAPPED "a1 01 82 83 6162 80 d855 44 0000003f 83 6177 820201 d855 48 0000803f000000c0"
#define LESS    "a1 01 81 83 6177 820201 d855 48 0000803f000000c0"
#define MORE    "a1 01 83 83 6177 820201 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f 83 6163 80 d855 44 0000003f"
#define RENAMED "a1 01 82 83 6178 820201 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f"
#define TURNED  "a1 01 82 83 6177 820102 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f"
#define FLAT    "a1 01 82 83 6177 8102 d855 48 0000803f000000c0 83 6162 80 d855 44 0000003f"

static char path[64];
static uint8_t memory[1024];
static struct buf room;
static struct view model;
static struct model_layout layout;

static int begin(void **state)
{
    (void)state;
    strcpy(path, P_tmpdir "/package_model_test_XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    room = BUF_OF(memory);
    model = hex_view(MODEL, &room);
    return model_decode(model, 100, &layout) == STATUS_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_model(const char *hex)
{
    struct reason reason = {""};

    assert_int_equal(package_model_write(path, hex_view(hex, &room), &reason), STATUS_OK);
}

static void what_is_written_reads_the_same(void **state)
{
    CLEANUP(file_free) struct buf out = {0};
    struct reason reason = {""};
    struct stat found;

    (void)state;
    write_model(MODEL);
    assert_int_equal(package_model_read(path, &layout, &out, &reason), STATUS_OK);
    assert_true(view_equal(buf_view(&out), model));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

static void tensors_in_another_order_are_put_into_the_models(void **state)
{
    CLEANUP(file_free) struct buf out = {0};
    struct reason reason = {""};

    (void)state;
    write_model(SWAPPED);
    assert_int_equal(package_model_read(path, &layout, &out, &reason), STATUS_OK);
    assert_true(view_equal(buf_view(&out), model));
}

static void refuses_other_tensors(void **state)
{
    static const struct {
        const char *why, *hex;
    } cases[] = {
        {"one is missing", LESS},   {"one more", MORE},
        {"another name", RENAMED},  {"another shape of as many values", TURNED},
        {"fewer dimensions", FLAT},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = {0};
        struct reason reason = {""};

        print_message("  %s\n", cases[i].why);
        write_model(cases[i].hex);
        assert_int_equal(package_model_read(path, &layout, &out, &reason), STATUS_WRONG_SHAPE);
        assert_null(out.ptr);
        assert_non_null(strstr(reason.text, path));
    }
}

/* A NaN or an infinity in place of the 0.5, the last value of the file. */
static void refuses_values_that_are_no_numbers(void **state)
{
    static const uint8_t values[][4] = {{0, 0, 0xc0, 0x7f}, {0, 0, 0x80, 0x7f}, {0, 0, 0x80, 0xff}};

    (void)state;
    write_model(MODEL);
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        CLEANUP(file_free) struct buf bytes = {0};
        struct buf out = {0};
        struct reason reason = {""};

        assert_int_equal(file_read(path, 4096, &bytes, &reason), STATUS_OK);
        memcpy(bytes.ptr + bytes.len - 4, values[i], 4);
        assert_int_equal(file_write(path, 0600, buf_view(&bytes), &reason), STATUS_OK);
        assert_int_equal(package_model_read(path, &layout, &out, &reason), STATUS_NOT_FINITE);
        assert_null(out.ptr);
    }
}

static void refuses_what_is_no_model_file(void **state)
{
    struct buf out = {0};
    struct reason reason = {""};

    (void)state;
    assert_int_equal(package_model_read(path, &layout, &out, &reason), STATUS_TRUNCATED);
    assert_int_equal(package_model_read("/nowhere/model", &layout, &out, &reason), STATUS_NOT_FOUND);
    assert_int_equal(package_model_write(path, VIEW_TEXT("\xa0"), &reason), STATUS_MALFORMED);
    assert_null(out.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_reads_the_same, begin, end),
        cmocka_unit_test_setup_teardown(tensors_in_another_order_are_put_into_the_models, begin, end),
        cmocka_unit_test_setup_teardown(refuses_other_tensors, begin, end),
        cmocka_unit_test_setup_teardown(refuses_values_that_are_no_numbers, begin, end),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_model_file, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

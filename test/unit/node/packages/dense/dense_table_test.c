#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dense_table.h"

#define BE(n) 0, 0, 0, (n)

static void reads_images_and_their_labels(void **state)
{
    (void)state;
    static const uint8_t images[] = {0, 0, 8, 3, BE(2), BE(1), BE(3), 1, 2, 3, 4, 5, 255};
    static const uint8_t marks[] = {0, 0, 8, 1, BE(2), 7, 9};
    CLEANUP(dense_table_free) struct dense_table table = {0};
    struct dense_fault fault;

    assert_int_equal(dense_idx_images(images, sizeof images, &table, &fault), DENSE_OK);
    assert_true(table.rows == 2 && table.width == 3 && table.pixels == images + 16);
    assert_int_equal(dense_idx_labels(marks, sizeof marks, &table, &fault), DENSE_OK);
    assert_true(table.labels[0] == 7 && table.labels[1] == 9);
}

static void refuses_images(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t bytes[20];
        size_t len;
    } cases[] = {
        {"nothing", {0}, 0},
        {"cut off in its head", {0, 0, 8, 3, BE(1), BE(1), 0, 0, 0}, 15},
        {"labels", {0, 0, 8, 1, BE(1), BE(1), BE(1), 5}, 17},
        {"another type of numbers", {0, 0, 0x0d, 3, BE(1), BE(1), BE(1), 5}, 17},
        {"no images", {0, 0, 8, 3, BE(0), BE(1), BE(1)}, 16},
        {"no rows", {0, 0, 8, 3, BE(1), BE(0), BE(1)}, 16},
        {"no columns", {0, 0, 8, 3, BE(1), BE(1), BE(0)}, 16},
        {"one byte short", {0, 0, 8, 3, BE(2), BE(1), BE(2), 1, 2, 3}, 19},
        {"one byte over", {0, 0, 8, 3, BE(1), BE(1), BE(3), 1, 2, 3, 4}, 20},
        {"too many images", {0, 0, 8, 3, 255, 255, 255, 255, BE(1), BE(1), 1}, 17},
        {"a product past 2^64", {0, 0, 8, 3, 0, 64, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}, 16},
        {"a product of 2^32", {0, 0, 8, 3, BE(1), 0, 1, 0, 0, 0, 1, 0, 0}, 16},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dense_table table = {0};
        struct dense_fault fault;
        print_message("  %s\n", cases[i].why);
        assert_int_equal(dense_idx_images(cases[i].bytes, cases[i].len, &table, &fault), DENSE_FAILED);
        assert_true(table.rows == 0 && table.pixels == NULL);
    }
}

static void refuses_labels(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t bytes[12];
        size_t len;
    } cases[] = {
        {"cut off in its head", {0, 0, 8, 1, 0, 0, 0}, 7}, {"images", {0, 0, 8, 3, BE(2), 1, 2}, 10},
        {"one byte short", {0, 0, 8, 1, BE(2), 1}, 9},     {"one byte over", {0, 0, 8, 1, BE(2), 1, 2, 3}, 11},
        {"fewer than images", {0, 0, 8, 1, BE(1), 1}, 9},  {"more than images", {0, 0, 8, 1, BE(3), 1, 2, 3}, 11},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dense_table table = {.rows = 2};
        struct dense_fault fault;
        print_message("  %s\n", cases[i].why);
        assert_int_equal(dense_idx_labels(cases[i].bytes, cases[i].len, &table, &fault), DENSE_FAILED);
        assert_null(table.labels);
    }
}

static enum dense_exit read_csv(const char *text, struct dense_csv_columns columns, struct dense_table *table,
                                struct dense_fault *fault)
{
    return dense_csv_read(text, strlen(text), &columns, table, fault);
}

static void reads_csv_with_and_without_a_header(void **state)
{
    (void)state;
    static const char *const texts[] = {"who,label,a,b\n1,0,-1.5,2e1\r\n2, 4 ,0.25,3", "1,0,-1.5,2e1\n2,4,0.25,3\n"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CLEANUP(dense_table_free) struct dense_table table = {0};
        struct dense_fault fault;
        assert_int_equal(read_csv(texts[i], (struct dense_csv_columns){2, 1, 3, 4}, &table, &fault), DENSE_OK);
        assert_true(table.rows == 2 && table.width == 2);
        assert_true(table.values[0] == -1.5f && table.values[1] == 20 && table.values[2] == 0.25f);
        assert_true(table.labels[1] == 4 && table.groups[1] == 2);
    }
}

static void takes_every_column_when_no_last_one_is_given(void **state)
{
    (void)state;
    CLEANUP(dense_table_free) struct dense_table table = {0};
    struct dense_fault fault;

    assert_int_equal(read_csv("1,2,3\n4,5,6\n", (struct dense_csv_columns){.first = 1}, &table, &fault), DENSE_OK);
    assert_true(table.width == 3 && table.rows == 2 && table.values[5] == 6);
    assert_true(table.labels == NULL && table.groups == NULL);
}

static void refuses_csv(void **state)
{
    (void)state;
    static const struct {
        const char *why, *text, *says;
    } cases[] = {
        {"nothing", "", "no rows"},
        {"a header alone", "a,b,c\n", "no rows"},
        {"a word", "1,0,2\n1,x,2\n", "line 2"},
        {"an empty field", "1,0,2\n1,,2\n", "line 2"},
        {"an empty field at the end", "1,0,\n", "line 1"},
        {"an empty line", "1,0,2\n\n1,0,2\n", "line 2"},
        {"not a number", "1,0,nan\n", "line 1"},
        {"infinite", "h,h,h\n1,0,1e99\n", "line 2"},
        {"hexadecimal", "1,0,0x10\n", "line 1"},
        {"a column fewer", "1,0,2\n1,0\n", "line 2"},
        {"a column more", "1,0,2\n1,0,2,3\n", "line 2"},
        {"columns that are not there", "1,0\n", "2 columns"},
        {"half a label", "1,0.5,2\n", "label"},
        {"a label below 0", "1,-1,2\n", "label"},
        {"half a group", "1.5,1,2\n", "group"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dense_table table = {0};
        struct dense_fault fault = {0};
        print_message("  %s\n", cases[i].why);
        assert_int_equal(read_csv(cases[i].text, (struct dense_csv_columns){2, 1, 3, 3}, &table, &fault), DENSE_FAILED);
        assert_non_null(strstr(fault.text, cases[i].says));
        assert_null(table.values);
    }
}

static void refuses_csv_with_a_zero_byte(void **state)
{
    (void)state;
    struct dense_table table = {0};
    struct dense_fault fault;
    struct dense_csv_columns columns = {.first = 1};

    assert_int_equal(dense_csv_read("1,2\0,3\n", 7, &columns, &table, &fault), DENSE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_images_and_their_labels),
        cmocka_unit_test(refuses_images),
        cmocka_unit_test(refuses_labels),
        cmocka_unit_test(reads_csv_with_and_without_a_header),
        cmocka_unit_test(takes_every_column_when_no_last_one_is_given),
        cmocka_unit_test(refuses_csv),
        cmocka_unit_test(refuses_csv_with_a_zero_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

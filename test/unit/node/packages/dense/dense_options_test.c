#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dense_options.h"

static enum dense_exit parse(const char *text, struct dense_options *out, struct dense_fault *fault)
{
    return dense_options_parse("conf", text, strlen(text), out, fault);
}

static void reads_every_option(void **state)
{
    (void)state;
    struct dense_options o;
    struct dense_fault fault;

    assert_int_equal(parse("# a comment\n\n  layers 36 64\t5  # widths\r\ninit lcg\ndropout 0.25\nlearning_rate 5e-2\n"
                           "batch 32\nepochs 3\nshuffle 0\ntrain_csv a/b#c.csv\nnormalise n.csv\nlabel_column 4\n"
                           "feature_columns 5-40\ngroup_column 1\ntest_groups 7,14,21\ngroups 1,2\nsplit group\n"
                           "parts 10\npart 9\nalpha 0.1\nsplit_seed 18446744073709551615\ntrain_limit 100\n"
                           "test_limit 50",
                           &o, &fault),
                     DENSE_OK);
    assert_true(o.layers.count == 3 && o.layers.value[0] == 36 && o.layers.value[2] == 5);
    assert_true(o.init == DENSE_INIT_LCG && o.dropout == 0.25 && o.learning_rate == 0.05);
    assert_true(o.batch == 32 && o.epochs == 3 && o.shuffle == 0);
    assert_string_equal(o.train_csv, "a/b#c.csv");
    assert_string_equal(o.normalise, "n.csv");
    assert_true(o.label_column == 4 && o.feature_columns.first == 5 && o.feature_columns.last == 40);
    assert_true(o.group_column == 1 && o.test_groups.count == 3 && o.test_groups.value[2] == 21);
    assert_true(o.groups.count == 2 && o.groups.value[1] == 2 && o.split == DENSE_SPLIT_GROUP);
    assert_true(o.parts == 10 && o.part == 9 && o.alpha == 0.1 && o.split_seed == UINT64_MAX);
    assert_true(o.train_limit == 100 && o.test_limit == 50);
}

static void an_empty_file_leaves_the_defaults(void **state)
{
    (void)state;
    struct dense_options o, defaults = dense_options_default();
    struct dense_fault fault;

    assert_int_equal(parse("", &o, &fault), DENSE_OK);
    assert_memory_equal(&o.layers, &defaults.layers, sizeof o.layers);
    assert_true(o.layers.count == 4 && o.layers.value[0] == 784 && o.dropout == 0.5 && o.learning_rate == 0.01);
    assert_true(o.batch == 64 && o.epochs == 1 && o.shuffle == 1 && o.parts == 1 && o.part == 0 && !o.data[0]);
}

static void refuses_with_the_line_number_and_leaves_the_options_as_they_were(void **state)
{
    (void)state;
    static const struct {
        const char *why, *text, *says;
    } cases[] = {
        {"unknown key", "batch 3\nbatches 4\n", "conf:2: batches"},
        {"key of another case", "Batch 3\n", "conf:1: Batch"},
        {"key twice", "batch 3\n\nbatch 3\n", "conf:3: batch stands twice, first on line 1"},
        {"no value", "batch\n", "conf:1: batch: ''"},
        {"only a comment for a value", "batch # 3\n", "conf:1: batch: ''"},
        {"two values", "batch 3 4\n", "conf:1: batch: '3 4'"},
        {"zero batch", "batch 0\n", "from 1 to 65536"},
        {"negative", "epochs -1\n", "conf:1: epochs"},
        {"plus sign", "epochs +1\n", "conf:1: epochs"},
        {"past 2^32", "batch 4294967297\n", "conf:1: batch"},
        {"past 2^64", "split_seed 18446744073709551616\n", "conf:1: split_seed"},
        {"rate zero", "learning_rate 0\n", "conf:1: learning_rate"},
        {"rate not a number", "learning_rate nan\n", "conf:1: learning_rate"},
        {"rate infinite", "learning_rate 1e999\n", "conf:1: learning_rate"},
        {"rate in hexadecimal", "learning_rate 0x1\n", "conf:1: learning_rate"},
        {"dropout of everything", "dropout 1\n", "conf:1: dropout"},
        {"one layer", "layers 784\n", "conf:1: layers"},
        {"layer of zero units", "layers 784 0 10\n", "conf:1: layers"},
        {"ten widths", "layers 9 9 9 9 9 9 9 9 9 9\n", "conf:1: layers"},
        {"too many weights", "layers 65536 65536 2\n", "conf:1: layers"},
        {"a single class", "layers 784 1\n", "conf:1: layers"},
        {"columns backwards", "feature_columns 5-4\n", "conf:1: feature_columns"},
        {"one column", "feature_columns 5\n", "conf:1: feature_columns"},
        {"column zero", "label_column 0\n", "conf:1: label_column"},
        {"list with a word", "groups 1,two\n", "conf:1: groups"},
        {"unknown split", "split even\n", "iid, shard, dirichlet or group"},
        {"unknown init", "init zero\n", "uniform or lcg"},
        {"part past parts", "part 2\nparts 2\n", "conf:1: part is not below parts"},
        {"two kinds of data", "data d\ntrain_csv t\n", "conf:1: data"},
        {"CSV without columns", "train_csv t\n", "conf:1: train_csv needs"},
        {"columns that do not fit the input", "layers 3 2\nfeature_columns 1-4\n", "conf:2: feature_columns"},
        {"label among the features", "layers 3 2\nfeature_columns 1-3\nlabel_column 2\n", "conf:3: label_column"},
        {"test groups without a column", "test_groups 1\n", "conf:1: test_groups needs"},
        {"split by group without groups", "split group\n", "conf:1: split"},
        {"groups without their split", "groups 1\n", "conf:1: groups needs"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dense_options o = {.batch = 77};
        struct dense_fault fault = {0};
        print_message("  %s\n", cases[i].why);
        assert_int_equal(parse(cases[i].text, &o, &fault), DENSE_CONFIG);
        assert_non_null(strstr(fault.text, cases[i].says));
        assert_int_equal(o.batch, 77);
    }
}

static void refuses_long_lines_and_bytes_that_are_no_text(void **state)
{
    (void)state;
    char line[2000];
    struct dense_options o;
    struct dense_fault fault;

    memset(line, 'x', sizeof line);
    assert_int_equal(dense_options_parse("conf", line, sizeof line, &o, &fault), DENSE_CONFIG);
    assert_int_equal(dense_options_parse("conf", "batch\0 3", 8, &o, &fault), DENSE_CONFIG);
    memcpy(line, "data ", 5);
    assert_int_equal(dense_options_parse("conf", line, 5 + DENSE_MAX_PATH - 1, &o, &fault), DENSE_OK);
    assert_int_equal(dense_options_parse("conf", line, 5 + DENSE_MAX_PATH, &o, &fault), DENSE_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_option),
        cmocka_unit_test(an_empty_file_leaves_the_defaults),
        cmocka_unit_test(refuses_with_the_line_number_and_leaves_the_options_as_they_were),
        cmocka_unit_test(refuses_long_lines_and_bytes_that_are_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

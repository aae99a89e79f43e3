#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dense_train.h"

/* Made by gcc 12 on x86-64; clang 14 gives the same. */
#define GOLDEN_DIGEST 0x9568fcf414b04802u

/* The first ten losses of the reference trainer (data folder, reference/golden.txt), in double precision. */
static const double MNIST[10] = {2.29527150, 2.29029229, 2.30439508, 2.29900144, 2.29625714,
                                 2.29064597, 2.30355816, 2.29195931, 2.31317986, 2.29929369};
static const double HAR[10] = {1.64106239, 1.58883520, 1.55657719, 1.54208654, 1.56575633,
                               1.55567422, 1.48901389, 1.52722952, 1.54542352, 1.55136994};

/* The folder of data sets, or skips the test. */
static const char *data_folder(const char *file)
{
    const char *folder = getenv("TACIT_DATA") ? getenv("TACIT_DATA") : "../shared/data";
    char path[600];

    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there (set TACIT_DATA)\n", path);
        skip();
    }
    return folder;
}

static void hold_to_the_oracle(const struct dense_options *options, const double want[static 10])
{
    CLEANUP(dense_net_free) struct dense_net net = {0};
    CLEANUP(dense_set_free) struct dense_set set = {0};
    struct dense_random random = dense_random_seed(0);
    struct dense_fault fault;
    uint32_t order[640];

    assert_int_equal(dense_net_create(&options->layers, &net, &fault), DENSE_OK);
    dense_net_init(&net, DENSE_INIT_LCG, 0);
    assert_int_equal(dense_data_train(options, &set, &fault), DENSE_OK);
    assert_true(set.count >= 10 * options->batch && 10 * options->batch <= 640);
    for (uint32_t i = 0; i < 640; i++)
        order[i] = i;
    for (uint32_t i = 0; i < 10; i++) {
        double sum = dense_train_batch(&net, &set, order + i * options->batch, options->batch, options, &random);
        assert_true(fabs(sum / options->batch - want[i]) < 1e-5);
    }
}

static void reproduces_the_reference_on_mnist(void **state)
{
    (void)state;
    struct dense_options options = dense_options_default();
    const char *folder = data_folder("mnist/train-images-idx3-ubyte.gz");

    options.dropout = 0;
    options.train_limit = 640;
    snprintf(options.data, sizeof options.data, "%s/mnist", folder);
    hold_to_the_oracle(&options, MNIST);
}

static void reproduces_the_reference_on_har(void **state)
{
    (void)state;
    const char *folder = data_folder("har/har36.csv");
    struct dense_options options;
    struct dense_fault fault;
    char text[2048];

    int len = snprintf(text, sizeof text,
                       "layers 36 64 32 5\nbatch 32\nlearning_rate 0.05\ndropout 0\ntrain_csv %s/har/har36.csv\n"
                       "normalise %s/har/norm.csv\nlabel_column 4\nfeature_columns 5-40\ngroup_column 1\n"
                       "test_groups 7,14,21\n",
                       folder, folder);
    assert_int_equal(dense_options_parse("har", text, (size_t)len, &options, &fault), DENSE_OK);
    hold_to_the_oracle(&options, HAR);
}

/* 200 examples of two features whose class is the quadrant: no line parts them. */
static struct dense_set quadrants(float inputs[static 400], uint32_t labels[static 200])
{
    struct dense_random random = dense_random_seed(1);

    for (uint32_t i = 0; i < 200; i++) {
        inputs[2 * i] = (float)(2 * dense_random_unit(&random) - 1);
        inputs[2 * i + 1] = (float)(2 * dense_random_unit(&random) - 1);
        labels[i] = (inputs[2 * i] > 0) == (inputs[2 * i + 1] > 0);
    }
    return (struct dense_set){inputs, labels, 200, 2};
}

static struct dense_options small(void)
{
    struct dense_options options = dense_options_default();

    options.layers = (struct dense_widths){3, {2, 32, 2}};
    options.learning_rate = 0.1;
    options.batch = 7;
    options.epochs = 60;
    options.dropout = 0.1;
    return options;
}

static struct dense_net train(const struct dense_options *options, struct dense_run run, struct dense_score *score)
{
    float inputs[400];
    uint32_t labels[200];
    struct dense_set set = quadrants(inputs, labels);
    struct dense_net net;
    struct dense_fault fault;
    double loss;

    assert_int_equal(dense_net_create(&options->layers, &net, &fault), DENSE_OK);
    dense_net_init(&net, DENSE_INIT_UNIFORM, 1);
    assert_int_equal(dense_train(&net, &set, options, run, &loss, &fault), DENSE_OK);
    *score = dense_validate(&net, &set);
    return net;
}

static void learns_what_no_line_can_part(void **state)
{
    (void)state;
    struct dense_options options = small();
    struct dense_score score;
    struct dense_net net = train(&options, (struct dense_run){1, 1}, &score);

    dense_net_free(&net);
    assert_true(score.accuracy > 0.9);
    assert_true(score.loss < 0.3);
}

static void seed_and_round_decide_every_bit(void **state)
{
    (void)state;
    struct dense_options options = small();
    struct dense_score score;
    CLEANUP(dense_net_free) struct dense_net net = train(&options, (struct dense_run){1, 1}, &score);
    CLEANUP(dense_net_free) struct dense_net same = train(&options, (struct dense_run){1, 1}, &score);
    CLEANUP(dense_net_free) struct dense_net round = train(&options, (struct dense_run){1, 2}, &score);
    CLEANUP(dense_net_free) struct dense_net seed = train(&options, (struct dense_run){2, 1}, &score);
    size_t bytes = 2 * net.layer[0].stride * sizeof(float);

    assert_memory_equal(net.layer[0].weights, same.layer[0].weights, bytes);
    assert_memory_not_equal(net.layer[0].weights, round.layer[0].weights, bytes);
    assert_memory_not_equal(net.layer[0].weights, seed.layer[0].weights, bytes);
}

static void trains_to_the_same_bits_on_every_machine(void **state)
{
    (void)state;
    struct dense_options options = small();
    struct dense_score score;
    CLEANUP(dense_net_free) struct dense_net net = train(&options, (struct dense_run){1, 1}, &score);
    uint64_t digest = 0;

    for (uint32_t o = 0; o < net.layer[0].stride; o++) {
        uint32_t bits;
        memcpy(&bits, &net.layer[0].weights[o], sizeof bits);
        digest = dense_random_mix(digest, bits);
    }
    assert_int_equal(digest, GOLDEN_DIGEST);
}

static void says_that_training_diverged(void **state)
{
    (void)state;
    struct dense_options options = small();
    float inputs[400];
    uint32_t labels[200];
    struct dense_set set = quadrants(inputs, labels);
    CLEANUP(dense_net_free) struct dense_net net = {0};
    struct dense_fault fault;
    double loss = 7;

    options.learning_rate = 1000;
    for (size_t i = 0; i < 400; i++)
        inputs[i] *= 1e10f;
    assert_int_equal(dense_net_create(&options.layers, &net, &fault), DENSE_OK);
    dense_net_init(&net, DENSE_INIT_UNIFORM, 1);
    assert_int_equal(dense_train(&net, &set, &options, (struct dense_run){1, 1}, &loss, &fault), DENSE_FAILED);
    assert_non_null(strstr(fault.text, "learning_rate"));
    assert_true(loss == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reproduces_the_reference_on_mnist),
        cmocka_unit_test(reproduces_the_reference_on_har),
        cmocka_unit_test(learns_what_no_line_can_part),
        cmocka_unit_test(seed_and_round_decide_every_bit),
        cmocka_unit_test(trains_to_the_same_bits_on_every_machine),
        cmocka_unit_test(says_that_training_diverged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

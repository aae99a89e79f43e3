#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "dense_model.h"
#include "dense_net.h"

static const struct dense_widths SMALL = {4, {6, 19, 5, 3}};
static const float INPUT[6] = {0.3f, 0, -1.2f, 0.7f, 2.0f, -0.4f};

static struct dense_net fresh(const struct dense_widths *widths, uint64_t seed)
{
    struct dense_net net;
    struct dense_fault fault;

    assert_int_equal(dense_net_create(widths, &net, &fault), DENSE_OK);
    dense_net_init(&net, DENSE_INIT_UNIFORM, seed);
    return net;
}

/* The loss with the same units dropped each time. */
static double loss_of(struct dense_net *net, double dropout)
{
    struct dense_random random = dense_random_seed(5);

    return dense_net_forward(net, INPUT, 1, dropout, &random);
}

/* Compares a gradient with the slope between two nearby losses. Returns 1 when it is clearly not zero. */
static int check_slope(struct dense_net *net, float *weight, float gradient, double dropout)
{
    const float at = *weight, h = 1.0f / 512;

    *weight = at + h;
    double above = loss_of(net, dropout);
    *weight = at - h;
    double below = loss_of(net, dropout);
    *weight = at;
    assert_true(fabs((above - below) / (2.0 * (double)h) - (double)gradient) < 1e-3);
    return fabsf(gradient) > 1e-2f;
}

static void check_gradients(double dropout)
{
    CLEANUP(dense_net_free) struct dense_net net = fresh(&SMALL, 11);
    int told = 0;

    loss_of(&net, dropout);
    dense_net_backward(&net, INPUT, 1, dropout, 1);
    for (uint32_t l = 0; l < net.count; l++) {
        struct dense_layer *layer = &net.layer[l];
        for (uint32_t o = 0; o < layer->out; o++) {
            for (size_t i = 0; i < layer->in; i++)
                told += check_slope(&net, &layer->weights[i * layer->stride + o],
                                    layer->weight_gradients[i * layer->stride + o], dropout);
            told += check_slope(&net, &layer->bias[o], layer->bias_gradients[o], dropout);
        }
    }
    assert_true(told > 40);
}

static void gradients_are_the_slopes_of_the_loss(void **state)
{
    (void)state;
    check_gradients(0);
}

static void gradients_are_the_slopes_under_dropout(void **state)
{
    (void)state;
    check_gradients(0.5);
}

static void dropout_leaves_out_its_share_and_scales_the_rest(void **state)
{
    (void)state;
    static const struct dense_widths wide = {3, {1, 2000, 2}};
    CLEANUP(dense_net_free) struct dense_net net = fresh(&wide, 1);
    struct dense_random random = dense_random_seed(1);
    const float input[1] = {0};
    unsigned kept = 0;

    for (uint32_t o = 0; o < 2000; o++)
        net.layer[0].bias[o] = 1;
    dense_net_forward(&net, input, 0, 0.75, &random);
    for (uint32_t o = 0; o < 2000; o++) {
        assert_true(net.layer[0].output[o] == 0 || net.layer[0].output[o] == 4);
        kept += net.layer[0].output[o] == 4;
    }
    assert_in_range(kept, 430, 570);
}

static void probabilities_sum_to_one_and_the_loss_is_theirs(void **state)
{
    (void)state;
    CLEANUP(dense_net_free) struct dense_net net = fresh(&SMALL, 2);
    double loss = loss_of(&net, 0), sum = 0;
    const float *output = net.layer[2].output;

    for (uint32_t o = 0; o < 3; o++)
        sum += (double)output[o];
    assert_true(fabs(sum - 1) < 1e-6);
    assert_true(fabs(loss + log((double)output[1])) < 1e-6);
    for (uint32_t o = 0; o < 3; o++)
        assert_true(output[o] <= output[dense_net_answer(&net)]);
}

static void padding_stays_zero_through_a_step(void **state)
{
    (void)state;
    CLEANUP(dense_net_free) struct dense_net net = fresh(&SMALL, 2);
    struct dense_layer *layer = &net.layer[0];
    float before = layer->weights[0];

    loss_of(&net, 0);
    dense_net_backward(&net, INPUT, 1, 0, 1);
    float gradient = layer->weight_gradients[0];
    dense_net_step(&net, 0.5f);
    assert_true(layer->weights[0] == before + -0.5f * gradient && layer->weight_gradients[0] == 0);
    for (size_t i = 0; i < layer->in; i++) {
        for (size_t o = layer->out; o < layer->stride; o++)
            assert_true(layer->weights[i * layer->stride + o] == 0);
    }
}

static void a_seed_decides_the_start(void **state)
{
    (void)state;
    CLEANUP(dense_net_free) struct dense_net a = fresh(&SMALL, 9), b = fresh(&SMALL, 9), c = fresh(&SMALL, 10);
    size_t bytes = (size_t)a.layer[0].in * a.layer[0].stride * sizeof(float);

    assert_memory_equal(a.layer[0].weights, b.layer[0].weights, bytes);
    assert_memory_not_equal(a.layer[0].weights, c.layer[0].weights, bytes);
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        assert_true(fabsf(a.layer[0].weights[i]) <= 1 / sqrtf(6));
}

static void a_model_file_gives_the_same_network_back(void **state)
{
    (void)state;
    CLEANUP(dense_net_free) struct dense_net net = fresh(&SMALL, 4), back = fresh(&SMALL, 5);
    CLEANUP(dense_free) uint8_t *bytes = NULL;
    CLEANUP(dense_free) uint8_t *again = NULL;
    size_t len, again_len;
    struct dense_fault fault;

    assert_int_equal(dense_model_encode(&net, &bytes, &len, &fault), DENSE_OK);
    assert_int_equal(dense_model_decode(bytes, len, &back, &fault), DENSE_OK);
    assert_true(loss_of(&net, 0) == loss_of(&back, 0));
    assert_int_equal(dense_model_encode(&back, &again, &again_len, &fault), DENSE_OK);
    assert_int_equal(len, again_len);
    assert_memory_equal(bytes, again, len);
}

static void refuses_a_model_of_another_network(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct dense_widths widths;
    } cases[] = {
        {"one layer fewer", {3, {6, 19, 3}}},
        {"one layer more", {5, {6, 19, 5, 3, 3}}},
        {"a wider layer", {4, {6, 20, 5, 3}}},
        {"another input", {4, {7, 19, 5, 3}}},
    };
    CLEANUP(dense_net_free) struct dense_net net = fresh(&SMALL, 4);
    CLEANUP(dense_free) uint8_t *bytes = NULL;
    size_t len;
    struct dense_fault fault;

    assert_int_equal(dense_model_encode(&net, &bytes, &len, &fault), DENSE_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(dense_net_free) struct dense_net other = fresh(&cases[i].widths, 1);
        print_message("  %s\n", cases[i].why);
        assert_int_equal(dense_model_decode(bytes, len, &other, &fault), DENSE_FAILED);
        assert_non_null(strstr(fault.text, "layers"));
    }
}

static void refuses_numbers_that_are_not_finite(void **state)
{
    (void)state;
    CLEANUP(dense_net_free) struct dense_net net = fresh(&SMALL, 4);
    CLEANUP(dense_free) uint8_t *bytes = NULL;
    uint8_t *none = NULL;
    size_t len;
    struct dense_fault fault;

    assert_int_equal(dense_model_encode(&net, &bytes, &len, &fault), DENSE_OK);
    memcpy(bytes + len - 4, "\x00\x00\x80\x7f", 4); /* infinity */
    assert_int_equal(dense_model_decode(bytes, len, &net, &fault), DENSE_FAILED);
    assert_non_null(strstr(fault.text, "layer3.bias: number 2"));
    net.layer[1].bias[0] = NAN;
    assert_int_equal(dense_model_encode(&net, &none, &len, &fault), DENSE_FAILED);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_slopes_of_the_loss),
        cmocka_unit_test(gradients_are_the_slopes_under_dropout),
        cmocka_unit_test(dropout_leaves_out_its_share_and_scales_the_rest),
        cmocka_unit_test(probabilities_sum_to_one_and_the_loss_is_theirs),
        cmocka_unit_test(padding_stays_zero_through_a_step),
        cmocka_unit_test(a_seed_decides_the_start),
        cmocka_unit_test(a_model_file_gives_the_same_network_back),
        cmocka_unit_test(refuses_a_model_of_another_network),
        cmocka_unit_test(refuses_numbers_that_are_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "scores.h"

static enum status add(const char *json, const char *prefix, struct scores *scores, uint32_t *samples)
{
    struct reason reason = {""};
    const enum status status = scores_add(view_of_string(json), prefix, scores, samples, &reason);

    assert_int_equal(status == STATUS_OK, reason.text[0] == '\0');
    return status;
}

static void assert_score(const struct tacit_metric *metric, const char *name, double value, uint32_t weight)
{
    assert_string_equal(metric->name, name);
    assert_true(metric->value == value);
    assert_int_equal(metric->weight, weight);
}

static void both_steps_stand_side_by_side_with_their_own_weights(void **state)
{
    struct scores scores = {0};
    struct tacit_result result = {0};
    uint32_t validated, trained;

    (void)state;
    assert_int_equal(add("{\"samples\": 20, \"loss\": 0.5, \"accuracy\": 0.75}\n", "", &scores, &validated), STATUS_OK);
    assert_int_equal(add("{\"loss\": -1e-3, \"samples\": 100}", SCORES_TRAINING, &scores, &trained), STATUS_OK);
    scores_tell(&scores, &result);
    assert_int_equal(validated, 20);
    assert_int_equal(trained, 100);
    assert_int_equal(result.metric_count, 3);
    assert_score(&result.metrics[0], "accuracy", 0.75, 20);
    assert_score(&result.metrics[1], "loss", 0.5, 20);
    assert_score(&result.metrics[2], "train_loss", -1e-3, 100);
}

static void samples_alone_are_enough_and_may_be_the_most(void **state)
{
    struct scores scores = {0};
    uint32_t samples;

    (void)state;
    assert_int_equal(add("{\"samples\":2147483647}", "", &scores, &samples), STATUS_OK);
    assert_int_equal(samples, INT32_MAX);
    assert_int_equal(scores.count, 0);
}

static void values_and_names_reach_their_limits(void **state)
{
    struct scores scores = {0};
    uint32_t samples;

    (void)state;
    assert_int_equal(add("{\"samples\":1,\"a\":2146.999999,\"b\":-2146.999999,"
                         "\"0123456789_abcdefghijklmnopqrstu\":0}",
                         "", &scores, &samples),
                     STATUS_OK);
    assert_int_equal(add("{\"samples\":1,\"abcdefghijklmnopqrstuvwxyz\":0}", SCORES_TRAINING, &scores, &samples),
                     STATUS_OK);
    assert_int_equal(scores.count, 4);
    assert_string_equal(scores.list[3].name, "train_abcdefghijklmnopqrstuvwxyz");
}

/* {"samples":1,"m00":0,"m01":1,...}, last name first. */
static void print_many(char *out, size_t size, unsigned int count)
{
    int len = snprintf(out, size, "{\"samples\":1");

    while (count-- > 0)
        len += snprintf(out + len, size - (size_t)len, ",\"m%02u\":%u", count, count);
    snprintf(out + len, size - (size_t)len, "}");
}

static void a_result_takes_the_first_sixteen_by_name(void **state)
{
    struct scores scores = {0};
    struct tacit_result result = {0};
    char text[2048];
    uint32_t samples;

    (void)state;
    print_many(text, sizeof text, 20);
    assert_int_equal(add(text, "", &scores, &samples), STATUS_OK);
    scores_tell(&scores, &result);
    assert_int_equal(result.metric_count, TACIT_MAX_METRICS);
    assert_score(&result.metrics[0], "m00", 0, 1);
    assert_score(&result.metrics[15], "m15", 15, 1);
}

static void refuses_and_leaves_the_scores_as_they_were(void **state)
{
    static const struct {
        const char *why, *json, *prefix;
        enum status want;
    } cases[] = {
        {"nothing", "", "", STATUS_MALFORMED},
        {"not JSON", "samples 5", "", STATUS_MALFORMED},
        {"an array", "[1]", "", STATUS_MALFORMED},
        {"a number", "5", "", STATUS_MALFORMED},
        {"more behind the object", "{\"samples\":1} x", "", STATUS_MALFORMED},
        {"cut short", "{\"samples\":1", "", STATUS_MALFORMED},
        {"no samples", "{\"loss\":1}", "", STATUS_MALFORMED},
        {"samples as text", "{\"samples\":\"1\"}", "", STATUS_MALFORMED},
        {"samples in another case", "{\"Samples\":1}", "", STATUS_MALFORMED},
        {"no sample", "{\"samples\":0}", "", STATUS_NO_SAMPLES},
        {"fewer samples than none", "{\"samples\":-1}", "", STATUS_OUT_OF_RANGE},
        {"a part of a sample", "{\"samples\":1.5}", "", STATUS_MALFORMED},
        {"less than one sample", "{\"samples\":0.5}", "", STATUS_OUT_OF_RANGE},
        {"2^31 samples", "{\"samples\":2147483648}", "", STATUS_OUT_OF_RANGE},
        {"endless samples", "{\"samples\":1e999}", "", STATUS_OUT_OF_RANGE},
        {"samples twice", "{\"samples\":1,\"samples\":1}", "", STATUS_DUPLICATE_KEY},
        {"a name twice", "{\"samples\":1,\"loss\":1,\"loss\":1}", "", STATUS_DUPLICATE_KEY},
        {"a name that stands already", "{\"samples\":1,\"old\":1}", "", STATUS_DUPLICATE_KEY},
        {"text", "{\"samples\":1,\"loss\":\"1\"}", "", STATUS_MALFORMED},
        {"null", "{\"samples\":1,\"loss\":null}", "", STATUS_MALFORMED},
        {"NaN", "{\"samples\":1,\"loss\":NaN}", "", STATUS_MALFORMED},
        {"an object", "{\"samples\":1,\"loss\":{\"a\":1}}", "", STATUS_MALFORMED},
        {"past the limit", "{\"samples\":1,\"loss\":2147}", "", STATUS_OUT_OF_RANGE},
        {"past the limit below", "{\"samples\":1,\"loss\":-2147}", "", STATUS_OUT_OF_RANGE},
        {"infinite", "{\"samples\":1,\"loss\":1e999}", "", STATUS_OUT_OF_RANGE},
        {"an empty name", "{\"samples\":1,\"\":1}", "", STATUS_MALFORMED},
        {"an empty name of training", "{\"samples\":1,\"\":1}", SCORES_TRAINING, STATUS_MALFORMED},
        {"a capital", "{\"samples\":1,\"Loss\":1}", "", STATUS_MALFORMED},
        {"33 characters", "{\"samples\":1,\"0123456789_abcdefghijklmnopqrstuv\":0}", "", STATUS_MALFORMED},
        {"33 with the prefix", "{\"samples\":1,\"abcdefghijklmnopqrstuvwxyz_\":0}", SCORES_TRAINING, STATUS_MALFORMED},
        {"training in a validation", "{\"samples\":1,\"train_loss\":0}", "", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scores scores = {0}, before;
        uint32_t samples = 7;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(add("{\"samples\":3,\"old\":1}", "", &scores, &samples), STATUS_OK);
        before = scores;
        assert_int_equal(add(cases[i].json, cases[i].prefix, &scores, &samples), cases[i].want);
        assert_memory_equal(&scores, &before, sizeof scores);
        assert_int_equal(samples, 3);
    }
}

static void refuses_more_than_its_limits(void **state)
{
    static uint8_t large[SCORES_MAX_FILE + 2];
    static const uint8_t ended[] = "{\"samples\":1}\0 and more";
    struct scores scores = {0};
    struct reason reason = {""};
    char text[2048];
    uint32_t samples;

    (void)state;
    print_many(text, sizeof text, SCORES_MAX - 1);
    assert_int_equal(add(text, "", &scores, &samples), STATUS_OK);
    print_many(text, sizeof text, SCORES_MAX);
    assert_int_equal(add(text, SCORES_TRAINING, &scores, &samples), STATUS_OUT_OF_RANGE);
    memset(large, ' ', sizeof large - 1);
    assert_int_equal(scores_add((struct view){large, sizeof large - 1}, "", &scores, &samples, &reason),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(scores_add((struct view){ended, sizeof ended - 1}, "", &scores, &samples, &reason),
                     STATUS_MALFORMED);
    assert_int_equal(scores.count, SCORES_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_steps_stand_side_by_side_with_their_own_weights),
        cmocka_unit_test(samples_alone_are_enough_and_may_be_the_most),
        cmocka_unit_test(values_and_names_reach_their_limits),
        cmocka_unit_test(a_result_takes_the_first_sixteen_by_name),
        cmocka_unit_test(refuses_and_leaves_the_scores_as_they_were),
        cmocka_unit_test(refuses_more_than_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

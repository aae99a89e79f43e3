/* The player's numbers and names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play_names.h"
#include "play_stats.h"

static void percentiles_are_known_within_a_sixteenth(void **state)
{
    static struct stats_times times;
    static const struct {
        unsigned int percent;
        uint64_t is;
    } cases[] = {{0, 0}, {1, 1000}, {50, 50000}, {95, 95000}, {99, 99000}, {100, 100000}};

    (void)state;
    assert_int_equal(stats_percentile(&times, 50), 0);
    for (uint64_t us = 1; us <= 100000; us++)
        stats_add(&times, us);
    for (size_t i = 1; i < ARRAY_LEN(cases); i++) {
        const uint64_t found = stats_percentile(&times, cases[i].percent);

        print_message("  p%u %llu\n", cases[i].percent, (unsigned long long)found);
        assert_true(found >= cases[i].is && found <= cases[i].is + cases[i].is / 16);
    }
    assert_int_equal(times.count, 100000);
    assert_int_equal(times.most, 100000);
}

static void any_time_has_its_place(void **state)
{
    static const uint64_t cases[] = {0, 1, 15, 16, 17, 31, 32, 1000, UINT64_C(1) << 32, UINT64_MAX - 1, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static struct stats_times times;

        memset(&times, 0, sizeof times);
        stats_add(&times, cases[i]);
        assert_int_equal(stats_percentile(&times, 50), cases[i]);
    }
}

static void small_times_are_exact(void **state)
{
    static struct stats_times times;

    (void)state;
    for (uint64_t us = 0; us < 10; us++)
        stats_add(&times, us);
    assert_int_equal(stats_percentile(&times, 50), 4);
    assert_int_equal(stats_percentile(&times, 100), 9);
}

static void a_message_is_known_again_by_topic_and_payload(void **state)
{
    static struct stats_recent recent;
    static uint8_t bytes[300];
    const uint64_t key = stats_key("a/b", VIEW_OF(bytes));
    uint8_t other[300] = {0};

    (void)state;
    assert_int_equal(stats_published_at(&recent, key), 0);
    stats_published(&recent, key, 7);
    assert_int_equal(stats_published_at(&recent, stats_key("a/b", VIEW_OF(bytes))), 7);
    stats_published(&recent, key, 9);
    assert_int_equal(stats_published_at(&recent, key), 9);
    assert_int_not_equal(stats_key("a/c", VIEW_OF(bytes)), key);
    assert_int_not_equal(stats_key("a/b", (struct view){bytes, 299}), key);
    other[0] = 1;
    assert_int_not_equal(stats_key("a/b", VIEW_OF(other)), key);
    other[0] = 0;
    other[299] = 1;
    assert_int_not_equal(stats_key("a/b", VIEW_OF(other)), key);
    assert_int_not_equal(stats_key("", (struct view){NULL, 0}), 0);
}

static void a_line_gives_back_in_order(void **state)
{
    struct stats_line line = {0};
    uint64_t in = 0, out = 0;

    (void)state;
    assert_int_equal(stats_line_pop(&line).at_us, 0);
    for (int turn = 0; turn < 50; turn++) {
        for (int i = 0; i < 7; i++) {
            in++;
            assert_int_equal(stats_line_push(&line, (struct stats_sent){in, (size_t)in + 1}), STATUS_OK);
        }
        for (int i = 0; i < 5; i++) {
            const struct stats_sent sent = stats_line_pop(&line);

            assert_int_equal(sent.at_us, ++out);
            assert_int_equal(sent.bytes, out + 1);
        }
    }
    while (line.count > 0)
        assert_int_equal(stats_line_pop(&line).at_us, ++out);
    assert_int_equal(out, in);
    stats_line_free(&line);
}

static void names_are_found_in_the_order_of_their_coming(void **state)
{
    struct names names = {0};
    char name[32];

    (void)state;
    assert_int_equal(names_find(&names, VIEW_TEXT("a")), SIZE_MAX);
    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < 5000; i++) {
            (void)snprintf(name, sizeof name, "device-%d", i);
            assert_int_equal(names_add(&names, view_of_string(name)), STATUS_OK);
        }
    assert_int_equal(names.count, 5000);
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "device-%d", i);
        assert_int_equal(names_find(&names, view_of_string(name)), i);
        assert_string_equal(names.list[i], name);
    }
    assert_int_equal(names_find(&names, VIEW_TEXT("device-5000")), SIZE_MAX);
    assert_int_equal(names_find(&names, VIEW_TEXT("device-")), SIZE_MAX);
    names_free(&names);
}

static void no_more_names_than_there_is_room(void **state)
{
    struct names names = {0};
    char name[32];

    (void)state;
    for (unsigned int i = 0; i < NAMES_MAX; i++) {
        (void)snprintf(name, sizeof name, "%u", i);
        assert_int_equal(names_add(&names, view_of_string(name)), STATUS_OK);
    }
    assert_int_equal(names_add(&names, VIEW_TEXT("one-more")), STATUS_NO_SPACE);
    assert_int_equal(names_add(&names, VIEW_TEXT("7")), STATUS_OK);
    names_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_known_within_a_sixteenth),
        cmocka_unit_test(any_time_has_its_place),
        cmocka_unit_test(small_times_are_exact),
        cmocka_unit_test(a_message_is_known_again_by_topic_and_payload),
        cmocka_unit_test(a_line_gives_back_in_order),
        cmocka_unit_test(names_are_found_in_the_order_of_their_coming),
        cmocka_unit_test(no_more_names_than_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

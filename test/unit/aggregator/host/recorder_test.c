/* The aggregator's own capture: it holds what was heard and said in its order, and its failures are told once and stop
 * nothing. */
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

#include "capture_parts.h"
#include "recorder.h"

#define OWN_TOPIC "tacit/1/fed/aggregator/agg/status"

static char folder[64], path[96], second[96];
static unsigned int failures, begins;

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/recorder_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/later/in.tacit", folder);
    snprintf(second, sizeof second, "%s/later/in.2.tacit", folder);
    failures = begins = 0;
    return 0;
}

static int end(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void make_room(void)
{
    char later[96];

    snprintf(later, sizeof later, "%s/later", folder);
    assert_int_equal(mkdir(later, 0700), 0);
}

static void note(void *ctx, enum log_level level, const char *event, const char *detail)
{
    (void)ctx;
    (void)level;
    (void)detail;
    failures += strcmp(event, "capture_failed") == 0;
    begins += strcmp(event, "capture_begun") == 0;
}

static const struct log sink = {note, NULL};

static void hear(struct recorder *recorder, const char *topic, const char *text)
{
    const struct mqtt_message message = {.topic = topic, .payload = view_of_string(text), .qos = 1};

    recorder_heard(recorder, &message);
}

static void what_is_heard_and_said_stands_in_its_order(void **state)
{
    static const char *const want[] = {"first", "answer", "second"};
    struct recorder recorder = {.path = path, .log = &sink};
    CLEANUP(capture_close) struct capture *capture = NULL;
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
    struct captured message;
    struct capture_session session;

    (void)state;
    make_room();
    assert_null(recorder_state(&recorder));
    recorder_begin(&recorder, OWN_TOPIC, "broker", 0);
    assert_string_equal(recorder_state(&recorder), "writing");
    recorder_connected(&recorder);
    hear(&recorder, "tacit/1/fed/presence/dev", "first");
    recorder_said(&recorder, "tacit/1/fed/receipt/dev", VIEW_TEXT("answer"), false);
    recorder_tick(&recorder, 1000);
    recorder_disconnected(&recorder, "gone");
    hear(&recorder, "tacit/1/fed/presence/dev", "second");
    recorder_end(&recorder);

    assert_int_equal(capture_open(path, &capture, NULL), STATUS_OK);
    assert_true(capture_about(capture)->from_inside);
    assert_string_equal(capture_about(capture)->federation, "fed");
    assert_int_equal(capture_find(capture, &CAPTURE_ALL, &cursor), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(capture_next(cursor, &message), STATUS_OK);
        assert_true(view_equal(message.payload, view_of_string(want[i])));
        assert_true(message.at_us > 0);
    }
    assert_int_equal(capture_next(cursor, &message), STATUS_NOT_FOUND);
    assert_int_equal(capture_session_next(capture, 2, &session), STATUS_OK);
    assert_string_equal(session.broker, "(not connected)");
    assert_string_equal(session.why, "the aggregator ended");
    assert_int_equal(failures, 0);
}

static void a_file_that_cannot_be_made_is_told_once_and_tried_again(void **state)
{
    struct recorder recorder = {.path = path, .log = &sink};
    CLEANUP(capture_close) struct capture *capture = NULL;

    (void)state;
    recorder_begin(&recorder, OWN_TOPIC, "broker", 0);
    for (uint64_t now = 1000; now <= 30000; now += 1000) {
        hear(&recorder, "tacit/1/fed/presence/dev", "lost");
        recorder_tick(&recorder, now);
        assert_string_equal(recorder_state(&recorder), "failing");
    }
    assert_int_equal(failures, 1);
    make_room();
    recorder_tick(&recorder, 39000);
    assert_string_equal(recorder_state(&recorder), "failing");
    recorder_tick(&recorder, 40000);
    assert_string_equal(recorder_state(&recorder), "writing");
    assert_int_equal(begins, 1);
    hear(&recorder, "tacit/1/fed/presence/dev", "kept");
    recorder_end(&recorder);
    assert_int_equal(capture_open(path, &capture, NULL), STATUS_OK);
    assert_int_equal(capture_count(capture), 1);
}

/* A put that fails (here, past the limit of properties) ends the file; the next one goes on behind it. */
static void a_file_that_fails_is_followed_by_the_next(void **state)
{
    static uint8_t much[CAPTURE_PROPERTIES_MAX + 1];
    struct recorder recorder = {.path = path, .log = &sink};
    const struct mqtt_message bad = {.topic = "tacit/1/fed/presence/dev", .properties = VIEW_OF(much)};
    const char *const paths[] = {path, second};
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};

    (void)state;
    make_room();
    recorder_begin(&recorder, OWN_TOPIC, "broker", 0);
    hear(&recorder, "tacit/1/fed/presence/dev", "one");
    recorder_tick(&recorder, 1000);
    recorder_heard(&recorder, &bad);
    assert_string_equal(recorder_state(&recorder), "failing");
    recorder_tick(&recorder, 20000);
    hear(&recorder, "tacit/1/fed/presence/dev", "two");
    recorder_end(&recorder);
    assert_true(failures == 1 && begins == 2);
    assert_int_equal(capture_parts_open(paths, 2, &parts, NULL, NULL, NULL), STATUS_OK);
    assert_int_equal(capture_parts_count(&parts), 2);
}

static void without_a_path_nothing_happens(void **state)
{
    struct recorder recorder = {.log = &sink};

    (void)state;
    recorder_begin(&recorder, OWN_TOPIC, "broker", 0);
    recorder_connected(&recorder);
    hear(&recorder, "tacit/1/fed/presence/dev", "x");
    recorder_said(&recorder, "tacit/1/fed/presence/dev", VIEW_TEXT("x"), true);
    recorder_disconnected(&recorder, "gone");
    recorder_tick(&recorder, 100000);
    recorder_end(&recorder);
    assert_null(recorder_state(&recorder));
    assert_true(failures == 0 && begins == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_heard_and_said_stands_in_its_order, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_made_is_told_once_and_tried_again, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_fails_is_followed_by_the_next, begin, end),
        cmocka_unit_test_setup_teardown(without_a_path_nothing_happens, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "base.h"
#include "log_stderr.h"
#include "random.h"

static void a_line_has_time_level_event_and_detail(void **state)
{
    (void)state;
    char line[LOG_MAX_LINE];

    assert_int_equal(log_line(1795248000, LOG_LEVEL_INFO, "round_opened", "round 7", line), 47);
    assert_string_equal(line, "2026-11-21T08:00:00Z info round_opened round 7\n");
}

static void an_event_may_have_no_detail(void **state)
{
    (void)state;
    char line[LOG_MAX_LINE];

    assert_true(log_line(0, LOG_LEVEL_ERROR, "stopped", "", line) > 0);
    assert_string_equal(line, "1970-01-01T00:00:00Z error stopped\n");
}

static void control_characters_cannot_forge_a_line(void **state)
{
    (void)state;
    char line[LOG_MAX_LINE];

    (void)log_line(0, LOG_LEVEL_WARN, "e", "a\n2026 \x1b[2J\x7f\\n\xc3\xa9\t", line);
    assert_string_equal(line, "1970-01-01T00:00:00Z warn e a\\x0a2026 \\x1b[2J\\x7f\\\\n\xc3\xa9\\x09\n");
}

static void the_longest_detail_is_whole_and_a_longer_one_is_cut(void **state)
{
    (void)state;
    char detail[LOG_MAX_DETAIL], huge[2 * LOG_MAX_LINE], line[LOG_MAX_LINE];
    size_t length;

    memset(detail, '\n', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    length = log_line(0, LOG_LEVEL_DEBUG, "event", detail, line);
    assert_int_equal(length, strlen("1970-01-01T00:00:00Z debug event ") + 4 * (sizeof detail - 1) + 1);

    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    length = log_line(0, LOG_LEVEL_DEBUG, huge, "", line);
    assert_true(length < LOG_MAX_LINE && line[length - 1] == '\n' && line[length] == '\0');
    length = log_line(0, LOG_LEVEL_DEBUG, "event", huge, line);
    assert_true(length < LOG_MAX_LINE && line[length - 1] == '\n' && line[length] == '\0');
}

/* What the sink writes to stderr, which becomes a pipe for the while. */
static size_t captured(enum log_level *least, char *out, size_t size)
{
    struct log log = log_stderr(least);
    int ends[2], kept = dup(STDERR_FILENO);
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    assert_true(kept >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
    log_event(&log, LOG_LEVEL_DEBUG, "small", "%d", 1);
    log_event(&log, LOG_LEVEL_WARN, "large", "%d", 2);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(ends[1]);
    close(kept);
    got = read(ends[0], out, size - 1);
    close(ends[0]);
    assert_true(got >= 0);
    out[got] = '\0';
    return (size_t)got;
}

static void events_below_the_level_are_left_out(void **state)
{
    (void)state;
    enum log_level least = LOG_LEVEL_WARN;
    char text[4096];

    captured(&least, text, sizeof text);
    assert_null(strstr(text, "small"));
    assert_non_null(strstr(text, " warn large 2\n"));
    least = LOG_LEVEL_DEBUG;
    captured(&least, text, sizeof text);
    assert_non_null(strstr(text, " debug small 1\n"));
    log_event(NULL, LOG_LEVEL_ERROR, "nobody", "listens");
}

static void random_fills_all_bytes(void **state)
{
    (void)state;
    uint8_t once[600] = {0}, again[600] = {0}, zeros[64] = {0};

    assert_int_equal(os_random(NULL, once, sizeof once), STATUS_OK);
    assert_int_equal(os_random(NULL, again, sizeof again), STATUS_OK);
    assert_memory_not_equal(once, again, sizeof once);
    assert_memory_not_equal(once + sizeof once - sizeof zeros, zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_event_and_detail),
        cmocka_unit_test(an_event_may_have_no_detail),
        cmocka_unit_test(control_characters_cannot_forge_a_line),
        cmocka_unit_test(the_longest_detail_is_whole_and_a_longer_one_is_cut),
        cmocka_unit_test(events_below_the_level_are_left_out),
        cmocka_unit_test(random_fills_all_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

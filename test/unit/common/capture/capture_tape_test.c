/* A capture in several files: by size, after a restart, and read as one again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "capture_parts.h"
#include "capture_tape.h"
#include "file.h"

#define PARTS_MAX 40

static char folder[64], path[96], paths[PARTS_MAX][CAPTURE_PATH_MAX];

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/tape_test_XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.tacit", folder);
    return 0;
}

static int end(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static struct capture_tape new_tape(uint64_t rotate, bool resume)
{
    return (struct capture_tape){
        .path = path, .about = {.federation = "fed", .maker = "test"}, .rotate = rotate, .resume = resume};
}

/* Messages whose payload is their number, with much behind it. */
static void put_numbers(struct capture_tape *tape, uint32_t from, uint32_t to)
{
    static uint8_t payload[20000];

    for (uint32_t i = from; i <= to; i++) {
        struct captured message = {.at_us = i, .topic = "tacit/1/fed/need/dev", .payload = VIEW_OF(payload)};

        write_be32(payload, i);
        assert_int_equal(capture_tape_put(tape, &message, NULL), STATUS_OK);
        assert_int_equal(capture_tape_commit(tape, i, NULL), STATUS_OK);
    }
}

static size_t parts_there(const char *list[PARTS_MAX])
{
    size_t count = 0;

    for (uint32_t part = 1; part <= PARTS_MAX; part++) {
        assert_int_equal(capture_part_path(path, part, paths[count]), STATUS_OK);
        if (!file_exists(paths[count]))
            break;
        list[count] = paths[count];
        count++;
    }
    return count;
}

static void count_gap(void *ctx, const char *before, const char *after)
{
    (void)before;
    (void)after;
    ++*(size_t *)ctx;
}

/* Reads the parts and expects the numbers from 1 on. */
static void assert_numbers(const char *const *list, size_t count, uint32_t to, size_t gaps)
{
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};
    const struct capture_query all = CAPTURE_ALL;
    struct captured message;
    size_t found_gaps = 0;

    assert_int_equal(capture_parts_open(list, count, &parts, count_gap, &found_gaps, NULL), STATUS_OK);
    assert_int_equal(found_gaps, gaps);
    CLEANUP(capture_walk_end) struct capture_walk walk = capture_walk(&parts, &all);
    for (uint32_t i = 1; i <= to; i++) {
        assert_int_equal(capture_walk_next(&walk, &message), STATUS_OK);
        assert_int_equal(read_be32(message.payload.ptr), i);
        assert_true(message.session > 0);
    }
    assert_int_equal(capture_walk_next(&walk, &message), STATUS_NOT_FOUND);
    assert_int_equal(capture_parts_count(&parts), to);
}

static void parts_have_their_numbers_in_their_names(void **state)
{
    static const struct {
        const char *path;
        uint32_t part;
        const char *want;
    } cases[] = {{"a.tacit", 1, "a.tacit"}, {"a.tacit", 2, "a.2.tacit"}, {"x.y/a", 1, "x.y/a"},
                 {"x.y/a", 12, "x.y/a.12"}, {".tacit", 2, ".tacit.2"},   {"a.tacit.b", 3, "a.tacit.b.3"}};
    char out[CAPTURE_PATH_MAX], longest[CAPTURE_PATH_MAX + 1];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(capture_part_path(cases[i].path, cases[i].part, out), STATUS_OK);
        assert_string_equal(out, cases[i].want);
    }
    memset(longest, 'a', CAPTURE_PATH_MAX);
    longest[CAPTURE_PATH_MAX] = '\0';
    assert_int_equal(capture_part_path(longest, 1, out), STATUS_OUT_OF_RANGE);
}

static void a_large_file_is_followed_by_the_next(void **state)
{
    struct capture_tape tape = new_tape(200000, false);
    const char *list[PARTS_MAX];
    size_t count;

    (void)state;
    assert_int_equal(capture_tape_open(&tape, NULL), STATUS_OK);
    assert_int_equal(capture_tape_begin(&tape, 1, "broker", "me"), STATUS_OK);
    put_numbers(&tape, 1, 60);
    assert_int_equal(capture_tape_end(&tape, 99, "done"), STATUS_OK);
    assert_int_equal(tape.messages, 60);
    capture_tape_close(&tape);
    count = parts_there(list);
    assert_in_range(count, 5, 10);
    assert_numbers(list, count, 60, 0);
    /* Given in any order. */
    const char *first = list[0];
    list[0] = list[3];
    list[3] = first;
    assert_numbers(list, count, 60, 0);
}

static void a_part_that_is_not_given_is_told(void **state)
{
    struct capture_tape tape = new_tape(200000, false);
    const char *list[PARTS_MAX];
    size_t count, gaps = 0;
    struct capture_parts parts;
    struct reason reason = {""};

    (void)state;
    assert_int_equal(capture_tape_open(&tape, NULL), STATUS_OK);
    assert_int_equal(capture_tape_begin(&tape, 1, "broker", "me"), STATUS_OK);
    put_numbers(&tape, 1, 30);
    capture_tape_close(&tape);
    count = parts_there(list);
    assert_true(count >= 3);
    list[1] = list[2];
    assert_int_equal(capture_parts_open(list, 2, &parts, count_gap, &gaps, &reason), STATUS_OK);
    assert_int_equal(gaps, 1);
    capture_parts_close(&parts);
    list[1] = list[0];
    assert_int_equal(capture_parts_open(list, 2, &parts, count_gap, &gaps, &reason), STATUS_EXISTS);
    capture_parts_close(&parts);
}

static void parts_of_another_federation_are_refused(void **state)
{
    struct capture_tape tape = new_tape(0, false), foreign = new_tape(0, true);
    const char *list[PARTS_MAX];
    struct capture_parts parts;
    struct reason reason = {""};

    (void)state;
    foreign.about.federation = "other";
    assert_int_equal(capture_tape_open(&tape, NULL), STATUS_OK);
    capture_tape_close(&tape);
    assert_int_equal(capture_tape_open(&foreign, NULL), STATUS_OK);
    capture_tape_close(&foreign);
    assert_int_equal(parts_there(list), 2);
    assert_int_equal(capture_parts_open(list, 2, &parts, NULL, NULL, &reason), STATUS_OUT_OF_RANGE);
    assert_non_null(strstr(reason.text, "\"other\""));
    capture_parts_close(&parts);
}

static void a_tape_that_resumes_goes_on_behind_what_is_there(void **state)
{
    const char *list[PARTS_MAX];

    (void)state;
    for (uint32_t run = 0; run < 3; run++) {
        struct capture_tape tape = new_tape(0, true);

        assert_int_equal(capture_tape_open(&tape, NULL), STATUS_OK);
        assert_int_equal(tape.about.part, run + 1);
        assert_int_equal(capture_tape_begin(&tape, 1, "broker", "me"), STATUS_OK);
        put_numbers(&tape, run * 5 + 1, run * 5 + 5);
        capture_tape_close(&tape);
    }
    assert_int_equal(parts_there(list), 3);
    assert_numbers(list, 3, 15, 0);
    /* One that does not resume writes over nothing. */
    struct capture_tape tape = new_tape(0, false);
    assert_int_equal(capture_tape_open(&tape, NULL), STATUS_EXISTS);
    capture_tape_close(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_their_numbers_in_their_names),
        cmocka_unit_test_setup_teardown(a_large_file_is_followed_by_the_next, begin, end),
        cmocka_unit_test_setup_teardown(a_part_that_is_not_given_is_told, begin, end),
        cmocka_unit_test_setup_teardown(parts_of_another_federation_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_tape_that_resumes_goes_on_behind_what_is_there, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the owner reads of a round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "rounds_print.h"

static void print(enum status reason, char line[static 512])
{
    static const uint8_t model[DIGEST_SIZE];
    static struct chain_entry entry;
    const struct chain chain = {.entries = &entry, .count = 1};
    FILE *out = tmpfile();

    entry = (struct chain_entry){.believed = true};
    entry.record =
        (struct record){.round = 7, .task = TASK_TRAIN, .reason = reason, .counted = 1, .model = VIEW_OF(model)};
    assert_non_null(out);
    rounds_print_line(&chain, 0, out);
    rewind(out);
    assert_non_null(fgets(line, 512, out));
    (void)fclose(out);
}

static void a_round_that_released_nothing_says_why_and_that_it_is_tried_again(void **state)
{
    char line[512];
    (void)state;

    print(STATUS_COHORT_TOO_SMALL, line);
    assert_non_null(strstr(line, "round 7  cohort 1 "));
    assert_non_null(strstr(line, "  COHORT_TOO_SMALL: no new model; tried again "));
    print(STATUS_OK, line);
    assert_null(strstr(line, "again"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_that_released_nothing_says_why_and_that_it_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

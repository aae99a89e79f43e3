/* Reason codes: PROTOCOL.md section 14. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "status.h"

static const struct {
    int number;
    const char *name, *text;
} rows[] = {
#define ROW(name, number, text) {number, #name, text},
    STATUS_TABLE(ROW)
#undef ROW
};
#define ROWS (sizeof rows / sizeof *rows)

static void every_number_is_its_own_and_below_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_in_range(rows[i].number, 0, STATUS_LIMIT - 1);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(rows[i].number, rows[j].number);
    }
}

static void every_status_has_a_name_and_a_sentence_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_string_equal(status_name((enum status)rows[i].number), rows[i].name);
        assert_string_equal(status_text((enum status)rows[i].number), rows[i].text);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(rows[i].name, rows[j].name);
            assert_string_not_equal(rows[i].text, rows[j].text);
        }
    }
}

static void a_number_of_no_status_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(status_name(STATUS_LIMIT), "UNKNOWN");
    assert_int_not_equal(strlen(status_text(STATUS_LIMIT)), 0);
}

/* Numbers stand in receipts and records; one of each group is held here so that a shift is seen. */
static void numbers_on_the_wire_stay_what_they_are(void **state)
{
    (void)state;
    assert_int_equal(STATUS_OK, 0);
    assert_int_equal(STATUS_UNSUPPORTED, 10);
    assert_int_equal(STATUS_FORGED, 20);
    assert_int_equal(STATUS_CREDENTIAL_EXPIRED, 30);
    assert_int_equal(STATUS_WRONG_ROUND, 40);
    assert_int_equal(STATUS_CHUNK_MISSING, 50);
    assert_int_equal(STATUS_WRONG_SHAPE, 60);
    assert_int_equal(STATUS_EVIDENCE_KIND, 80);
    assert_int_equal(STATUS_POLICY_EXPIRED, 100);
    assert_int_equal(STATUS_STALE_CHALLENGE, 110);
    assert_int_equal(STATUS_MODEL_OTHER, 120);
    assert_int_equal(STATUS_NOT_PERMITTED, 130);
    assert_int_equal(STATUS_IO, 140);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_its_own_and_below_the_limit),
        cmocka_unit_test(every_status_has_a_name_and_a_sentence_of_its_own),
        cmocka_unit_test(a_number_of_no_status_is_unknown),
        cmocka_unit_test(numbers_on_the_wire_stay_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

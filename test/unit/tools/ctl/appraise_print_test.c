/* A result told to a program and to a person, whatever evidence and endorsements hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "appraise_print.h"

static char *told; /* what was printed last */

static void take(void (*print)(const struct appraisal *appraisal, enum verdict verdict, FILE *out),
                 const struct appraisal *appraisal, enum verdict verdict)
{
    size_t len;
    FILE *out;

    free(told);
    told = NULL;
    out = open_memstream(&told, &len);
    assert_non_null(out);
    print(appraisal, verdict, out);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(told), len); /* no NUL in it */
}

static struct appraisal some(void)
{
    static const uint8_t measurement[] = {0xab, 0x00, 0xff};
    struct appraisal appraisal;

    appraisal_begin(&appraisal, VIEW_TEXT("sgx"));
    appraisal.authentic = true;
    (void)appraisal_check(&appraisal, "signature", STATUS_OK);
    appraisal_unchecked(&appraisal, "report data");
    appraisal_bytes(&appraisal, "mrenclave", VIEW_OF(measurement));
    appraisal_number(&appraisal, "firmware", UINT64_MAX);
    appraisal_truth(&appraisal, "certified", true);
    appraisal.tcb_status = "UpToDate";
    appraisal.tcb_date = 1710288000;
    appraisal.advisories[appraisal.advisory_count++] = VIEW_TEXT("INTEL-SA-00289");
    appraisal.advisories[appraisal.advisory_count++] = VIEW_TEXT("INTEL-SA-00615");
    appraisal.not_before = 1750330571;
    appraisal.not_after = 1752919278;
    (void)appraisal_end(&appraisal);
    return appraisal;
}

static void the_object_is_what_is_promised(void **state)
{
    struct appraisal appraisal = some();

    (void)state;
    take(appraise_print_json, &appraisal, VERDICT_AUTHENTIC);
    assert_string_equal(told, "{\"kind\":\"sgx\",\"authentic\":true,\"verdict\":\"authentic\",\"reasons\":[],"
                              "\"tcb_status\":\"UpToDate\",\"tcb_date\":\"2024-03-13T00:00:00Z\","
                              "\"advisories\":[\"INTEL-SA-00289\",\"INTEL-SA-00615\"],\"debug\":false,"
                              "\"identity\":{\"mrenclave\":\"ab00ff\",\"firmware\":18446744073709551615,"
                              "\"certified\":true},"
                              "\"window\":[\"2025-06-19T10:56:11Z\",\"2025-07-19T10:01:18Z\"],"
                              "\"unchecked\":[\"report data\"]}\n");
}

static void what_was_not_found_out_is_null_or_empty(void **state)
{
    struct appraisal appraisal;

    (void)state;
    appraisal_begin(&appraisal, VIEW_TEXT("psa"));
    appraisal.debug = true;
    (void)appraisal_check(&appraisal, "one", STATUS_FORGED);
    (void)appraisal_check(&appraisal, "two", STATUS_EVIDENCE_CRL);
    (void)appraisal_end(&appraisal);
    take(appraise_print_json, &appraisal, VERDICT_REFUSED);
    assert_string_equal(told,
                        "{\"kind\":\"psa\",\"authentic\":false,\"verdict\":\"refused\",\"reasons\":[\"FORGED\","
                        "\"EVIDENCE_CRL\"],\"tcb_status\":null,\"tcb_date\":null,\"advisories\":[],\"debug\":true,"
                        "\"identity\":{},\"window\":null,\"unchecked\":[]}\n");
}

static void fields_of_one_name_are_a_list(void **state)
{
    struct appraisal appraisal;

    (void)state;
    appraisal_begin(&appraisal, VIEW_TEXT("psa"));
    appraisal_number(&appraisal, "a", 1);
    appraisal_text(&appraisal, "b", VIEW_TEXT("x"));
    appraisal_number(&appraisal, "a", 2);
    appraisal_text(&appraisal, "c", VIEW_TEXT("y"));
    appraisal_text(&appraisal, "a", VIEW_TEXT("z"));
    take(appraise_print_json, &appraisal, VERDICT_REFUSED);
    assert_non_null(strstr(told, "\"identity\":{\"a\":[1,2,\"z\"],\"b\":\"x\",\"c\":\"y\"}"));
}

static void hostile_texts_are_escaped(void **state)
{
    const struct {
        const char *why;
        struct view text;
        const char *want;
    } cases[] = {
        {"quotes and backslashes", VIEW_TEXT("a\"b\\c"), "\"a\\\"b\\\\c\""},
        {"control characters", VIEW_TEXT("\x00\n\x1b[2J\x7f"), "\"\\u0000\\u000a\\u001b[2J\\u007f\""},
        {"UTF-8", VIEW_TEXT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9\""},
        {"a lone lead byte", VIEW_TEXT("\xe2\x82"), "\"\\ufffd\\ufffd\""},
        {"a long form", VIEW_TEXT("\xc0\xaf"), "\"\\ufffd\\ufffd\""},
        {"a surrogate", VIEW_TEXT("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\""},
        {"a control character of two bytes", VIEW_TEXT("\xc2\x9b"), "\"\\ufffd\\ufffd\""},
        {"past the last character", VIEW_TEXT("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
        {"nonsense between",
         VIEW_TEXT("a\xff"
                   "b"),
         "\"a\\ufffdb\""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct appraisal appraisal;

        print_message("  %s\n", cases[i].why);
        appraisal_begin(&appraisal, VIEW_TEXT("psa"));
        appraisal_text(&appraisal, "t", cases[i].text);
        appraisal.advisories[appraisal.advisory_count++] = cases[i].text;
        take(appraise_print_json, &appraisal, VERDICT_REFUSED);
        assert_non_null(strstr(told, cases[i].want));
        assert_non_null(strstr(strstr(told, cases[i].want) + 1, cases[i].want));
    }
}

/* Another's reader takes it, with any byte in it. */
static void any_bytes_give_an_object_on_one_line(void **state)
{
    uint8_t bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(255 - i);
    for (size_t len = 1; len <= sizeof bytes; len++) {
        struct appraisal appraisal;
        cJSON *object;

        appraisal_begin(&appraisal, (struct view){bytes, len});
        appraisal_text(&appraisal, "t", (struct view){bytes, len});
        take(appraise_print_json, &appraisal, VERDICT_REFUSED);
        object = cJSON_Parse(told);
        assert_true(cJSON_IsObject(object));
        assert_int_equal(cJSON_GetArraySize(object), 11);
        cJSON_Delete(object);
        assert_ptr_equal(strchr(told, '\n'), told + strlen(told) - 1);
    }
}

static void a_person_reads_each_check_and_the_verdict_last(void **state)
{
    struct appraisal appraisal = some();
    const char *last;

    (void)state;
    (void)appraisal_check(&appraisal, "revocation", STATUS_EVIDENCE_REVOKED);
    appraisal_text(&appraisal, "version", VIEW_TEXT("1\x1b[2J"));
    (void)appraisal_end(&appraisal);
    take(appraise_print_words, &appraisal, VERDICT_REFUSED);
    assert_non_null(strstr(told, "\n  passed    signature\n"));
    assert_non_null(strstr(told, "\n  not made  report data\n"));
    assert_non_null(
        strstr(told, "\n  FAILED    revocation: a certificate of the chain is revoked (EVIDENCE_REVOKED)\n"));
    assert_non_null(strstr(told, "\n  mrenclave  ab00ff\n"));
    assert_non_null(strstr(told, "\n  version    1\\x1b[2J\n"));
    assert_non_null(strstr(told, "\nTCB status: UpToDate, of 2024-03-13T00:00:00Z\n"));
    assert_non_null(strstr(told, "\nadvisories: INTEL-SA-00289 INTEL-SA-00615\n"));
    assert_non_null(strstr(told, "\nwindow: 2025-06-19T10:56:11Z to 2025-07-19T10:01:18Z\n"));
    assert_non_null(strstr(told, "\ndebug: off\nunchecked: report data\n"));
    last = strstr(told, "\nverdict: refused: revocation: ");
    assert_non_null(last);
    assert_ptr_equal(strchr(last + 1, '\n'), told + strlen(told) - 1);
}

static void who_vouches_for_nothing_is_refused(void **state)
{
    struct appraisal appraisal = some();

    (void)state;
    assert_int_equal(verdict_of(&appraisal, false), VERDICT_AUTHENTIC);
    assert_int_equal(verdict_of(&appraisal, true), VERDICT_ACCEPTED);
    appraisal.authentic = false;
    assert_int_equal(verdict_of(&appraisal, false), VERDICT_REFUSED);
    assert_int_equal(verdict_of(&appraisal, true), VERDICT_REFUSED);
    appraisal.authentic = true;
    (void)appraisal_check(&appraisal, "x", STATUS_EVIDENCE_TCB);
    (void)appraisal_end(&appraisal);
    assert_int_equal(verdict_of(&appraisal, false), VERDICT_REFUSED);
    assert_int_equal(verdict_of(&appraisal, true), VERDICT_REFUSED);
}

/* A certificate that never ends, as far as its maker is concerned. */
static void moments_past_all_calendars_do_no_harm(void **state)
{
    struct appraisal appraisal = some();
    cJSON *object;

    (void)state;
    appraisal.not_after = UINT64_MAX;
    appraisal.tcb_date = INT64_MAX;
    take(appraise_print_words, &appraisal, VERDICT_AUTHENTIC);
    take(appraise_print_json, &appraisal, VERDICT_AUTHENTIC);
    object = cJSON_Parse(told);
    assert_true(cJSON_IsObject(object));
    cJSON_Delete(object);
}

static int clean(void **state)
{
    (void)state;
    free(told);
    told = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_object_is_what_is_promised),
        cmocka_unit_test(what_was_not_found_out_is_null_or_empty),
        cmocka_unit_test(fields_of_one_name_are_a_list),
        cmocka_unit_test(hostile_texts_are_escaped),
        cmocka_unit_test(any_bytes_give_an_object_on_one_line),
        cmocka_unit_test(a_person_reads_each_check_and_the_verdict_last),
        cmocka_unit_test(who_vouches_for_nothing_is_refused),
        cmocka_unit_test(moments_past_all_calendars_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, clean);
}

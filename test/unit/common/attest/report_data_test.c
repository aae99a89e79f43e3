/* Where evidence holds the bytes that it binds: layouts made here, and those of real devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attest.h"
#include "vector_files.h"

/* How evidence of each form begins, how long it must be, and where its report data stands. */
static const struct form {
    const char *kind;
    uint8_t head[8], descriptor[2];
    size_t at, needed, len;
} forms[] = {
    {"sgx", {3, 0, 2}, {0}, 368, 432, 432},
    {"tdx", {4, 0, 2, 0, 0x81}, {0}, 568, 632, 632},
    {"tdx", {5, 0, 2, 0, 0x81}, {2}, 574, 638, 638},
    {"tdx", {5, 0, 2, 0, 0x81}, {3}, 574, 638, 702},
    {"snp", {2}, {0}, 0x50, 1184, 1184},
    {"tdx", {5, 0, 2, 0, 0x81}, {4}, 574, 638, 939},
};
static uint8_t wanted[SHA512_SIZE], bytes[2048];

static struct view make(const struct form *form)
{
    memset(bytes, 0x11, sizeof bytes);
    memset(wanted, 0xda, sizeof wanted);
    memcpy(bytes, form->head, sizeof form->head);
    if (form->descriptor[0] != 0)
        memcpy(bytes + 48, form->descriptor, sizeof form->descriptor);
    memcpy(bytes + form->at, wanted, sizeof wanted);
    return (struct view){bytes, form->len};
}

static enum status check(const struct form *form, struct view evidence)
{
    return attest_check_report_data(view_of_string(form->kind), evidence, wanted);
}

static void every_form_holds_its_report_data_where_it_is_looked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        const struct view evidence = make(&forms[i]);

        assert_int_equal(check(&forms[i], evidence), STATUS_OK);
        /* A change of any byte of it tells, one of a neighbour does not. */
        for (size_t at = forms[i].at; at < forms[i].at + SHA512_SIZE; at++) {
            bytes[at] ^= 0x80;
            assert_int_equal(check(&forms[i], evidence), STATUS_EVIDENCE_BINDING);
            bytes[at] ^= 0x80;
        }
        bytes[forms[i].at - 1] ^= 1;
        bytes[forms[i].at + SHA512_SIZE] ^= 1;
        assert_int_equal(check(&forms[i], evidence), STATUS_OK);
    }
}

static void what_ends_early_is_truncated_at_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        const struct view evidence = make(&forms[i]);

        for (size_t len = 0; len < forms[i].needed; len++) {
            uint8_t *exact = malloc(len + 1); /* so that a sanitizer sees a byte too far */

            memcpy(exact, evidence.ptr, len);
            assert_int_equal(check(&forms[i], (struct view){exact, len}), STATUS_TRUNCATED);
            free(exact);
        }
    }
}

static void other_forms_are_refused(void **state)
{
    static const struct {
        const char *why;
        size_t form, at;
        uint8_t value;
        const char *kind;
        size_t longer;
        enum status want;
    } cases[] = {
        {"an SGX quote of version 4", 0, 0, 4, NULL, 0, STATUS_UNSUPPORTED},
        {"a version past a byte", 0, 1, 1, NULL, 0, STATUS_UNSUPPORTED},
        {"an SGX quote of another TEE", 0, 4, 0x81, NULL, 0, STATUS_UNSUPPORTED},
        {"a TDX quote of an SGX enclave", 1, 4, 0, NULL, 0, STATUS_UNSUPPORTED},
        {"a TDX quote of version 6", 1, 0, 6, NULL, 0, STATUS_UNSUPPORTED},
        {"a TDX quote of version 5 with an SGX body", 2, 48, 1, NULL, 0, STATUS_UNSUPPORTED},
        {"a TDX quote of version 5 with a body to come", 3, 48, 5, NULL, 0, STATUS_UNSUPPORTED},
        {"a TDX quote for an SGX enclave", 1, 8, 0, "sgx", 0, STATUS_UNSUPPORTED},
        {"a kind that is not made here", 0, 8, 0, "sim", 0, STATUS_UNSUPPORTED},
        {"no kind", 0, 8, 0, "", 0, STATUS_UNSUPPORTED},
        {"a report with bytes behind it", 4, 8, 0, NULL, 1, STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct form form = forms[cases[i].form];
        struct view evidence = make(&form);

        bytes[cases[i].at] = cases[i].value;
        evidence.len += cases[i].longer;
        form.kind = cases[i].kind != NULL ? cases[i].kind : form.kind;
        if (check(&form, evidence) != cases[i].want)
            fail_msg("%s: %s", cases[i].why, status_name(check(&form, evidence)));
    }
}

/* Evidence of real devices: what expected.json says its report data is, is found. */
static void report_data_of_real_evidence_is_found(void **state)
{
    static const char *const kinds[] = {"sgx", "tdx", "snp"};
    static const char *const item_of[] = {"body", "body", "report"};
    unsigned int found = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cJSON *expected = vector_expected(kinds[i]);
        const cJSON *item;

        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(expected, "cases"))
        {
            static uint8_t room[65536];
            struct buf memory = BUF_OF(room), data = BUF_OF(wanted);
            const cJSON *body = cJSON_GetObjectItemCaseSensitive(item, item_of[i]);
            const char *text = vector_text(body, "report_data"), *name = vector_text(item, "evidence");

            assert_true(text != NULL && name != NULL);
            assert_int_equal(hex_decode(view_of_string(text), &data), STATUS_OK);
            assert_int_equal(
                attest_check_report_data(view_of_string(kinds[i]), vector_file(kinds[i], name, &memory), wanted),
                STATUS_OK);
            found++;
        }
        cJSON_Delete(expected);
    }
    if (found == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_holds_its_report_data_where_it_is_looked_for),
        cmocka_unit_test(what_ends_early_is_truncated_at_every_length),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(report_data_of_real_evidence_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

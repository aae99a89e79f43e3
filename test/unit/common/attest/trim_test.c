/* Where quotes end: lengths made here, and the buffers that real platforms handed out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attest.h"
#include "vector_files.h"

/* How a quote begins, what its descriptor says of its body, and where the length of its signature data stands. */
static const struct form {
    const char *kind;
    uint8_t version;
    uint32_t body; /* 0: no descriptor */
    size_t length_at;
} forms[] = {
    {"sgx", 3, 0, 432}, {"tdx", 4, 0, 632}, {"tdx", 5, 584, 638}, {"tdx", 5, 648, 702}, {"tdx", 5, 885, 939},
};

#define SIGNED 100 /* bytes of signature data */
#define BEHIND 3065

static uint8_t bytes[8192];

/* A quote of that form with zeros behind it. Gives its own length. */
static size_t make(const struct form *form)
{
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 0x11, form->length_at + 4 + SIGNED);
    bytes[0] = form->version;
    bytes[1] = 0;
    if (form->body != 0)
        write_le32(bytes + 50, form->body);
    write_le32(bytes + form->length_at, SIGNED);
    return form->length_at + 4 + SIGNED;
}

static enum status trim(const char *kind, size_t len, struct view *out)
{
    *out = (struct view){NULL, 12345};
    return attest_trim(view_of_string(kind), (struct view){bytes, len}, out);
}

static void what_stands_behind_a_quote_is_cut_off(void **state)
{
    static const size_t behind[] = {0, 1, 70, BEHIND};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        for (size_t j = 0; j < ARRAY_LEN(behind); j++) {
            const size_t len = make(&forms[i]);
            struct view out;

            assert_int_equal(trim(forms[i].kind, len + behind[j], &out), STATUS_OK);
            assert_ptr_equal(out.ptr, bytes);
            assert_int_equal(out.len, len);
            memset(bytes + len, 0xff, behind[j]); /* not only zeros */
            assert_int_equal(trim(forms[i].kind, len + behind[j], &out), STATUS_OK);
            assert_int_equal(out.len, len);
        }
}

static void a_quote_that_ends_early_is_truncated_at_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        const size_t whole = make(&forms[i]);

        for (size_t len = 0; len < whole; len++) {
            uint8_t *exact = malloc(len + 1); /* so that a sanitizer sees a byte too far */
            struct view out = {NULL, 12345};

            memcpy(exact, bytes, len);
            assert_int_equal(attest_trim(view_of_string(forms[i].kind), (struct view){exact, len}, &out),
                             STATUS_TRUNCATED);
            assert_int_equal(out.len, 12345);
            free(exact);
        }
    }
}

static void lengths_that_do_not_add_up_are_refused(void **state)
{
    static const struct {
        const char *why;
        size_t form, at;
        uint32_t value;
        enum status want;
    } cases[] = {
        {"signature data that goes on behind the buffer", 0, 432, SIGNED + BEHIND + 1, STATUS_TRUNCATED},
        {"as long as 32 bits can say", 0, 432, UINT32_MAX, STATUS_TRUNCATED},
        {"the same of TDX", 1, 632, UINT32_MAX, STATUS_TRUNCATED},
        {"a length that comes round in 32 bits", 1, 632, UINT32_MAX - 635, STATUS_TRUNCATED},
        {"a body that goes on behind the buffer", 2, 50, 8192, STATUS_TRUNCATED},
        {"a body as long as 32 bits can say", 2, 50, UINT32_MAX, STATUS_TRUNCATED},
        {"a body that comes round in 32 bits", 2, 50, UINT32_MAX - 53, STATUS_TRUNCATED},
        {"a body that ends where the buffer does", 2, 50, 742 + BEHIND - 54, STATUS_TRUNCATED},
        {"a body of which another length is read", 2, 50, 584 + 4, STATUS_TRUNCATED},
        {"an SGX quote of version 4", 0, 0, 4, STATUS_UNSUPPORTED},
        {"a TDX quote of version 6", 1, 0, 6, STATUS_UNSUPPORTED},
        {"a version past a byte", 1, 0, 0x104, STATUS_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const size_t len = make(&forms[cases[i].form]) + BEHIND;
        struct view out;
        enum status got;

        write_le32(bytes + cases[i].at, cases[i].value);
        got = trim(forms[cases[i].form].kind, len, &out);
        if (got != cases[i].want || out.len != 12345)
            fail_msg("%s: %s", cases[i].why, status_name(got));
    }
}

static void other_kinds_are_refused_and_reports_left_alone(void **state)
{
    struct view out;

    (void)state;
    (void)make(&forms[0]);
    assert_int_equal(trim("sim", 1000, &out), STATUS_UNSUPPORTED);
    assert_int_equal(trim("", 1000, &out), STATUS_UNSUPPORTED);
    assert_int_equal(trim("tdx", 1000, &out), STATUS_UNSUPPORTED); /* version 3 */
    assert_int_equal(trim("snp", 1184, &out), STATUS_OK);
    assert_int_equal(out.len, 1184);
    assert_int_equal(trim("snp", 1185, &out), STATUS_OK); /* for attest_check_report_data to refuse */
    assert_int_equal(out.len, 1185);
}

/* The v4 quote of a real domain stands in a buffer with 70 bytes more. */
static void real_quotes_end_where_they_are_known_to(void **state)
{
    static const char *const kinds[] = {"sgx", "tdx"};
    unsigned int found = 0, longer = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cJSON *expected = vector_expected(kinds[i]);
        const cJSON *item;

        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(expected, "cases"))
        {
            const cJSON *header = cJSON_GetObjectItemCaseSensitive(item, "header");
            const cJSON *used = cJSON_GetObjectItemCaseSensitive(header, "bytes_used");
            struct buf memory = BUF_OF(bytes);
            struct view quote = vector_file(kinds[i], vector_text(item, "evidence"), &memory), out;

            assert_int_equal(attest_trim(view_of_string(kinds[i]), quote, &out), STATUS_OK);
            assert_int_equal(out.len, used->valueint);
            longer += out.len < quote.len;
            found++;
        }
        cJSON_Delete(expected);
    }
    if (found == 0)
        skip();
    assert_true(longer > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_behind_a_quote_is_cut_off),
        cmocka_unit_test(a_quote_that_ends_early_is_truncated_at_every_length),
        cmocka_unit_test(lengths_that_do_not_add_up_are_refused),
        cmocka_unit_test(other_kinds_are_refused_and_reports_left_alone),
        cmocka_unit_test(real_quotes_end_where_they_are_known_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* JSON as collateral has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dcap_json.h"

static void refuses_what_is_no_json_and_what_is_past_its_bounds(void **state)
{
    static const struct {
        const char *why, *text;
        enum status wanted;
    } cases[] = {
        {"the smallest object", " { } ", STATUS_OK},
        {"all kinds of value",
         "{\"a\":[1,-0,0.5,1e9,-2E-3],\"b\":{\"c\":null},\"d\":true,\"e\":false,\"f\":\"\\u00e9\\/\"}", STATUS_OK},
        {"depth at the limit", "[[[[[[[[]]]]]]]]", STATUS_OK},
        {"nothing", "", STATUS_TRUNCATED},
        {"white space alone", " \n", STATUS_TRUNCATED},
        {"an object that does not end", "{\"a\":1", STATUS_TRUNCATED},
        {"a string that does not end", "{\"a", STATUS_TRUNCATED},
        {"a string that ends in a backslash", "\"a\\", STATUS_TRUNCATED},
        {"two values", "{}{}", STATUS_TRAILING},
        {"one level too deep", "[[[[[[[[[]]]]]]]]]", STATUS_TOO_DEEP},
        {"a key twice", "{\"a\":1,\"a\":1}", STATUS_DUPLICATE_KEY},
        {"a key twice within", "[{\"b\":{\"a\":1,\"c\":2,\"a\":1}}]", STATUS_DUPLICATE_KEY},
        {"a key with an escape", "{\"\\u0061\":1}", STATUS_MALFORMED},
        {"an unknown escape", "\"\\x\"", STATUS_MALFORMED},
        {"a control character in a string", "\"a\nb\"", STATUS_MALFORMED},
        {"a comma behind the last member", "{\"a\":1,}", STATUS_MALFORMED},
        {"a comma behind the last element", "[1,]", STATUS_MALFORMED},
        {"a comma alone", "[,]", STATUS_MALFORMED},
        {"no colon", "{\"a\" 1}", STATUS_MALFORMED},
        {"a key without quotes", "{a:1}", STATUS_MALFORMED},
        {"a number with a zero in front", "01", STATUS_MALFORMED},
        {"a number with a plus", "+1", STATUS_MALFORMED},
        {"a number that ends in its point", "1.", STATUS_MALFORMED},
        {"a number that ends in its e", "1e", STATUS_MALFORMED},
        {"another word", "nope", STATUS_MALFORMED},
        {"brackets that do not fit", "[1}", STATUS_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct view value;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(json_check(view_of_string(cases[i].text), &value), cases[i].wanted);
    }
}

static void refuses_more_members_than_its_limit(void **state)
{
    char text[(JSON_MEMBERS_MAX + 1) * sizeof "\"a0\":0,"];
    struct view value;

    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        size_t len = 0;

        text[len++] = '{';
        for (size_t i = 0; i < JSON_MEMBERS_MAX + extra; i++) {
            const char member[] = {'"', (char)('a' + i / 10), (char)('0' + i % 10), '"', ':', '0', ','};

            for (size_t at = 0; at < sizeof member; at++)
                text[len++] = member[at];
        }
        text[len - 1] = '}';
        assert_int_equal(json_check((struct view){(const uint8_t *)text, len}, &value),
                         extra == 0 ? STATUS_OK : STATUS_OUT_OF_RANGE);
    }
}

static void gives_members_and_elements_as_they_stand(void **state)
{
    const struct view text = VIEW_TEXT(" {\"ab\" : { \"x\":1 }, \"a\":[ \"p\", 7 ],\"e\":[]}\n");
    struct view object, value, rest;
    uint32_t number;

    (void)state;
    assert_int_equal(json_check(text, &object), STATUS_OK);
    assert_int_equal(json_member(object, "ab", &value), STATUS_OK);
    assert_true(view_equal(value, VIEW_TEXT("{ \"x\":1 }")));
    assert_int_equal(json_member(object, "b", &value), STATUS_NOT_FOUND);
    assert_int_equal(json_member(object, "x", &value), STATUS_NOT_FOUND);
    assert_int_equal(json_member(object, "a", &value), STATUS_OK);
    assert_int_equal(json_member(value, "a", &rest), STATUS_MALFORMED);
    assert_int_equal(json_elements(value, &rest), STATUS_OK);
    assert_int_equal(json_next(&rest, &value), STATUS_OK);
    assert_int_equal(json_number(value, 9, &number), STATUS_MALFORMED);
    assert_int_equal(json_text(value, &value), STATUS_OK);
    assert_true(view_equal(value, VIEW_TEXT("p")));
    assert_int_equal(json_next(&rest, &value), STATUS_OK);
    assert_int_equal(json_text(value, &object), STATUS_MALFORMED);
    assert_int_equal(json_number(value, 6, &number), STATUS_OUT_OF_RANGE);
    assert_int_equal(json_number(value, 7, &number), STATUS_OK);
    assert_int_equal(number, 7);
    assert_int_equal(json_next(&rest, &value), STATUS_NOT_FOUND);
}

static void gives_members_by_whatever_name_they_have(void **state)
{
    const struct view text = VIEW_TEXT("{ \"a\" : {\"x\":1}, \"\":[2] }");
    struct view object, key, value, rest;

    (void)state;
    assert_int_equal(json_check(text, &object), STATUS_OK);
    assert_int_equal(json_members(object, &rest), STATUS_OK);
    assert_int_equal(json_next_member(&rest, &key, &value), STATUS_OK);
    assert_true(view_equal(key, VIEW_TEXT("a")) && view_equal(value, VIEW_TEXT("{\"x\":1}")));
    assert_int_equal(json_next_member(&rest, &key, &value), STATUS_OK);
    assert_true(key.len == 0 && view_equal(value, VIEW_TEXT("[2]")));
    assert_int_equal(json_next_member(&rest, &key, &value), STATUS_NOT_FOUND);
    assert_int_equal(json_members(value, &rest), STATUS_MALFORMED);
    assert_int_equal(json_members(VIEW_TEXT("{ }"), &rest), STATUS_OK);
    assert_int_equal(json_next_member(&rest, &key, &value), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_json_and_what_is_past_its_bounds),
        cmocka_unit_test(refuses_more_members_than_its_limit),
        cmocka_unit_test(gives_members_and_elements_as_they_stand),
        cmocka_unit_test(gives_members_by_whatever_name_they_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

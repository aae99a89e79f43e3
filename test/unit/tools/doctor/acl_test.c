/* Access lists say what mosquitto makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl.h"

static enum status read_list(const char *text, size_t length, struct acl *out, char **memory, struct reason *reason)
{
    *memory = strndup(text, length);
    out->count = 0;
    return acl_read((struct buf){(uint8_t *)*memory, length, length + 1}, out, reason);
}

static void filters_take_topics(void **state)
{
    static const struct {
        const char *filter, *topic;
        bool takes;
    } cases[] = {
        {"a/b", "a/b", true},   {"a/b", "a/c", false},    {"a/b", "a", false},        {"a", "a/b", false},
        {"a/+", "a/b", true},   {"a/+", "a/b/c", false},  {"a/+/c", "a/b/c", true},   {"+/b", "a/b", true},
        {"a/#", "a/b/c", true}, {"a/#", "a", true},       {"a/#", "ab", false},       {"#", "a/b", true},
        {"#", "$SYS/b", false}, {"+/b", "$SYS/b", false}, {"$SYS/#", "$SYS/b", true}, {"a/b", "a/bc", false},
        {"a/bc", "a/b", false}, {"a//b", "a//b", true},   {"a/+/b", "a//b", true},    {"+", "", true},
        {"a/%u", "a/%u", true}, {"a/", "a/", true},       {"a/", "a", false},         {"+/+", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s %s\n", cases[i].filter, cases[i].topic);
        assert_int_equal(acl_filter_takes(cases[i].filter, cases[i].topic), cases[i].takes);
    }
}

static void rules_count_in_the_order_of_mosquitto(void **state)
{
    static const char text[] = "# of clients without a name\n"
                               "topic read public/#\n"
                               "user ann\n"
                               "topic a/#\n"
                               "topic deny a/secret\n"
                               "topic read with spaces in it\n"
                               "pattern deny p/+/closed\n"
                               "pattern write p/%u/+\n"
                               "pattern read i/%c\n"
                               "user bob\n"
                               "topic write p/bob/closed\n"
                               "user ann\n"
                               "topic read b\n";
    static const struct {
        const char *user, *id;
        unsigned int access;
        const char *topic;
        bool may;
        unsigned int line;
    } cases[] = {
        {"ann", "1", ACL_READ, "a/x", true, 4},
        {"ann", "1", ACL_WRITE, "a/x", true, 4},
        {"ann", "1", ACL_READ, "a/secret", false, 5}, /* denying goes first, though it stands behind */
        {"ann", "1", ACL_READ, "b", true, 13},        /* a second section of the same name */
        {"ann", "1", ACL_WRITE, "b", false, 0},
        {"ann", "1", ACL_READ, "with spaces in it", true, 6},
        {"ann", "1", ACL_READ, "public/x", false, 0},
        {NULL, "1", ACL_READ, "public/x", true, 2},
        {NULL, "1", ACL_WRITE, "public/x", false, 0},
        {"ann", "1", ACL_WRITE, "p/ann/open", true, 8},
        {"ann", "1", ACL_WRITE, "p/bob/open", false, 0},
        {"ann", "1", ACL_WRITE, "p/ann/closed", false, 7},
        {"bob", "1", ACL_WRITE, "p/bob/closed", true, 11}, /* one's own rules go before patterns */
        {"bob", "17", ACL_READ, "i/17", true, 9},
        {"bob", "17", ACL_READ, "i/18", false, 0},
        {NULL, "1", ACL_WRITE, "p//open", false, 0}, /* no name, no topics of one's own */
        {"+", "1", ACL_WRITE, "p/+/x", false, 0},    /* names with wildcards have no patterns */
        {"x", "#", ACL_READ, "i/#", false, 0},
    };
    struct acl *list = calloc(1, sizeof *list);
    struct reason reason = {""};
    char *memory;

    (void)state;
    assert_non_null(list);
    assert_int_equal(read_list(text, strlen(text), list, &memory, &reason), STATUS_OK);
    assert_int_equal(list->count, 9);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct acl_client client = {cases[i].user, cases[i].id};
        const struct acl_rule *rule;

        print_message("  %s %u %s\n", cases[i].user == NULL ? "-" : cases[i].user, cases[i].access, cases[i].topic);
        assert_int_equal(acl_allows(list, &client, cases[i].access, cases[i].topic, &rule), cases[i].may);
        assert_int_equal(rule == NULL ? 0 : rule->line, cases[i].line);
    }
    free(memory);
    free(list);
}

static void what_mosquitto_does_not_start_with_is_refused(void **state)
{
    static const struct {
        const char *why, *text, *says;
    } cases[] = {
        {"an unknown word", "user a\nfoo bar\n", "line 2: begins with none"},
        {"a tab behind the word", "pattern\tread x\n", "line 1: begins with none"},
        {"no topic", "topic\n", "line 1: a name or a topic is missing"},
        {"no name", "user \n", "line 1: a name or a topic is missing"},
        {"an unknown access", "topic foo a/b\n", "line 1: the access is none"},
        {"a wildcard in the middle", "topic read a/#/b\n", "line 1: no filter"},
        {"half a wildcard", "topic read a+/b\n", "line 1: no filter"},
        {"a comment that does not begin the line", " # x\n", "line 1: begins with none"},
    };
    struct acl *list = calloc(1, sizeof *list);

    (void)state;
    assert_non_null(list);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reason reason = {""};
        char *memory;

        print_message("  %s\n", cases[i].why);
        assert_int_equal(read_list(cases[i].text, strlen(cases[i].text), list, &memory, &reason), STATUS_MALFORMED);
        assert_non_null(strstr(reason.text, cases[i].says));
        free(memory);
    }
    free(list);
}

static void too_many_rules_are_refused(void **state)
{
    static const char rule[] = "topic a\n";
    struct acl *list = calloc(1, sizeof *list);
    char *text = malloc((ACL_RULES_MAX + 1) * (sizeof rule - 1) + 1), *memory;
    struct reason reason = {""};

    (void)state;
    assert_non_null(list);
    assert_non_null(text);
    for (size_t i = 0; i <= ACL_RULES_MAX; i++)
        memcpy(text + i * (sizeof rule - 1), rule, sizeof rule);
    assert_int_equal(read_list(text, strlen(text), list, &memory, &reason), STATUS_NO_SPACE);
    assert_non_null(strstr(reason.text, "line 4097"));
    free(memory);
    free(text);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_take_topics),
        cmocka_unit_test(rules_count_in_the_order_of_mosquitto),
        cmocka_unit_test(what_mosquitto_does_not_start_with_is_refused),
        cmocka_unit_test(too_many_rules_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

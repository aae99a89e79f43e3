/* Topics: PROTOCOL.md section 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "topic.h"

#define NAME_64 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

static struct topic names(void)
{
    return (struct topic){.federation = VIEW_TEXT("clinic"),
                          .aggregator = VIEW_TEXT("agg-1"),
                          .device = VIEW_TEXT("Dev_07"),
                          .request = VIEW_TEXT("r9"),
                          .round = 4294967295u,
                          .chunk = 4095};
}

static const struct {
    enum topic_kind kind;
    const char *topic, *filter, *open_filter; /* with all names; with none */
} kinds[] = {
    {TOPIC_EVIDENCE, "tacit/1/clinic/aggregator/agg-1/evidence", "tacit/1/clinic/aggregator/agg-1/evidence",
     "tacit/1/+/aggregator/+/evidence"},
    {TOPIC_CHALLENGE, "tacit/1/clinic/aggregator/agg-1/challenge", "tacit/1/clinic/aggregator/agg-1/challenge",
     "tacit/1/+/aggregator/+/challenge"},
    {TOPIC_STATUS, "tacit/1/clinic/aggregator/agg-1/status", "tacit/1/clinic/aggregator/agg-1/status",
     "tacit/1/+/aggregator/+/status"},
    {TOPIC_ENROL, "tacit/1/clinic/enrol/agg-1/Dev_07", "tacit/1/clinic/enrol/agg-1/Dev_07", "tacit/1/+/enrol/+/+"},
    {TOPIC_CREDENTIAL, "tacit/1/clinic/credential/Dev_07", "tacit/1/clinic/credential/Dev_07",
     "tacit/1/+/credential/+"},
    {TOPIC_ROUND, "tacit/1/clinic/round/agg-1", "tacit/1/clinic/round/agg-1", "tacit/1/+/round/+"},
    {TOPIC_MODEL, "tacit/1/clinic/model/agg-1/4095", "tacit/1/clinic/model/agg-1/+", "tacit/1/+/model/+/+"},
    {TOPIC_UPDATE, "tacit/1/clinic/update/agg-1/Dev_07/4294967295.4095", "tacit/1/clinic/update/agg-1/Dev_07/+",
     "tacit/1/+/update/+/+/+"},
    {TOPIC_NEED, "tacit/1/clinic/need/Dev_07", "tacit/1/clinic/need/Dev_07", "tacit/1/+/need/+"},
    {TOPIC_RECEIPT, "tacit/1/clinic/receipt/Dev_07", "tacit/1/clinic/receipt/Dev_07", "tacit/1/+/receipt/+"},
    {TOPIC_RECORD, "tacit/1/clinic/record/agg-1/4294967295", "tacit/1/clinic/record/agg-1/+", "tacit/1/+/record/+/+"},
    {TOPIC_OWNER, "tacit/1/clinic/owner/agg-1/r9.4095", "tacit/1/clinic/owner/agg-1/+", "tacit/1/+/owner/+/+"},
    {TOPIC_ANSWER, "tacit/1/clinic/answer/agg-1/r9", "tacit/1/clinic/answer/agg-1/r9", "tacit/1/+/answer/+/+"},
    {TOPIC_PRESENCE, "tacit/1/clinic/presence/Dev_07", "tacit/1/clinic/presence/Dev_07", "tacit/1/+/presence/+"},
};

static void the_table_of_this_test_holds_every_kind(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LEN(kinds), TOPIC_KINDS);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_int_equal(kinds[i].kind, i);
}

static void formats_topics_and_filters_of_every_kind(void **state)
{
    const struct topic all = names(), none = {0};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        uint8_t bytes[3][TOPIC_MAX];
        struct buf topic = BUF_OF(bytes[0]), filter = BUF_OF(bytes[1]), open = BUF_OF(bytes[2]);

        memset(bytes, 0xff, sizeof bytes);
        assert_int_equal(topic_format(kinds[i].kind, &all, &topic), STATUS_OK);
        assert_int_equal(topic_filter(kinds[i].kind, &all, &filter), STATUS_OK);
        assert_int_equal(topic_filter(kinds[i].kind, &none, &open), STATUS_OK);
        assert_string_equal((const char *)bytes[0], kinds[i].topic);
        assert_string_equal((const char *)bytes[1], kinds[i].filter);
        assert_string_equal((const char *)bytes[2], kinds[i].open_filter);
        assert_int_equal(topic.len, strlen(kinds[i].topic));
    }
}

static void parses_what_it_formats(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        uint8_t bytes[TOPIC_MAX];
        struct buf again = BUF_OF(bytes);
        struct topic parsed;

        assert_int_equal(topic_parse(view_of_string(kinds[i].topic), &parsed), STATUS_OK);
        assert_int_equal(parsed.kind, kinds[i].kind);
        assert_true(view_equal(parsed.federation, VIEW_TEXT("clinic")));
        assert_int_equal(topic_format(parsed.kind, &parsed, &again), STATUS_OK);
        assert_string_equal((const char *)bytes, kinds[i].topic);
    }
}

static void parses_names_and_numbers_of_an_update(void **state)
{
    struct topic parsed;
    (void)state;

    assert_int_equal(topic_parse(VIEW_TEXT("tacit/1/f/update/a/" NAME_64 "/10.0"), &parsed), STATUS_OK);
    assert_int_equal(parsed.kind, TOPIC_UPDATE);
    assert_true(view_equal(parsed.federation, VIEW_TEXT("f")));
    assert_true(view_equal(parsed.aggregator, VIEW_TEXT("a")));
    assert_true(view_equal(parsed.device, VIEW_TEXT(NAME_64)));
    assert_int_equal(parsed.request.len, 0);
    assert_int_equal(parsed.round, 10);
    assert_int_equal(parsed.chunk, 0);
}

static void the_longest_topic_fits_its_limit(void **state)
{
    struct topic longest = {.federation = VIEW_TEXT(NAME_64),
                            .aggregator = VIEW_TEXT(NAME_64),
                            .device = VIEW_TEXT(NAME_64),
                            .request = VIEW_TEXT(NAME_64),
                            .round = ROUND_MAX,
                            .chunk = CHUNKS_MAX - 1};
    (void)state;

    for (enum topic_kind kind = 0; kind < TOPIC_KINDS; kind++) {
        uint8_t bytes[TOPIC_MAX];
        struct buf out = BUF_OF(bytes);

        assert_int_equal(topic_format(kind, &longest, &out), STATUS_OK);
    }
}

static void refuses_topics_that_are_not_of_the_table(void **state)
{
    static const struct {
        const char *why, *topic;
    } cases[] = {
        {"nothing", ""},
        {"another root", "tacid/1/f/round/a"},
        {"another version", "tacit/2/f/round/a"},
        {"a slash before", "/tacit/1/f/round/a"},
        {"a slash behind", "tacit/1/f/round/a/"},
        {"cut short", "tacit/1/f/round"},
        {"unknown suffix", "tacit/1/f/rounds/a"},
        {"unknown leaf", "tacit/1/f/aggregator/a/secret"},
        {"leaf cut short", "tacit/1/f/aggregator/a/statu"},
        {"leaf too long", "tacit/1/f/aggregator/a/statuses"},
        {"empty federation", "tacit/1//round/a"},
        {"empty aggregator", "tacit/1/f/round/"},
        {"wildcard", "tacit/1/f/round/+"},
        {"all below", "tacit/1/f/#"},
        {"space in a name", "tacit/1/f/round/a b"},
        {"dot in a name", "tacit/1/f/round/a.b"},
        {"letter outside ASCII", "tacit/1/f/round/\xc3\xa9"},
        {"name of 65 characters", "tacit/1/f/round/" NAME_64 "x"},
        {"no chunk", "tacit/1/f/update/a/d/1"},
        {"empty chunk", "tacit/1/f/update/a/d/1."},
        {"empty round", "tacit/1/f/update/a/d/.1"},
        {"round 0", "tacit/1/f/update/a/d/0.1"},
        {"round with a leading zero", "tacit/1/f/update/a/d/01.1"},
        {"round 2^32", "tacit/1/f/update/a/d/4294967296.1"},
        {"round past 64 bits", "tacit/1/f/record/a/18446744073709551617"},
        {"negative round", "tacit/1/f/record/a/-1"},
        {"hexadecimal round", "tacit/1/f/record/a/0x1"},
        {"letter in a round", "tacit/1/f/record/a/1e3"},
        {"chunk with a leading zero", "tacit/1/f/model/a/00"},
        {"chunk 4096", "tacit/1/f/model/a/4096"},
        {"chunk with a sign", "tacit/1/f/model/a/+1"},
        {"two dots", "tacit/1/f/update/a/d/1.1.1"},
        {"fragment without a number", "tacit/1/f/owner/a/r."},
        {"fragment without a request", "tacit/1/f/owner/a/.0"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct topic parsed = {.round = 7};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(topic_parse(view_of_string(cases[i].topic), &parsed), STATUS_MALFORMED);
        assert_int_equal(parsed.round, 7);
    }
    struct topic parsed;
    assert_int_equal(topic_parse(VIEW_TEXT("tacit/1/f/round/a\0"), &parsed), STATUS_MALFORMED);
}

static void refuses_to_format_and_leaves_the_buffer_as_it_was(void **state)
{
    struct topic no_name = names(), bad_name = names(), round_zero = names(), chunk_past = names();
    const struct topic good = names();
    static const char exact[] = "tacit/1/clinic/update/agg-1/Dev_07/4294967295.4095";
    const struct {
        const char *why;
        const struct topic *names;
        size_t cap;
        enum status topic, filter;
    } cases[] = {
        {"device missing", &no_name, TOPIC_MAX, STATUS_MALFORMED, STATUS_OK},
        {"wildcard for a device", &bad_name, TOPIC_MAX, STATUS_MALFORMED, STATUS_MALFORMED},
        {"round 0", &round_zero, TOPIC_MAX, STATUS_OUT_OF_RANGE, STATUS_OK},
        {"chunk 4096", &chunk_past, TOPIC_MAX, STATUS_OUT_OF_RANGE, STATUS_OK},
        {"no space for the end", &good, sizeof exact - 1, STATUS_NO_SPACE, STATUS_OK},
        {"no space", &good, 10, STATUS_NO_SPACE, STATUS_NO_SPACE},
    };
    (void)state;

    no_name.device = (struct view){0};
    bad_name.device = VIEW_TEXT("#");
    round_zero.round = 0;
    chunk_past.chunk = CHUNKS_MAX;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t bytes[TOPIC_MAX];
        struct buf out = {.ptr = bytes, .len = 3, .cap = cases[i].cap + 3 > TOPIC_MAX ? TOPIC_MAX : cases[i].cap + 3};

        print_message("  %s\n", cases[i].why);
        assert_int_equal(topic_format(TOPIC_UPDATE, cases[i].names, &out), cases[i].topic);
        assert_int_equal(out.len, 3);
        assert_int_equal(topic_filter(TOPIC_UPDATE, cases[i].names, &out), cases[i].filter);
        assert_true((out.len == 3) == (cases[i].filter != STATUS_OK));
    }
}

static void knows_names(void **state)
{
    (void)state;
    assert_true(name_valid(VIEW_TEXT("a")));
    assert_true(name_valid(VIEW_TEXT(NAME_64)));
    assert_false(name_valid(VIEW_TEXT("")));
    assert_false(name_valid(VIEW_TEXT(NAME_64 "a")));
    for (int c = 0; c < 256; c++) {
        const uint8_t byte[1] = {(uint8_t)c};

        assert_int_equal(name_valid(VIEW_OF(byte)), c != 0 && strchr(NAME_64, c) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_this_test_holds_every_kind),
        cmocka_unit_test(formats_topics_and_filters_of_every_kind),
        cmocka_unit_test(parses_what_it_formats),
        cmocka_unit_test(parses_names_and_numbers_of_an_update),
        cmocka_unit_test(the_longest_topic_fits_its_limit),
        cmocka_unit_test(refuses_topics_that_are_not_of_the_table),
        cmocka_unit_test(refuses_to_format_and_leaves_the_buffer_as_it_was),
        cmocka_unit_test(knows_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

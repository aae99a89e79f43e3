#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config_line.h"
#include "file.h"

struct option_block {
    const char *root;
    int64_t svn;
};

struct other_block {
    int64_t sum;
};

struct settings {
    const char *name, *folder;
    int64_t count;
    bool on;
    uint64_t size, wait;
    int level;
    struct config_strings peers;
    struct config_pairs options;
    struct config_blocks evidence;
    uint8_t digit;
};

static const char *set_digit(void *field, const char *value)
{
    if (value[0] < '0' || value[0] > '9' || value[1] != '\0')
        return "not one digit";
    *(uint8_t *)field = (uint8_t)(value[0] - '0');
    return NULL;
}

/* Adds up the numbers of its lines; refuses 0. */
static enum status take_sum(const struct config_line *line, void *field)
{
    int64_t *sum = field;
    char *rest = line->value, *word;

    while ((word = config_word(&rest)) != NULL) {
        if (strcmp(word, "0") == 0)
            return config_refuse_line(line, "0 in a line after %u others", line->before);
        *sum += atoi(word);
    }
    return STATUS_OK;
}

static const char *const levels[] = {"low", "high", NULL};

static const struct config_key block_keys[] = {
    {.name = "root",
     .type = CONFIG_STRING,
     .offset = offsetof(struct option_block, root),
     .required = true,
     .doc = "Whose signature counts.",
     .sample = "sim-root.pub"},
    {.name = "svn", .type = CONFIG_INTEGER, .offset = offsetof(struct option_block, svn), .max = 9, .sample = "0"},
    {0},
};
static const struct config_key other_keys[] = {
    {.name = "sum",
     .type = CONFIG_LINE,
     .take = take_sum,
     .offset = offsetof(struct other_block, sum),
     .max = 3,
     .required = true,
     .sample = "1 2"},
    {.name = "svn", .type = CONFIG_LINE, .take = take_sum, .offset = offsetof(struct other_block, sum), .max = 1},
    {0},
};
static const struct config_block_kind option_kind = {"sim", block_keys, sizeof(struct option_block)};
static const struct config_block_kind other_kind = {"snp", other_keys, sizeof(struct other_block)};
static const struct config_block_kind *const kinds[] = {&option_kind, &other_kind, NULL};

static const struct config_key keys[] = {
    {.name = "name",
     .type = CONFIG_STRING,
     .offset = offsetof(struct settings, name),
     .required = true,
     .doc = "Who it is.\nOn two lines.",
     .sample = "gateway"},
    {.name = "folder", .type = CONFIG_PATH, .offset = offsetof(struct settings, folder), .sample = "data"},
    {.name = "count",
     .type = CONFIG_INTEGER,
     .offset = offsetof(struct settings, count),
     .min = -5,
     .max = 100,
     .doc = "How many.",
     .sample = "7"},
    {.name = "on", .type = CONFIG_BOOLEAN, .offset = offsetof(struct settings, on), .sample = "false"},
    {.name = "size",
     .type = CONFIG_SIZE,
     .offset = offsetof(struct settings, size),
     .min = 1,
     .max = INT64_MAX,
     .sample = "64K"},
    {.name = "wait", .type = CONFIG_DURATION, .offset = offsetof(struct settings, wait), .max = 604800, .sample = "5m"},
    {.name = "level",
     .type = CONFIG_CHOICE,
     .offset = offsetof(struct settings, level),
     .words = levels,
     .sample = "low"},
    {.name = "peer", .type = CONFIG_STRINGS, .offset = offsetof(struct settings, peers), .max = 2, .sample = "a"},
    {.name = "option", .type = CONFIG_PAIRS, .offset = offsetof(struct settings, options), .max = 2, .sample = "k v"},
    {.name = "digit",
     .type = CONFIG_CUSTOM,
     .offset = offsetof(struct settings, digit),
     .set = set_digit,
     .sample = "0"},
    {.name = "evidence",
     .type = CONFIG_BLOCK,
     .offset = offsetof(struct settings, evidence),
     .max = 2,
     .kinds = kinds,
     .doc = "What is accepted.",
     .sample = "sim"},
    {0},
};

static enum status parse(struct view bytes, struct settings *out, struct config_text *text, struct reason *reason)
{
    return config_parse(&(struct config_source){bytes, "x.conf", "/etc/tacit", NULL}, keys, out, text, reason);
}

static void reads_every_type(void **state)
{
    (void)state;
    CLEANUP(config_free) struct config_text text = {0};
    struct settings got = {.level = 1};
    struct reason reason = {0};
    const struct config_block *blocks;
    const struct option_block *first;
    struct view bytes = VIEW_TEXT("# first\n"
                                  "\n"
                                  "  name \t the gate way \t\n"
                                  "folder data/x\n"
                                  "count -5\n"
                                  "on true\n"
                                  "size 3M\n"
                                  "wait 2d\n"
                                  "level low\n"
                                  "peer a\npeer b c\n"
                                  "option k v w\noption l 2\n"
                                  "digit 7\n"
                                  "evidence sim\n  root r1\n  svn 9\n"
                                  "evidence snp\n# another\nsum 1 \t 2\nsum 3\nsvn 4\n");

    assert_int_equal(parse(bytes, &got, &text, &reason), STATUS_OK);
    assert_string_equal(got.name, "the gate way");
    assert_string_equal(got.folder, "/etc/tacit/data/x");
    assert_true(got.count == -5 && got.on && got.size == 3 << 20 && got.wait == 2 * 86400 && got.level == 0);
    assert_true(got.peers.count == 2 && got.options.count == 2 && got.evidence.count == 2 && got.digit == 7);
    assert_string_equal(got.peers.items[1], "b c");
    assert_string_equal(got.options.items[0].name, "k");
    assert_string_equal(got.options.items[0].value, "v w");
    blocks = got.evidence.items;
    first = blocks[0].target;
    assert_ptr_equal(blocks[0].kind, &option_kind);
    assert_string_equal(blocks[0].value, "sim");
    assert_string_equal(first->root, "r1");
    assert_int_equal(first->svn, 9);
    assert_ptr_equal(blocks[1].kind, &other_kind);
    assert_string_equal(blocks[1].value, "snp");
    assert_int_equal(*(const int64_t *)blocks[1].target, 10);
}

static void says_on_which_line_a_key_stood(void **state)
{
    (void)state;
    CLEANUP(config_free) struct config_text text = {0};
    struct settings got = {0};
    const struct config_block *block;
    struct reason reason = {0};
    const struct config_source source = {.name = "x.conf"};

    assert_int_equal(parse(VIEW_TEXT("\nname x\npeer a\npeer b\nevidence snp\nsum 1\n\nsum 2"), &got, &text, &reason),
                     STATUS_OK);
    assert_int_equal(config_line_of(keys, text.standing, "name"), 2);
    assert_int_equal(config_line_of(keys, text.standing, "peer"), 4);
    assert_int_equal(config_line_of(keys, text.standing, "count"), 0);
    assert_int_equal(config_line_of(keys, text.standing, "no key"), 0);
    block = got.evidence.items;
    assert_int_equal(block->line, 5);
    assert_int_equal(config_line_of(other_keys, block->standing, "sum"), 8);
    assert_int_equal(block->standing[0].count, 2);
    assert_int_equal(config_line_of(other_keys, block->standing, "svn"), 0);
    assert_int_equal(config_refuse(&source, 8, &reason, "too %s", "much"), STATUS_CONFIG);
    assert_string_equal(reason.text, "x.conf:8: too much");
    assert_int_equal(config_refuse(&source, 0, &reason, "too %s", "much"), STATUS_CONFIG);
    assert_string_equal(reason.text, "x.conf: too much");
}

static void keeps_defaults_of_keys_that_do_not_stand(void **state)
{
    (void)state;
    CLEANUP(config_free) struct config_text text = {0};
    struct settings got = {.count = 42, .folder = "default"};
    struct reason reason;

    assert_int_equal(parse(VIEW_TEXT("name x"), &got, &text, &reason), STATUS_OK);
    assert_int_equal(got.count, 42);
    assert_string_equal(got.folder, "default");
}

#define TEXT(literal) \
    { \
        (const uint8_t *)(literal), sizeof(literal) - 1 \
    }

static uint8_t long_line[CONFIG_MAX_LINE + 16], large[CONFIG_MAX_FILE + 1];
static const struct {
    const char *why;
    struct view bytes;
    const char *text;
} refusals[] = {
    {"unknown key", TEXT("name x\nnam y\n"), "x.conf:2: nam: no such key"},
    {"key twice", TEXT("name x\n\nname y\n"), "x.conf:3: name: stands twice"},
    {"required key missing", TEXT("count 1\n"), "x.conf: name is missing; write it as in: name gateway"},
    {"empty text", TEXT(""), "x.conf: name is missing; write it as in: name gateway"},
    {"no value", TEXT("name  \n"), "x.conf:1: name: has no value"},
    {"below", TEXT("count -6\n"), "x.conf:1: count: -6 is below -5"},
    {"above", TEXT("count 101\n"), "x.conf:1: count: 101 is above 100"},
    {"no number", TEXT("count ten\n"), "x.conf:1: count: \"ten\" is not a whole number"},
    {"digits and more", TEXT("count 1 0\n"), "x.conf:1: count: \"1 0\" is not a whole number"},
    {"unit on a number", TEXT("count 1K\n"), "x.conf:1: count: \"1K\" is not a whole number"},
    {"sign alone", TEXT("count -\n"), "x.conf:1: count: \"-\" is not a whole number"},
    {"past int64", TEXT("count 9223372036854775808\n"),
     "x.conf:1: count: \"9223372036854775808\" is not a whole number"},
    {"size past int64", TEXT("size 9223372036854775807G\n"),
     "x.conf:1: size: \"9223372036854775807G\" is not a size in bytes, like 512, 64K, 16M or 1G"},
    {"size of zero", TEXT("size 0\n"), "x.conf:1: size: 0 is below 1"},
    {"no unit of time", TEXT("wait 5y\n"), "x.conf:1: wait: \"5y\" is not a duration, like 30s, 5m, 12h or 7d"},
    {"duration above", TEXT("wait 8d\n"), "x.conf:1: wait: 8d is above 604800"},
    {"negative duration", TEXT("wait -1s\n"), "x.conf:1: wait: -1s is below 0"},
    {"not boolean", TEXT("on yes\n"), "x.conf:1: on: \"yes\" is neither true nor false"},
    {"not a choice", TEXT("level mid\n"), "x.conf:1: level: \"mid\" is none of: low, high"},
    {"third string", TEXT("peer a\npeer b\npeer c\n"), "x.conf:3: peer: stands more than 2 times"},
    {"pair without value", TEXT("option k\n"), "x.conf:1: option: k has no value"},
    {"pair twice", TEXT("option k 1\noption k 2\n"), "x.conf:2: option: k stands twice"},
    {"third pair", TEXT("option a 1\noption b 2\noption c 3\n"), "x.conf:3: option: stands more than 2 times"},
    {"setter refuses", TEXT("digit ab\n"), "x.conf:1: digit: not one digit"},
    {"block without its value", TEXT("name x\nevidence\n"), "x.conf:2: evidence: has no value"},
    {"block without its key", TEXT("name x\nevidence sim\nsvn 1\n"),
     "x.conf:2: evidence sim: root is missing; write it as in: root sim-root.pub"},
    {"first block without its key", TEXT("evidence sim\nevidence snp\nsum 1\n"),
     "x.conf:1: evidence sim: root is missing; write it as in: root sim-root.pub"},
    {"block key twice", TEXT("evidence sim\nroot a\nroot b\n"), "x.conf:3: root: stands twice"},
    {"block key outside", TEXT("root a\n"), "x.conf:1: root: no such key"},
    {"outer key in a block", TEXT("evidence sim\nroot a\nname x\n"),
     "x.conf:3: name: does not belong into evidence: write it before the first block"},
    {"line of a block without its key", TEXT("name x\nevidence snp\n"),
     "x.conf:2: evidence snp: sum is missing; write it as in: sum 1 2"},
    {"no such kind of block", TEXT("evidence any\n"), "x.conf:1: evidence: \"any\" is none of: sim, snp"},
    {"key of another kind", TEXT("evidence sim\nsum 1\n"), "x.conf:2: sum: no such key; evidence sim has: root, svn"},
    {"taker refuses", TEXT("evidence snp\nsum 1\nsum 0\n"), "x.conf:3: sum: 0 in a line after 1 others"},
    {"fourth line", TEXT("evidence snp\nsum 1\nsum 1\nsum 1\nsum 1\n"), "x.conf:5: sum: stands more than 3 times"},
    {"line that stands once twice", TEXT("evidence snp\nsvn 1\nsvn 1\n"), "x.conf:3: svn: stands twice"},
    {"third block", TEXT("evidence sim\nroot r\nevidence sim\nroot r\nevidence snp\n"),
     "x.conf:5: evidence: stands more than 2 times"},
    {"line too long", {long_line, CONFIG_MAX_LINE + 1}, "x.conf:1: longer than 1024 bytes"},
    {"text too large", {large, sizeof large}, "x.conf: larger than 1048576 bytes"},
    {"carriage return", TEXT("name x\r\n"), "x.conf:1: not UTF-8, or a control character in it"},
    {"zero byte", TEXT("name x\0y\n"), "x.conf:1: not UTF-8, or a control character in it"},
    {"control character in a comment", TEXT("# \x1b[2J\n"), "x.conf:1: not UTF-8, or a control character in it"},
    {"C1 control", TEXT("name \xc2\x85\n"), "x.conf:1: not UTF-8, or a control character in it"},
    {"overlong", TEXT("name \xc0\xaf\n"), "x.conf:1: not UTF-8, or a control character in it"},
    {"cut sequence", TEXT("name \xe2\x82"), "x.conf:1: not UTF-8, or a control character in it"},
    {"surrogate", TEXT("name \xed\xa0\x80\n"), "x.conf:1: not UTF-8, or a control character in it"},
    {"past U+10FFFF", TEXT("name \xf4\x90\x80\x80\n"), "x.conf:1: not UTF-8, or a control character in it"},
};

static void refuses_and_says_where_and_why(void **state)
{
    (void)state;
    memset(long_line, '#', sizeof long_line);
    memset(large, '\n', sizeof large);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        CLEANUP(config_free) struct config_text text = {0};
        struct settings got = {0};
        struct reason reason = {0};

        print_message("  %s\n", refusals[i].why);
        assert_int_equal(parse(refusals[i].bytes, &got, &text, &reason), STATUS_CONFIG);
        assert_string_equal(reason.text, refusals[i].text);
    }
}

static void takes_a_line_of_the_full_length(void **state)
{
    (void)state;
    CLEANUP(config_free) struct config_text text = {0};
    char line[CONFIG_MAX_LINE];
    struct settings got = {0};
    struct reason reason;

    memset(line, 'x', sizeof line);
    memcpy(line, "name ", 5);
    assert_int_equal(parse((struct view){(uint8_t *)line, sizeof line}, &got, &text, &reason), STATUS_OK);
    assert_int_equal(strlen(got.name), CONFIG_MAX_LINE - 5);
}

static void paths_are_relative_to_the_file(void **state)
{
    (void)state;
    char folder[] = P_tmpdir "/config_test_XXXXXX", path[64], want[64];
    CLEANUP(config_free) struct config_text text = {0};
    struct settings got = {0};
    struct reason reason;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.conf", folder);
    snprintf(want, sizeof want, "%s/data", folder);
    assert_int_equal(file_write(path, 0600, VIEW_TEXT("name x\nfolder data\n"), &reason), STATUS_OK);
    assert_int_equal(config_read(path, keys, &got, &text, &reason), STATUS_OK);
    assert_string_equal(got.folder, want);
    assert_int_equal(remove(path), 0);
    assert_int_equal(config_read(path, keys, &got, &text, &reason), STATUS_CONFIG);
    assert_non_null(strstr(reason.text, "a.conf: No such file"));
    assert_int_equal(remove(folder), 0);
}

static void the_sample_can_be_read_and_names_every_key(void **state)
{
    (void)state;
    CLEANUP(config_free) struct config_text text = {0};
    struct settings got = {0};
    struct reason reason = {0};
    char *sample = NULL, *at;
    size_t size = 0;
    FILE *out = open_memstream(&sample, &size);

    assert_non_null(out);
    config_print_sample(keys, NULL, out);
    fclose(out);
    assert_non_null(strstr(sample, "# Who it is.\n# On two lines.\nname gateway\n"));
    assert_non_null(strstr(sample, "# How many.\n#count 7\n"));
    assert_non_null(strstr(sample, "# Whose signature counts.\n#root sim-root.pub\n"));
    assert_int_equal(parse(view_of_string(sample), &got, &text, &reason), STATUS_OK);
    config_free(&text);
    /* With the comment marks of the keys taken away it is still right: samples are valid values. */
    for (at = sample; (at = strstr(at, "\n#")) != NULL; at++)
        if (at[2] != ' ')
            at[1] = ' ';
    got = (struct settings){0};
    assert_int_equal(parse(view_of_string(sample), &got, &text, &reason), STATUS_OK);
    assert_true(got.count == 7 && got.evidence.count == 1);
    free(sample);
}

static void the_sample_shows_the_kind_of_block_that_is_wanted(void **state)
{
    char sample[4096] = "";
    FILE *out = fmemopen(sample, sizeof sample, "w");

    (void)state;
    assert_non_null(out);
    config_print_sample(keys, "snp", out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(sample, "# What is accepted.\n#evidence snp\n"));
    assert_non_null(strstr(sample, "\n#sum 1 2\n"));
    assert_null(strstr(sample, "root"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(says_on_which_line_a_key_stood),
        cmocka_unit_test(keeps_defaults_of_keys_that_do_not_stand),
        cmocka_unit_test(refuses_and_says_where_and_why),
        cmocka_unit_test(takes_a_line_of_the_full_length),
        cmocka_unit_test(paths_are_relative_to_the_file),
        cmocka_unit_test(the_sample_can_be_read_and_names_every_key),
        cmocka_unit_test(the_sample_shows_the_kind_of_block_that_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

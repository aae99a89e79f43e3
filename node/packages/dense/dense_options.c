/* dense_options.c: see dense_options.h. One table says which keys there are and what each one takes. */
#include "dense_options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE 1024

/* One key: where its value goes, how it is read, its range and what a message says it wants. */
struct key {
    const char *name;
    int (*read)(const struct key *key, char *text, void *out);
    size_t offset;
    double low, high;
    const char *wants;
};

int dense_number(const char *text, uint64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    char *end;

    if (digits == 0 || digits > 20 || text[digits] != 0)
        return -1;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0)
        return -1;
    *out = value;
    return 0;
}

static int read_seed(const struct key *key, char *text, void *out)
{
    (void)key;
    return dense_number(text, out);
}

static int read_count(const struct key *key, char *text, void *out)
{
    uint64_t value;

    if (dense_number(text, &value) != 0 || (double)value < key->low || (double)value > key->high)
        return -1;
    *(uint32_t *)out = (uint32_t)value;
    return 0;
}

static int read_real(const struct key *key, char *text, void *out)
{
    size_t length = strlen(text);
    char *end;

    if (strspn(text, "0123456789.eE+-") != length)
        return -1;
    double value = strtod(text, &end);
    if (end != text + length || !isfinite(value) || value < key->low || value > key->high)
        return -1;
    *(double *)out = value;
    return 0;
}

static int read_path(const struct key *key, char *text, void *out)
{
    (void)key;
    if (strlen(text) >= DENSE_MAX_PATH)
        return -1;
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

/* Numbers apart by any of the separators; every one within the key's range. Returns how many, or -1. */
static int read_numbers(const struct key *key, char *text, const char *separators, uint32_t *out, int room)
{
    int count = 0;
    char *rest = NULL;

    for (char *item = strtok_r(text, separators, &rest); item; item = strtok_r(NULL, separators, &rest)) {
        if (count == room || read_count(key, item, &out[count]) != 0)
            return -1;
        count++;
    }
    return count;
}

static int read_list(const struct key *key, char *text, void *out)
{
    struct dense_list *list = out;
    int count = read_numbers(key, text, ",", list->value, DENSE_MAX_LIST);

    if (count < 1)
        return -1;
    list->count = (uint32_t)count;
    return 0;
}

static int read_layers(const struct key *key, char *text, void *out)
{
    struct dense_widths *widths = out;
    int count = read_numbers(key, text, " \t", widths->value, DENSE_MAX_LAYERS + 1);
    uint64_t weights = 0;

    if (count < 2)
        return -1;
    for (int i = 1; i < count; i++)
        weights += (uint64_t)(widths->value[i - 1] + 1) * widths->value[i];
    if (weights > DENSE_MAX_WEIGHTS || widths->value[count - 1] < 2)
        return -1;
    widths->count = (uint32_t)count;
    return 0;
}

static int read_columns(const struct key *key, char *text, void *out)
{
    uint32_t pair[2];

    if (read_numbers(key, text, "-", pair, 2) != 2 || pair[0] > pair[1])
        return -1;
    *(struct dense_columns *)out = (struct dense_columns){pair[0], pair[1]};
    return 0;
}

static int read_word(const char *const *words, uint32_t count, const char *text, uint32_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return 0;
        }
    }
    return -1;
}

static int read_split(const struct key *key, char *text, void *out)
{
    static const char *const words[] = {"iid", "shard", "dirichlet", "group"}; /* as enum dense_split_kind */

    (void)key;
    return read_word(words, ARRAY_LEN(words), text, out);
}

static int read_init(const struct key *key, char *text, void *out)
{
    static const char *const words[] = {"uniform", "lcg"}; /* as enum dense_init_kind */

    (void)key;
    return read_word(words, ARRAY_LEN(words), text, out);
}

enum key_id {
    KEY_LAYERS,
    KEY_DATA,
    KEY_TRAIN_CSV,
    KEY_TEST_CSV,
    KEY_LABEL,
    KEY_FEATURES,
    KEY_GROUP,
    KEY_TEST_GROUPS,
    KEY_GROUPS,
    KEY_SPLIT,
    KEY_PART, /* the keys after these have no rule that ties them to another */

};

#define AT(field)  offsetof(struct dense_options, field)
#define A_PATH     "a path of at most 511 characters"
#define A_COLUMN   "a column from 1 to 65536"
#define A_LIMIT    "a number of examples from 0 (all) to 4194304"
#define SOME_LISTS "1 to 64 numbers from 0 to 4294967295 apart by commas"

static const struct key keys[] = {
    [KEY_LAYERS] = {"layers", read_layers, AT(layers), 1, DENSE_MAX_WIDTH,
                    "2 to 9 widths from 1 to 65536, the last at least 2, of at most 16777216 weights"},
    [KEY_DATA] = {"data", read_path, AT(data), 0, 0, A_PATH},
    [KEY_TRAIN_CSV] = {"train_csv", read_path, AT(train_csv), 0, 0, A_PATH},
    [KEY_TEST_CSV] = {"test_csv", read_path, AT(test_csv), 0, 0, A_PATH},
    [KEY_LABEL] = {"label_column", read_count, AT(label_column), 1, DENSE_MAX_WIDTH, A_COLUMN},
    [KEY_FEATURES] = {"feature_columns", read_columns, AT(feature_columns), 1, DENSE_MAX_WIDTH,
                      "two columns FIRST-LAST from 1 to 65536"},
    [KEY_GROUP] = {"group_column", read_count, AT(group_column), 1, DENSE_MAX_WIDTH, A_COLUMN},
    [KEY_TEST_GROUPS] = {"test_groups", read_list, AT(test_groups), 0, UINT32_MAX, SOME_LISTS},
    [KEY_GROUPS] = {"groups", read_list, AT(groups), 0, UINT32_MAX, SOME_LISTS},
    [KEY_SPLIT] = {"split", read_split, AT(split), 0, 0, "iid, shard, dirichlet or group"},
    [KEY_PART] = {"part", read_count, AT(part), 0, 65535, "a number from 0 to parts - 1"},
    {"init", read_init, AT(init), 0, 0, "uniform or lcg"},
    {"dropout", read_real, AT(dropout), 0, 0.99, "a number from 0 to 0.99"},
    {"learning_rate", read_real, AT(learning_rate), 1e-9, 1000, "a number from 1e-9 to 1000"},
    {"batch", read_count, AT(batch), 1, 65536, "a number from 1 to 65536"},
    {"epochs", read_count, AT(epochs), 1, 1000, "a number from 1 to 1000"},
    {"shuffle", read_count, AT(shuffle), 0, 1, "0 or 1"},
    {"normalise", read_path, AT(normalise), 0, 0, A_PATH},
    {"parts", read_count, AT(parts), 1, 65536, "a number from 1 to 65536"},
    {"alpha", read_real, AT(alpha), 0.001, 1000, "a number from 0.001 to 1000"},
    {"split_seed", read_seed, AT(split_seed), 0, 0, "a number from 0 to 2^64 - 1"},
    {"train_limit", read_count, AT(train_limit), 0, DENSE_MAX_ROWS, A_LIMIT},
    {"test_limit", read_count, AT(test_limit), 0, DENSE_MAX_ROWS, A_LIMIT},
};

/* One reading of one file: the line on which each key stood, 0 for not at all. */
struct reading {
    const char *name;
    uint32_t line, seen[ARRAY_LEN(keys)];
    struct dense_options options;
};

struct dense_options dense_options_default(void)
{
    return (struct dense_options){
        .layers = {4, {784, 64, 32, 10}},
        .init = DENSE_INIT_UNIFORM,
        .dropout = 0.5,
        .learning_rate = 0.01,
        .batch = 64,
        .epochs = 1,
        .shuffle = 1,
        .split = DENSE_SPLIT_IID,
        .parts = 1,
        .alpha = 0.5,
        .split_seed = 1,
    };
}

/* Cuts the comment and the blanks at both ends away; a # inside a word is a character like any other. */
static char *trim(char *line)
{
    for (char *at = line; *at; at++) {
        if (*at == '#' && (at == line || isblank((unsigned char)at[-1]))) {
            *at = 0;
            break;
        }
    }
    size_t length = strlen(line);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        line[--length] = 0;
    return line + strspn(line, " \t");
}

static enum dense_exit read_line(struct reading *reading, char *line, struct dense_fault *fault)
{
    char *name = trim(line), *value = name + strcspn(name, " \t");

    if (*name == 0)
        return DENSE_OK;
    if (*value != 0)
        *value++ = 0;
    value += strspn(value, " \t");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        char shown[64];
        if (strcmp(keys[i].name, name) != 0)
            continue;
        if (reading->seen[i])
            return dense_fail(fault, DENSE_CONFIG, "%s:%u: %s stands twice, first on line %u", reading->name,
                              reading->line, name, reading->seen[i]);
        reading->seen[i] = reading->line;
        strncpy(shown, value, sizeof shown - 1); /* reading a list cuts its text up */
        shown[sizeof shown - 1] = 0;
        if (*value == 0 || keys[i].read(&keys[i], value, (char *)&reading->options + keys[i].offset) != 0)
            return dense_fail(fault, DENSE_CONFIG, "%s:%u: %s: '%s' is not %s", reading->name, reading->line, name,
                              shown, keys[i].wants);
        return DENSE_OK;
    }
    return dense_fail(fault, DENSE_CONFIG, "%s:%u: %.64s: there is no such option", reading->name, reading->line, name);
}

/* What one key asks of another, checked when all are read. Each rule: broken when its key was given and the test holds. */
static enum dense_exit check_together(const struct reading *reading, struct dense_fault *fault)
{
    const struct dense_options *o = &reading->options;
    uint32_t width = o->feature_columns.last - o->feature_columns.first + 1;
    const struct {
        enum key_id key;
        int broken;
        const char *why;
    } rules[] = {
        {KEY_DATA, o->train_csv[0] || o->test_csv[0], "stands beside train_csv or test_csv: give one kind of data"},
        {KEY_TRAIN_CSV, !o->label_column || !o->feature_columns.first, "needs label_column and feature_columns"},
        {KEY_TEST_CSV, !o->label_column || !o->feature_columns.first, "needs label_column and feature_columns"},
        {KEY_TEST_CSV, o->test_groups.count != 0, "stands beside test_groups: give one kind of test set"},
        {KEY_FEATURES, width != o->layers.value[0], "is not as many columns as the first of layers says"},
        {KEY_LABEL, o->feature_columns.first <= o->label_column && o->label_column <= o->feature_columns.last,
         "is one of feature_columns: the answer would be among the questions"},
        {KEY_TEST_GROUPS, !o->group_column || !o->train_csv[0], "needs train_csv and group_column"},
        {KEY_SPLIT, o->split == DENSE_SPLIT_GROUP && (!o->group_column || !o->groups.count),
         "by group needs group_column and groups"},
        {KEY_GROUPS, o->split != DENSE_SPLIT_GROUP, "needs split group"},
        {KEY_PART, o->part >= o->parts, "is not below parts"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        uint32_t line = reading->seen[rules[i].key];
        if (line && rules[i].broken)
            return dense_fail(fault, DENSE_CONFIG, "%s:%u: %s %s", reading->name, line, keys[rules[i].key].name,
                              rules[i].why);
    }
    return DENSE_OK;
}

enum dense_exit dense_options_parse(const char *name, const char *text, size_t len, struct dense_options *out,
                                    struct dense_fault *fault)
{
    struct reading reading = {.name = name, .options = dense_options_default()};
    const char *at = text, *end = text + len;

    while (at < end) {
        char line[MAX_LINE];
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);
        reading.line++;
        if (length >= sizeof line || memchr(at, 0, length))
            return dense_fail(fault, DENSE_CONFIG, "%s:%u: longer than %d characters, or not text", name, reading.line,
                              MAX_LINE - 1);
        memcpy(line, at, length);
        line[length] = 0;
        TRY(read_line(&reading, line, fault));
        at += length + (newline ? 1 : 0);
    }
    TRY(check_together(&reading, fault));
    *out = reading.options;
    return DENSE_OK;
}

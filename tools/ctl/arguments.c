/* arguments.c: see arguments.h. */
#include "arguments.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wire_limits.h"

#define SEEN_MAX 64 /* options of one command line that may stand once only */

/* A command line that is being read. */
struct reading {
    int argc, at;
    char **argv;
    struct reason *reason;
    const struct argument *seen[SEEN_MAX];
    size_t seen_count;
};

static const struct argument *find(const struct argument *const tables[], const char *name)
{
    for (size_t i = 0; tables[i] != NULL; i++)
        for (const struct argument *row = tables[i]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                return row;
    return NULL;
}

static bool only_once(struct reading *reading, const struct argument *row)
{
    if (row->kind == ARGUMENT_TEXTS || row->kind == ARGUMENT_PAIRS)
        return true;
    for (size_t i = 0; i < reading->seen_count; i++)
        if (reading->seen[i] == row) {
            reason_set(reading->reason, "%s stands twice", row->name);
            return false;
        }
    if (reading->seen_count < SEEN_MAX)
        reading->seen[reading->seen_count++] = row;
    return true;
}

/* The next word, which belongs to an option; NULL with a reason when there is none. */
static const char *value_of(struct reading *reading, const struct argument *row)
{
    if (reading->at == reading->argc) {
        reason_set(reading->reason, "%s needs %s", row->name, row->kind == ARGUMENT_PAIRS ? "two values" : "a value");
        return NULL;
    }
    return reading->argv[reading->at++];
}

static bool set_number(struct reading *reading, const struct argument *row, const char *value)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || number < row->min || number > row->max) {
        reason_set(reading->reason, "%s: \"%.40s\" is not a number from %" PRId64 " to %" PRId64, row->name, value,
                   row->min, row->max);
        return false;
    }
    *(int64_t *)row->target = number;
    return true;
}

static bool too_many(struct reading *reading, const char *what)
{
    reason_set(reading->reason, "%s: more than %d", what, ARGUMENTS_LIST_MAX);
    return false;
}

static bool add_text(struct reading *reading, struct argument_texts *texts, const char *what, const char *value)
{
    if (texts->count == ARGUMENTS_LIST_MAX)
        return too_many(reading, what);
    texts->list[texts->count++] = value;
    return true;
}

static bool add_pair(struct reading *reading, const struct argument *row, const char *name)
{
    struct argument_pairs *pairs = row->target;
    const char *value = value_of(reading, row);

    if (value == NULL)
        return false;
    if (pairs->count == ARGUMENTS_LIST_MAX)
        return too_many(reading, row->name);
    pairs->names[pairs->count] = name;
    pairs->values[pairs->count++] = value;
    return true;
}

static bool take_option(struct reading *reading, const struct argument *row)
{
    const char *value;

    if (!only_once(reading, row))
        return false;
    if (row->kind == ARGUMENT_FLAG) {
        *(bool *)row->target = true;
        return true;
    }
    value = value_of(reading, row);
    if (value == NULL)
        return false;
    switch (row->kind) {
    case ARGUMENT_NUMBER:
        return set_number(reading, row, value);
    case ARGUMENT_TEXTS:
        return add_text(reading, row->target, row->name, value);
    case ARGUMENT_PAIRS:
        return add_pair(reading, row, value);
    default:
        *(const char **)row->target = value;
        return true;
    }
}

bool arguments_read(int argc, char *argv[], const struct argument *const tables[], struct argument_texts *words,
                    struct reason *reason)
{
    struct reading reading = {.argc = argc, .argv = argv, .reason = reason};

    while (reading.at < argc) {
        const char *word = argv[reading.at++];
        const struct argument *row = word[0] == '-' ? find(tables, word) : NULL;

        if (row != NULL) {
            if (!take_option(&reading, row))
                return false;
        } else if (word[0] == '-' || words == NULL) {
            reason_set(reason, "%.80s is not understood here", word);
            return false;
        } else if (!add_text(&reading, words, "words", word)) {
            return false;
        }
    }
    return true;
}

static bool read_round(const char *text, char **end, uint32_t *out)
{
    unsigned long long number = strtoull(text, end, 10);

    *out = (uint32_t)number;
    return text[0] >= '1' && text[0] <= '9' && number <= ROUND_MAX;
}

bool arguments_rounds(const char *text, uint32_t *from, uint32_t *to)
{
    char *end;

    if (!read_round(text, &end, from))
        return false;
    *to = *from;
    if (*end == '\0')
        return true;
    return *end == '-' && read_round(end + 1, &end, to) && *end == '\0' && *from <= *to;
}

/* config_set.c: what a line's value becomes in the caller's struct, by the type of its key. See config_value.h. */
#include "config_value.h"

#include <stdlib.h>
#include <string.h>

#include "reason.h"

struct config_chunk {
    struct config_chunk *next;
    max_align_t memory[];
};

void *config_allocate(struct config_text *text, size_t size)
{
    struct config_chunk *chunk = calloc(1, sizeof *chunk + size);

    if (chunk == NULL)
        return NULL;
    chunk->next = text->chunks;
    text->chunks = chunk;
    return chunk->memory;
}

void config_free(struct config_text *text)
{
    while (text->chunks != NULL) {
        struct config_chunk *chunk = text->chunks;

        text->chunks = chunk->next;
        free(chunk);
    }
}

enum status config_no_memory(const struct config_line *line)
{
    reason_set(line->reason, "%s: no memory", line->source->name);
    return STATUS_IO;
}

char *config_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    char *end = word + strcspn(word, " \t");

    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word == end ? NULL : word;
}

enum status config_grow(const struct config_line *line, size_t size, void **items, size_t count)
{
    if (count == (size_t)line->key->max)
        return config_refuse_line(line, "stands more than %zu times", count);
    if (count > 0)
        return STATUS_OK;
    *items = config_allocate(line->text, (size_t)line->key->max * size);
    return *items == NULL ? config_no_memory(line) : STATUS_OK;
}

enum status config_path(const struct config_line *line, const char *path, const char **out)
{
    const char *folder = line->source->folder;
    const size_t size = strlen(folder) + strlen(path) + 2;
    char *joined;

    if (path[0] == '/' || folder[0] == '\0') {
        *out = path;
        return STATUS_OK;
    }
    joined = config_allocate(line->text, size);
    if (joined == NULL)
        return config_no_memory(line);
    (void)snprintf(joined, size, "%s/%s", folder, path);
    *out = joined;
    return STATUS_OK;
}

static enum status set_boolean(const struct config_line *line, bool *field)
{
    if (strcmp(line->value, "true") != 0 && strcmp(line->value, "false") != 0)
        return config_refuse_line(line, "\"%s\" is neither true nor false", line->value);
    *field = line->value[0] == 't';
    return STATUS_OK;
}

static enum status set_choice(const struct config_line *line, int *field)
{
    const char *const *words = line->key->words;
    char listed[REASON_MAX / 2] = "";
    size_t length = 0;

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], line->value) == 0) {
            *field = i;
            return STATUS_OK;
        }
        if (length < sizeof listed)
            length += (size_t)snprintf(listed + length, sizeof listed - length, "%s%s", i == 0 ? "" : ", ", words[i]);
    }
    return config_refuse_line(line, "\"%s\" is none of: %s", line->value, listed);
}

static enum status set_number(const struct config_line *line, void *field)
{
    struct reason what;
    int64_t number;

    if (config_number(line->key, line->value, &number, &what) != STATUS_OK)
        return config_refuse(line->source, line->number, line->reason, "%s", what.text);
    /* An int64_t or a uint64_t: the same bytes, and min keeps the latter from being negative. */
    memcpy(field, &number, sizeof number);
    return STATUS_OK;
}

static enum status set_custom(const struct config_line *line, void *field)
{
    const char *wrong = line->key->set(field, line->value);

    return wrong == NULL ? STATUS_OK : config_refuse_line(line, "%s", wrong);
}

static enum status add_string(const struct config_line *line, struct config_strings *field)
{
    void *items = field->items;

    /* Judged here, where the line is still known. */
    if (line->key->set != NULL)
        TRY(set_custom(line, NULL));
    TRY(config_grow(line, sizeof *field->items, &items, field->count));
    field->items = items;
    field->items[field->count++] = line->value;
    return STATUS_OK;
}

static enum status add_pair(const struct config_line *line, struct config_pairs *field)
{
    char *rest = line->value;
    const char *name = config_word(&rest), *value = rest + strspn(rest, " \t");
    void *items = field->items;

    if (*value == '\0')
        return config_refuse_line(line, "%s has no value", name);
    for (size_t i = 0; i < field->count; i++)
        if (strcmp(field->items[i].name, name) == 0)
            return config_refuse_line(line, "%s stands twice", name);
    TRY(config_grow(line, sizeof *field->items, &items, field->count));
    field->items = items;
    field->items[field->count++] = (struct config_pair){name, value};
    return STATUS_OK;
}

static enum status take(const struct config_line *line, void *field)
{
    if (line->before == (unsigned int)line->key->max)
        return config_refuse_line(line, "stands more than %u times", line->before);
    return line->key->take(line, field);
}

enum status config_set(const struct config_line *line, void *field)
{
    switch (line->key->type) {
    case CONFIG_STRING:
        *(const char **)field = line->value;
        return STATUS_OK;
    case CONFIG_PATH:
        return config_path(line, line->value, field);
    case CONFIG_INTEGER:
    case CONFIG_SIZE:
    case CONFIG_DURATION:
        return set_number(line, field);
    case CONFIG_BOOLEAN:
        return set_boolean(line, field);
    case CONFIG_CHOICE:
        return set_choice(line, field);
    case CONFIG_STRINGS:
        return add_string(line, field);
    case CONFIG_PAIRS:
        return add_pair(line, field);
    case CONFIG_CUSTOM:
        return set_custom(line, field);
    case CONFIG_LINE:
        return take(line, field);
    case CONFIG_BLOCK:
        break;
    }
    return STATUS_CONFIG;
}

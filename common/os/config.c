/* config.c: see config.h.
 *
 * The text is copied once and cut into strings in place; what the caller's struct points to lies in that copy or in
 * further chunks of struct config_text. */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config_value.h"
#include "file.h"

struct config_chunk {
    struct config_chunk *next;
    max_align_t memory[];
};

/* Keys that are being read into one struct: the outermost ones, or those of a block. */
struct scope {
    const struct config_key *keys;
    uint8_t *target;
    uint64_t seen;     /* bit i: keys[i] stood there */
    const char *name;  /* of the block's keyword, or NULL */
    unsigned int line; /* that opened it */
};

struct parser {
    const struct config_source *source;
    struct config_text *text;
    struct reason *reason;
    unsigned int line;
    struct scope outer, block; /* block.keys is NULL before the first block */
};

static void *allocate(struct config_text *text, size_t size)
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

/* Puts `name:line: ` before what is wrong. */
__attribute__((format(printf, 3, 4))) static enum status refuse(const struct parser *parser, unsigned int line,
                                                                const char *format, ...)
{
    struct reason what;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what.text, sizeof what.text, format, arguments);
    va_end(arguments);
    reason_set(parser->reason, "%s:%u: %.*s", parser->source->name, line, (int)(REASON_MAX / 2), what.text);
    return STATUS_CONFIG;
}

static enum status refuse_memory(const struct parser *parser)
{
    reason_set(parser->reason, "%s: no memory", parser->source->name);
    return STATUS_IO;
}

static const struct config_key *find(const struct config_key *keys, const char *name)
{
    for (; keys != NULL && keys->name != NULL; keys++)
        if (strcmp(keys->name, name) == 0)
            return keys;
    return NULL;
}

static bool repeats(const struct config_key *key)
{
    return key->type == CONFIG_STRINGS || key->type == CONFIG_PAIRS || key->type == CONFIG_BLOCK;
}

/* Room for one more of a repeated key; the array is made with all of its room when the first one comes. */
static enum status grow(struct parser *parser, const struct config_key *key, size_t size, void **items, size_t count)
{
    if (count == (size_t)key->max)
        return refuse(parser, parser->line, "%s: stands more than %zu times", key->name, count);
    if (count > 0)
        return STATUS_OK;
    *items = allocate(parser->text, (size_t)key->max * size);
    return *items == NULL ? refuse_memory(parser) : STATUS_OK;
}

static enum status set_path(struct parser *parser, const char **field, const char *value)
{
    const char *folder = parser->source->folder;
    size_t size = strlen(folder) + strlen(value) + 2;
    char *joined;

    if (value[0] == '/' || folder[0] == '\0') {
        *field = value;
        return STATUS_OK;
    }
    joined = allocate(parser->text, size);
    if (joined == NULL)
        return refuse_memory(parser);
    (void)snprintf(joined, size, "%s/%s", folder, value);
    *field = joined;
    return STATUS_OK;
}

static enum status set_boolean(struct parser *parser, const struct config_key *key, bool *field, const char *value)
{
    if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return refuse(parser, parser->line, "%s: \"%s\" is neither true nor false", key->name, value);
    *field = value[0] == 't';
    return STATUS_OK;
}

static enum status set_choice(struct parser *parser, const struct config_key *key, int *field, const char *value)
{
    for (int i = 0; key->words[i] != NULL; i++) {
        if (strcmp(key->words[i], value) != 0)
            continue;
        *field = i;
        return STATUS_OK;
    }
    return refuse(parser, parser->line, "%s: \"%s\" is not one of its words", key->name, value);
}

static enum status set_number(struct parser *parser, const struct config_key *key, void *field, const char *value)
{
    struct reason what;
    int64_t number;

    if (config_number(key, value, &number, &what) != STATUS_OK)
        return refuse(parser, parser->line, "%s", what.text);
    /* An int64_t or a uint64_t: the same bytes, and min keeps the latter from being negative. */
    memcpy(field, &number, sizeof number);
    return STATUS_OK;
}

static enum status add_string(struct parser *parser, const struct config_key *key, struct config_strings *field,
                              const char *value)
{
    void *items = field->items;

    TRY(grow(parser, key, sizeof *field->items, &items, field->count));
    field->items = items;
    field->items[field->count++] = value;
    return STATUS_OK;
}

/* Cuts the first word off and gives what follows it, "" when nothing does. */
static char *cut_word(char *text)
{
    char *rest = text + strcspn(text, " \t");

    if (*rest != '\0')
        *rest++ = '\0';
    return rest + strspn(rest, " \t");
}

static enum status add_pair(struct parser *parser, const struct config_key *key, struct config_pairs *field, char *name)
{
    const char *value = cut_word(name);
    void *items = field->items;

    if (*value == '\0')
        return refuse(parser, parser->line, "%s: %s has no value", key->name, name);
    for (size_t i = 0; i < field->count; i++)
        if (strcmp(field->items[i].name, name) == 0)
            return refuse(parser, parser->line, "%s: %s stands twice", key->name, name);
    TRY(grow(parser, key, sizeof *field->items, &items, field->count));
    field->items = items;
    field->items[field->count++] = (struct config_pair){name, value};
    return STATUS_OK;
}

static enum status set_custom(struct parser *parser, const struct config_key *key, void *field, const char *value)
{
    const char *wrong = key->set(field, value);

    return wrong == NULL ? STATUS_OK : refuse(parser, parser->line, "%s: %s", key->name, wrong);
}

static enum status close_scope(const struct parser *parser, const struct scope *scope)
{
    for (size_t i = 0; scope->keys != NULL && scope->keys[i].name != NULL; i++) {
        if (!scope->keys[i].required || (scope->seen >> i & 1) != 0)
            continue;
        if (scope->name != NULL)
            return refuse(parser, scope->line, "%s: %s is missing", scope->name, scope->keys[i].name);
        reason_set(parser->reason, "%s: %s is missing", parser->source->name, scope->keys[i].name);
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

static enum status open_block(struct parser *parser, const struct config_key *key, struct config_blocks *field,
                              const char *value)
{
    void *items = field->items;
    uint8_t *target;

    TRY(close_scope(parser, &parser->block));
    TRY(grow(parser, key, key->size, &items, field->count));
    field->items = items;
    target = (uint8_t *)items + field->count++ * key->size;
    memcpy(target, &value, sizeof value);
    parser->block = (struct scope){.keys = key->keys, .target = target, .name = key->name, .line = parser->line};
    return STATUS_OK;
}

static enum status set_value(struct parser *parser, const struct config_key *key, void *field, char *value)
{
    /* A repeated key with a set of its own has each value judged by it, where the line is still known. */
    if ((key->type == CONFIG_STRINGS || key->type == CONFIG_BLOCK) && key->set != NULL)
        TRY(set_custom(parser, key, NULL, value));
    switch (key->type) {
    case CONFIG_STRING:
        *(const char **)field = value;
        return STATUS_OK;
    case CONFIG_PATH:
        return set_path(parser, field, value);
    case CONFIG_INTEGER:
    case CONFIG_SIZE:
    case CONFIG_DURATION:
        return set_number(parser, key, field, value);
    case CONFIG_BOOLEAN:
        return set_boolean(parser, key, field, value);
    case CONFIG_CHOICE:
        return set_choice(parser, key, field, value);
    case CONFIG_STRINGS:
        return add_string(parser, key, field, value);
    case CONFIG_PAIRS:
        return add_pair(parser, key, field, value);
    case CONFIG_CUSTOM:
        return set_custom(parser, key, field, value);
    case CONFIG_BLOCK:
        return open_block(parser, key, field, value);
    }
    return STATUS_CONFIG;
}

unsigned int config_line(const struct config_text *text, const struct config_key *keys, const char *name)
{
    const struct config_key *key = find(keys, name);

    return key == NULL ? 0 : text->lines[key - keys];
}

/* One `key value`. A block's own keys come first; of the outer keys only the blocks may follow a block. */
static enum status take_pair(struct parser *parser, char *name, char *value)
{
    struct scope *scope = parser->block.keys != NULL ? &parser->block : &parser->outer;
    const struct config_key *key = find(scope->keys, name);
    uint64_t bit;

    if (key == NULL) {
        scope = &parser->outer;
        key = find(scope->keys, name);
    }
    if (key == NULL)
        return refuse(parser, parser->line, "%.64s: no such key", name);
    if (scope == &parser->outer && parser->block.keys != NULL && key->type != CONFIG_BLOCK)
        return refuse(parser, parser->line, "%s: does not belong into %s", name, parser->block.name);
    if (*value == '\0' && (key->type != CONFIG_BLOCK || key->min > 0))
        return refuse(parser, parser->line, "%s: has no value", name);
    bit = UINT64_C(1) << (key - scope->keys);
    if ((scope->seen & bit) != 0 && !repeats(key))
        return refuse(parser, parser->line, "%s: stands twice", name);
    scope->seen |= bit;
    if (scope == &parser->outer)
        parser->text->lines[key - scope->keys] = parser->line;
    return set_value(parser, key, scope->target + key->offset, value);
}

static enum status take_line(struct parser *parser, char *line, size_t length)
{
    char *name, *end;

    if (length > CONFIG_MAX_LINE)
        return refuse(parser, parser->line, "longer than %u bytes", CONFIG_MAX_LINE);
    if (!config_is_clean((struct view){(uint8_t *)line, length}))
        return refuse(parser, parser->line, "not UTF-8, or a control character in it");
    for (end = line + length; end > line && (end[-1] == ' ' || end[-1] == '\t'); end--)
        ;
    *end = '\0';
    name = line + strspn(line, " \t");
    if (*name == '\0' || *name == '#')
        return STATUS_OK;
    return take_pair(parser, name, cut_word(name));
}

static enum status take_lines(struct parser *parser, char *text, size_t length)
{
    char *at = text, *end = text + length;

    while (at < end) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        char *stop = newline == NULL ? end : newline;

        parser->line++;
        TRY(take_line(parser, at, (size_t)(stop - at)));
        at = stop + 1;
    }
    TRY(close_scope(parser, &parser->block));
    return close_scope(parser, &parser->outer);
}

enum status config_parse(const struct config_source *source, const struct config_key *keys, void *target,
                         struct config_text *text, struct reason *reason)
{
    struct parser parser = {
        .source = source,
        .text = text,
        .reason = reason,
        .outer = {.keys = keys, .target = target},
    };
    char *copy;

    if (source->bytes.len > CONFIG_MAX_FILE) {
        reason_set(reason, "%s: larger than %u bytes", source->name, CONFIG_MAX_FILE);
        return STATUS_CONFIG;
    }
    copy = allocate(text, source->bytes.len + 1);
    if (copy == NULL)
        return refuse_memory(&parser);
    if (source->bytes.len > 0)
        memcpy(copy, source->bytes.ptr, source->bytes.len);
    return take_lines(&parser, copy, source->bytes.len);
}

enum status config_read(const char *path, const struct config_key *keys, void *target, struct config_text *text,
                        struct reason *reason)
{
    CLEANUP(file_free) struct buf bytes = {0};
    char folder[FILE_MAX_PATH];
    enum status status = file_read(path, CONFIG_MAX_FILE, &bytes, reason);

    if (status == STATUS_OK)
        status = file_folder(path, folder, reason);
    if (status != STATUS_OK)
        return STATUS_CONFIG;
    return config_parse(&(struct config_source){buf_view(&bytes), path, folder}, keys, target, text, reason);
}

/* Every line of the documentation becomes a comment. */
static void print_doc(const char *doc, FILE *out)
{
    while (doc != NULL && *doc != '\0') {
        size_t length = strcspn(doc, "\n");

        fprintf(out, "# %.*s\n", (int)length, doc);
        doc += length + (doc[length] == '\n');
    }
}

static void print_key(const struct config_key *key, bool commented, FILE *out)
{
    bool value = key->sample != NULL && key->sample[0] != '\0';

    print_doc(key->doc, out);
    fprintf(out, "%s%s%s%s\n\n", commented ? "#" : "", key->name, value ? " " : "", value ? key->sample : "");
}

void config_print_sample(const struct config_key *keys, FILE *out)
{
    for (const struct config_key *key = keys; key->name != NULL; key++) {
        print_key(key, !key->required, out);
        for (const struct config_key *inner = key->keys; inner != NULL && inner->name != NULL; inner++)
            print_key(inner, !key->required || !inner->required, out);
    }
}

/* config.c: see config.h.
 *
 * The text is copied once and cut into strings in place; what the caller's struct points to lies in that copy or in
 * further chunks of struct config_text. */
#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "config_value.h"
#include "file.h"

/* Keys that are being read into one struct: the outermost ones, or those of a block. */
struct scope {
    const struct config_key *keys; /* NULL: there is no block yet */
    uint8_t *target;
    struct config_standing *standing;
    const char *name;                 /* of the block's keyword, or NULL */
    const struct config_block *block; /* or NULL */
};

struct parser {
    const struct config_source *source;
    struct config_text *text;
    struct reason *reason;
    unsigned int line;
    struct scope outer, block;
};

/* Puts `name:line: ` before what is wrong. */
static enum status refuse(const struct config_source *source, unsigned int line, struct reason *reason,
                          const char *what)
{
    if (line > 0)
        reason_set(reason, "%s:%u: %s", source->name, line, what);
    else
        reason_set(reason, "%s: %s", source->name, what);
    return STATUS_CONFIG;
}

enum status config_refuse(const struct config_source *source, unsigned int line, struct reason *reason,
                          const char *format, ...)
{
    struct reason what;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what.text, sizeof what.text, format, arguments);
    va_end(arguments);
    return refuse(source, line, reason, what.text);
}

enum status config_refuse_line(const struct config_line *line, const char *format, ...)
{
    const int key_length = (int)strlen(line->key->name);
    struct reason what;
    va_list arguments;

    (void)snprintf(what.text, sizeof what.text, "%s: ", line->key->name);
    va_start(arguments, format);
    (void)vsnprintf(what.text + key_length + 2, sizeof what.text - (size_t)key_length - 2, format, arguments);
    va_end(arguments);
    return refuse(line->source, line->number, line->reason, what.text);
}

unsigned int config_line_of(const struct config_key *keys, const struct config_standing *standing, const char *name)
{
    for (size_t i = 0; keys[i].name != NULL; i++)
        if (strcmp(keys[i].name, name) == 0)
            return standing[i].line;
    return 0;
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
    return key->type == CONFIG_STRINGS || key->type == CONFIG_PAIRS || key->type == CONFIG_BLOCK ||
           (key->type == CONFIG_LINE && key->max > 1);
}

static enum status refuse_missing(const struct parser *parser, const struct scope *scope, const struct config_key *key)
{
    char like[REASON_MAX] = "";

    if (key->sample != NULL && key->sample[0] != '\0')
        (void)snprintf(like, sizeof like, "; write it as in: %s %s", key->name, key->sample);
    if (scope->block == NULL)
        return config_refuse(parser->source, 0, parser->reason, "%s is missing%s", key->name, like);
    return config_refuse(parser->source, scope->block->line, parser->reason, "%s %s: %s is missing%s", scope->name,
                         scope->block->value, key->name, like);
}

static enum status close_scope(const struct parser *parser, const struct scope *scope)
{
    for (size_t i = 0; scope->keys != NULL && scope->keys[i].name != NULL; i++)
        if (scope->keys[i].required && scope->standing[i].count == 0)
            return refuse_missing(parser, scope, &scope->keys[i]);
    return STATUS_OK;
}

/* `first, second, third`; what does not fit is left out. */
static void list_names(const struct config_key *key, const struct config_key *keys, char *out, size_t size)
{
    size_t length = 0;

    out[0] = '\0';
    for (size_t i = 0; length < size && (keys != NULL ? keys[i].name != NULL : key->kinds[i] != NULL); i++)
        length += (size_t)snprintf(out + length, size - length, "%s%s", i == 0 ? "" : ", ",
                                   keys != NULL ? keys[i].name : key->kinds[i]->value);
}

static enum status open_block(struct parser *parser, const struct config_line *line, struct config_blocks *field)
{
    const struct config_key *key = line->key;
    void *items = field->items;
    struct config_block *block;
    char known[REASON_MAX / 2];
    size_t i = 0;

    TRY(close_scope(parser, &parser->block));
    while (key->kinds[i] != NULL && strcmp(key->kinds[i]->value, line->value) != 0)
        i++;
    if (key->kinds[i] == NULL) {
        list_names(key, NULL, known, sizeof known);
        return config_refuse_line(line, "\"%.64s\" is none of: %s", line->value, known);
    }
    TRY(config_grow(line, sizeof *block, &items, field->count));
    field->items = items;
    block = &field->items[field->count++];
    *block = (struct config_block){.kind = key->kinds[i], .value = line->value, .line = line->number};
    block->target = config_allocate(line->text, block->kind->size);
    if (block->target == NULL)
        return config_no_memory(line);
    parser->block = (struct scope){block->kind->keys, block->target, block->standing, key->name, block};
    return STATUS_OK;
}

/* A block's own keys come first; of the outer keys only the blocks may follow a block. */
static enum status find_key(struct parser *parser, const char *name, struct scope **scope,
                            const struct config_key **key)
{
    const struct scope *block = &parser->block;
    char known[REASON_MAX];

    *scope = &parser->block;
    *key = find(block->keys, name);
    if (*key != NULL)
        return STATUS_OK;
    *scope = &parser->outer;
    *key = find(parser->outer.keys, name);
    if (*key != NULL && (block->keys == NULL || (*key)->type == CONFIG_BLOCK))
        return STATUS_OK;
    if (*key != NULL)
        return config_refuse(parser->source, parser->line, parser->reason,
                             "%s: does not belong into %s: write it before the first block", name, block->name);
    if (block->keys == NULL)
        return config_refuse(parser->source, parser->line, parser->reason, "%.64s: no such key", name);
    list_names(NULL, block->keys, known, sizeof known);
    return config_refuse(parser->source, parser->line, parser->reason, "%.64s: no such key; %s %s has: %s", name,
                         block->name, block->block->value, known);
}

/* One `key value`. */
static enum status take_pair(struct parser *parser, char *name, char *value)
{
    const struct config_key *key;
    struct config_standing *standing;
    struct config_line line;
    struct scope *scope;

    TRY(find_key(parser, name, &scope, &key));
    assert((size_t)(key - scope->keys) < CONFIG_MAX_KEYS);
    standing = &scope->standing[key - scope->keys];
    line =
        (struct config_line){parser->source, key, value, parser->line, standing->count, parser->text, parser->reason};
    if (*value == '\0')
        return config_refuse_line(&line, "has no value");
    if (standing->count > 0 && !repeats(key))
        return config_refuse_line(&line, "stands twice");
    *standing = (struct config_standing){parser->line, standing->count + 1};
    if (key->type == CONFIG_BLOCK)
        return open_block(parser, &line, (struct config_blocks *)(scope->target + key->offset));
    return config_set(&line, scope->target + key->offset);
}

static enum status take_line(struct parser *parser, char *line, size_t length)
{
    char *name, *end;

    if (length > CONFIG_MAX_LINE)
        return config_refuse(parser->source, parser->line, parser->reason, "longer than %u bytes", CONFIG_MAX_LINE);
    if (!config_is_clean((struct view){(uint8_t *)line, length}))
        return refuse(parser->source, parser->line, parser->reason, "not UTF-8, or a control character in it");
    for (end = line + length; end > line && (end[-1] == ' ' || end[-1] == '\t'); end--)
        ;
    *end = '\0';
    name = line + strspn(line, " \t");
    if (*name == '\0' || *name == '#')
        return STATUS_OK;
    for (end = name + strcspn(name, " \t"); *end == ' ' || *end == '\t'; end++)
        *end = '\0';
    return take_pair(parser, name, end);
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
        .outer = {.keys = keys, .target = target, .standing = text->standing},
    };
    char *copy;

    memset(text->standing, 0, sizeof text->standing); /* a struct that was freed may serve again */
    if (source->bytes.len > CONFIG_MAX_FILE)
        return config_refuse(source, 0, reason, "larger than %u bytes", CONFIG_MAX_FILE);
    copy = config_allocate(text, source->bytes.len + 1);
    if (copy == NULL) {
        reason_set(reason, "%s: no memory", source->name);
        return STATUS_IO;
    }
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
    return config_parse(&(struct config_source){buf_view(&bytes), path, folder, NULL}, keys, target, text, reason);
}

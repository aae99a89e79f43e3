/* config_fuzz.c: any text against a table with every type. */
#include <stdlib.h>
#include <string.h>

#include "config_line.h"

struct block {
    const char *path;
    uint64_t size;
};

struct words {
    unsigned int lines, count;
};

struct target {
    const char *string, *path;
    int64_t integer;
    bool boolean;
    uint64_t size, duration;
    int choice;
    struct config_strings strings;
    struct config_pairs pairs;
    struct config_blocks blocks;
};

#define FIELD(field) .offset = offsetof(struct target, field)

/* Counts words, and that it is told how many lines came before. */
static enum status take_words(const struct config_line *line, void *field)
{
    struct words *found = field;
    char *rest = line->value, *word;

    if (line->before != found->lines++ || line->number == 0)
        abort();
    while ((word = config_word(&rest)) != NULL) {
        if (word[0] == '\0' || strpbrk(word, " \t") != NULL)
            abort();
        if (word[0] == '!')
            return config_refuse_line(line, "%s", word);
        found->count++;
    }
    return STATUS_OK;
}

static const char *const words[] = {"one", "two", NULL};
static const struct config_key block_keys[] = {
    {.name = "p", .type = CONFIG_PATH, .offset = offsetof(struct block, path), .required = true},
    {.name = "z", .type = CONFIG_SIZE, .offset = offsetof(struct block, size), .max = INT64_MAX},
    {0},
};
static const struct config_key words_keys[] = {
    {.name = "w", .type = CONFIG_LINE, .take = take_words, .max = 8, .required = true},
    {0},
};
static const struct config_block_kind path_kind = {"p", block_keys, sizeof(struct block)};
static const struct config_block_kind words_kind = {"w", words_keys, sizeof(struct words)};
static const struct config_block_kind *const kinds[] = {&path_kind, &words_kind, NULL};
static const struct config_key keys[] = {
    {.name = "s", .type = CONFIG_STRING, FIELD(string), .required = true},
    {.name = "f", .type = CONFIG_PATH, FIELD(path)},
    {.name = "i", .type = CONFIG_INTEGER, FIELD(integer), .min = INT64_MIN, .max = INT64_MAX},
    {.name = "b", .type = CONFIG_BOOLEAN, FIELD(boolean)},
    {.name = "z", .type = CONFIG_SIZE, FIELD(size), .max = INT64_MAX},
    {.name = "d", .type = CONFIG_DURATION, FIELD(duration), .max = INT64_MAX},
    {.name = "c", .type = CONFIG_CHOICE, FIELD(choice), .words = words},
    {.name = "l", .type = CONFIG_STRINGS, FIELD(strings), .max = 8},
    {.name = "o", .type = CONFIG_PAIRS, FIELD(pairs), .max = 8},
    {.name = "e", .type = CONFIG_BLOCK, FIELD(blocks), .max = 8, .kinds = kinds},
    {0},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(config_free) struct config_text text = {0};
    struct config_source source = {{data, size}, "fuzz", "/folder", NULL};
    struct target target = {0};
    struct reason reason = {0};
    enum status status = config_parse(&source, keys, &target, &text, &reason);

    /* Either all is there, or a reason is. */
    if (status == STATUS_OK ? target.string == NULL || target.blocks.count > 8 : reason.text[0] == '\0')
        abort();
    for (size_t i = 0; status == STATUS_OK && i < target.pairs.count; i++)
        if (strlen(target.pairs.items[i].name) == 0 || strlen(target.pairs.items[i].value) == 0)
            abort();
    for (size_t i = 0; status == STATUS_OK && i < target.blocks.count; i++) {
        const struct config_block *block = &target.blocks.items[i];
        const struct words *found = block->target;

        if (block->kind == &words_kind && (found->count == 0 || block->standing[0].count != found->lines))
            abort();
    }
    return 0;
}

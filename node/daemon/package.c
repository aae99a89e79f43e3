/* package.c: see package.h. */
#include "package.h"

#include <string.h>

#include "file.h"

#define OPTIONS_MAX_BYTES (2 * PACKAGE_MAX_OPTIONS * (CONFIG_MAX_LINE + 1)) /* lines of both, and their newlines */

#define AT(field) offsetof(struct package, field)

static const struct config_key keys[] = {
    {.name = "name", .type = CONFIG_STRING, .offset = AT(name), .required = true},
    {.name = "version", .type = CONFIG_STRING, .offset = AT(version), .required = true},
    {.name = "description", .type = CONFIG_STRING, .offset = AT(description)},
    {.name = "timeout_s", .type = CONFIG_INTEGER, .offset = AT(timeout_s), .min = 1, .max = 7 * 86400},
    {.name = "memory_mb", .type = CONFIG_INTEGER, .offset = AT(memory_mb), .min = 0, .max = 1 << 20},
    {.name = "option", .type = CONFIG_PAIRS, .offset = AT(options), .max = PACKAGE_MAX_OPTIONS},
    {.name = NULL},
};

enum status package_read(const char *folder, struct package *out, struct reason *reason)
{
    char path[FILE_MAX_PATH];

    *out = (struct package){.folder = folder, .description = "", .timeout_s = 600, .memory_mb = 1024};
    if ((size_t)snprintf(path, sizeof path, "%s/package.conf", folder) >= sizeof path) {
        reason_set(reason, "%s: the path is too long", folder);
        return STATUS_CONFIG;
    }
    return config_read(path, keys, out, &out->text, reason);
}

void package_free(struct package *package)
{
    config_free(&package->text);
}

/* The value that a list gives a key, or NULL. */
static const char *find(const struct config_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, name) == 0)
            return pairs->items[i].value;
    return NULL;
}

static enum status append_line(struct buf *out, const char *name, const char *value)
{
    TRY(buf_append(out, view_of_string(name)));
    TRY(buf_append(out, VIEW_TEXT(" ")));
    TRY(buf_append(out, view_of_string(value)));
    return buf_append(out, VIEW_TEXT("\n"));
}

enum status package_write_options(const struct package *package, const struct config_pairs *own, const char *path,
                                  struct reason *reason)
{
    uint8_t text[OPTIONS_MAX_BYTES];
    struct buf out = BUF_OF(text);

    for (size_t i = 0; i < package->options.count; i++) {
        const struct config_pair *option = &package->options.items[i];
        const char *ours = find(own, option->name);

        TRY(append_line(&out, option->name, ours ? ours : option->value));
    }
    for (size_t i = 0; i < own->count; i++)
        if (find(&package->options, own->items[i].name) == NULL)
            TRY(append_line(&out, own->items[i].name, own->items[i].value));
    return file_write(path, 0600, buf_view(&out), reason);
}

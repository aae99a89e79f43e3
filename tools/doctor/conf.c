/* conf.c: lines of a configuration, and what they say. See conf.h. */
#include "conf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_private.h"
#include "utf8.h"

static enum status refuse(const struct conf_file *file, unsigned int number, struct reason *reason, const char *what)
{
    reason_set(reason, "%.300s:%u: %s", file->path, number, what);
    return STATUS_CONFIG;
}

/* Cuts the line at its key: key and value lose the spaces around them. Returns the key, "" when there is none. */
static char *cut(char *line, char **value)
{
    char *key = line + strspn(line, " "), *end = key + strcspn(key, " "), *last;

    *value = end + strspn(end, " ");
    for (last = *value + strlen(*value); last > *value && last[-1] == ' '; last--)
        last[-1] = '\0';
    *end = '\0';
    return key;
}

enum status conf_take_line(struct conf *conf, unsigned int file, unsigned int number, char *line, struct reason *reason)
{
    struct conf_line *out = &conf->lines[conf->line_count];
    char *key, *value = line;

    line[strcspn(line, "\r")] = '\0';
    for (char *tab = line; conf->tabs && (tab = strchr(tab, '\t')) != NULL;)
        *tab = ' ';
    key = line[0] == '#' ? line + strlen(line) : cut(line, &value);
    if (key[0] == '\0')
        return STATUS_OK;
    if (strchr(key, '\t') != NULL || strchr(value, '\t') != NULL)
        return refuse(&conf->files[file], number, reason, "a tab: mosquitto parts words by spaces alone");
    if (!utf8_printable(view_of_string(key)) || !utf8_printable(view_of_string(value)))
        return refuse(&conf->files[file], number, reason, "not text: this is no configuration of mosquitto");
    if (conf->line_count == CONF_LINES_MAX)
        return refuse(&conf->files[file], number, reason, "more lines than are read");
    conf->listeners += strcmp(key, "listener") == 0;
    conf->bridges += strcmp(key, "connection") == 0;
    *out = (struct conf_line){key, value, file, number, conf->listeners - 1, conf->bridges - 1};
    conf->line_count++;
    return STATUS_OK;
}

enum status conf_take_file(struct conf *conf, const char *path, struct buf text, struct reason *reason)
{
    struct conf_file *file;

    if (conf->file_count == CONF_FILES_MAX) {
        free(text.ptr);
        reason_set(reason, "%.300s: more than %d files", path, CONF_FILES_MAX);
        return STATUS_CONFIG;
    }
    file = &conf->files[conf->file_count++];
    *file = (struct conf_file){strdup(path), text};
    if (file->path == NULL)
        return STATUS_IO;
    if (memchr(text.ptr, '\0', text.len) == NULL)
        return STATUS_OK;
    return refuse(file, 1, reason, "not text: this is no configuration of mosquitto");
}

enum status conf_add_text(struct conf *conf, const char *path, struct buf text, struct reason *reason)
{
    unsigned int file = conf->file_count, number = 0;
    char *next;

    TRY(conf_take_file(conf, path, text, reason));
    next = (char *)text.ptr;
    while (next != NULL)
        TRY(conf_take_line(conf, file, ++number, strsep(&next, "\n"), reason));
    return STATUS_OK;
}

void conf_free(struct conf *conf)
{
    for (unsigned int i = 0; i < conf->file_count; i++) {
        free(conf->files[i].path);
        free(conf->files[i].text.ptr);
    }
    *conf = (struct conf){0};
}

const struct conf_line *conf_find(const struct conf *conf, const char *key, int listener, int bridge)
{
    for (unsigned int i = conf->line_count; i > 0; i--) {
        const struct conf_line *line = &conf->lines[i - 1];

        if ((listener == CONF_ANY || line->listener == listener) && (bridge == CONF_ANY || line->bridge == bridge) &&
            strcmp(line->key, key) == 0)
            return line;
    }
    return NULL;
}

const struct conf_line *conf_global(const struct conf *conf, const char *key)
{
    return conf_find(conf, key, CONF_ANY, CONF_ANY);
}

bool conf_bool(const struct conf_line *line, bool otherwise)
{
    if (line == NULL)
        return otherwise;
    if (strcmp(line->value, "true") == 0 || strcmp(line->value, "1") == 0)
        return true;
    return strcmp(line->value, "false") != 0 && strcmp(line->value, "0") != 0 && otherwise;
}

/* The number that a value begins with, times the unit behind it. */
static bool number_with(const char *value, const char *letters, const int64_t *units, int64_t *out)
{
    const char *letter;
    char *end;
    long long number;
    int64_t unit = 1;

    errno = 0;
    number = strtoll(value, &end, 10);
    if (end == value || errno != 0)
        return false;
    if (*end != '\0') {
        letter = strchr(letters, *end);
        if (letter == NULL || end[1] != '\0')
            return false;
        unit = units[letter - letters];
    }
    return !__builtin_mul_overflow((int64_t)number, unit, out);
}

bool conf_number(const struct conf_line *line, bool units, int64_t otherwise, int64_t *out)
{
    static const int64_t sizes[] = {INT64_C(1) << 10, INT64_C(1) << 20, INT64_C(1) << 30};

    *out = otherwise;
    return line == NULL || number_with(line->value, units ? "KMG" : "", sizes, out);
}

bool conf_duration(const struct conf_line *line, int64_t otherwise, int64_t *out)
{
    static const int64_t lengths[] = {3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400};

    *out = otherwise;
    return line == NULL || number_with(line->value, "hdwmy", lengths, out);
}

const char *conf_place(const struct conf *conf, const struct conf_line *line, char out[static CONF_PLACE_MAX])
{
    if (line != NULL)
        (void)snprintf(out, CONF_PLACE_MAX, "%s:%u", conf->files[line->file].path, line->number);
    else
        (void)snprintf(out, CONF_PLACE_MAX, "%s", conf->file_count > 0 ? conf->files[0].path : "");
    return out;
}

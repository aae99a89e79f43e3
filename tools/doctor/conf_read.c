/* conf_read.c: the files of a configuration. See conf.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_private.h"
#include "file.h"

/* Reads a file's lines; folders of the main one are read where they are named. */
static enum status read_file(struct conf *conf, const char *path, bool is_main, struct reason *reason);

static int ends_in_conf(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

/* Letters in the order of the alphabet, of one letter the capital first. */
static int in_order(const struct dirent **a, const struct dirent **b)
{
    int order = strcasecmp((*a)->d_name, (*b)->d_name);

    return order != 0 ? order : strcmp((*a)->d_name, (*b)->d_name);
}

static enum status read_listed(struct conf *conf, const char *folder, struct dirent **entries, int count,
                               struct reason *reason)
{
    char path[FILE_MAX_PATH];

    for (int i = 0; i < count; i++) {
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);

        if (length < 0 || (size_t)length >= sizeof path) {
            reason_set(reason, "%.200s: the path is too long", folder);
            return STATUS_CONFIG;
        }
        TRY(read_file(conf, path, false, reason));
    }
    return STATUS_OK;
}

static enum status read_folder(struct conf *conf, const char *folder, struct reason *reason)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, ends_in_conf, in_order);
    enum status status;

    if (count < 0) {
        reason_set(reason, "include_dir %.300s: no folder that can be read", folder);
        return STATUS_CONFIG;
    }
    status = read_listed(conf, folder, entries, count, reason);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}

static enum status read_lines(struct conf *conf, unsigned int file, bool is_main, struct reason *reason)
{
    char *next = (char *)conf->files[file].text.ptr;
    unsigned int number = 0;

    while (next != NULL) {
        unsigned int before = conf->line_count;
        const struct conf_line *line = &conf->lines[before];

        TRY(conf_take_line(conf, file, ++number, strsep(&next, "\n"), reason));
        if (is_main && conf->line_count > before && strcmp(line->key, "include_dir") == 0)
            TRY(read_folder(conf, line->value, reason));
    }
    return STATUS_OK;
}

static enum status read_file(struct conf *conf, const char *path, bool is_main, struct reason *reason)
{
    struct buf text = {0};
    unsigned int file = conf->file_count;

    if (file_read(path, CONF_FILE_MAX, &text, reason) != STATUS_OK)
        return STATUS_CONFIG;
    TRY(conf_take_file(conf, path, text, reason));
    return read_lines(conf, file, is_main, reason);
}

enum status conf_read(const char *path, struct conf *out, struct reason *reason)
{
    return read_file(out, path, true, reason);
}

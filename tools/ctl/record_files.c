/* record_files.c: see record_files.h. */
#include "record_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "file.h"

#define RECORD_FILE_MAX ((size_t)1 << 20)

/* The round of a file `ROUND.record`, 0 for another file. */
static uint32_t round_of(const char *name)
{
    unsigned long long round;
    int end = 0;

    if (sscanf(name, "%10llu.record%n", &round, &end) != 1 || end == 0 || name[end] != '\0' || round > UINT32_MAX)
        return 0;
    return (uint32_t)round;
}

static enum status read_one(const char *folder, const char *name, record_files_take *take, void *ctx,
                            struct reason *reason)
{
    CLEANUP(file_free) struct buf message = {0};
    char path[FILE_MAX_PATH];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (file_read(path, RECORD_FILE_MAX, &message, reason) != STATUS_OK)
        return STATUS_CONFIG;
    return take(ctx, path, round_of(name), buf_view(&message));
}

enum status record_files_read(const char *folder, record_files_take *take, void *ctx, struct reason *reason)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    enum status status = STATUS_OK;
    size_t found = 0;

    if (directory == NULL) {
        reason_set(reason, "%s: %s", folder, strerror(errno));
        return STATUS_CONFIG;
    }
    while (status == STATUS_OK && (entry = readdir(directory)) != NULL)
        if (round_of(entry->d_name) > 0) {
            status = read_one(folder, entry->d_name, take, ctx, reason);
            found++;
        }
    (void)closedir(directory);
    TRY(status);
    if (found > 0)
        return STATUS_OK;
    reason_set(reason, "%s: no records in it; `tacit rounds --save` writes them", folder);
    return STATUS_CONFIG;
}

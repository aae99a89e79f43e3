/* programs.c: see programs.h. */
#include "programs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status own_folder(struct path *out, struct reason *reason)
{
    char self[FILE_MAX_PATH];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

    if (len < 0) {
        reason_set(reason, "/proc/self/exe: %s", strerror(errno));
        return STATUS_IO;
    }
    self[len] = '\0';
    return file_folder(self, out->text, reason);
}

static enum status join(const struct path *folder, const char *name, struct path *out, struct reason *reason)
{
    int len = snprintf(out->text, sizeof out->text, "%s/%s", folder->text, name);

    if (len >= 0 && (size_t)len < sizeof out->text)
        return STATUS_OK;
    reason_set(reason, "%s: the path is too long", name);
    return STATUS_IO;
}

enum status programs_beside(const char *name, struct path *out, struct reason *reason)
{
    struct path folder;

    TRY(own_folder(&folder, reason));
    return join(&folder, name, out, reason);
}

enum status programs_find(const char *what, const char *const list[], struct path *out, struct reason *reason)
{
    struct path candidate;

    for (size_t i = 0; list[i] != NULL; i++) {
        TRY(programs_beside(list[i], &candidate, reason));
        if (file_exists(candidate.text))
            return programs_absolute(candidate.text, out, reason);
    }
    reason_set(reason, "%s: not found beside the installation; say where with the option", what);
    return STATUS_CONFIG;
}

enum status programs_absolute(const char *path, struct path *out, struct reason *reason)
{
    char *real = realpath(path, NULL);

    if (real == NULL || strlen(real) >= sizeof out->text) {
        reason_set(reason, "%s: %s", path, strerror(real == NULL ? errno : ENAMETOOLONG));
        free(real);
        return STATUS_CONFIG;
    }
    (void)snprintf(out->text, sizeof out->text, "%s", real);
    free(real);
    return STATUS_OK;
}

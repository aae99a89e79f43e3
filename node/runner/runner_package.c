/* runner_package.c: from the command line to absolute paths of a package's executable, its configuration, its files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner.h"

static enum runner_exit join_path(const char *folder, const char *name, char out[PATH_MAX])
{
    int length = snprintf(out, PATH_MAX, "%s/%s", folder, name);

    if (length < 0 || length >= PATH_MAX)
        return runner_fail(RUNNER_USAGE, "%s: the path is too long", name);
    return RUNNER_OK;
}

/* What the path names need not be there, so its links are not resolved. */
static enum runner_exit make_absolute(const char *path, char out[PATH_MAX])
{
    char here[PATH_MAX];

    if (*path == '/')
        return join_path("", path + 1, out);
    if (getcwd(here, sizeof here) == NULL)
        return runner_fail(RUNNER_SANDBOX, "working directory: %s", strerror(errno));
    return join_path(here, path, out);
}

static enum runner_exit check_regular(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return runner_fail(RUNNER_PACKAGE, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return runner_fail(RUNNER_PACKAGE, "%s: not a regular file", path);
    return RUNNER_OK;
}

/* It may be a link, as long as it stays within the folder. */
static enum runner_exit check_program(const char *folder, const char *program)
{
    char resolved[PATH_MAX];
    size_t length = strlen(folder);

    if (realpath(program, resolved) == NULL)
        return runner_fail(RUNNER_PACKAGE, "%s: %s", program, strerror(errno));
    if (strncmp(resolved, folder, length) != 0 || resolved[length] != '/')
        return runner_fail(RUNNER_PACKAGE, "%s: leads out of the package, to %s", program, resolved);
    enum runner_exit code = check_regular(resolved);
    if (code != RUNNER_OK)
        return code;
    if (access(resolved, X_OK) != 0)
        return runner_fail(RUNNER_PACKAGE, "%s: %s", program, strerror(errno));
    return RUNNER_OK;
}

static enum runner_exit find_program(struct runner_job *job)
{
    char description[PATH_MAX];
    enum runner_exit code;

    if (realpath(job->call.package, job->folder) == NULL)
        return runner_fail(RUNNER_PACKAGE, "%s: %s", job->call.package, strerror(errno));
    if ((code = join_path(job->folder, "package.conf", description)) != RUNNER_OK ||
        (code = check_regular(description)) != RUNNER_OK ||
        (code = join_path(job->folder, job->call.entry, job->program)) != RUNNER_OK)
        return code;
    return check_program(job->folder, job->program);
}

enum runner_exit runner_package_find(const struct runner_call *call, struct runner_job *out)
{
    *out = (struct runner_job){.call = *call};
    enum runner_exit code = find_program(out);

    if (code == RUNNER_OK && call->config != NULL)
        code = make_absolute(call->config, out->config);
    for (size_t i = 0; i < call->count && code == RUNNER_OK; i++)
        code = make_absolute(call->arguments[i], out->arguments[i]);
    return code;
}

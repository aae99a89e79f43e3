/* model_init.c: `tacit model init`: lets a compute package make a first model. The package runs as on a node:
 * confined, by tacit-run, with the options of its package.conf unless the command line says otherwise. */
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "config.h"
#include "model_file.h"
#include "programs.h"

extern char **environ;

struct init_model {
    const char *package, *runner, *to;
    struct argument_pairs options;
    int64_t seed;
};

/* ---- the options of package.conf ---- */

struct package {
    const char *name, *version, *description, *timeout_s, *memory_mb; /* the runner's business */
    struct config_pairs options;
};

#define AT(member) .offset = offsetof(struct package, member)
static const struct config_key package_keys[] = {
    {.name = "name", .type = CONFIG_STRING, AT(name), .required = true},
    {.name = "version", .type = CONFIG_STRING, AT(version), .required = true},
    {.name = "description", .type = CONFIG_STRING, AT(description)},
    {.name = "timeout_s", .type = CONFIG_STRING, AT(timeout_s)},
    {.name = "memory_mb", .type = CONFIG_STRING, AT(memory_mb)},
    {.name = "option", .type = CONFIG_PAIRS, AT(options), .max = ARGUMENTS_LIST_MAX},
    {0},
};

static const char *given(const struct argument_pairs *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->names[i], name) == 0)
            return options->values[i];
    return NULL;
}

static bool is_listed(const struct config_pairs *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->items[i].name, name) == 0)
            return true;
    return false;
}

/* One `key value` line for each option: the package's, with the values of the command line, and those only it has. */
static void print_options(FILE *out, const struct package *package, const struct argument_pairs *options)
{
    for (size_t i = 0; i < package->options.count; i++) {
        const struct config_pair *pair = &package->options.items[i];
        const char *value = given(options, pair->name);
        fprintf(out, "%s %s\n", pair->name, value != NULL ? value : pair->value);
    }
    for (size_t i = 0; i < options->count; i++)
        if (!is_listed(&package->options, options->names[i]))
            fprintf(out, "%s %s\n", options->names[i], options->values[i]);
}

static enum status write_options(const struct init_model *init, const char *path, struct reason *reason)
{
    CLEANUP(config_free) struct config_text text = {0};
    char conf[FILE_MAX_PATH];
    struct package package = {0};
    char *printed = NULL;
    size_t len = 0;
    FILE *out;
    enum status status;

    (void)snprintf(conf, sizeof conf, "%s/package.conf", init->package);
    TRY(config_read(conf, package_keys, &package, &text, reason));
    out = open_memstream(&printed, &len);
    if (out == NULL)
        return STATUS_IO;
    print_options(out, &package, &init->options);
    status =
        fclose(out) == 0 ? file_write(path, 0600, (struct view){(const uint8_t *)printed, len}, reason) : STATUS_IO;
    free(printed);
    return status;
}

/* ---- running it ---- */

static enum status run(char *const argv[], struct reason *reason)
{
    pid_t child;
    int error = posix_spawn(&child, argv[0], NULL, NULL, argv, environ), ended = 0;

    if (error != 0) {
        reason_set(reason, "%s: %s", argv[0], strerror(error));
        return STATUS_CONFIG;
    }
    while (waitpid(child, &ended, 0) < 0)
        if (errno != EINTR)
            return STATUS_IO;
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        return STATUS_OK;
    reason_set(reason, "%s ended with %s %d", argv[0], WIFEXITED(ended) ? "code" : "signal",
               WIFEXITED(ended) ? WEXITSTATUS(ended) : WTERMSIG(ended));
    return STATUS_PACKAGE;
}

static enum status run_package(const struct init_model *init, char *options_path, struct reason *reason)
{
    struct path beside;
    char seed[24], config[] = "--config", seed_option[] = "--seed", entry[] = "init";
    char runner[FILE_MAX_PATH], package[FILE_MAX_PATH], to[FILE_MAX_PATH];
    char *argv[] = {runner, config, options_path, seed_option, seed, package, entry, to, NULL};

    TRY(programs_beside("tacit-run", &beside, reason));
    (void)snprintf(seed, sizeof seed, "%" PRId64, init->seed);
    (void)snprintf(runner, sizeof runner, "%s", init->runner != NULL ? init->runner : beside.text);
    (void)snprintf(package, sizeof package, "%s", init->package);
    (void)snprintf(to, sizeof to, "%s", init->to);
    return run(argv, reason);
}

/* A temporary file, removed when it leaves scope. */
struct temporary {
    char path[32];
};

static void temporary_remove(const struct temporary *file)
{
    (void)unlink(file->path);
}

static enum status init_model(const struct init_model *init, struct reason *reason)
{
    CLEANUP(model_file_free) struct model_file file = {0};
    CLEANUP(temporary_remove) struct temporary options = {"/tmp/tacit-options-XXXXXX"};
    char digest[2 * SHA256_SIZE + 1];
    int fd = mkstemp(options.path);

    if (fd < 0) {
        reason_set(reason, "%s: %s", options.path, strerror(errno));
        return STATUS_IO;
    }
    (void)close(fd);
    TRY(write_options(init, options.path, reason));
    TRY(run_package(init, options.path, reason));
    TRY(model_file_read(init->to, &file, reason));
    hex_encode(VIEW_OF(file.digest), digest);
    printf("%s: %" PRIu64 " parameters, digest %s\n", init->to, file.tensors.parameters, digest);
    return STATUS_OK;
}

int model_init_command(const struct command *self, int argc, char *argv[])
{
    struct init_model init = {.seed = 1};
    const struct argument table[] = {
        {"--package", ARGUMENT_TEXT, &init.package, 0, 0},
        {"--option", ARGUMENT_PAIRS, &init.options, 0, 0},
        {"--seed", ARGUMENT_NUMBER, &init.seed, 0, INT64_MAX},
        {"--runner", ARGUMENT_TEXT, &init.runner, 0, 0},
        {"-o", ARGUMENT_TEXT, &init.to, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, NULL, &reason))
        return command_usage(self, &reason);
    if (init.package == NULL || init.to == NULL) {
        reason_set(&reason, "--package and -o are needed");
        return command_usage(self, &reason);
    }
    return command_end(self, init_model(&init, &reason), &reason);
}

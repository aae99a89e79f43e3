/* runner_options.c: the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

static const struct entry {
    const char *name;
    size_t count;
    const char *arguments;
} entries[] = {
    {"init", 1, "MODEL_OUT"},
    {"train", 3, "MODEL_IN MODEL_OUT METRICS_OUT"},
    {"validate", 2, "MODEL_IN METRICS_OUT"},
    {"predict", 3, "MODEL_IN INPUT OUTPUT"},
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, 'h'},
    {"timeout", required_argument, NULL, 't'},
    {"memory-mb", required_argument, NULL, 'm'},
    {"file-mb", required_argument, NULL, 'f'},
    {"config", required_argument, NULL, 'c'},
    {"seed", required_argument, NULL, 's'},
    {"round", required_argument, NULL, 'r'},
    {NULL, 0, NULL, 0},
};

/* Decimal digits only: strtoull alone would take blanks, signs and 0x. */
static enum runner_exit parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        return runner_fail(RUNNER_USAGE, "%s: not a number from %llu to %llu", text, (unsigned long long)min,
                           (unsigned long long)max);
    *out = value;
    return RUNNER_OK;
}

static enum runner_exit take_option(int option, const char *value, struct runner_call *call)
{
    switch (option) {
    case 'h':
        call->help = true;
        return RUNNER_OK;
    case 't':
        return parse_number(value, 1, RUNNER_MAX_TIMEOUT_S, &call->timeout_s);
    case 'm':
        return parse_number(value, 0, RUNNER_MAX_MB, &call->memory_mb);
    case 'f':
        return parse_number(value, 1, RUNNER_MAX_MB, &call->file_mb);
    case 's':
        return parse_number(value, 0, UINT64_MAX, &call->seed);
    case 'r':
        return parse_number(value, 0, UINT64_MAX, &call->round);
    case 'c':
        call->config = value;
        return *value != '\0' ? RUNNER_OK : runner_fail(RUNNER_USAGE, "--config: an empty path");
    default: /* getopt said what is wrong */
        return RUNNER_USAGE;
    }
}

static enum runner_exit check_entry(const struct runner_call *call)
{
    const struct entry *entry = NULL;

    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        if (strcmp(call->entry, entries[i].name) == 0)
            entry = &entries[i];
    }
    if (entry == NULL)
        return runner_fail(RUNNER_USAGE, "%s: not an entry; these are: init, train, validate, predict", call->entry);
    if (call->count != entry->count)
        return runner_fail(RUNNER_USAGE, "%s takes %s", entry->name, entry->arguments);
    for (size_t i = 0; i < call->count; i++) {
        if (*call->arguments[i] == '\0')
            return runner_fail(RUNNER_USAGE, "%s: an empty path", entry->name);
    }
    return RUNNER_OK;
}

enum runner_exit runner_options_parse(int argc, char **argv, struct runner_call *out)
{
    struct runner_call call = {.timeout_s = 600, .memory_mb = 1024, .file_mb = 1024};
    int option;

    optind = 0; /* from the beginning, also on a second call */
    while ((option = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
        enum runner_exit code = take_option(option, optarg, &call);
        if (code != RUNNER_OK)
            return code;
        if (call.help) {
            *out = (struct runner_call){.help = true};
            return RUNNER_OK;
        }
    }
    if (argc - optind < 2)
        return runner_fail(RUNNER_USAGE, "PACKAGE and ENTRY are missing; see --help");
    call.package = argv[optind];
    call.entry = argv[optind + 1];
    call.arguments = argv + optind + 2;
    call.count = (size_t)(argc - optind - 2);
    enum runner_exit code = check_entry(&call);
    if (code == RUNNER_OK)
        *out = call;
    return code;
}

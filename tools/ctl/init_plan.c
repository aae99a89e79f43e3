/* init_plan.c: see init_plan.h. */
#include "init_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "topic.h"

#define PROGRAM_MAX        ((size_t)256 << 20) /* bytes of a program that is measured */
#define DEFAULT_DEVICES    3
#define DEFAULT_MIN_COHORT 3

static enum status refuse(struct reason *reason, const char *what, const char *value)
{
    reason_set(reason, "%s: \"%.80s\" is not allowed", what, value);
    return STATUS_CONFIG;
}

/* Text that stands in a line of a configuration file. */
static bool fits_a_line(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static enum status plan_devices(struct init_plan *plan, struct reason *reason)
{
    const struct init_options *options = plan->options;
    const size_t wanted = options->device_count > 0 ? (size_t)options->device_count : DEFAULT_DEVICES;

    plan->device_count = options->devices.count > 0 ? options->devices.count : wanted;
    plan->devices = calloc(plan->device_count, sizeof *plan->devices);
    if (plan->devices == NULL)
        return STATUS_IO;
    for (size_t i = 0; i < plan->device_count; i++) {
        if (options->devices.count == 0) {
            (void)snprintf(plan->devices[i], sizeof plan->devices[i], "device-%zu", i + 1);
            continue;
        }
        if (!name_valid(view_of_string(options->devices.list[i])))
            return refuse(reason, "--device", options->devices.list[i]);
        (void)snprintf(plan->devices[i], sizeof plan->devices[i], "%s", options->devices.list[i]);
    }
    return STATUS_OK;
}

/* A name is a user of the broker, so it is given once. */
static enum status check_names(const struct init_plan *plan, struct reason *reason)
{
    const struct init_options *options = plan->options;
    const char *const taken[] = {INIT_OWNER, INIT_WATCHER, INIT_OBSERVER, options->aggregator};

    if (!name_valid(view_of_string(options->federation)))
        return refuse(reason, "--federation", options->federation);
    if (!name_valid(view_of_string(options->aggregator)))
        return refuse(reason, "--aggregator", options->aggregator);
    for (size_t i = 0; i + 1 < ARRAY_LEN(taken); i++)
        if (strcmp(options->aggregator, taken[i]) == 0)
            return refuse(reason, "--aggregator", options->aggregator);
    for (size_t i = 0; i < plan->device_count; i++) {
        for (size_t j = 0; j < ARRAY_LEN(taken); j++)
            if (strcmp(plan->devices[i], taken[j]) == 0)
                return refuse(reason, "--device", plan->devices[i]);
        for (size_t j = 0; j < i; j++)
            if (strcmp(plan->devices[i], plan->devices[j]) == 0)
                return refuse(reason, "--device twice", plan->devices[i]);
    }
    return STATUS_OK;
}

static enum status plan_hosts(struct init_plan *plan, struct reason *reason)
{
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._:";
    const struct argument_texts *hosts = &plan->options->hosts;
    size_t count = 0;

    plan->hosts[count++] = "localhost";
    plan->hosts[count++] = "127.0.0.1";
    for (size_t i = 0; i < hosts->count; i++) {
        size_t length = strlen(hosts->list[i]);
        if (i == INIT_HOSTS_MAX || length < 1 || length > 253 || strspn(hosts->list[i], allowed) != length)
            return refuse(reason, "--host", hosts->list[i]);
        plan->hosts[count++] = hosts->list[i];
    }
    plan->broker = hosts->count > 0 ? hosts->list[0] : "localhost";
    return STATUS_OK;
}

static enum status check_lines(const struct init_options *options, struct reason *reason)
{
    for (size_t i = 0; i < options->package_options.count; i++) {
        if (!fits_a_line(options->package_options.names[i]) ||
            strpbrk(options->package_options.names[i], " \t") != NULL)
            return refuse(reason, "--package-option", options->package_options.names[i]);
        if (!fits_a_line(options->package_options.values[i]))
            return refuse(reason, "--package-option", options->package_options.values[i]);
    }
    if (options->keep_sealed != NULL && !fits_a_line(options->keep_sealed))
        return refuse(reason, "--keep-sealed", options->keep_sealed);
    return STATUS_OK;
}

static enum status measure(const char *path, char digits[static 2 * DIGEST_SIZE + 1], struct reason *reason)
{
    CLEANUP(file_free) struct buf program = {0};
    uint8_t digest[DIGEST_SIZE];

    if (file_read(path, PROGRAM_MAX, &program, reason) != STATUS_OK)
        return STATUS_CONFIG;
    TRY(sha256(buf_view(&program), digest));
    hex_encode(VIEW_OF(digest), digits);
    return STATUS_OK;
}

/* The path that the option gives, or that of a program beside this one. */
static enum status program(const char *given, const char *usual, struct path *out, struct reason *reason)
{
    struct path beside;

    if (given != NULL)
        return programs_absolute(given, out, reason);
    TRY(programs_beside(usual, &beside, reason));
    return programs_absolute(beside.text, out, reason);
}

static enum status plan_programs(struct init_plan *plan, struct reason *reason)
{
    static const char *const packages[] = {"../packages/dense", "../lib/tacit/packages/dense", NULL};
    static const char *const templates[] = {"../share/tacit/broker-config", "../../broker-config",
                                            "../../../broker-config", NULL};
    const struct init_options *options = plan->options;
    struct path node;

    TRY(program(options->enclave, options->escrow ? "tacit-enclave-escrow" : "tacit-enclave", &plan->enclave, reason));
    TRY(program(options->node, "tacit-node", &node, reason));
    TRY(programs_beside("tacit-run", &plan->runner, reason));
    TRY(measure(plan->enclave.text, plan->enclave_digest, reason));
    TRY(measure(node.text, plan->node_digest, reason));
    if (options->package != NULL)
        TRY(programs_absolute(options->package, &plan->package, reason));
    else
        TRY(programs_find("--package: the reference package", packages, &plan->package, reason));
    if (options->templates != NULL)
        return programs_absolute(options->templates, &plan->templates, reason);
    return programs_find("--templates: mosquitto.conf.in and acl.in", templates, &plan->templates, reason);
}

enum status init_plan_make(const struct init_options *options, struct init_plan *out, struct reason *reason)
{
    *out = (struct init_plan){.options = options, .now = clock_unix_seconds()};
    TRY(plan_devices(out, reason));
    TRY(check_names(out, reason));
    TRY(plan_hosts(out, reason));
    TRY(check_lines(options, reason));
    out->min_cohort = options->min_cohort;
    if (out->min_cohort == 0)
        out->min_cohort = out->device_count < DEFAULT_MIN_COHORT ? (int64_t)out->device_count : DEFAULT_MIN_COHORT;
    return plan_programs(out, reason);
}

void init_plan_free(struct init_plan *plan)
{
    free(plan->devices);
    plan->devices = NULL;
}

enum status init_write(const struct init_plan *plan, unsigned int mode, struct view bytes, struct reason *reason,
                       const char *name, ...)
{
    char relative[256], path[FILE_MAX_PATH];
    va_list arguments;
    int len;

    va_start(arguments, name);
    (void)vsnprintf(relative, sizeof relative, name, arguments);
    va_end(arguments);
    len = snprintf(path, sizeof path, "%s/%s", plan->root.text, relative);
    if (len < 0 || (size_t)len >= sizeof path) {
        reason_set(reason, "%s: the path is too long", relative);
        return STATUS_IO;
    }
    return file_write(path, mode, bytes, reason);
}

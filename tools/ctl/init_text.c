/* init_text.c: see init_plan.h. */
#include "init_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "when.h"

#define TEMPLATE_MAX ((size_t)1 << 20)
#define EARLIER_S    300 /* a policy is valid from a little before now: clocks differ */
#define DAY_S        86400

/* A word of a template and what stands for it. */
struct replacement {
    const char *word, *value;
};

static void print_replaced(FILE *out, const char *text, const struct replacement *list, size_t count)
{
    while (*text != '\0') {
        size_t i = 0;
        while (i < count && strncmp(text, list[i].word, strlen(list[i].word)) != 0)
            i++;
        if (i < count) {
            fputs(list[i].value, out);
            text += strlen(list[i].word);
        } else {
            fputc(*text++, out);
        }
    }
}

/* ---- the files, each printed by its function ---- */

static void print_time(FILE *out, const char *key, uint64_t seconds)
{
    char text[WHEN_TEXT];

    fprintf(out, "%s %s\n", key, when_text(seconds, text));
}

static void print_evidence(FILE *out, const char *who, const char *digest)
{
    fprintf(out, "%s_evidence sim\nroot sim-root.pub\nmeasurement %s\nmax_age 1d\n", who, digest);
}

static void print_policy(FILE *out, const struct init_plan *plan, size_t device)
{
    const struct init_options *options = plan->options;

    (void)device;
    fprintf(out,
            "# The owner's policy. After a change: raise `version`, then\n"
            "#   tacit policy sign policy.conf --key owner.key -o policy.cbor\n"
            "# give policy.cbor to the aggregator and restart it.\n\n"
            "federation %s\n"
            "version 1\n",
            options->federation);
    print_time(out, "not_before", plan->now - EARLIER_S);
    print_time(out, "not_after", plan->now + (uint64_t)options->days * DAY_S);
    fprintf(out,
            "\n# No model is released that fewer updates went into; a round takes no more than max_cohort.\n"
            "min_cohort %" PRId64 "\nmax_cohort %" PRId64 "\n"
            "# The most samples that one update counts for. min_cohort * max_samples is at most 2^32.\n"
            "max_samples %" PRId64 "\nmax_parameters %" PRId64 "\n"
            "# A parameter changes by less than 2^(31 - fraction_bits) in a round.\n"
            "fraction_bits %" PRId64 "\n"
            "max_packet %" PRId64 "\n"
            "credential_lifetime 30d\nchallenge_lifetime 10m\nalgorithms A256GCM ChaCha20-Poly1305 A128GCM\n",
            plan->min_cohort, options->max_cohort, options->max_samples, options->max_parameters,
            options->fraction_bits, options->max_packet);
    fputs("\n# SIMULATED evidence: whoever holds sim-root.key can make it, so nothing is confidential under this "
          "policy.\n"
          "# Measurements are SHA-256 of the programs: after an update of a program its new one must stand here.\n\n",
          out);
    if (options->escrow)
        fputs("# ESCROW: this is tacit-enclave-escrow, which gives its keys to the owner: every update can be opened. "
              "For\n"
              "# tests alone.\n",
              out);
    print_evidence(out, "aggregator", plan->enclave_digest);
    fputc('\n', out);
    print_evidence(out, "device", plan->node_digest);
}

static void print_connection(FILE *out, const struct init_plan *plan)
{
    fprintf(out, "broker %s\nport %" PRId64 "\ncafile ca.crt\ncertfile client.crt\nkeyfile client.key\n", plan->broker,
            plan->options->port);
}

static void print_aggregator(FILE *out, const struct init_plan *plan, size_t device)
{
    (void)device;
    fprintf(out,
            "# Configuration of tacit-aggregator. Its enclave's TEE is simulated.\n"
            "aggregator %s\npolicy policy.cbor\nowner_key owner.pub\nowner_client %s\nenclave %s\n"
            "tee sim\nsim_root sim-root.key\n",
            plan->options->aggregator, INIT_OWNER, plan->enclave.text);
    print_connection(out, plan);
    fputs("database aggregator.db\nmemory 256M\nrecords_kept 64\nlog_level info\n", out);
}

static void print_node(FILE *out, const struct init_plan *plan, size_t device)
{
    const struct init_options *options = plan->options;
    char index[24], count[24];
    const struct replacement words[] = {
        {"@DEVICE@", plan->devices[device]},
        {"@INDEX@", index},
        {"@COUNT@", count},
    };

    (void)snprintf(index, sizeof index, "%zu", device);
    (void)snprintf(count, sizeof count, "%zu", plan->device_count);
    fprintf(out,
            "# Configuration of tacit-node. Its TEE is simulated.\n"
            "federation %s\naggregator %s\ndevice %s\nowner_key owner.pub\nattester sim\nsim_root sim-root.key\n",
            options->federation, options->aggregator, plan->devices[device]);
    print_connection(out, plan);
    fprintf(out, "database node.db\nrunner %s\npackage %s\n", plan->runner.text, plan->package.text);
    for (size_t i = 0; i < options->package_options.count; i++) {
        fprintf(out, "package_option %s ", options->package_options.names[i]);
        print_replaced(out, options->package_options.values[i], words, ARRAY_LEN(words));
        fputc('\n', out);
    }
    fprintf(out, "seed %zu\nalgorithm A256GCM\nmax_parameters %" PRId64 "\nlog_level info\n", device + 1,
            options->max_parameters);
    if (options->keep_sealed != NULL)
        fprintf(out,
                "# DANGER: every update AND ITS KEY are written there. Only to check a simulated federation.\n"
                "keep_sealed %s\n",
                options->keep_sealed);
}

static void print_owner(FILE *out, const struct init_plan *plan, size_t device)
{
    (void)device;
    fprintf(out, "# Defaults of the commands of tacit that talk to the broker.\nfederation %s\naggregator %s\n",
            plan->options->federation, plan->options->aggregator);
    print_connection(out, plan);
    fputs(
        "watch_certfile watch.crt\nwatch_keyfile watch.key\nobserve_certfile observe.crt\nobserve_keyfile observe.key\n"
        "owner_key ../owner.key\nowner_pub ../owner.pub\n",
        out);
}

/* ---- writing them ---- */

typedef void print_fn(FILE *out, const struct init_plan *plan, size_t device);

static void free_text(char **text)
{
    free(*text);
}

static enum status write_printed(const struct init_plan *plan, print_fn *print, size_t device, const char *path,
                                 struct reason *reason)
{
    CLEANUP(free_text) char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        return STATUS_IO;
    print(out, plan, device);
    if (fclose(out) != 0)
        return STATUS_IO;
    return init_write(plan, INIT_PUBLIC, (struct view){(const uint8_t *)text, len}, reason, "%s", path);
}

/* Comments stay as they are: they tell of the words that are replaced. */
static void print_template(FILE *out, char *text, const struct replacement *list, size_t count)
{
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] == '#')
            fputs(line, out);
        else
            print_replaced(out, line, list, count);
        if (rest != NULL)
            fputc('\n', out);
    }
}

static enum status write_template(const struct init_plan *plan, const char *name, const char *path,
                                  struct reason *reason)
{
    CLEANUP(file_free) struct buf template = {0};
    CLEANUP(free_text) char *text = NULL;
    char from[FILE_MAX_PATH + 32], folder[FILE_MAX_PATH + 32], port[24];
    const struct replacement words[] = {
        {"@FOLDER@", folder},
        {"@PORT@", port},
        {"@AGGREGATOR@", plan->options->aggregator},
        {"@OWNER@", INIT_OWNER},
        {"@OBSERVER@", INIT_OBSERVER},
    };
    size_t len = 0;
    FILE *out;

    (void)snprintf(from, sizeof from, "%s/%s", plan->templates.text, name);
    (void)snprintf(folder, sizeof folder, "%s/broker", plan->root.text);
    (void)snprintf(port, sizeof port, "%" PRId64, plan->options->port);
    if (file_read(from, TEMPLATE_MAX, &template, reason) != STATUS_OK)
        return STATUS_CONFIG;
    out = open_memstream(&text, &len);
    if (out == NULL)
        return STATUS_IO;
    print_template(out, (char *)template.ptr, words, ARRAY_LEN(words));
    if (fclose(out) != 0)
        return STATUS_IO;
    return init_write(plan, INIT_PUBLIC, (struct view){(const uint8_t *)text, len}, reason, "%s", path);
}

enum status init_texts(const struct init_plan *plan, struct reason *reason)
{
    char path[NAME_MAX_LEN + 32];

    TRY(write_printed(plan, print_policy, 0, "policy.conf", reason));
    TRY(write_printed(plan, print_aggregator, 0, "aggregator/aggregator.conf", reason));
    TRY(write_printed(plan, print_owner, 0, "owner/tacit.conf", reason));
    for (size_t i = 0; i < plan->device_count; i++) {
        (void)snprintf(path, sizeof path, "devices/%s/node.conf", plan->devices[i]);
        TRY(write_printed(plan, print_node, i, path, reason));
    }
    TRY(write_template(plan, "mosquitto.conf.in", "broker/mosquitto.conf", reason));
    return write_template(plan, "acl.in", "broker/acl", reason);
}

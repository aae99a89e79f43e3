/* init.c: `tacit init`: makes a federation folder, whole or not at all. See init_plan.h. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "init_plan.h"
#include "policy_sign.h"
#include "policy.h"

static enum status make_folder(const char *path, struct reason *reason)
{
    if (mkdir(path, 0700) == 0)
        return STATUS_OK;
    reason_set(reason, "%s: %s", path, strerror(errno));
    return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
}

static enum status make_within(const struct init_plan *plan, const char *name, struct reason *reason)
{
    char path[2 * FILE_MAX_PATH];

    (void)snprintf(path, sizeof path, "%s/%s", plan->root.text, name);
    return make_folder(path, reason);
}

static enum status make_folders(const struct init_plan *plan, struct reason *reason)
{
    static const char *const folders[] = {"owner", "broker", "broker/data", "aggregator", "devices"};
    char device[NAME_MAX_LEN + 16];

    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        TRY(make_within(plan, folders[i], reason));
    for (size_t i = 0; i < plan->device_count; i++) {
        (void)snprintf(device, sizeof device, "devices/%s", plan->devices[i]);
        TRY(make_within(plan, device, reason));
    }
    return STATUS_OK;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)found;
    (void)kind;
    (void)where;
    return remove(path);
}

static enum status write_policy(const struct init_plan *plan, const struct p256_key *owner, struct reason *reason)
{
    char path[FILE_MAX_PATH + 16];
    uint8_t bytes[POLICY_SIGNED_MAX];
    struct buf message = BUF_OF(bytes);

    (void)snprintf(path, sizeof path, "%s/policy.conf", plan->root.text);
    TRY(policy_sign_file(path, owner, &message, reason));
    TRY(init_write(plan, INIT_PUBLIC, buf_view(&message), reason, "policy.cbor"));
    return init_write(plan, INIT_PUBLIC, buf_view(&message), reason, "aggregator/policy.cbor");
}

static enum status fill(struct init_plan *plan, struct reason *reason)
{
    CLEANUP(p256_key_wipe) struct p256_key owner = {0};

    TRY(programs_absolute(plan->options->folder, &plan->root, reason));
    TRY(make_folders(plan, reason));
    TRY(init_keys(plan, &owner, reason));
    TRY(init_texts(plan, reason));
    return write_policy(plan, &owner, reason);
}

static void tell(const struct init_plan *plan)
{
    printf("%s: federation %s, aggregator %s, %zu devices, broker %s:%lld\n", plan->options->folder,
           plan->options->federation, plan->options->aggregator, plan->device_count, plan->broker,
           (long long)plan->options->port);
    puts("SIMULATED: the policy accepts simulated evidence; nothing made under it is confidential.");
    if (plan->options->escrow)
        puts("ESCROW: its enclave gives the keys of each boot to the owner, who can then open every update of every "
             "device.\n"
             "For tests and replays alone.");
    puts("owner.key, ca.key and sim-root.key in it are yours alone. Read policy.conf first.");
}

static enum status init(const struct init_options *options, struct reason *reason)
{
    CLEANUP(init_plan_free) struct init_plan plan = {0};
    enum status status;

    if (file_exists(options->folder)) {
        reason_set(reason, "%s: %s", options->folder, status_text(STATUS_EXISTS));
        return STATUS_EXISTS;
    }
    TRY(init_plan_make(options, &plan, reason));
    TRY(make_folder(options->folder, reason));
    status = fill(&plan, reason);
    if (status == STATUS_OK)
        tell(&plan);
    else
        (void)nftw(options->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}

int init_command(const struct command *self, int argc, char *argv[])
{
    struct init_options options = {
        .federation = "home",
        .aggregator = "gateway",
        .port = 8883,
        .days = 365,
        .max_cohort = 1000,
        .max_samples = 100000,
        .max_parameters = 1000000,
        .fraction_bits = POLICY_FRACTION_BITS_MAX,
        .max_packet = 262144,
    };
    const struct argument table[] = {
        {"--federation", ARGUMENT_TEXT, &options.federation, 0, 0},
        {"--aggregator", ARGUMENT_TEXT, &options.aggregator, 0, 0},
        {"--device", ARGUMENT_TEXTS, &options.devices, 0, 0},
        {"--devices", ARGUMENT_NUMBER, &options.device_count, 1, INIT_DEVICES_MAX},
        {"--host", ARGUMENT_TEXTS, &options.hosts, 0, 0},
        {"--port", ARGUMENT_NUMBER, &options.port, 1, 65535},
        {"--escrow", ARGUMENT_FLAG, &options.escrow, 0, 0},
        {"--enclave", ARGUMENT_TEXT, &options.enclave, 0, 0},
        {"--node", ARGUMENT_TEXT, &options.node, 0, 0},
        {"--package", ARGUMENT_TEXT, &options.package, 0, 0},
        {"--package-option", ARGUMENT_PAIRS, &options.package_options, 0, 0},
        {"--keep-sealed", ARGUMENT_TEXT, &options.keep_sealed, 0, 0},
        {"--min-cohort", ARGUMENT_NUMBER, &options.min_cohort, 1, POLICY_COHORT_MAX},
        {"--max-cohort", ARGUMENT_NUMBER, &options.max_cohort, 1, POLICY_COHORT_MAX},
        {"--max-samples", ARGUMENT_NUMBER, &options.max_samples, 1, POLICY_SAMPLES_MAX},
        {"--max-parameters", ARGUMENT_NUMBER, &options.max_parameters, 1, POLICY_PARAMETERS_MAX},
        {"--fraction-bits", ARGUMENT_NUMBER, &options.fraction_bits, POLICY_FRACTION_BITS_MIN,
         POLICY_FRACTION_BITS_MAX},
        {"--max-packet", ARGUMENT_NUMBER, &options.max_packet, PACKET_MIN, PACKET_MAX},
        {"--days", ARGUMENT_NUMBER, &options.days, 1, 36500},
        {"--templates", ARGUMENT_TEXT, &options.templates, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    struct argument_texts words = {.count = 0};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count != 1 || (options.devices.count > 0 && options.device_count > 0)) {
        reason_set(&reason, "a FOLDER is needed, and --device or --devices, not both");
        return command_usage(self, &reason);
    }
    options.folder = words.list[0];
    return command_end(self, init(&options, &reason), &reason);
}

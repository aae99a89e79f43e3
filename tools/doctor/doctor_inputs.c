/* doctor_inputs.c: see doctor_inputs.h. */
#include "doctor_inputs.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "model_file.h"

#define DEVICES_DEFAULT 10
#define MEMORY_DEFAULT  (INT64_C(256) << 20)
#define RECORDS_DEFAULT 64
#define PACKET_DEFAULT  262144

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Where something is: where the caller says, else in the federation folder, if there is one; else "". */
static void find_path(const struct doctor_options *options, const char *named, const char *within,
                      char out[FILE_MAX_PATH])
{
    if (named != NULL)
        (void)snprintf(out, FILE_MAX_PATH, "%s", named);
    else if (is_folder(options->path))
        (void)snprintf(out, FILE_MAX_PATH, "%s/%s", options->path, within);
    if (named == NULL && !file_exists(out))
        out[0] = '\0';
}

static int is_device(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* How many devices a federation folder has; 0 when it is none. */
static int64_t devices_of(const char *folder)
{
    char path[FILE_MAX_PATH];
    struct dirent **entries = NULL;
    int count;

    (void)snprintf(path, sizeof path, "%s/devices", folder);
    count = scandir(path, &entries, is_device, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return count < 0 ? 0 : count;
}

static enum status read_ours(const char *path, struct conf *out, struct reason *reason)
{
    struct buf text = {0};

    out->tabs = true;
    if (file_read(path, CONF_FILE_MAX, &text, reason) != STATUS_OK)
        return STATUS_CONFIG;
    return conf_add_text(out, path, text, reason);
}

static enum status read_policy(struct doctor_inputs *inputs, struct reason *reason)
{
    if (inputs->policy_path[0] != '\0')
        return rules_read(inputs->policy_path, NULL, &inputs->rules, reason);
    inputs->rules.policy = (struct policy){
        .min_cohort = 1,
        .max_cohort = POLICY_COHORT_MAX,
        .max_samples = 1,
        .max_parameters = POLICY_PARAMETERS_MAX,
        .max_packet = PACKET_DEFAULT,
        .challenge_s = 600,
    };
    return STATUS_OK;
}

static enum status read_parameters(const struct doctor_options *options, const struct policy *policy, uint64_t *out,
                                   struct reason *reason)
{
    CLEANUP(file_free) struct buf bytes = {0};
    CLEANUP(safetensors_release) struct safetensors tensors = {0};
    enum status status;

    if (options->parameters == 0 && options->model == NULL && policy->federation.len == 0) {
        reason_set(reason, "how large is the model? --model FILE, --parameters N, or --policy FILE");
        return STATUS_CONFIG;
    }
    *out = options->parameters > 0 ? (uint64_t)options->parameters : policy->max_parameters;
    if (options->model == NULL)
        return STATUS_OK;
    if (file_read(options->model, MODEL_FILE_MAX, &bytes, reason) != STATUS_OK)
        return STATUS_CONFIG;
    status = safetensors_decode(buf_view(&bytes), &tensors);
    if (status != STATUS_OK) {
        reason_set(reason, "%.300s: no model in safetensors: %s", options->model, status_text(status));
        return STATUS_CONFIG;
    }
    *out = tensors.parameters;
    return STATUS_OK;
}

/* A number of the aggregator's configuration, unless the command line has it. */
static enum status host_number(const struct doctor_inputs *inputs, int64_t given, const char *key, int64_t otherwise,
                               uint64_t *out, struct reason *reason)
{
    const struct conf_line *line = conf_global(&inputs->host, key);
    char place[CONF_PLACE_MAX];
    int64_t value = given;

    if (given < 0 && (!conf_number(line, true, otherwise, &value) || value < 0)) {
        reason_set(reason, "%.300s: %s is no number", conf_place(&inputs->host, line, place), key);
        return STATUS_CONFIG;
    }
    *out = (uint64_t)value;
    return STATUS_OK;
}

static const char *name_of(const struct doctor_inputs *inputs, const char *given, const char *key,
                           const char *otherwise)
{
    const struct conf_line *line = conf_global(&inputs->host, key);

    return given != NULL ? given : line != NULL ? line->value : otherwise;
}

static uint64_t or_else(int64_t given, uint64_t otherwise)
{
    return given >= 0 ? (uint64_t)given : otherwise;
}

static enum status ask(const struct doctor_options *options, struct doctor_inputs *inputs, struct plan_asked *out,
                       struct reason *reason)
{
    const struct policy *policy = &inputs->rules.policy;
    const int64_t in_folder = devices_of(options->path);
    uint64_t cohort;

    (void)snprintf(inputs->federation, sizeof inputs->federation, "%.*s", (int)policy->federation.len,
                   (const char *)policy->federation.ptr);
    out->policy = *policy;
    out->federation = options->federation != NULL     ? options->federation
                      : inputs->federation[0] != '\0' ? inputs->federation
                                                      : "home";
    out->aggregator = name_of(inputs, options->aggregator, "aggregator", "gateway");
    out->owner = name_of(inputs, options->owner, "owner_client", "owner");
    out->observer = options->observer != NULL ? options->observer : "observer";
    out->devices = or_else(options->devices, in_folder > 0 ? (uint64_t)in_folder : DEVICES_DEFAULT);
    cohort = out->devices < policy->max_cohort ? out->devices : policy->max_cohort;
    out->cohort = or_else(options->cohort, cohort);
    out->rounds = (uint64_t)options->rounds;
    out->deadline_s = (uint64_t)options->deadline;
    out->round_s = or_else(options->round_time, out->deadline_s);
    out->away_s = (uint64_t)options->away;
    out->slow = or_else(options->slow, out->devices);
    out->link_kbit = (uint64_t)options->link_kbit;
    out->shared_kbit = (uint64_t)options->shared_kbit;
    out->captured = options->capture;
    TRY(host_number(inputs, options->memory, "memory", MEMORY_DEFAULT, &out->memory, reason));
    TRY(host_number(inputs, options->records, "records_kept", RECORDS_DEFAULT, &out->records, reason));
    return read_parameters(options, policy, &out->parameters, reason);
}

/* The list that the configuration names; a relative path is relative to where mosquitto is started, which nobody knows:
 * it is looked for beside the configuration too. What cannot be read is a finding, not a failure. */
static void read_acl(const struct doctor_options *options, struct doctor_inputs *inputs)
{
    const struct conf_line *line = conf_global(&inputs->broker, "acl_file");
    const char *name = options->acl != NULL ? options->acl : line != NULL ? line->value : NULL;
    char folder[FILE_MAX_PATH];

    if (name == NULL)
        return;
    inputs->checking.acl_path = inputs->acl_path;
    (void)snprintf(inputs->acl_path, sizeof inputs->acl_path, "%s", name);
    if (name[0] != '/' && !file_exists(name) && options->acl == NULL &&
        file_folder(inputs->broker_path, folder, NULL) == STATUS_OK)
        (void)snprintf(inputs->acl_path, sizeof inputs->acl_path, "%.2048s/%.2000s", folder, name);
    inputs->checking.acl_reason = inputs->acl_reason.text;
    if (file_read(inputs->acl_path, ACL_FILE_MAX, &inputs->acl_text, &inputs->acl_reason) != STATUS_OK)
        return;
    if (acl_read(inputs->acl_text, &inputs->acl, &inputs->acl_reason) == STATUS_OK)
        inputs->checking.acl = &inputs->acl;
}

/* LimitNOFILE of a unit: SOFT, SOFT:HARD or infinity; the last one counts. */
static bool nofile_of(const struct conf *unit, uint64_t *out)
{
    static const char key[] = "LimitNOFILE=";
    const char *value = NULL;
    char *end;

    for (unsigned int i = 0; i < unit->line_count; i++)
        if (strncmp(unit->lines[i].key, key, sizeof key - 1) == 0)
            value = unit->lines[i].key + sizeof key - 1;
    if (value == NULL)
        return false;
    *out = strncmp(value, "infinity", 8) == 0 ? UINT64_MAX : strtoull(value, &end, 10);
    return true;
}

static enum status read_descriptors(const struct doctor_options *options, struct doctor_inputs *inputs,
                                    struct reason *reason)
{
    struct checking *checking = &inputs->checking;
    struct rlimit limit = {.rlim_cur = 1024};

    if (options->nofile > 0) {
        checking->nofile = (uint64_t)options->nofile;
        checking->nofile_of = "--nofile";
        return STATUS_OK;
    }
    if (options->unit == NULL) {
        (void)getrlimit(RLIMIT_NOFILE, &limit);
        checking->nofile = limit.rlim_cur;
        checking->nofile_of = "this shell's limit; a service has its own: --unit";
        return STATUS_OK;
    }
    TRY(read_ours(options->unit, &inputs->unit, reason));
    checking->nofile_of = options->unit;
    if (!nofile_of(&inputs->unit, &checking->nofile))
        checking->nofile = 1024; /* what systemd gives a service that does not say */
    return STATUS_OK;
}

enum status doctor_inputs_read(const struct doctor_options *options, struct doctor_inputs *out, struct reason *reason)
{
    struct plan_asked asked = {0};

    find_path(options, is_folder(options->path) ? NULL : options->path, "broker/mosquitto.conf", out->broker_path);
    find_path(options, options->policy, "policy.cbor", out->policy_path);
    find_path(options, options->host, "aggregator/aggregator.conf", out->host_path);
    if (out->broker_path[0] == '\0') {
        reason_set(reason, "%.300s: a folder without broker/mosquitto.conf", options->path);
        return STATUS_CONFIG;
    }
    TRY(conf_read(out->broker_path, &out->broker, reason));
    if (out->host_path[0] != '\0')
        TRY(read_ours(out->host_path, &out->host, reason));
    TRY(read_policy(out, reason));
    TRY(ask(options, out, &asked, reason));
    TRY(read_descriptors(options, out, reason));
    read_acl(options, out);
    if (plan_make(&asked, &out->plan) != STATUS_OK) {
        reason_set(reason, "no federation has such numbers: a model of up to 2^30 parameters, a million devices");
        return STATUS_CONFIG;
    }
    out->findings.conf = &out->broker;
    out->checking.plan = &out->plan;
    out->checking.conf = &out->broker;
    out->checking.host = &out->host;
    out->checking.port = or_else(options->port, 0);
    out->checking.out = &out->findings;
    return STATUS_OK;
}

void doctor_inputs_free(struct doctor_inputs *inputs)
{
    conf_free(&inputs->broker);
    conf_free(&inputs->host);
    conf_free(&inputs->unit);
    file_free(&inputs->acl_text);
}

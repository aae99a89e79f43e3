/* main.c: tacit-node: configuration, broker, database and compute package, wired to the library's state machine. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "daemon.h"
#include "enrol_tpm.h"
#include "file.h"
#include "topic.h"

#define RECEIVE_BYTES (8u << 20) /* beside a whole model */
#define RECEIVE_COUNT (2 * CHUNKS_MAX)
#define AUDIT_MODE    0700

static const char help[] =
    "tacit-node: takes part in a federation: appraises the aggregator, trains with a compute package, and sends\n"
    "updates that only the aggregator's enclave can open\n"
    "\n"
    "usage: tacit-node -c FILE\n"
    "       tacit-node --enrol-tpm -c FILE [--out FOLDER]\n"
    "\n"
    "  -c, --config FILE  configuration\n"
    "      --enrol-tpm    make the attestation key of this machine's TPM, or find it; write its public part to\n"
    "                     FOLDER/ak.pub (TPM2B_PUBLIC) and FOLDER/ak.pem, and print what an owner's policy names: the\n"
    "                     key, and the PCRs as they are now. The configuration chooses `attester tpm`\n"
    "      --out FOLDER   where to (.); made if it is not there\n" SERVICE_USAGE_OPTIONS "\n"
    "exit codes: 0 ended by SIGTERM or SIGINT, or done; 1 something failed at start; 2 usage;\n" SERVICE_USAGE_ENDS;

/* ---- what calls the library ---- */

static void on_done(void *ctx, const struct tacit_result *result)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->service.log, LOG_LEVEL_DEBUG, "work_done", "%u samples", result->samples);
    tacit_node_trained(daemon->node, result, clock_unix_seconds());
}

static void on_failed(void *ctx, const char *why)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->service.log, LOG_LEVEL_WARN, "package_failed", "%s", why);
    tacit_node_failed(daemon->node, why, clock_unix_seconds());
}

static void on_tick(void *ctx)
{
    struct daemon *daemon = ctx;

    tacit_node_tick(daemon->node, clock_unix_seconds());
}

static void on_connected(void *ctx)
{
    struct daemon *daemon = ctx;
    const struct mqtt_publish online = {
        .topic = daemon->presence, .payload = VIEW_TEXT("online"), .retained = true, .content_type = "text/plain"};

    if (mqtt_publish(daemon->service.mqtt, &online) != STATUS_OK)
        log_event(&daemon->service.log, LOG_LEVEL_WARN, "presence_not_sent", "%s", daemon->presence);
    tacit_node_connected(daemon->node, clock_unix_seconds());
}

static void on_disconnected(void *ctx, const char *reason)
{
    struct daemon *daemon = ctx;

    (void)reason;
    tacit_node_disconnected(daemon->node, clock_unix_seconds());
}

static void on_message(void *ctx, const struct mqtt_message *message)
{
    struct daemon *daemon = ctx;

    tacit_node_message(daemon->node, message->topic, message->payload.ptr, message->payload.len, clock_unix_seconds());
}

static void on_writable(void *ctx)
{
    struct daemon *daemon = ctx;

    tacit_node_writable(daemon->node, clock_unix_seconds());
}

static void on_signal(void *ctx, int signal)
{
    struct daemon *daemon = ctx;

    if (signal == SIGCHLD)
        work_reap(&daemon->work);
}

/* ---- up and down ---- */

static enum status make_work(struct daemon *daemon, struct reason *reason)
{
    const struct daemon_settings *settings = &daemon->settings;
    unsigned int left;

    TRY(package_read(settings->package, &daemon->package, reason));
    daemon->work_setup = (struct work_setup){
        .runner = settings->runner,
        .package = &daemon->package,
        .options = &settings->package_options,
        .seed = settings->seed,
        .ctx = daemon,
        .done = on_done,
        .failed = on_failed,
    };
    daemon->work.setup = &daemon->work_setup;
    left = work_folder_sweep();
    if (left > 0)
        log_event(&daemon->service.log, LOG_LEVEL_INFO, "work_swept", "%u folders that an earlier run left behind",
                  left);
    return STATUS_OK;
}

static enum status make_audit(const struct daemon *daemon, struct reason *reason)
{
    const char *folder = daemon->settings.keep_sealed;

    if (folder == NULL)
        return STATUS_OK;
    log_event(&daemon->service.log, LOG_LEVEL_WARN, "keys_are_kept", "%s: whoever reads it reads this device's updates",
              folder);
    return file_make_folders(folder, AUDIT_MODE, reason);
}

static enum status make_mqtt(struct daemon *daemon, struct reason *reason)
{
    const struct daemon_settings *settings = &daemon->settings;
    const struct topic names = {.federation = view_of_string(settings->federation),
                                .device = view_of_string(settings->device)};
    struct buf presence = {.ptr = (uint8_t *)daemon->presence, .cap = sizeof daemon->presence};
    const struct mqtt_options options = {
        .receive_bytes = RECEIVE_BYTES + model_encoded_max((uint64_t)settings->max_parameters),
        .receive_count = RECEIVE_COUNT,
        .will_topic = daemon->presence,
        .will_payload = VIEW_TEXT("offline"),
        .will_retained = true,
    };

    TRY(topic_format(TOPIC_PRESENCE, &names, &presence));
    return service_connect(&daemon->service, settings->device, &options, reason);
}

static enum status make_node(struct daemon *daemon, struct reason *reason)
{
    const struct daemon_settings *settings = &daemon->settings;
    const struct tacit_config config = {
        .federation = settings->federation,
        .aggregator = settings->aggregator,
        .device = settings->device,
        .owner_key = settings->owner_key,
        .max_parameters = (uint64_t)settings->max_parameters,
        .algorithm = settings->algorithm,
        .half = settings->half,
        .max_endorsements = TACIT_MAX_ENDORSEMENTS_SIZE,
    };
    const struct tacit_ports ports = daemon_ports(daemon);

    daemon->memory = malloc(tacit_node_memory(&config));
    if (daemon->memory == NULL) {
        reason_set(reason, "no memory for models of %llu parameters", (unsigned long long)config.max_parameters);
        return STATUS_NO_SPACE;
    }
    daemon->node = tacit_node_start(daemon->memory, &config, &ports, daemon);
    if (daemon->node == NULL) {
        reason_set(reason, "a name, the owner's key, the algorithm or max_parameters is not valid");
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

/* ---- as a service ---- */

static enum status configure(void *ctx, const char *path, struct reason *reason)
{
    struct daemon *daemon = ctx;

    daemon->service.settings = &daemon->settings.service;
    return daemon_settings_read(path, &daemon->settings, reason);
}

static enum status open_store(void *ctx, struct reason *reason)
{
    struct daemon *daemon = ctx;

    return store_open(daemon->settings.service.database, &daemon->store, reason);
}

static enum status set_up(void *ctx, struct reason *reason)
{
    struct daemon *daemon = ctx;

    TRY(make_work(daemon, reason));
    TRY(attesters_begin(&daemon->settings, &daemon->attesters, reason));
    daemon->endorser = (struct endorser){.folder = daemon->settings.endorsements, .log = &daemon->service.log};
    TRY(make_audit(daemon, reason));
    TRY(make_mqtt(daemon, reason));
    return make_node(daemon, reason);
}

static void tear_down(void *ctx)
{
    struct daemon *daemon = ctx;

    work_abandon(&daemon->work);
    if (daemon->node != NULL)
        tacit_node_stop(daemon->node);
    free(daemon->memory);
    store_close(&daemon->store);
    package_free(&daemon->package);
    endorser_free(&daemon->endorser);
    daemon_settings_free(&daemon->settings);
}

/* ---- other command lines ---- */

/* What the command line asks for. */
struct request {
    const char *config, *out;
    bool enrol_tpm;
};

static bool parse(int argc, char **argv, struct request *request)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"out", required_argument, NULL, 'o'},
                                            {"enrol-tpm", no_argument, NULL, 'e'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        if (option == 'c' && request->config == NULL)
            request->config = optarg;
        else if (option == 'o' && request->out == NULL)
            request->out = optarg;
        else if (option == 'e')
            request->enrol_tpm = true;
        else
            return false;
    }
    return optind == argc && request->config != NULL && (request->out == NULL || request->enrol_tpm);
}

static int enrol(const struct request *request)
{
    static struct daemon_settings settings;
    struct reason reason = {""};
    enum status status = daemon_settings_read(request->config, &settings, &reason);

    if (status == STATUS_OK)
        status = enrol_tpm(request->config, &settings, request->out != NULL ? request->out : ".", &reason);
    daemon_settings_free(&settings);
    if (status == STATUS_OK)
        return SERVICE_DONE;
    fprintf(stderr, "tacit-node: %s\n", reason.text);
    return status == STATUS_CONFIG ? SERVICE_BAD_CONFIG : SERVICE_FAILED;
}

static const struct service_program program = {
    .name = "tacit-node",
    .help = help,
    .print_sample = daemon_settings_print_sample,
    .configure = configure,
    .open = open_store,
    .set_up = set_up,
    .tear_down = tear_down,
    .events =
        {
            .connected = on_connected,
            .disconnected = on_disconnected,
            .message = on_message,
            .writable = on_writable,
            .drained = on_writable,
        },
    .tick = on_tick,
    .signal = on_signal,
};

static struct daemon the_daemon = {.service = {.program = &program, .ctx = &the_daemon}};

static int answer(int argc, char **argv)
{
    struct request request = {.enrol_tpm = false};

    if (!parse(argc, argv, &request))
        return -1;
    return request.enrol_tpm ? enrol(&request) : service_run(&the_daemon.service, request.config);
}

int main(int argc, char **argv)
{
    return service_main(&the_daemon.service, argc, argv, answer);
}

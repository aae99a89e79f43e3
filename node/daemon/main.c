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
#include "log_stderr.h"
#include "topic.h"
#include "tune.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_BAD_USAGE = 2, EXIT_BAD_CONFIG = 3 };

#define SESSION_S     86400      /* how long the broker keeps messages for us */
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
    "      --out FOLDER   where to (.); made if it is not there\n"
    "      --sample       print a documented configuration\n"
    "      --help         this text\n"
    "\n"
    "exit codes: 0 ended by SIGTERM or SIGINT, or done; 1 something failed at start; 2 usage;\n"
    "3 the configuration is wrong (file, line and reason are printed)\n";

/* ---- what calls the library ---- */

static void on_done(void *ctx, const struct tacit_result *result)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->log, LOG_LEVEL_DEBUG, "work_done", "%u samples", result->samples);
    tacit_node_trained(daemon->node, result, clock_unix_seconds());
}

static void on_failed(void *ctx, const char *why)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->log, LOG_LEVEL_WARN, "package_failed", "%s", why);
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

    log_event(&daemon->log, LOG_LEVEL_INFO, "connected", "%s", daemon->settings.broker);
    if (mqtt_publish(daemon->mqtt, &online) != STATUS_OK)
        log_event(&daemon->log, LOG_LEVEL_WARN, "presence_not_sent", "%s", daemon->presence);
    tacit_node_connected(daemon->node, clock_unix_seconds());
}

static void on_disconnected(void *ctx, const char *reason)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->log, LOG_LEVEL_WARN, "disconnected", "%s", reason);
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

static void on_refused(void *ctx, const char *topic, int reason_code)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->log, LOG_LEVEL_ERROR, "publish_refused", "%s: the broker says 0x%02x", topic,
              (unsigned int)reason_code);
}

static void on_signal(void *ctx, int signal)
{
    struct daemon *daemon = ctx;

    if (signal == SIGCHLD)
        work_reap(&daemon->work);
    if (signal == SIGTERM || signal == SIGINT) {
        log_event(&daemon->log, LOG_LEVEL_INFO, "stopping", "signal %d", signal);
        mqtt_stop(daemon->mqtt, true);
        loop_stop(daemon->loop);
    }
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
        log_event(&daemon->log, LOG_LEVEL_INFO, "work_swept", "%u folders that an earlier run left behind", left);
    return STATUS_OK;
}

static enum status make_audit(const struct daemon *daemon, struct reason *reason)
{
    const char *folder = daemon->settings.keep_sealed;

    if (folder == NULL)
        return STATUS_OK;
    log_event(&daemon->log, LOG_LEVEL_WARN, "keys_are_kept", "%s: whoever reads it reads this device's updates",
              folder);
    return file_make_folders(folder, AUDIT_MODE, reason);
}

static enum status make_mqtt(struct daemon *daemon, struct reason *reason)
{
    const struct daemon_settings *settings = &daemon->settings;
    const struct mqtt_handlers handlers = {
        .ctx = daemon,
        .connected = on_connected,
        .disconnected = on_disconnected,
        .message = on_message,
        .writable = on_writable,
        .drained = on_writable,
        .refused = on_refused,
    };
    const struct topic names = {.federation = view_of_string(settings->federation),
                                .device = view_of_string(settings->device)};
    struct buf presence = {.ptr = (uint8_t *)daemon->presence, .cap = sizeof daemon->presence};
    const struct mqtt_options options = {
        .host = settings->broker,
        .port = (uint16_t)settings->port,
        .client_id = settings->device,
        .cafile = settings->cafile,
        .certfile = settings->certfile,
        .keyfile = settings->keyfile,
        .plain = settings->plain,
        .durable = true,
        .session_expiry_s = SESSION_S,
        .receive_bytes = RECEIVE_BYTES + model_encoded_max((uint64_t)settings->max_parameters),
        .receive_count = RECEIVE_COUNT,
        .will_topic = daemon->presence,
        .will_payload = VIEW_TEXT("offline"),
        .will_retained = true,
    };

    TRY(topic_format(TOPIC_PRESENCE, &names, &presence));
    return mqtt_new(&options, &handlers, daemon->loop, &daemon->log, &daemon->mqtt, reason);
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

static enum status set_up(struct daemon *daemon, struct reason *reason)
{
    daemon->tick = (struct loop_timer){.fn = on_tick, .ctx = daemon};
    TRY(make_work(daemon, reason));
    TRY(attesters_begin(&daemon->settings, &daemon->attesters, reason));
    daemon->endorser = (struct endorser){.folder = daemon->settings.endorsements, .log = &daemon->log};
    TRY(make_audit(daemon, reason));
    TRY(loop_new(&daemon->loop));
    TRY(loop_watch_signals(daemon->loop, on_signal, daemon));
    TRY(store_open(daemon->settings.database, &daemon->store, reason));
    TRY(make_mqtt(daemon, reason));
    TRY(make_node(daemon, reason));
    loop_timer_start(daemon->loop, &daemon->tick, 1000, 1000);
    return STATUS_OK;
}

static void tear_down(struct daemon *daemon)
{
    work_abandon(&daemon->work);
    if (daemon->node != NULL)
        tacit_node_stop(daemon->node);
    free(daemon->memory);
    mqtt_free(&daemon->mqtt);
    store_close(&daemon->store);
    loop_free(&daemon->loop);
    package_free(&daemon->package);
    endorser_free(&daemon->endorser);
    daemon_settings_free(&daemon->settings);
}

static int run(const char *config)
{
    static struct daemon daemon;
    struct reason reason = {""};
    enum status status = daemon_settings_read(config, &daemon.settings, &reason);

    if (status != STATUS_OK) {
        fprintf(stderr, "tacit-node: %s\n", reason.text);
        daemon_settings_free(&daemon.settings);
        return EXIT_BAD_CONFIG;
    }
    daemon.level = (enum log_level)daemon.settings.log_level;
    daemon.log = log_stderr(&daemon.level);
    status = set_up(&daemon, &reason);
    if (status == STATUS_OK)
        status = loop_run(daemon.loop);
    if (status != STATUS_OK)
        fprintf(stderr, "tacit-node: %s (%s) %s\n", status_text(status), status_name(status), reason.text);
    tear_down(&daemon);
    return status == STATUS_OK ? EXIT_DONE : status == STATUS_CONFIG ? EXIT_BAD_CONFIG : EXIT_FAILED;
}

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
        return EXIT_DONE;
    fprintf(stderr, "tacit-node: %s\n", reason.text);
    return status == STATUS_CONFIG ? EXIT_BAD_CONFIG : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct request request = {.enrol_tpm = false};

    os_tune_malloc();
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--sample") == 0) {
        daemon_settings_print_sample();
        return EXIT_DONE;
    }
    if (!parse(argc, argv, &request)) {
        fputs(help, stderr);
        return EXIT_BAD_USAGE;
    }
    return request.enrol_tpm ? enrol(&request) : run(request.config);
}

/* main.c: tacit-aggregator: configuration, broker, enclave process and database, wired to the host's state machine. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "clock.h"
#include "collateral.h"
#include "enclave.h"
#include "host.h"
#include "journal.h"
#include "log_stderr.h"
#include "loop.h"
#include "mqtt.h"
#include "recorder.h"
#include "settings.h"
#include "topic.h"
#include "tune.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_BAD_USAGE = 2, EXIT_BAD_CONFIG = 3 };

#define RESTART_MIN_S 1
#define RESTART_MAX_S 60
#define SEND_BYTES    (16u << 20)
#define BULK_BYTES    (8u << 20) /* chunks of the model may fill so much of it */

static const char help[] =
    "tacit-aggregator: carries sealed updates between an MQTT broker and the enclave that sums them\n"
    "\n"
    "usage: tacit-aggregator -c FILE\n"
    "\n"
    "  -c, --config FILE  configuration\n"
    "      --sample       print a documented configuration\n"
    "      --help         this text\n"
    "\n"
    "SIGHUP reads the folder of endorsements (collateral_dir) again.\n"
    "\n"
    "exit codes: 0 ended by SIGTERM or SIGINT; 1 the enclave or the database failed at start; 2 usage;\n"
    "3 the configuration is wrong (file, line and reason are printed)\n";

struct daemon {
    struct settings settings;
    enum log_level level;
    struct log log;
    struct loop *loop;
    struct mqtt *mqtt;
    struct journal journal;
    struct gate_client gate;
    struct collateral collateral;
    struct host *host;
    struct recorder recorder;
    struct loop_timer tick, restart;
    struct backoff restarts; /* in seconds of clock_monotonic_ms */
};

static enum status publish(void *ctx, const char *topic, struct view payload, bool retained)
{
    struct daemon *daemon = ctx;
    const struct mqtt_publish message = {
        .topic = topic, .payload = payload, .retained = retained, .content_type = "application/cose"};

    const enum status status = mqtt_publish(daemon->mqtt, &message);

    if (status == STATUS_OK)
        recorder_said(&daemon->recorder, topic, payload, retained);
    return status;
}

static bool has_room(void *ctx)
{
    const struct daemon *daemon = ctx;

    return mqtt_counts(daemon->mqtt).queued_bytes < BULK_BYTES;
}

static enum status gate(void *ctx, enum gate_call call, const struct view *pieces, size_t count, struct view *response)
{
    struct daemon *daemon = ctx;

    return gate_client_call(&daemon->gate, call, pieces, count, response);
}

static enum status log_database(struct daemon *daemon, enum status status)
{
    if (status != STATUS_OK)
        log_event(&daemon->log, LOG_LEVEL_ERROR, "database_failed", "%s: %s", daemon->settings.database,
                  db_message(daemon->journal.db));
    return status;
}

static enum status keep_round(void *ctx, const struct closed_round *closed)
{
    struct daemon *daemon = ctx;

    return log_database(daemon, journal_keep_round(&daemon->journal, closed));
}

static enum status keep_state(void *ctx, struct view state)
{
    struct daemon *daemon = ctx;

    return log_database(daemon, journal_keep_state(&daemon->journal, state));
}

static enum status collateral(void *ctx, struct endorsements *items, const char *files[ENDORSEMENTS_MAX])
{
    struct daemon *daemon = ctx;
    struct reason reason = {""};
    const enum status status = collateral_read(daemon->settings.collateral_dir, &daemon->collateral, &reason);

    if (status != STATUS_OK) {
        log_event(&daemon->log, LOG_LEVEL_ERROR, "collateral_failed", "%s; the files before it stay in use",
                  reason.text);
        return status;
    }
    *items = daemon->collateral.items;
    memcpy(files, daemon->collateral.files, sizeof daemon->collateral.files);
    return STATUS_OK;
}

static enum status keep_revocations(void *ctx, struct view signed_list)
{
    struct daemon *daemon = ctx;

    return log_database(daemon,
                        journal_keep_revocations(&daemon->journal, VIEW_OF(daemon->settings.owner_key), signed_list));
}

static enum status recall_revocations(struct daemon *daemon)
{
    struct buf list = {NULL, 0, 0};
    enum status status =
        log_database(daemon, journal_load_revocations(&daemon->journal, VIEW_OF(daemon->settings.owner_key), &list));

    if (status == STATUS_OK && list.len > 0)
        status = host_remember_revocations(daemon->host, buf_view(&list));
    free(list.ptr);
    return status;
}

/* Starts an enclave, or connects to one, and boots it with the state that was kept last. */
static enum status start_enclave(struct daemon *daemon)
{
    const char *name = daemon->settings.enclave_text;
    struct reason reason = {""};
    struct buf state = {NULL, 0, 0};
    enum status status = enclave_open(&daemon->settings, &daemon->gate, &reason);

    if (status == STATUS_OK)
        status = log_database(daemon, journal_load_state(&daemon->journal, &state));
    if (status == STATUS_OK)
        status = host_boot(daemon->host, buf_view(&state), clock_unix_seconds());
    free(state.ptr);
    if (status != STATUS_OK) {
        log_event(&daemon->log, LOG_LEVEL_ERROR, "enclave_failed", "%s: %s %s", name, status_text(status), reason.text);
        gate_client_stop(&daemon->gate);
        return status;
    }
    backoff_works(&daemon->restarts, clock_monotonic_ms() / 1000);
    daemon->gate.max_body = host_max_body(daemon->host);
    log_event(&daemon->log, LOG_LEVEL_INFO, "enclave_booted", "%s pid %d", name, (int)daemon->gate.pid);
    return STATUS_OK;
}

/* Every event of the host ends here: an enclave that is gone is started anew, later each time, until one has lived. */
static void attend(struct daemon *daemon, enum status status)
{
    uint32_t wait;

    if (status != STATUS_NO_CONNECTION || daemon->restart.running)
        return;
    wait = backoff_fails(&daemon->restarts, clock_monotonic_ms() / 1000);
    log_event(&daemon->log, LOG_LEVEL_ERROR, "enclave_gone", "starts again in %u s", wait);
    gate_client_stop(&daemon->gate);
    loop_timer_start(daemon->loop, &daemon->restart, (uint64_t)wait * 1000, 0);
}

/* An enclave in a machine of its own may come up later than we do. */
static enum status start_first_enclave(struct daemon *daemon)
{
    enum status status = start_enclave(daemon);

    if (status != STATUS_NO_CONNECTION || daemon->settings.enclave.place == GATE_PROGRAM)
        return status;
    attend(daemon, status);
    return STATUS_OK;
}

static void on_restart(void *ctx)
{
    struct daemon *daemon = ctx;

    if (start_enclave(daemon) != STATUS_OK)
        attend(daemon, STATUS_NO_CONNECTION);
}

static void on_tick(void *ctx)
{
    struct daemon *daemon = ctx;

    recorder_tick(&daemon->recorder, clock_monotonic_ms());
    host_note_capture(daemon->host, recorder_state(&daemon->recorder));
    attend(daemon, host_tick(daemon->host, clock_unix_seconds()));
}

static void on_connected(void *ctx)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->log, LOG_LEVEL_INFO, "connected", "%s", daemon->settings.broker);
    recorder_connected(&daemon->recorder);
    attend(daemon, host_connected(daemon->host, clock_unix_seconds()));
}

static void on_disconnected(void *ctx, const char *reason)
{
    struct daemon *daemon = ctx;

    log_event(&daemon->log, LOG_LEVEL_WARN, "disconnected", "%s", reason);
    recorder_disconnected(&daemon->recorder, reason);
    host_disconnected(daemon->host);
}

static void on_message(void *ctx, const struct mqtt_message *message)
{
    struct daemon *daemon = ctx;

    recorder_heard(&daemon->recorder, message);
    attend(daemon, host_message(daemon->host, message->topic, message->payload, clock_unix_seconds()));
}

static void on_writable(void *ctx)
{
    struct daemon *daemon = ctx;

    attend(daemon, host_writable(daemon->host, clock_unix_seconds()));
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

    if (signal == SIGHUP)
        attend(daemon, host_reload(daemon->host, clock_unix_seconds()));
    if (signal == SIGTERM || signal == SIGINT) {
        log_event(&daemon->log, LOG_LEVEL_INFO, "stopping", "signal %d", signal);
        mqtt_stop(daemon->mqtt, true);
        loop_stop(daemon->loop);
    }
}

static enum status make_host(struct daemon *daemon)
{
    const struct settings *settings = &daemon->settings;
    const struct host_settings host_settings = {
        .aggregator = view_of_string(settings->aggregator),
        .owner = view_of_string(settings->owner_client),
        .owner_key = VIEW_OF(settings->owner_key),
        .policy = buf_view(&settings->policy),
        .memory_max = settings->memory,
        .records_kept = (uint32_t)settings->records_kept,
        .collateral_warn_s = settings->collateral_warn,
    };
    const struct host_ports ports = {
        .ctx = daemon,
        .log = &daemon->log,
        .publish = publish,
        .has_room = has_room,
        .gate = gate,
        .keep_round = keep_round,
        .keep_state = keep_state,
        .keep_revocations = keep_revocations,
        .collateral = settings->collateral_dir != NULL ? collateral : NULL,
    };

    TRY(host_new(&host_settings, &ports, &daemon->host));
    TRY(recall_revocations(daemon));
    return log_database(daemon, journal_recall(&daemon->journal, (uint32_t)settings->records_kept, daemon->host));
}

static enum status make_mqtt(struct daemon *daemon, struct reason *reason)
{
    const struct settings *settings = &daemon->settings;
    const struct mqtt_handlers handlers = {
        .ctx = daemon,
        .connected = on_connected,
        .disconnected = on_disconnected,
        .message = on_message,
        .writable = on_writable,
        .refused = on_refused,
    };
    uint8_t topic_text[TOPIC_MAX], will_text[4096];
    struct buf topic = BUF_OF(topic_text), will = BUF_OF(will_text);
    struct mqtt_options options = {
        .host = settings->broker,
        .port = (uint16_t)settings->port,
        .client_id = settings->aggregator,
        .cafile = settings->cafile,
        .certfile = settings->certfile,
        .keyfile = settings->keyfile,
        .plain = settings->plain,
        .durable = true,
        .session_expiry_s = 86400,
        .receive_bytes = settings->memory,
        .receive_count = 100000,
        .send_bytes = SEND_BYTES,
        .keep_properties = settings->capture_file != NULL,
        .will_topic = (const char *)topic_text,
        .will_retained = true,
    };

    TRY(host_will(daemon->host, &topic, &will));
    options.will_payload = buf_view(&will);
    daemon->recorder =
        (struct recorder){.path = settings->capture_file, .rotate = settings->capture_rotate, .log = &daemon->log};
    recorder_begin(&daemon->recorder, (const char *)topic_text, settings->broker, clock_monotonic_ms());
    TRY(mqtt_new(&options, &handlers, daemon->loop, &daemon->log, &daemon->mqtt, reason));
    for (unsigned int i = 0;; i++) {
        topic = BUF_OF(topic_text);
        if (!host_filter(daemon->host, i, &topic))
            return STATUS_OK;
        TRY(mqtt_subscribe(daemon->mqtt, (const char *)topic_text));
    }
}

static enum status set_up(struct daemon *daemon, struct reason *reason)
{
    daemon->restarts = (struct backoff){.least = RESTART_MIN_S, .most = RESTART_MAX_S};
    daemon->tick = (struct loop_timer){.fn = on_tick, .ctx = daemon};
    daemon->restart = (struct loop_timer){.fn = on_restart, .ctx = daemon};
    TRY(loop_new(&daemon->loop));
    TRY(loop_watch_signals(daemon->loop, on_signal, daemon));
    TRY(journal_open(daemon->settings.database, &daemon->journal, reason));
    TRY(make_host(daemon));
    TRY(make_mqtt(daemon, reason));
    TRY(start_first_enclave(daemon));
    loop_timer_start(daemon->loop, &daemon->tick, 1000, 1000);
    return STATUS_OK;
}

static void tear_down(struct daemon *daemon)
{
    mqtt_free(&daemon->mqtt);
    recorder_end(&daemon->recorder);
    gate_client_stop(&daemon->gate);
    host_free(&daemon->host);
    collateral_free(&daemon->collateral);
    journal_close(&daemon->journal);
    loop_free(&daemon->loop);
    aggregator_settings_free(&daemon->settings);
}

static int run(const char *config)
{
    struct daemon daemon = {.settings = {0}};
    struct reason reason = {""};
    enum status status = aggregator_settings_read(config, &daemon.settings, &reason);

    if (status != STATUS_OK) {
        fprintf(stderr, "tacit-aggregator: %s\n", reason.text);
        aggregator_settings_free(&daemon.settings);
        return EXIT_BAD_CONFIG;
    }
    daemon.level = (enum log_level)daemon.settings.log_level;
    daemon.log = log_stderr(&daemon.level);
    status = set_up(&daemon, &reason);
    if (status == STATUS_OK)
        status = loop_run(daemon.loop);
    if (status != STATUS_OK)
        fprintf(stderr, "tacit-aggregator: %s (%s) %s\n", status_text(status), status_name(status), reason.text);
    tear_down(&daemon);
    return status == STATUS_OK ? EXIT_DONE : status == STATUS_CONFIG ? EXIT_BAD_CONFIG : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    os_tune_malloc();
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--sample") == 0) {
        aggregator_settings_print_sample();
        return EXIT_DONE;
    }
    if (argc != 3 || (strcmp(argv[1], "-c") != 0 && strcmp(argv[1], "--config") != 0)) {
        fputs(help, stderr);
        return EXIT_BAD_USAGE;
    }
    return run(argv[2]);
}

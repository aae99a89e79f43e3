/* service.c: see service.h. */
#include "service.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "log_stderr.h"
#include "tune.h"

#define SESSION_S 86400 /* how long the broker keeps messages for us */
#define TICK_MS   1000

static void on_signal(void *ctx, int signal)
{
    struct service *service = ctx;

    if (signal != SIGTERM && signal != SIGINT) {
        service->program->signal(service->ctx, signal);
        return;
    }
    log_event(&service->log, LOG_LEVEL_INFO, "stopping", "signal %d", signal);
    mqtt_stop(service->mqtt, true);
    loop_stop(service->loop);
}

enum status service_connect(struct service *service, const char *client_id, const struct mqtt_options *more,
                            struct reason *reason)
{
    const struct service_settings *settings = service->settings;
    struct mqtt_handlers handlers = service->program->events;
    struct mqtt_options options = *more;

    handlers.ctx = service->ctx;
    options.host = settings->broker;
    options.port = (uint16_t)settings->port;
    options.client_id = client_id;
    options.cafile = settings->cafile;
    options.certfile = settings->certfile;
    options.keyfile = settings->keyfile;
    options.plain = settings->plain;
    options.durable = true;
    options.session_expiry_s = SESSION_S;
    return mqtt_new(&options, &handlers, service->loop, &service->log, &service->mqtt, reason);
}

enum status service_database(struct service *service, struct db *db, bool wrote, enum status status)
{
    const bool well = status == STATUS_OK || status == STATUS_NOT_FOUND || status == STATUS_EXISTS;
    const enum status now = well ? STATUS_OK : status;
    const char *path = service->settings->database;
    struct reason why;

    reason_set(&why, "%s", db_message(db));
    if (now == STATUS_NO_SPACE)
        db_empty_log(db);
    if (now == service->database || (well && !wrote))
        return status;
    service->database = now;
    if (well)
        log_event(&service->log, LOG_LEVEL_INFO, "database_works", "%s: it can be written again", path);
    else
        log_event(&service->log, LOG_LEVEL_ERROR, "database_failed", "%s: %s (%s): %s", path,
                  now == STATUS_NO_SPACE ? "the disk is full" : status_text(now), why.text,
                  "what must be kept waits, and is tried again");
    return status;
}

/* ---- a run ---- */

static int complain(const struct service *service, int code, enum status status, const struct reason *reason)
{
    if (reason->text[0] != '\0')
        fprintf(stderr, "%s: %s\n", service->program->name, reason->text);
    else
        fprintf(stderr, "%s: %s (%s)\n", service->program->name, status_text(status), status_name(status));
    return code;
}

static int code_of_database(enum status status)
{
    switch (status) {
    case STATUS_MALFORMED:
    case STATUS_UNSUPPORTED:
    case STATUS_BUSY:
    case STATUS_NOT_PERMITTED:
        return SERVICE_BAD_DATABASE;
    default: /* a full disk may have room at the next start */
        return SERVICE_FAILED;
    }
}

static int begin(struct service *service, struct reason *reason)
{
    enum status status = loop_new(&service->loop);

    service->ticks = (struct loop_timer){.fn = service->program->tick, .ctx = service->ctx};
    if (status == STATUS_OK)
        status = loop_watch_signals(service->loop, on_signal, service);
    if (status != STATUS_OK)
        return complain(service, SERVICE_FAILED, status, reason);
    status = service->program->open(service->ctx, reason);
    if (status != STATUS_OK)
        return complain(service, code_of_database(status), status, reason);
    status = service->program->set_up(service->ctx, reason);
    if (status != STATUS_OK)
        return complain(service, status == STATUS_CONFIG ? SERVICE_BAD_CONFIG : SERVICE_FAILED, status, reason);
    loop_timer_start(service->loop, &service->ticks, TICK_MS, TICK_MS);
    return SERVICE_DONE;
}

static int run(struct service *service, const char *config)
{
    struct reason reason = {""};
    enum status status = service->program->configure(service->ctx, config, &reason);
    int code;

    if (status != STATUS_OK)
        return complain(service, SERVICE_BAD_CONFIG, status, &reason);
    service->level = (enum log_level)service->settings->log_level;
    service->log = log_stderr(&service->level);
    code = begin(service, &reason);
    if (code != SERVICE_DONE)
        return code;
    status = loop_run(service->loop);
    return status == STATUS_OK ? SERVICE_DONE : complain(service, SERVICE_FAILED, status, &reason);
}

int service_run(struct service *service, const char *config)
{
    const int code = run(service, config);

    service->program->tear_down(service->ctx);
    mqtt_free(&service->mqtt);
    loop_free(&service->loop);
    return code;
}

int service_main(struct service *service, int argc, char **argv, int (*other)(int argc, char **argv))
{
    int code = -1;

    os_tune_malloc();
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(service->program->help, stdout);
        return SERVICE_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--sample") == 0) {
        service->program->print_sample();
        return SERVICE_DONE;
    }
    if (argc == 3 && (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "--config") == 0))
        return service_run(service, argv[2]);
    if (other != NULL)
        code = other(argc, argv);
    if (code >= 0)
        return code;
    fputs(service->program->help, stderr);
    return SERVICE_BAD_USAGE;
}

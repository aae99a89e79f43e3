/* service.h: a program that is configured by a file, lives from messages of a broker, keeps a database, and runs until it
 * is told to end: what tacit-aggregator and tacit-node have in common. */
#ifndef OS_SERVICE_H
#define OS_SERVICE_H

#include "db.h"
#include "log.h"
#include "loop.h"
#include "mqtt.h"
#include "service_settings.h"

/* How a service ends. */
enum {
    SERVICE_DONE = 0,
    SERVICE_FAILED = 1,
    SERVICE_BAD_USAGE = 2,
    SERVICE_BAD_CONFIG = 3,
    SERVICE_BAD_DATABASE = 4, /* starting again would not help: a person must look at it */
};

/* For --help. */
#define SERVICE_USAGE_OPTIONS \
    "      --sample       print a documented configuration\n" \
    "      --help         this text\n"
#define SERVICE_USAGE_ENDS \
    "3 the configuration is wrong (file, line and reason are printed); 4 the database cannot be used: damaged, of a " \
    "newer\n" \
    "version or another program, in use, or not ours to write (nothing of it was changed; what to do is printed)\n"

struct service;

/** What a program does as a service. Its ctx is handed to each function. The steps are called once,
 *  in this order, and `tear_down` whatever failed. */
struct service_program {
    const char *name, *help;
    void (*print_sample)(void);

    /** The configuration: STATUS_CONFIG with a sentence. Also sets service->settings. */
    enum status (*configure)(void *ctx, const char *path, struct reason *reason);
    /** Opens the database. Statuses of db_open. */
    enum status (*open)(void *ctx, struct reason *reason);
    /** Makes the rest, and connects (service_connect). */
    enum status (*set_up)(void *ctx, struct reason *reason);
    /** Frees what those made; the service's own parts are there still. */
    void (*tear_down)(void *ctx);

    struct mqtt_handlers events;           /* ctx is the service's */
    void (*tick)(void *ctx);               /* once a second */
    void (*signal)(void *ctx, int signal); /* SIGHUP, SIGCHLD; the others end the program */
};

/** A running service. Zeroed, but for program and ctx; the rest is its own, to be used by the program. */
struct service {
    const struct service_program *program;
    void *ctx;
    struct service_settings *settings; /* lent by configure */
    struct log log;                    /* from the configuration on */
    struct loop *loop;                 /* from `open` on, with the signals taken */
    struct mqtt *mqtt;                 /* from service_connect on */
    enum log_level level;
    struct loop_timer ticks;
    enum status database; /* how it did last */
};

/** A whole run with a configuration. Returns how it ended; what failed is told on stderr. */
int service_run(struct service *service, const char *config);

/**
 * What main does: --help, --sample, `-c FILE`.
 * other  answers other command lines; negative, or NULL: wrong usage. Returns the exit code.
 */
int service_main(struct service *service, int argc, char **argv, int (*other)(int argc, char **argv));

/**
 * Connects to the broker of the settings. more: the options besides those of the settings and of all services: a session
 * that the broker keeps for a day. Statuses as mqtt_new.
 */
MUST_USE enum status service_connect(struct service *service, const char *client_id, const struct mqtt_options *more,
                                     struct reason *reason);

/**
 * Takes note of how work on the database went: tells when it begins to fail, or fails otherwise than before, and when it
 * goes well again; not each time. wrote: false for work that a full disk does not hinder, as reading. On a full disk the database's
 * log is emptied, which may make room for the next try. Gives status back.
 */
enum status service_database(struct service *service, struct db *db, bool wrote, enum status status);

#endif

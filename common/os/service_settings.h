/* service_settings.h: the keys that the configuration of every service has: its broker, its database, its log. */
#ifndef OS_SERVICE_SETTINGS_H
#define OS_SERVICE_SETTINGS_H

#include "config.h"
#include "log.h"

/** Part of a program's own settings. Strings belong to its config_text. */
struct service_settings {
    const char *broker, *cafile, *certfile, *keyfile; /* the last three are there, but where plain is set */
    const char *database;
    int64_t port;
    int log_level; /* enum log_level */
    bool plain;
};

#define SERVICE_DEFAULTS ((struct service_settings){.port = 8883, .log_level = LOG_LEVEL_INFO})

extern const char *const service_log_levels[];

#define SERVICE_KEY(at, key, kind, field) \
    .name = (key), .type = (kind), .offset = (at) + offsetof(struct service_settings, field)

/* Rows of a program's table of keys. at: the offset of its struct service_settings. who: "node" makes node.crt, node.db.
 * what: what it keeps in its database. */
#define SERVICE_KEYS(at, who, what) \
    {SERVICE_KEY(at, "broker", CONFIG_STRING, broker), .required = true, \
     .doc = "The MQTT broker: the name or address that its certificate carries.", .sample = "localhost"}, \
        {SERVICE_KEY(at, "port", CONFIG_INTEGER, port), .min = 1, .max = 65535, .sample = "8883"}, \
        {SERVICE_KEY(at, "cafile", CONFIG_PATH, cafile), .doc = "Who signs the broker's certificate.", \
         .sample = "../ca.crt"}, \
        {SERVICE_KEY(at, "certfile", CONFIG_PATH, certfile), .doc = "Our certificate, and its key.", \
         .sample = who ".crt"}, \
        {SERVICE_KEY(at, "keyfile", CONFIG_PATH, keyfile), .sample = who ".key"}, \
        {SERVICE_KEY(at, "plain", CONFIG_BOOLEAN, plain), .doc = "No TLS. Only to a broker on this very machine.", \
         .sample = "false"}, \
    { \
        SERVICE_KEY(at, "database", CONFIG_PATH, database), .required = true, .doc = (what), .sample = who ".db" \
    }

#define SERVICE_LOG_KEY(at) \
    { \
        SERVICE_KEY(at, "log_level", CONFIG_CHOICE, log_level), .words = service_log_levels, \
                                                                .doc = "debug, info, warn or error.", .sample = "info" \
    }

/** What the table cannot say. path: of the configuration. STATUS_CONFIG with a sentence. */
MUST_USE enum status service_settings_check(const char *path, const struct service_settings *settings,
                                            struct reason *reason);

#endif

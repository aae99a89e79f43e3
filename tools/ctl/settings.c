/* settings.c: see settings.h. */
#include "settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "keys.h"
#include "topic.h"
#include "x509.h"

#define DEFAULT_PORT      8883
#define DEFAULT_TIMEOUT_S 30
#define MAX_TIMEOUT_S     86400

#define AT(member) .offset = offsetof(struct settings, member)

const struct config_key settings_keys[] = {
    {.name = "federation", .type = CONFIG_STRING, AT(federation), .doc = "Name of the federation.", .sample = "home"},
    {.name = "aggregator",
     .type = CONFIG_STRING,
     AT(aggregator),
     .doc = "Name of the aggregator.",
     .sample = "gateway"},
    {.name = "broker", .type = CONFIG_STRING, AT(host), .doc = "Host of the broker.", .sample = "localhost"},
    {.name = "port", .type = CONFIG_INTEGER, AT(port), .min = 1, .max = 65535, .doc = "Its port.", .sample = "8883"},
    {.name = "cafile", .type = CONFIG_PATH, AT(cafile), .doc = "Authority of the certificates.", .sample = "ca.crt"},
    {.name = "certfile", .type = CONFIG_PATH, AT(certfile), .doc = "Own certificate.", .sample = "client.crt"},
    {.name = "keyfile", .type = CONFIG_PATH, AT(keyfile), .doc = "Its private key.", .sample = "client.key"},
    {.name = "watch_certfile",
     .type = CONFIG_PATH,
     AT(watch_certfile),
     .doc = "Another certificate, for commands that only read: they may then run while a request is under way.",
     .sample = "watch.crt"},
    {.name = "watch_keyfile", .type = CONFIG_PATH, AT(watch_keyfile), .doc = "Its private key.", .sample = "watch.key"},
    {.name = "owner_key",
     .type = CONFIG_PATH,
     AT(owner_key),
     .doc = "Private key of the owner.",
     .sample = "owner.key"},
    {.name = "owner_pub", .type = CONFIG_PATH, AT(owner_pub), .doc = "Public key of the owner.", .sample = "owner.pub"},
    {0},
};

void settings_options(struct settings *settings, struct argument table[static SETTINGS_OPTIONS])
{
    const struct argument rows[SETTINGS_OPTIONS] = {
        {"-h", ARGUMENT_TEXT, &settings->host, 0, 0},
        {"-p", ARGUMENT_NUMBER, &settings->port, 1, 65535},
        {"--cafile", ARGUMENT_TEXT, &settings->cafile, 0, 0},
        {"--cert", ARGUMENT_TEXT, &settings->certfile, 0, 0},
        {"--key", ARGUMENT_TEXT, &settings->keyfile, 0, 0},
        {"--id", ARGUMENT_TEXT, &settings->id, 0, 0},
        {"--federation", ARGUMENT_TEXT, &settings->federation, 0, 0},
        {"--aggregator", ARGUMENT_TEXT, &settings->aggregator, 0, 0},
        {"--owner-key", ARGUMENT_TEXT, &settings->owner_key, 0, 0},
        {"--owner-pub", ARGUMENT_TEXT, &settings->owner_pub, 0, 0},
        {"--timeout", ARGUMENT_NUMBER, &settings->timeout_s, 1, MAX_TIMEOUT_S},
        {"-c", ARGUMENT_TEXT, &settings->conf, 0, 0},
        {"-d", ARGUMENT_FLAG, &settings->debug, 0, 0},
        {0},
    };

    memcpy(table, rows, sizeof rows);
}

/* The defaults file to read, or NULL. */
static const char *defaults_file(const struct settings *settings)
{
    static const char *const usual[] = {"owner/tacit.conf", "tacit.conf"};
    const char *named = settings->conf != NULL ? settings->conf : getenv("TACIT_CONF");

    if (named != NULL)
        return named;
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (file_exists(usual[i]))
            return usual[i];
    return NULL;
}

static void prefer(const char **ours, const char *theirs)
{
    if (*ours == NULL)
        *ours = theirs;
}

/* Takes from the defaults what the command line left open. */
static void merge(struct settings *settings, const struct settings *defaults, bool reads_only)
{
    if (settings->certfile == NULL && settings->keyfile == NULL && reads_only && defaults->watch_certfile != NULL) {
        settings->certfile = defaults->watch_certfile;
        settings->keyfile = defaults->watch_keyfile;
    }
    prefer(&settings->host, defaults->host);
    prefer(&settings->cafile, defaults->cafile);
    prefer(&settings->certfile, defaults->certfile);
    prefer(&settings->keyfile, defaults->keyfile);
    prefer(&settings->federation, defaults->federation);
    prefer(&settings->aggregator, defaults->aggregator);
    prefer(&settings->owner_key, defaults->owner_key);
    prefer(&settings->owner_pub, defaults->owner_pub);
    if (settings->port == 0)
        settings->port = defaults->port;
}

static enum status check(const struct settings *settings, struct reason *reason)
{
    const struct {
        const char *value, *option;
    } needed[] = {
        {settings->cafile, "--cafile"},         {settings->certfile, "--cert"},         {settings->keyfile, "--key"},
        {settings->federation, "--federation"}, {settings->aggregator, "--aggregator"},
    };

    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (needed[i].value == NULL) {
            reason_set(reason, "%s stands neither on the command line nor in a defaults file", needed[i].option);
            return STATUS_CONFIG;
        }
    if (!name_valid(view_of_string(settings->federation)) || !name_valid(view_of_string(settings->aggregator))) {
        reason_set(reason, "the names of federation and aggregator have 1 to %d letters, digits, - or _", NAME_MAX_LEN);
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

enum status settings_complete(struct settings *settings, bool reads_only, struct reason *reason)
{
    const char *path = defaults_file(settings);
    struct settings defaults = {.host = "localhost", .port = DEFAULT_PORT};

    if (path != NULL)
        TRY(config_read(path, settings_keys, &defaults, &settings->text, reason));
    merge(settings, &defaults, reads_only);
    if (settings->timeout_s == 0)
        settings->timeout_s = DEFAULT_TIMEOUT_S;
    TRY(check(settings, reason));
    if (settings->id != NULL)
        return STATUS_OK;
    settings->id = settings->id_of_certificate;
    return x509_common_name(settings->certfile, settings->id_of_certificate, sizeof settings->id_of_certificate,
                            reason);
}

void settings_free(struct settings *settings)
{
    config_free(&settings->text);
}

enum status settings_owner_key(const struct settings *settings, struct p256_key *out, struct reason *reason)
{
    if (settings->owner_key == NULL) {
        reason_set(reason, "--owner-key stands neither on the command line nor in a defaults file");
        return STATUS_CONFIG;
    }
    return keys_read_private(settings->owner_key, out, reason);
}

enum status settings_owner_point(const struct settings *settings, uint8_t point[static P256_POINT_SIZE],
                                 struct reason *reason)
{
    CLEANUP(p256_key_wipe) struct p256_key key = {0};

    if (settings->owner_pub != NULL)
        return keys_read_public(settings->owner_pub, point, reason);
    TRY(settings_owner_key(settings, &key, reason));
    memcpy(point, key.point, P256_POINT_SIZE);
    return STATUS_OK;
}

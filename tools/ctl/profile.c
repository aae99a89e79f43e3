/* profile.c: see profile.h. */
#include "profile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "topic.h"
#include "certificate.h"

#define DEFAULT_PORT      8883
#define DEFAULT_TIMEOUT_S 30
#define MAX_TIMEOUT_S     86400

#define AT(member) .offset = offsetof(struct profile, member)

const struct config_key profile_keys[] = {
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
    {.name = "observe_certfile",
     .type = CONFIG_PATH,
     AT(observe_certfile),
     .doc = "Another certificate, whose name the broker lets read everything: `tacit capture` connects with it.",
     .sample = "observe.crt"},
    {.name = "observe_keyfile",
     .type = CONFIG_PATH,
     AT(observe_keyfile),
     .doc = "Its private key.",
     .sample = "observe.key"},
    {.name = "owner_key",
     .type = CONFIG_PATH,
     AT(owner_key),
     .doc = "Private key of the owner.",
     .sample = "owner.key"},
    {.name = "owner_pub", .type = CONFIG_PATH, AT(owner_pub), .doc = "Public key of the owner.", .sample = "owner.pub"},
    {.name = "revocations",
     .type = CONFIG_PATH,
     AT(revocations),
     .doc = "Text of the revocation list; without it, revocations.conf beside the owner's private key.",
     .sample = "revocations.conf"},
    {0},
};

void profile_options(struct profile *profile, struct argument table[static PROFILE_OPTIONS])
{
    const struct argument rows[PROFILE_OPTIONS] = {
        {"-h", ARGUMENT_TEXT, &profile->host, 0, 0},
        {"-p", ARGUMENT_NUMBER, &profile->port, 1, 65535},
        {"--cafile", ARGUMENT_TEXT, &profile->cafile, 0, 0},
        {"--cert", ARGUMENT_TEXT, &profile->certfile, 0, 0},
        {"--key", ARGUMENT_TEXT, &profile->keyfile, 0, 0},
        {"--id", ARGUMENT_TEXT, &profile->id, 0, 0},
        {"--federation", ARGUMENT_TEXT, &profile->federation, 0, 0},
        {"--aggregator", ARGUMENT_TEXT, &profile->aggregator, 0, 0},
        {"--owner-key", ARGUMENT_TEXT, &profile->owner_key, 0, 0},
        {"--owner-pub", ARGUMENT_TEXT, &profile->owner_pub, 0, 0},
        {"--revocations", ARGUMENT_TEXT, &profile->revocations, 0, 0},
        {"--timeout", ARGUMENT_NUMBER, &profile->timeout_s, 1, MAX_TIMEOUT_S},
        {"-c", ARGUMENT_TEXT, &profile->conf, 0, 0},
        {"-d", ARGUMENT_FLAG, &profile->debug, 0, 0},
        {0},
    };

    memcpy(table, rows, sizeof rows);
}

/* The defaults file to read, or NULL. */
static const char *defaults_file(const struct profile *profile)
{
    static const char *const usual[] = {"owner/tacit.conf", "tacit.conf"};
    const char *named = profile->conf != NULL ? profile->conf : getenv("TACIT_CONF");

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
static void merge(struct profile *profile, const struct profile *defaults, bool reads_only)
{
    if (profile->certfile == NULL && profile->keyfile == NULL && reads_only && defaults->watch_certfile != NULL) {
        profile->certfile = defaults->watch_certfile;
        profile->keyfile = defaults->watch_keyfile;
    }
    if (profile->certfile == NULL && profile->keyfile == NULL && profile->observes &&
        defaults->observe_certfile != NULL) {
        profile->certfile = defaults->observe_certfile;
        profile->keyfile = defaults->observe_keyfile;
        profile->observer = true;
    }
    prefer(&profile->host, defaults->host);
    prefer(&profile->cafile, defaults->cafile);
    prefer(&profile->certfile, defaults->certfile);
    prefer(&profile->keyfile, defaults->keyfile);
    prefer(&profile->federation, defaults->federation);
    prefer(&profile->aggregator, defaults->aggregator);
    prefer(&profile->owner_key, defaults->owner_key);
    prefer(&profile->owner_pub, defaults->owner_pub);
    prefer(&profile->revocations, defaults->revocations);
    if (profile->port == 0)
        profile->port = defaults->port;
}

static enum status check(const struct profile *profile, struct reason *reason)
{
    const struct {
        const char *value, *option;
    } needed[] = {
        {profile->cafile, "--cafile"},         {profile->certfile, "--cert"},         {profile->keyfile, "--key"},
        {profile->federation, "--federation"}, {profile->aggregator, "--aggregator"},
    };

    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (needed[i].value == NULL) {
            reason_set(reason, "%s stands neither on the command line nor in a defaults file", needed[i].option);
            return STATUS_CONFIG;
        }
    if (!name_valid(view_of_string(profile->federation)) || !name_valid(view_of_string(profile->aggregator))) {
        reason_set(reason, "the names of federation and aggregator have 1 to %d letters, digits, - or _", NAME_MAX_LEN);
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

enum status profile_complete(struct profile *profile, bool reads_only, struct reason *reason)
{
    const char *path = defaults_file(profile);
    struct profile defaults = {.host = "localhost", .port = DEFAULT_PORT};

    if (path != NULL)
        TRY(config_read(path, profile_keys, &defaults, &profile->text, reason));
    merge(profile, &defaults, reads_only);
    if (profile->timeout_s == 0)
        profile->timeout_s = DEFAULT_TIMEOUT_S;
    TRY(check(profile, reason));
    if (profile->id != NULL)
        return STATUS_OK;
    profile->id = profile->id_of_certificate;
    return certificate_common_name(profile->certfile, profile->id_of_certificate, sizeof profile->id_of_certificate,
                                   reason);
}

void profile_free(struct profile *profile)
{
    config_free(&profile->text);
}

enum status profile_revocations(const struct profile *profile, char path[static FILE_MAX_PATH], struct reason *reason)
{
    static const char name[] = "/revocations.conf";
    const char *given = profile->revocations;

    if (given == NULL && profile->owner_key == NULL) {
        reason_set(reason, "--revocations and --owner-key stand neither on the command line nor in a defaults file");
        return STATUS_CONFIG;
    }
    path[0] = '\0';
    if (given == NULL)
        TRY(file_folder(profile->owner_key, path, reason));
    else
        strncat(path, given, FILE_MAX_PATH - 1);
    if (strlen(given != NULL ? given : path) + sizeof name > FILE_MAX_PATH) {
        reason_set(reason, "--revocations: longer than a path can be");
        return STATUS_CONFIG;
    }
    if (given == NULL)
        strcat(path, name);
    return STATUS_OK;
}

enum status profile_owner_key(const struct profile *profile, struct p256_key *out, struct reason *reason)
{
    if (profile->owner_key == NULL) {
        reason_set(reason, "--owner-key stands neither on the command line nor in a defaults file");
        return STATUS_CONFIG;
    }
    return keys_read_private(profile->owner_key, out, reason);
}

enum status profile_owner_point(const struct profile *profile, uint8_t point[static P256_POINT_SIZE],
                                struct reason *reason)
{
    CLEANUP(p256_key_wipe) struct p256_key key = {0};

    if (profile->owner_pub != NULL)
        return keys_read_public(profile->owner_pub, point, reason);
    TRY(profile_owner_key(profile, &key, reason));
    memcpy(point, key.point, P256_POINT_SIZE);
    return STATUS_OK;
}

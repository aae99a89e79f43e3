/* settings.c: see settings.h. */
#include "settings.h"

#include <string.h>

#include "cose.h"
#include "file.h"
#include "pem.h"
#include "topic.h"

#define AT(field) offsetof(struct settings, field)

static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

static const struct config_key keys[] = {
    {.name = "aggregator",
     .type = CONFIG_STRING,
     .offset = AT(aggregator),
     .required = true,
     .doc = "Name of this aggregator: its MQTT client id and the CN of its certificate.",
     .sample = "gateway-1"},
    {.name = "policy",
     .type = CONFIG_PATH,
     .offset = AT(policy_file),
     .required = true,
     .doc = "The owner's policy, signed by `tacit policy sign`.",
     .sample = "../policy.cbor"},
    {.name = "owner_key",
     .type = CONFIG_PATH,
     .offset = AT(owner_key_file),
     .required = true,
     .doc = "The owner's public key (PEM).",
     .sample = "../owner.pub"},
    {.name = "owner_client",
     .type = CONFIG_STRING,
     .offset = AT(owner_client),
     .doc = "MQTT client id of the owner.",
     .sample = "owner"},
    {.name = "enclave",
     .type = CONFIG_PATH,
     .offset = AT(enclave),
     .required = true,
     .doc = "The trusted half: the program tacit-enclave.",
     .sample = "/usr/bin/tacit-enclave"},
    {.name = "sim_root",
     .type = CONFIG_PATH,
     .offset = AT(sim_root),
     .required = true,
     .doc = "Key of the simulation root (PEM). The enclave then simulates its TEE: nothing is protected from this\n"
            "machine, and everything made is marked simulated.",
     .sample = "../sim-root.key"},
    {.name = "broker",
     .type = CONFIG_STRING,
     .offset = AT(broker),
     .required = true,
     .doc = "The MQTT broker: the name or address that its certificate carries.",
     .sample = "localhost"},
    {.name = "port", .type = CONFIG_INTEGER, .offset = AT(port), .min = 1, .max = 65535, .sample = "8883"},
    {.name = "cafile",
     .type = CONFIG_PATH,
     .offset = AT(cafile),
     .doc = "Who signs the broker's certificate.",
     .sample = "../ca.crt"},
    {.name = "certfile",
     .type = CONFIG_PATH,
     .offset = AT(certfile),
     .doc = "Our certificate, and its key.",
     .sample = "aggregator.crt"},
    {.name = "keyfile", .type = CONFIG_PATH, .offset = AT(keyfile), .sample = "aggregator.key"},
    {.name = "plain",
     .type = CONFIG_BOOLEAN,
     .offset = AT(plain),
     .doc = "No TLS. Only to a broker on this very machine.",
     .sample = "false"},
    {.name = "database",
     .type = CONFIG_PATH,
     .offset = AT(database),
     .required = true,
     .doc = "Rounds, records, metrics and sealed state (SQLite).",
     .sample = "aggregator.db"},
    {.name = "memory",
     .type = CONFIG_SIZE,
     .offset = AT(memory),
     .min = 1 << 20,
     .max = INT64_C(1) << 40,
     .doc = "Most memory for sealed updates that are being received.",
     .sample = "256M"},
    {.name = "records_kept",
     .type = CONFIG_INTEGER,
     .offset = AT(records_kept),
     .min = 1,
     .max = HOST_RECORDS_MAX - 1,
     .doc = "How many of the last round records the broker retains.",
     .sample = "64"},
    {.name = "collateral_dir",
     .type = CONFIG_PATH,
     .offset = AT(collateral_dir),
     .doc = "A folder of endorsements (certificates, revocation lists, Intel's signed documents), published with the\n"
            "enclave's evidence. Read at start, every hour and on SIGHUP; docs/collateral.md.",
     .sample = "collateral"},
    {.name = "collateral_warn",
     .type = CONFIG_DURATION,
     .offset = AT(collateral_warn),
     .min = 0,
     .max = 3650 * 86400,
     .doc = "An endorsement that ends within this is warned of, once a day.",
     .sample = "7d"},
    {.name = "log_level",
     .type = CONFIG_CHOICE,
     .offset = AT(log_level),
     .words = levels,
     .doc = "debug, info, warn or error.",
     .sample = "info"},
    {.name = NULL},
};

static enum status read_owner_key(struct settings *settings, struct reason *reason)
{
    CLEANUP(file_free) struct buf pem = {NULL, 0, 0};
    uint8_t point[P256_POINT_SIZE];
    struct buf key = BUF_OF(settings->owner_key);

    if (file_read(settings->owner_key_file, PEM_MAX, &pem, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (pem_public_key(buf_view(&pem), point) != STATUS_OK || cose_key_encode(VIEW_OF(point), &key) != STATUS_OK) {
        reason_set(reason, "%s: not a P-256 public key in PEM", settings->owner_key_file);
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

static enum status check(const struct settings *settings, struct reason *reason)
{
    if (!name_valid(view_of_string(settings->aggregator)) || !name_valid(view_of_string(settings->owner_client))) {
        reason_set(reason, "aggregator, owner_client: names are 1 to 64 characters of 0-9 A-Z a-z _ -");
        return STATUS_CONFIG;
    }
    if (!settings->plain && (!settings->cafile || !settings->certfile || !settings->keyfile)) {
        reason_set(reason, "cafile, certfile and keyfile are needed for TLS");
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

enum status aggregator_settings_read(const char *path, struct settings *out, struct reason *reason)
{
    *out = (struct settings){
        .owner_client = "owner",
        .port = 8883,
        .records_kept = 64,
        .memory = UINT64_C(256) << 20,
        .collateral_warn = 7 * 86400,
        .log_level = LOG_LEVEL_INFO,
    };
    TRY(config_read(path, keys, out, &out->text, reason));
    TRY(check(out, reason));
    TRY(read_owner_key(out, reason));
    return file_read(out->policy_file, POLICY_MAX, &out->policy, reason) == STATUS_OK ? STATUS_OK : STATUS_CONFIG;
}

void aggregator_settings_free(struct settings *settings)
{
    file_free(&settings->policy);
    config_free(&settings->text);
}

void aggregator_settings_print_sample(void)
{
    config_print_sample(keys, stdout);
}

/* settings.c: see settings.h. */
#include "settings.h"

#include <string.h>

#include "cose.h"
#include "file.h"
#include "pem.h"
#include "topic.h"

#define GRAMINE_SGX "/usr/bin/gramine-sgx"
#define AT(field)   offsetof(struct settings, field)

static const char *const tees[] = {"sim", "gramine", "tsm", NULL};
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
     .type = CONFIG_STRING,
     .offset = AT(enclave_text),
     .required = true,
     .doc = "The trusted half: the program tacit-enclave, which is started; or a socket where one waits, in a virtual\n"
            "machine of its own: vsock:CID:PORT or unix:PATH.",
     .sample = "/usr/bin/tacit-enclave"},
    {.name = "tee",
     .type = CONFIG_CHOICE,
     .offset = AT(tee),
     .words = tees,
     .doc = "What a program that is started runs in; without a default. sim: it simulates its TEE. gramine: an SGX\n"
            "enclave; its signed manifest lies beside the program. tsm: this very machine is a confidential virtual\n"
            "machine (SEV-SNP, TDX). Behind a socket the enclave has chosen for itself.",
     .sample = "sim"},
    {.name = "sim_root",
     .type = CONFIG_PATH,
     .offset = AT(sim_root),
     .doc = "tee sim: key of the simulation root (PEM). Nothing is protected from this machine then, and everything\n"
            "made is marked simulated.",
     .sample = "../sim-root.key"},
    {.name = "gramine_sgx",
     .type = CONFIG_PATH,
     .offset = AT(gramine_sgx),
     .doc = "tee gramine: the program that starts an enclave.",
     .sample = GRAMINE_SGX},
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
    {.name = "capture_file",
     .type = CONFIG_PATH,
     .offset = AT(capture_file),
     .doc = "Every message that is heard or said is written there too, for `tacit replay`; docs/capture.md.",
     .sample = "rounds.tacit"},
    {.name = "capture_rotate",
     .type = CONFIG_SIZE,
     .offset = AT(capture_rotate),
     .min = 100000,
     .max = INT64_C(1) << 50,
     .doc = "A next file is begun when one is so large.",
     .sample = "1G"},
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

/* The keys tee and sim_root belong together, and to a program. */
static enum status check_enclave(const struct settings *settings, struct reason *reason)
{
    const bool program = settings->enclave.place == GATE_PROGRAM, simulates = settings->tee == SETTINGS_TEE_SIM;
    const char *wrong = NULL;

    if (program && settings->tee < 0)
        wrong = "tee is missing: sim, gramine or tsm";
    else if (!program && settings->tee >= 0)
        wrong = "tee: an enclave behind a socket has chosen for itself";
    else if (simulates && settings->sim_root == NULL)
        wrong = "sim_root is missing: tee sim needs it";
    else if (!simulates && settings->sim_root != NULL)
        wrong = "sim_root goes with tee sim only";
    if (wrong == NULL)
        return STATUS_OK;
    reason_set(reason, "%s", wrong);
    return STATUS_CONFIG;
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
    char folder[FILE_MAX_PATH];

    *out = (struct settings){
        .owner_client = "owner",
        .port = 8883,
        .records_kept = 64,
        .memory = UINT64_C(256) << 20,
        .collateral_warn = 7 * 86400,
        .capture_rotate = UINT64_C(1) << 30,
        .log_level = LOG_LEVEL_INFO,
        .gramine_sgx = GRAMINE_SGX,
        .tee = -1,
    };
    TRY(config_read(path, keys, out, &out->text, reason));
    TRY(file_folder(path, folder, reason) == STATUS_OK ? STATUS_OK : STATUS_CONFIG);
    TRY(gate_address_parse(out->enclave_text, folder, &out->enclave, reason));
    TRY(check_enclave(out, reason));
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
    config_print_sample(keys, NULL, stdout);
}

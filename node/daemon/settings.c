/* settings.c: see settings.h. */
#include "settings.h"

#include <string.h>

#include "file.h"
#include "model.h"
#include "package.h"
#include "pem.h"
#include "settings_attester.h"
#include "tsm.h"
#include "topic.h"

#define AT(field) offsetof(struct daemon_settings, field)

static const char *set_algorithm(void *field, const char *value)
{
    static const struct {
        const char *name;
        enum aead_alg alg;
    } algorithms[] = {
        {"A128GCM", AEAD_A128GCM},
        {"A256GCM", AEAD_A256GCM},
        {"ChaCha20-Poly1305", AEAD_CHACHA20_POLY1305},
        {"AES-CCM-16-128-256", AEAD_CCM_16_128_256},
    };

    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        if (strcmp(algorithms[i].name, value) == 0) {
            *(int *)field = (int)algorithms[i].alg;
            return NULL;
        }
    }
    return "not one of A128GCM, A256GCM, ChaCha20-Poly1305, AES-CCM-16-128-256";
}

static const struct config_key keys[] = {
    {.name = "federation",
     .type = CONFIG_STRING,
     .offset = AT(federation),
     .required = true,
     .doc = "Name of the federation: the one in the owner's policy.",
     .sample = "factory"},
    {.name = "aggregator",
     .type = CONFIG_STRING,
     .offset = AT(aggregator),
     .required = true,
     .doc = "Name of the aggregator.",
     .sample = "gateway-1"},
    {.name = "device",
     .type = CONFIG_STRING,
     .offset = AT(device),
     .required = true,
     .doc = "Name of this device: its MQTT client id and the CN of its certificate.",
     .sample = "sensor-17"},
    {.name = "owner_key",
     .type = CONFIG_PATH,
     .offset = AT(owner_key_file),
     .required = true,
     .doc = "The owner's public key (PEM). All trust begins here.",
     .sample = "../owner.pub"},
    {.name = "attester",
     .type = CONFIG_CHOICE,
     .offset = AT(attester),
     .required = true,
     .words = attester_words,
     .doc =
         "How this device shows what it is. There is no default.\n"
         "  sim      evidence that is signed with a key from a file. It proves nothing, and everything made is marked\n"
         "           simulated.\n"
         "  tpm      a quote of this machine's TPM 2.0. Run tacit-node --enrol-tpm once, and give the owner what it "
         "prints.\n"
         "  command  a program that fetches evidence, as a PSA token from a secure firmware.\n"
         "  gramine  a quote of the SGX enclave that this program runs in, by Gramine's /dev/attestation.\n"
         "  tsm      a report of this confidential virtual machine (SEV-SNP, TDX), by Linux's configfs-tsm.",
     .sample = "sim"},
    {.name = "sim_root",
     .type = CONFIG_PATH,
     .offset = AT(sim_root_file),
     .doc = "attester sim: key of the simulation root (PEM, private, mode 0600).",
     .sample = "../sim-root.key"},
    {.name = "tpm_tcti",
     .type = CONFIG_STRING,
     .offset = AT(tpm.tcti),
     .doc = "attester tpm: how to reach the TPM, as tpm2-tss names it.",
     .sample = TPM_TCTI_DEFAULT},
    {.name = "tpm_handle",
     .type = CONFIG_CUSTOM,
     .offset = AT(tpm.handle),
     .set = attester_set_handle,
     .doc = "Where the TPM keeps the attestation key.",
     .sample = "0x81010002"},
    {.name = "tpm_pcrs",
     .type = CONFIG_CUSTOM,
     .offset = AT(tpm.pcrs),
     .set = attester_set_pcrs,
     .doc = "The PCRs that are quoted: at least those that the policy names. Banks of SHA-2, joined by +.",
     .sample = TPM_PCRS_DEFAULT},
    {.name = "attester_command",
     .type = CONFIG_CUSTOM,
     .offset = AT(command_line),
     .set = attester_set_command,
     .doc =
         "attester command: absolute path of the program and its arguments, between blanks; no shell, no environment.\n"
         "It reads 64 bytes as a line of hexadecimal, which its evidence must bind, and writes the evidence to stdout; "
         "or it\n"
         "ends with another code than 0 and a line on stderr.",
     .sample = "/usr/libexec/psa-token"},
    {.name = "attester_kind",
     .type = CONFIG_CUSTOM,
     .offset = AT(command.kind),
     .set = attester_set_kind,
     .doc = "The kind of that evidence.",
     .sample = "psa"},
    {.name = "tee_root",
     .type = CONFIG_PATH,
     .offset = AT(tee_root),
     .doc = "attester gramine, tsm: where the platform's files are, if not in their usual place.",
     .sample = "/sys/kernel/config/tsm/report"},
    {.name = "tsm_privlevel",
     .type = CONFIG_INTEGER,
     .offset = AT(tsm_privlevel),
     .min = 0,
     .max = TSM_PRIVLEVEL_MAX,
     .doc = "attester tsm: the VMPL that a report of SEV-SNP is asked for; the kernel's choice without it.",
     .sample = "0"},
    {.name = "attester_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(attester_timeout_s),
     .min = 1,
     .max = ATTESTER_TIMEOUT_S_MAX,
     .doc = "How long TPM or program may take. Nothing else is done meanwhile.",
     .sample = "20s"},
    SERVICE_KEYS(
        AT(service), "node",
        "What has to outlive a restart: the policy seen last, the last round's record, what is to be sent (SQLite)."),
    {.name = "runner",
     .type = CONFIG_PATH,
     .offset = AT(runner),
     .required = true,
     .doc = "The program that runs the package within its bounds.",
     .sample = "/usr/bin/tacit-run"},
    {.name = "package",
     .type = CONFIG_PATH,
     .offset = AT(package),
     .required = true,
     .doc = "Folder of the compute package: package.conf, train, validate.",
     .sample = "/usr/lib/tacit/packages/dense"},
    {.name = "package_option",
     .type = CONFIG_PAIRS,
     .offset = AT(package_options),
     .max = PACKAGE_MAX_OPTIONS,
     .doc = "KEY VALUE for the package, in place of what package.conf says; any number of them. Paths in full.",
     .sample = "data /var/lib/tacit/data"},
    {.name = "seed",
     .type = CONFIG_INTEGER,
     .offset = AT(seed),
     .min = 0,
     .max = INT64_MAX,
     .doc = "Decides what the package draws at random, so that a run can be repeated.",
     .sample = "1"},
    {.name = "algorithm",
     .type = CONFIG_CUSTOM,
     .offset = AT(algorithm),
     .set = set_algorithm,
     .doc = "What updates are sealed with: A128GCM, A256GCM, ChaCha20-Poly1305 or AES-CCM-16-128-256. The policy must\n"
            "allow it; without this line it chooses.",
     .sample = "ChaCha20-Poly1305"},
    {.name = "half",
     .type = CONFIG_BOOLEAN,
     .offset = AT(half),
     .doc = "Updates as float16: half the bytes, 11 bits of precision.",
     .sample = "false"},
    {.name = "max_parameters",
     .type = CONFIG_INTEGER,
     .offset = AT(max_parameters),
     .min = 1,
     .max = (int64_t)MODEL_MAX_PARAMETERS,
     .doc = "Largest model that this device takes. Memory for a few of that size is set aside.",
     .sample = "1000000"},
    {.name = "endorsements",
     .type = CONFIG_PATH,
     .offset = AT(endorsements),
     .doc = "A folder of what vouches for this device's evidence (certificates, revocation lists, Intel's signed\n"
            "documents). Read at each enrolment; docs/collateral.md.",
     .sample = "endorsements"},
    {.name = "keep_sealed",
     .type = CONFIG_PATH,
     .offset = AT(keep_sealed),
     .doc = "DANGER. Writes every update that is sealed AND ITS KEY into this folder: whoever reads the folder reads "
            "what\n"
            "this device has learnt. Only to audit simulated federations; refused with any other attester.",
     .sample = "audit"},
    SERVICE_LOG_KEY(AT(service)),
    {.name = NULL},
};

static enum status refuse(struct reason *reason, const char *path, const char *what)
{
    reason_set(reason, "%s: %s", path, what);
    return STATUS_CONFIG;
}

static enum status read_owner_key(struct daemon_settings *settings, struct reason *reason)
{
    CLEANUP(file_free) struct buf pem = {NULL, 0, 0};

    if (file_read(settings->owner_key_file, PEM_MAX, &pem, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (pem_public_key(buf_view(&pem), settings->owner_key) != STATUS_OK)
        return refuse(reason, settings->owner_key_file, "not a P-256 public key in PEM");
    return STATUS_OK;
}

static enum status read_sim_root(struct daemon_settings *settings, struct reason *reason)
{
    CLEANUP(file_free_secret) struct buf pem = {NULL, 0, 0};

    if (settings->attester != ATTESTER_SIM)
        return STATUS_OK;
    if (file_read_secret(settings->sim_root_file, PEM_MAX, &pem, reason) != STATUS_OK)
        return STATUS_CONFIG;
    if (pem_private_key(buf_view(&pem), &settings->sim_root) != STATUS_OK)
        return refuse(reason, settings->sim_root_file, "not a P-256 private key in PEM");
    return STATUS_OK;
}

static enum status check(const char *path, const struct daemon_settings *settings, struct reason *reason)
{
    if (!name_valid(view_of_string(settings->federation)) || !name_valid(view_of_string(settings->aggregator)) ||
        !name_valid(view_of_string(settings->device)))
        return refuse(reason, path, "federation, aggregator, device: names are 1 to 64 characters of 0-9 A-Z a-z _ -");
    if (settings->keep_sealed && settings->attester != ATTESTER_SIM)
        return refuse(reason, path, "keep_sealed: only with an attester that simulates");
    return service_settings_check(path, &settings->service, reason);
}

enum status daemon_settings_read(const char *path, struct daemon_settings *out, struct reason *reason)
{
    *out = (struct daemon_settings){
        .service = SERVICE_DEFAULTS,
        .max_parameters = 1000000,
        .seed = 1,
    };
    attester_settings_begin(out);
    TRY(config_read(path, keys, out, &out->text, reason));
    TRY(attester_settings_finish(path, keys, out, reason));
    TRY(check(path, out, reason));
    TRY(read_owner_key(out, reason));
    return read_sim_root(out, reason);
}

void daemon_settings_free(struct daemon_settings *settings)
{
    p256_key_wipe(&settings->sim_root);
    config_free(&settings->text);
}

void daemon_settings_print_sample(void)
{
    config_print_sample(keys, NULL, stdout);
}

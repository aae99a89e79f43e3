/* settings.h: the configuration file of tacit-aggregator. */
#ifndef HOST_SETTINGS_H
#define HOST_SETTINGS_H

#include "config.h"
#include "gate_address.h"
#include "host.h"

/** What a program that is started as the enclave runs in. */
enum settings_tee { SETTINGS_TEE_SIM, SETTINGS_TEE_GRAMINE, SETTINGS_TEE_TSM, SETTINGS_TEES };

/** Everything that the file says, and what the files say that it names. Strings belong to text. */
struct settings {
    const char *aggregator, *owner_client;
    const char *policy_file, *owner_key_file;
    const char *enclave_text, *sim_root, *gramine_sgx;
    struct gate_address enclave;
    int tee; /* enum settings_tee when the enclave is a program, else -1 */
    const char *broker, *cafile, *certfile, *keyfile;
    const char *database;
    const char *collateral_dir; /* or NULL */
    const char *capture_file;   /* or NULL */
    int64_t port, records_kept;
    uint64_t memory, collateral_warn, capture_rotate;
    int log_level; /* enum log_level */
    bool plain;

    struct config_text text;
    struct buf policy;                  /* the signed policy */
    uint8_t owner_key[PUBLIC_KEY_SIZE]; /* encoded COSE_Key */
};

/** Reads the file and those it names. STATUS_CONFIG with a sentence that names file and line. */
MUST_USE enum status aggregator_settings_read(const char *path, struct settings *out, struct reason *reason);
void aggregator_settings_free(struct settings *settings);

/** Prints a documented sample. */
void aggregator_settings_print_sample(void);

#endif

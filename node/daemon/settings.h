/* settings.h: the configuration file of tacit-node. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "command_attester.h"
#include "config.h"
#include "crypto.h"
#include "service_settings.h"
#include "tpm_attester.h"

/** Who makes this device's evidence: the words of the key `attester`, in its order. */
enum attester_choice { ATTESTER_SIM, ATTESTER_TPM, ATTESTER_COMMAND, ATTESTER_GRAMINE, ATTESTER_TSM };

/** Everything that the file says, and the keys that it names. Strings belong to text. */
struct daemon_settings {
    const char *federation, *aggregator, *device;
    const char *owner_key_file, *sim_root_file;
    struct service_settings service;
    const char *runner, *package;
    const char *keep_sealed;  /* folder, or NULL */
    const char *endorsements; /* folder, or NULL */
    struct config_pairs package_options;
    int64_t max_parameters, seed;
    int attester;                           /* enum attester_choice */
    const char *tee_root;                   /* of ATTESTER_GRAMINE and ATTESTER_TSM; NULL: the platform's */
    int64_t tsm_privlevel;                  /* or TSM_PRIVLEVEL_ANY */
    struct tpm_attester tpm;                /* exactly with ATTESTER_TPM; its time is set */
    struct command_attester command;        /* exactly with ATTESTER_COMMAND */
    char command_line[CONFIG_MAX_LINE + 1]; /* cut into words, which command shows */
    uint64_t attester_timeout_s;
    int algorithm; /* of COSE, or 0 for the policy's first */
    bool half;

    struct config_text text;
    uint8_t owner_key[P256_POINT_SIZE];
    struct p256_key sim_root; /* of ATTESTER_SIM */
};

/** Reads the file and those it names. STATUS_CONFIG with a sentence that names the file, and the line where one is at
 *  fault; daemon_settings_free either way. */
MUST_USE enum status daemon_settings_read(const char *path, struct daemon_settings *out, struct reason *reason);

/** Frees, and wipes the simulation root. */
void daemon_settings_free(struct daemon_settings *settings);

/** Prints a documented sample. */
void daemon_settings_print_sample(void);

#endif

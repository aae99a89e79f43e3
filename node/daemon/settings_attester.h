/* settings_attester.h: the part of tacit-node's configuration that says who makes its evidence. */
#ifndef DAEMON_SETTINGS_ATTESTER_H
#define DAEMON_SETTINGS_ATTESTER_H

#include "settings.h"

#define ATTESTER_TIMEOUT_S_MAX 300

/** The words of the key `attester`, by enum attester_choice; NULL ends them. */
extern const char *const attester_words[];

/** Take values (CONFIG_CUSTOM of config.h): a uint32_t, a struct tpm_selection, a command line of CONFIG_MAX_LINE + 1
 *  characters, a const char *. */
const char *attester_set_handle(void *field, const char *value);
const char *attester_set_pcrs(void *field, const char *value);
const char *attester_set_command(void *field, const char *value);
const char *attester_set_kind(void *field, const char *value);

/** Sets the defaults. */
void attester_settings_begin(struct daemon_settings *settings);

/** Checks that all keys that the attester needs stand, and none that goes with another one; then completes it.
 *  STATUS_CONFIG with a sentence that names file and line. */
MUST_USE enum status attester_settings_finish(const char *path, const struct config_key *keys,
                                              struct daemon_settings *settings, struct reason *reason);

#endif

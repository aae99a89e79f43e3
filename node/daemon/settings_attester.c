/* settings_attester.c: see settings_attester.h. */
#include "settings_attester.h"

#include <stdlib.h>
#include <string.h>

#include "config_line.h"
#include "sim.h"
#include "tsm.h"
#include "wire_limits.h"

#define TIMEOUT_S    20
#define HANDLE_FIRST 0x81000000u /* persistent keys (TPM 2.0 Library, part 2, "Handles") */
#define HANDLE_LAST  0x81ffffffu

const char *const attester_words[] = {
    [ATTESTER_SIM] = "sim",         [ATTESTER_TPM] = "tpm", [ATTESTER_COMMAND] = "command",
    [ATTESTER_GRAMINE] = "gramine", [ATTESTER_TSM] = "tsm", [ATTESTER_TSM + 1] = NULL};

/* Keys that go with an attester, and with no other. */
static const struct {
    const char *key;
    unsigned int with; /* bit i: attester_words[i] */
    const char *with_words;
    bool required;
} attester_keys[] = {
    {"sim_root", 1u << ATTESTER_SIM, "sim", true},
    {"tpm_tcti", 1u << ATTESTER_TPM, "tpm", false},
    {"tpm_handle", 1u << ATTESTER_TPM, "tpm", false},
    {"tpm_pcrs", 1u << ATTESTER_TPM, "tpm", false},
    {"attester_command", 1u << ATTESTER_COMMAND, "command", true},
    {"attester_kind", 1u << ATTESTER_COMMAND, "command", true},
    {"tee_root", 1u << ATTESTER_GRAMINE | 1u << ATTESTER_TSM, "gramine or tsm", false},
    {"tsm_privlevel", 1u << ATTESTER_TSM, "tsm", false},
    {"attester_timeout", 1u << ATTESTER_TPM | 1u << ATTESTER_COMMAND, "tpm or command", false},
};

const char *attester_set_handle(void *field, const char *value)
{
    char *end;
    const unsigned long handle = strtoul(value, &end, 16);

    if (strncmp(value, "0x", 2) != 0 || *end != '\0' || handle < HANDLE_FIRST || handle > HANDLE_LAST)
        return "not a handle from 0x81000000 to 0x81ffffff";
    *(uint32_t *)field = (uint32_t)handle;
    return NULL;
}

const char *attester_set_pcrs(void *field, const char *value)
{
    return tpm_selection_parse(value, field);
}

/* Copied, and cut into words once the whole file is read. */
const char *attester_set_command(void *field, const char *value)
{
    size_t words = 0;

    for (const char *at = value; *at != '\0'; at += strcspn(at, " \t"), at += strspn(at, " \t"))
        words++;
    if (value[0] != '/')
        return "the program's path is not absolute";
    if (words > COMMAND_WORDS_MAX)
        return "more than 16 words";
    strcpy(field, value); /* no longer than CONFIG_MAX_LINE */
    return NULL;
}

const char *attester_set_kind(void *field, const char *value)
{
    if (strlen(value) > KIND_MAX || value[strspn(value, "0123456789abcdefghijklmnopqrstuvwxyz-_")] != '\0')
        return "a kind of evidence is 1 to 16 characters of 0-9 a-z _ -";
    if (strcmp(value, SIM_KIND) == 0)
        return "simulated evidence is made by attester sim";
    *(const char **)field = value;
    return NULL;
}

static bool goes_with(size_t i, int attester)
{
    return (attester_keys[i].with >> attester & 1) != 0;
}

static enum status check(const char *path, const struct config_key *keys, const struct daemon_settings *settings,
                         struct reason *reason)
{
    for (size_t i = 0; i < ARRAY_LEN(attester_keys); i++) {
        const unsigned int line = config_line_of(keys, settings->text.standing, attester_keys[i].key);

        if (line != 0 && !goes_with(i, settings->attester)) {
            reason_set(reason, "%s:%u: %s: only with attester %s", path, line, attester_keys[i].key,
                       attester_keys[i].with_words);
            return STATUS_CONFIG;
        }
        if (line != 0 || !attester_keys[i].required || !goes_with(i, settings->attester))
            continue;
        reason_set(reason, "%s:%u: attester %s: %s is missing", path,
                   config_line_of(keys, settings->text.standing, "attester"), attester_words[settings->attester],
                   attester_keys[i].key);
        return STATUS_CONFIG;
    }
    return STATUS_OK;
}

/* Cuts the command into words, and sets what several attesters have in common. */
static void complete(struct daemon_settings *settings)
{
    size_t words = 0;
    char *rest;

    for (char *word = strtok_r(settings->command_line, " \t", &rest); word != NULL && words < COMMAND_WORDS_MAX;
         word = strtok_r(NULL, " \t", &rest))
        settings->command.argv[words++] = word;
    settings->command.timeout_ms = 1000 * settings->attester_timeout_s;
    settings->tpm.timeout_ms = 1000 * settings->attester_timeout_s;
}

void attester_settings_begin(struct daemon_settings *settings)
{
    settings->tpm.tcti = TPM_TCTI_DEFAULT;
    settings->tpm.handle = TPM_HANDLE_DEFAULT;
    settings->attester_timeout_s = TIMEOUT_S;
    settings->tsm_privlevel = TSM_PRIVLEVEL_ANY;
    (void)attester_set_pcrs(&settings->tpm.pcrs, TPM_PCRS_DEFAULT); /* a test reads it */
}

enum status attester_settings_finish(const char *path, const struct config_key *keys, struct daemon_settings *settings,
                                     struct reason *reason)
{
    TRY(check(path, keys, settings, reason));
    complete(settings);
    return STATUS_OK;
}

/* enclave.c: see enclave.h. What is told to a program that is started stands in a table by its TEE. */
#include "enclave.h"

#include <string.h>

#define ARGUMENTS_MAX 4

/* execve takes writable strings and never writes. */
static char *argument(const char *text)
{
    return (char *)(uintptr_t)text;
}

static enum status start_sim(const struct settings *settings, struct gate_client *client, struct reason *reason)
{
    char *const argv[ARGUMENTS_MAX] = {argument(settings->enclave.path), argument("--sim-root"),
                                       argument(settings->sim_root), NULL};

    return gate_client_start(client, NULL, argv, reason);
}

static enum status start_tsm(const struct settings *settings, struct gate_client *client, struct reason *reason)
{
    char *const argv[ARGUMENTS_MAX] = {argument(settings->enclave.path), argument("--tee"), argument("tsm"), NULL};

    return gate_client_start(client, NULL, argv, reason);
}

/* The signed manifest lies beside the program, and holds the program's arguments and its files, by names relative to
 * there. */
static enum status start_gramine(const struct settings *settings, struct gate_client *client, struct reason *reason)
{
    const char *slash = strrchr(settings->enclave.path, '/');
    const char *name = slash != NULL ? slash + 1 : settings->enclave.path;
    char *const argv[ARGUMENTS_MAX] = {argument(settings->gramine_sgx), argument(name), NULL};
    char folder[FILE_MAX_PATH];

    TRY(file_folder(settings->enclave.path, folder, reason));
    return gate_client_start(client, folder, argv, reason);
}

static enum status (*const start[SETTINGS_TEES])(const struct settings *, struct gate_client *, struct reason *) = {
    [SETTINGS_TEE_SIM] = start_sim,
    [SETTINGS_TEE_GRAMINE] = start_gramine,
    [SETTINGS_TEE_TSM] = start_tsm,
};

enum status enclave_open(const struct settings *settings, struct gate_client *client, struct reason *reason)
{
    if (settings->enclave.place != GATE_PROGRAM)
        return gate_client_connect(client, &settings->enclave, reason);
    return start[settings->tee](settings, client, reason);
}

/* service_settings.c: see service_settings.h. */
#include "service_settings.h"

const char *const service_log_levels[] = {"debug", "info", "warn", "error", NULL};

enum status service_settings_check(const char *path, const struct service_settings *settings, struct reason *reason)
{
    if (settings->plain || (settings->cafile != NULL && settings->certfile != NULL && settings->keyfile != NULL))
        return STATUS_OK;
    reason_set(reason, "%s: cafile, certfile and keyfile are needed for TLS", path);
    return STATUS_CONFIG;
}

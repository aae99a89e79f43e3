/* check_values.c: values that mosquitto would not start with, of keys that no other check judges wholly. See
 * doctor_checks.h. */
#include <string.h>

#include "doctor_checks.h"

static const char *const numbers[] = {"max_inflight_messages", "max_inflight_bytes", "autosave_interval"};
static const char *const flags[] = {
    "per_listener_settings", "allow_anonymous",          "persistence",
    "autosave_on_changes",   "retain_available",         "require_certificate",
    "set_tcp_nodelay",       "use_identity_as_username", "use_username_as_clientid",
    "cleansession",          "bridge_outgoing_retain",   "bridge_insecure",
    "try_private",           "queue_qos0_messages",      "notifications",
};

static bool is_one_of(const char *const *list, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], key) == 0)
            return true;
    return false;
}

static void refuse(const struct checking *checking, const struct conf_line *line, const char *change, const char *why)
{
    struct finding *finding = finding_add(checking->out, "value", CHECK_BAD, line, "%s", why);

    finding_now_is(finding, line, "");
    finding_change(finding, "%s %s", line->key, change);
}

void check_values(const struct checking *checking)
{
    const struct conf *conf = checking->conf;
    int64_t number;

    for (unsigned int i = 0; i < conf->line_count; i++) {
        const struct conf_line *line = &conf->lines[i];

        if (is_one_of(numbers, ARRAY_LEN(numbers), line->key) && (!conf_number(line, false, 0, &number) || number < 0))
            refuse(checking, line, "NUMBER", "no number: mosquitto does not start with it");
        /* What is neither is taken for whatever is expected: twice the same answer means that it says something. */
        if (is_one_of(flags, ARRAY_LEN(flags), line->key) && conf_bool(line, true) != conf_bool(line, false))
            refuse(checking, line, "true | false", "neither true nor false: mosquitto does not start with it");
    }
}

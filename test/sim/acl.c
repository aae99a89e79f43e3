/* acl.c: the access list of broker-config/acl.in, as mosquitto reads it. */
#include <stdio.h>
#include <string.h>

#include "broker_private.h"

/* Copies text with one placeholder replaced. */
static void fill_in(const char *text, const char *placeholder, const char *name, char out[static BROKER_FILTER_MAX])
{
    const char *at = strstr(text, placeholder);

    if (at == NULL)
        snprintf(out, BROKER_FILTER_MAX, "%s", text);
    else
        snprintf(out, BROKER_FILTER_MAX, "%.*s%s%s", (int)(at - text), text, name, at + strlen(placeholder));
}

static void take_line(struct broker *broker, const char *line, char user[static 32])
{
    struct rule *rule = &broker->rules[broker->rule_count];
    char access[8], filter[BROKER_FILTER_MAX];

    if (sscanf(line, "user %31s", user) == 1)
        return;
    if (sscanf(line, "topic deny %159s", filter) == 1)
        return; /* of the observer, who is not simulated */
    if (sscanf(line, "topic %7s %159s", access, filter) == 2)
        memcpy(rule->user, user, sizeof rule->user);
    else if (sscanf(line, "pattern %7s %159s", access, filter) == 2)
        rule->user[0] = '\0';
    else
        return;
    memcpy(rule->filter, filter, sizeof filter);
    rule->write = strcmp(access, "write") == 0;
    if (broker->rule_count + 1 < BROKER_RULES)
        broker->rule_count++;
}

enum status broker_read_acl(struct broker *broker, const char *path, const char *aggregator, const char *owner)
{
    char line[BROKER_FILTER_MAX], half[BROKER_FILTER_MAX], whole[BROKER_FILTER_MAX], user[32] = "";
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return STATUS_IO;
    while (fgets(line, sizeof line, file) != NULL) {
        fill_in(line, "@AGGREGATOR@", aggregator, half);
        fill_in(half, "@OWNER@", owner, whole);
        take_line(broker, whole, user);
    }
    fclose(file);
    return STATUS_OK;
}

bool broker_allows(const struct broker *broker, const char *user, const char *topic, bool write)
{
    for (uint32_t i = 0; i < broker->rule_count; i++) {
        const struct rule *rule = &broker->rules[i];
        char filter[BROKER_FILTER_MAX];

        if (rule->write != write || (rule->user[0] != '\0' && strcmp(rule->user, user) != 0))
            continue;
        fill_in(rule->filter, "%u", user, filter);
        if (filter_matches(rule->user[0] != '\0' ? rule->filter : filter, topic))
            return true;
    }
    return false;
}

/* status.c: `tacit status`. Nothing is proven in what the aggregator's host says of itself: it is for people. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "network.h"
#include "session.h"
#include "utf8.h"

#define STATUS_JSON_MAX 65536 /* bytes of a status that is shown */

struct watching {
    bool json, watch;
};

static void print_value(const cJSON *value)
{
    char *text;

    if (cJSON_IsString(value)) {
        if (utf8_printable(view_of_string(value->valuestring)))
            fputs(value->valuestring, stdout);
        return;
    }
    /* cJSON escapes control characters when it prints. */
    text = cJSON_PrintUnformatted(value);
    if (text != NULL && utf8_printable(view_of_string(text)))
        fputs(text, stdout);
    free(text);
}

static void print_table(const cJSON *status)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, status)
    {
        if (!utf8_printable(view_of_string(entry->string)))
            continue;
        printf("%-14s ", entry->string);
        print_value(entry);
        putchar('\n');
    }
}

static void on_message(void *ctx, struct session *session, const struct topic *topic, struct view payload)
{
    const struct watching *watching = ctx;
    cJSON *status;

    if (topic->kind != TOPIC_STATUS || payload.len == 0 || payload.len > STATUS_JSON_MAX)
        return;
    status = cJSON_ParseWithLength((const char *)payload.ptr, payload.len);
    if (!cJSON_IsObject(status)) {
        session_finish(session, STATUS_MALFORMED, "the status is not JSON");
    } else if (watching->json) {
        print_value(status);
        putchar('\n');
    } else {
        print_table(status);
        if (watching->watch)
            putchar('\n');
    }
    cJSON_Delete(status);
    (void)fflush(stdout);
    if (!watching->watch)
        session_finish(session, STATUS_OK, NULL);
}

static void on_quiet(void *ctx, struct session *session)
{
    const struct watching *watching = ctx;

    if (!watching->watch)
        session_finish(session, STATUS_NOT_FOUND, "the broker holds no status of this aggregator");
}

static enum status watch(void *ctx, const struct profile *profile, struct reason *reason)
{
    static const enum topic_kind kinds[] = {TOPIC_STATUS};
    const struct watching *watching = ctx;
    const struct session_use use = {
        .ctx = ctx,
        .kinds = kinds,
        .count = ARRAY_LEN(kinds),
        .untrusted = true,
        .patient = watching->watch,
        .message = on_message,
        .quiet = on_quiet,
    };

    return session_run(profile, &use, reason);
}

int status_command(const struct command *self, int argc, char *argv[])
{
    struct watching watching = {.json = false};
    const struct argument table[] = {
        {"--json", ARGUMENT_FLAG, &watching.json, 0, 0},
        {"--watch", ARGUMENT_FLAG, &watching.watch, 0, 0},
        {0},
    };
    const struct network_command command = {.options = table, .reads_only = true, .ctx = &watching, .work = watch};

    return network_run(self, &command, argc, argv);
}

/* info_json.c: see info.h. */
#include "info.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "files.h"

static void add_hex(cJSON *object, const char *name, struct view bytes)
{
    char digits[2 * DIGEST_SIZE + 1];

    hex_encode(bytes, digits);
    (void)cJSON_AddStringToObject(object, name, digits);
}

static void add_count(cJSON *object, const struct survey_count *count)
{
    (void)cJSON_AddNumberToObject(object, "messages", (double)count->messages);
    (void)cJSON_AddNumberToObject(object, "bytes", (double)count->bytes);
}

static cJSON *add_row(cJSON *list)
{
    cJSON *row = cJSON_CreateObject();

    (void)cJSON_AddItemToArray(list, row);
    return row;
}

static void add_sessions(cJSON *file, struct capture *capture)
{
    cJSON *list = cJSON_AddArrayToObject(file, "sessions");
    struct capture_session session = {.id = 0};

    while (capture_session_next(capture, session.id, &session) == STATUS_OK) {
        cJSON *row = add_row(list);

        (void)cJSON_AddNumberToObject(row, "began_us", (double)session.began_us);
        if (session.ended_us == 0)
            (void)cJSON_AddNullToObject(row, "ended_us");
        else
            (void)cJSON_AddNumberToObject(row, "ended_us", (double)session.ended_us);
        (void)cJSON_AddNumberToObject(row, "messages", (double)session.messages);
        (void)cJSON_AddStringToObject(row, "broker", files_text(session.broker));
        (void)cJSON_AddStringToObject(row, "client", files_text(session.client));
        (void)cJSON_AddStringToObject(row, "why", files_text(session.why));
    }
}

static void add_file(cJSON *files, const struct info *info, size_t i)
{
    struct capture *capture = info->parts.list[i];
    const struct capture_about *about = capture_about(capture);
    struct capture_escrow escrow = {.id = 0};
    cJSON *file = add_row(files), *secrets;

    (void)cJSON_AddStringToObject(file, "file", info->parts.paths[i]);
    (void)cJSON_AddStringToObject(file, "federation", files_text(about->federation));
    (void)cJSON_AddStringToObject(file, "maker", files_text(about->maker));
    (void)cJSON_AddNumberToObject(file, "part", about->part);
    (void)cJSON_AddBoolToObject(file, "from_inside", about->from_inside);
    (void)cJSON_AddBoolToObject(file, "anonymised", about->anonymised);
    (void)cJSON_AddNumberToObject(file, "messages", (double)capture_count(capture));
    secrets = cJSON_AddArrayToObject(file, "secrets_of_boots");
    while (capture_escrow_next(capture, escrow.id, &escrow) == STATUS_OK) {
        cJSON *row = add_row(secrets);

        add_hex(row, "boot_id", VIEW_OF(escrow.boot_id));
        (void)cJSON_AddStringToObject(row, "aggregator", files_text(escrow.aggregator));
    }
    add_sessions(file, capture);
}

static void add_kinds(cJSON *object, const struct survey *survey)
{
    cJSON *kinds = cJSON_AddObjectToObject(object, "kinds");

    for (int kind = 0; kind <= TOPIC_KINDS; kind++)
        if (survey->kinds[kind].messages > 0)
            add_count(cJSON_AddObjectToObject(kinds, kind == SURVEY_OTHER ? "other" : capture_kind_name(kind)),
                      &survey->kinds[kind]);
}

static void add_devices(cJSON *object, const struct survey *survey)
{
    cJSON *list = cJSON_AddArrayToObject(object, "devices");

    for (size_t i = 0; i < survey->device_count; i++) {
        cJSON *row;

        if (!survey_is_device(&survey->devices[i]))
            continue;
        row = add_row(list);
        (void)cJSON_AddStringToObject(row, "device", survey->devices[i].name);
        add_count(row, &survey->devices[i].count);
        (void)cJSON_AddNumberToObject(row, "offers", survey->devices[i].offers);
    }
}

static void add_rounds(cJSON *object, const struct survey *survey)
{
    cJSON *list = cJSON_AddArrayToObject(object, "rounds");

    for (size_t i = 0; i < survey->round_count; i++) {
        const struct survey_round *round = &survey->rounds[i];
        cJSON *row = add_row(list);

        (void)cJSON_AddNumberToObject(row, "round", round->round);
        (void)cJSON_AddStringToObject(row, "aggregator", round->aggregator);
        add_hex(row, "boot_id", VIEW_OF(round->boot_id));
        (void)cJSON_AddBoolToObject(row, "manifest", round->chunks > 0);
        (void)cJSON_AddBoolToObject(row, "record", round->recorded);
        (void)cJSON_AddBoolToObject(row, "before_the_capture", round->recorded && !round->live);
        (void)cJSON_AddStringToObject(row, "reason", round->recorded ? status_name(round->reason) : "");
        (void)cJSON_AddNumberToObject(row, "counted", round->counted);
        (void)cJSON_AddNumberToObject(row, "whole_updates", round->whole);
        (void)cJSON_AddNumberToObject(row, "chunks", round->chunks);
        (void)cJSON_AddNumberToObject(row, "chunks_here", survey_chunks(round));
    }
}

static void add_lines(cJSON *object, const char *name, const struct info_lines *lines)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);

    for (size_t i = 0; i < lines->count; i++)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString(lines->list[i]));
}

enum status info_print_json(const struct info *info, FILE *out)
{
    cJSON *object = cJSON_CreateObject(), *files = cJSON_AddArrayToObject(object, "files");
    char *text;

    for (size_t i = 0; i < info->parts.count; i++)
        add_file(files, info, i);
    add_count(object, &info->survey.all);
    add_kinds(object, &info->survey);
    add_devices(object, &info->survey);
    add_rounds(object, &info->survey);
    (void)cJSON_AddBoolToObject(object, "checked", info->checked);
    add_lines(object, "damaged", &info->damaged);
    add_lines(object, "missing", &info->missing);
    text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (text == NULL)
        return STATUS_IO;
    fprintf(out, "%s\n", text);
    free(text);
    return STATUS_OK;
}

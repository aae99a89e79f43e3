/* export_files.c: payloads as files, with an index or a script beside them. See export.h. */
#include "export.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "utf8.h"

#define NAME_OF_PAYLOAD_MAX 32

struct exporting {
    const char *folder; /* of the payloads */
    FILE *out;          /* index or script */
    struct reason *reason;
    uint64_t messages;
    enum status (*line)(struct exporting *exporting, const struct captured *message, const char *name);
};

static void close_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

static enum status make_folder(const char *path, struct reason *reason)
{
    if (mkdir(path, 0700) == 0)
        return STATUS_OK;
    reason_set(reason, "%s: %s", path, strerror(errno));
    return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
}

static enum status open_new(const char *path, FILE **out, struct reason *reason)
{
    *out = fopen(path, "wxe");
    if (*out != NULL)
        return STATUS_OK;
    reason_set(reason, "%s: %s", path, strerror(errno));
    return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
}

static enum status export_one(struct exporting *exporting, const struct captured *message)
{
    char name[NAME_OF_PAYLOAD_MAX], path[FILE_MAX_PATH];
    int len;

    snprintf(name, sizeof name, "%06" PRIu64 ".payload", ++exporting->messages);
    len = snprintf(path, sizeof path, "%s/%s", exporting->folder, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return STATUS_OUT_OF_RANGE;
    TRY(file_write(path, 0600, message->payload, exporting->reason));
    return exporting->line(exporting, message, name);
}

static enum status export_all(struct exporting *exporting, const struct capture_parts *parts,
                              struct selection *selection)
{
    const struct capture_query all = CAPTURE_ALL;
    CLEANUP(capture_walk_end) struct capture_walk walk = capture_walk(parts, &all);
    struct captured message;
    enum status status;

    while ((status = capture_walk_next(&walk, &message)) != STATUS_NOT_FOUND) {
        bool keeps;

        if (status == STATUS_MALFORMED)
            continue;
        TRY(status);
        TRY(selection_keeps(selection, &message, &keeps));
        if (keeps)
            TRY(export_one(exporting, &message));
    }
    return fflush(exporting->out) == 0 ? STATUS_OK : STATUS_IO;
}

/* ---- a folder with an index ---- */

static const char *text_or(struct view text, const char *otherwise)
{
    return utf8_printable(text) ? (const char *)text.ptr : otherwise;
}

/* The properties are JSON of ours already; what was edited into something else is left out. */
static void add_properties(cJSON *object, struct view properties)
{
    cJSON *parsed = properties.len == 0 ? NULL : cJSON_ParseWithLength((const char *)properties.ptr, properties.len);

    if (parsed != NULL)
        (void)cJSON_AddItemToObject(object, "properties", parsed);
}

static enum status index_line(struct exporting *exporting, const struct captured *message, const char *name)
{
    cJSON *object = cJSON_CreateObject();
    char *text;

    (void)cJSON_AddStringToObject(object, "file", name);
    (void)cJSON_AddStringToObject(object, "topic", text_or(view_of_string(message->topic), "(not printable)"));
    if (message->parsed)
        (void)cJSON_AddStringToObject(object, "kind", capture_kind_name((int)message->where.kind));
    (void)cJSON_AddNumberToObject(object, "bytes", (double)message->payload.len);
    (void)cJSON_AddNumberToObject(object, "qos", message->qos);
    (void)cJSON_AddBoolToObject(object, "retained", message->retained);
    (void)cJSON_AddNumberToObject(object, "at_us", (double)message->at_us);
    (void)cJSON_AddNumberToObject(object, "session", (double)message->session);
    (void)cJSON_AddNumberToObject(object, "id", (double)message->id);
    add_properties(object, message->properties);
    text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (text == NULL)
        return STATUS_IO;
    fprintf(exporting->out, "%s\n", text);
    free(text);
    return STATUS_OK;
}

enum status export_folder(const struct capture_parts *parts, struct selection *selection, const char *folder,
                          struct reason *reason)
{
    CLEANUP(close_file) FILE *out = NULL;
    char path[FILE_MAX_PATH];
    struct exporting exporting = {.folder = folder, .reason = reason, .line = index_line};

    if (snprintf(path, sizeof path, "%.4000s/index.jsonl", folder) >= (int)sizeof path)
        return STATUS_OUT_OF_RANGE;
    TRY(make_folder(folder, reason));
    TRY(open_new(path, &out, reason));
    exporting.out = out;
    TRY(export_all(&exporting, parts, selection));
    printf("%s: %" PRIu64 " messages\n", folder, exporting.messages);
    return STATUS_OK;
}

/* ---- a script ---- */

void export_quote(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    fputc('\'', out);
}

static void quote_property(FILE *out, const char *name, const char *value)
{
    fprintf(out, " -D publish %s ", name);
    export_quote(out, value);
}

static void print_text_property(FILE *out, const cJSON *properties, const char *ours, const char *theirs)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(properties, ours);

    if (cJSON_IsString(value))
        quote_property(out, theirs, value->valuestring);
}

static void print_number_property(FILE *out, const cJSON *properties, const char *ours, const char *theirs)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(properties, ours);

    if (cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= (double)UINT32_MAX)
        fprintf(out, " -D publish %s %.0f", theirs, value->valuedouble);
}

static void print_pairs(FILE *out, const cJSON *properties)
{
    const cJSON *pair;

    cJSON_ArrayForEach(pair, cJSON_GetObjectItemCaseSensitive(properties, "user"))
    {
        const cJSON *name = cJSON_GetArrayItem(pair, 0), *value = cJSON_GetArrayItem(pair, 1);

        if (!cJSON_IsString(name) || !cJSON_IsString(value))
            continue;
        quote_property(out, "user-property", name->valuestring);
        fputc(' ', out);
        export_quote(out, value->valuestring);
    }
}

/* mosquitto_pub takes correlation data as a text, which ours need not be: left out, as subscription identifiers are, which
 * are the receiver's. */
static void print_properties(FILE *out, struct view bytes)
{
    cJSON *properties = bytes.len == 0 ? NULL : cJSON_ParseWithLength((const char *)bytes.ptr, bytes.len);

    if (properties == NULL)
        return;
    print_number_property(out, properties, "payload-format", "payload-format-indicator");
    print_number_property(out, properties, "expiry", "message-expiry-interval");
    print_text_property(out, properties, "content-type", "content-type");
    print_text_property(out, properties, "response-topic", "response-topic");
    print_pairs(out, properties);
    cJSON_Delete(properties);
}

/* A broker delivers what was published retained without that mark to who is there: the topic tells (PROTOCOL.md
 * section 1). */
static bool was_retained(const struct captured *message)
{
    static const bool kinds[TOPIC_KINDS] = {
        [TOPIC_EVIDENCE] = true, [TOPIC_CHALLENGE] = true, [TOPIC_STATUS] = true,   [TOPIC_ROUND] = true,
        [TOPIC_MODEL] = true,    [TOPIC_RECORD] = true,    [TOPIC_PRESENCE] = true,
    };

    return message->retained || (message->parsed && kinds[message->where.kind]);
}

static enum status script_line(struct exporting *exporting, const struct captured *message, const char *name)
{
    FILE *out = exporting->out;

    fprintf(out, "mosquitto_pub -V 5 \"$@\" -q %d%s -t ", message->qos, was_retained(message) ? " -r" : "");
    export_quote(out, message->topic);
    print_properties(out, message->properties);
    if (message->payload.len == 0)
        fputs(" -n\n", out);
    else
        fprintf(out, " -f \"$folder/%s\"\n", name);
    return STATUS_OK;
}

static void print_beginning(FILE *out, const char *script)
{
    const char *slash = strrchr(script, '/');
    char base[FILE_MAX_PATH];

    snprintf(base, sizeof base, "%s", slash == NULL ? script : slash + 1);
    fputs("#!/bin/sh\n"
          "# Publishes the messages of one round of a capture in their order. Arguments: options for mosquitto_pub.\n"
          "set -e\n"
          "folder=$(dirname \"$0\")/",
          out);
    export_quote(out, base);
    fputs(".d\n", out);
}

enum status export_script(const struct capture_parts *parts, struct selection *selection, const char *script,
                          struct reason *reason)
{
    CLEANUP(close_file) FILE *out = NULL;
    char folder[FILE_MAX_PATH];
    struct exporting exporting = {.folder = folder, .reason = reason, .line = script_line};

    if (snprintf(folder, sizeof folder, "%.4000s.d", script) >= (int)sizeof folder)
        return STATUS_OUT_OF_RANGE;
    TRY(make_folder(folder, reason));
    TRY(open_new(script, &out, reason));
    exporting.out = out;
    print_beginning(out, script);
    TRY(export_all(&exporting, parts, selection));
    if (fchmod(fileno(out), 0700) != 0)
        return STATUS_IO;
    printf("%s: %" PRIu64 " messages\n", script, exporting.messages);
    return STATUS_OK;
}

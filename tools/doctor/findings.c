/* findings.c: see findings.h. */
#include "findings.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <string.h>

#include "utf8.h"

/* What was cut in the middle of a character ends before it; bytes that are no text become '?'. */
static void clean(char *text)
{
    size_t length = strlen(text);

    for (size_t cut = 0; cut < 4 && cut <= length; cut++)
        if (utf8_printable((struct view){(const uint8_t *)text, length - cut})) {
            text[length - cut] = '\0';
            return;
        }
    for (char *at = text; *at != '\0'; at++)
        if (*at < ' ' || *at == 0x7f)
            *at = '?';
}

struct finding *finding_add(struct findings *findings, const char *check, enum verdict_of_check verdict,
                            const struct conf_line *line, const char *why, ...)
{
    struct finding *finding;
    va_list arguments;

    if (findings->count == FINDINGS_MAX) {
        findings->count--;
        findings->lost++;
    }
    finding = &findings->list[findings->count++];
    *finding = (struct finding){.check = check, .verdict = verdict};
    if (verdict > findings->worst)
        findings->worst = verdict;
    conf_place(findings->conf, line, finding->where);
    va_start(arguments, why);
    (void)vsnprintf(finding->why, sizeof finding->why, why, arguments);
    va_end(arguments);
    clean(finding->where);
    clean(finding->why);
    return finding;
}

void finding_change(struct finding *finding, const char *change, ...)
{
    va_list arguments;

    va_start(arguments, change);
    (void)vsnprintf(finding->change, sizeof finding->change, change, arguments);
    va_end(arguments);
    clean(finding->change);
}

void finding_now(struct finding *finding, const char *now, ...)
{
    va_list arguments;

    va_start(arguments, now);
    (void)vsnprintf(finding->now, sizeof finding->now, now, arguments);
    va_end(arguments);
    clean(finding->now);
}

void finding_now_is(struct finding *finding, const struct conf_line *line, const char *otherwise)
{
    if (line != NULL)
        finding_now(finding, "%s %s", line->key, line->value);
    else
        finding_now(finding, "no line: %s", otherwise);
}

const char *finding_word(enum verdict_of_check verdict)
{
    static const char *const words[] = {"ok", "weak", "BAD"};

    return words[verdict];
}

static void print_one(const struct finding *finding, FILE *out)
{
    fprintf(out, "%-22s | %-4s | ", finding->check, finding_word(finding->verdict));
    if (finding->verdict == CHECK_OK)
        fprintf(out, "%s\n", finding->why);
    else
        fprintf(out, "%s: %s%s%s\n%-22s |      |   %s\n", finding->where, finding->now,
                finding->change[0] == '\0' ? "" : " -> ", finding->change, "", finding->why);
}

static void print_json(const struct finding *finding, cJSON *list)
{
    static const char *const words[] = {"ok", "weak", "bad"};
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "check", finding->check);
    cJSON_AddStringToObject(object, "verdict", words[finding->verdict]);
    cJSON_AddStringToObject(object, "where", finding->where);
    cJSON_AddStringToObject(object, "now", finding->now);
    cJSON_AddStringToObject(object, "change", finding->verdict == CHECK_OK ? "" : finding->change);
    cJSON_AddStringToObject(object, "why", finding->why);
    cJSON_AddItemToArray(list, object);
}

static void add_load(cJSON *object, const char *name, struct load load)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);

    cJSON_AddItemToArray(list, cJSON_CreateNumber((double)load.messages));
    cJSON_AddItemToArray(list, cJSON_CreateNumber((double)load.bytes));
}

void findings_print_json(const struct findings *findings, const struct plan *plan, FILE *out)
{
    cJSON *object = cJSON_CreateObject(), *numbers, *list;
    char *text;

    cJSON_AddBoolToObject(object, "carried", findings->worst != CHECK_BAD);
    numbers = cJSON_AddObjectToObject(object, "plan");
    cJSON_AddNumberToObject(numbers, "chunk", (double)plan->chunk);
    cJSON_AddNumberToObject(numbers, "chunks", (double)plan->chunks);
    cJSON_AddNumberToObject(numbers, "admitted", (double)plan->admitted);
    add_load(numbers, "update", plan->update);
    add_load(numbers, "retained", plan->retained);
    add_load(numbers, "to_aggregator", plan->to_aggregator);
    add_load(numbers, "to_device", plan->to_device);
    add_load(numbers, "to_reader", plan->to_reader);
    list = cJSON_AddArrayToObject(object, "checks");
    for (size_t i = 0; i < findings->count; i++)
        print_json(&findings->list[i], list);
    cJSON_AddNumberToObject(object, "left_out", (double)findings->lost);
    text = cJSON_PrintUnformatted(object);
    fprintf(out, "%s\n", text == NULL ? "" : text);
    cJSON_free(text);
    cJSON_Delete(object);
}

void findings_print(const struct findings *findings, FILE *out)
{
    fprintf(out, "%-22s | %-4s | what to change\n", "check", "");
    for (size_t i = 0; i < findings->count; i++)
        print_one(&findings->list[i], out);
    if (findings->lost > 0)
        fprintf(out, "and %zu more\n", findings->lost);
}

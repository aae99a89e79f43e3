/* rounds_print.c: see rounds_print.h. */
#include "rounds_print.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MILLION 1e6

static const struct metric *find_metric(const struct record *record, const char *name)
{
    for (uint32_t i = 0; i < record->metrics.count; i++)
        if (view_equal(record->metrics.list[i].name, view_of_string(name)))
            return &record->metrics.list[i];
    return NULL;
}

static struct worth worth_of(const struct record *record)
{
    const struct metric *accuracy = find_metric(record, "accuracy"), *loss = find_metric(record, "loss");

    return (struct worth){
        .has_accuracy = accuracy != NULL,
        .has_loss = loss != NULL,
        .accuracy = accuracy != NULL ? accuracy->value : 0,
        .loss = loss != NULL ? loss->value : 0,
    };
}

struct worth rounds_worth(const struct chain *chain, size_t index)
{
    const struct record *record = &chain->entries[index].record;

    if (record->task == TASK_EVALUATE)
        return worth_of(record);
    if (record->reason == STATUS_OK)
        for (size_t i = index + 1; i < chain->count; i++) {
            const struct record *later = &chain->entries[i].record;
            if (later->reason == STATUS_OK && view_equal(later->base, record->model))
                return worth_of(later);
        }
    return (struct worth){0};
}

bool rounds_complete(const struct chain *chain, size_t index)
{
    const struct record *record = &chain->entries[index].record;

    if (record->reason != STATUS_OK || record->task == TASK_EVALUATE)
        return true;
    for (size_t i = index + 1; i < chain->count; i++)
        if (chain->entries[i].record.reason == STATUS_OK)
            return true;
    return false;
}

static void print_millionths(FILE *out, const char *name, bool there, int64_t value)
{
    if (there)
        fprintf(out, "  %s %.4f", name, (double)value / MILLION);
    else
        fprintf(out, "  %s -", name);
}

static const char *task_name(enum task task)
{
    return task == TASK_EVALUATE ? "evaluate" : "train";
}

void rounds_print_line(const struct chain *chain, size_t index, FILE *out)
{
    const struct chain_entry *entry = &chain->entries[index];
    const struct worth worth = rounds_worth(chain, index);
    char model[2 * DIGEST_SIZE + 1];

    hex_encode(entry->record.model, model);
    fprintf(out, "round %" PRIu32 "  cohort %" PRIu32 "  samples %" PRIu64, entry->record.round, entry->record.counted,
            entry->record.samples);
    print_millionths(out, "accuracy", worth.has_accuracy, worth.accuracy);
    print_millionths(out, "loss", worth.has_loss, worth.loss);
    fprintf(out, "  model %.8s...  %s", model, task_name(entry->record.task));
    if (entry->record.reason != STATUS_OK)
        fprintf(out, "  %s: no new model; tried again as the next round until there is one or `tacit stop`",
                status_name(entry->record.reason));
    if (entry->record.simulated)
        fputs("  simulated", out);
    if (!entry->believed)
        fputs("  NOT VERIFIED", out);
    fputc('\n', out);
}

static void add_digest(cJSON *object, const char *name, struct view bytes)
{
    char digits[2 * DIGEST_SIZE + 1];

    hex_encode(bytes, digits);
    if (bytes.len > 0)
        (void)cJSON_AddStringToObject(object, name, digits);
    else
        (void)cJSON_AddNullToObject(object, name);
}

static void add_millionths(cJSON *object, const char *name, bool there, int64_t value)
{
    if (there)
        (void)cJSON_AddNumberToObject(object, name, (double)value / MILLION);
    else
        (void)cJSON_AddNullToObject(object, name);
}

static void add_metrics(cJSON *object, const struct metrics *metrics)
{
    cJSON *list = cJSON_AddObjectToObject(object, "metrics");

    for (uint32_t i = 0; i < metrics->count; i++) {
        const struct metric *metric = &metrics->list[i];
        char name[METRIC_NAME_MAX + 1] = {0};
        cJSON *one;
        memcpy(name, metric->name.ptr, metric->name.len);
        one = cJSON_AddObjectToObject(list, name);
        (void)cJSON_AddNumberToObject(one, "value", (double)metric->value / MILLION);
        (void)cJSON_AddNumberToObject(one, "weight", (double)metric->weight);
    }
}

static void add_refusals(cJSON *object, const struct refusals *refusals)
{
    cJSON *list = cJSON_AddObjectToObject(object, "refused");

    for (uint32_t i = 0; i < refusals->count; i++)
        (void)cJSON_AddNumberToObject(list, status_name(refusals->list[i].reason), (double)refusals->list[i].count);
}

enum status rounds_print_json(const struct chain *chain, size_t index, FILE *out)
{
    const struct chain_entry *entry = &chain->entries[index];
    const struct record *record = &entry->record;
    const struct worth worth = rounds_worth(chain, index);
    cJSON *object = cJSON_CreateObject();
    char *text;

    (void)cJSON_AddNumberToObject(object, "round", record->round);
    (void)cJSON_AddStringToObject(object, "task", task_name(record->task));
    (void)cJSON_AddStringToObject(object, "reason", status_name(record->reason));
    (void)cJSON_AddNumberToObject(object, "cohort", record->counted);
    (void)cJSON_AddNumberToObject(object, "samples", (double)record->samples);
    add_millionths(object, "accuracy", worth.has_accuracy, worth.accuracy);
    add_millionths(object, "loss", worth.has_loss, worth.loss);
    add_digest(object, "base", record->base);
    add_digest(object, "model", record->model);
    add_digest(object, "root", record->root);
    add_digest(object, "previous", record->previous);
    add_digest(object, "boot_id", record->boot_id);
    add_digest(object, "policy", record->policy_digest);
    (void)cJSON_AddNumberToObject(object, "closed", (double)record->closed);
    (void)cJSON_AddBoolToObject(object, "simulated", record->simulated);
    (void)cJSON_AddBoolToObject(object, "verified", entry->believed);
    add_metrics(object, &record->metrics);
    add_refusals(object, &record->refusals);
    text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (text == NULL)
        return STATUS_IO;
    fprintf(out, "%s\n", text);
    free(text);
    return STATUS_OK;
}

/* scores.c: see scores.h. */
#include "scores.h"

#include <cjson/cJSON.h>
#include <string.h>

#define SAMPLES     "samples"
#define VALUE_LIMIT 2147.0 /* METRIC_LIMIT millionths, in whole ones */

static void free_tree(cJSON **tree)
{
    cJSON_Delete(*tree);
}

static enum status refuse(enum status status, struct reason *reason, const char *name, const char *what)
{
    reason_set(reason, "metrics: %.64s: %s", name, what);
    return status;
}

/* cJSON ends its strings at a NUL, so none is let in; an escaped one ends a name early, which can only make it one that
 * is refused or stands twice, or is as good as any. */
static enum status parse(struct view json, cJSON **out, struct reason *reason)
{
    if (json.len > SCORES_MAX_FILE)
        return refuse(STATUS_OUT_OF_RANGE, reason, "the file", "larger than 64 KiB");
    if (strlen((const char *)json.ptr) != json.len)
        return refuse(STATUS_MALFORMED, reason, "the file", "not text");
    *out = cJSON_ParseWithOpts((const char *)json.ptr, NULL, true);
    if (!cJSON_IsObject(*out))
        return refuse(STATUS_MALFORMED, reason, "the file", "not a JSON object");
    if (cJSON_GetArraySize(*out) > SCORES_MAX)
        return refuse(STATUS_OUT_OF_RANGE, reason, "the file", "more than 64 numbers");
    return STATUS_OK;
}

static enum status read_samples(const cJSON *object, uint32_t *out, struct reason *reason)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, SAMPLES);

    if (!cJSON_IsNumber(item))
        return refuse(STATUS_MALFORMED, reason, SAMPLES, "missing, or no number");
    if (item->valuedouble == 0)
        return refuse(STATUS_NO_SAMPLES, reason, SAMPLES, "0");
    if (!(item->valuedouble >= 1 && item->valuedouble <= INT32_MAX))
        return refuse(STATUS_OUT_OF_RANGE, reason, SAMPLES, "not in 1..2147483647");
    if ((double)(uint32_t)item->valuedouble != item->valuedouble)
        return refuse(STATUS_MALFORMED, reason, SAMPLES, "not a whole number");
    *out = (uint32_t)item->valuedouble;
    return STATUS_OK;
}

static enum status make_name(const char *prefix, const char *name, char out[static METRIC_NAME_MAX + 1],
                             struct reason *reason)
{
    const size_t before = strlen(prefix), len = strlen(name);

    if (len == 0 || before + len > METRIC_NAME_MAX)
        return refuse(STATUS_MALFORMED, reason, name, "names are 1 to 32 characters");
    if (strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz_") != len)
        return refuse(STATUS_MALFORMED, reason, name, "names are of 0-9 a-z _");
    if (prefix[0] == '\0' && strncmp(name, SCORES_TRAINING, strlen(SCORES_TRAINING)) == 0)
        return refuse(STATUS_MALFORMED, reason, name, "a name of training");
    memcpy(out, prefix, before);
    memcpy(out + before, name, len + 1);
    return STATUS_OK;
}

/* Puts a score where its name belongs. */
static enum status insert(struct scores *scores, const struct score *score, struct reason *reason)
{
    uint32_t at = 0;

    while (at < scores->count && strcmp(scores->list[at].name, score->name) < 0)
        at++;
    if (at < scores->count && strcmp(scores->list[at].name, score->name) == 0)
        return refuse(STATUS_DUPLICATE_KEY, reason, score->name, "stands twice");
    if (scores->count == ARRAY_LEN(scores->list))
        return refuse(STATUS_OUT_OF_RANGE, reason, score->name, "one number too many");
    memmove(&scores->list[at + 1], &scores->list[at], (scores->count - at) * sizeof *score);
    scores->list[at] = *score;
    scores->count++;
    return STATUS_OK;
}

static enum status add_item(const cJSON *item, const char *prefix, uint32_t samples, struct scores *scores,
                            struct reason *reason)
{
    struct score score = {.value = item->valuedouble, .weight = samples};

    TRY(make_name(prefix, item->string, score.name, reason));
    if (!cJSON_IsNumber(item))
        return refuse(STATUS_MALFORMED, reason, score.name, "no number");
    if (!(score.value > -VALUE_LIMIT && score.value < VALUE_LIMIT))
        return refuse(STATUS_OUT_OF_RANGE, reason, score.name, "not within -2147..2147");
    return insert(scores, &score, reason);
}

enum status scores_add(struct view json, const char *prefix, struct scores *scores, uint32_t *samples,
                       struct reason *reason)
{
    CLEANUP(free_tree) cJSON *object = NULL;
    struct scores added = *scores;
    uint32_t count;
    bool counted = false;

    TRY(parse(json, &object, reason));
    TRY(read_samples(object, &count, reason));
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        if (strcmp(item->string, SAMPLES) != 0)
            TRY(add_item(item, prefix, count, &added, reason));
        else if (counted)
            return refuse(STATUS_DUPLICATE_KEY, reason, SAMPLES, "stands twice");
        else
            counted = true;
    }
    *scores = added;
    *samples = count;
    return STATUS_OK;
}

void scores_tell(const struct scores *scores, struct tacit_result *result)
{
    result->metric_count = scores->count < TACIT_MAX_METRICS ? scores->count : TACIT_MAX_METRICS;
    for (unsigned int i = 0; i < result->metric_count; i++) {
        const struct score *score = &scores->list[i];

        result->metrics[i] = (struct tacit_metric){score->name, score->value, score->weight};
    }
}

/* scores_fuzz.c: any bytes as a package's metrics file, for either step. */
#include <stdlib.h>
#include <string.h>

#include "scores.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scores scores;
    struct tacit_result result = {0};
    struct reason reason = {""};
    uint32_t samples = 0;
    uint8_t *json = malloc(size + 1);
    enum status status;

    if (json == NULL)
        return 0;
    if (size > 0)
        memcpy(json, data, size);
    json[size] = '\0';
    scores.count = 0;
    status = scores_add((struct view){json, size}, "", &scores, &samples, &reason);
    if (status == STATUS_OK)
        status = scores_add((struct view){json, size}, SCORES_TRAINING, &scores, &samples, &reason);
    free(json);

    /* Either all is there, or a reason is. */
    if (status == STATUS_OK ? samples < 1 || samples > INT32_MAX : reason.text[0] == '\0')
        abort();
    scores_tell(&scores, &result);
    for (unsigned int i = 0; i < result.metric_count; i++) {
        const struct tacit_metric *metric = &result.metrics[i];

        if (metric->name[0] == '\0' || strlen(metric->name) > METRIC_NAME_MAX || !(metric->value < 2147) ||
            !(metric->value > -2147) || metric->weight < 1)
            abort();
        if (i > 0 && strcmp(result.metrics[i - 1].name, metric->name) >= 0)
            abort();
    }
    return 0;
}

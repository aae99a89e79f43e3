/* survey.c: passes over a capture: all heads, then what speaks of rounds, then the models' chunks. See survey.h. */
#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "glance.h"

/* A table that grows by doubling; the new row is zero. NULL when there is no memory. */
static void *grow(void *list, size_t *count, size_t size)
{
    char *grown = list;

    if ((*count & (*count - 1)) == 0) {
        grown = realloc(list, (*count == 0 ? 1 : 2 * *count) * size);
        if (grown == NULL)
            return NULL;
    }
    memset(grown + *count * size, 0, size);
    ++*count;
    return grown;
}

/* ---- every message's head ---- */

/* Devices stand in the order of their names. */
static enum status device_of(struct survey *survey, struct view name, struct survey_device **out)
{
    size_t low = 0, high = survey->device_count;
    struct survey_device *grown;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = view_compare(view_of_string(survey->devices[middle].name), name);

        if (order == 0) {
            *out = &survey->devices[middle];
            return STATUS_OK;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    grown = grow(survey->devices, &survey->device_count, sizeof *grown);
    if (grown == NULL)
        return STATUS_IO;
    survey->devices = grown;
    memmove(&grown[low + 1], &grown[low], (survey->device_count - 1 - low) * sizeof *grown);
    grown[low] = (struct survey_device){.count = {0, 0}};
    memcpy(grown[low].name, name.ptr, name.len);
    *out = &grown[low];
    return STATUS_OK;
}

static void count_into(struct survey_count *count, const struct captured *message)
{
    count->messages++;
    count->bytes += message->payload.len;
}

static enum status take_head(struct survey *survey, const struct captured *message)
{
    struct survey_device *device;

    count_into(&survey->all, message);
    count_into(&survey->kinds[message->parsed ? message->where.kind : SURVEY_OTHER], message);
    if (!message->parsed || message->where.device.len == 0)
        return STATUS_OK;
    TRY(device_of(survey, message->where.device, &device));
    count_into(&device->count, message);
    device->needs += message->where.kind == TOPIC_NEED;
    device->offers += message->where.kind == TOPIC_UPDATE && message->where.chunk == 0;
    return STATUS_OK;
}

/* ---- evidence, manifests, records ---- */

static enum status take_evidence(struct survey *survey, const struct captured *message)
{
    struct view boot_id;
    uint8_t(*grown)[BOOT_ID_SIZE];

    if (glance_boot(message, &boot_id) != STATUS_OK)
        return STATUS_OK;
    for (size_t i = 0; i < survey->boot_count; i++)
        if (view_equal(boot_id, VIEW_OF(survey->boots[i])))
            return STATUS_OK;
    grown = grow(survey->boots, &survey->boot_count, sizeof *grown);
    if (grown == NULL)
        return STATUS_IO;
    survey->boots = grown;
    memcpy(survey->boots[survey->boot_count - 1], boot_id.ptr, BOOT_ID_SIZE);
    return STATUS_OK;
}

/* The last ones are asked for most. */
static struct survey_round *find_round(struct survey *survey, struct view aggregator, struct view boot_id,
                                       uint32_t round)
{
    for (size_t i = survey->round_count; i-- > 0;) {
        struct survey_round *row = &survey->rounds[i];

        if (row->round == round && view_equal(VIEW_OF(row->boot_id), boot_id) &&
            view_equal(view_of_string(row->aggregator), aggregator))
            return row;
    }
    return NULL;
}

static enum status round_of(struct survey *survey, struct view aggregator, struct view boot_id, uint32_t round,
                            struct survey_round **out)
{
    struct survey_round *grown;

    *out = find_round(survey, aggregator, boot_id, round);
    if (*out != NULL)
        return STATUS_OK;
    grown = grow(survey->rounds, &survey->round_count, sizeof *grown);
    if (grown == NULL)
        return STATUS_IO;
    survey->rounds = grown;
    *out = &grown[survey->round_count - 1];
    (*out)->round = round;
    memcpy((*out)->aggregator, aggregator.ptr, aggregator.len);
    memcpy((*out)->boot_id, boot_id.ptr, BOOT_ID_SIZE);
    return STATUS_OK;
}

static enum status take_manifest(struct survey *survey, const struct captured *message)
{
    struct manifest manifest;
    struct survey_round *row;

    if (glance_manifest(message, &manifest) != STATUS_OK)
        return STATUS_OK;
    TRY(round_of(survey, message->where.aggregator, manifest.boot_id, manifest.round, &row));
    if (manifest.task != TASK_NONE) {
        row->announced = true;
        row->task = manifest.task;
    }
    if (row->have != NULL)
        return STATUS_OK;
    row->chunks = (uint32_t)chunks_of(manifest.model_size, manifest.chunk_size);
    row->have = calloc((row->chunks + 7) / 8, 1);
    return row->have != NULL ? STATUS_OK : STATUS_IO;
}

static enum status take_record(struct survey *survey, const struct captured *message)
{
    uint8_t digest[DIGEST_SIZE];
    struct survey_round *row;
    struct record record;

    if (glance_record(message, &record, digest) != STATUS_OK)
        return STATUS_OK;
    TRY(round_of(survey, message->where.aggregator, record.boot_id, record.round, &row));
    /* What the broker kept when the capture began was closed before; the aggregator may publish it again later. */
    row->live = row->recorded ? row->live : !(message->retained && survey->at_first);
    row->recorded = true;
    row->task = record.task;
    row->reason = record.reason;
    row->counted = record.counted;
    row->closed = record.closed;
    memcpy(row->digest, digest, DIGEST_SIZE);
    if (record.previous.len == DIGEST_SIZE)
        memcpy(row->previous, record.previous.ptr, DIGEST_SIZE);
    return STATUS_OK;
}

static enum status take_model(struct survey *survey, const struct captured *message)
{
    uint32_t round, chunk;

    if (glance_model(message, &round, &chunk) != STATUS_OK)
        return STATUS_OK;
    /* A chunk does not say of which boot it is. */
    for (size_t i = survey->round_count; i-- > 0;) {
        struct survey_round *row = &survey->rounds[i];

        if (row->round == round && chunk < row->chunks &&
            view_equal(view_of_string(row->aggregator), message->where.aggregator))
            row->have[chunk / 8] |= (uint8_t)(1u << chunk % 8);
    }
    return STATUS_OK;
}

/* ---- the passes ---- */

typedef enum status take_fn(struct survey *survey, const struct captured *message);

/* A row that cannot be is passed over and counted; behind damage of the file the next part goes on. */
static enum status pass(const struct capture_parts *parts, struct survey *survey, const struct capture_query *query,
                        take_fn *take)
{
    CLEANUP(capture_walk_end) struct capture_walk walk = capture_walk(parts, query);
    struct captured message;
    enum status status;

    while ((status = capture_walk_next(&walk, &message)) != STATUS_NOT_FOUND) {
        if (status == STATUS_MALFORMED) {
            survey->unreadable += query->heads;
            continue;
        }
        TRY(status);
        survey->at_first = walk.part == 0 && message.session == 1;
        TRY(take(survey, &message));
    }
    return STATUS_OK;
}

static bool has_previous(const struct survey *survey, const struct survey_round *row)
{
    static const uint8_t none[DIGEST_SIZE];
    bool first = true;

    if (memcmp(row->previous, none, DIGEST_SIZE) == 0)
        return true;
    for (size_t i = survey->round_count; i-- > 0;) {
        const struct survey_round *other = &survey->rounds[i];

        if (!other->recorded || strcmp(other->aggregator, row->aggregator) != 0)
            continue;
        if (memcmp(other->digest, row->previous, DIGEST_SIZE) == 0)
            return true;
        first = first && other->round >= row->round;
    }
    return first;
}

enum status survey_heads(const struct capture_parts *parts, struct survey *survey)
{
    struct capture_query query = CAPTURE_ALL;

    query.heads = true;
    return pass(parts, survey, &query, take_head);
}

enum status survey_run(const struct capture_parts *parts, struct survey *out)
{
    static const struct {
        int kind;
        take_fn *take;
    } passes[] = {{TOPIC_EVIDENCE, take_evidence},
                  {TOPIC_ROUND, take_manifest},
                  {TOPIC_RECORD, take_record},
                  {TOPIC_MODEL, take_model}};
    struct capture_query query = CAPTURE_ALL;

    TRY(survey_heads(parts, out));
    for (size_t i = 0; i < ARRAY_LEN(passes); i++) {
        query.kind = passes[i].kind;
        TRY(pass(parts, out, &query, passes[i].take));
    }
    for (size_t i = 0; i < out->round_count; i++)
        out->rounds[i].orphan = out->rounds[i].recorded && !has_previous(out, &out->rounds[i]);
    return survey_updates(parts, out);
}

size_t survey_devices(const struct survey *survey)
{
    size_t count = 0;

    for (size_t i = 0; i < survey->device_count; i++)
        count += survey_is_device(&survey->devices[i]);
    return count;
}

uint32_t survey_chunks(const struct survey_round *round)
{
    uint32_t here = 0;

    for (uint32_t i = 0; i < round->chunks; i++)
        here += (round->have[i / 8] >> i % 8) & 1;
    return here;
}

void survey_free(struct survey *survey)
{
    for (size_t i = 0; i < survey->round_count; i++)
        free(survey->rounds[i].have);
    free(survey->rounds);
    free(survey->devices);
    free(survey->boots);
    *survey = (struct survey){.rounds = NULL};
}

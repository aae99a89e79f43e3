/* survey_updates.c: of which updates of a round every chunk is here. One round at a time: its devices are all that is held.
 * See survey.h. */
#include <stdlib.h>
#include <string.h>

#include "glance.h"
#include "survey.h"

/* A device's latest transfer in the round. */
struct sending {
    char device[NAME_MAX_LEN + 1];
    uint8_t transfer[TRANSFER_SIZE];
    uint32_t count, missing;
    uint8_t *have; /* a bit for each chunk */
    bool counted;  /* was whole once */
};

struct tally {
    struct sending *list;
    size_t count;
    const struct survey_round *round;
};

static void tally_free(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++)
        free(tally->list[i].have);
    free(tally->list);
}

static struct sending *find(const struct tally *tally, struct view device)
{
    for (size_t i = tally->count; i-- > 0;)
        if (view_equal(view_of_string(tally->list[i].device), device))
            return &tally->list[i];
    return NULL;
}

static struct sending *add(struct tally *tally, struct view device)
{
    struct sending *grown = realloc(tally->list, (tally->count + 1) * sizeof *grown);

    if (grown == NULL)
        return NULL;
    tally->list = grown;
    grown[tally->count] = (struct sending){.count = 0};
    memcpy(grown[tally->count].device, device.ptr, device.len);
    return &grown[tally->count++];
}

static void take_chunk(struct sending *sending, uint32_t chunk)
{
    uint8_t bit = (uint8_t)(1u << chunk % 8);

    if (chunk >= sending->count || (sending->have[chunk / 8] & bit) != 0)
        return;
    sending->have[chunk / 8] |= bit;
    sending->missing--;
    sending->counted = sending->counted || sending->missing == 0;
}

/* The first chunk says how many there are. Of the same transfer it comes again when it was not answered. */
static enum status take_first(struct tally *tally, const struct captured *message)
{
    struct glance_update update;
    struct sending *sending;

    if (glance_update(message, &update) != STATUS_OK || update.count == 0 || update.index != 0 ||
        !view_equal(update.boot_id, VIEW_OF(tally->round->boot_id)))
        return STATUS_OK;
    sending = find(tally, message->where.device);
    if (sending == NULL)
        sending = add(tally, message->where.device);
    if (sending == NULL)
        return STATUS_IO;
    if (sending->have == NULL || !view_equal(update.transfer, VIEW_OF(sending->transfer))) {
        free(sending->have);
        sending->have = calloc((update.count + 7) / 8, 1);
        if (sending->have == NULL)
            return STATUS_IO;
        sending->count = sending->missing = update.count;
        memcpy(sending->transfer, update.transfer.ptr, TRANSFER_SIZE);
    }
    take_chunk(sending, 0);
    return STATUS_OK;
}

/* The other chunks by their topics alone: what they hold is not read. */
static enum status take_other(struct tally *tally, const struct captured *message)
{
    struct sending *sending = message->where.chunk > 0 ? find(tally, message->where.device) : NULL;

    if (sending != NULL && sending->have != NULL)
        take_chunk(sending, message->where.chunk);
    return STATUS_OK;
}

static enum status walk_updates(const struct capture_parts *parts, struct tally *tally, struct capture_query query,
                                enum status (*take)(struct tally *tally, const struct captured *message))
{
    CLEANUP(capture_walk_end) struct capture_walk walk = capture_walk(parts, &query);
    struct captured message;
    enum status status;

    while ((status = capture_walk_next(&walk, &message)) != STATUS_NOT_FOUND) {
        if (status == STATUS_MALFORMED)
            continue;
        TRY(status);
        TRY(take(tally, &message));
    }
    return STATUS_OK;
}

static enum status count_whole(const struct capture_parts *parts, struct survey_round *round)
{
    CLEANUP(tally_free) struct tally tally = {.round = round};
    struct capture_query query = CAPTURE_ALL;

    query.kind = TOPIC_UPDATE;
    query.aggregator = view_of_string(round->aggregator);
    query.round = round->round;
    query.chunk = 0;
    TRY(walk_updates(parts, &tally, query, take_first));
    query.chunk = -1;
    query.heads = true;
    TRY(walk_updates(parts, &tally, query, take_other));
    for (size_t i = 0; i < tally.count; i++)
        round->whole += tally.list[i].counted;
    return STATUS_OK;
}

enum status survey_updates(const struct capture_parts *parts, struct survey *survey)
{
    for (size_t i = 0; i < survey->round_count; i++)
        TRY(count_whole(parts, &survey->rounds[i]));
    return STATUS_OK;
}

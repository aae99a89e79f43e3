/* play_clean.c: what was retained by the player is taken away at the end. See play_private.h. */
#include <stdlib.h>

#include "play_private.h"

#define LATELY 64 /* records that are compared: repetitions come soon */

/* Records are kept as pairs: index of the aggregator, round. */
static void note_record(struct play *play, const struct topic *names)
{
    const size_t aggregator = names_find(&play->survey.aggregators, names->aggregator);
    const size_t from = play->record_count > LATELY ? play->record_count - LATELY : 0;

    for (size_t i = from; i < play->record_count; i++)
        if (play->records[2 * i] == aggregator && play->records[2 * i + 1] == names->round)
            return;
    if (play->records == NULL)
        play->records = calloc(2 * PLAY_RECORDS_MAX, sizeof *play->records);
    if (play->records == NULL || play->record_count == PLAY_RECORDS_MAX || aggregator == SIZE_MAX)
        return;
    play->records[2 * play->record_count] = (uint32_t)aggregator;
    play->records[2 * play->record_count++ + 1] = names->round;
}

void play_clean_note(struct play *play, const struct topic *names)
{
    if (names->kind == TOPIC_RECORD)
        note_record(play, names);
    if (names->kind == TOPIC_MODEL && names->chunk > play->most_chunk)
        play->most_chunk = names->chunk;
}

static struct topic of_aggregator(const struct play *play, size_t aggregator)
{
    return (struct topic){
        .federation = view_of_string(play->federation),
        .aggregator = view_of_string(play->survey.aggregators.list[aggregator]),
    };
}

/* The topic with this number, and who clears it; NULL behind the last one. */
static struct play_client *numbered(struct play *play, size_t number, struct topic *names)
{
    static const enum topic_kind kinds[] = {TOPIC_EVIDENCE, TOPIC_CHALLENGE, TOPIC_STATUS, TOPIC_ROUND};
    const size_t each = ARRAY_LEN(kinds) + play->most_chunk + 1, aggregators = play->survey.aggregators.count;
    const size_t within = number % each;

    if (number < each * aggregators) {
        *names = of_aggregator(play, number / each);
        names->kind = within < ARRAY_LEN(kinds) ? kinds[within] : TOPIC_MODEL;
        names->chunk = within < ARRAY_LEN(kinds) ? 0 : (uint32_t)(within - ARRAY_LEN(kinds));
        return play_crowd_aggregator(play, names->aggregator);
    }
    number -= each * aggregators;
    if (number < play->record_count) {
        *names = of_aggregator(play, play->records[2 * number]);
        names->kind = TOPIC_RECORD;
        names->round = play->records[2 * number + 1];
        return play_crowd_aggregator(play, names->aggregator);
    }
    number -= play->record_count;
    if (number >= play->devices)
        return NULL;
    *names = (struct topic){.kind = TOPIC_PRESENCE,
                            .federation = view_of_string(play->federation),
                            .device = view_of_string(play->names[number])};
    return play_crowd_device(play, number);
}

bool play_clean(struct play *play)
{
    struct play_client *client;
    struct topic names;

    while ((client = numbered(play, play->clean_at, &names)) != NULL) {
        if (play_client_publish(client, &names, (struct view){NULL, 0}) == STATUS_BUSY)
            return false;
        play->clean_at++;
    }
    return true;
}

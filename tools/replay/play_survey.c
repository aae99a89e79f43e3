/* play_survey.c: the first reading of a capture. See play_survey.h. */
#include "play_survey.h"

#define DAMAGED_MAX 1000 /* rows one after the other that cannot be read: then the rest is given up */

static enum status note(struct play_survey *survey, const struct captured *message, struct names *needs)
{
    const struct topic *where = &message->where;

    if (survey->messages++ == 0)
        survey->first_us = message->at_us;
    if (message->at_us > survey->last_us)
        survey->last_us = message->at_us;
    if (!message->parsed) {
        survey->skipped++;
        return STATUS_OK;
    }
    if (where->aggregator.len > 0)
        TRY(names_add(&survey->aggregators, where->aggregator));
    if (where->kind == TOPIC_NEED)
        return names_add(needs, where->device);
    return where->device.len > 0 ? names_add(&survey->devices, where->device) : STATUS_OK;
}

/* Needs go to devices, and to the owner, whose name stands in no other topic. */
static enum status find_owners(struct play_survey *survey, const struct names *needs)
{
    for (size_t i = 0; i < needs->count && survey->owners.count < PLAY_OWNERS_MAX; i++)
        if (names_find(&survey->devices, view_of_string(needs->list[i])) == SIZE_MAX)
            TRY(names_add(&survey->owners, view_of_string(needs->list[i])));
    return STATUS_OK;
}

static enum status read_all(struct capture_cursor *cursor, struct play_survey *survey, struct names *needs)
{
    unsigned int damaged = 0;
    struct captured message;

    while (damaged < DAMAGED_MAX) {
        enum status status = capture_next(cursor, &message);

        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_MALFORMED) {
            survey->damaged++;
            damaged++;
            continue;
        }
        TRY(status);
        TRY(note(survey, &message, needs));
        damaged = 0;
    }
    return STATUS_OK;
}

enum status play_survey(struct capture *capture, const char *path, struct play_survey *out, struct reason *reason)
{
    CLEANUP(capture_cursor_free) struct capture_cursor *cursor = NULL;
    CLEANUP(names_free) struct names needs = {0};
    const struct capture_query all = CAPTURE_ALL;
    enum status status = capture_find(capture, &all, &cursor);

    if (status == STATUS_OK)
        status = read_all(cursor, out, &needs);
    if (status == STATUS_OK)
        status = find_owners(out, &needs);
    if (status != STATUS_OK)
        reason_set(reason, "%.300s: %s", path, status_text(status));
    else if (out->messages == out->skipped) {
        reason_set(reason, "%.300s: no message of a federation in it", path);
        status = STATUS_NOT_FOUND;
    }
    return status;
}

void play_survey_free(struct play_survey *survey)
{
    names_free(&survey->devices);
    names_free(&survey->aggregators);
    names_free(&survey->owners);
}

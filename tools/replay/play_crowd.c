/* play_crowd.c: all clients together. See play_private.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "play_private.h"
#include "random.h"

#define AT_A_TIME          50 /* clients that are connecting: a broker has a short line at its door */
#define DESCRIPTORS_EACH   3  /* of libmosquitto for a client */
#define DESCRIPTORS_OTHERS 32

/* A device's name, or one for its clone. Clones are numbered, so that names cut short do not meet. */
static void name_device(const struct play *play, size_t index, char out[static NAME_MAX_LEN + 1])
{
    const struct names *captured = &play->survey.devices;
    const char *original = captured->list[index % captured->count];
    char prefix[NAME_MAX_LEN / 2] = "";
    int length;

    if (index < captured->count) {
        memcpy(out, original, strlen(original) + 1);
        return;
    }
    do {
        (void)snprintf(prefix + strlen(prefix), 2, "c");
        length = snprintf(out, NAME_MAX_LEN + 1, "%s%zu-%s", prefix, index, original);
        out[length > NAME_MAX_LEN ? NAME_MAX_LEN : length] = '\0';
    } while (names_find(captured, view_of_string(out)) != SIZE_MAX && strlen(prefix) < sizeof prefix - 1);
}

static enum status raise_descriptors(size_t clients, struct reason *reason)
{
    const rlim_t needed = DESCRIPTORS_EACH * clients + DESCRIPTORS_OTHERS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return STATUS_OK;
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    if (limit.rlim_cur >= needed && setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return STATUS_OK;
    reason_set(reason, "%zu clients need %llu descriptors, and this program may have %llu: ulimit -n", clients,
               (unsigned long long)needed, (unsigned long long)limit.rlim_max);
    return STATUS_NO_SPACE;
}

static void fill(struct play *play, size_t index, enum play_role role, const char *name)
{
    struct play_client *client = &play->clients[index];

    *client = (struct play_client){.play = play, .role = role, .name = name};
    (void)snprintf(client->id, sizeof client->id, "replay-%s-%zu", play->tag, index);
}

enum status play_crowd_new(struct play *play, struct reason *reason)
{
    const struct play_survey *survey = &play->survey;
    const size_t aggregators = survey->aggregators.count;
    uint8_t random[4];

    play->devices = play->options->devices >= 0 && survey->devices.count > 0 ? (size_t)play->options->devices
                                                                             : survey->devices.count;
    play->client_count = 2 + aggregators + play->devices;
    TRY(raise_descriptors(play->client_count, reason));
    TRY(os_random(NULL, random, sizeof random));
    hex_encode(VIEW_OF(random), play->tag);
    play->clients = calloc(play->client_count, sizeof *play->clients);
    play->names = calloc(play->devices + 1, sizeof *play->names);
    if (play->clients == NULL || play->names == NULL)
        return STATUS_IO;
    fill(play, 0, PLAY_LOOKOUT, "");
    for (size_t i = 0; i < aggregators; i++)
        fill(play, 1 + i, PLAY_AGGREGATOR, survey->aggregators.list[i]);
    fill(play, 1 + aggregators, PLAY_OWNER, "");
    for (size_t i = 0; i < play->devices; i++) {
        name_device(play, i, play->names[i]);
        fill(play, 2 + aggregators + i, PLAY_DEVICE, play->names[i]);
    }
    return STATUS_OK;
}

void play_crowd_free(struct play *play)
{
    for (size_t i = 0; i < play->made; i++)
        play_client_free(&play->clients[i]);
    free(play->clients);
    free(play->names);
    play->clients = NULL;
    play->names = NULL;
}

bool play_crowd_gather(struct play *play)
{
    /* The one who looks out goes first, and alone. */
    const size_t wanted = play->phase == PLAY_LOOKING ? 1 : play->client_count;

    while (play->made < wanted && play->made - play->ready < AT_A_TIME) {
        const enum status status = play_client_make(play, &play->clients[play->made], play->reason);

        play->made++;
        if (status != STATUS_OK) {
            play_end(play, status);
            return false;
        }
    }
    return play->ready == wanted;
}

struct play_client *play_crowd_device(struct play *play, size_t index)
{
    return &play->clients[2 + play->survey.aggregators.count + index];
}

struct play_client *play_crowd_aggregator(struct play *play, struct view name)
{
    const size_t index = name.len == 0 ? 0 : names_find(&play->survey.aggregators, name);

    return index < play->survey.aggregators.count ? &play->clients[1 + index] : NULL;
}

struct play_client *play_crowd_owner(struct play *play)
{
    return &play->clients[1 + play->survey.aggregators.count];
}

bool play_crowd_drained(const struct play *play)
{
    for (size_t i = 0; i < play->made; i++)
        if (mqtt_counts(play->clients[i].mqtt).queued_bytes > 0)
            return false;
    return true;
}

bool play_crowd_connected(const struct play *play)
{
    for (size_t i = 0; i < play->made; i++)
        if (!mqtt_is_connected(play->clients[i].mqtt))
            return false;
    return true;
}

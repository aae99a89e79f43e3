/* play_stats.c: see play_stats.h. */
#include "play_stats.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Up to STATS_STEPS each number has its own bucket, then each sixteenth of a power of two. */
static size_t bucket_of(uint64_t us)
{
    unsigned int power;

    if (us < STATS_STEPS)
        return (size_t)us;
    power = 63u - (unsigned int)__builtin_clzll(us);
    return (size_t)(power - 3) * STATS_STEPS + (size_t)(us >> (power - 4) & (STATS_STEPS - 1));
}

/* The largest number of a bucket. */
static uint64_t top_of(size_t bucket)
{
    unsigned int power = (unsigned int)(bucket / STATS_STEPS) + 3;

    if (bucket < STATS_STEPS)
        return bucket;
    return ((uint64_t)(STATS_STEPS + bucket % STATS_STEPS + 1) << (power - 4)) - 1;
}

void stats_add(struct stats_times *times, uint64_t us)
{
    times->count++;
    times->buckets[bucket_of(us)]++;
    if (us > times->most)
        times->most = us;
}

uint64_t stats_percentile(const struct stats_times *times, unsigned int percent)
{
    const uint64_t wanted = (times->count * percent + 99) / 100;
    uint64_t seen = 0;

    for (size_t i = 0; i < STATS_BUCKETS && times->count > 0; i++) {
        seen += times->buckets[i];
        if (seen >= wanted)
            return top_of(i) < times->most ? top_of(i) : times->most;
    }
    return 0;
}

/* FNV-1a, 64 bits. */
static uint64_t mix(uint64_t key, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < length; i++)
        key = (key ^ at[i]) * UINT64_C(1099511628211);
    return key;
}

uint64_t stats_key(const char *topic, struct view payload)
{
    const size_t part = payload.len < 64 ? payload.len : 64;
    uint64_t key = mix(UINT64_C(14695981039346656037), topic, strlen(topic));

    key = mix(key, &payload.len, sizeof payload.len);
    if (part > 0) {
        key = mix(key, payload.ptr, part);
        key = mix(key, payload.ptr + payload.len - part, part);
    }
    return key == 0 ? 1 : key;
}

void stats_published(struct stats_recent *recent, uint64_t key, uint64_t now_us)
{
    recent->slots[key % STATS_RECENT].key = key;
    recent->slots[key % STATS_RECENT].at_us = now_us;
}

uint64_t stats_published_at(const struct stats_recent *recent, uint64_t key)
{
    return recent->slots[key % STATS_RECENT].key == key ? recent->slots[key % STATS_RECENT].at_us : 0;
}

enum status stats_line_push(struct stats_line *line, struct stats_sent sent)
{
    if (line->count == line->room) {
        const size_t room = line->room == 0 ? 16 : 2 * line->room;
        struct stats_sent *list = malloc(room * sizeof *list);

        if (list == NULL)
            return STATUS_IO;
        for (size_t i = 0; i < line->count; i++)
            list[i] = line->list[(line->first + i) % line->room];
        free(line->list);
        *line = (struct stats_line){list, 0, line->count, room};
    }
    line->list[(line->first + line->count++) % line->room] = sent;
    return STATUS_OK;
}

struct stats_sent stats_line_pop(struct stats_line *line)
{
    struct stats_sent sent;

    if (line->count == 0)
        return (struct stats_sent){0};
    sent = line->list[line->first];
    line->first = (line->first + 1) % line->room;
    line->count--;
    return sent;
}

void stats_line_free(struct stats_line *line)
{
    free(line->list);
    *line = (struct stats_line){0};
}

uint64_t stats_now_us(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* play_stats.h: how long things took, in bounded memory. */
#ifndef REPLAY_PLAY_STATS_H
#define REPLAY_PLAY_STATS_H

#include "base.h"

#define STATS_STEPS   16 /* of each power of two: a time is known within 1/16 */
#define STATS_BUCKETS (64 * STATS_STEPS)
#define STATS_RECENT  65536

/** Microseconds, counted. Starts as {0}. */
struct stats_times {
    uint64_t count, most;
    uint32_t buckets[STATS_BUCKETS];
};
void stats_add(struct stats_times *times, uint64_t us);
/** The time that so many of a hundred stay below or at; 0 when nothing was counted. */
uint64_t stats_percentile(const struct stats_times *times, unsigned int percent);

/** Messages that were published lately, by what they are: of more than STATS_RECENT the older ones are forgotten. */
struct stats_recent {
    struct {
        uint64_t key, at_us;
    } slots[STATS_RECENT];
};
/** A number for a message: topic, length and the first and last bytes of its payload. Never 0. */
uint64_t stats_key(const char *topic, struct view payload);
void stats_published(struct stats_recent *recent, uint64_t key, uint64_t now_us);
/** When it was published last, 0 when that is forgotten. */
uint64_t stats_published_at(const struct stats_recent *recent, uint64_t key);

/** What was sent and not answered yet, first in, first out. Starts as {0}. */
struct stats_sent {
    uint64_t at_us;
    size_t bytes;
};
struct stats_line {
    struct stats_sent *list;
    size_t first, count, room;
};
MUST_USE enum status stats_line_push(struct stats_line *line, struct stats_sent sent); /* STATUS_IO: no memory */
struct stats_sent stats_line_pop(struct stats_line *line);                             /* {0} when it is empty */
void stats_line_free(struct stats_line *line);

/** Microseconds on the monotonic clock. */
uint64_t stats_now_us(void);

#endif

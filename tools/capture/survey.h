/* survey.h: what is in a capture, and what its own records say is not: streamed, so that the size of the file does not
 * matter. What grows is a row for each round, device and boot. Nothing is verified here; `tacit replay` does that. */
#ifndef CAPTURE_SURVEY_H
#define CAPTURE_SURVEY_H

#include <stdio.h>

#include "capture_parts.h"
#include "wire_limits.h"

#define SURVEY_OTHER TOPIC_KINDS /* the row of messages on topics that are none of the protocol's */

struct survey_count {
    uint64_t messages, bytes; /* bytes: of payloads */
};

struct survey_device {
    char name[NAME_MAX_LEN + 1];
    struct survey_count count;
    uint32_t offers; /* first chunks of updates, and proof requests */
    uint64_t needs;  /* of the messages: a name that has nothing else is the owner's */
};

/** A round of a boot, by its manifest, its record, or both. */
struct survey_round {
    char aggregator[NAME_MAX_LEN + 1];
    uint8_t boot_id[BOOT_ID_SIZE];
    uint32_t round;
    bool announced;  /* its manifest is here, with a task */
    uint32_t chunks; /* of its model by the manifest, 0: no manifest */
    uint8_t *have;   /* a bit for each of them that is here; on the heap */
    bool recorded;   /* its record is here */
    bool live;       /* the record is not only one from before the capture */
    bool orphan;     /* the record before it is not here, although it is not the first */
    enum task task;
    enum status reason;                                 /* of the record */
    uint32_t counted;                                   /* updates by the record */
    uint32_t whole;                                     /* updates of which every chunk is here, by device */
    uint64_t closed;                                    /* unix seconds */
    uint8_t digest[DIGEST_SIZE], previous[DIGEST_SIZE]; /* of records; previous zeros for none */
};

struct survey {
    struct survey_count kinds[TOPIC_KINDS + 1], all;
    struct survey_device *devices;
    size_t device_count;
    struct survey_round *rounds; /* in the order in which they were first heard of */
    size_t round_count;
    uint8_t (*boots)[BOOT_ID_SIZE]; /* whose evidence is here */
    size_t boot_count;
    uint64_t unreadable; /* messages whose row no writer makes */
    bool at_first;       /* while it is read: the message is of the first session */
};

/** Fills `out`, zeros before; survey_free either way. Reasons as capture_next; a damaged file is surveyed as far as it
 *  can be read. */
MUST_USE enum status survey_run(const struct capture_parts *parts, struct survey *out);
void survey_free(struct survey *survey); /* for CLEANUP */

/** Whether a name in a device's place is one: an owner's request is paced with `need` too. */
static inline bool survey_is_device(const struct survey_device *device)
{
    return device->count.messages > device->needs;
}
size_t survey_devices(const struct survey *survey);

/** Chunks of a round's model that are here. */
uint32_t survey_chunks(const struct survey_round *round);

/** Something that is missing, in a sentence. */
struct survey_listener {
    void *ctx;
    void (*missing)(void *ctx, const char *what);
};
/** Tells everything that the capture may lack: connections that were lost, and what its records count and it has not. */
MUST_USE enum status survey_missing(const struct capture_parts *parts, const struct survey *survey,
                                    const struct survey_listener *listener);

/** Opens files and prints what they may lack, a line for each; one line when it is nothing. */
MUST_USE enum status survey_print_missing(const char *const *paths, size_t count, FILE *out, struct reason *reason);

/* Steps of survey_run: the counts of all messages and of each device; the whole updates of each round. */
MUST_USE enum status survey_heads(const struct capture_parts *parts, struct survey *survey);
MUST_USE enum status survey_updates(const struct capture_parts *parts, struct survey *survey);

#endif

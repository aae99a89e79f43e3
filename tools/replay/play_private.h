/* play_private.h: what the files of the player share.
 *
 *   play_command.c  the command line; the run from its beginning to its end
 *   play_survey.c   what is asked; the first reading: who speaks in the capture, and how long it lasts
 *   play_client.c   one client of the broker: its subscriptions, what it receives
 *   play_fetch.c    a device fetches a model as devices do: a few chunks at a time
 *   play_crowd.c    all clients: made a few at a time, asked together
 *   play_stream.c   the second reading: messages, when they are due, by who said them
 *   play_clean.c    what is retained: looked for before, taken away after
 *   play_report.c   what is told
 *   play_stats.c, play_names.c   numbers and names */
#ifndef REPLAY_PLAY_PRIVATE_H
#define REPLAY_PLAY_PRIVATE_H

#include "capture.h"
#include "loop.h"
#include "mqtt.h"
#include "play.h"
#include "play_stats.h"
#include "play_survey.h"

#define PLAY_SPEED_ONE   1000               /* the original speed, in thousandths */
#define PLAY_LONGEST_US  (INT64_C(1) << 52) /* a century and more: moments of a capture may be any number */
#define PLAY_WINDOW      4                  /* model chunks that a device asks for at a time, as node/lib does */
#define PLAY_SEND_BYTES  (2u << 20)
#define PLAY_BULK_BYTES  (16u << 20) /* of an aggregator, as tacit-aggregator has it */
#define PLAY_QUEUED_MAX  (64u << 20) /* bytes that wait in all clients together: then reading waits */
#define PLAY_AHEAD       1000        /* messages to aggregators that have not arrived: likewise */
#define PLAY_ID_MAX      48
#define PLAY_RECORDS_MAX 65536 /* retained records that are taken away at the end */
#define PLAY_DEVICES_MAX NAMES_MAX
#define PLAY_OWNERS_MAX  16

enum play_role { PLAY_AGGREGATOR, PLAY_DEVICE, PLAY_OWNER, PLAY_LOOKOUT };

struct play;

struct play_client {
    struct play *play;
    struct mqtt *mqtt;
    enum play_role role;
    const char *name;       /* of the device or aggregator; lent */
    char id[PLAY_ID_MAX];   /* MQTT client id: ours alone, so that nobody's session is taken over */
    bool ready;             /* connected, and the broker knows the subscriptions */
    bool counted;           /* as ready, once */
    struct stats_line sent; /* when publishes were made that are not acknowledged */
    /* A device's fetching. */
    uint32_t round, chunks, next;
    uint32_t asked[PLAY_WINDOW]; /* 1 + chunk; 0: nothing */
    struct view aggregator;      /* whose model; into a name of play */
};

enum play_phase { PLAY_LOOKING, PLAY_GATHERING, PLAY_PLAYING, PLAY_WAITING, PLAY_CLEANING, PLAY_OVER };

/** Of one kind of message. */
struct play_count {
    uint64_t messages, bytes; /* published */
    uint64_t expected, received, received_bytes;
    uint64_t refused, repeated; /* by the broker; retained copies that came besides */
};

struct play {
    const struct play_options *options;
    struct capture *capture;
    struct capture_cursor *cursor;
    struct play_survey survey;
    char federation[NAME_MAX_LEN + 1];

    struct loop *loop;
    struct loop_timer step, watch;
    enum play_phase phase;
    uint64_t began_us, ended_us, moved_us; /* of playing; moved_us: when something went on last */
    uint64_t watched;                      /* sum of counts, to see whether something moves */

    char (*names)[NAME_MAX_LEN + 1]; /* of all devices that are played */
    struct play_client *clients;     /* lookout, aggregators, owner, devices */
    size_t client_count, made, ready, devices;
    char tag[9]; /* of this run, in client ids */

    struct captured message; /* that is being played; has_message */
    bool has_message, all_read, live, interrupted;
    bool held;         /* reading waits for what is on its way */
    size_t queued;     /* bytes that wait for acknowledgements */
    uint64_t forgiven; /* messages to aggregators that did not come, and are waited for no longer */
    size_t copy;       /* of it: the next one to be made */

    struct play_count counts[TOPIC_KINDS];
    struct stats_times acknowledged, arrived;
    struct stats_recent recent;
    uint64_t lag_us, disconnections, fetches, fetched, abandoned, damaged;
    struct reason trouble; /* of the last disconnection */
    char live_name[NAME_MAX_LEN + 1];

    uint32_t *records; /* rounds of retained records: pairs of aggregator and round */
    size_t record_count, clean_at;
    uint32_t most_chunk; /* of a retained model */
    enum status result;
    struct reason *reason;
};

/* play_client.c */
MUST_USE enum status play_client_make(struct play *play, struct play_client *client, struct reason *reason);
void play_client_free(struct play_client *client);
/** Publishes to the federation. STATUS_BUSY: later; anything else that is not STATUS_OK counts as refused. */
MUST_USE enum status play_client_publish(struct play_client *client, const struct topic *names, struct view payload);
/** Whether a kind is retained (PROTOCOL.md section 1). */
bool play_retained(enum topic_kind kind);

/* play_fetch.c */
void play_fetch_manifest(struct play_client *client, const struct topic *topic, struct view payload);
void play_fetch_chunk(struct play_client *client, const struct topic *topic);

/* play_crowd.c */
MUST_USE enum status play_crowd_new(struct play *play, struct reason *reason);
void play_crowd_free(struct play *play);
/** Makes the next clients; true when all are ready. STATUS_... in play->result when one cannot be made. */
bool play_crowd_gather(struct play *play);
struct play_client *play_crowd_device(struct play *play, size_t index);
struct play_client *play_crowd_aggregator(struct play *play, struct view name); /* NULL: none; "": the first */
struct play_client *play_crowd_owner(struct play *play);
bool play_crowd_drained(const struct play *play);
bool play_crowd_connected(const struct play *play);

/* play_stream.c */
/** When something of that moment is due, in microseconds from the beginning. */
uint64_t play_scaled_us(const struct play *play, int64_t at_us);
/** Messages to aggregators that are on their way. All clients share one loop, so a crowd that speaks keeps its aggregators
 *  from reading, as no crowd of machines does: unbounded, the broker's queues would show that instead of themselves. */
uint64_t play_ahead(const struct play *play);
/** Publishes what is due. True when all was read and published. */
bool play_stream(struct play *play);

/* play_clean.c */
void play_clean_note(struct play *play, const struct topic *names);
/** Publishes empty messages over what is retained; true when all of them are on their way. */
bool play_clean(struct play *play);

/* play_report.c */
void play_progress(const struct play *play);
void play_report(const struct play *play);
uint64_t play_lost(const struct play *play);
uint64_t play_refused(const struct play *play);

/* play_command.c */
void play_soon(struct play *play, uint64_t delay_ms);
void play_end(struct play *play, enum status status);

#endif

/* play_survey.h: what a player is asked for, and what the first reading of a capture finds. Used by play*.c alone. */
#ifndef REPLAY_PLAY_SURVEY_H
#define REPLAY_PLAY_SURVEY_H

#include "capture.h"
#include "play_names.h"

#define PLAY_OWNERS_MAX 16

struct play_options {
    const char *capture, *federation; /* federation: NULL for the capture's */
    char host[256];
    uint16_t port;
    const char *cafile, *certfile, *keyfile;
    bool plain, force, keep, json;
    uint64_t speed;  /* in thousandths; 0: as fast as possible */
    int64_t devices; /* -1: as captured */
    int64_t timeout_s;
};

/** What the first reading found. */
struct play_survey {
    struct names devices, aggregators, owners; /* owners: names that needs are sent to, and no device has */
    int64_t first_us, last_us;
    uint64_t messages, skipped, damaged; /* skipped: not of the protocol */
};

/** Reads the capture once. path is for the reason. Returns STATUS_NOT_FOUND: it holds no message of the protocol; STATUS_NO_SPACE:
 *  too many names; what capture_find and capture_next return. play_survey_free either way. */
MUST_USE enum status play_survey(struct capture *capture, const char *path, struct play_survey *out,
                                 struct reason *reason);
void play_survey_free(struct play_survey *survey);

#endif

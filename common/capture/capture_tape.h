/* capture_tape.h: a capture while it is being made: it goes on in a next file when one is large enough, and makes durable
 * what it has from time to time. */
#ifndef CAPTURE_CAPTURE_TAPE_H
#define CAPTURE_CAPTURE_TAPE_H

#include "capture.h"

#define CAPTURE_PATH_MAX 4096

struct capture_tape {
    /* Set by the caller before capture_tape_open; the strings live as long as the tape. */
    const char *path;           /* FILE.tacit; its parts are FILE.2.tacit, FILE.3.tacit ... */
    struct capture_about about; /* part and before are set by the tape */
    uint64_t rotate;            /* bytes at which a file is large enough; 0: never */
    bool resume;                /* where there are such files, go on with the part after them */

    struct capture *capture;
    uint8_t before[32];
    size_t pending;           /* bytes that are not durable yet */
    uint64_t messages, bytes; /* of all parts of this tape */
    bool in_session;
    char broker[CAPTURE_TEXT_MAX], client[CAPTURE_TEXT_MAX];
};

/** The name of a part: the path itself for 1. STATUS_OUT_OF_RANGE: too long. */
MUST_USE enum status capture_part_path(const char *path, uint32_t part, char out[static CAPTURE_PATH_MAX]);

/** Makes the first file. As capture_create. */
MUST_USE enum status capture_tape_open(struct capture_tape *tape, struct reason *reason);

/** As capture_begin_session and capture_end_session. */
MUST_USE enum status capture_tape_begin(struct capture_tape *tape, int64_t at_us, const char *broker,
                                        const char *client);
MUST_USE enum status capture_tape_end(struct capture_tape *tape, int64_t at_us, const char *why);

/** As capture_put. Commits by itself when much is pending. */
MUST_USE enum status capture_tape_put(struct capture_tape *tape, struct captured *message, struct reason *reason);

/** As capture_commit; goes on in the next file when this one is large enough. */
MUST_USE enum status capture_tape_commit(struct capture_tape *tape, int64_t at_us, struct reason *reason);

/** Closes; for CLEANUP. */
void capture_tape_close(struct capture_tape *tape);

#endif

/* capture_tape.c: see capture_tape.h. */
#include "capture_tape.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PENDING_MAX (4u << 20) /* bytes of messages in one transaction */
#define SUFFIX      ".tacit"

enum status capture_part_path(const char *path, uint32_t part, char out[static CAPTURE_PATH_MAX])
{
    size_t len = strlen(path), suffix = strlen(SUFFIX);
    bool has_suffix = len > suffix && strcmp(path + len - suffix, SUFFIX) == 0;
    int written;

    if (part == 1)
        written = snprintf(out, CAPTURE_PATH_MAX, "%s", path);
    else
        written = snprintf(out, CAPTURE_PATH_MAX, "%.*s.%u%s", (int)(has_suffix ? len - suffix : len), path,
                           (unsigned int)part, has_suffix ? SUFFIX : "");
    return written > 0 && written < CAPTURE_PATH_MAX ? STATUS_OK : STATUS_OUT_OF_RANGE;
}

static enum status create_part(struct capture_tape *tape, uint32_t part, struct reason *reason)
{
    char path[CAPTURE_PATH_MAX];

    tape->about.part = part;
    if (capture_part_path(tape->path, part, path) != STATUS_OK) {
        reason_set(reason, "%.200s...: longer than a path can be", tape->path);
        return STATUS_OUT_OF_RANGE;
    }
    return capture_create(path, &tape->about, &tape->capture, reason);
}

/* The digest that the part after this file refers to; none of one that cannot be read. */
static void take_before(struct capture_tape *tape, const char *path)
{
    CLEANUP(capture_close) struct capture *last = NULL;

    tape->about.before = (struct view){NULL, 0};
    if (capture_open(path, &last, NULL) != STATUS_OK)
        return;
    memcpy(tape->before, capture_head(last).ptr, sizeof tape->before);
    tape->about.before = VIEW_OF(tape->before);
}

/* The part behind those that are there. */
static enum status next_free(struct capture_tape *tape, uint32_t *part, struct reason *reason)
{
    char path[CAPTURE_PATH_MAX], last[CAPTURE_PATH_MAX] = "";

    for (*part = 1;; ++*part) {
        if (capture_part_path(tape->path, *part, path) != STATUS_OK) {
            reason_set(reason, "%.200s...: longer than a path can be", tape->path);
            return STATUS_OUT_OF_RANGE;
        }
        if (access(path, F_OK) != 0)
            break;
        memcpy(last, path, sizeof last);
    }
    if (*part > 1)
        take_before(tape, last);
    return STATUS_OK;
}

enum status capture_tape_open(struct capture_tape *tape, struct reason *reason)
{
    uint32_t part = 1;

    if (tape->resume)
        TRY(next_free(tape, &part, reason));
    return create_part(tape, part, reason);
}

enum status capture_tape_begin(struct capture_tape *tape, int64_t at_us, const char *broker, const char *client)
{
    (void)snprintf(tape->broker, sizeof tape->broker, "%s", broker);
    (void)snprintf(tape->client, sizeof tape->client, "%s", client);
    TRY(capture_begin_session(tape->capture, at_us, broker, client));
    tape->in_session = true;
    return STATUS_OK;
}

enum status capture_tape_end(struct capture_tape *tape, int64_t at_us, const char *why)
{
    tape->in_session = false;
    return capture_end_session(tape->capture, at_us, why);
}

/* The connection goes on in the next file. */
static enum status rotate(struct capture_tape *tape, int64_t at_us, struct reason *reason)
{
    bool in_session = tape->in_session;

    if (in_session)
        TRY(capture_end_session(tape->capture, at_us, "goes on in the next part"));
    TRY(capture_commit(tape->capture));
    memcpy(tape->before, capture_head(tape->capture).ptr, sizeof tape->before);
    tape->about.before = VIEW_OF(tape->before);
    capture_close(&tape->capture);
    TRY(create_part(tape, tape->about.part + 1, reason));
    return in_session ? capture_begin_session(tape->capture, at_us, tape->broker, tape->client) : STATUS_OK;
}

static enum status explain(const struct capture_tape *tape, enum status status, struct reason *reason)
{
    if (status != STATUS_OK)
        reason_set(reason, "%.300s (part %u): %s", tape->path, (unsigned int)tape->about.part, status_text(status));
    return status;
}

enum status capture_tape_commit(struct capture_tape *tape, int64_t at_us, struct reason *reason)
{
    TRY(explain(tape, capture_commit(tape->capture), reason));
    tape->pending = 0;
    if (tape->rotate == 0 || capture_size(tape->capture) < tape->rotate)
        return STATUS_OK;
    return rotate(tape, at_us, reason);
}

enum status capture_tape_put(struct capture_tape *tape, struct captured *message, struct reason *reason)
{
    TRY(explain(tape, capture_put(tape->capture, message), reason));
    tape->messages++;
    tape->bytes += message->payload.len;
    tape->pending += message->payload.len;
    return tape->pending > PENDING_MAX ? capture_tape_commit(tape, message->at_us, reason) : STATUS_OK;
}

void capture_tape_close(struct capture_tape *tape)
{
    capture_close(&tape->capture);
}

/* copy.c: see copy.h. */
#include "copy.h"

#include <string.h>
#include <unistd.h>

#include "capture_tape.h"

#define SECRET_MAX 1024

/* The session of the source that the copy's is of. */
struct place {
    size_t part;
    int64_t session;
    struct capture_session said;
};

static enum status end_session(const struct copy *copy, struct capture_tape *tape, const struct place *place)
{
    if (place->session == 0)
        return STATUS_OK;
    return capture_tape_end(tape, place->said.ended_us, copy->anonymised ? "-" : place->said.why);
}

static enum status follow_session(const struct copy *copy, struct capture_tape *tape, struct place *place, size_t part,
                                  const struct captured *message)
{
    if (place->session == message->session && place->part == part)
        return STATUS_OK;
    TRY(end_session(copy, tape, place));
    *place = (struct place){part, message->session, {.began_us = message->at_us}};
    if (capture_session_next(copy->from->list[part], message->session - 1, &place->said) != STATUS_OK)
        place->said.ended_us = message->at_us;
    return capture_tape_begin(tape, place->said.began_us, copy->anonymised ? "-" : place->said.broker,
                              copy->anonymised ? "-" : place->said.client);
}

static enum status copy_messages(struct copy *copy, struct capture_tape *tape, struct reason *reason)
{
    const struct capture_query all = CAPTURE_ALL;
    CLEANUP(capture_walk_end) struct capture_walk walk = capture_walk(copy->from, &all);
    struct place place = {.session = 0};
    struct captured message;
    enum status status;

    while ((status = capture_walk_next(&walk, &message)) != STATUS_NOT_FOUND) {
        bool keeps = false;

        if (status == STATUS_MALFORMED) {
            copy->unreadable++;
            continue;
        }
        TRY(status);
        TRY(copy->each(copy->ctx, &message, &keeps));
        if (!keeps)
            continue;
        TRY(follow_session(copy, tape, &place, walk.part, &message));
        TRY(capture_tape_put(tape, &message, reason));
        copy->messages++;
    }
    return end_session(copy, tape, &place);
}

static enum status copy_secrets(struct copy *copy, struct capture_tape *tape)
{
    for (size_t i = 0; i < copy->from->count; i++) {
        struct capture_escrow escrow = {.id = 0};

        while (capture_escrow_next(copy->from->list[i], escrow.id, &escrow) == STATUS_OK) {
            uint8_t memory[SECRET_MAX];
            CLEANUP(buf_wipe) struct buf secret = BUF_OF(memory);
            enum status put;

            TRY(capture_secret(copy->from->list[i], VIEW_OF(escrow.boot_id), &secret));
            put = capture_put_secret(tape->capture, escrow.at_us, view_of_string(escrow.aggregator),
                                     VIEW_OF(escrow.boot_id), buf_view(&secret));
            TRY(put);
            copy->secrets++;
        }
    }
    return STATUS_OK;
}

static enum status fill(struct copy *copy, struct capture_tape *tape, struct reason *reason)
{
    TRY(copy_messages(copy, tape, reason));
    if (!copy->anonymised)
        TRY(copy_secrets(copy, tape));
    return capture_commit(tape->capture);
}

enum status copy_run(struct copy *copy, struct reason *reason)
{
    const struct capture_about *about = capture_about(copy->from->list[0]);
    CLEANUP(capture_tape_close)
    struct capture_tape tape = {
        .path = copy->to,
        .about = {.federation = about->federation,
                  .maker = copy->maker,
                  .from_inside = about->from_inside,
                  .anonymised = about->anonymised || copy->anonymised},
    };
    enum status status;

    TRY(capture_tape_open(&tape, reason));
    status = fill(copy, &tape, reason);
    if (status == STATUS_OK)
        return STATUS_OK;
    capture_tape_close(&tape);
    (void)unlink(copy->to);
    return status;
}

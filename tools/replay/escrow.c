/* escrow.c: `tacit escrow`: asks a simulated enclave that was built for it for the keys of its boot, and writes them into a
 * file of their own: a capture without messages, which `tacit replay` takes beside those with messages. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "network.h"
#include "replay_command.h"

#define KEYS_PART 0x80000000u

struct escrowing {
    const char *out;
};

static const char *check(void *ctx)
{
    const struct escrowing *escrowing = ctx;

    return escrowing->out == NULL ? "-o FILE is needed" : NULL;
}

/* It is no part of a capture that goes on: its number is behind all of those, and another one for each boot, so that the
 * files can be read together. */
static uint32_t part_of(const struct owner_outcome *outcome)
{
    return KEYS_PART | read_be32(outcome->boot_id);
}

static enum status write_secret(const struct escrowing *escrowing, const struct profile *profile,
                                const struct owner_outcome *outcome, struct reason *reason)
{
    CLEANUP(capture_close) struct capture *capture = NULL;
    const struct capture_about about = {
        .federation = profile->federation, .maker = "tacit escrow", .part = part_of(outcome)};
    const int64_t now_us = (int64_t)time(NULL) * 1000000;
    enum status status;

    TRY(capture_create(escrowing->out, &about, &capture, reason));
    status = capture_put_secret(capture, now_us, view_of_string(profile->aggregator), VIEW_OF(outcome->boot_id),
                                VIEW_OF(outcome->escrow));
    if (status == STATUS_OK)
        status = capture_commit(capture);
    if (status != STATUS_OK) {
        reason_set(reason, "%s: %s", escrowing->out, status_text(status));
        (void)unlink(escrowing->out);
    }
    return status;
}

static void warn(const struct escrowing *escrowing, const struct owner_outcome *outcome)
{
    char boot[2 * BOOT_ID_SIZE + 1];

    hex_encode(VIEW_OF(outcome->boot_id), boot);
    printf("%s: keys of boot %s (simulated)\n", escrowing->out, boot);
    fprintf(
        stderr,
        "WARNING: %s opens every update of every device of this boot, and can sign in the name of its enclave.\n"
        "WARNING: give it to nobody who may not read what devices sent. It is of no use for anything but replays.\n",
        escrowing->out);
}

static enum status escrow(void *ctx, const struct profile *profile, struct reason *reason)
{
    const struct escrowing *escrowing = ctx;
    const struct owner_wish wish = {.command = OWNER_ESCROW};
    CLEANUP(owner_outcome_wipe) struct owner_outcome outcome;
    enum status status = owner_ask(profile, &wish, &outcome, reason);

    if (status == STATUS_UNSUPPORTED)
        reason_set(reason,
                   "the enclave refuses: the keys of its boot never leave it. Only tacit-enclave-escrow gives them,\n"
                   "of simulated federations (`tacit init --escrow`)");
    TRY(status);
    TRY(write_secret(escrowing, profile, &outcome, reason));
    warn(escrowing, &outcome);
    return STATUS_OK;
}

int escrow_command(const struct command *self, int argc, char *argv[])
{
    struct escrowing escrowing = {.out = NULL};
    const struct argument table[] = {{"-o", ARGUMENT_TEXT, &escrowing.out, 0, 0}, {0}};
    const struct network_command command = {.options = table, .ctx = &escrowing, .check = check, .work = escrow};

    return network_run(self, &command, argc, argv);
}

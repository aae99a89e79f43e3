/* trim.c: `tacit capture trim`: some rounds, some devices, as a capture of their own. */
#include <inttypes.h>
#include <stdio.h>

#include "capture_command.h"
#include "copy.h"
#include "files.h"
#include "select.h"
#include "trim.h"

static enum status keep_selected(void *ctx, struct captured *message, bool *keeps)
{
    return selection_keeps(ctx, message, keeps);
}

enum status trim_run(const struct capture_parts *parts, struct selection *selection, const char *to,
                     struct reason *reason)
{
    struct copy copy = {
        .from = parts, .to = to, .maker = "tacit capture trim", .ctx = selection, .each = keep_selected};

    TRY(copy_run(&copy, reason));
    printf("%s: %" PRIu64 " of %" PRIu64 " messages\n", to, copy.messages, capture_parts_count(parts));
    if (copy.unreadable > 0)
        printf("%" PRIu64 " messages could not be read and are left out\n", copy.unreadable);
    if (copy.secrets > 0)
        printf("SECRETS: of %" PRIu64 " boots, carried over: who has %s reads what their devices sent\n", copy.secrets,
               to);
    return STATUS_OK;
}

static enum status trim(const struct command *self, const struct argument_texts *words, struct selection *selection,
                        const char *to, struct reason *reason)
{
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};

    TRY(files_open(self, words, &parts, reason));
    return trim_run(&parts, selection, to, reason);
}

int capture_trim_command(const struct command *self, int argc, char *argv[])
{
    const char *to = NULL, *rounds = NULL;
    struct argument_texts words = {.count = 0}, devices = {.count = 0};
    const struct argument table[] = {
        {"-o", ARGUMENT_TEXT, &to, 0, 0},
        {"--rounds", ARGUMENT_TEXT, &rounds, 0, 0},
        {"--devices", ARGUMENT_TEXTS, &devices, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    CLEANUP(selection_free) struct selection selection = {.devices = &devices};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count == 0 || to == NULL) {
        reason_set(&reason, "a FILE and -o OUT are needed");
        return command_usage(self, &reason);
    }
    if (rounds != NULL && !arguments_rounds(rounds, &selection.from, &selection.to)) {
        reason_set(&reason, "--rounds: \"%.80s\" is not A-B, rounds from 1 on", rounds);
        return command_usage(self, &reason);
    }
    return command_end(self, trim(self, &words, &selection, to, &reason), &reason);
}

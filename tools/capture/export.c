/* export.c: `tacit capture export`: one round as files, as a capture, or as commands of mosquitto_pub. */
#include <stdio.h>

#include "capture_command.h"
#include "export.h"
#include "files.h"
#include "trim.h"

/* Where it goes: one of the three. */
struct export_to {
    const char *folder, *sql, *script;
};

static enum status export_round(const struct command *self, const struct argument_texts *words,
                                struct selection *selection, const struct export_to *to, struct reason *reason)
{
    CLEANUP(capture_parts_close) struct capture_parts parts = {.count = 0};

    TRY(files_open(self, words, &parts, reason));
    if (to->sql != NULL)
        return trim_run(&parts, selection, to->sql, reason);
    if (to->folder != NULL)
        return export_folder(&parts, selection, to->folder, reason);
    return export_script(&parts, selection, to->script, reason);
}

int capture_export_command(const struct command *self, int argc, char *argv[])
{
    struct export_to to = {.folder = NULL};
    int64_t round = 0;
    struct argument_texts words = {.count = 0}, devices = {.count = 0};
    const struct argument table[] = {
        {"--round", ARGUMENT_NUMBER, &round, 1, ROUND_MAX},
        {"-o", ARGUMENT_TEXT, &to.folder, 0, 0},
        {"--sql", ARGUMENT_TEXT, &to.sql, 0, 0},
        {"--mosquitto-pub", ARGUMENT_TEXT, &to.script, 0, 0},
        {"--devices", ARGUMENT_TEXTS, &devices, 0, 0},
        {0},
    };
    const struct argument *const tables[] = {table, NULL};
    CLEANUP(selection_free) struct selection selection = {.devices = &devices};
    struct reason reason = {""};

    if (!arguments_read(argc, argv, tables, &words, &reason))
        return command_usage(self, &reason);
    if (words.count == 0 || round == 0 || (to.folder != NULL) + (to.sql != NULL) + (to.script != NULL) != 1) {
        reason_set(&reason, "a FILE, --round N, and one of -o, --sql and --mosquitto-pub are needed");
        return command_usage(self, &reason);
    }
    selection.from = selection.to = (uint32_t)round;
    return command_end(self, export_round(self, &words, &selection, &to, &reason), &reason);
}

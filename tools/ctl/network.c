/* network.c: see network.h. */
#include "network.h"

int network_run(const struct command *self, const struct network_command *command, int argc, char *argv[])
{
    CLEANUP(profile_free) struct profile profile = {.observes = command->observes};
    struct argument common[PROFILE_OPTIONS];
    const struct argument *const tables[] = {command->options, common, NULL};
    struct reason reason = {""};
    const char *lacks;
    enum status status;

    profile_options(&profile, common);
    if (!arguments_read(argc, argv, tables, command->words, &reason))
        return command_usage(self, &reason);
    lacks = command->check == NULL ? NULL : command->check(command->ctx);
    if (lacks != NULL) {
        reason_set(&reason, "%s", lacks);
        return command_usage(self, &reason);
    }
    status = profile_complete(&profile, command->reads_only, &reason);
    if (status == STATUS_OK)
        status = command->work(command->ctx, &profile, &reason);
    return command_end(self, status, &reason);
}

const char *network_simulated(bool simulated)
{
    return simulated ? " (simulated)" : "";
}

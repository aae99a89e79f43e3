/* network.h: what the commands that talk to the broker have in common. */
#ifndef CTL_NETWORK_H
#define CTL_NETWORK_H

#include "command.h"
#include "owner_client.h"

/**
 * Reads a command line of own and common options, completes the settings, and runs the command's work.
 *
 * options  the command's own; words as for arguments_read.
 * check    what the command line still lacks, or NULL when it is whole.
 * Returns the exit code.
 */
struct network_command {
    const struct argument *options;
    struct argument_texts *words; /* NULL: none are allowed */
    bool reads_only;
    void *ctx;
    const char *(*check)(void *ctx);
    enum status (*work)(void *ctx, const struct settings *settings, struct reason *reason);
};

int network_run(const struct command *self, const struct network_command *command, int argc, char *argv[]);

/** " (simulated)" or "". */
const char *network_simulated(bool simulated);

#endif

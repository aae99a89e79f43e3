/* network.h: what the commands that talk to the broker have in common. */
#ifndef CTL_NETWORK_H
#define CTL_NETWORK_H

#include "command.h"
#include "owner_client.h"

/** A command that talks to the broker. */
struct network_command {
    const struct argument *options; /* its own */
    struct argument_texts *words;   /* NULL: none are allowed */
    bool reads_only;                /* connects as the watcher, where there is one */
    bool observes;                  /* connects as the observer, where there is one */
    void *ctx;
    const char *(*check)(void *ctx); /* what the command line still lacks, NULL for nothing; may be NULL */
    enum status (*work)(void *ctx, const struct profile *profile, struct reason *reason);
};

/** Reads the command line, completes the profile, and does the work. Returns the exit code. */
int network_run(const struct command *self, const struct network_command *command, int argc, char *argv[]);

/** " (simulated)" or "". */
const char *network_simulated(bool simulated);

#endif

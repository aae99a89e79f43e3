/* replay_command.h: the commands that tools/replay gives to `tacit`. */
#ifndef REPLAY_REPLAY_COMMAND_H
#define REPLAY_REPLAY_COMMAND_H

#include "command.h"

int replay_command(const struct command *self, int argc, char *argv[]);
int escrow_command(const struct command *self, int argc, char *argv[]);

extern const char replay_usage[]; /* what follows the name in its help */

#endif

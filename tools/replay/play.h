/* play.h: `tacit replay FILE --to`: a capture's messages, played against a test broker by as many clients as there were. */
#ifndef REPLAY_PLAY_H
#define REPLAY_PLAY_H

#include "command.h"

#define PLAY_USAGE \
    "FILE --to HOST:PORT [options]\n" \
    "  FILE                 a capture; it is read message by message, however large it is\n" \
    "  --to HOST:PORT       a test broker\n" \
    "  --speed N | Nx | max times the original speed, 0.001 to 1000000; max: as fast as the broker takes (default: " \
    "1)\n" \
    "  --devices N          play so many devices: the first ones, or clones of them under other names, whose " \
    "messages are\n" \
    "                       as long and as many but open for nobody (default: those of the capture)\n" \
    "  --federation NAME    play under another name (default: the capture's)\n" \
    "  --force              play though the broker holds evidence of an aggregator of that federation\n" \
    "  --keep               leave what was retained at the broker (default: taken away at the end)\n" \
    "  --plain              no TLS: to this machine only\n" \
    "  --cafile FILE, --cert FILE, --key FILE   TLS: one certificate for all clients, whose ids differ\n" \
    "  --timeout SECONDS    give up when nothing moves for so long (default: 30)\n" \
    "  --json               the report as one JSON object\n" \
    "exit codes: 0 all was played and arrived; 1 messages were lost or refused, the capture is damaged, or the " \
    "federation\n" \
    "lives at that broker; 2 the command line is wrong; 3 a file is; 4 the broker is not reachable, or was not any " \
    "more\n"

/** Reads a command line that holds --to, plays, and prints the report. Returns the exit code. */
int replay_play_command(const struct command *self, int argc, char *argv[]);

#endif

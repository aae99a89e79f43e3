/* capture_command.h: the commands of this folder, for the table of tools/ctl/main.c. */
#ifndef CAPTURE_CAPTURE_COMMAND_H
#define CAPTURE_CAPTURE_COMMAND_H

struct command;

int capture_command(const struct command *self, int argc, char *argv[]);
int capture_info_command(const struct command *self, int argc, char *argv[]);
int capture_export_command(const struct command *self, int argc, char *argv[]);
int capture_trim_command(const struct command *self, int argc, char *argv[]);
int capture_anonymise_command(const struct command *self, int argc, char *argv[]);

#define CAPTURE_USAGE \
    "-o FILE.tacit [--rounds N] [--for SECONDS] [--rotate SIZE] [options]\n" \
    "  -o FILE          the file; there must be none yet\n" \
    "  --rounds N       end when so many rounds were closed (default: go on until interrupted)\n" \
    "  --for SECONDS    end after so long\n" \
    "  --rotate SIZE    go on in FILE.2.tacit, FILE.3.tacit ... when a file is so large: bytes, or with k, M or G\n" \
    "It connects as the observer of the defaults file (`observe_certfile`), where there is one.\n"

#define CAPTURE_INFO_USAGE \
    "FILE... [--json] [--no-check]\n" \
    "  FILE...      a capture, or the parts of one\n" \
    "  --json       one JSON object\n" \
    "  --no-check   do not read every row to compare its digest\n" \
    "exit codes: 0 whole, and nothing is missing; 1 damaged, or something is missing; 2 the command line is wrong; 3 " \
    "a\n" \
    "file cannot be read, or is no capture\n"

#define CAPTURE_EXPORT_USAGE \
    "FILE... --round N (-o FOLDER | --sql OUT.tacit | --mosquitto-pub SCRIPT) [--devices NAME]...\n" \
    "  --round N              which round, with what is needed to look at it: evidence, enrolments, the owner's " \
    "requests\n" \
    "  -o FOLDER              a file for each payload, and index.jsonl: a JSON object for each message\n" \
    "  --sql OUT.tacit        a capture of that round\n" \
    "  --mosquitto-pub FILE   a shell script that publishes the messages in their order; payloads in FILE.d/. Its\n" \
    "                         arguments are options for mosquitto_pub (-h, -p, --cafile ...)\n" \
    "  --devices NAME         only this device's messages; may be repeated\n"

#define CAPTURE_TRIM_USAGE \
    "FILE... -o OUT.tacit [--rounds A-B] [--devices NAME]...\n" \
    "  --rounds A-B     these rounds, with what they need: evidence, challenges, enrolments, the owner's requests\n" \
    "  --devices NAME   only this device's messages; may be repeated. Rounds cannot be recomputed without all of " \
    "them\n" \
    "Secrets that the capture holds are carried over.\n"

#define CAPTURE_ANONYMISE_USAGE \
    "FILE... -o OUT.tacit [--seed N] [--map]\n" \
    "  --seed N   the order in which devices become device-1, device-2 ... (default: a random one, that is not " \
    "told)\n" \
    "  --map      print which device became which: keep that apart from the file\n" \
    "Secrets of boots are not carried over. What is sealed or signed stays as it is and no longer fits the new " \
    "names.\n"

#endif

/* command.h: the table of what `tacit` can do, and how a command ends. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "base.h"
#include "reason.h"

/** The exit codes of the program; docs/tacit.md names them. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_REFUSED = 1,     /* refused or failed; the reason stands on stderr */
    EXIT_USAGE = 2,       /* the command line is wrong */
    EXIT_CONFIG = 3,      /* a file of the caller's is wrong; file:line where there are lines */
    EXIT_UNREACHABLE = 4, /* the broker is not reachable, or nobody answers in time */
    EXIT_AUTHENTIC = 4,   /* of `appraise`, which needs no broker: authentic, but no policy was given */
};

struct command {
    const char *name;                                               /* one word or two */
    int (*run)(const struct command *self, int argc, char *argv[]); /* argv: what follows the name */
    const char *help;                                               /* one line */
    const char *usage;                                              /* what follows the name; lines end with \n */
};

/** Prints what is wrong with the command line, and its usage. Returns EXIT_USAGE. */
int command_usage(const struct command *self, const struct reason *reason);

/** Prints the reason of a failure, or nothing when there is none. Returns the exit code of a status. */
int command_end(const struct command *self, enum status status, const struct reason *reason);

int init_command(const struct command *self, int argc, char *argv[]);
int policy_sign_command(const struct command *self, int argc, char *argv[]);
int policy_show_command(const struct command *self, int argc, char *argv[]);
int policy_check_command(const struct command *self, int argc, char *argv[]);
int policy_sample_command(const struct command *self, int argc, char *argv[]);
int model_init_command(const struct command *self, int argc, char *argv[]);
int model_import_command(const struct command *self, int argc, char *argv[]);
int model_export_command(const struct command *self, int argc, char *argv[]);
int model_show_command(const struct command *self, int argc, char *argv[]);
int start_command(const struct command *self, int argc, char *argv[]);
int stop_command(const struct command *self, int argc, char *argv[]);
int revoke_command(const struct command *self, int argc, char *argv[]);
int unrevoke_command(const struct command *self, int argc, char *argv[]);
int status_command(const struct command *self, int argc, char *argv[]);
int rounds_command(const struct command *self, int argc, char *argv[]);
int audit_command(const struct command *self, int argc, char *argv[]);
int recompute_command(const struct command *self, int argc, char *argv[]);
int explain_command(const struct command *self, int argc, char *argv[]);
int appraise_command(const struct command *self, int argc, char *argv[]);
int reasons_command(const struct command *self, int argc, char *argv[]);

#endif

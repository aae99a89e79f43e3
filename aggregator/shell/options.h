/* options.h: the command line of tacit-enclave. */
#ifndef SHELL_OPTIONS_H
#define SHELL_OPTIONS_H

#include "gate_socket.h"
#include "tee.h"

struct options {
    const struct tee_kind *kind; /* set even when the rest is wrong, if a kind was named */
    const char *root;            /* NULL: where the kind has it */
    int privlevel;               /* or TSM_PRIVLEVEL_ANY */
    bool listens, help;
    struct gate_socket gate; /* when it listens */
};

/** Reads the command line. *wrong is a sentence on failure. STATUS_CONFIG: it is wrong. */
MUST_USE enum status options_parse(int argc, char **argv, struct options *out, const char **wrong);

extern const char options_help[];

#endif

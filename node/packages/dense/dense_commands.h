/* dense_commands.h: what the program does under each of its names. */
#ifndef DENSE_COMMANDS_H
#define DENSE_COMMANDS_H

#include "dense_train.h"

/** What a command gets: the options, the run, and its arguments in the order of its usage line. */
struct dense_call {
    struct dense_options options;
    struct dense_run run;
    char *const *arguments;
};

/** Each reads and writes the files that its arguments name. Returns as the steps it is made of. */
MUST_USE enum dense_exit dense_command_init(const struct dense_call *call, struct dense_fault *fault);
MUST_USE enum dense_exit dense_command_train(const struct dense_call *call, struct dense_fault *fault);
MUST_USE enum dense_exit dense_command_validate(const struct dense_call *call, struct dense_fault *fault);
MUST_USE enum dense_exit dense_command_predict(const struct dense_call *call, struct dense_fault *fault);

/**
 * The call that the environment describes: TACIT_CONFIG, TACIT_SEED, TACIT_ROUND; defaults for what is not set.
 * Returns DENSE_CONFIG.
 */
MUST_USE enum dense_exit dense_call_from_environment(struct dense_call *out, struct dense_fault *fault);

#endif

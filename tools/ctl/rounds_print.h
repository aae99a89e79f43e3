/* rounds_print.h: a round as a line for people or as JSON. Pure but for the printing. */
#ifndef CTL_ROUNDS_PRINT_H
#define CTL_ROUNDS_PRINT_H

#include <stdio.h>

#include "chain.h"

/** What a model is worth, as far as it is known, in millionths. */
struct worth {
    bool has_accuracy, has_loss;
    int64_t accuracy, loss;
};

/**
 * What the model is worth that stood at the end of a round. A training round measures its base, so its own model is
 * measured by a later record that has it as base; an evaluation measures the model that it ends with.
 */
struct worth rounds_worth(const struct chain *chain, size_t index);

/** Whether nothing more is to be learnt about a round: it failed, evaluated, or a later round was released. */
bool rounds_complete(const struct chain *chain, size_t index);

/** One line each. */
void rounds_print_line(const struct chain *chain, size_t index, FILE *out);
/** STATUS_IO without memory. */
MUST_USE enum status rounds_print_json(const struct chain *chain, size_t index, FILE *out);

#endif

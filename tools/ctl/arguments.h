/* arguments.h: command lines, read against tables of options. */
#ifndef CTL_ARGUMENTS_H
#define CTL_ARGUMENTS_H

#include "base.h"
#include "reason.h"

#define ARGUMENTS_LIST_MAX 256 /* repetitions of one option; words that are no options */

/** What an option takes, and the type that its target points to. */
enum argument_kind {
    ARGUMENT_FLAG,   /* bool */
    ARGUMENT_TEXT,   /* const char * */
    ARGUMENT_NUMBER, /* int64_t: decimal, min..max */
    ARGUMENT_TEXTS,  /* struct argument_texts; may be repeated */
    ARGUMENT_PAIRS,  /* struct argument_pairs: takes two words; may be repeated */
};

/** One option. A table of them ends with a row without a name. */
struct argument {
    const char *name; /* with its dashes */
    enum argument_kind kind;
    void *target;
    int64_t min, max; /* of numbers */
};

struct argument_texts {
    const char *list[ARGUMENTS_LIST_MAX];
    size_t count;
};

struct argument_pairs {
    const char *names[ARGUMENTS_LIST_MAX], *values[ARGUMENTS_LIST_MAX];
    size_t count;
};

/**
 * Reads a command line. Targets of options that do not stand there stay as they are; texts are views into argv.
 *
 * tables  ends with NULL; the first table that has an option wins.
 * words   what is no option, in its order; NULL when there may be none.
 *
 * Returns false with a reason for an option that is unknown, stands without its value or twice, or has a wrong one.
 */
bool arguments_read(int argc, char *argv[], const struct argument *const tables[], struct argument_texts *words,
                    struct reason *reason);

/** Reads "A-B" or "A", rounds from 1 on, A not above B. */
bool arguments_rounds(const char *text, uint32_t *from, uint32_t *to);

#endif

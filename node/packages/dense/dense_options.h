/* dense_options.h: the options file: `key value` lines, # begins a comment. */
#ifndef DENSE_OPTIONS_H
#define DENSE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "dense.h"

#define DENSE_MAX_PATH   512   /* characters of a path, its end included */
#define DENSE_MAX_LIST   64    /* numbers in groups, test_groups */
#define DENSE_MAX_CONFIG 65536 /* bytes of an options file */

enum dense_split_kind { DENSE_SPLIT_IID, DENSE_SPLIT_SHARD, DENSE_SPLIT_DIRICHLET, DENSE_SPLIT_GROUP };
enum dense_init_kind { DENSE_INIT_UNIFORM, DENSE_INIT_LCG };

/** Numbers of groups (for example subjects). */
struct dense_list {
    uint32_t count, value[DENSE_MAX_LIST];
};

/** Units per layer, the input first: count = layers of weights + 1. */
struct dense_widths {
    uint32_t count, value[DENSE_MAX_LAYERS + 1];
};

/** Columns first..last of a CSV file, counted from 1; 0, 0 when not given. */
struct dense_columns {
    uint32_t first, last;
};

/** All options. Paths are empty and columns 0 when not given. */
struct dense_options {
    struct dense_widths layers;
    uint32_t init;        /* enum dense_init_kind */
    double dropout;       /* share of the first hidden layer that is left out in training: 0 <= p < 1 */
    double learning_rate; /* > 0 */
    uint32_t batch, epochs, shuffle;
    char data[DENSE_MAX_PATH], train_csv[DENSE_MAX_PATH], test_csv[DENSE_MAX_PATH], normalise[DENSE_MAX_PATH];
    uint32_t label_column, group_column; /* counted from 1 */
    struct dense_columns feature_columns;
    struct dense_list test_groups, groups;
    uint32_t split; /* enum dense_split_kind */
    uint32_t parts, part;
    double alpha;
    uint64_t split_seed;
    uint32_t train_limit, test_limit; /* 0: all */
};

/** The defaults; package.conf lists the same. */
struct dense_options dense_options_default(void);

/**
 * Reads the text of an options file over the defaults. name stands in messages.
 *
 * Returns DENSE_CONFIG, with name and line number, for an unknown key, a key that stands twice, a value of the wrong
 * form or out of range, and options that contradict each other.
 */
MUST_USE enum dense_exit dense_options_parse(const char *name, const char *text, size_t len, struct dense_options *out,
                                             struct dense_fault *fault);

/**
 * A whole decimal number without sign. Returns 0, or -1 when text is anything else or past 2^64 - 1.
 */
MUST_USE int dense_number(const char *text, uint64_t *out);

#endif

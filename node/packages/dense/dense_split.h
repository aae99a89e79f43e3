/* dense_split.h: which part of a federation owns which training example. Pure. */
#ifndef DENSE_SPLIT_H
#define DENSE_SPLIT_H

#include <stdint.h>

#include "dense_options.h"

/** The labels and groups of the examples that are dealt out; groups may be NULL unless the split is by group. */
struct dense_examples {
    const uint32_t *labels, *groups;
    uint32_t count, classes; /* every label is below classes */
};

/**
 * Marks with 1 the examples that are this part's, with 0 the others. For one split_seed the parts 0..parts-1 are
 * disjoint and complete, since each part does the whole deal and keeps its own:
 *
 *   iid        one shuffle, cut into batches, dealt in turn: batch number mod parts
 *   shard      sorted by label, cut into 2 * parts shards, two for each part by lot (McMahan et al. 2017)
 *   dirichlet  each class is cut by proportions from Dirichlet(alpha) over the parts (Hsu et al. 2019)
 *   group      the examples whose group options->groups lists, whatever parts and part say
 *
 * Returns DENSE_FAILED: out of memory.
 */
MUST_USE enum dense_exit dense_split(const struct dense_examples *examples, const struct dense_options *options,
                                     uint8_t *mine, struct dense_fault *fault);

/** True when the list holds the number. */
int dense_list_has(const struct dense_list *list, uint32_t number);

#endif

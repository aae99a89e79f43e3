/* dense_data.h: the examples that the options name, ready for the network. */
#ifndef DENSE_DATA_H
#define DENSE_DATA_H

#include "dense_options.h"

/** Examples: count rows of width numbers, and a label for each (NULL when only to be predicted). */
struct dense_set {
    float *inputs;
    uint32_t *labels;
    uint32_t count, width;
};

void dense_set_free(struct dense_set *set);

/**
 * The training examples of this part, or the test examples (all of them: the test set is not split). Pixels become
 * 0..1; values are normalised when the options say so. The caller frees with dense_set_free.
 *
 * Returns DENSE_CONFIG: no data are named; DENSE_FAILED, with the file: missing, damaged, of another width than the
 * network's input, a label past its output, no examples.
 */
MUST_USE enum dense_exit dense_data_train(const struct dense_options *options, struct dense_set *out,
                                          struct dense_fault *fault);
MUST_USE enum dense_exit dense_data_test(const struct dense_options *options, struct dense_set *out,
                                         struct dense_fault *fault);

/**
 * The examples of a file to predict: IDX images, or CSV of the feature_columns (every column when there are none).
 */
MUST_USE enum dense_exit dense_data_input(const struct dense_options *options, const char *path, struct dense_set *out,
                                          struct dense_fault *fault);

#endif

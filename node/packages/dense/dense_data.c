/* dense_data.c: see dense_data.h. A file becomes a table; marks choose rows of it; the marked rows become a set. */
#include "dense_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dense_file.h"
#include "dense_split.h"
#include "dense_table.h"

/* A message about bytes becomes one about the file that holds them. */
static enum dense_exit name_file(enum dense_exit answer, const char *path, struct dense_fault *fault)
{
    struct dense_fault inner = *fault;

    return answer == DENSE_OK ? DENSE_OK : dense_fail(fault, answer, "%s: %.400s", path, inner.text);
}

void dense_set_free(struct dense_set *set)
{
    free(set->inputs);
    free(set->labels);
    *set = (struct dense_set){0};
}

/* Reads one of MNIST's four names in the data folder, raw or else with .gz behind it. Gives the path for messages. */
static enum dense_exit read_idx(const char *folder, const char *name, char path[static DENSE_MAX_PATH + 64],
                                struct dense_file *out, struct dense_fault *fault)
{
    snprintf(path, DENSE_MAX_PATH + 64, "%s/%s", folder, name);
    if (access(path, F_OK) != 0)
        strcat(path, ".gz");
    return dense_file_read(path, DENSE_MAX_DATA, out, fault);
}

/* Images and labels of "train" or "t10k". */
static enum dense_exit load_idx(const char *folder, const char *which, struct dense_table *table,
                                struct dense_fault *fault)
{
    CLEANUP(dense_file_free) struct dense_file labels = {0};
    struct dense_file images = {0};
    char path[DENSE_MAX_PATH + 64], name[32];

    snprintf(name, sizeof name, "%s-images-idx3-ubyte", which);
    TRY(read_idx(folder, name, path, &images, fault));
    table->file = images.bytes;
    TRY(name_file(dense_idx_images(images.bytes, images.len, table, fault), path, fault));
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte", which);
    TRY(read_idx(folder, name, path, &labels, fault));
    return name_file(dense_idx_labels(labels.bytes, labels.len, table, fault), path, fault);
}

static enum dense_exit load_csv(const char *path, const struct dense_csv_columns *columns, struct dense_table *table,
                                struct dense_fault *fault)
{
    CLEANUP(dense_file_free) struct dense_file file = {0};

    TRY(dense_file_read(path, DENSE_MAX_DATA, &file, fault));
    return name_file(dense_csv_read((const char *)file.bytes, file.len, columns, table, fault), path, fault);
}

static struct dense_csv_columns csv_columns(const struct dense_options *options)
{
    return (struct dense_csv_columns){options->label_column, options->group_column, options->feature_columns.first,
                                      options->feature_columns.last};
}

/* Refuses a table that does not fit the network. */
static enum dense_exit check_table(const struct dense_table *table, const struct dense_options *options,
                                   const char *path, struct dense_fault *fault)
{
    const struct dense_widths *layers = &options->layers;

    if (table->width != layers->value[0])
        return dense_fail(fault, DENSE_FAILED, "%s: examples of %u numbers, but layers begins with %u", path,
                          table->width, layers->value[0]);
    for (uint32_t i = 0; table->labels && i < table->rows; i++) {
        if (table->labels[i] >= layers->value[layers->count - 1])
            return dense_fail(fault, DENSE_FAILED, "%s: example %u has label %u, but layers ends with %u classes", path,
                              i + 1, table->labels[i], layers->value[layers->count - 1]);
    }
    return DENSE_OK;
}

/* Reads means and standard deviations: two lines of as many numbers as there are features. */
static enum dense_exit read_normalise(const char *path, float *means, float *stds, uint32_t width,
                                      struct dense_fault *fault)
{
    CLEANUP(dense_file_free) struct dense_file file = {0};

    TRY(dense_file_read(path, DENSE_MAX_DATA, &file, fault));
    const char *line = (const char *)file.bytes;
    if (dense_csv_numbers(&line, means, width) != width || dense_csv_numbers(&line, stds, width) != width)
        return dense_fail(fault, DENSE_FAILED, "%s: wanted a line of %u means and a line of %u standard deviations",
                          path, width, width);
    for (uint32_t i = 0; i < width; i++) {
        if (stds[i] <= 0)
            return dense_fail(fault, DENSE_FAILED, "%s: line 2: standard deviation %u is not above 0", path, i + 1);
    }
    return DENSE_OK;
}

static enum dense_exit normalise(const char *path, struct dense_set *set, struct dense_fault *fault)
{
    CLEANUP(dense_free) float *means = calloc(2 * (size_t)set->width, sizeof *means);

    if (!means)
        return dense_fail_memory(fault);
    TRY(read_normalise(path, means, means + set->width, set->width, fault));
    for (size_t row = 0; row < set->count; row++) {
        float *values = set->inputs + row * set->width;
        for (uint32_t i = 0; i < set->width; i++)
            values[i] = (values[i] - means[i]) / means[set->width + i];
    }
    return DENSE_OK;
}

/* One row as numbers. */
static void take_row(const struct dense_table *table, size_t row, float *out)
{
    if (table->values) {
        memcpy(out, table->values + row * table->width, table->width * sizeof *out);
        return;
    }
    for (uint32_t i = 0; i < table->width; i++)
        out[i] = (float)table->pixels[row * table->width + i] / 255.0f;
}

/* The marked rows as a set; path stands in messages. */
static enum dense_exit take_marked(const struct dense_table *table, const uint8_t *marks,
                                   const struct dense_options *options, const char *path, struct dense_set *out,
                                   struct dense_fault *fault)
{
    CLEANUP(dense_set_free) struct dense_set set = {.width = table->width};
    size_t marked = 0;

    for (uint32_t row = 0; row < table->rows; row++)
        marked += marks[row];
    if (marked == 0)
        return dense_fail(fault, DENSE_FAILED, "%s: no examples for this part: check split, part, groups, limits",
                          path);
    set.inputs = calloc(marked * table->width, sizeof *set.inputs);
    set.labels = table->labels ? calloc(marked, sizeof *set.labels) : NULL;
    if (!set.inputs || (table->labels && !set.labels))
        return dense_fail_memory(fault);
    for (uint32_t row = 0; row < table->rows; row++) {
        if (!marks[row])
            continue;
        take_row(table, row, set.inputs + (size_t)set.count * table->width);
        if (set.labels)
            set.labels[set.count] = table->labels[row];
        set.count++;
    }
    if (options->normalise[0])
        TRY(normalise(options->normalise, &set, fault));
    *out = set;
    set = (struct dense_set){0};
    return DENSE_OK;
}

/* Moves the rows whose mark is wanted to the front, and forgets the others. Only CSV has groups to choose by. */
static void keep_groups(struct dense_table *table, const struct dense_list *test_groups, int wanted)
{
    uint32_t kept = 0;

    for (uint32_t row = 0; row < table->rows; row++) {
        if (dense_list_has(test_groups, table->groups[row]) != wanted)
            continue;
        memmove(table->values + (size_t)kept * table->width, table->values + (size_t)row * table->width,
                table->width * sizeof *table->values);
        table->labels[kept] = table->labels[row];
        table->groups[kept++] = table->groups[row];
    }
    table->rows = kept;
}

static uint32_t limited(uint32_t rows, uint32_t limit)
{
    return limit != 0 && limit < rows ? limit : rows;
}

enum dense_exit dense_data_train(const struct dense_options *options, struct dense_set *out, struct dense_fault *fault)
{
    CLEANUP(dense_table_free) struct dense_table table = {0};
    const char *path = options->data[0] ? options->data : options->train_csv;
    struct dense_csv_columns columns = csv_columns(options);

    if (!path[0])
        return dense_fail(fault, DENSE_CONFIG, "no training data: the options name neither data nor train_csv");
    TRY(options->data[0] ? load_idx(path, "train", &table, fault) : load_csv(path, &columns, &table, fault));
    TRY(check_table(&table, options, path, fault));
    if (options->test_groups.count)
        keep_groups(&table, &options->test_groups, 0);
    table.rows = limited(table.rows, options->train_limit);
    if (options->split == DENSE_SPLIT_GROUP && !table.groups)
        return dense_fail(fault, DENSE_CONFIG, "split group needs train_csv: %s has no groups", path);
    CLEANUP(dense_free) uint8_t *marks = calloc(table.rows + (size_t)1, 1);
    if (!marks)
        return dense_fail_memory(fault);
    struct dense_examples examples = {table.labels, table.groups, table.rows,
                                      options->layers.value[options->layers.count - 1]};
    TRY(dense_split(&examples, options, marks, fault));
    return take_marked(&table, marks, options, path, out, fault);
}

/* All rows of a table as a set. */
static enum dense_exit take_all(const struct dense_table *table, const struct dense_options *options, const char *path,
                                struct dense_set *out, struct dense_fault *fault)
{
    CLEANUP(dense_free) uint8_t *marks = malloc(table->rows + (size_t)1);

    if (!marks)
        return dense_fail_memory(fault);
    memset(marks, 1, table->rows);
    return take_marked(table, marks, options, path, out, fault);
}

enum dense_exit dense_data_test(const struct dense_options *options, struct dense_set *out, struct dense_fault *fault)
{
    CLEANUP(dense_table_free) struct dense_table table = {0};
    const char *csv = options->test_groups.count ? options->train_csv : options->test_csv;
    const char *path = options->data[0] ? options->data : csv;
    struct dense_csv_columns columns = csv_columns(options);

    if (!path[0])
        return dense_fail(fault, DENSE_CONFIG, "no test data: the options name neither data, test_csv nor test_groups");
    TRY(options->data[0] ? load_idx(path, "t10k", &table, fault) : load_csv(path, &columns, &table, fault));
    TRY(check_table(&table, options, path, fault));
    if (options->test_groups.count)
        keep_groups(&table, &options->test_groups, 1);
    table.rows = limited(table.rows, options->test_limit);
    return take_all(&table, options, path, out, fault);
}

enum dense_exit dense_data_input(const struct dense_options *options, const char *path, struct dense_set *out,
                                 struct dense_fault *fault)
{
    CLEANUP(dense_table_free) struct dense_table table = {0};
    CLEANUP(dense_file_free) struct dense_file file = {0};
    struct dense_csv_columns columns = {.first = 1};

    if (options->feature_columns.first)
        columns =
            (struct dense_csv_columns){.first = options->feature_columns.first, .last = options->feature_columns.last};
    TRY(dense_file_read(path, DENSE_MAX_DATA, &file, fault));
    enum dense_exit answer = dense_idx_is_images(file.bytes, file.len)
                                 ? dense_idx_images(file.bytes, file.len, &table, fault)
                                 : dense_csv_read((const char *)file.bytes, file.len, &columns, &table, fault);
    TRY(name_file(answer, path, fault));
    TRY(check_table(&table, options, path, fault));
    return take_all(&table, options, path, out, fault);
}

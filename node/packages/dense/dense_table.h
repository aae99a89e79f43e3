/* dense_table.h: a data file in memory, and the readers of IDX and CSV that fill it. Pure: bytes in. */
#ifndef DENSE_TABLE_H
#define DENSE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "dense.h"

#define DENSE_MAX_DATA (1u << 29) /* bytes of a data file */

/** Examples as their file holds them: rows of width pixels, or of width values. Free with dense_table_free. */
struct dense_table {
    uint8_t *file;         /* owned: what pixels point into */
    const uint8_t *pixels; /* 0..255, or NULL */
    float *values;         /* owned, or NULL */
    uint32_t *labels;      /* owned; NULL when the file has none */
    uint32_t *groups;      /* owned; NULL when the file has none */
    uint32_t rows, width;
};

/** Which columns of a CSV file, counted from 1, hold what. 0: none. last 0: every column from first on. */
struct dense_csv_columns {
    uint32_t label, group, first, last;
};

void dense_table_free(struct dense_table *table);

/** True when bytes begin as an IDX file of images does. */
int dense_idx_is_images(const uint8_t *bytes, size_t len);

/**
 * Checks an IDX file of images (big endian: 0x00000803, count, rows, columns, then count * rows * columns bytes).
 * Gives the number of images, of pixels in one, and where the first begins.
 * Returns DENSE_FAILED: another magic number, a dimension of 0 or past its limit, too few or too many bytes.
 */
MUST_USE enum dense_exit dense_idx_images(const uint8_t *bytes, size_t len, struct dense_table *out,
                                          struct dense_fault *fault);

/**
 * Reads an IDX file of labels (0x00000801, count, then count bytes) that belongs to table's images, into
 * table->labels. Returns DENSE_FAILED as above, and when there is not one label for each image.
 */
MUST_USE enum dense_exit dense_idx_labels(const uint8_t *bytes, size_t len, struct dense_table *table,
                                          struct dense_fault *fault);

/**
 * Reads CSV text: numbers apart by commas, lines of one length; a first line that does not begin with a number is a
 * header and passed over. text[len] must be 0. The caller frees out with dense_table_free.
 * Returns DENSE_FAILED, with the line number: a field that is not a number (a label or group: a whole number),
 * a missing column, an empty line, no rows, or more than DENSE_MAX_ROWS.
 */
MUST_USE enum dense_exit dense_csv_read(const char *text, size_t len, const struct dense_csv_columns *columns,
                                        struct dense_table *out, struct dense_fault *fault);

/**
 * Reads one line of numbers apart by commas (also after blanks) into out. Returns how many, or 0 when one is not a
 * finite number or there are more than room. *line is moved behind the line's end.
 */
uint32_t dense_csv_numbers(const char **line, float *out, uint32_t room);

#endif

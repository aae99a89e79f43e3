/* dense_csv.c: the CSV half of dense_table.h. */
#include "dense_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A finite number that ends at a comma, a blank or the end of the line. Returns where it ends, or NULL. */
static const char *read_number(const char *at, float *out)
{
    size_t length = strspn(at, "0123456789.eE+-");
    char *end;
    float value = strtof(at, &end);

    if (length == 0 || end != at + length || !isfinite(value) || strchr(", \t\r\n", *end) == NULL)
        return NULL;
    *out = value;
    return end;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r");
}

uint32_t dense_csv_numbers(const char **line, float *out, uint32_t room)
{
    const char *at = *line;
    uint32_t count = 0;

    *line += strcspn(*line, "\n");
    *line += **line == '\n';
    do {
        if (count == room)
            return 0;
        at = read_number(skip_blanks(at + (count > 0)), &out[count]);
        if (!at)
            return 0;
        count++;
        at = skip_blanks(at);
    } while (*at == ',');
    return *at == '\n' || *at == 0 ? count : 0;
}

/* A whole number from 0 to 2^24, which a float holds exactly. */
static int whole(float value, uint32_t *out)
{
    if (value < 0 || value > 16777216 || value != floorf(value))
        return -1;
    *out = (uint32_t)value;
    return 0;
}

/* Takes one line's fields apart into row number `row` of the table. */
static const char *take_fields(const float *fields, const struct dense_csv_columns *columns, uint32_t row,
                               struct dense_table *table)
{
    if (columns->label && whole(fields[columns->label - 1], &table->labels[row]) != 0)
        return "the label is not a whole number";
    if (columns->group && whole(fields[columns->group - 1], &table->groups[row]) != 0)
        return "the group is not a whole number";
    memcpy(table->values + (size_t)row * table->width, fields + columns->first - 1, table->width * sizeof *fields);
    return NULL;
}

/* The columns of the first line of numbers decide: how many there are, and whether all that is asked for is there. */
static enum dense_exit measure(const char *text, const struct dense_csv_columns *columns, float *fields,
                               struct dense_table *table, struct dense_fault *fault)
{
    uint32_t count = dense_csv_numbers(&text, fields, DENSE_MAX_WIDTH), rows = 1;
    uint32_t last = columns->last ? columns->last : count;

    if (count == 0)
        return DENSE_OK; /* the reading of rows says which line it is */
    if (columns->first > last || last > count || columns->label > count || columns->group > count)
        return dense_fail(fault, DENSE_FAILED, "CSV: %u columns, but a column past that is asked for", count);
    for (const char *at = text; *at; rows++) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    if (rows > DENSE_MAX_ROWS)
        return dense_fail(fault, DENSE_FAILED, "CSV: %u lines, %u are allowed", rows, DENSE_MAX_ROWS);
    table->width = last - columns->first + 1;
    if ((uint64_t)rows * table->width > DENSE_MAX_DATA / 2) /* a number and its comma are two bytes at least */
        return dense_fail(fault, DENSE_FAILED, "CSV: %u lines of %u numbers are too many", rows, table->width);
    table->values = calloc((size_t)rows * table->width, sizeof *table->values);
    table->labels = columns->label ? calloc(rows, sizeof *table->labels) : NULL;
    table->groups = columns->group ? calloc(rows, sizeof *table->groups) : NULL;
    if (!table->values || (columns->label && !table->labels) || (columns->group && !table->groups))
        return dense_fail_memory(fault);
    table->rows = rows;
    return DENSE_OK;
}

static enum dense_exit read_rows(const char *text, const struct dense_csv_columns *columns, float *fields,
                                 struct dense_table *table, struct dense_fault *fault)
{
    float ignored;
    uint32_t line = 1, row = 0, expected = 0;

    if (!read_number(skip_blanks(text), &ignored) && *text) {
        text += strcspn(text, "\n");
        text += *text == '\n';
        line++;
    }
    if (*text == 0)
        return dense_fail(fault, DENSE_FAILED, "CSV: no rows of numbers");
    TRY(measure(text, columns, fields, table, fault));
    for (; *text; line++, row++) {
        uint32_t count = dense_csv_numbers(&text, fields, DENSE_MAX_WIDTH);
        if (count == 0)
            return dense_fail(fault, DENSE_FAILED, "CSV, line %u: not finite numbers apart by commas", line);
        if (row > 0 && count != expected)
            return dense_fail(fault, DENSE_FAILED, "CSV, line %u: %u columns where the first line has %u", line, count,
                              expected);
        expected = count;
        const char *why = take_fields(fields, columns, row, table);
        if (why)
            return dense_fail(fault, DENSE_FAILED, "CSV, line %u: %s", line, why);
    }
    return DENSE_OK;
}

enum dense_exit dense_csv_read(const char *text, size_t len, const struct dense_csv_columns *columns,
                               struct dense_table *out, struct dense_fault *fault)
{
    CLEANUP(dense_table_free) struct dense_table table = {0};
    CLEANUP(dense_free) float *fields = calloc(DENSE_MAX_WIDTH, sizeof *fields);

    if (!fields)
        return dense_fail_memory(fault);
    if (memchr(text, 0, len))
        return dense_fail(fault, DENSE_FAILED, "CSV: not a text file");
    TRY(read_rows(text, columns, fields, &table, fault));
    *out = table;
    table = (struct dense_table){0};
    return DENSE_OK;
}

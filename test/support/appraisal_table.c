/* appraisal_table.c: see appraisal_table.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "appraisal_table.h"

#define TEXT_MAX 512

void assert_table_line(const char *of, const char *what, const char *expected, const char *got)
{
    print_message("  %s, %s: expected %s, got %s\n", of, what, expected, got);
    assert_string_equal(got, expected);
}

void assert_table_verdict(const char *of, const char *what, enum status expected, enum status got)
{
    assert_table_line(of, what, status_name(expected), status_name(got));
}

uint64_t table_seconds(const char *text)
{
    struct tm tm = {0};

    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm));
    return (uint64_t)timegm(&tm);
}

static void assert_edge(const char *of, const char *what, const cJSON *expected, uint64_t got)
{
    const time_t seconds = (time_t)got;
    char text[32];
    struct tm tm;

    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
    assert_table_line(of, what, cJSON_GetStringValue(expected), text);
}

void assert_table_window(const char *of, const cJSON *expected, const struct appraisal *got)
{
    assert_edge(of, "from", cJSON_GetArrayItem(expected, 0), got->not_before);
    assert_edge(of, "until", cJSON_GetArrayItem(expected, 1), got->not_after);
}

static const struct appraisal_field *find_field(const struct appraisal *appraisal, const char *name, size_t nth)
{
    for (uint32_t i = 0; i < appraisal->field_count; i++)
        if (strcmp(appraisal->fields[i].name, name) == 0 && nth-- == 0)
            return &appraisal->fields[i];
    return NULL;
}

static void show_field(const struct appraisal_field *field, char text[static TEXT_MAX])
{
    if (field == NULL) {
        (void)snprintf(text, TEXT_MAX, "nothing");
    } else if (field->type == FIELD_BYTES) {
        assert_true(2 * field->bytes.len < TEXT_MAX);
        hex_encode(field->bytes, text);
    } else if (field->type == FIELD_TEXT) {
        (void)snprintf(text, TEXT_MAX, "%.*s", (int)field->bytes.len, (const char *)field->bytes.ptr);
    } else {
        (void)snprintf(text, TEXT_MAX, "%llu", (unsigned long long)field->number);
    }
}

void assert_table_field(const char *of, const char *name, size_t nth, const cJSON *expected,
                        const struct appraisal *got)
{
    char wanted[TEXT_MAX], found[TEXT_MAX];

    assert_non_null(expected);
    if (cJSON_IsString(expected))
        (void)snprintf(wanted, sizeof wanted, "%s", expected->valuestring);
    else
        (void)snprintf(wanted, sizeof wanted, "%.0f", expected->valuedouble);
    show_field(find_field(got, name, nth), found);
    assert_table_line(of, name, wanted, found);
}

/* appraise_json.c: an appraisal as JSON; see appraise_print.h. Written by hand: cJSON keeps numbers as doubles, which
 * cannot hold those of 64 bits, and passes on whatever bytes a text has. */
#include "appraise_print.h"

#include <inttypes.h>
#include <string.h>

#include "utf8.h"
#include "when.h"

/* Bytes of the UTF-8 character that text begins with, in shortest form; 0 when there is none that may be shown. */
static size_t character_size(struct view text)
{
    for (size_t size = 1; size <= 4 && size <= text.len; size++)
        if (utf8_printable((struct view){text.ptr, size}))
            return size;
    return 0;
}

static void print_string(struct view text, FILE *out)
{
    fputc('"', out);
    while (text.len > 0) {
        const size_t size = character_size(text);

        if (size == 0 && *text.ptr < 0x80)
            fprintf(out, "\\u%04x", *text.ptr);
        else if (size == 0)
            fputs("\\ufffd", out);
        else if (*text.ptr == '"' || *text.ptr == '\\')
            fprintf(out, "\\%c", *text.ptr);
        else
            fprintf(out, "%.*s", (int)size, (const char *)text.ptr);
        text.ptr += size == 0 ? 1 : size;
        text.len -= size == 0 ? 1 : size;
    }
    fputc('"', out);
}

static void print_name(const char *name, FILE *out)
{
    print_string(view_of_string(name), out);
}

static void print_moment(uint64_t seconds, FILE *out)
{
    char text[WHEN_TEXT];

    print_name(when_text(seconds, text), out);
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

/* ---- lists ---- */

static void print_reasons(const struct appraisal *appraisal, FILE *out)
{
    const char *between = "";

    for (uint32_t i = 0; i < appraisal->check_count; i++)
        if (appraisal->checks[i].outcome == CHECK_FAILED) {
            fputs(between, out);
            print_name(status_name(appraisal->checks[i].reason), out);
            between = ",";
        }
}

static void print_unchecked(const struct appraisal *appraisal, FILE *out)
{
    const char *between = "";

    for (uint32_t i = 0; i < appraisal->check_count; i++)
        if (appraisal->checks[i].outcome == CHECK_NOT_MADE) {
            fputs(between, out);
            print_name(appraisal->checks[i].name, out);
            between = ",";
        }
}

static void print_advisories(const struct appraisal *appraisal, FILE *out)
{
    for (uint32_t i = 0; i < appraisal->advisory_count; i++) {
        fputs(i > 0 ? "," : "", out);
        print_string(appraisal->advisories[i], out);
    }
}

/* ---- identity ---- */

static void print_value(const struct appraisal_field *field, FILE *out)
{
    switch (field->type) {
    case FIELD_BYTES:
        fputc('"', out);
        for (size_t i = 0; i < field->bytes.len; i++)
            fprintf(out, "%02x", field->bytes.ptr[i]);
        fputc('"', out);
        break;
    case FIELD_TEXT:
        print_string(field->bytes, out);
        break;
    case FIELD_NUMBER:
        fprintf(out, "%" PRIu64, field->number);
        break;
    case FIELD_TRUTH:
        fputs(truth(field->number != 0), out);
        break;
    }
}

/* How many fields from `from` on have this name. */
static uint32_t count_named(const struct appraisal *appraisal, uint32_t from, uint32_t to, const char *name)
{
    uint32_t count = 0;

    for (uint32_t i = from; i < to; i++)
        count += strcmp(appraisal->fields[i].name, name) == 0;
    return count;
}

/* Several of a name are a list, where the first of them stands. */
static void print_member(const struct appraisal *appraisal, uint32_t first, FILE *out)
{
    const char *name = appraisal->fields[first].name;
    const bool list = count_named(appraisal, first, appraisal->field_count, name) > 1;
    const char *between = list ? "[" : "";

    print_name(name, out);
    fputc(':', out);
    for (uint32_t i = first; i < appraisal->field_count; i++)
        if (strcmp(appraisal->fields[i].name, name) == 0) {
            fputs(between, out);
            print_value(&appraisal->fields[i], out);
            between = ",";
        }
    fputs(list ? "]" : "", out);
}

static void print_identity(const struct appraisal *appraisal, FILE *out)
{
    const char *between = "";

    for (uint32_t i = 0; i < appraisal->field_count; i++)
        if (count_named(appraisal, 0, i, appraisal->fields[i].name) == 0) {
            fputs(between, out);
            print_member(appraisal, i, out);
            between = ",";
        }
}

/* ---- */

static void print_tcb(const struct appraisal *appraisal, FILE *out)
{
    fputs(",\"tcb_status\":", out);
    if (appraisal->tcb_status != NULL)
        print_name(appraisal->tcb_status, out);
    else
        fputs("null", out);
    fputs(",\"tcb_date\":", out);
    if (appraisal->tcb_date != 0)
        print_moment(appraisal->tcb_date, out);
    else
        fputs("null", out);
}

static void print_window(const struct appraisal *appraisal, FILE *out)
{
    fputs(",\"window\":", out);
    if (appraisal->not_before == 0 && appraisal->not_after == 0) {
        fputs("null", out);
        return;
    }
    fputc('[', out);
    print_moment(appraisal->not_before, out);
    fputc(',', out);
    print_moment(appraisal->not_after, out);
    fputc(']', out);
}

void appraise_print_json(const struct appraisal *appraisal, enum verdict verdict, FILE *out)
{
    fputs("{\"kind\":", out);
    print_string(appraisal->kind, out);
    fprintf(out, ",\"authentic\":%s,\"verdict\":\"%s\",\"reasons\":[", truth(appraisal->authentic),
            verdict_name(verdict));
    print_reasons(appraisal, out);
    fputc(']', out);
    print_tcb(appraisal, out);
    fputs(",\"advisories\":[", out);
    print_advisories(appraisal, out);
    fprintf(out, "],\"debug\":%s,\"identity\":{", truth(appraisal->debug));
    print_identity(appraisal, out);
    fputc('}', out);
    print_window(appraisal, out);
    fputs(",\"unchecked\":[", out);
    print_unchecked(appraisal, out);
    fputs("]}\n", out);
}

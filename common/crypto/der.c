/* der.c: see der.h. */
#include "der.h"

#define LENGTH_BYTES_MAX 4

static enum status take_byte(struct view *from, uint8_t *out)
{
    if (from->len == 0)
        return STATUS_TRUNCATED;
    *out = *from->ptr;
    from->ptr++;
    from->len--;
    return STATUS_OK;
}

static enum status take_bytes(struct view *from, size_t len, struct view *out)
{
    TRY(view_slice(*from, 0, len, out));
    from->ptr += len;
    from->len -= len;
    return STATUS_OK;
}

static enum status take_length(struct view *from, size_t *out)
{
    uint8_t first, byte;
    uint32_t len = 0;

    TRY(take_byte(from, &first));
    if (first < 0x80) {
        *out = first;
        return STATUS_OK;
    }
    if (first == 0x80 || first > 0x80 + LENGTH_BYTES_MAX)
        return STATUS_MALFORMED;
    for (unsigned i = 0; i < first - 0x80u; i++) {
        TRY(take_byte(from, &byte));
        if (i == 0 && byte == 0)
            return STATUS_MALFORMED;
        len = len << 8 | byte;
    }
    if (len < 0x80)
        return STATUS_MALFORMED;
    *out = len;
    return STATUS_OK;
}

bool der_next_is(struct view from, uint8_t tag)
{
    return from.len > 0 && *from.ptr == tag;
}

enum status der_take_any(struct view *from, uint8_t *tag, struct view *contents)
{
    uint8_t first;
    size_t len;

    TRY(take_byte(from, &first));
    if ((first & 0x1f) == 0x1f)
        return STATUS_MALFORMED;
    TRY(take_length(from, &len));
    TRY(take_bytes(from, len, contents));
    *tag = first;
    return STATUS_OK;
}

enum status der_take(struct view *from, uint8_t tag, struct view *contents)
{
    uint8_t found;

    if (from->len > 0 && *from->ptr != tag)
        return STATUS_MALFORMED;
    return der_take_any(from, &found, contents);
}

enum status der_take_element(struct view *from, uint8_t tag, struct view *element)
{
    const uint8_t *start = from->ptr;
    struct view contents;

    TRY(der_take(from, tag, &contents));
    *element = (struct view){start, (size_t)(from->ptr - start)};
    return STATUS_OK;
}

enum status der_end(struct view from)
{
    return from.len == 0 ? STATUS_OK : STATUS_TRAILING;
}

/* X.690 section 8.3.2: the first nine bits are neither all zero nor all one. */
static enum status take_shortest(struct view *from, uint8_t tag, struct view *out)
{
    struct view value;

    TRY(der_take(from, tag, &value));
    if (value.len == 0)
        return STATUS_MALFORMED;
    if (value.len > 1 && ((value.ptr[0] == 0 && value.ptr[1] < 0x80) || (value.ptr[0] == 0xff && value.ptr[1] >= 0x80)))
        return STATUS_MALFORMED;
    *out = value;
    return STATUS_OK;
}

enum status der_take_integer(struct view *from, struct view *out)
{
    return take_shortest(from, DER_INTEGER, out);
}

enum status der_take_number(struct view *from, uint8_t tag, uint32_t most, uint32_t *out)
{
    struct view value;
    uint64_t number = 0;

    TRY(take_shortest(from, tag, &value));
    if (value.ptr[0] >= 0x80 || value.len > 1 + sizeof *out)
        return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < value.len; i++)
        number = number << 8 | value.ptr[i];
    if (number > most)
        return STATUS_OUT_OF_RANGE;
    *out = (uint32_t)number;
    return STATUS_OK;
}

enum status der_take_magnitude(struct view *from, struct view *out)
{
    struct view value;

    TRY(der_take_integer(from, &value));
    if (value.ptr[0] >= 0x80 || (value.len == 1 && value.ptr[0] == 0))
        return STATUS_OUT_OF_RANGE;
    if (value.ptr[0] == 0) {
        value.ptr++;
        value.len--;
    }
    *out = value;
    return STATUS_OK;
}

enum status der_take_boolean(struct view *from, bool *out)
{
    struct view value;

    TRY(der_take(from, DER_BOOLEAN, &value));
    if (value.len != 1 || (value.ptr[0] != 0 && value.ptr[0] != 0xff))
        return STATUS_MALFORMED;
    *out = value.ptr[0] != 0;
    return STATUS_OK;
}

enum status der_take_bytes_of_bits(struct view *from, struct view *out)
{
    struct view value;
    uint8_t unused;

    TRY(der_take(from, DER_BIT_STRING, &value));
    TRY(take_byte(&value, &unused));
    if (unused != 0)
        return STATUS_MALFORMED;
    *out = value;
    return STATUS_OK;
}

/* Takes count decimal digits. */
static enum status take_digits(struct view *from, unsigned count, int64_t *out)
{
    int64_t number = 0;
    uint8_t digit;

    for (unsigned i = 0; i < count; i++) {
        TRY(take_byte(from, &digit));
        if (digit < '0' || digit > '9')
            return STATUS_MALFORMED;
        number = number * 10 + (digit - '0');
    }
    *out = number;
    return STATUS_OK;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of a month; year >= 0. */
static int64_t days_before(int64_t year, int64_t month)
{
    static const int days_to_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const int64_t days_to_1970 = 719528; /* from the first day of year 0 */
    int64_t leaps = year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1;

    return year * 365 + leaps + days_to_month[month - 1] + (month > 2 && is_leap(year)) - days_to_1970;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
    static const int days_in[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month >= 1 && month <= 12 && day >= 1 && day <= days_in[month - 1] + (month == 2 && is_leap(year));
}

/* MMDDhhmmssZ. */
static enum status take_rest_of_time(struct view text, int64_t year, int64_t *out)
{
    int64_t month, day, hour, minute, second;
    uint8_t zone;

    TRY(take_digits(&text, 2, &month));
    TRY(take_digits(&text, 2, &day));
    TRY(take_digits(&text, 2, &hour));
    TRY(take_digits(&text, 2, &minute));
    TRY(take_digits(&text, 2, &second));
    TRY(take_byte(&text, &zone));
    TRY(der_end(text));
    if (zone != 'Z')
        return STATUS_MALFORMED;
    if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 59)
        return STATUS_OUT_OF_RANGE;
    *out = (((days_before(year, month) + day - 1) * 24 + hour) * 60 + minute) * 60 + second;
    return STATUS_OK;
}

enum status der_take_time(struct view *from, int64_t *out)
{
    struct view text;
    int64_t year;

    if (der_next_is(*from, DER_GENERALIZED_TIME)) {
        TRY(der_take(from, DER_GENERALIZED_TIME, &text));
        TRY(take_digits(&text, 4, &year));
        return take_rest_of_time(text, year, out);
    }
    TRY(der_take(from, DER_UTC_TIME, &text));
    TRY(take_digits(&text, 2, &year));
    return take_rest_of_time(text, year + (year < 50 ? 2000 : 1900), out);
}

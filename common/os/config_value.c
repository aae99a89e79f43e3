/* config_value.c: see config_value.h. */
#include "config_value.h"

#include <inttypes.h>

/* Bytes of the character that begins with this byte, and the least code point that may need that many; 0: none does. */
static size_t sequence_length(uint8_t first, uint32_t *least)
{
    static const struct {
        uint8_t mask, bits, length;
        uint32_t least;
    } kinds[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if ((first & kinds[i].mask) != kinds[i].bits)
            continue;
        *least = kinds[i].least;
        return kinds[i].length;
    }
    return 0;
}

/* The length of the character at the beginning of text when it is clean, else 0. */
static size_t clean_character(struct view text)
{
    uint32_t least = 0, point;
    size_t length = sequence_length(text.ptr[0], &least);

    if (length == 0 || length > text.len)
        return 0;
    point = length == 1 ? text.ptr[0] : text.ptr[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (text.ptr[i] & 0x3fu);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    if ((point < 0x20 && point != '\t') || (point >= 0x7f && point < 0xa0))
        return 0;
    return length;
}

bool config_is_clean(struct view text)
{
    while (text.len > 0) {
        size_t length = clean_character(text);

        if (length == 0)
            return false;
        text = (struct view){text.ptr + length, text.len - length};
    }
    return true;
}

struct unit {
    char letter; /* '\0' stands for none */
    int64_t factor;
};

static const struct unit *units_of(enum config_type type, size_t *count)
{
    static const struct unit plain[] = {{'\0', 1}};
    static const struct unit sizes[] = {{'\0', 1}, {'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}};
    static const struct unit durations[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

    switch (type) {
    case CONFIG_SIZE:
        *count = ARRAY_LEN(sizes);
        return sizes;
    case CONFIG_DURATION:
        *count = ARRAY_LEN(durations);
        return durations;
    default:
        *count = ARRAY_LEN(plain);
        return plain;
    }
}

/* Decimal digits with an optional sign; stops at the first other character. False when there are none or too many. */
static bool read_digits(const char **at, int64_t *out)
{
    bool negative = **at == '-';
    int64_t value = 0;
    const char *begin;

    if (negative)
        (*at)++;
    for (begin = *at; **at >= '0' && **at <= '9'; (*at)++) {
        int digit = **at - '0';

        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, digit, &value))
            return false;
    }
    /* Counted below zero, where there is room for one more. */
    *out = value;
    return *at != begin && (negative || !__builtin_sub_overflow(0, value, out));
}

static bool apply_unit(enum config_type type, const char *letter, int64_t *value)
{
    size_t count;
    const struct unit *units = units_of(type, &count);

    for (size_t i = 0; i < count; i++)
        if (letter[0] == units[i].letter && (letter[0] == '\0' || letter[1] == '\0'))
            return !__builtin_mul_overflow(*value, units[i].factor, value);
    return false;
}

enum status config_number(const struct config_key *key, const char *value, int64_t *out, struct reason *reason)
{
    static const char *const wanted[] = {
        [CONFIG_SIZE] = "a size in bytes, like 512, 64K, 16M or 1G",
        [CONFIG_DURATION] = "a duration, like 30s, 5m, 12h or 7d",
    };
    const char *at = value;
    int64_t number;

    if (!read_digits(&at, &number) || !apply_unit(key->type, at, &number)) {
        reason_set(reason, "%s: \"%s\" is not %s", key->name, value,
                   key->type == CONFIG_INTEGER ? "a whole number" : wanted[key->type]);
        return STATUS_CONFIG;
    }
    if (number < key->min) {
        reason_set(reason, "%s: %s is below %" PRId64, key->name, value, key->min);
        return STATUS_CONFIG;
    }
    if (number > key->max) {
        reason_set(reason, "%s: %s is above %" PRId64, key->name, value, key->max);
        return STATUS_CONFIG;
    }
    *out = number;
    return STATUS_OK;
}

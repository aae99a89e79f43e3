/* dcap_json.c: see dcap_json.h. */
#include "dcap_json.h"

#include <string.h>

static void skip(struct view *from, size_t len)
{
    from->ptr += len;
    from->len -= len;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct view *from)
{
    while (from->len > 0 && (*from->ptr == ' ' || *from->ptr == '\t' || *from->ptr == '\n' || *from->ptr == '\r'))
        skip(from, 1);
}

/* The next character that is no white space; it stays. */
static enum status peek(struct view *from, uint8_t *out)
{
    skip_space(from);
    if (from->len == 0)
        return STATUS_TRUNCATED;
    *out = *from->ptr;
    return STATUS_OK;
}

static enum status take_character(struct view *from, uint8_t wanted)
{
    uint8_t found;

    TRY(peek(from, &found));
    if (found != wanted)
        return STATUS_MALFORMED;
    skip(from, 1);
    return STATUS_OK;
}

/* What may stand behind a backslash. The four digits of \u are read as characters of the string. */
static bool is_escape(uint8_t c)
{
    return c != 0 && strchr("\"\\/bfnrtu", c) != NULL;
}

/* Takes a string with its quotes. */
static enum status take_string(struct view *from)
{
    TRY(take_character(from, '"'));
    while (from->len > 0 && *from->ptr != '"') {
        if (*from->ptr < 0x20)
            return STATUS_MALFORMED;
        if (*from->ptr == '\\') {
            skip(from, 1);
            if (from->len > 0 && !is_escape(*from->ptr))
                return STATUS_MALFORMED;
        }
        if (from->len > 0)
            skip(from, 1);
    }
    return from->len > 0 ? take_character(from, '"') : STATUS_TRUNCATED;
}

static size_t skip_digits(struct view *from)
{
    size_t count = 0;

    while (from->len > 0 && is_digit(*from->ptr)) {
        skip(from, 1);
        count++;
    }
    return count;
}

static bool skip_one_of(struct view *from, const char *set)
{
    if (from->len == 0 || *from->ptr == 0 || strchr(set, *from->ptr) == NULL)
        return false;
    skip(from, 1);
    return true;
}

static enum status take_numeral(struct view *from)
{
    bool zero;

    (void)skip_one_of(from, "-");
    zero = from->len > 0 && *from->ptr == '0';
    if (zero)
        skip(from, 1);
    else if (skip_digits(from) == 0)
        return STATUS_MALFORMED;
    if (zero && from->len > 0 && is_digit(*from->ptr))
        return STATUS_MALFORMED;
    if (skip_one_of(from, ".") && skip_digits(from) == 0)
        return STATUS_MALFORMED;
    if (skip_one_of(from, "eE")) {
        (void)skip_one_of(from, "+-");
        if (skip_digits(from) == 0)
            return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

static enum status take_word(struct view *from, struct view word)
{
    struct view found;

    TRY(view_slice(*from, 0, word.len, &found));
    if (!view_equal(found, word))
        return STATUS_MALFORMED;
    skip(from, word.len);
    return STATUS_OK;
}

static enum status take_key(struct view *from, struct view *key)
{
    struct view string;

    skip_space(from);
    string.ptr = from->ptr;
    TRY(take_string(from));
    string.len = (size_t)(from->ptr - string.ptr);
    TRY(json_text(string, key));
    return take_character(from, ':');
}

/* Behind an element: a comma, or the end of its object or array. */
static enum status take_separator(struct view *from, uint8_t close, bool *more)
{
    uint8_t found;

    TRY(peek(from, &found));
    if (found != ',' && found != close)
        return STATUS_MALFORMED;
    skip(from, 1);
    *more = found == ',';
    return STATUS_OK;
}

static bool take_if_empty(struct view *from, uint8_t close)
{
    uint8_t found;

    if (peek(from, &found) != STATUS_OK || found != close)
        return false;
    skip(from, 1);
    return true;
}

static enum status take_value(struct view *from, unsigned depth);

static enum status take_object(struct view *from, unsigned depth)
{
    struct view keys[JSON_MEMBERS_MAX];
    bool more = true;

    TRY(take_character(from, '{'));
    if (take_if_empty(from, '}'))
        return STATUS_OK;
    for (size_t count = 0; more; count++) {
        if (count == JSON_MEMBERS_MAX)
            return STATUS_OUT_OF_RANGE;
        TRY(take_key(from, &keys[count]));
        for (size_t i = 0; i < count; i++)
            if (view_equal(keys[i], keys[count]))
                return STATUS_DUPLICATE_KEY;
        TRY(take_value(from, depth));
        TRY(take_separator(from, '}', &more));
    }
    return STATUS_OK;
}

static enum status take_array(struct view *from, unsigned depth)
{
    bool more = true;

    TRY(take_character(from, '['));
    if (take_if_empty(from, ']'))
        return STATUS_OK;
    while (more) {
        TRY(take_value(from, depth));
        TRY(take_separator(from, ']', &more));
    }
    return STATUS_OK;
}

/* Takes a value that stands within depth others. */
static enum status take_value(struct view *from, unsigned depth)
{
    uint8_t first;

    TRY(peek(from, &first));
    if ((first == '{' || first == '[') && depth == JSON_DEPTH_MAX)
        return STATUS_TOO_DEEP;
    switch (first) {
    case '{':
        return take_object(from, depth + 1);
    case '[':
        return take_array(from, depth + 1);
    case '"':
        return take_string(from);
    case 't':
        return take_word(from, VIEW_TEXT("true"));
    case 'f':
        return take_word(from, VIEW_TEXT("false"));
    case 'n':
        return take_word(from, VIEW_TEXT("null"));
    default:
        return take_numeral(from);
    }
}

/* Takes the next value and gives its text. */
static enum status take_text_of_value(struct view *from, struct view *value)
{
    const uint8_t *start;

    skip_space(from);
    start = from->ptr;
    TRY(take_value(from, 0));
    *value = (struct view){start, (size_t)(from->ptr - start)};
    return STATUS_OK;
}

enum status json_check(struct view document, struct view *value)
{
    struct view found;

    TRY(take_text_of_value(&document, &found));
    skip_space(&document);
    if (document.len > 0)
        return STATUS_TRAILING;
    *value = found;
    return STATUS_OK;
}

enum status json_member(struct view object, const char *name, struct view *value)
{
    struct view key, found, wanted = view_of_string(name);
    bool more = true;

    TRY(take_character(&object, '{'));
    if (take_if_empty(&object, '}'))
        return STATUS_NOT_FOUND;
    while (more) {
        TRY(take_key(&object, &key));
        TRY(take_text_of_value(&object, &found));
        if (view_equal(key, wanted)) {
            *value = found;
            return STATUS_OK;
        }
        TRY(take_separator(&object, '}', &more));
    }
    return STATUS_NOT_FOUND;
}

enum status json_members(struct view object, struct view *rest)
{
    TRY(take_character(&object, '{'));
    if (take_if_empty(&object, '}'))
        object.len = 0;
    *rest = object;
    return STATUS_OK;
}

enum status json_next_member(struct view *rest, struct view *key, struct view *value)
{
    struct view name, found;
    bool more;

    if (rest->len == 0)
        return STATUS_NOT_FOUND;
    TRY(take_key(rest, &name));
    TRY(take_text_of_value(rest, &found));
    TRY(take_separator(rest, '}', &more));
    if (!more)
        rest->len = 0;
    *key = name;
    *value = found;
    return STATUS_OK;
}

enum status json_elements(struct view array, struct view *rest)
{
    TRY(take_character(&array, '['));
    if (take_if_empty(&array, ']'))
        array.len = 0;
    *rest = array;
    return STATUS_OK;
}

enum status json_next(struct view *rest, struct view *value)
{
    struct view found;
    bool more;

    if (rest->len == 0)
        return STATUS_NOT_FOUND;
    TRY(take_text_of_value(rest, &found));
    TRY(take_separator(rest, ']', &more));
    if (!more)
        rest->len = 0;
    *value = found;
    return STATUS_OK;
}

enum status json_text(struct view value, struct view *out)
{
    if (value.len < 2 || *value.ptr != '"' || memchr(value.ptr, '\\', value.len) != NULL)
        return STATUS_MALFORMED;
    *out = (struct view){value.ptr + 1, value.len - 2};
    return STATUS_OK;
}

enum status json_number(struct view value, uint32_t most, uint32_t *out)
{
    uint64_t number = 0;

    if (value.len == 0)
        return STATUS_MALFORMED;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_digit(value.ptr[i]))
            return STATUS_MALFORMED;
        number = number * 10 + (uint64_t)(value.ptr[i] - '0');
        if (number > most)
            return STATUS_OUT_OF_RANGE;
    }
    *out = (uint32_t)number;
    return STATUS_OK;
}

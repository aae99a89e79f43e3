/* topic.c: see topic.h. */
#include "topic.h"

#include <string.h>

/* Capital letters stand for what varies: F federation, A aggregator, D device, Q request, R round, C chunk. */
static const char *const patterns[TOPIC_KINDS] = {
    [TOPIC_EVIDENCE] = "tacit/1/F/aggregator/A/evidence",
    [TOPIC_CHALLENGE] = "tacit/1/F/aggregator/A/challenge",
    [TOPIC_STATUS] = "tacit/1/F/aggregator/A/status",
    [TOPIC_ENROL] = "tacit/1/F/enrol/A/D",
    [TOPIC_CREDENTIAL] = "tacit/1/F/credential/D",
    [TOPIC_ROUND] = "tacit/1/F/round/A",
    [TOPIC_MODEL] = "tacit/1/F/model/A/C",
    [TOPIC_UPDATE] = "tacit/1/F/update/A/D/R.C",
    [TOPIC_NEED] = "tacit/1/F/need/D",
    [TOPIC_RECEIPT] = "tacit/1/F/receipt/D",
    [TOPIC_RECORD] = "tacit/1/F/record/A/R",
    [TOPIC_OWNER] = "tacit/1/F/owner/A/Q.C",
    [TOPIC_ANSWER] = "tacit/1/F/answer/A/Q",
    [TOPIC_PRESENCE] = "tacit/1/F/presence/D",
};

static bool is_field(char character)
{
    return character >= 'A' && character <= 'Z';
}

static bool is_name_character(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

bool name_valid(struct view name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_character(name.ptr[i]))
            return false;
    return name.len >= 1 && name.len <= NAME_MAX_LEN;
}

/* The name that a letter stands for; NULL for a number. */
static struct view *name_of(struct topic *topic, char field)
{
    switch (field) {
    case 'F':
        return &topic->federation;
    case 'A':
        return &topic->aggregator;
    case 'D':
        return &topic->device;
    case 'Q':
        return &topic->request;
    default:
        return NULL;
    }
}

static bool number_valid(char field, uint64_t number)
{
    return field == 'R' ? number >= 1 && number <= ROUND_MAX : number < CHUNKS_MAX;
}

static enum status append_number(char field, uint32_t number, struct buf *out)
{
    uint8_t digits[10];
    size_t first = sizeof digits;

    if (!number_valid(field, number))
        return STATUS_OUT_OF_RANGE;
    do {
        digits[--first] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return buf_append(out, (struct view){digits + first, sizeof digits - first});
}

/* Appends one character of a pattern, or what it stands for. */
static enum status append_element(char element, struct topic *names, struct buf *out)
{
    const struct view *name = name_of(names, element);

    if (!is_field(element))
        return buf_append(out, (struct view){(const uint8_t *)&element, 1});
    if (name == NULL)
        return append_number(element, element == 'R' ? names->round : names->chunk, out);
    if (!name_valid(*name))
        return STATUS_MALFORMED;
    return buf_append(out, *name);
}

/* Whether a filter must leave the level that begins here open. */
static bool level_is_open(const char *level, struct topic *names)
{
    for (; *level != '\0' && *level != '/'; level++)
        if (is_field(*level) && (name_of(names, *level) == NULL || name_of(names, *level)->len == 0))
            return true;
    return false;
}

static enum status append_pattern(const char *pattern, bool filter, struct topic names, struct buf *out)
{
    bool begins = true; /* a level begins here */

    while (*pattern != '\0') {
        if (filter && begins && level_is_open(pattern, &names)) {
            TRY(buf_append(out, VIEW_TEXT("+")));
            pattern += strcspn(pattern, "/");
            begins = false;
            continue;
        }
        begins = *pattern == '/';
        TRY(append_element(*pattern, &names, out));
        pattern++;
    }
    TRY(buf_append(out, (struct view){(const uint8_t *)"", 1}));
    out->len--; /* the end stays, uncounted */
    return STATUS_OK;
}

static enum status format(const char *pattern, bool filter, const struct topic *names, struct buf *out)
{
    const size_t before = out->len;
    const enum status status = append_pattern(pattern, filter, *names, out);

    if (status != STATUS_OK)
        out->len = before;
    return status;
}

enum status topic_format(enum topic_kind kind, const struct topic *names, struct buf *out)
{
    return format(patterns[kind], false, names, out);
}

enum status topic_filter(enum topic_kind kind, const struct topic *names, struct buf *out)
{
    return format(patterns[kind], true, names, out);
}

/* The characters of a name at the front of the rest of a topic; more than a name has are not needed to refuse it. */
static struct view take_word(struct view *rest)
{
    struct view word = {rest->ptr, 0};

    while (word.len < rest->len && word.len <= NAME_MAX_LEN && is_name_character(rest->ptr[word.len]))
        word.len++;
    rest->ptr += word.len;
    rest->len -= word.len;
    return word;
}

/* Decimal without leading zeros: one spelling for a number. */
static bool parse_number(char field, struct view word, uint32_t *out)
{
    uint64_t number = 0;

    if (word.len < 1 || word.len > 10 || (word.len > 1 && word.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(word.ptr[i] - '0');
    }
    if (!number_valid(field, number))
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool parse_field(char field, struct view word, struct topic *out)
{
    struct view *name = name_of(out, field);

    if (name == NULL)
        return parse_number(field, word, field == 'R' ? &out->round : &out->chunk);
    *name = word;
    return name_valid(word);
}

static bool matches(const char *pattern, struct view rest, struct topic *out)
{
    for (; *pattern != '\0'; pattern++) {
        if (is_field(*pattern)) {
            if (!parse_field(*pattern, take_word(&rest), out))
                return false;
            continue;
        }
        if (rest.len == 0 || rest.ptr[0] != (uint8_t)*pattern)
            return false;
        rest.ptr++;
        rest.len--;
    }
    return rest.len == 0;
}

enum status topic_parse(struct view topic, struct topic *out)
{
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct topic parsed = {.kind = (enum topic_kind)i};

        if (matches(patterns[i], topic, &parsed)) {
            *out = parsed;
            return STATUS_OK;
        }
    }
    return STATUS_MALFORMED;
}

/* reader.c: see reader.h. */
#include "reader.h"
#include "item_private.h"
#include "utf8.h"

#include <string.h>

/* The next item, which stays where it is. False after any failure. */
static bool peek(struct reader *reader, struct item *out)
{
    if (reader->status != STATUS_OK)
        return false;
    if (reader->depth > 0 && reader->left[reader->depth] == 0)
        reader_fail(reader, STATUS_MALFORMED);
    else
        reader_fail(reader, item_decode(reader->rest, out));
    return reader->status == STATUS_OK;
}

/* Steps over a peeked item and opens it when it is an array or a map. A tag is part of the item that it stands before. */
static void take(struct reader *reader, const struct item *item)
{
    const bool opens = item->kind == ITEM_ARRAY || item->kind == ITEM_MAP;

    if (opens && reader->depth == READER_MAX_DEPTH) {
        reader_fail(reader, STATUS_TOO_DEEP);
        return;
    }
    reader->rest.ptr += item->size;
    reader->rest.len -= item->size;
    if (reader->depth > 0 && item->kind != ITEM_TAG)
        reader->left[reader->depth]--;
    if (opens)
        reader->left[++reader->depth] = (size_t)item->value * (item->kind == ITEM_MAP ? 2 : 1);
}

/* Takes the next item, which must be of this kind with an argument of min..max. False when it is not. */
static bool next(struct reader *reader, enum item_kind kind, uint64_t min, uint64_t max, struct item *out)
{
    if (!peek(reader, out))
        return false;
    if (out->kind != kind)
        reader_fail(reader, STATUS_MALFORMED);
    else if (out->value < min || out->value > max)
        reader_fail(reader, STATUS_OUT_OF_RANGE);
    else
        take(reader, out);
    return reader->status == STATUS_OK;
}

struct reader reader_of(struct view bytes)
{
    return (struct reader){.rest = bytes};
}

void reader_fail(struct reader *reader, enum status why)
{
    if (reader->status == STATUS_OK)
        reader->status = why;
}

enum status reader_end(const struct reader *reader)
{
    if (reader->status != STATUS_OK)
        return reader->status;
    if (reader->depth > 0)
        return STATUS_MALFORMED;
    return reader->rest.len == 0 ? STATUS_OK : STATUS_TRAILING;
}

uint64_t read_uint(struct reader *reader, uint64_t min, uint64_t max)
{
    struct item item;

    return next(reader, ITEM_UINT, min, max, &item) ? item.value : 0;
}

int64_t read_int(struct reader *reader, int64_t min, int64_t max)
{
    struct item item;
    int64_t value;

    if (!peek(reader, &item))
        return 0;
    if (item.kind != ITEM_UINT && item.kind != ITEM_NEGINT) {
        reader_fail(reader, STATUS_MALFORMED);
        return 0;
    }
    if (item.value > INT64_MAX) {
        reader_fail(reader, STATUS_OUT_OF_RANGE);
        return 0;
    }
    value = item.kind == ITEM_UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
    if (value < min || value > max) {
        reader_fail(reader, STATUS_OUT_OF_RANGE);
        return 0;
    }
    take(reader, &item);
    return value;
}

bool read_bool(struct reader *reader)
{
    struct item item;

    return next(reader, ITEM_BOOL, 0, 1, &item) && item.value == 1;
}

static struct view read_string(struct reader *reader, enum item_kind kind, size_t min, size_t max)
{
    struct item item;

    if (!next(reader, kind, min, max, &item))
        return (struct view){0};
    return (struct view){item.string, (size_t)item.value};
}

struct view read_bytes(struct reader *reader, size_t min, size_t max)
{
    return read_string(reader, ITEM_BYTES, min, max);
}

struct view read_text(struct reader *reader, size_t min, size_t max)
{
    struct view text = read_string(reader, ITEM_TEXT, min, max);

    if (utf8_printable(text))
        return text;
    reader_fail(reader, STATUS_MALFORMED);
    return (struct view){0};
}

void read_bytes_into(struct reader *reader, uint8_t *out, size_t len)
{
    struct view bytes = read_bytes(reader, len, len);

    if (bytes.len > 0)
        memcpy(out, bytes.ptr, bytes.len);
}

void read_null(struct reader *reader)
{
    struct item item;

    (void)next(reader, ITEM_NULL, 0, 0, &item);
}

bool read_null_if(struct reader *reader)
{
    struct item item;

    if (!peek(reader, &item) || item.kind != ITEM_NULL)
        return false;
    take(reader, &item);
    return true;
}

void read_tag(struct reader *reader, uint64_t tag)
{
    if (!read_tag_if(reader, tag))
        reader_fail(reader, STATUS_MALFORMED);
}

bool read_tag_if(struct reader *reader, uint64_t tag)
{
    struct item item;

    if (!peek(reader, &item) || item.kind != ITEM_TAG || item.value != tag)
        return false;
    take(reader, &item);
    return true;
}

uint32_t read_array(struct reader *reader, uint32_t min, uint32_t max)
{
    struct item item;

    return next(reader, ITEM_ARRAY, min, max, &item) ? (uint32_t)item.value : 0;
}

void read_close(struct reader *reader)
{
    if (reader->status != STATUS_OK)
        return;
    if (reader->depth == 0 || reader->left[reader->depth] > 0)
        reader_fail(reader, STATUS_MALFORMED);
    else
        reader->depth--;
}

/* ---- maps ---- */

/* Where a key stands in the order of encodings (RFC 8949 section 4.2.1): 0, 1, 2 .. and then -1, -2 .. */
static uint64_t rank(int64_t key)
{
    return key >= 0 ? (uint64_t)key : UINT64_MAX / 2 - (uint64_t)key;
}

struct map_reader read_map(struct reader *reader, uint32_t min, uint32_t max)
{
    struct item item;

    (void)next(reader, ITEM_MAP, min, max, &item);
    return (struct map_reader){.reader = reader, .depth = reader->depth};
}

bool read_key(struct map_reader *map, int64_t *key)
{
    struct reader *reader = map->reader;

    *key = 0;
    if (reader->status != STATUS_OK)
        return false;
    if (reader->depth != map->depth || reader->left[reader->depth] % 2 != 0) {
        reader_fail(reader, STATUS_MALFORMED);
        return false;
    }
    if (reader->left[reader->depth] == 0) {
        read_close(reader);
        return false;
    }
    *key = read_int(reader, INT64_MIN, INT64_MAX);
    if (map->any && *key == map->last)
        reader_fail(reader, STATUS_DUPLICATE_KEY);
    else if (map->any && rank(*key) < rank(map->last))
        reader_fail(reader, STATUS_UNORDERED);
    map->any = true;
    map->last = *key;
    return reader->status == STATUS_OK;
}

struct fields_reader read_fields(struct reader *reader, uint32_t allowed, uint32_t required)
{
    return (struct fields_reader){.map = read_map(reader, 0, 32), .allowed = allowed, .required = required};
}

bool read_field(struct fields_reader *fields, int64_t *key)
{
    struct reader *reader = fields->map.reader;

    if (!read_key(&fields->map, key)) {
        if ((fields->required & ~fields->seen) != 0)
            reader_fail(reader, STATUS_MALFORMED);
        return false;
    }
    if (*key < 0 || *key > 31 || (fields->allowed & FIELD(*key)) == 0) {
        reader_fail(reader, STATUS_MALFORMED);
        return false;
    }
    fields->seen |= FIELD(*key);
    return true;
}

/* ---- any item ---- */

/* What is known of the arrays and maps that read_any has open, by depth. */
struct walk {
    bool map[READER_MAX_DEPTH + 1];
    struct view key[READER_MAX_DEPTH + 1]; /* a map's last key as it is encoded; empty before the first */
};

/* Encodings of keys in their order: bytewise (RFC 8949 section 4.2.1). */
static void check_key(struct reader *reader, const struct item *item, struct view *last)
{
    const struct view key = {reader->rest.ptr, item->size};
    const size_t common = key.len < last->len ? key.len : last->len;
    const int order = common == 0 ? 1 : memcmp(key.ptr, last->ptr, common);

    if (item->kind != ITEM_UINT && item->kind != ITEM_NEGINT && item->kind != ITEM_TEXT)
        reader_fail(reader, STATUS_MALFORMED);
    else if (view_equal(key, *last))
        reader_fail(reader, STATUS_DUPLICATE_KEY);
    else if (order < 0)
        reader_fail(reader, STATUS_UNORDERED);
    *last = key;
}

/* Takes the next head, as part of the walk; false after a failure. */
static bool walk_step(struct reader *reader, struct walk *walk, struct item *item)
{
    if (!peek(reader, item))
        return false;
    if (walk->map[reader->depth] && reader->left[reader->depth] % 2 == 0)
        check_key(reader, item, &walk->key[reader->depth]);
    if (item->kind == ITEM_TEXT && !utf8_printable((struct view){item->string, (size_t)item->value}))
        reader_fail(reader, STATUS_MALFORMED);
    if (reader->status == STATUS_OK)
        take(reader, item);
    if (reader->status != STATUS_OK)
        return false;
    if (item->kind == ITEM_ARRAY || item->kind == ITEM_MAP) {
        walk->map[reader->depth] = item->kind == ITEM_MAP;
        walk->key[reader->depth] = (struct view){0};
    }
    return true;
}

struct view read_any(struct reader *reader)
{
    const uint8_t *start = reader->rest.ptr;
    const unsigned int outside = reader->depth;
    struct walk walk = {0};
    struct item item;

    do {
        if (!walk_step(reader, &walk, &item))
            return (struct view){0};
        while (reader->depth > outside && reader->left[reader->depth] == 0)
            read_close(reader);
    } while (reader->depth > outside || item.kind == ITEM_TAG);
    return (struct view){start, (size_t)(reader->rest.ptr - start)};
}

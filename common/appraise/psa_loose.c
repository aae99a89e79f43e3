/* psa_loose.c: CBOR as devices emit it (see psa_private.h). */
#include "psa_private.h"
#include "utf8.h"

#define INFO_ONE_BYTE    24
#define INFO_EIGHT_BYTES 27

void loose_start(struct loose *loose, struct view bytes)
{
    loose->rest = bytes;
    loose->status = STATUS_OK;
    loose->key_count = 0;
}

void loose_fail(struct loose *loose, enum status why)
{
    if (loose->status == STATUS_OK)
        loose->status = why;
}

enum status loose_end(const struct loose *loose)
{
    if (loose->status == STATUS_OK && loose->rest.len > 0)
        return STATUS_TRAILING;
    return loose->status;
}

static struct view take(struct loose *loose, uint64_t len)
{
    struct view taken = {NULL, 0};

    if (loose->status == STATUS_OK && len > loose->rest.len)
        loose_fail(loose, STATUS_TRUNCATED);
    if (loose->status != STATUS_OK)
        return taken;
    taken = (struct view){loose->rest.ptr, (size_t)len};
    loose->rest = (struct view){loose->rest.ptr + taken.len, loose->rest.len - taken.len};
    return taken;
}

static struct loose_item next_head(struct loose *loose)
{
    struct loose_item item = {LOOSE_UINT, 0, {NULL, 0}};
    struct view first = take(loose, 1), argument;
    unsigned int info;

    if (first.len == 0)
        return item;
    info = first.ptr[0] & 0x1f;
    if (info > INFO_EIGHT_BYTES)
        loose_fail(loose, STATUS_MALFORMED); /* reserved, or an indefinite length */
    item.value = info;
    if (info >= INFO_ONE_BYTE) {
        argument = take(loose, (uint64_t)1 << (info - INFO_ONE_BYTE));
        item.value = 0;
        for (size_t i = 0; i < argument.len; i++)
            item.value = item.value << 8 | argument.ptr[i];
    }
    item.major = first.ptr[0] >> 5;
    return item;
}

struct loose_item loose_next(struct loose *loose)
{
    struct loose_item item = {LOOSE_UINT, 0, {NULL, 0}};

    if (loose->status != STATUS_OK)
        return item;
    item = next_head(loose);
    if (item.major == LOOSE_BYTES || item.major == LOOSE_TEXT)
        item.bytes = take(loose, item.value);
    /* Every item of an array or map takes a byte or more. */
    if ((item.major == LOOSE_ARRAY && item.value > loose->rest.len) ||
        (item.major == LOOSE_MAP && item.value > loose->rest.len / 2))
        loose_fail(loose, STATUS_TRUNCATED);
    return loose->status == STATUS_OK ? item : (struct loose_item){LOOSE_UINT, 0, {NULL, 0}};
}

static bool same_key(const struct loose_item *a, const struct loose_item *b)
{
    return a->major == b->major && a->value == b->value && view_equal(a->bytes, b->bytes);
}

/* The next key of a map, which is a number or a text and stood not there before. */
static struct loose_item next_key(struct loose *loose, size_t first)
{
    const struct loose_item key = loose_next(loose);

    if (key.major != LOOSE_UINT && key.major != LOOSE_NEGATIVE && key.major != LOOSE_TEXT)
        loose_fail(loose, STATUS_MALFORMED);
    for (size_t i = first; i < loose->key_count; i++)
        if (same_key(&loose->keys[i], &key))
            loose_fail(loose, STATUS_DUPLICATE_KEY);
    if (loose->key_count == LOOSE_KEYS_MAX)
        loose_fail(loose, STATUS_NO_SPACE);
    if (loose->status == STATUS_OK)
        loose->keys[loose->key_count++] = key;
    return key;
}

static void skip(struct loose *loose, unsigned int depth)
{
    const struct loose_item item = loose_next(loose);
    const size_t first = loose->key_count;

    if (depth == LOOSE_DEPTH_MAX)
        loose_fail(loose, STATUS_TOO_DEEP);
    if (item.major == LOOSE_TAG)
        skip(loose, depth + 1);
    for (uint64_t i = 0; item.major == LOOSE_ARRAY && i < item.value && loose->status == STATUS_OK; i++)
        skip(loose, depth + 1);
    for (uint64_t i = 0; item.major == LOOSE_MAP && i < item.value && loose->status == STATUS_OK; i++) {
        (void)next_key(loose, first);
        skip(loose, depth + 1);
    }
    loose->key_count = first;
}

struct view loose_any(struct loose *loose)
{
    const struct view before = loose->rest;

    skip(loose, 0);
    if (loose->status != STATUS_OK)
        return (struct view){NULL, 0};
    return (struct view){before.ptr, before.len - loose->rest.len};
}

int64_t loose_int(struct loose *loose, int64_t min, int64_t max)
{
    const struct loose_item item = loose_next(loose);
    int64_t value;

    if (item.major != LOOSE_UINT && item.major != LOOSE_NEGATIVE)
        loose_fail(loose, STATUS_MALFORMED);
    if (item.value > INT64_MAX)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
    if (loose->status != STATUS_OK)
        return 0;
    value = item.major == LOOSE_UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
    if (value < min || value > max)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
    return value;
}

static struct view string(struct loose *loose, enum loose_major major, size_t min, size_t max)
{
    const struct loose_item item = loose_next(loose);

    if (item.major != major)
        loose_fail(loose, STATUS_MALFORMED);
    if (item.bytes.len < min || item.bytes.len > max)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
    return item.bytes;
}

struct view loose_bytes(struct loose *loose, size_t min, size_t max)
{
    return string(loose, LOOSE_BYTES, min, max);
}

struct view loose_text(struct loose *loose, size_t max)
{
    const struct view text = string(loose, LOOSE_TEXT, 1, max);

    if (!utf8_printable(text))
        loose_fail(loose, STATUS_MALFORMED);
    return text;
}

size_t loose_array(struct loose *loose, size_t min, size_t max)
{
    const struct loose_item item = loose_next(loose);

    if (item.major != LOOSE_ARRAY)
        loose_fail(loose, STATUS_MALFORMED);
    if (item.value < min || item.value > max)
        loose_fail(loose, STATUS_OUT_OF_RANGE);
    return loose->status == STATUS_OK ? (size_t)item.value : 0;
}

struct loose_map loose_map(struct loose *loose)
{
    const struct loose_item item = loose_next(loose);

    if (item.major != LOOSE_MAP)
        loose_fail(loose, STATUS_MALFORMED);
    return (struct loose_map){.loose = loose, .left = item.value, .first = loose->key_count};
}

bool loose_key(struct loose_map *map, int64_t *key)
{
    struct loose *loose = map->loose;

    while (map->left > 0 && loose->status == STATUS_OK) {
        const struct loose_item item = next_key(loose, map->first);

        map->left--;
        if (loose->status == STATUS_OK && item.major != LOOSE_TEXT && item.value <= INT64_MAX) {
            *key = item.major == LOOSE_UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
            return true;
        }
        (void)loose_any(loose);
    }
    loose->key_count = map->first;
    return false;
}

/* rename.c: see rename.h. */
#include "rename.h"

#include <string.h>

#include "item_private.h"
#include "utf8.h"
#include "writer.h"

#define DEPTH_MAX 24 /* of CBOR, byte strings that hold CBOR included */

const char *rename_find(const struct renaming *renaming, struct view old)
{
    size_t low = 0, high = renaming->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = view_compare(view_of_string(renaming->list[middle].old), old);

        if (order == 0)
            return renaming->list[middle].new;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool in_name(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

static enum status append_text(const struct renaming *renaming, struct view text, struct buf *out, bool *changed)
{
    size_t at = 0;

    while (at < text.len) {
        size_t end = at;
        struct view word;
        const char *new;

        while (end < text.len && in_name(text.ptr[end]))
            end++;
        word = (struct view){text.ptr + at, end > at ? end - at : 1};
        new = end > at ? rename_find(renaming, word) : NULL;
        TRY(buf_append(out, new != NULL ? view_of_string(new) : word));
        *changed = *changed || new != NULL;
        at += word.len;
    }
    return STATUS_OK;
}

enum status rename_text(const struct renaming *renaming, struct view text, struct buf *out, bool *changed)
{
    size_t start = out->len;
    enum status status;

    *changed = false;
    status = append_text(renaming, text, out, changed);
    if (status != STATUS_OK)
        out->len = start;
    return status;
}

/* ---- CBOR ---- */

struct walk {
    const struct renaming *renaming;
    struct buf *out;
    bool changed;
};

static enum status walk_items(struct walk *walk, struct view *rest, uint64_t count, unsigned int depth);

/* All of bytes as items, one after the other. STATUS_MALFORMED and the like: it is no CBOR. */
static enum status walk_all(struct walk *walk, struct view bytes, unsigned int depth)
{
    while (bytes.len > 0)
        TRY(walk_items(walk, &bytes, 1, depth));
    return STATUS_OK;
}

/* A string of another length has another head, which is known when the content is there: it is put before it then. */
static enum status insert_head(struct walk *walk, size_t start, bool text)
{
    uint8_t memory[WRITER_HEAD_MAX];
    struct buf head = BUF_OF(memory);
    struct writer writer = writer_to(&head);
    size_t len = walk->out->len - start;

    write_bytes_head(&writer, len);
    TRY(writer_end(&writer));
    memory[0] |= text ? 0x20 : 0; /* major type 2 becomes 3 */
    if (head.len > walk->out->cap - walk->out->len)
        return STATUS_NO_SPACE;
    memmove(walk->out->ptr + start + head.len, walk->out->ptr + start, len);
    memcpy(walk->out->ptr + start, memory, head.len);
    walk->out->len += head.len;
    return STATUS_OK;
}

/* A byte string whose content is CBOR with a name in it becomes one of other content; every other one stays. */
static enum status walk_bytes(struct walk *walk, const struct item *item, struct view raw, unsigned int depth)
{
    struct walk within = {walk->renaming, walk->out, false};
    size_t start = walk->out->len;
    enum status status = walk_all(&within, (struct view){item->string, (size_t)item->value}, depth + 1);

    if (status == STATUS_NO_SPACE)
        return status;
    if (status == STATUS_OK && within.changed) {
        walk->changed = true;
        return insert_head(walk, start, false);
    }
    walk->out->len = start;
    return buf_append(walk->out, raw);
}

static enum status walk_text(struct walk *walk, const struct item *item)
{
    size_t start = walk->out->len;
    bool changed = false;

    TRY(append_text(walk->renaming, (struct view){item->string, (size_t)item->value}, walk->out, &changed));
    walk->changed = walk->changed || changed;
    return insert_head(walk, start, true);
}

static enum status walk_items(struct walk *walk, struct view *rest, uint64_t count, unsigned int depth)
{
    if (depth > DEPTH_MAX)
        return STATUS_TOO_DEEP;
    for (; count > 0; count--) {
        struct item item;
        struct view raw;

        TRY(item_decode(*rest, &item));
        raw = (struct view){rest->ptr, item.size};
        *rest = (struct view){rest->ptr + item.size, rest->len - item.size};
        if (item.kind == ITEM_REFUSED)
            return STATUS_MALFORMED;
        if (item.kind == ITEM_TEXT) {
            TRY(walk_text(walk, &item));
            continue;
        }
        if (item.kind == ITEM_BYTES) {
            TRY(walk_bytes(walk, &item, raw, depth));
            continue;
        }
        TRY(buf_append(walk->out, raw));
        if (item.kind == ITEM_ARRAY || item.kind == ITEM_MAP)
            TRY(walk_items(walk, rest, item.kind == ITEM_MAP ? 2 * item.value : item.value, depth + 1));
        else if (item.kind == ITEM_TAG)
            TRY(walk_items(walk, rest, 1, depth + 1));
    }
    return STATUS_OK;
}

static bool is_text(struct view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if ((bytes.ptr[i] < 0x20 && bytes.ptr[i] != '\t' && bytes.ptr[i] != '\n' && bytes.ptr[i] != '\r') ||
            bytes.ptr[i] >= 0x7f)
            return false;
    return true;
}

enum status rename_payload(const struct renaming *renaming, struct view payload, struct buf *out, bool *changed)
{
    struct walk walk = {renaming, out, false};
    size_t start = out->len;
    enum status status;

    if (is_text(payload) || utf8_printable(payload))
        return rename_text(renaming, payload, out, changed);
    *changed = false;
    status = walk_all(&walk, payload, 0);
    if (status == STATUS_OK && walk.changed) {
        *changed = true;
        return STATUS_OK;
    }
    out->len = start;
    return status == STATUS_NO_SPACE ? status : buf_append(out, payload);
}

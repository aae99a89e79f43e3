/* allowed.c: see allowed.h. */
#include "allowed.h"

#include <assert.h>

static void read_list(struct reader *reader, size_t min, size_t max,
                      struct view (*read_item)(struct reader *, size_t, size_t), struct allowed *out)
{
    *out = (struct allowed){.any = read_null_if(reader)};
    if (out->any)
        return;
    out->count = read_array(reader, 0, ALLOWED_MAX);
    for (uint32_t i = 0; i < out->count; i++)
        out->list[i] = read_item(reader, min, max);
    read_close(reader);
}

static void write_list(struct writer *writer, void (*write_item)(struct writer *, struct view),
                       const struct allowed *allowed)
{
    assert(allowed->count <= ALLOWED_MAX && (!allowed->any || allowed->count == 0));
    if (allowed->any) {
        write_null(writer);
        return;
    }
    write_array(writer, allowed->count);
    for (uint32_t i = 0; i < allowed->count; i++)
        write_item(writer, allowed->list[i]);
}

void read_allowed(struct reader *reader, size_t min, size_t max, struct allowed *out)
{
    read_list(reader, min, max, read_bytes, out);
}

void write_allowed(struct writer *writer, const struct allowed *allowed)
{
    write_list(writer, write_bytes, allowed);
}

void read_allowed_texts(struct reader *reader, size_t min, size_t max, struct allowed *out)
{
    read_list(reader, min, max, read_text, out);
}

void write_allowed_texts(struct writer *writer, const struct allowed *allowed)
{
    write_list(writer, write_text, allowed);
}

bool allowed_has(const struct allowed *allowed, struct view value)
{
    if (allowed->any)
        return true;
    for (uint32_t i = 0; i < allowed->count; i++)
        if (view_equal(allowed->list[i], value))
            return true;
    return false;
}

bool allowed_none(const struct allowed *allowed)
{
    return !allowed->any && allowed->count == 0;
}

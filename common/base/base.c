/* base.c: see base.h. */
#include "base.h"

#include <string.h>

struct view view_of_string(const char *string)
{
    return (struct view){(const uint8_t *)string, strlen(string)};
}

struct view buf_view(const struct buf *buf)
{
    return (struct view){buf->ptr, buf->len};
}

bool view_equal(struct view a, struct view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int view_compare(struct view a, struct view b)
{
    const size_t common = a.len < b.len ? a.len : b.len;
    const int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool view_equal_secret(struct view a, struct view b)
{
    volatile uint8_t differences = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        differences = (uint8_t)(differences | (a.ptr[i] ^ b.ptr[i]));
    return differences == 0;
}

enum status view_slice(struct view from, size_t offset, size_t len, struct view *out)
{
    if (offset > from.len || len > from.len - offset)
        return STATUS_TRUNCATED;
    *out = (struct view){from.ptr + offset, len};
    return STATUS_OK;
}

enum status buf_append(struct buf *buf, struct view bytes)
{
    if (bytes.len > buf->cap - buf->len)
        return STATUS_NO_SPACE;
    if (bytes.len > 0)
        memcpy(buf->ptr + buf->len, bytes.ptr, bytes.len);
    buf->len += bytes.len;
    return STATUS_OK;
}

void wipe(void *ptr, size_t len)
{
    if (len == 0)
        return;
    memset(ptr, 0, len);
    /* The memory is named as used, so the memset above may not be dropped as dead. */
    __asm__ __volatile__("" : : "r"(ptr) : "memory");
}

void buf_wipe(struct buf *buf)
{
    wipe(buf->ptr, buf->cap);
    buf->len = 0;
}

void write_le32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

uint32_t read_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

uint64_t read_be64(const uint8_t *p)
{
    return (uint64_t)read_be32(p) << 32 | read_be32(p + 4);
}

void write_be32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (24 - 8 * i));
}

void write_be64(uint8_t *p, uint64_t value)
{
    write_be32(p, (uint32_t)(value >> 32));
    write_be32(p + 4, (uint32_t)value);
}

void hex_encode(struct view bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.ptr[i] >> 4];
        out[2 * i + 1] = digits[bytes.ptr[i] & 15];
    }
    out[2 * bytes.len] = '\0';
}

static int hex_value(uint8_t character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

enum status hex_decode(struct view text, struct buf *out)
{
    if (text.len % 2 != 0)
        return STATUS_MALFORMED;
    if (text.len / 2 > out->cap - out->len)
        return STATUS_NO_SPACE;
    for (size_t i = 0; i < text.len; i++)
        if (hex_value(text.ptr[i]) < 0)
            return STATUS_MALFORMED;
    for (size_t i = 0; i < text.len; i += 2)
        out->ptr[out->len++] = (uint8_t)(hex_value(text.ptr[i]) << 4 | hex_value(text.ptr[i + 1]));
    return STATUS_OK;
}

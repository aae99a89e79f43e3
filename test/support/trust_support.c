/* trust_support.c: see trust.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hex.h"
#include "trust_support.h"

static enum status count_up(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(i + 1);
    return STATUS_OK;
}

const struct random_port *trust_random(void)
{
    static const struct random_port port = {.fill = count_up};

    return &port;
}

struct p256_key trust_key(enum trust_key which)
{
    uint8_t scalar[P256_SCALAR_SIZE];
    struct p256_key key;

    memset(scalar, (int)which, sizeof scalar);
    assert_int_equal(p256_from_scalar(VIEW_OF(scalar), trust_random(), &key), STATUS_OK);
    return key;
}

struct view trust_point(enum trust_key which)
{
    static uint8_t points[256][P256_POINT_SIZE];
    const struct p256_key key = trust_key(which);

    memcpy(points[which], key.point, P256_POINT_SIZE);
    return VIEW_OF(points[which]);
}

struct view trust_cose_key(enum trust_key which)
{
    static uint8_t keys[256][PUBLIC_KEY_SIZE];
    struct buf encoded = BUF_OF(keys[which]);

    assert_int_equal(cose_key_encode(trust_point(which), &encoded), STATUS_OK);
    return buf_view(&encoded);
}

struct place trust_place(void)
{
    static uint8_t boot_id[BOOT_ID_SIZE], digest[DIGEST_SIZE];

    memset(boot_id, 0xb0, sizeof boot_id);
    memset(digest, 0xd1, sizeof digest);
    return (struct place){
        .federation = VIEW_TEXT("home"),
        .aggregator = VIEW_TEXT("gateway-1"),
        .device = VIEW_TEXT("sensor-7"),
        .boot_id = VIEW_OF(boot_id),
        .round = 7,
        .chunk = 2,
        .chunks = 5,
        .digest = VIEW_OF(digest),
    };
}

/* The only place of part in whole. */
static size_t find_once(struct view whole, struct view part, const char *name)
{
    const uint8_t *at = memmem(whole.ptr, whole.len, part.ptr, part.len);

    if (at == NULL)
        fail_msg("%s is not in the vector", name);
    if (memmem(at + 1, (size_t)(whole.ptr + whole.len - at) - 1, part.ptr, part.len) != NULL)
        fail_msg("%s is in the vector twice", name);
    return (size_t)(at - whole.ptr);
}

struct view trust_changed(const char *vector, const char *from, const char *to, struct buf *memory)
{
    uint8_t whole_bytes[4096], from_bytes[1024];
    struct buf whole_buf = BUF_OF(whole_bytes), from_buf = BUF_OF(from_bytes);
    const struct view whole = hex_view(vector, &whole_buf), part = hex_view(from, &from_buf);
    const size_t at = find_once(whole, part, from), behind = at + part.len, start = memory->len;

    assert_int_equal(buf_append(memory, (struct view){whole.ptr, at}), STATUS_OK);
    (void)hex_view(to, memory);
    assert_int_equal(buf_append(memory, (struct view){whole.ptr + behind, whole.len - behind}), STATUS_OK);
    return (struct view){memory->ptr + start, memory->len - start};
}

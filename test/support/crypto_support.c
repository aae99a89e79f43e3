/* crypto_support.c: see crypto_support.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto_support.h"

struct view hex_bytes(const char *hex, struct buf storage)
{
    assert_int_equal(hex_decode(view_of_string(hex), &storage), STATUS_OK);
    return buf_view(&storage);
}

static enum status count(void *ctx, uint8_t *out, size_t len)
{
    struct counting_random *random = ctx;

    if (random->broken)
        return STATUS_IO;
    for (size_t i = 0; i < len; i++)
        out[i] = ++random->last;
    return STATUS_OK;
}

struct random_port counting_port(struct counting_random *random)
{
    return (struct random_port){.fill = count, .ctx = random};
}

bool all_zero(struct view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] != 0)
            return false;
    return true;
}

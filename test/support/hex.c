/* hex.c: see hex.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"

struct view hex_view(const char *hex, struct buf *memory)
{
    const size_t before = memory->len;

    while (*hex != '\0') {
        const size_t pair = *hex == ' ' ? 1 : 2;

        if (pair == 2)
            assert_int_equal(hex_decode((struct view){(const uint8_t *)hex, strnlen(hex, 2)}, memory), STATUS_OK);
        hex += pair;
    }
    return (struct view){memory->ptr + before, memory->len - before};
}

void assert_hex_equal(struct view bytes, const char *hex)
{
    char *got = malloc(2 * bytes.len + 1), *want = malloc(strlen(hex) + 1);
    size_t len = 0;

    assert_true(got != NULL && want != NULL);
    hex_encode(bytes, got);
    for (; *hex != '\0'; hex++)
        if (*hex != ' ')
            want[len++] = *hex;
    want[len] = '\0';
    assert_string_equal(got, want);
    free(got);
    free(want);
}

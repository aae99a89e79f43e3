/* cose_encrypt_open: whatever comes in, nothing is left in out unless the message is authentic. */
#include <stdlib.h>
#include <string.h>

#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status fill(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct p256_key key = {.scalar = {'f', 'u', 'z', 'z'}};
    static const struct random_port random = {.fill = fill};
    static uint8_t opened_bytes[1u << 16];
    struct buf opened = BUF_OF(opened_bytes);

    if (cose_encrypt_open((struct view){data, size}, &key, &random, (struct view){0}, &opened) == STATUS_OK ||
        opened.len != 0)
        abort();
    return 0;
}

/* cose_encrypt0_decode and cose_encrypt0_open: what is taken apart holds to its limits, and nobody forges. */
#include <stdlib.h>

#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[AEAD_KEY_MAX] = {'f', 'u', 'z', 'z'};
    static uint8_t opened_bytes[1u << 16];
    struct buf opened = BUF_OF(opened_bytes);
    struct cose_encrypt0 message;

    if (cose_encrypt0_decode((struct view){data, size}, &message) != STATUS_OK)
        return 0;
    if (message.iv.len != aead_nonce_size(message.alg) || message.ciphertext.len < AEAD_TAG_SIZE ||
        message.kid.len > COSE_KID_MAX || message.protected_.len > COSE_PROTECTED_MAX ||
        (message.chunk.transfer.len > 0 && message.chunk.index >= message.chunk.count))
        abort();
    if (cose_encrypt0_open(&message, (struct view){key, aead_key_size(message.alg)}, (struct view){0}, &opened) ==
        STATUS_OK)
        abort();
    if (opened.len != 0)
        abort();
    return 0;
}

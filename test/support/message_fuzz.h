/* message_fuzz.h: the fuzz target of a message: what its decoder takes, its encoder writes again, byte for byte. */
#ifndef SUPPORT_MESSAGE_FUZZ_H
#define SUPPORT_MESSAGE_FUZZ_H

#include <stdlib.h>

#include "base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE_FUZZ(name) \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) \
    { \
        const struct view bytes = {data, size}; \
        struct buf again = {.cap = size}; \
        struct name message; \
\
        if (name##_decode(bytes, &message) != STATUS_OK) \
            return 0; \
        again.ptr = malloc(size); \
        if (!again.ptr || name##_encode(&message, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes)) \
            __builtin_trap(); \
        free(again.ptr); \
        return 0; \
    }

#endif

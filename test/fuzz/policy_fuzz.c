/* policy_fuzz.c: any bytes as a policy, and as a signed one. What decodes encodes to the same bytes. */
#include <stdlib.h>

#include "policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[2 * POLICY_MAX];
    static const uint8_t point[P256_POINT_SIZE] = {1};
    const struct view bytes = {data, size};
    struct buf again = BUF_OF(memory);
    struct policy policy;

    if (policy_decode(bytes, &policy) == STATUS_OK && size <= sizeof memory) {
        if (policy_encode(&policy, &again) != STATUS_OK || !view_equal(buf_view(&again), bytes))
            abort();
        if (policy_chunk_size(&policy) < 256)
            abort();
    }
    if (policy_verify(bytes, VIEW_OF(point), VIEW_TEXT("home"), 0, &policy) == STATUS_OK)
        abort();
    return 0;
}

/* cose_key_decode: whatever is taken must be a point that encodes and decodes to itself. */
#include <stdlib.h>
#include <string.h>

#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t point[P256_POINT_SIZE], again[P256_POINT_SIZE], encoded_bytes[COSE_KEY_P256_SIZE];
    struct buf encoded = BUF_OF(encoded_bytes);

    if (cose_key_decode((struct view){data, size}, point) != STATUS_OK)
        return 0;
    if (cose_key_encode(VIEW_OF(point), &encoded) != STATUS_OK || encoded.len != COSE_KEY_P256_SIZE ||
        cose_key_decode(buf_view(&encoded), again) != STATUS_OK || memcmp(point, again, sizeof point) != 0)
        abort();
    return 0;
}
